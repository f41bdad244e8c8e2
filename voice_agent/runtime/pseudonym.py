"""What stands for a telephone number wherever one must not be kept (C17)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable


def pseudonyms(key: bytes) -> Callable[[str], str]:
    """A function from a number, E.164, to its HMAC-SHA-256 (RFC 2104), 64 hex digits.

    Args:
        key: keeps the pseudonyms from being found by trying every number; not in the database.
    """

    def pseudonym(number: str) -> str:
        return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()

    return pseudonym
