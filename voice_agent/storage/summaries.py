"""What is left to tell of calls that are over, in a database."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import Row, Select, delete, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing, SealDamaged, seal, unseal
from voice_agent.live.observation import ConsentSeen
from voice_agent.live.snapshot import Standing, call_key
from voice_agent.live.summary import Hold, Summary
from voice_agent.runtime.summaries import DayNumbers, KeptSummary
from voice_agent.storage.call_lock import hold_call
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.database import Database
from voice_agent.storage.place import parts
from voice_agent.storage.tables import call_summaries, consent_withdrawals
from voice_agent.storage.transaction import transaction

_WORD: Final = 32  # characters of the longest ending or reason that the table takes
_LANGUAGE: Final = 16
_SLOWEST: Final = 999_999  # milliseconds; with a comma seven characters, for 500 turns


class SqlSummaries:
    """Implements ``voice_agent.runtime.summaries.Summaries``.

    Args:
        database: where they lie.
        keyring: wraps the calls' keys.
        zone: of the company's clock, which says what a day is.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self, database: Database, keyring: KeyRing, zone: tzinfo, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._rows = SummaryRows(keyring)
        self._zone = zone
        self._clock = clock

    @property
    def zone(self) -> tzinfo:
        """Of the company's clock."""
        return self._zone

    def today(self) -> date:
        """The day it is, on the company's clock."""
        return self._clock().astimezone(self._zone).date()

    async def keep(self, call_id: str, summary: Summary) -> None:
        """Keep the summary of a call that is over; see the port."""
        if summary.ended_at is None:
            raise ValueError("a summary is kept when its call is over")
        async with transaction(self._database, "the summary cannot be kept") as connection:
            if not await hold_call(connection, call_id):
                return
            withdrawn = select(exists().where(consent_withdrawals.c.call_id == call_id))
            if await connection.scalar(withdrawn):
                consent: str = Standing.WITHDRAWN
            else:
                consent = summary.consent
            mine = call_summaries.c.call_id == call_id
            await connection.execute(delete(call_summaries).where(mine))
            await self._rows.write(connection, call_id, summary, consent, self._clock())

    async def day(self, day: date) -> DayNumbers:
        """The numbers of a day; see the port. Nothing is opened for them."""
        async with transaction(self._database, "the day's numbers cannot be read") as connection:
            rows = (await connection.execute(self._began(day))).all()
        return DayNumbers.of(day, [plain(row) for row in rows], self._zone)

    async def of_day(self, day: date) -> tuple[KeptSummary, ...]:
        """The calls of a day; see the port.

        Raises:
            SealDamaged, KeyMissing: one cannot be opened.
        """
        async with transaction(self._database, "the day's calls cannot be read") as connection:
            rows = (await connection.execute(self._began(day))).all()
            opened = await self._rows.opened(connection, rows)
        return tuple(
            KeptSummary(call_key(row.call_id), summary)
            for row, summary in zip(rows, opened, strict=True)
        )

    def _began(self, day: date) -> Select[Any]:
        first, after = (
            datetime.combine(each, time(), self._zone).astimezone(UTC)
            for each in (day, day + timedelta(days=1))
        )
        began = call_summaries.c.began_at
        newest = began.desc(), call_summaries.c.call_id
        return select(call_summaries).where(began >= first, began < after).order_by(*newest)


class SummaryRows:
    """Writes and opens rows. Every method works within the caller's transaction.

    Args:
        keyring: wraps the calls' keys.
    """

    def __init__(self, keyring: KeyRing) -> None:
        self._keys = DataKeys(keyring)

    async def write(
        self,
        connection: AsyncConnection,
        call_id: str,
        summary: Summary,
        consent: str,
        at: datetime,
    ) -> None:
        """Write a new one.

        Args:
            connection: within its transaction.
            call_id: the call, which the transaction holds.
            summary: of the whole call.
            consent: where the caller's consent stands now.
            at: the present.
        """
        sealed = None
        if consent == Standing.GIVEN:
            key = await self._keys.get_or_make(connection, call_id, KeyKind.CONTENT, at)
            sealed = seal(key, json.dumps(summary.contents()).encode(), _place(call_id))
        row = {
            "call_id": call_id,
            "began_at": datetime.fromtimestamp(summary.began_at, UTC),
            "ended_at": datetime.fromtimestamp(summary.ended_at or summary.began_at, UTC),
            "language": summary.language[:_LANGUAGE],
            "direction": summary.direction[:_LANGUAGE],
            "ending": summary.ending[:_WORD],
            "consent": consent,
            "reason": summary.reason[:_WORD],
            "turns": summary.turns,
            "held_ms": round(summary.held_seconds * 1000),
            "latencies": ",".join(str(min(max(each, 0), _SLOWEST)) for each in summary.latencies),
            "sealed": sealed,
        }
        await connection.execute(insert(call_summaries).values(row))

    async def opened(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]]
    ) -> tuple[Summary, ...]:
        """Rows, opened; those whose consent was withdrawn meanwhile stay shut.

        Raises:
            SealDamaged, KeyMissing: one cannot be opened.
        """
        sealed = {row.call_id for row in rows if row.sealed is not None}
        keys: dict[str, bytes] = {}
        withdrawn: set[str] = set()
        for some in parts(sealed):
            keys.update(await self._keys.get_all(connection, some, KeyKind.CONTENT))
            gone = select(consent_withdrawals.c.call_id)
            mine = gone.where(consent_withdrawals.c.call_id.in_(some))
            withdrawn.update(await connection.scalars(mine))
        return tuple(_opened(row, keys, withdrawn) for row in rows)


def plain(row: Row[Any]) -> Summary:
    """What stands in a row without opening anything; who held the call is not told."""
    held = row.held_ms / 1000
    return Summary(
        began_at=row.began_at.timestamp(),
        direction=row.direction,
        language=row.language,
        ended_at=row.ended_at.timestamp(),
        ending=row.ending,
        consent=Standing(row.consent),
        reason=row.reason,
        holds=(Hold("", held),) if held else (),
        turns=row.turns,
        latencies=tuple(int(each) for each in row.latencies.split(",") if each),
    )


def _opened(row: Row[Any], keys: Mapping[str, bytes], withdrawn: set[str]) -> Summary:
    summary = plain(row)
    if row.call_id in withdrawn:
        return summary.follow(ConsentSeen(Standing.WITHDRAWN), 0.0)
    if row.sealed is None:
        return summary
    if row.call_id not in keys:
        raise SealDamaged("the key of a summary is missing")
    return summary.with_contents(
        json.loads(unseal(keys[row.call_id], row.sealed, _place(row.call_id)))
    )


def _place(call_id: str) -> str:
    """Where what was sealed opens, and nowhere else."""
    return f"call_summaries/{call_id}"
