"""Reminders as a company exports them: a CSV file, read line by line, hostile input.

A line is a reminder and never more than a line: an open quotation mark costs the line it is in and
no other. What is wrong with one is told by its number and column, never by what stands in it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import BinaryIO, Final, get_args
from zoneinfo import ZoneInfo

from consent.outreach import Means, ReminderConsent
from voice_agent.agent import Language
from voice_agent.errors import ConfigurationError
from voice_agent.outbound.number import Number, read_number
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.customer_file import Fault

NEEDED: Final = ("reminder", "phone", "starts", "consent_at", "consent_how", "consent_text")
COLUMNS: Final = (*NEEDED, "appointment", "customer", "language")
"""Columns a file may have, in any order; all but the last three it must have."""

OF_CALENDAR: Final = "calendar:"
"""How the name of a reminder begins that was made of an appointment; its identifier follows. The
company names none of its own so."""

LANGUAGES: Final[tuple[str, ...]] = get_args(Language)
MOST_LINES: Final = 200_000
MOST_AHEAD: Final = timedelta(days=90)
"""So far ahead an appointment may be: until then the number is kept."""

_LONGEST_LINE: Final = 1000
_CHUNK: Final = 65_536
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_DAY: Final = (
    r"(?:(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
    r"|(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4}))"
)
_ONE_DAY: Final = re.compile(_DAY, re.ASCII)
_MOMENT: Final = re.compile(_DAY + r"[T ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::00)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedReminder:
    """A line: somebody wants to be reminded.

    Attributes:
        source: the company's name for the reminder; a second line with it is the same reminder.
        number: the telephone number.
        starts_at: when the appointment begins, UTC.
        consent: the recorded consent.
        appointment: what the calendar calls the appointment, if it is in one of ours.
        language: which one the person is spoken to in.
        customer: whose appointment it is, the directory's reference, if that is known; nobody else
            with the same number is told of it.
    """

    source: str
    number: Number
    starts_at: datetime
    consent: ReminderConsent
    appointment: str | None = None
    language: str = "de"
    customer: PersonKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is read.

    Attributes:
        zone: the time zone its times are in.
        countries: ISO 3166 codes of the countries people are rung up in; numbers without a prefix
            are of the first.
        now: the present, timezone-aware.
        language: of lines that name none.
    """

    zone: ZoneInfo
    countries: tuple[str, ...]
    now: datetime
    language: str = "de"


class _Wrong(Exception):
    def __init__(self, column: str, why: str) -> None:
        super().__init__(column)
        self.column, self.why = column, why


def read_reminders(file: BinaryIO, reading: Reading) -> Iterator[WantedReminder | Fault]:
    """Read a file: UTF-8 or Latin-1, with commas or semicolons, however long it is.

    Args:
        file: the file, at its beginning; one that can be gone back in.
        reading: how.

    Yields:
        A reminder or what is wrong, line by line.

    Raises:
        ConfigurationError: it has no such columns; the message names them.
    """
    with io.TextIOWrapper(file, encoding=_encoding(file), newline=None) as text:
        lines = _lines(text)
        number, header = next(lines, (1, ""))
        delimiter = ";" if (header or "").count(";") > (header or "").count(",") else ","
        columns = _columns(number, _cells(header, delimiter))
        reader = _Reader(columns, reading)
        for number, line in lines:
            if number > MOST_LINES:
                yield Fault(number, "line", f"and all after it are not read: {MOST_LINES} are")
                return
            try:
                cells = _cells(line, delimiter)
                if any(cell.strip() for cell in cells):
                    yield reader.read(cells)
            except _Wrong as wrong:
                yield Fault(number, wrong.column, wrong.why)


