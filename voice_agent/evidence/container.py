"""Zip files: written so that the same content is the same bytes, read without trusting them."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from voice_agent.errors import VoiceAgentError

MOST_BYTES: Final = 32 * 2**20
"""Bytes of the largest bundle, packed and unpacked."""

MOST_MEMBERS: Final = 64

_LIMITS: Final = (
    (re.compile(r"README\.txt"), 64 * 2**10),
    (re.compile(r"proof\.json"), 256 * 2**10),
    (re.compile(r"head\.json"), 4 * 2**10),
    (re.compile(r"head\.sig"), 64),
    (re.compile(r"key\.pem"), 4 * 2**10),
    (re.compile(r"notice\.json"), 2 * 2**20),
    (re.compile(r"receipt\.jsonld"), 4 * 2**20),
    (re.compile(r"timestamp\.(?:tsr|pem)"), 64 * 2**10),
    (re.compile(r"entries/(?:0|[1-9][0-9]{0,18})\.bin"), 64 * 2**10),
    (re.compile(r"audio/[0-9a-f]{64}\.wav"), 16 * 2**20),
)
"""What a bundle may hold, and how many bytes of it."""

_END: Final = struct.Struct("<4s4H2LH")
"""End of the central directory: signature, disks, entries, size, offset, length of the comment."""

_ENTRY_BYTES: Final = 256
"""Of the central directory a member takes at most so much."""

_ZIP64_LOCATOR_BYTES: Final = 20
_ENCRYPTED: Final = 0x1
_PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,  # NotImplementedError among them: of a packing nobody knows
    OverflowError,
)
"""What the library raises of a file that is not right."""


class BundleRefused(VoiceAgentError):
    """A file is no bundle that could be checked; the message says what is wrong with it."""

    code = "bundle_refused"


def pack(members: Mapping[str, bytes]) -> bytes:
    """A zip file with these members in this order; no clock, no machine and no packer in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)  # 1980-01-01
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return file.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The members of a bundle. Nothing is written anywhere.

    Raises:
        BundleRefused: it is no zip file, or holds what no bundle holds, twice or too much of it.
    """
    _check_size(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    except _BROKEN:
        raise BundleRefused("this is not a whole zip file, or it was changed") from None


def _check_size(data: bytes) -> None:
    """Before the library reads a directory of a million members into memory."""
    if len(data) > MOST_BYTES:
        raise BundleRefused(f"this file is larger than {MOST_BYTES} bytes, which no bundle is")
    end = len(data) - _END.size
    if end < 0 or not data.startswith(b"PK"):
        raise BundleRefused("this is not a zip file")
    signature, *_, entries, size, _, comment = _END.unpack_from(data, end)
    if signature != b"PK\x05\x06" or comment:
        raise BundleRefused("this is not a whole zip file, or something was added to it")
    locator = data[max(0, end - _ZIP64_LOCATOR_BYTES) : end]
    if entries > MOST_MEMBERS or size > MOST_MEMBERS * _ENTRY_BYTES or locator[:4] == b"PK\x06\x07":
        raise BundleRefused(f"this zip file has more than {MOST_MEMBERS} members")


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for entry in archive.infolist():
        limit = next((most for name, most in _LIMITS if name.fullmatch(entry.filename)), None)
        if limit is None:
            raise BundleRefused("this zip file has a member that belongs in no bundle")
        name = entry.filename
        if name in found:
            raise BundleRefused(f"{name}: is there twice")
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _PACKINGS:
            raise BundleRefused(f"{name}: is encrypted, or packed in a way no bundle is")
        found[name] = _member(archive, entry, limit)
        if sum(map(len, found.values())) > MOST_BYTES:
            raise BundleRefused(f"unpacked this is larger than {MOST_BYTES} bytes")
    return found


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    try:
        with archive.open(entry) as file:
            # Whatever its header says it unpacks to, no more than this is unpacked.
            content = file.read(limit + 1)
    except _BROKEN:
        raise BundleRefused(f"{entry.filename}: cannot be unpacked, or was changed") from None
    if len(content) > limit:
        raise BundleRefused(f"{entry.filename}: is larger than {limit} bytes")
    return content
