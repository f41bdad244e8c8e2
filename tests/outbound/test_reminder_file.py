"""Reminders out of a company's file: whatever is in it, good lines count and no fault tells."""

from __future__ import annotations

import io
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.outreach import Means, ReminderConsent
from tests.outbound.company import BERLIN, NOW
from voice_agent.errors import ConfigurationError
from voice_agent.outbound.number import read_number
from voice_agent.outbound.reminder_file import (
    MOST_LINES,
    NEEDED,
    Reading,
    WantedReminder,
    read_reminders,
)
from voice_agent.tools.customer_file import Fault

EXAMPLE = Path(__file__).parents[2] / "config" / "reminders.example.csv"
HEADER = ",".join(NEEDED)
READING = Reading(zone=BERLIN, countries=("DE", "AT"), now=NOW)
ANNA = "T-1,030 23125 101,2026-12-01 10:30,2026-11-02,form,2026-01"


def from_bytes(content: bytes) -> tuple[list[WantedReminder], list[Fault]]:
    wanted: list[WantedReminder] = []
    faults: list[Fault] = []
    for each in read_reminders(io.BytesIO(content), READING):
        if isinstance(each, Fault):
            faults.append(each)
        else:
            wanted.append(each)
    return wanted, faults


def read(*lines: str, header: str = HEADER) -> tuple[list[WantedReminder], list[Fault]]:
    return from_bytes("\n".join((header, *lines)).encode())


def test_a_line_is_a_reminder() -> None:
    (found,), faults = read(ANNA)
    assert found == WantedReminder(
        source="T-1",
        number=found.number,
        starts_at=datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
        consent=ReminderConsent(
            given_at=datetime(2026, 11, 2, tzinfo=BERLIN), means=Means.FORM, text="2026-01"
        ),
    )
    assert found.number.e164 == "+493023125101"
    assert (found.number.country, found.number.textable) == ("DE", False)
    assert faults == []
    assert "23125" not in repr(found)


def test_the_example_is_right() -> None:
    found, faults = from_bytes(EXAMPLE.read_bytes())
    assert [each.source for each in found] == ["T-4711", "T-4712", "T-4713"]
    assert [each.language for each in found] == ["de", "de", "en"]
    assert faults == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_way_of_writing_a_file_is_read(encoding: str, delimiter: str, end: str) -> None:
    line = ANNA.replace("T-1", "T-Ü")
    text = end.join((HEADER, ANNA, line, "", ANNA.replace("T-1", '"T-2"')))
    found, faults = from_bytes(text.replace(",", delimiter).encode(encoding))
    assert [each.source for each in found] == ["T-1", "T-2"]
    assert [(fault.line, fault.column) for fault in faults] == [(3, "reminder")]


@pytest.mark.parametrize(
    ("column", "text", "why"),
    [
        ("reminder", "", "is 1 to 64 letters"),
        ("reminder", "Anna Beispiel", "is 1 to 64 letters"),
        ("phone", "", "is no telephone number"),
        ("phone", "110", "is no telephone number"),
        ("phone", "116117", "is no telephone number"),
        ("phone", "030 12", "is no telephone number"),
        ("phone", "030 23125 101 ext. 5", "is no telephone number"),
        ("phone", "0900 1234567", "is a premium or another special number"),
        ("phone", "0180 5123456", "is a premium or another special number"),
        ("phone", "0800 1234567", "is a premium or another special number"),
        ("phone", "+1 212 555 0123", "is in none of the countries"),
        ("phone", "+41 44 668 18 00", "is in none of the countries"),
        ("starts", "", "is a day and a time"),
        ("starts", "tomorrow", "is a day and a time"),
        ("starts", "2026-12-01", "is a day and a time"),
        ("starts", "2026-13-01 10:30", "is a day and a time"),
        ("starts", "2026-12-01 24:30", "is a day and a time"),
        ("starts", "2026-11-26 10:00", "is over"),
        ("starts", "2020-01-01 10:00", "is over"),
        ("starts", "2027-12-01 10:00", "is more than 90 days ahead"),
        ("consent_at", "", "nobody is rung up without"),
        ("consent_at", "2026-11-27", "is in the future"),
        ("consent_at", "yes", "is a day"),
        ("consent_at", "31.02.2026", "is a day"),
        ("consent_how", "", "nobody is rung up without"),
        ("consent_how", "mail", "is one of form, online, counter, call"),
        ("consent_text", "", "nobody is rung up without"),
        ("consent_text", "the one from May", "is 1 to 64 letters"),
    ],
)
def test_c26_a_fault_costs_its_line_and_tells_nothing_of_it(
    column: str, text: str, why: str
) -> None:
    cells = ANNA.split(",")
    cells[NEEDED.index(column)] = text
    found, (fault,) = read(ANNA.replace("T-1", "T-0"), ",".join(cells), "", "T-3" + ANNA[3:])
    assert [each.source for each in found] == ["T-0", "T-3"]
    assert (fault.line, fault.column) == (3, column)
    assert fault.why.startswith(why) or why in fault.why
    assert len(text) < 5 or text not in fault.why


