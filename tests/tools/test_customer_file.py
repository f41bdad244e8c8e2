"""Customers out of a company's file: whatever is in it, good lines count and no fault tells."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.outreach import Means, ReminderConsent
from voice_agent.errors import ConfigurationError
from voice_agent.tools.customer_file import (
    REMIND,
    WHAT,
    WHO,
    Customer,
    Fault,
    read_customers,
)
from voice_agent.tools.directory import BirthDate, Entry, Pin, Record

EXAMPLE = Path(__file__).parents[2] / "config" / "customers.example.csv"
HEADER = ",".join((*WHO, *WHAT))
TODAY = datetime(2026, 11, 23, tzinfo=ZoneInfo("Europe/Berlin"))
ANNA = "K-1,Anna Beispiel,+49 30 23125 101,4829,1980-05-12"
ORDER = "Auftrag,A 1,offen,2026-11-20,249 Euro"


def read(*lines: str, header: str = HEADER) -> tuple[tuple[Customer, ...], tuple[Fault, ...]]:
    found = read_customers("\n".join((header, *lines)).encode(), TODAY)
    return found.customers, found.faults


def test_a_line_is_a_customer_and_what_they_ordered() -> None:
    (customer,), faults = read(f"{ANNA},{ORDER}")
    (entry,) = customer.record.entries
    assert customer == Customer(
        id="K-1",
        phone="+493023125101",
        record=Record("Anna Beispiel", (entry,)),
        pin=Pin("4829"),
        birth=BirthDate(date(1980, 5, 12)),
    )
    assert entry == Entry(
        id=entry.id,
        kind="Auftrag",
        reference="A 1",
        status="offen",
        day=date(2026, 11, 20),
        amount="249 Euro",
    )
    assert faults == ()


def test_further_lines_of_a_customer_add_to_what_is_kept_of_them() -> None:
    (customer,), faults = read(
        f"{ANNA},{ORDER}", "K-1,,,,,Vertrag,V 1,läuft,1.1.2025,", f"{ANNA},Auftrag,A 2,x,2026-1-1,"
    )
    assert [entry.reference for entry in customer.record.entries] == ["A 1", "V 1", "A 2"]
    assert faults == ()


def test_the_last_line_about_one_order_counts() -> None:
    (customer,), _ = read(f"{ANNA},{ORDER}", "K-1,,,,,Auftrag,A 1,fertig,2026-11-21,")
    (entry,) = customer.record.entries
    assert entry.status == "fertig"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_file_may_be_written_in_several_ways(
    encoding: str, delimiter: str, newline: str
) -> None:
    lines = (HEADER, f"{ANNA.replace('Anna', 'Änne')},{ORDER}")
    text = newline.join(line.replace(",", delimiter) for line in lines)
    found = read_customers(text.encode(encoding), TODAY)
    assert found.faults == ()
    assert found.customers[0].record.name == "Änne Beispiel"


def test_columns_may_be_left_out_and_stand_in_any_order() -> None:
    (customer,), _ = read("030 23125 101;Anna;K-1", header="Phone; name ;customer")
    assert (customer.id, customer.phone, customer.pin) == ("K-1", "+493023125101", None)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("K 1,Anna,+493023125101,,,,,,,", "customer"),
        ("new-1,Anna,+493023125101,,,,,,,", "customer"),
        (",Anna,+493023125101,,,,,,,", "customer"),
        ("K-2,,+493023125101,,,,,,,", "name"),
        (f"K-2,{'A' * 2000},+493023125101,,,,,,,", "name"),
        ("K-2,An\x07na,+493023125101,,,,,,,", "name"),
        ("K-2,Anna,,,,,,,,", "phone"),
        ("K-2,Anna,12,,,,,,,", "phone"),
        ("K-2,Anna,+493023125101,123,,,,,,", "pin"),
        ("K-2,Anna,+493023125101,12a4,,,,,,", "pin"),
        ("K-2,Anna,+493023125101,4829,,,,,,", "pin"),  # another's
        ("K-2,Anna,+493023125101,,31.2.1980,,,,,", "birth_date"),
        ("K-2,Anna,+493023125101,,,Auftrag,,offen,2026-01-01,", "reference"),
        ("K-2,Anna,+493023125101,,,Auftrag,A,offen,morgen,", "date"),
        ("K-2,Anna,+493023125101,,,Auftrag,A,<b>offen</b>,2026-01-01,", "status"),
        ("K-2,Anna", "line"),
        ('K-2,"Anna"x,+493023125101,,,,,,,', "line"),
        ("K-1,Anna Anders,,,,,,,,", "name"),
        ("K-1,,+493023125102,,,,,,,", "phone"),
        ("K-1,,,1111,,,,,,", "pin"),
        ("K-1,,,,1980-05-13,,,,,", "birth_date"),
    ],
)
def test_a_line_that_is_wrong_is_left_out_and_told_by_its_number(line: str, column: str) -> None:
    last = "K-9,Zoe,+493023125109,,,,,,,"
    customers, (fault,) = read(f"{ANNA},{ORDER}", line, last)
    assert [customer.id for customer in customers] == ["K-1", "K-9"]
    assert len(customers[0].record.entries) == 1
    assert (fault.line, fault.column) == (3, column)
    for cell in line.split(","):
        assert len(cell) < 4 or cell not in fault.why


def test_a_fault_after_a_field_of_several_lines_has_the_right_number() -> None:
    _, faults = read('"K-1","An\nna",+493023125101,,,,,,,', "K-2")
    assert [(fault.line, fault.column) for fault in faults] == [(2, "name"), (4, "line")]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("", "no column customer"),
        ("customer,name", "no column phone"),
        (f"{HEADER},shoe size", "column 11 is none of"),
        (f"{HEADER},name", "twice"),
        ('"customer', "quotation marks"),
    ],
)
def test_a_file_without_its_columns_is_refused(header: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read(ANNA, header=header)


@given(st.lists(st.text(max_size=80), max_size=8), st.binary(max_size=200))
def test_whatever_is_in_a_file_nothing_but_faults_comes_of_it(
    lines: list[str], rest: bytes
) -> None:
    text = "\n".join((HEADER, f"{ANNA},{ORDER}", *lines, ""))
    found = read_customers(text.encode("utf-8", "replace") + rest, TODAY)
    assert found.customers[0].id == "K-1"


def test_the_example_is_right() -> None:
    found = read_customers(EXAMPLE.read_bytes(), TODAY)
    assert found.faults == ()
    assert len(found.customers) == 3


# -- consents to be reminded -----------------------------------------------------------------------

REMINDED = ",".join((*WHO, *REMIND))


def test_a_line_says_when_how_and_to_what_a_customer_agreed() -> None:
    (customer,), faults = read(f"{ANNA},1.6.2026,form,2026-01", header=REMINDED)
    given = datetime(2026, 6, 1, tzinfo=TODAY.tzinfo)
    assert customer.reminding == ReminderConsent(given_at=given, means=Means.FORM, text="2026-01")
    assert faults == ()


def test_who_agreed_to_nothing_is_a_customer_all_the_same() -> None:
    (customer,), faults = read(f"{ANNA},,,", header=REMINDED)
    assert customer.reminding is None
    assert faults == ()


def test_a_consent_may_be_of_today_and_not_of_tomorrow() -> None:
    lines = (f"{ANNA},2026-11-23,counter,x", "K-2,Bert,030 23125 102,,,2026-11-24,counter,x")
    found, faults = read(*lines, header=REMINDED)
    assert [each.id for each in found] == ["K-1"]
    assert faults == (Fault(3, "remind_at", "is in the future"),)


@pytest.mark.parametrize(
    ("said", "column"),
    [
        (",form,2026-01", "remind_at"),
        ("2026-06-01,,2026-01", "remind_how"),
        ("2026-06-01,form,", "remind_text"),
        ("yesterday,form,2026-01", "remind_at"),
        ("2026-02-30,form,2026-01", "remind_at"),
        ("2026-06-01,advertising,2026-01", "remind_how"),
        ("2026-06-01,form,<b>", "remind_text"),
    ],
)
def test_half_a_consent_is_none_and_its_line_does_not_count(said: str, column: str) -> None:
    found, faults = read(f"{ANNA},{said}", "K-2,Bert,030 23125 102,,,,,", header=REMINDED)
    assert [each.id for each in found] == ["K-2"]
    assert [(fault.line, fault.column) for fault in faults] == [(2, column)]
    assert "advertising" not in str(faults)


def test_a_further_line_of_a_customer_says_the_same_of_the_consent_or_nothing() -> None:
    again = ("K-1,,,,,,,", "K-1,,,,,2026-06-01,form,2026-01", "K-1,,,,,2026-06-02,form,2026-01")
    (customer,), faults = read(f"{ANNA},2026-06-01,form,2026-01", *again, header=REMINDED)
    assert customer.reminding is not None
    assert [(fault.line, fault.column) for fault in faults] == [(5, "remind_at")]
