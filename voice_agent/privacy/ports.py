"""What the portal asks of the rest of the program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from consent.notice import Notice
from consent.receipt import HeldRecord, Means
from voice_agent.runtime.portal import CodeCheck, CodeSetting, Refusal, Visit
from voice_agent.runtime.rights import Asker, Erasure, Export

Withdraw = Callable[[str, Means], Awaitable[None]]
"""Makes the withdrawal of a call's consent durable; raises ``LedgerUnavailable`` if it cannot."""


class Links(Protocol):
    """Links, the session each opens, and its one-time codes.

    Secrets of sessions are known to the visitor's page alone. Every method raises
    ``RecordsUnavailable`` when the records are away.
    """

    async def exchange(self, token: str, secret: str, at: datetime) -> Refusal | None:
        """Open the one session of a link, or say why not; of several at once one wins.

        Asking again with the same secret is the same visitor's double click, and is answered as
        the first time.
        """
        ...

    async def visit(self, secret: str, at: datetime) -> Visit | None:
        """Whose session this is; half an hour after the last use it has ended."""
        ...

    async def number(self, call_id: str, at: datetime) -> str | None:
        """The number the call came from, E.164, while it is kept.

        Raises:
            VoiceAgentError: it cannot be opened.
        """
        ...

    async def set_code(self, secret: str, code: str, at: datetime) -> CodeSetting:
        """Put a new code in the place of the last one, if the session may have another."""
        ...

    async def drop_code(self, secret: str) -> None:
        """Forget the code: it was certainly not sent. It counts all the same."""
        ...

    async def check_code(self, secret: str, code: str, at: datetime) -> CodeCheck:
        """Judge a guess at the code. A right one verifies the session, once."""
        ...


class Receipts(Protocol):
    """The consent ledger, read."""

    async def held(self, call_id: str) -> HeldRecord | None:
        """The consent of a call with what happened to it since, ``None`` if there was none."""
        ...


class Notices(Protocol):
    """Every notice a record names."""

    async def find(self, version: str) -> Notice | None:
        """The notice of this version."""
        ...


class Rights(Protocol):
    """Access and erasure, for the person of a call (C20)."""

    async def export(self, call_id: str) -> Export:
        """Everything that is kept of them."""
        ...

    async def erase(self, call_id: str, actor: Asker) -> Erasure:
        """Erase everything but the proof of consent.

        Raises:
            ErasureIncomplete: a part was erased.
        """
        ...


class DoNotCall(Protocol):
    """Who must not be rung up (C28). Every method may raise ``RecordsUnavailable``."""

    async def holds(self, number: str) -> bool:
        """True if this number, E.164, is on the list."""
        ...

    async def add(self, number: str) -> None:
        """Put it on the list, once or again."""
        ...

    async def remove(self, number: str) -> None:
        """Take it off the list, if it is on it."""
        ...


class CodeMessages(Protocol):
    """Notes which messages were sent, so that the carrier can be asked to delete them."""

    async def claim_message(self, call_id: str, kind: str, at: datetime) -> bool:
        """Note that a message of a kind is about to be sent."""
        ...

    async def message_sent(self, call_id: str, kind: str, carrier_id: str, at: datetime) -> None:
        """Note the carrier's identifier of it."""
        ...