def test_the_hour_the_clock_skips_is_none_and_the_one_it_repeats_is_the_first() -> None:
    reading = Reading(zone=BERLIN, countries=("DE",), now=datetime(2026, 9, 1, tzinfo=UTC))
    content = f"{HEADER}\n{ANNA.replace('2026-12-01 10:30', '2026-10-25 02:30')}".replace(
        "2026-11-02", "2026-03-02"
    )
    (found,) = read_reminders(io.BytesIO(content.encode()), reading)
    assert isinstance(found, WantedReminder)
    assert found.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    spring = Reading(zone=BERLIN, countries=("DE",), now=datetime(2027, 3, 1, tzinfo=UTC))
    content = f"{HEADER}\n{ANNA.replace('2026-12-01 10:30', '2027-03-28 02:30')}"
    (fault,) = read_reminders(io.BytesIO(content.encode()), spring)
    assert fault == Fault(2, "starts", "is a time the clock skips on that day")


def test_an_open_quotation_mark_costs_the_line_it_is_in_and_no_other() -> None:
    found, faults = read('"T-1' + ANNA[3:], "T-2" + ANNA[3:])
    assert [each.source for each in found] == ["T-2"]
    assert [(fault.line, fault.column) for fault in faults] == [(2, "line")]


@pytest.mark.parametrize("size", [999, 1000, 1001, 2500])
def test_a_line_that_is_too_long_costs_itself_and_no_other(size: int) -> None:
    found, faults = read("x" * size, ANNA)
    assert [each.source for each in found] == ["T-1"]
    assert [(fault.line, fault.column) for fault in faults] == [(2, "line")]


def test_lines_with_fields_too_few_or_twice_the_same_name_are_told() -> None:
    found, faults = read(ANNA, ANNA, "T-2,030")
    assert len(found) == 1
    assert faults == [
        Fault(3, "reminder", "is there twice; the first line counts"),
        Fault(4, "line", "has 2 fields, and there are 6"),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "there is no column reminder"),
        (b"reminder,phone\n", "there is no column starts"),
        (f"{HEADER},name\n".encode(), "column 7 is none of"),
        (f"{HEADER},phone\n".encode(), "a column is there twice"),
        (HEADER.encode("utf-16"), "is UTF-16"),
    ],
)
def test_a_file_that_is_none_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        from_bytes(content)


@given(st.binary(max_size=300))
def test_whatever_follows_the_header_is_read_to_its_end(rest: bytes) -> None:
    found, _ = from_bytes(f"{HEADER}\n{ANNA}\n".encode() + rest)
    assert found[0].source == "T-1"


def lines(count: int) -> bytes:
    """A file with so many good lines."""
    rows = (f"T-{n},0151 2{n:07d},2026-12-01 10:30,2026-11-02,form,1\n" for n in range(count))
    return f"{HEADER}\n{''.join(rows)}".encode()


def test_a_hundred_thousand_lines_are_read() -> None:
    found = read_reminders(io.BytesIO(lines(100_000)), READING)
    assert sum(isinstance(each, WantedReminder) for each in found) == 100_000


def test_however_long_a_file_is_it_is_never_in_memory_as_a_whole() -> None:
    content = lines(5000)
    assert len(content) > 250_000
    tracemalloc.start()
    found = read_reminders(io.BytesIO(content), READING)
    next(found)  # whatever is loaded with the first line
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    assert sum(1 for _ in found) == 4999
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most - before < 1_500_000  # two hundred bytes a line: the names that were seen


def test_what_is_after_the_last_line_that_is_read_is_told() -> None:
    content = f"{HEADER}\n".encode() + b"\n" * MOST_LINES
    assert from_bytes(content)[1] == [
        Fault(MOST_LINES + 1, "line", f"and all after it are not read: {MOST_LINES} are")
    ]


@pytest.mark.parametrize(
    ("written", "special", "textable"),
    [
        ("+49 151 12345678", False, True),
        ("030 23125 101", False, False),
        ("+43 664 1234567", False, True),
        ("0900 1234567", True, False),
        ("0137 7123456", True, False),
        ("0700 12345678", True, False),
    ],
)
def test_a_number_is_known_for_what_it_is(written: str, special: bool, textable: bool) -> None:
    number = read_number(written, "DE")
    assert number is not None
    assert (number.special, number.textable) == (special, textable)
    assert number.e164 not in repr(number)


def test_what_nobody_can_have_is_no_number() -> None:
    for written in ("", "x", "+", "112", "+49" + "1" * 60, "\0", "０３０", timedelta()):
        assert read_number(str(written), "DE") is None


def test_a_line_may_say_whose_appointment_it_is() -> None:
    header = f"{HEADER},customer,appointment"
    found, faults = read(
        f"{ANNA},K-1001,a1",
        f"{ANNA.replace('T-1', 'T-2')},,",
        f"{ANNA.replace('T-1', 'T-3')},Anna Beispiel,",
        header=header,
    )
    assert [(each.customer, each.appointment) for each in found] == [("K-1001", "a1"), (None, None)]
    assert [(fault.line, fault.column) for fault in faults] == [(4, "customer")]
    assert "Beispiel" not in str(faults)


def test_no_line_passes_for_a_reminder_of_the_calendar() -> None:
    found, faults = read(ANNA.replace("T-1", "calendar:a1"))
    assert found == []
    assert [(fault.line, fault.column) for fault in faults] == [(2, "reminder")]
