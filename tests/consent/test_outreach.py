"""Nobody is rung up without a permit, and only facts make one (rule C26)."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.outreach import (
    USUAL,
    VALID,
    CallingHours,
    Means,
    NotPermitted,
    OutreachFacts,
    OutreachPermit,
    Refusal,
    ReminderConsent,
    permit,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 10, tzinfo=BERLIN)  # a Thursday
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
YEARS = frozenset(range(2026, 2028))
HOURS = CallingHours(zone=BERLIN, holidays=frozenset({date(2026, 12, 25)}), years=YEARS)
GIVEN = ReminderConsent(given_at=NOW - DAY, means=Means.FORM, text="2026-01")
FACTS = OutreachFacts(
    reminder="r1",
    purpose="reminder",
    consent=GIVEN,
    listed=False,
    attempts=0,
    country="DE",
    countries=frozenset({"DE"}),
    special=False,
    due=NOW + DAY,
    hours=HOURS,
    now=NOW,
)


def permitted(facts: OutreachFacts = FACTS) -> OutreachPermit:
    answer = permit(facts)
    assert isinstance(answer, OutreachPermit), answer
    return answer


def test_c26_whoever_agreed_may_be_rung_up_once_now_about_this() -> None:
    found = permitted(replace(FACTS, attempts=1))
    assert (found.reminder, found.attempt, found.until) == ("r1", 2, NOW + VALID)
    found.spend("r1", 2, NOW + VALID - SECOND)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"purpose": "advertising"}, Refusal.PURPOSE),
        ({"purpose": ""}, Refusal.PURPOSE),
        ({"listed": True}, Refusal.LISTED),
        ({"consent": None}, Refusal.NO_CONSENT),
        ({"consent": replace(GIVEN, given_at=NOW + SECOND)}, Refusal.NO_CONSENT),
        ({"consent": replace(GIVEN, withdrawn_at=NOW - SECOND)}, Refusal.NO_CONSENT),
        ({"special": True}, Refusal.SPECIAL_NUMBER),
        ({"country": "AT"}, Refusal.COUNTRY),
        ({"country": None}, Refusal.COUNTRY),
        ({"countries": frozenset[str]()}, Refusal.COUNTRY),
        ({"attempts": 2}, Refusal.ATTEMPTS),
        ({"most_attempts": 0}, Refusal.ATTEMPTS),
        ({"due": NOW}, Refusal.OVER),
        ({"due": NOW - DAY}, Refusal.OVER),
        ({"now": NOW.replace(hour=8, minute=59, second=59)}, Refusal.HOURS),
        ({"now": NOW.replace(hour=19)}, Refusal.HOURS),
        ({"now": NOW + 2 * DAY, "due": NOW + 9 * DAY}, Refusal.HOURS),
        ({"now": NOW + 29 * DAY, "due": NOW + 99 * DAY}, Refusal.HOURS),
        ({"hours": replace(HOURS, years=frozenset({2027}))}, Refusal.HOURS),
    ],
)
def test_c26_where_one_fact_is_wrong_there_is_no_permit(
    changed: dict[str, Any], why: Refusal
) -> None:
    assert permit(replace(FACTS, **changed)) is why


@pytest.mark.parametrize(
    ("reminder", "attempt", "after"),
    [
        ("r2", 1, timedelta()),
        ("r1", 2, timedelta()),
        ("r1", 0, timedelta()),
        ("r1", 1, VALID),
        ("r1", 1, -SECOND),
    ],
)
def test_c26_a_permit_is_for_one_reminder_one_attempt_and_one_moment(
    reminder: str, attempt: int, after: timedelta
) -> None:
    found = permitted()
    with pytest.raises(NotPermitted):
        found.spend(reminder, attempt, NOW + after)
    found.spend("r1", 1, NOW)  # a wrong use does not use it up


def test_c26_a_permit_is_of_no_use_a_second_time() -> None:
    found = permitted()
    found.spend("r1", 1, NOW)
    with pytest.raises(NotPermitted, match="used already"):
        found.spend("r1", 1, NOW)


def test_c26_a_permit_ends_with_the_calling_hours_and_with_what_it_is_about() -> None:
    late = NOW.replace(hour=18, minute=59, second=30)
    assert permitted(replace(FACTS, now=late)).until == NOW.replace(hour=19)
    assert permitted(replace(FACTS, due=NOW + SECOND)).until == NOW + SECOND


def test_c26_nothing_else_makes_a_permit_or_a_second_one() -> None:
    with pytest.raises(TypeError):
        OutreachPermit("r1", 1, NOW, NOW + VALID, object())
    found = permitted()
    for again in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            again(found)
    assert "r1" not in repr(found)


def test_facts_that_could_mean_anything_are_none() -> None:
    for changed in (
        {"now": NOW.replace(tzinfo=None)},
        {"due": NOW.replace(tzinfo=None)},
        {"attempts": -1},
        {"reminder": ""},
    ):
        with pytest.raises(ValueError, match=r"time zone|one reminder"):
            replace(FACTS, **changed)
    for text in ("", " ", "yes please", "x" * 65):
        with pytest.raises(ValueError, match="names the text"):
            replace(GIVEN, text=text)
    with pytest.raises(ValueError, match="time zone"):
        replace(GIVEN, given_at=NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    "days",
    [
        USUAL[:6],
        (*USUAL[:6], ((600, 700),)),
        (((479, 600),), *USUAL[1:]),
        (((600, 1261),), *USUAL[1:]),
        (((700, 600),), *USUAL[1:]),
        (((600, 700), (690, 800)), *USUAL[1:]),
    ],
    ids=["six days", "Sunday", "before 8", "after 21", "backwards", "overlapping"],
)
def test_c26_no_configuration_makes_hours_that_nobody_would_mean(days: Any) -> None:
    with pytest.raises(ValueError, match=r"week|Sunday|rung up|order"):
        CallingHours(zone=BERLIN, days=days)


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        ("2026-11-26T03:00+01:00", "2026-11-26T08:00"),
        ("2026-11-26T10:00+01:00", "2026-11-26T08:00"),
        ("2026-11-26T19:00+01:00", "2026-11-27T08:00"),
        ("2026-12-24T19:00+01:00", "2026-12-28T08:00"),  # Christmas, then a weekend
        ("2026-03-28T12:00+01:00", "2026-03-30T07:00"),  # the clock goes forward on Sunday
        ("2026-10-24T12:00+02:00", "2026-10-26T08:00"),  # and back
        ("2026-12-31T23:59+01:00", "2027-01-01T08:00"),  # nobody said it is a holiday
    ],
)
def test_the_next_hours_are_those_of_the_clock_on_the_wall(asked: str, begins: str) -> None:
    span = HOURS.span(datetime.fromisoformat(asked))
    assert span is not None
    assert span[0] == datetime.fromisoformat(begins).replace(tzinfo=UTC)
    assert span[1] - span[0] == timedelta(hours=10)


@given(
    after_s=st.integers(0, 2 * 365 * 86_400 - 1),
    zone=st.sampled_from([BERLIN, ZoneInfo("Europe/London"), ZoneInfo("Australia/Lord_Howe")]),
    holiday=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_c26_a_permit_never_holds_outside_the_hours_on_the_wall(
    after_s: int, zone: ZoneInfo, holiday: date
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=after_s)
    hours = CallingHours(zone=zone, holidays=frozenset({holiday}), years=YEARS)
    consent = replace(GIVEN, given_at=datetime(2025, 1, 1, tzinfo=UTC))
    facts = replace(FACTS, now=now, due=now + DAY, hours=hours, consent=consent)
    answer = permit(facts)
    wall = now.astimezone(zone)
    inside = wall.date() != holiday and wall.weekday() < 5 and 9 <= wall.hour < 19
    assert isinstance(answer, OutreachPermit) is inside
    if isinstance(answer, OutreachPermit):
        last = (answer.until - timedelta(microseconds=1)).astimezone(zone)
        assert last.date() == wall.date()
        assert last.hour < 19
