"""A garage with two bays, as tests of calendars have it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from voice_agent.tools.opening import Minutes, Opening
from voice_agent.tools.plan import Plan, Resource, Service

BERLIN = ZoneInfo("Europe/Berlin")

WEEK: tuple[tuple[Minutes, ...], ...] = (
    *((((8 * 60, 12 * 60), (13 * 60, 18 * 60)),) * 5),
    ((9 * 60, 13 * 60),),
    (),
)
"""Weekdays with a break at noon, Saturday until one, Sunday closed."""

CHRISTMAS = {"de": "Erster Weihnachtstag", "en": "Christmas Day"}


def holidays(day: date) -> Mapping[str, str] | None:
    return CHRISTMAS if (day.month, day.day) == (12, 25) else None


SERVICES = {
    each.id: each
    for each in (
        Service(
            id="inspection",
            names={"de": "Inspektion", "en": "inspection"},
            duration=timedelta(hours=2),
            buffer=timedelta(minutes=15),
        ),
        Service(
            id="tyres",
            names={"de": "Reifenwechsel", "en": "tyre change"},
            duration=timedelta(minutes=30),
        ),
    )
}

GARAGE = Plan(
    opening=Opening(BERLIN, WEEK, holidays=holidays),
    services=SERVICES,
    resources=(
        Resource(id="bay-1", services=frozenset({"inspection", "tyres"}), calendar="bay-1"),
        Resource(id="bay-2", services=frozenset({"tyres"}), calendar="bay-2"),
    ),
    lead=timedelta(hours=2),
    horizon=timedelta(days=90),
    step=timedelta(minutes=15),
)


def at(day: int, hour: int, minute: int = 0, *, month: int = 12, year: int = 2026) -> datetime:
    """A time in Berlin; December 2026 unless said otherwise."""
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)
