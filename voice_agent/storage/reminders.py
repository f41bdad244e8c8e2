"""Reminders in a database: taken in from a file, planned, counted, stopped for a while."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.outreach import Refusal
from voice_agent.outbound.plan import OutboundPlan, Why, plan
from voice_agent.outbound.reminder import Policy, State
from voice_agent.outbound.reminder_file import WantedReminder
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.database import Database
from voice_agent.storage.place import look_up
from voice_agent.storage.reminder_attempts import KIND, is_paused, pause_reason
from voice_agent.storage.reminder_planning import IS_OPEN, read_all, write_down
from voice_agent.storage.reminder_rows import (
    ReminderRows,
    finish,
    key_of,
    remove,
    source_of,
)
from voice_agent.storage.tables import outreach, reminders
from voice_agent.storage.transaction import insert_new, scrub, transaction

SOON: Final = timedelta(minutes=10)
"""Calls are planned for good so far ahead: whoever plans does so more often."""

FURTHER: Final = timedelta(days=1)
"""So much further ahead than a call can tell of reminders are planned, whatever clocks do."""

AT_ONCE: Final = 500
"""Reminders that are taken in, or written, in one transaction."""

BY_OPERATOR: Final = "operator"
"""Why all reminders are stopped, where somebody said so."""

SETTLED: Final = frozenset(
    {Refusal.LISTED, Refusal.ATTEMPTS, Refusal.OVER, Why.CANCELLED, Why.MOVED}
)
"""Reasons for which nobody will be rung up any more: the reminder is done, its number deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of reminders that were to be taken in.

    Attributes:
        added: they are new.
        moved: their appointments have another time now.
        changed: something else is different.
        same: they were there already.
    """

    added: int = 0
    moved: int = 0
    changed: int = 0
    same: int = 0

    def plus(self, other: TakenIn) -> TakenIn:
        """Both together."""
        return TakenIn(
            added=self.added + other.added,
            moved=self.moved + other.moved,
            changed=self.changed + other.changed,
            same=self.same + other.same,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How the reminders stand.

    Attributes:
        states: how many there are, by state.
        outcomes: how those that are done ended.
        plan: what is planned of the others, as things stand.
        paused: somebody has stopped all of them.
        reason: why, a word; ``None`` unless they are stopped.
    """

    states: Mapping[str, int]
    outcomes: Mapping[str, int]
    plan: OutboundPlan
    paused: bool
    reason: str | None = None


