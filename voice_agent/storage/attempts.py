"""How often somebody failed to prove who they are, by number and day (C23)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.database import Database
from voice_agent.storage.tables import identity_failures
from voice_agent.storage.transaction import transaction

FAILURES_A_DAY: Final = 6
"""For one number; then nobody is verified by it any more that day (UTC)."""


class SqlAttempts:
    """Implements ``voice_agent.tools.directory.Attempts``.

    Args:
        database: where they are counted.
        pseudonyms: stand for numbers.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self, database: Database, pseudonyms: Pseudonyms, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._pseudonyms = pseudonyms
        self._clock = clock

    async def begin(self, phone: str) -> bool:
        """Count a failure in advance; see the port. Those of other days are forgotten."""
        table, counter = identity_failures, self._counter(phone)
        async with transaction(self._database, "attempts cannot be counted") as connection:
            await begin_writing(connection)
            await connection.execute(delete(table).where(table.c.day < counter["day"]))
            insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            more = insert(table).values(**counter, count=1)
            change = more.on_conflict_do_update(
                index_elements=[table.c.pseudonym, table.c.day],
                set_={"count": table.c.count + 1},
                where=table.c.count < FAILURES_A_DAY,
            )
            return (await connection.execute(change)).rowcount == 1

    async def succeed(self, phone: str) -> None:
        """It was none; see the port."""
        table, counter = identity_failures, self._counter(phone)
        mine = (table.c.pseudonym == counter["pseudonym"], table.c.day == counter["day"])
        async with transaction(self._database, "attempts cannot be counted") as connection:
            await connection.execute(update(table).where(*mine).values(count=table.c.count - 1))

    def _counter(self, phone: str) -> Mapping[str, Any]:
        day = self._clock().astimezone(UTC).date()
        return {"pseudonym": self._pseudonyms.of(phone), "day": day}
