"""``config/calendar.yaml``: the example is right, and what is wrong is told with its line."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from voice_agent.errors import ConfigurationError
from voice_agent.schedule import load_plan
from voice_agent.tools.plan import Plan

EXAMPLE = Path(__file__).parents[1] / "config"

SMALLEST = """\
hours: {mon: 08:00-18:00, tue: closed, wed: closed, thu: closed, fri: closed}
services:
  - id: repair
    name: {de: Reparatur, en: repair}
    duration_min: 60
resources:
  - id: bay
    services: [repair]
"""


def load(tmp_path: Path, text: str) -> Plan:
    (tmp_path / "calendar.yaml").write_text(text, encoding="utf-8")
    plan = load_plan(tmp_path)
    assert plan is not None
    return plan


def test_the_example_is_the_garage() -> None:
    plan = load_plan(EXAMPLE)
    assert plan is not None
    assert plan.opening.of(date(2026, 12, 7)) == ((8 * 60, 18 * 60),)
    assert plan.opening.of(date(2026, 12, 6)) == ()
    assert plan.opening.of(date(2026, 12, 28)) == ()  # closed between the years
    assert plan.opening.holiday(date(2027, 3, 8)) == {"de": "Frauentag", "en": "Women's Day"}
    assert plan.services["inspection"].duration == timedelta(hours=2)
    assert [each.calendar for each in plan.resources] == ["bay-1", "bay-2", "tyre-bay"]


def test_without_the_file_no_appointments_are_made(tmp_path: Path) -> None:
    assert load_plan(tmp_path) is None


def test_what_is_left_out_has_the_value_the_example_shows(tmp_path: Path) -> None:
    plan, example = load(tmp_path, SMALLEST), load_plan(EXAMPLE)
    assert example is not None
    for name in ("lead", "horizon", "step", "titles"):
        assert getattr(plan, name) == getattr(example, name)
    assert plan.opening.zone == example.opening.zone
    assert plan.opening.holiday(date(2027, 3, 8)) is None


def test_breaks_exceptions_and_midnight_are_understood(tmp_path: Path) -> None:
    text = SMALLEST.replace("mon: 08:00-18:00", 'mon: "08:00-12:00, 13:00-24:00"')
    plan = load(tmp_path, text + "exceptions:\n  - {first: 2026-12-25, hours: 09:00-10:00}\n")
    assert plan.opening.of(date(2026, 12, 7)) == ((480, 720), (780, 1440))
    assert plan.opening.of(date(2026, 12, 25)) == ((540, 600),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("08:00-18:00", "8-18"), "1: hours.mon: is no span of a day"),
        (("08:00-18:00", "08:00-18:01"), "1: hours.mon: is no span of a day"),
        (("08:00-18:00", "18:00-08:00"), "1: hours.mon: ends before it begins"),
        (("08:00-18:00", '"08:00-12:00, 11:00-14:00"'), "1: hours.mon: spans overlap"),
        (("duration_min: 60", "duration_min: 61"), "5: services.0.duration_min: is no multiple"),
        (("duration_min: 60", "duration_min: 660"), "1: services: repair: takes longer than"),
        (("duration_min: 60", "duration: 60"), "5: services.0.duration: unknown key; write"),
        (("[repair]", "[repair, wash]"), "1: resources: no such service: wash"),
        (("en: repair", "en: ''"), "4: services.0.name.en: "),
        (("services:\n  - id", "time_zone: Europe/Bonn\nservices:\n  - id"), "2: time_zone: is no"),
        (
            ("services:\n  - id", "public_holidays: {country: XX}\nservices:\n  - id"),
            "2: public_holidays: nobody knows the holidays",
        ),
        (
            ("services:\n  - id", "exceptions: [{first: 2026-02-30}]\nservices:\n  - id"),
            "2: exceptions.0.first: is no day",
        ),
        (
            (
                "services:\n  - id",
                "exceptions: [{first: 2026-12-02, last: 2026-12-01}]\nservices:\n  - id",
            ),
            "2: exceptions.0: last is before first",
        ),
        (("  - id: bay\n", "  - id: bay\n    calendar: ../other\n"), "8: resources.0.calendar: "),
        (
            ("  - id: bay\n", "  - {id: x, services: [repair], calendar: bay}\n  - id: bay\n"),
            "1: resources: two have the same calendar",
        ),
        (
            ("  - id: bay\n", "  - {id: bay, services: [repair]}\n  - id: bay\n"),
            "1: resources: two have the same id",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_key(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    assert change[0] in SMALLEST
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, SMALLEST.replace(*change, 1))
    assert f"calendar.yaml:{message}" in str(caught.value)
