"""Other people's events, as hostile as they come."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.garage import BERLIN
from voice_agent.caldav.busy import busy
from voice_agent.caldav.events import read
from voice_agent.tools.opening import Span


def utc(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=UTC)


WEEK = Span(utc(7, 0), utc(12, 0))
ALL = [WEEK]


def event(*lines: str, more: str = "") -> str:
    inner = "\r\n".join(lines)
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
        f"BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\n{inner}\r\nEND:VEVENT\r\n"
        f"{more}END:VCALENDAR\r\n"
    )


DAILY = ("DTSTART:20261201T080000Z", "DTEND:20261201T090000Z")


def hours(text: str) -> list[tuple[int, int, int]]:
    """Day, hour of beginning and of end, of what is taken in the week."""
    return [(each.start.day, each.start.hour, each.end.hour) for each in busy(text, WEEK, BERLIN)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("DTSTART:20261208T080000Z", "DURATION:PT2H"), [(8, 8, 10)]),
        (("DTSTART:20261208T080000Z",), []),
        (("DTSTART;VALUE=DATE:20261208",), [(7, 23, 23)]),
        (("DTSTART;TZID=America/New_York:20261208T080000", "DURATION:PT1H"), [(8, 13, 14)]),
        (("DTSTART;TZID=Mars/Phobos:20261208T080000", "DURATION:PT1H"), [(8, 7, 8)]),
        (("DTSTART:20261206T220000Z", "DTEND:20261207T030000Z"), [(7, 0, 3)]),
        ((*DAILY, "RRULE:FREQ=DAILY;COUNT=8"), [(7, 8, 9), (8, 8, 9)]),
        (
            (*DAILY, "RRULE:FREQ=DAILY", "EXDATE:20261208T080000Z"),
            [(day, 8, 9) for day in (7, 9, 10, 11)],
        ),
        ((*DAILY, "RDATE:20261209T100000Z"), [(9, 10, 11)]),
        ((*DAILY, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), []),
    ],
    ids="duration empty day zone mars over-the-edge counted excepted added never".split(),
)
def test_an_event_takes_the_time_it_says(
    lines: tuple[str, ...], expected: list[tuple[int, int, int]]
) -> None:
    assert sorted(hours(event(*lines))) == expected


def test_one_date_of_a_series_can_be_moved_or_cancelled() -> None:
    moved = (
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\nRECURRENCE-ID:20261208T080000Z\r\n"
        "DTSTART:20261208T150000Z\r\nDTEND:20261208T160000Z\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\nRECURRENCE-ID:20261209T080000Z\r\n"
        "DTSTART:20261209T080000Z\r\nDTEND:20261209T090000Z\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n"
    )
    found = sorted(hours(event(*DAILY, "RRULE:FREQ=DAILY", more=moved)))
    assert found == [(7, 8, 9), (8, 15, 16), (10, 8, 9), (11, 8, 9)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        event("SUMMARY:no start"),
        event("DTSTART:yesterday"),
        event(*DAILY, "RRULE:FREQ=SECONDLY"),
        event(*DAILY, "RRULE:FREQ=HOURLY;COUNT=3"),
        event(*DAILY, "RRULE:FREQ=DAILY;BYSECOND=1,2,3"),
        event(*DAILY, "RRULE:FREQ=YEAR", " LY;BYMINUTE=1"),
        event(*DAILY, "RRULE:BYMONTHDAY=30;BYMONTH=2;FREQ=DAILY"),
        event(*DAILY, "rrule:FREQ=MONTHLY;BYDAY=53MO"),
        event(*DAILY, "RRULE:FREQ=DAILY;INTERVAL=0"),
        event("DTSTART:00010101T080000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"),
        event(*DAILY, "DESCRIPTION:" + "x" * 300_000),
        event(
            *DAILY, more="BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20261208T080000Z\r\nEND:VEVENT\r\n" * 600
        ),
    ],
    ids=lambda text: text[70:110],
)
def test_what_cannot_be_understood_takes_all_of_the_time(text: str) -> None:
    assert busy(text, WEEK, BERLIN) == ALL


@pytest.mark.parametrize("status", ["CANCELLED", "cancelled"])
def test_what_is_cancelled_or_transparent_takes_none(status: str) -> None:
    lines = ("DTSTART:20261208T080000Z", "DURATION:PT1H")
    assert hours(event(*lines, f"STATUS:{status}")) == []
    assert hours(event(*lines, "TRANSP:TRANSPARENT")) == []
    assert hours(event(*lines, "STATUS:TENTATIVE")) == [(8, 8, 9)]


@given(
    st.text(max_size=300) | st.lists(st.sampled_from(event(*DAILY).split("\r\n"))).map("\n".join)
)
def test_nothing_that_is_written_raises(text: str) -> None:
    for each in busy(text, WEEK, BERLIN):
        assert WEEK.start <= each.start <= each.end <= WEEK.end
    assert read(f"X-VOICE-AGENT-ID:1\r\n{text}", "bay-1", BERLIN) is None


@pytest.mark.parametrize(
    "change",
    [
        ("X-VOICE-AGENT-PERSON:K-1", "X-VOICE-AGENT-PERSON:+4915112345678"),
        ("X-VOICE-AGENT-VERSION:1", "X-VOICE-AGENT-VERSION:many"),
        ("X-VOICE-AGENT-NAME:Anna", "X-VOICE-AGENT-NAME:"),
        ("DTSTART:20261208T080000Z", "DTSTART;VALUE=DATE:20261208"),
        ("UID:1", "X-U:1"),
    ],
)
def test_one_of_ours_that_was_spoilt_is_somebody_elses(change: tuple[str, str]) -> None:
    ours = event(
        "DTSTART:20261208T080000Z",
        "DTEND:20261208T090000Z",
        "X-VOICE-AGENT-ID:1",
        "X-VOICE-AGENT-VERSION:1",
        "X-VOICE-AGENT-PERSON:K-1",
        "X-VOICE-AGENT-NAME:Anna",
    )
    assert read(ours, "bay-1", BERLIN) is not None
    assert read(ours.replace(*change), "bay-1", BERLIN) is None
