"""Secret keys: how they are written, whether they were drawn at random, and development's own."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from voice_agent.errors import ConfigurationError

KEY_BYTES = 32
"""Length of the pseudonym and record keys, bytes."""

DEVELOPMENT_FILE = "development-secrets.json"
"""Name, inside the data directory, of the secrets a development machine made for itself."""

_NAMES = ("twilio_auth_token", "pseudonym_key", "record_key")

# Of 32 random bytes about 30 differ, of 32 random hex digits about 14. Fewer than these differ
# less often than once in a million tokens, and never in practice among keys.
_DISTINCT_BYTES = 16
_DISTINCT_DIGITS = 8


def parse_key(text: str) -> bytes:
    """Read a 32-byte key written in hex or base64.

    Raises:
        ValueError: it is neither, or not 32 bytes. The message does not show the key.
    """
    text = text.strip()
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return bytes.fromhex(text)
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("is not 32 bytes in hex (64 digits) or base64 (44 characters)")
    return key


def looks_random(key: bytes) -> bool:
    """True if a key of 32 bytes could have been drawn at random.

    Repetitions, counting sequences and typed phrases are told from random bytes with certainty
    for practical purposes; a key somebody published is not.
    """
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    typed = key.isascii() and key.decode("ascii").isprintable()
    return min(len(set(key)), len(steps)) >= _DISTINCT_BYTES and not typed


def token_looks_random(token: str) -> bool:
    """True if this could be a token of the carrier: 32 hex digits drawn at random."""
    if not re.fullmatch(r"[0-9a-f]{32}", token):
        return False
    steps = {int(after, 16) - int(before, 16) for before, after in pairwise(token)}
    return min(len(set(token)), len(steps)) >= _DISTINCT_DIGITS


def development_secrets(data_dir: Path) -> dict[str, str]:
    """The secrets of a development machine: made once, readable by their owner only.

    ``serve`` and ``call`` may start at the same moment, so that the file appears whole or not at
    all, and whoever comes second takes the first one's.

    Returns:
        ``twilio_auth_token``, ``pseudonym_key`` and ``record_key`` as text, in hex.

    Raises:
        ConfigurationError: the directory cannot be written, or the file is damaged or open to
            other users.
    """
    path = data_dir / DEVELOPMENT_FILE
    found = read_development_secrets(data_dir)
    if found is not None:
        return found
    made = {name: secrets.token_hex(KEY_BYTES if name.endswith("key") else 16) for name in _NAMES}
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        _publish(path, json.dumps(made, indent=2) + "\n")
    except OSError as error:
        raise ConfigurationError(
            f"DATA_DIR: {path} cannot be written ({error.strerror}). "
            "Set DATA_DIR to a directory you may write to."
        ) from error
    return read_development_secrets(data_dir) or made


def read_development_secrets(data_dir: Path) -> dict[str, str] | None:
    """The development secrets in this directory, or ``None`` where there are none.

    Raises:
        ConfigurationError: the file is damaged, or open to other users.
    """
    path = data_dir / DEVELOPMENT_FILE
    try:
        with path.open(encoding="utf-8") as file:
            shared = os.fstat(file.fileno()).st_mode & 0o077
            content = json.loads(file.read(4096))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigurationError(
            f"DATA_DIR: {path} cannot be read ({error.strerror}). Mend its owner, or delete it."
        ) from error
    except ValueError:
        content, shared = None, 0
    if shared:
        raise ConfigurationError(
            f"DATA_DIR: {path} can be read by other users. Run: chmod 600 {path}"
        )
    if not _is_whole(content):
        raise ConfigurationError(
            f"DATA_DIR: {path} is damaged. Delete it; new development secrets are made."
        )
    return {name: content[name] for name in _NAMES}


def _is_whole(content: object) -> bool:
    return isinstance(content, Mapping) and all(
        isinstance(content.get(name), str) and re.fullmatch(r"[0-9a-f]{32,64}", content[name])
        for name in _NAMES
    )


def _publish(path: Path, text: str) -> None:
    """Put a file in place whole, unless one is there already. Mode 0600 (mkstemp's own)."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            Path(path).hardlink_to(draft)
        except FileExistsError:
            return  # another process was first; its secrets count
    finally:
        Path(draft).unlink()
