"""Writes down consent and the course of a call; every write ends in bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from consent.ledger import ConsentLedger, LedgerUnavailable
from consent.purpose import Purpose
from consent.receipt import Clock, ConsentRecord, Means, Receipt
from voice_agent import __version__
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.records import (
    CallBook,
    Direction,
    Disposition,
    RecordsUnavailable,
    StreamTokens,
)

RECORD_LIMIT: Final = 4.0
"""Seconds a write may take. A call waits five for its ledger, a carrier fifteen for an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a caller had heard when they pressed the key (C13).

    Attributes:
        part: which part of the notice was playing or had played last.
        ms: milliseconds of it, ``None`` where nothing is known.
        by: how that is known.
        since: when the question was first put, timezone-aware; ``None``: just now.
    """

    part: str
    ms: int | None
    by: Clock
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    """The records, as calls and webhooks write them. A database that hangs counts as away.

    Attributes:
        ledger: where consent becomes durable.
        book: the list of calls.
        notice_version: version of the notice being played.
        pseudonyms: stand for numbers.
        wall_clock: timezone-aware time.
    """

    ledger: ConsentLedger
    book: CallBook
    notice_version: str
    pseudonyms: Pseudonyms
    wall_clock: Callable[[], datetime]

    async def accept(
        self, call_id: str, key: str, language: str, heard: Heard, number: str | None
    ) -> Receipt:
        """Make an acceptance durable; it grants the conversation and nothing else (C10).

        Args:
            call_id: the call.
            key: the key pressed.
            language: language of the notice.
            heard: what of it the caller had heard.
            number: the caller's number if it is known; written down as a pseudonym only (C17).

        Raises:
            LedgerUnavailable: it is not durable, so the caller must not be heard (C4).
        """
        now = self.wall_clock()
        record = ConsentRecord(
            record_id=uuid4().hex,
            call_id=call_id,
            principal=f"anonymous.{uuid4().hex}" if number is None else self.pseudonyms.of(number),
            purposes=frozenset({Purpose.CONVERSATION}),
            notice_version=self.notice_version,
            language=language,
            heard=heard.part,
            heard_ms=heard.ms,
            heard_by=heard.by,
            key=key,
            requested_at=min(heard.since or now, now),
            given_at=now,
            software=__version__,
        )
        async with _ledger_in_time():
            return await self.ledger.commit(record)

    async def withdraw(
        self, call_id: str, means: Means = Means.KEY, at: datetime | None = None
    ) -> None:
        """Make a withdrawal durable; a call that runs in another process stops by it as well.

        Args:
            call_id: the call.
            means: how it was withdrawn.
            at: when; now if left out.

        Raises:
            LedgerUnavailable: it is not durable.
        """
        async with _ledger_in_time():
            await self.ledger.withdraw(call_id, at or self.wall_clock(), means)

    async def expire(self, call_id: str) -> None:
        """Make durable that a consent ended with its call (C11).

        Raises:
            LedgerUnavailable: it is not.
        """
        async with _ledger_in_time():
            await self.ledger.expire(call_id, self.wall_clock())

    async def withdrawn(self, call_ids: Collection[str]) -> frozenset[str]:
        """Which of these calls had their consent withdrawn, wherever that was done.

        Raises:
            LedgerUnavailable: nobody knows.
        """
        async with _ledger_in_time():
            return await self.ledger.withdrawn(call_ids)

    async def consent(self, call_id: str) -> Receipt | None:
        """The receipt of a consent that holds.

        Raises:
            LedgerUnavailable: nobody knows.
        """
        async with _ledger_in_time():
            return await self.ledger.find(call_id)

    async def begin(
        self,
        call_id: str,
        language: str,
        number: str | None = None,
        direction: Direction = Direction.INBOUND,
    ) -> None:
        """Note a new call; a repeated webhook changes nothing.

        Args:
            call_id: the call.
            language: language it begins in.
            number: the person's number if it is known; written down as a pseudonym only (C17).
            direction: who rang whom.

        Raises:
            RecordsUnavailable: it was not noted.
        """
        pseudonym = None if number is None else self.pseudonyms.of(number)
        async with records_in_time():
            await self.book.begin(
                call_id, language, self.wall_clock(), direction, pseudonym=pseudonym
            )

    async def connect(self, call_id: str, language: str) -> bool:
        """True once for a call in its notice: its stream may begin, in this language.

        Raises:
            RecordsUnavailable: nobody knows.
        """
        async with records_in_time():
            return await self.book.connect(call_id, language)

    async def note(
        self, call_id: str, disposition: Disposition, language: str | None = None
    ) -> None:
        """Note where the call stands, and the language it is in if one is given.

        Raises:
            RecordsUnavailable: it was not noted.
            UnknownCall: nobody began it.
        """
        async with records_in_time():
            await self.book.set_disposition(call_id, disposition, language)

    async def disposition(self, call_id: str) -> Disposition | None:
        """Where the call stands, ``None`` for a call nobody began.

        Raises:
            RecordsUnavailable: nobody knows.
        """
        async with records_in_time():
            return await self.book.disposition(call_id)

    async def language(self, call_id: str) -> str | None:
        """The language noted last, ``None`` for a call nobody began.

        Raises:
            RecordsUnavailable: nobody knows.
        """
        async with records_in_time():
            return await self.book.language(call_id)

    async def end(self, call_id: str) -> None:
        """Note that the call is over, and its consent with it (C11).

        Raises:
            RecordsUnavailable: it was not noted.
            UnknownCall: nobody began it.
        """
        async with records_in_time():
            await self.book.end(call_id, self.wall_clock())
        try:
            await self.expire(call_id)
        except LedgerUnavailable as fault:
            raise RecordsUnavailable("the end of the consent was not recorded") from fault

    async def mint(self, tokens: StreamTokens, call_id: str) -> str:
        """Make a token for this call's stream (C4).

        Raises:
            RecordsUnavailable: it could not be written down.
        """
        async with records_in_time():
            return await tokens.mint(call_id, self.wall_clock())

    async def redeem(self, tokens: StreamTokens, token: str, call_id: str) -> bool:
        """True once for a token of this call.

        Raises:
            RecordsUnavailable: nobody knows.
        """
        async with records_in_time():
            return await tokens.redeem(token, call_id, self.wall_clock())


@asynccontextmanager
async def _ledger_in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(RECORD_LIMIT):
            yield
    except TimeoutError as slow:
        raise LedgerUnavailable("the ledger did not answer in time") from slow


@asynccontextmanager
async def records_in_time() -> AsyncIterator[None]:
    """Within it, records that do not answer count as away.

    Raises:
        RecordsUnavailable: they took longer than ``RECORD_LIMIT``.
    """
    try:
        async with asyncio.timeout(RECORD_LIMIT):
            yield
    except TimeoutError as slow:
        raise RecordsUnavailable("the records did not answer in time") from slow
