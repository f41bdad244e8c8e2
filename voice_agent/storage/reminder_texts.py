"""Reminders by text message: each is taken by one worker before it is sent, and never twice."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.outreach import OutreachPermit, permit
from voice_agent.keyring import KeyRing
from voice_agent.outbound.number import read_number
from voice_agent.outbound.reminder import Policy, State, Texting
from voice_agent.outbound.text import TextClaim
from voice_agent.runtime.deletions import RecordKind
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.database import Database
from voice_agent.storage.deletions import queue
from voice_agent.storage.do_not_call import is_listed
from voice_agent.storage.reminder_attempts import count_made, is_going_on, is_paused
from voice_agent.storage.reminder_rows import ReminderRows, finish, reminder_of
from voice_agent.storage.tables import reminders
from voice_agent.storage.transaction import scrub, transaction

_TEXTED: Final = State.TEXTED


class SqlReminderTexts:
    """Hands out text messages that are to be sent. Every method may raise ``RecordsUnavailable``.

    Args:
        database: where reminders lie.
        keyring: opens their numbers.
        pseudonyms: stand for numbers.
        policy: what the company wants.
    """

    def __init__(
        self, database: Database, keyring: KeyRing, pseudonyms: Pseudonyms, policy: Policy
    ) -> None:
        self._database = database
        self._rows = ReminderRows(keyring)
        self._pseudonyms = pseudonyms
        self._policy = policy

    async def claim(self, reminder: str, now: datetime) -> TextClaim | None:
        """Take a message upon oneself: from now on it counts as sent.

        Whatever was planned, what is known now decides, as it does for a call: the consent, the
        do-not-call list, the hours, the number; landlines get none.

        Args:
            reminder: which one it is about, as it was planned.
            now: the present, timezone-aware.

        Returns:
            The message, or ``None``: somebody else has it, or it is not to be sent.
        """
        async with self._transaction() as connection:
            await begin_writing(connection)
            if self._policy.texting is Texting.NEVER or await is_paused(connection):
                return None
            mine = reminders.c.reminder_id == reminder
            wanted = select(reminders).where(mine, reminders.c.state == State.OPEN)
            locked = wanted.with_for_update(skip_locked=True)
            row = (await connection.execute(locked)).one_or_none()
            if row is None or not row.textable or self._policy.is_too_late(row.starts_at, now):
                return None
            number = (await self._rows.readable(connection, [row])).get(reminder)
            known = None if number is None else read_number(number, row.country)
            if number is None or known is None or not known.textable:
                return None
            people = self._pseudonyms.all_of(number)
            if await is_going_on(connection, people):
                return None
            made = await count_made(connection, reminder)
            if self._policy.texting is Texting.AFTER and made < self._policy.attempts:
                return None
            # A message is no attempt at a call: whatever else forbids one forbids it too.
            found = replace(reminder_of(row, 0, None), country=known.country, special=known.special)
            listed = await is_listed(connection, self._pseudonyms.listed_as(people))
            answer = permit(self._policy.facts(found, now, listed=listed))
            if not isinstance(answer, OutreachPermit):
                return None
            answer.spend(reminder, answer.attempt, now)
            change = update(reminders).where(mine)
            await connection.execute(change.values(state=_TEXTED, next_at=None, lead_id=None))
        return TextClaim(reminder=reminder, number=number, language=row.language)

    async def sent(self, reminder: str, carrier_id: str, now: datetime) -> None:
        """The carrier has it, and is to delete its record of it."""
        del reminder
        async with self._transaction() as connection:
            await queue(connection, [(RecordKind.MESSAGE, carrier_id)], now)

    async def release(self, reminder: str) -> None:
        """It was certainly not sent: it may be tried again."""
        await self._reopen(reminder)

    async def refused(self, reminder: str) -> None:
        """The number receives none: somebody is rung up at it instead, if attempts are left."""
        await self._reopen(reminder, textable=False)

    async def declined(self, reminder: str) -> None:
        """The person wants none: the reminder is done, its number deleted."""
        async with self._transaction() as connection:
            await begin_writing(connection)
            await finish(connection, [reminder], "listed")
        await scrub(self._database)

    async def _reopen(self, reminder: str, **changed: bool) -> None:
        mine = reminders.c.reminder_id == reminder, reminders.c.state == _TEXTED
        async with self._transaction() as connection:
            change = update(reminders).where(*mine)
            await connection.execute(change.values(state=State.OPEN, **changed))

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the list of reminders cannot be used")
