"""Passwords: what one must be like, and its Argon2id (RFC 9106)."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from voice_agent.runtime.accounts import WrongAccount

LEAST: Final = 12
"""Characters of a password."""

MOST: Final = 256

AT_ONCE: Final = 2
"""Passwords that are worked on at once: each costs a core and 64 MiB for a tenth of a second."""


def checked_password(text: str) -> str:
    """A password that may be chosen.

    Raises:
        WrongAccount: it is too short or too long; it is not repeated.
    """
    if not LEAST <= len(_plain(text)) <= MOST:
        raise WrongAccount(f"the password has {LEAST} to {MOST} characters. Choose another one")
    return text


class Passwords:
    """Computes and compares, in a thread, a few at once.

    Args:
        passes: over the memory.
        memory_kib: what one computation takes.
    """

    def __init__(self, passes: int = 3, memory_kib: int = 65_536) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._turns = asyncio.Semaphore(AT_ONCE)
        # Nobody's, so that an unknown login costs what a known one does.
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """What is kept of a password; it names its own parameters."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _plain(password))

    async def fits(self, kept: str | None, password: str) -> bool:
        """True if this is the password.

        Args:
            kept: what ``hash`` made; ``None`` takes as long and never fits.
            password: as it was typed.
        """
        async with self._turns:
            same = await asyncio.to_thread(self._same, kept or self._nobodys, password)
        return same and kept is not None

    def _same(self, kept: str, password: str) -> bool:
        try:
            # Cut, not refused: what is too long costs no less, and is wrong.
            return self._hasher.verify(kept, _plain(password)[: MOST + 1])
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False


def _plain(password: str) -> str:
    """One form of a text that keyboards write in several."""
    return unicodedata.normalize("NFKC", password)
