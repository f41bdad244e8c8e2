"""What people say for dates and times, and what it means at a given moment."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

import pytest

from voice_agent.dialogue.slots.moments import read_moments
from voice_agent.dialogue.slots.reading import OpeningHours, Reading, Setting

HOURS = OpeningHours((((time(8), time(18)),),) * 5 + ((), ()))
"""Monday to Friday, eight to six."""


def phrases(language: str) -> list[tuple[str, str, str, str]]:
    lines = (Path(__file__).parent / f"moments_{language}.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(language, now, said, expected) for now, said, expected in rows]


def written(readings: tuple[Reading, ...]) -> str:
    return "; ".join(one(reading) for reading in readings) or "-"


def one(reading: Reading) -> str:
    values = " or ".join(value for value in (reading.value, *reading.others) if value)
    return " ".join(part for part in (reading.slot, values, reading.fault) if part)


@pytest.mark.parametrize(("language", "now", "said", "expected"), [*phrases("de"), *phrases("en")])
def test_a_phrase_is_read(language: str, now: str, said: str, expected: str) -> None:
    setting = Setting(language, datetime.fromisoformat(now), HOURS)
    assert written(read_moments(said, setting)) == expected
