from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from voice_agent.outbound.campaign import AttemptLine, ReminderLine
from voice_agent.outbound.campaign_file import COLUMNS, PART, written
from voice_agent.outbound.reminder import State

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def line(key: str = "r1", reason: str = "") -> ReminderLine:
    attempts = (AttemptLine(at=AT, outcome="busy"), AttemptLine(at=AT, outcome="confirmed"))
    return ReminderLine(
        key=key, starts_at=AT, language="de", state=State.DONE, attempts=attempts, reason=reason
    )


async def parts(*lines: ReminderLine) -> list[list[list[str]]]:
    async def given() -> AsyncIterator[ReminderLine]:
        for each in lines:
            yield each

    return [list(csv.reader(io.StringIO(part))) async for part in written(given())]


async def test_a_line_has_its_calls_in_order() -> None:
    ((header, row),) = await parts(line(reason="confirmed"))
    assert header == list(COLUMNS)
    assert row == [
        "r1",
        "2026-11-26T09:30:00.000Z",
        "de",
        "done",
        "2",
        "2026-11-26T09:30:00.000Z busy; 2026-11-26T09:30:00.000Z confirmed",
        "confirmed",
    ]


async def test_without_reminders_there_is_a_header() -> None:
    assert await parts() == [[list(COLUMNS)]]


async def test_nothing_in_it_is_a_formula() -> None:
    ((_, *rows),) = await parts(*(line(key=f"{sign}cmd|' /C calc'!A1") for sign in "=+-@\t\r"))
    assert [row[0][0] for row in rows] == ["'"] * 6


async def test_many_lines_come_in_parts() -> None:
    found = await parts(*(line(str(number)) for number in range(PART + 1)))
    assert [len(part) for part in found] == [PART + 1, 1]