class _Reader:
    def __init__(self, columns: Sequence[str], reading: Reading) -> None:
        self._columns = columns
        self._reading = reading
        self._seen: set[str] = set()

    def read(self, cells: Sequence[str]) -> WantedReminder:
        if len(cells) != len(self._columns):
            raise _Wrong("line", f"has {len(cells)} fields, and there are {len(self._columns)}")
        said = dict.fromkeys(COLUMNS, "")
        said |= {name: cell.strip() for name, cell in zip(self._columns, cells, strict=True)}
        source = said["reminder"]
        if not _ID.fullmatch(source):
            raise _Wrong("reminder", "is 1 to 64 letters, digits or . _ : -")
        if source.startswith(OF_CALENDAR):
            raise _Wrong("reminder", f"{OF_CALENDAR}... is kept for those made of the calendar")
        for column in ("appointment", "customer"):
            if said[column] and not _ID.fullmatch(said[column]):
                raise _Wrong(column, "is 1 to 64 letters, digits or . _ : -")
        language = said["language"] or self._reading.language
        if language not in LANGUAGES:
            raise _Wrong("language", f"is one of {', '.join(LANGUAGES)}")
        found = WantedReminder(
            source=source,
            number=self._number(said["phone"]),
            starts_at=self._starts(said["starts"]),
            consent=self._consent(said),
            appointment=said["appointment"] or None,
            language=language,
            customer=PersonKey(said["customer"]) if said["customer"] else None,
        )
        if source in self._seen:
            raise _Wrong("reminder", "is there twice; the first line counts")
        self._seen.add(source)
        return found

    def _number(self, written: str) -> Number:
        countries = self._reading.countries
        number = read_number(written, countries[0])
        if number is None:
            raise _Wrong("phone", "is no telephone number")
        if number.special:
            raise _Wrong("phone", "is a premium or another special number")
        if number.country not in countries:
            raise _Wrong("phone", f"is in none of the countries {', '.join(countries)}")
        return number

    def _starts(self, written: str) -> datetime:
        try:
            found = _matched(_MOMENT, written)
            wall = datetime.combine(_day(found), time(int(found["hour"]), int(found["minute"])))
        except ValueError:
            raise _Wrong("starts", "is a day and a time, YYYY-MM-DD HH:MM") from None
        moment = wall.replace(tzinfo=self._reading.zone).astimezone(UTC)
        if moment.astimezone(self._reading.zone).replace(tzinfo=None) != wall:
            raise _Wrong("starts", "is a time the clock skips on that day")
        if moment <= self._reading.now:
            raise _Wrong("starts", "is over")
        if moment > self._reading.now + MOST_AHEAD:
            raise _Wrong("starts", f"is more than {MOST_AHEAD.days} days ahead; import it later")
        return moment

    def _consent(self, said: dict[str, str]) -> ReminderConsent:
        for column in ("consent_at", "consent_how", "consent_text"):
            if not said[column]:
                raise _Wrong(column, "is missing: nobody is rung up without a recorded consent")
        try:
            day = _day(_matched(_ONE_DAY, said["consent_at"]))
            given_at = datetime.combine(day, time(), self._reading.zone)
        except ValueError:
            raise _Wrong("consent_at", "is a day, YYYY-MM-DD") from None
        if given_at > self._reading.now:
            raise _Wrong("consent_at", "is in the future")
        try:
            means = Means(said["consent_how"])
        except ValueError:
            raise _Wrong("consent_how", f"is one of {', '.join(Means)}") from None
        try:
            return ReminderConsent(given_at=given_at, means=means, text=said["consent_text"])
        except ValueError:
            raise _Wrong("consent_text", "is 1 to 64 letters, digits or . _ : -") from None


def _matched(form: re.Pattern[str], written: str) -> re.Match[str]:
    """The parts of what is written.

    Raises:
        ValueError: it does not have that form.
    """
    found = form.fullmatch(written)
    if found is None:
        raise ValueError
    return found


def _day(found: re.Match[str]) -> date:
    """A day as computers or as Germans write it.

    Raises:
        ValueError: there is no such day.
    """
    year, month, day = found["year"], found["month"], found["day"]
    if year is None:
        year, month, day = found["y"], found["m"], found["d"]
    return date(int(year), int(month), int(day))


def _columns(line: int, cells: Sequence[str]) -> list[str]:
    columns = [name.strip().lower() for name in cells]
    if missing := [name for name in NEEDED if name not in columns]:
        raise ConfigurationError(f"line {line}: there is no column {missing[0]}")
    if unknown := [str(at) for at, name in enumerate(columns, 1) if name not in COLUMNS]:
        raise ConfigurationError(
            f"line {line}: column {unknown[0]} is none of {', '.join(COLUMNS)}"
        )
    if len(set(columns)) < len(columns):
        raise ConfigurationError(f"line {line}: a column is there twice")
    return columns


def _cells(line: str | None, delimiter: str) -> list[str]:
    if line is None:
        raise _Wrong("line", f"has more than {_LONGEST_LINE} characters")
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        raise _Wrong("line", "cannot be taken apart: look at its quotation marks") from None


def _lines(text: io.TextIOWrapper) -> Iterator[tuple[int, str | None]]:
    """The lines with their numbers, from 1; of one that is too long ``None``."""
    number = 0
    while line := text.readline(_LONGEST_LINE):
        number += 1
        whole = line.endswith("\n") or len(line) < _LONGEST_LINE
        rest = line
        while not whole and rest:
            rest = text.readline(_LONGEST_LINE)
            if rest.endswith("\n"):
                break
        yield number, line.rstrip("\n") if whole else None


def _encoding(file: BinaryIO) -> str:
    """UTF-8 if all of it is, else Latin-1, in which everything is something."""
    start = file.read(2)
    if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        raise ConfigurationError("FILE: is UTF-16. Save it as CSV in UTF-8")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(start)
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    finally:
        file.seek(0)
    return "utf-8-sig"
