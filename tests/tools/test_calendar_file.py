from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from icalendar import Calendar

from tests.tools.garage import at
from voice_agent.tools.appointment import (
    Appointment,
    Person,
    PersonKey,
    Status,
)
from voice_agent.tools.calendar_file import calendar_file

APPOINTMENT = Appointment(
    id="a1",
    service="inspection",
    resource="bay-1",
    start=at(8, 8),
    end=at(8, 10),
    person=Person(key=PersonKey("K-1"), name="Anna Beispiel", phone="+4915112345678"),
    call_id="CA1",
    note="quietscht",
)


def written(appointment: Appointment, title: str = "Inspektion", place: str = "Hof 1") -> str:
    return calendar_file(appointment, title, place, at(7, 9))


def test_an_appointment_is_published() -> None:
    calendar = Calendar.from_ical(written(APPOINTMENT))
    event: Any = calendar.walk("VEVENT")[0]
    assert calendar["METHOD"] == "PUBLISH"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("a1@voice-agent", 0, "CONFIRMED")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (at(8, 8), at(8, 10))


def test_a_cancelled_one_takes_the_same_out() -> None:
    cancelled = replace(APPOINTMENT, status=Status.CANCELLED, version=3)
    calendar = Calendar.from_ical(written(cancelled))
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "CANCEL"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("a1@voice-agent", 2, "CANCELLED")


def test_c18_nothing_of_the_person_is_in_the_file() -> None:
    text = written(APPOINTMENT)
    assert all(word not in text for word in ("Anna", "+49", "quietscht", "K-1", "CA1"))


@pytest.mark.parametrize("text", ["a\r\nMETHOD:REQUEST", "a;b,c\\d", "Ö" * 100])
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    calendar = Calendar.from_ical(written(APPOINTMENT, title=text, place=text))
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "PUBLISH"
    assert event["SUMMARY"] == event["LOCATION"] == text.replace("\r\n", "\n")
