"""Fields of a message from outside: taken out one by one, each checked for what it must be.

What arrives is hostile until checked, and no error repeats any of it.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from voice_agent.errors import ProtocolError

MAX_MESSAGE_BYTES: Final = 64 * 1024
"""A message longer than this, in UTF-8, is refused unread. A usual one has about 350 bytes."""

Fields = Mapping[str, Any]
"""A JSON object as it was sent, unchecked."""

_SID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def parse(text: str) -> Fields:
    """Parse a JSON object of bounded size.

    Raises:
        ProtocolError: longer than ``MAX_MESSAGE_BYTES``, not JSON, or not an object.
    """
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_MESSAGE_BYTES:
        raise ProtocolError(f"the message is longer than {MAX_MESSAGE_BYTES} bytes")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        # Without the cause: the parser's error carries the whole message into a log.
        raise ProtocolError("the message is not JSON") from None
    if not isinstance(message, dict):
        raise ProtocolError("the message is not a JSON object")
    return message


def part(fields: Fields, name: str) -> Fields:
    """An object inside."""
    inner = fields.get(name)
    if not isinstance(inner, dict):
        raise ProtocolError(f"{name} is missing or not an object")
    return inner


def text(fields: Fields, name: str, limit: int) -> str:
    """Text of 1 to ``limit`` printable characters: no control characters, no half surrogates."""
    found = fields.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= limit or not found.isprintable():
        raise ProtocolError(f"{name} is missing or not 1 to {limit} printable characters")
    return found


def sid(fields: Fields, name: str) -> str:
    """An identifier of the carrier's."""
    found = fields.get(name)
    if not isinstance(found, str) or _SID.fullmatch(found) is None:
        raise ProtocolError(f"{name} is missing or not an identifier")
    return found


def number(fields: Fields, name: str, limit: int) -> int:
    """A number from 0 to ``limit``, which travels as a string of digits, the carrier's way."""
    digits = fields.get(name)
    if not isinstance(digits, str) or not digits.isascii() or not digits.isdigit():
        raise ProtocolError(f"{name} is missing or not a string of digits")
    # The length first: turning very many digits into a number is slow.
    if len(digits) > len(str(limit)) or int(digits) > limit:
        raise ProtocolError(f"{name} is above {limit}")
    return int(digits)


def octets(fields: Fields, name: str) -> bytes:
    """Bytes in base64, nothing between and nothing after."""
    found = fields.get(name)
    if not isinstance(found, str):
        raise ProtocolError(f"{name} is missing or not a string")
    try:
        decoded = binascii.a2b_base64(found, strict_mode=True)
    except ValueError:
        raise ProtocolError(f"{name} is not base64") from None
    if len(found) != (len(decoded) + 2) // 3 * 4:
        # Python's strict mode lets more padding pass than there should be.
        raise ProtocolError(f"{name} is not base64")
    return decoded
