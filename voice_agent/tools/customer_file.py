"""Customers as a company exports them: a CSV file, read line by line, hostile input.

One line is a customer, or a customer and one of their contracts or orders; further lines with the
same customer number add to them. What is wrong with a line is told by its number and column, never
by what stands in it; the other lines count.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Final, TypeVar

import phonenumbers

from consent.outreach import Means, ReminderConsent
from voice_agent.dialogue.flow_value import MOST_SPOKEN, clean
from voice_agent.errors import ConfigurationError
from voice_agent.tools.appointment import MOST_NAME, is_plain
from voice_agent.tools.directory import (
    ENROLLED,
    MOST_ENTRIES,
    BirthDate,
    Entry,
    Pin,
    Record,
)

WHO: Final = ("customer", "name", "phone", "pin", "birth_date")
WHAT: Final = ("kind", "reference", "status", "date", "amount")
REMIND: Final = ("remind_at", "remind_how", "remind_text")
COLUMNS: Final = (*WHO, *WHAT, *REMIND)
"""Columns a file may have, in any order; the first three it must have."""

NEEDED: Final = WHO[:3]

Value = TypeVar("Value")

_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Somebody, as the company knows them.

    Attributes:
        id: the company's number for them.
        phone: the number they are known by, E.164.
        record: what may be told to them.
        pin: what they prove who they are with; ``None``: they have none.
        birth: likewise, the weaker proof.
        reminding: the recorded consent to be reminded of appointments by telephone.
    """

    id: str
    phone: str = field(repr=False)
    record: Record
    pin: Pin | None = None
    birth: BirthDate | None = None
    reminding: ReminderConsent | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something is wrong with a line, which does not count.

    Attributes:
        line: its number, from 1; the first line of it if it has several.
        column: where.
        why: what is wrong, as the end of a sentence; nothing of what stands there.
    """

    line: int
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """What a file says.

    Attributes:
        customers: by the file's order.
        faults: what is wrong with it.
    """

    customers: tuple[Customer, ...]
    faults: tuple[Fault, ...]


class _Wrong(Exception):
    def __init__(self, column: str, why: str) -> None:
        super().__init__(column)
        self.column, self.why = column, why


def read_customers(content: bytes, midnight: datetime, country: str = "DE") -> CustomerFile:
    """Read a file: UTF-8 or Latin-1, with commas or semicolons.

    Args:
        content: the file.
        midnight: when this day began where the company is, timezone-aware: nobody agreed to
            anything on a later one.
        country: ISO 3166 code of the country whose numbers are written without a prefix.

    Raises:
        ConfigurationError: it has no such columns; the message names them.
    """
    rows = _rows(_decoded(content))
    first, header = next(rows, (1, []))
    if isinstance(header, str):
        raise ConfigurationError(f"line {first}: {header}")
    columns = [name.strip().lower() for name in header]
    if wrong := [name for name in NEEDED if name not in columns]:
        raise ConfigurationError(f"line {first}: there is no column {wrong[0]}")
    if unknown := [str(at) for at, name in enumerate(columns, 1) if name not in COLUMNS]:
        raise ConfigurationError(
            f"line {first}: column {unknown[0]} is none of {', '.join(COLUMNS)}"
        )
    if len(set(columns)) < len(columns):
        raise ConfigurationError(f"line {first}: a column is there twice")
    return _Reader(columns, midnight, country).read(rows)


class _Reader:
    def __init__(self, columns: Sequence[str], midnight: datetime, country: str) -> None:
        self._columns = columns
        self._midnight = midnight
        self._country = country
        self._found: dict[str, Customer] = {}
        self._faults: list[Fault] = []
        self._secrets: set[tuple[str, Pin]] = set()

    def read(self, rows: Iterator[tuple[int, list[str] | str]]) -> CustomerFile:
        for line, row in rows:
            try:
                if isinstance(row, str):
                    self._faults.append(Fault(line, "line", row))
                elif any(cell.strip() for cell in row):
                    self._take(row)
            except _Wrong as wrong:
                self._faults.append(Fault(line, wrong.column, wrong.why))
        return CustomerFile(tuple(self._found.values()), tuple(self._faults))

    def _take(self, row: list[str]) -> None:
        if len(row) != len(self._columns):
            raise _Wrong("line", f"has {len(row)} fields, and there are {len(self._columns)}")
        said = dict.fromkeys(COLUMNS, "")
        said |= {name: cell.strip() for name, cell in zip(self._columns, row, strict=True)}
        if not _ID.fullmatch(said["customer"]):
            raise _Wrong("customer", "is 1 to 64 letters, digits or . _ : -")
        if said["customer"].startswith(ENROLLED):
            raise _Wrong("customer", f"{ENROLLED}... is kept for those who were new in a call")
        known = self._found.get(said["customer"])
        customer = self._customer(said) if known is None else self._same(known, said)
        entry = _entry(said)
        if entry is not None:
            customer = replace(customer, record=_with(customer.record, entry))
        if known is None and customer.pin is not None:
            if (customer.phone, customer.pin) in self._secrets:
                raise _Wrong("pin", "another customer has it with the same number")
            self._secrets.add((customer.phone, customer.pin))
        self._found[customer.id] = customer

    def _customer(self, said: dict[str, str]) -> Customer:
        name = said["name"]
        if not name or not is_plain(name, MOST_NAME):
            raise _Wrong("name", f"is one line of at most {MOST_NAME} characters")
        return Customer(
            id=said["customer"],
            phone=self._phone(said["phone"]),
            record=Record(name),
            pin=_maybe(said, "pin", Pin, "is 4 to 12 digits"),
            birth=_maybe(said, "birth_date", _birth, "is a day, YYYY-MM-DD"),
            reminding=self._reminding(said),
        )

    def _reminding(self, said: dict[str, str]) -> ReminderConsent | None:
        """The consent to be reminded of a line, if there is one: all of it, or none."""
        if not any(said[column] for column in REMIND):
            return None
        for column in REMIND:
            if not said[column]:
                raise _Wrong(column, "is missing: a consent says when, how and to what")
        try:
            day = datetime.combine(_day(said["remind_at"]), time(), self._midnight.tzinfo)
        except ValueError:
            raise _Wrong("remind_at", "is a day, YYYY-MM-DD") from None
        if day > self._midnight:
            raise _Wrong("remind_at", "is in the future")
        try:
            means = Means(said["remind_how"])
        except ValueError:
            raise _Wrong("remind_how", f"is one of {', '.join(Means)}") from None
        try:
            return ReminderConsent(given_at=day, means=means, text=said["remind_text"])
        except ValueError:
            raise _Wrong("remind_text", "is 1 to 64 letters, digits or . _ : -") from None

    def _same(self, known: Customer, said: dict[str, str]) -> Customer:
        """The customer of an earlier line; what this one says of them is the same or nothing."""
        again = {
            "name": known.record.name,
            "phone": known.phone,
            "pin": known.pin,
            "birth_date": known.birth,
        }
        for column in WHO[1:]:
            if not said[column]:
                continue
            value: object = said[column]
            if column == "phone":
                value = self._phone(said[column])
            elif column == "pin":
                value = _maybe(said, "pin", Pin, "is 4 to 12 digits")
            elif column == "birth_date":
                value = _maybe(said, column, _birth, "is a day, YYYY-MM-DD")
            if value != again[column]:
                raise _Wrong(column, "is not what an earlier line says of this customer")
        if self._reminding(said) not in {None, known.reminding}:
            raise _Wrong("remind_at", "is not what an earlier line says of this customer")
        return known

    def _phone(self, said: str) -> str:
        try:
            number = phonenumbers.parse(said[:MOST_SPOKEN], self._country)
        except phonenumbers.NumberParseException:
            raise _Wrong("phone", "is no telephone number") from None
        found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if not phonenumbers.is_possible_number(number) or not _PHONE.fullmatch(found):
            raise _Wrong("phone", "is no telephone number")
        return found


def _entry(said: dict[str, str]) -> Entry | None:
    """The contract or order of a line, if there is one."""
    if not any(said[column] for column in WHAT):
        return None
    for column in WHAT:
        if not said[column] and column != "amount":
            raise _Wrong(column, "is missing")
        if clean(said[column]) != said[column]:
            raise _Wrong(column, f"is one line of at most {MOST_SPOKEN} characters, no markup")
    try:
        day = _day(said["date"])
    except ValueError:
        raise _Wrong("date", "is a day, YYYY-MM-DD") from None
    named = f"{said['kind']}\0{said['reference']}"
    return Entry(
        id=hashlib.sha256(named.encode()).hexdigest()[:16],
        kind=said["kind"],
        reference=said["reference"],
        status=said["status"],
        day=day,
        amount=said["amount"],
    )


def _with(record: Record, entry: Entry) -> Record:
    """The record with an entry; the last line about one counts."""
    entries = {each.id: each for each in record.entries} | {entry.id: entry}
    if len(entries) > MOST_ENTRIES:
        raise _Wrong("reference", f"this customer has more than {MOST_ENTRIES}")
    return replace(record, entries=tuple(entries.values()))


def _maybe(
    said: dict[str, str], column: str, read: Callable[[str], Value], why: str
) -> Value | None:
    try:
        return read(said[column]) if said[column] else None
    except ValueError:
        raise _Wrong(column, why) from None


def _day(text: str) -> date:
    """``YYYY-MM-DD``, or as Germans write it.

    Raises:
        ValueError: it is neither.
    """
    form = "%d.%m.%Y" if "." in text else "%Y-%m-%d"
    return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no time zone)


def _birth(text: str) -> BirthDate:
    return BirthDate(_day(text))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _rows(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """The rows with the numbers of their first lines; of one that cannot be read, why."""
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, "cannot be taken apart: look at its quotation marks"
