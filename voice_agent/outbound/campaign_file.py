"""The reminders as a CSV file: what became of each, and nothing of whose it is."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Final

from consent.receipt import moment
from voice_agent.outbound.campaign import ReminderLine
from voice_agent.spreadsheet import cell

COLUMNS: Final = ("reminder", "starts_at", "language", "state", "attempts", "calls", "reason")

PART: Final = 500
"""Lines that are written at once."""


async def written(lines: AsyncIterator[ReminderLine]) -> AsyncIterator[str]:
    """The file, a part at a time: ``COLUMNS``, moments in UTC."""
    part = io.StringIO()
    writer = csv.writer(part)
    writer.writerow(COLUMNS)
    count = 0
    async for line in lines:
        writer.writerow(_cells(line))
        count += 1
        if count % PART == 0:
            yield part.getvalue()
            part.seek(0)
            part.truncate()
    yield part.getvalue()


def _cells(line: ReminderLine) -> list[str]:
    calls = "; ".join(f"{moment(each.at)} {each.outcome}" for each in line.attempts)
    values = (
        line.key,
        moment(line.starts_at),
        line.language,
        line.state.value,
        str(len(line.attempts)),
        calls,
        line.reason,
    )
    return [cell(each) for each in values]
