"""Writes down consent and the course of a call; every write ends in bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from consent.ledger import ConsentLedger, LedgerUnavailable
from consent.purpose import Purpose
from consent.receipt import ConsentRecord, Receipt
from voice_agent import __version__
from voice_agent.runtime.records import CallBook, Disposition, RecordsUnavailable, StreamTokens

RECORD_LIMIT: Final = 4.0
"""Seconds a write may take. A call waits five for its ledger, a carrier fifteen for an answer."""

DISOWN_PAUSES: Final = (1.0, 4.0)
"""Seconds before a withdrawal nobody waits for is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    """The records, as calls and webhooks write them. A database that hangs counts as away.

    Attributes:
        ledger: where consent becomes durable.
        book: the list of calls.
        notice_version: version of the notice being played.
        wall_clock: timezone-aware time.
    """

    ledger: ConsentLedger
    book: CallBook
    notice_version: str
    wall_clock: Callable[[], datetime]

    async def accept(self, call_id: str, key: str, language: str, heard_ms: int | None) -> Receipt:
        """Make an acceptance durable; it grants the conversation and nothing else (C10).

        Raises:
            LedgerUnavailable: it is not durable, so the caller must not be heard (C4).
        """
        record = ConsentRecord(
            record_id=uuid4().hex,
            call_id=call_id,
            purposes=frozenset({Purpose.CONVERSATION}),
            notice_version=self.notice_version,
            language=language,
            heard_ms=heard_ms,
            key=key,
            given_at=self.wall_clock(),
            software=__version__,
        )
        async with _ledger_in_time():
            return await self.ledger.commit(record)

    async def withdraw(self, call_id: str) -> None:
        """Make a withdrawal durable.

        Raises:
            LedgerUnavailable: it is not.
        """
        async with _ledger_in_time():
            await self.ledger.withdraw(call_id, self.wall_clock())

    async def disown(self, call_id: str) -> None:
        """Withdraw what the caller was told had not been saved; tried again for a while.

        A commit that was given up may reach the disk all the same, because the thread or server
        that writes it cannot be called back. The ledger must not go on saying "given".

        Raises:
            LedgerUnavailable: the withdrawal could not be written either.
        """
        for pause in DISOWN_PAUSES:
            try:
                return await self.withdraw(call_id)
            except LedgerUnavailable:
                await asyncio.sleep(pause)
        return await self.withdraw(call_id)

    async def consent(self, call_id: str) -> Receipt | None:
        """The receipt of a consent that holds.

        Raises:
            LedgerUnavailable: nobody knows.
        """
        async with _ledger_in_time():
            return await self.ledger.find(call_id)

    async def begin(self, call_id: str, language: str) -> None:
        """Note a new call; a repeated webhook changes nothing.

        Raises:
            RecordsUnavailable: it was not noted.
        """
        async with _records_in_time():
            await self.book.begin(call_id, language, self.wall_clock())

    async def connect(self, call_id: str, language: str) -> bool:
        """True once for a call in its notice: its stream may begin, in this language.

        Raises:
            RecordsUnavailable: nobody knows.
        """
        async with _records_in_time():
            return await self.book.connect(call_id, language)

    async def note(
        self, call_id: str, disposition: Disposition, language: str | None = None
    ) -> None:
        """Note where the call stands, and the language it is in if one is given.

        Raises:
            RecordsUnavailable: it was not noted.
            UnknownCall: nobody began it.
        """
        async with _records_in_time():
            await self.book.set_disposition(call_id, disposition, language)

    async def disposition(self, call_id: str) -> Disposition | None:
        """Where the call stands, ``None`` for a call nobody began.

        Raises:
            RecordsUnavailable: nobody knows.
        """
        async with _records_in_time():
            return await self.book.disposition(call_id)

    async def language(self, call_id: str) -> str | None:
        """The language noted last, ``None`` for a call nobody began.

        Raises:
            RecordsUnavailable: nobody knows.
        """
        async with _records_in_time():
            return await self.book.language(call_id)

    async def end(self, call_id: str) -> None:
        """Note that the call is over.

        Raises:
            RecordsUnavailable: it was not noted.
            UnknownCall: nobody began it.
        """
        async with _records_in_time():
            await self.book.end(call_id, self.wall_clock())

    async def mint(self, tokens: StreamTokens, call_id: str) -> str:
        """Make a token for this call's stream (C4).

        Raises:
            RecordsUnavailable: it could not be written down.
        """
        async with _records_in_time():
            return await tokens.mint(call_id, self.wall_clock())

    async def redeem(self, tokens: StreamTokens, token: str, call_id: str) -> bool:
        """True once for a token of this call.

        Raises:
            RecordsUnavailable: nobody knows.
        """
        async with _records_in_time():
            return await tokens.redeem(token, call_id, self.wall_clock())


@asynccontextmanager
async def _ledger_in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(RECORD_LIMIT):
            yield
    except TimeoutError as slow:
        raise LedgerUnavailable("the ledger did not answer in time") from slow


@asynccontextmanager
async def _records_in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(RECORD_LIMIT):
            yield
    except TimeoutError as slow:
        raise RecordsUnavailable("the records did not answer in time") from slow
