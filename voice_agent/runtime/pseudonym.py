"""What stands for a telephone number wherever one must not be kept (C17)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from typing import Final

_ID_DIGITS: Final = 8
_DO_NOT_CALL: Final = b"voice-agent do-not-call list"


class Pseudonyms:
    """HMAC-SHA-256 (RFC 2104) of numbers under ``PSEUDONYM_KEY``.

    A pseudonym is written as ``key.digest``: 8 hex digits that name the key, a point, 64 hex
    digits. So a key can be replaced: new pseudonyms are made with the first key, and a number is
    looked up under all of them.

    Args:
        keys: keep the pseudonyms from being found by trying every number; not in the database.
            The present one first.

    Raises:
        ValueError: no key.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("pseudonyms need a key")
        self._keys = tuple(keys)

    def of(self, number: str) -> str:
        """The pseudonym of a number, E.164, under the present key."""
        return _pseudonym(self._keys[0], number)

    def all_of(self, number: str) -> tuple[str, ...]:
        """Every pseudonym the number may have been written down with, the present one first."""
        return tuple(_pseudonym(key, number) for key in self._keys)

    def keyed(self, number: str, secret: str) -> dict[str, bytes]:
        """What stands for a secret of a number, 32 bytes, by each pseudonym of the number.

        Without the key it cannot be found by trying every secret.
        """
        said = f"secret of {number}: {secret}".encode()
        return {
            _pseudonym(key, number): hmac.new(key, said, hashlib.sha256).digest()
            for key in self._keys
        }

    def listed_as(self, pseudonyms: Collection[str]) -> frozenset[str]:
        """What stands for these people on the do-not-call list, under keys derived for it (C28).

        As long as a pseudonym; whoever has one list cannot find its people in the other tables.
        Pseudonyms of a key that is not among these stand for nobody.
        """
        keys = {_identifier(key): key for key in self._keys}
        found = set[str]()
        for pseudonym in pseudonyms:
            name = pseudonym.partition(".")[0]
            if name in keys:
                derived = hmac.new(keys[name], _DO_NOT_CALL, hashlib.sha256).digest()
                digest = hmac.new(derived, pseudonym.encode(), hashlib.sha256).hexdigest()
                found.add(f"{name}.{digest}")
        return frozenset(found)

    @property
    def known(self) -> tuple[str, ...]:
        """Identifiers of the keys, the present one first."""
        return tuple(map(_identifier, self._keys))


def _pseudonym(key: bytes, number: str) -> str:
    digest = hmac.new(key, number.encode(), hashlib.sha256).hexdigest()
    return f"{_identifier(key)}.{digest}"


def _identifier(key: bytes) -> str:
    return hashlib.sha256(b"voice-agent pseudonym key" + key).hexdigest()[:_ID_DIGITS]
