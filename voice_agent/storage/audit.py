"""Who did what to which record: never what it says (C10, C20, C22)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import insert

from voice_agent.runtime.audit import Actor
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.database import FAULTS, Database
from voice_agent.storage.tables import audit_log


class AuditLog:
    """Appends to the table.

    Args:
        database: where it lies.
        clock: the wall clock, timezone-aware.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def note(
        self, actor: Actor, action: str, outcome: str, object_id: str | None = None
    ) -> None:
        """Write down that it happened.

        Args:
            actor: who.
            action: what, a word of the program.
            outcome: how it went, likewise.
            object_id: which record or call, by identifier.

        Raises:
            RecordsUnavailable: it was not written down.
        """
        row = {
            "at": self._clock(),
            "actor": actor,
            "action": action,
            "outcome": outcome,
            "object_id": object_id,
        }
        try:
            async with self._database.begin() as connection:
                await connection.execute(insert(audit_log).values(row))
        except FAULTS as error:
            raise RecordsUnavailable("the audit log cannot be written") from error
