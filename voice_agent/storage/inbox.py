"""The inbox in our own database: filled by calls, emptied by people."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.errors import VoiceAgentError
from voice_agent.keyring import KeyRing
from voice_agent.storage.call_lock import begin_writing, hold_call
from voice_agent.storage.database import Database
from voice_agent.storage.inbox_entries import InboxEntries
from voice_agent.storage.tables import inbox_entries
from voice_agent.storage.transaction import scrub, transaction
from voice_agent.tools.inbox import Away, Entry, EntryKind, Filed, Held, TooFar
from voice_agent.tools.reference import new_reference

log = structlog.get_logger(__name__)

ANSWER_LIMIT_S: Final = 4.0
"""Seconds after which the inbox counts as away."""

AT_ONCE: Final = 4
"""Transactions that calls file in at once: the ledger needs connections too."""

NUMBER_KEPT: Final = timedelta(hours=70)
"""So long a telephone number is kept at most. The job that deletes it runs every hour, and of 72
hours (rule C17) that leaves it a second try."""

MOST_AHEAD: Final = timedelta(days=14)
"""So far ahead a day can be wished: until then the number is kept."""

_DRAWS: Final = 50  # half a million numbers, of which thirty days' are taken


class SqlInbox:
    """Implements ``voice_agent.tools.inbox.Inbox``, and has what people do with it.

    Args:
        database: where entries lie.
        keyring: wraps the keys they are sealed with.
        pseudonym_of: the pseudonym of a telephone number.
        clock: the wall clock, timezone-aware.
        draw: a new reference, free or not.
    """

    def __init__(
        self,
        database: Database,
        keyring: KeyRing,
        pseudonym_of: Callable[[str], str],
        clock: Callable[[], datetime],
        draw: Callable[[], str] = new_reference,
    ) -> None:
        self._database = database
        self._rows = InboxEntries(keyring, pseudonym_of)
        self._clock = clock
        self._draw = draw
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def file(self, entry: Entry, key: str) -> Filed | TooFar | Away:
        """File an entry; see the port. Whatever is wrong with the database, the inbox is away."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S), self._turns:
                return await self._file(entry, key)
        except VoiceAgentError as fault:
            log.error("inbox_away", code=fault.code)
        except TimeoutError:
            log.error("inbox_away", code="timeout")
        return Away()

    async def entries(self, *, open_only: bool = False) -> tuple[Held, ...]:
        """What is in the inbox, oldest first.

        Args:
            open_only: without what somebody has dealt with.

        Raises:
            RecordsUnavailable: the database is away.
            SealDamaged, KeyMissing: an entry cannot be opened.
        """
        wanted = select(inbox_entries).order_by(inbox_entries.c.filed_at, inbox_entries.c.reference)
        if open_only:
            wanted = wanted.where(inbox_entries.c.done_at.is_(None))
        async with transaction(self._database, "the inbox cannot be read") as connection:
            rows = (await connection.execute(wanted)).all()
            return await self._rows.opened(connection, rows, self._clock())

    async def entry(self, reference: str) -> Held | None:
        """One entry, or ``None`` if there is none with this number; raises as ``entries``."""
        async with transaction(self._database, "the inbox cannot be read") as connection:
            row = await _find(connection, reference)
            return None if row is None else await self._one(connection, row)

    async def done(self, reference: str) -> Held | None:
        """Somebody has dealt with it: its number is deleted at once, in the database's files too.

        Doing it again changes nothing.

        Returns:
            The entry, or ``None`` if there is none with this number.

        Raises:
            RecordsUnavailable, SealDamaged, KeyMissing: as ``entries``.
        """
        what = "the entry cannot be marked as done"
        async with transaction(self._database, what) as connection:
            await begin_writing(connection)
            row = await _find(connection, reference, hold=True)
            if row is None:
                return None
            if row.done_at is None:
                await self._rows.finish(connection, row.entry_id, self._clock())
                row = await _find(connection, reference) or row
            held = await self._one(connection, row)
        await scrub(self._database)
        return held

    async def _file(self, entry: Entry, key: str) -> Filed | TooFar | Away:
        now, request = self._clock(), hashlib.sha256(key.encode()).hexdigest()
        until = _number_until(entry, now)
        if until is None:
            return TooFar()
        async with transaction(self._database, "nothing can be filed") as connection:
            # Other tries of this request are of the same call, and wait here.
            if not await hold_call(connection, entry.call_id):
                return Away()  # the call was erased: nothing new is written about it
            same = select(inbox_entries.c.reference).where(
                inbox_entries.c.request_sha256 == request
            )
            found = await connection.scalar(same)
            if found is not None:
                return Filed(found)
            reference = await self._free(connection)
            if reference is None:
                log.error("inbox_away", code="no_reference")
                return Away()
            await self._rows.write(
                connection,
                entry,
                reference=reference,
                request=request,
                at=now,
                number_until=until,
            )
        return Filed(reference)

    async def _free(self, connection: AsyncConnection) -> str | None:
        """A reference nothing has. Should another call take it meanwhile, the table refuses."""
        for _ in range(_DRAWS):
            reference = self._draw()
            if await _find(connection, reference) is None:
                return reference
        return None

    async def _one(self, connection: AsyncConnection, row: Row[Any]) -> Held:
        (held,) = await self._rows.opened(connection, [row], self._clock())
        return held


async def _find(
    connection: AsyncConnection, reference: str, *, hold: bool = False
) -> Row[Any] | None:
    wanted = select(inbox_entries).where(inbox_entries.c.reference == reference)
    return (await connection.execute(wanted.with_for_update() if hold else wanted)).one_or_none()


def _number_until(entry: Entry, now: datetime) -> datetime | None:
    """Until when the number is kept; ``None`` if a day is wished that is too far ahead.

    Of several days that suit it is the last; with an open end, the first.
    """
    first, _, last = entry.date.partition("/")
    day = last or first
    if entry.kind is not EntryKind.CALLBACK or not day:
        return now + NUMBER_KEPT
    begins = datetime.combine(date.fromisoformat(day), time(), UTC)
    if begins > now + MOST_AHEAD:
        return None
    return max(now, begins) + NUMBER_KEPT
