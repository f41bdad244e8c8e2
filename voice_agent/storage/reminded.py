"""Which appointments of the calendar somebody is still to be reminded of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from voice_agent.outbound.reminder import State
from voice_agent.storage.database import Database
from voice_agent.storage.tables import reminders
from voice_agent.storage.transaction import transaction


class SqlReminded:
    """Reads them. May raise ``RecordsUnavailable``.

    Args:
        database: where reminders lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def appointments(self) -> Mapping[str, datetime]:
        """When they were to begin, by what the calendar calls them."""
        wanted = select(reminders.c.appointment_id, reminders.c.starts_at).where(
            reminders.c.state == State.OPEN, reminders.c.appointment_id.is_not(None)
        )
        async with transaction(self._database, "the reminders cannot be used") as connection:
            rows = (await connection.execute(wanted)).all()
        return {row.appointment_id: row.starts_at for row in rows}