class SqlReminders:
    """Keeps reminders. Every method may raise ``RecordsUnavailable``.

    Args:
        database: where they lie.
        rows: writes them, and opens their numbers.
        pseudonyms: stand for numbers.
        policy: what the company wants.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        database: Database,
        rows: ReminderRows,
        pseudonyms: Pseudonyms,
        policy: Policy,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._rows = rows
        self._pseudonyms = pseudonyms
        self._policy = policy
        self._clock = clock

    async def put(self, wanted: Sequence[WantedReminder]) -> TakenIn:
        """Take reminders in, as many as ``AT_ONCE``; a second time changes nothing.

        One whose appointment has another time now is another reminder: the old one goes. One that
        is done stays done. One whose number cannot be opened gets it anew.
        """
        now, sources = self._clock(), {source_of(each): each for each in wanted}
        async with self._transaction() as connection:
            await begin_writing(connection)
            column = reminders.c.source_sha256
            chosen = select(reminders).order_by(reminders.c.reminder_id).with_for_update()
            rows = await look_up(connection, chosen, column, sources)
            there = {row.source_sha256: row for row in rows}
            numbers = await self._rows.readable(connection, rows)
            new: dict[str, WantedReminder] = {}
            gone: list[str] = []
            count = Counter[str]()
            for source, each in sources.items():
                row = there.get(source)
                became = _became(row, each, numbers)
                count[became] += 1
                if became != "same":
                    new[key_of(each)] = each
                    gone += [] if row is None else [row.reminder_id]
            await remove(connection, gone)
            people = {key: self._pseudonyms.of(each.number.e164) for key, each in new.items()}
            await self._rows.write(connection, new, people, now)
        return TakenIn(**count)

    async def plan(self, starts: Mapping[str, datetime | None] | None = None) -> OutboundPlan:
        """Plan, and write down which calls are due soon; what is settled loses its number.

        To be done every minute or so; two at once do no harm. Appointments so far ahead that no
        call that is due soon can be about them are left for later.

        Args:
            starts: when appointments begin now, as the calendar says; see ``Known``.
        """
        now, policy = self._clock(), self._policy
        ahead = now + SOON + policy.first + policy.together + FURTHER
        async with self._transaction() as connection:
            found, known_now = await read_all(connection, self._pseudonyms, starts or {}, ahead)
        made = await asyncio.to_thread(plan, found, known_now, self._policy, now)
        async with self._transaction() as connection:
            await begin_writing(connection)
            await write_down(connection, [call for call in made.calls if call.at <= now + SOON])
        settled = [(key, why) for key, why in made.left.items() if why in SETTLED]
        # A part at a time, because calls write meanwhile, and of SQLite there is one writer.
        for first in range(0, len(settled), AT_ONCE):
            await self._settle(dict(settled[first : first + AT_ONCE]))
        if settled:
            await scrub(self._database)
        return made

    async def overview(self) -> Overview:
        """How things stand; nothing is changed."""
        now = self._clock()
        async with self._transaction() as connection:
            found, known_now = await read_all(connection, self._pseudonyms, {})
            states = await _count_by(connection, reminders.c.state)
            outcomes = await _count_by(connection, reminders.c.outcome)
            reason = await pause_reason(connection)
        made = await asyncio.to_thread(plan, found, known_now, self._policy, now)
        return Overview(
            states=states,
            outcomes=outcomes,
            plan=made,
            paused=known_now.paused,
            reason=reason,
        )

    async def pause(self, reason: str = BY_OPERATOR) -> bool:
        """Stop all reminders: nothing is claimed or dialled; calls that are going on end as usual.

        Args:
            reason: why, a word; the first one stays.

        Returns:
            False if they were stopped already.
        """
        async with self._transaction() as connection:
            await begin_writing(connection)
            if await is_paused(connection):
                return False
            await connection.execute(delete(outreach).where(outreach.c.kind == KIND))
            row = {"kind": KIND, "paused_at": self._clock(), "reason": reason}
            await insert_new(connection, outreach, [row])
            return True

    async def resume(self) -> bool:
        """Go on; says whether they were stopped."""
        async with self._transaction() as connection:
            change = delete(outreach).where(outreach.c.kind == KIND)
            return (await connection.execute(change)).rowcount > 0

    async def _settle(self, why: Mapping[str, str]) -> None:
        """These are done, as far as nobody has taken one of them meanwhile."""
        async with self._transaction() as connection:
            await begin_writing(connection)
            wanted = select(reminders.c.reminder_id).where(IS_OPEN)
            held = wanted.order_by(reminders.c.reminder_id).with_for_update()
            rows = await look_up(connection, held, reminders.c.reminder_id, why)
            for outcome in sorted({why[row.reminder_id] for row in rows}):
                ids = [row.reminder_id for row in rows if why[row.reminder_id] == outcome]
                await finish(connection, ids, outcome)

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the reminders cannot be used")


def _became(row: Row[Any] | None, wanted: WantedReminder, numbers: Mapping[str, str]) -> str:
    """What a line says of the reminder that is there: a word of ``TakenIn``."""
    if row is None:
        return "added"
    if row.reminder_id != key_of(wanted):
        return "moved"
    if row.state != State.OPEN:
        return "same"  # it is being told, or was: the next appointment has another time
    consent = wanted.consent
    here = (
        row.language,
        row.appointment_id,
        row.customer,
        row.consent_at,
        row.consent_means,
        row.consent_text,
    )
    there = (
        wanted.language,
        wanted.appointment,
        wanted.customer,
        consent.given_at,
        consent.means,
        consent.text,
    )
    is_same = here == there and numbers.get(row.reminder_id) == wanted.number.e164
    return "same" if is_same else "changed"


async def _count_by(connection: AsyncConnection, column: Any) -> dict[str, int]:
    wanted = select(column, func.count()).where(column.is_not(None)).group_by(column)
    return {row[0]: row[1] for row in (await connection.execute(wanted)).all()}
