"""Who must not be rung up: a list of keyed hashes, under keys of their own (rule C28)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.outbound.reminder import State
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.database import Database
from voice_agent.storage.place import known, remove
from voice_agent.storage.reminder_consent_rows import withdraw
from voice_agent.storage.reminder_rows import finish
from voice_agent.storage.tables import do_not_call, reminder_consents, reminders
from voice_agent.storage.transaction import insert_new, scrub, transaction


class SqlDoNotCall:
    """Implements ``voice_agent.outbound.do_not_call.DoNotCall``; may raise ``RecordsUnavailable``.

    Args:
        database: where it lies.
        pseudonyms: stand for numbers.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self, database: Database, pseudonyms: Pseudonyms, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._pseudonyms = pseudonyms
        self._clock = clock

    async def add(self, number: str, told_by: ToldBy) -> bool:
        """Put a number on the list at once; every reminder of it is done, its number deleted.

        Whoever agreed to be reminded at it does not any more, also if it is taken off again.

        A call to it that has not been dialled yet is not dialled any more.

        Args:
            number: the number, E.164.
            told_by: how they said so.

        Returns:
            False if it was there already.
        """
        now, people = self._clock(), self._pseudonyms.all_of(number)
        (name,) = self._pseudonyms.listed_as(people[:1])
        async with transaction(self._database, "the do-not-call list is away") as connection:
            await begin_writing(connection)
            was_there = await is_listed(connection, self._pseudonyms.listed_as(people))
            row = {"pseudonym": name, "told_by": told_by, "added_at": now}
            await insert_new(connection, do_not_call, [row])
            waiting = select(reminders.c.reminder_id).where(
                reminders.c.pseudonym.in_(people),
                # A message is often what they answer.
                reminders.c.state.in_((State.OPEN, State.TEXTED)),
            )
            ids = (await connection.scalars(waiting.with_for_update())).all()
            await finish(connection, ids, "listed")
            await withdraw(connection, reminder_consents.c.pseudonym.in_(people), now)
        await scrub(self._database)
        return not was_there

    async def remove(self, number: str) -> bool:
        """Take a number off the list; says whether it was there."""
        names = self._pseudonyms.listed_as(self._pseudonyms.all_of(number))
        async with transaction(self._database, "the do-not-call list is away") as connection:
            return await remove(connection, do_not_call.c.pseudonym, names) > 0

    async def holds(self, number: str) -> bool:
        """True if this number is on it."""
        names = self._pseudonyms.listed_as(self._pseudonyms.all_of(number))
        async with transaction(self._database, "the do-not-call list is away") as connection:
            return await is_listed(connection, names)

    async def count(self) -> int:
        """How many numbers are on it."""
        async with transaction(self._database, "the do-not-call list is away") as connection:
            wanted = select(func.count()).select_from(do_not_call)
            return await connection.scalar(wanted) or 0


async def is_listed(connection: AsyncConnection, names: Collection[str]) -> bool:
    """True if one of these is on the list; see ``Pseudonyms.listed_as``."""
    column = do_not_call.c.pseudonym
    return bool(await known(connection, column, column, names))
