"""What is kept how long, as data (rule C19): a rule for each column of each table."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

UNLIMITED: Final = "unlimited"
"""The period that time does not end; only for what says nothing about a person."""

_DURATION: Final = re.compile(
    r"P(?=[0-9T])(?:(?P<years>[0-9]{1,2})Y)?(?:(?P<months>[0-9]{1,4})M)?(?:(?P<days>[0-9]{1,5})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,6})H)?(?:(?P<minutes>[0-9]{1,7})M)?"
    r"(?:(?P<seconds>[0-9]{1,9})S)?)?",
    re.ASCII,
)
_MONTHS: Final = 12
_SOME_DAY: Final = datetime(2001, 1, 1, tzinfo=UTC)  # to tell which of two periods is longer


@dataclass(frozen=True, slots=True)
class Period:
    """How long something is kept.

    Attributes:
        text: a duration as ISO 8601 writes it: ``P3Y``, ``P90D``, ``PT24H``; or ``unlimited``.

    Raises:
        ValueError: it is neither.
    """

    text: str

    def __post_init__(self) -> None:
        if self.text != UNLIMITED and not _DURATION.fullmatch(self.text):
            raise ValueError(
                f"{self.text!r} is no period; write for example P3Y, P90D, PT24H or {UNLIMITED}"
            )

    @property
    def is_unlimited(self) -> bool:
        """True if time does not end it."""
        return self.text == UNLIMITED

    def before(self, now: datetime) -> datetime | None:
        """What is of this moment or earlier has been kept long enough; ``None`` for unlimited.

        Years and months are the calendar's, and a period that would end on a day that its month
        lacks ends on the month's last day: three years from 29 February 2024 end on 28 February
        2027. Nothing is kept longer; something of 28 February 2024 may go with it, hours early.
        What would be before the year 1 is the beginning of time.
        """
        if self.is_unlimited:
            return None
        parts = _DURATION.fullmatch(self.text)
        given = {} if parts is None else parts.groupdict(default="0")
        count = {name: int(value) for name, value in given.items()}
        span = timedelta(
            days=count["days"],
            hours=count["hours"],
            minutes=count["minutes"],
            seconds=count["seconds"],
        )
        try:
            return _months_before(now - span, count["years"] * _MONTHS + count["months"])
        except OverflowError:
            return datetime.min.replace(tzinfo=now.tzinfo)

    def __str__(self) -> str:
        return self.text


class UnsoundRule(ValueError):
    """A rule that says nothing, contradicts another, or keeps what is personal without end.

    Attributes:
        table: of the column the rule is for.
        column: its name.
        problem: what is wrong, and the mend where it is not plain.
    """

    def __init__(self, table: str, column: str, problem: str) -> None:
        super().__init__(f"{table}.{column}: {problem}")
        self.table = table
        self.column = column
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How long one column is kept, what for, and what allows it.

    Attributes:
        table: its table.
        column: its name.
        purpose: what it is kept for, by language.
        basis: the legal basis.
        period: how long.
        after: column of the same table whose moment the period is counted from.
        personal: something can be said about a person by it.

    Raises:
        UnsoundRule: it says nothing, or keeps what is personal without end.
    """

    table: str
    column: str
    purpose: Mapping[str, str]
    basis: str
    period: Period
    after: str | None = None
    personal: bool = True

    def __post_init__(self) -> None:
        if not self.purpose or not all(text.strip() for text in self.purpose.values()):
            raise self.fault("needs a purpose")
        if not self.basis.strip():
            raise self.fault("needs a legal basis")
        if self.period.is_unlimited and self.personal:
            raise self.fault("what is personal is not kept without limit")
        if not self.period.is_unlimited and not self.after:
            raise self.fault(f"after is missing: from when does {self.period} count?")

    @property
    def name(self) -> str:
        """``table.column``."""
        return f"{self.table}.{self.column}"

    def fault(self, problem: str) -> UnsoundRule:
        """The error to raise about this rule."""
        return UnsoundRule(self.table, self.column, problem)

    def cutoff(self, now: datetime) -> datetime | None:
        """What is of this moment or earlier has been kept long enough; ``None`` for unlimited."""
        return self.period.before(now)


class RetentionTable(Mapping[str, Mapping[str, Rule]]):
    """The rules by table and column.

    Args:
        rules: in the order they are written.

    Raises:
        UnsoundRule: there are two for one column, or one counts from a column that has no rule or
            is emptied earlier.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._tables: dict[str, dict[str, Rule]] = {}
        for rule in rules:
            columns = self._tables.setdefault(rule.table, {})
            if rule.column in columns:
                raise rule.fault("has two rules")
            columns[rule.column] = rule
        for rule in self.rules:
            self._check_after(rule)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order they are written."""
        return tuple(rule for columns in self._tables.values() for rule in columns.values())

    def missing(self, columns: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
        """Columns, given by table, that no rule is written for, as ``table.column``."""
        return tuple(
            f"{table}.{column}"
            for table, names in columns.items()
            for column in names
            if column not in self._tables.get(table, {})
        )

    def unknown(self, columns: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
        """Rules for columns that are not among these, as ``table.column``."""
        known = {table: set(names) for table, names in columns.items()}
        return tuple(
            rule.name for rule in self.rules if rule.column not in known.get(rule.table, ())
        )

    def impersonal(self, table: str) -> bool:
        """True if nothing in the table says anything about a person."""
        return all(not rule.personal for rule in self._tables.get(table, {}).values())

    def _check_after(self, rule: Rule) -> None:
        if rule.after is None:
            return
        moment = self._tables[rule.table].get(rule.after)
        if moment is None:
            raise rule.fault(f"counts from {rule.after}, which has no rule")
        kept, needed = moment.cutoff(_SOME_DAY), rule.cutoff(_SOME_DAY)
        if kept is not None and needed is not None and kept > needed:
            raise rule.fault(
                f"counts {rule.period} from {rule.after}, which is emptied after {moment.period}"
            )

    def __getitem__(self, table: str) -> Mapping[str, Rule]:
        """The rules of a table by column."""
        return self._tables[table]

    def __iter__(self) -> Iterator[str]:
        """The tables."""
        return iter(self._tables)

    def __len__(self) -> int:
        """How many tables."""
        return len(self._tables)


def _months_before(end: datetime, months: int) -> datetime:
    """The latest moment from which so many months of the calendar are over at the end.

    Raises:
        OverflowError: it would be before the year 1.
    """
    if months == 0:
        return end
    year, month = divmod(end.year * _MONTHS + end.month - 1 - months, _MONTHS)
    if year < 1:
        raise OverflowError
    last = monthrange(year, month + 1)[1]
    if end.day > last:
        # That day does not exist; the month as a whole is old enough.
        return datetime.combine(date(year, month + 1, last), time.max, end.tzinfo)
    if end.day == monthrange(end.year, end.month)[1]:
        # Later days of a longer month end on this one.
        return end.replace(year=year, month=month + 1, day=last)
    return end.replace(year=year, month=month + 1)
