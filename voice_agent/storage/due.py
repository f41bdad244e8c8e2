"""Which rows have been kept long enough, as conditions a database understands (C19)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import Column, ColumnElement, Date, Table, and_, exists, false, or_

from voice_agent.errors import ConfigurationError
from voice_agent.storage.data_keys import KeyKind
from voice_agent.storage.tables import (
    UtcDateTime,
    access_log,
    appointments,
    audit_log,
    call_summaries,
    calls,
    confirmations,
    consent_withdrawals,
    customers,
    data_keys,
    do_not_call,
    identity_failures,
    inbox_entries,
    kept_contents,
    ledger_entries,
    message_counts,
    messages,
    metadata,
    notices,
    operator_sessions,
    operators,
    portal_links,
    reminder_attempts,
    reminder_consents,
    reminders,
    sealed_numbers,
)

UNUSED: Final = timedelta(hours=1)
"""A data key under which nothing lies goes after so long, whatever its period."""

_LAST: Final = (data_keys, notices)
ORDER: Final[tuple[Table, ...]] = (
    *(table for table in reversed(metadata.sorted_tables) if table not in _LAST),
    *_LAST,
)
"""Tables in the order they are gone through: what is referred to comes after what refers to it."""

WRITTEN_AT: Final[Mapping[Table, Column[Any]]] = {
    ledger_entries: ledger_entries.c.written_at,
    consent_withdrawals: consent_withdrawals.c.withdrawn_at,
    data_keys: data_keys.c.made_at,
    notices: notices.c.last_used_at,
    calls: calls.c.created_at,
    messages: messages.c.claimed_at,
    message_counts: message_counts.c.day,
    portal_links: portal_links.c.made_at,
    kept_contents: kept_contents.c.kept_at,
    appointments: appointments.c.made_at,
    customers: customers.c.written_at,
    identity_failures: identity_failures.c.day,
    confirmations: confirmations.c.noted_at,
    inbox_entries: inbox_entries.c.filed_at,
    operators: operators.c.used_at,
    operator_sessions: operator_sessions.c.last_seen_at,
    access_log: access_log.c.at,
    call_summaries: call_summaries.c.ended_at,
    reminders: reminders.c.noted_at,
    reminder_attempts: reminder_attempts.c.claimed_at,
    reminder_consents: reminder_consents.c.noted_at,
    do_not_call: do_not_call.c.added_at,
    audit_log: audit_log.c.at,
}
"""Where a row says when it was written; stream tokens and sealed numbers only say until when, and
granules when they are."""

LEFT: Final = frozenset({"position", "record_id", "kind", "written_at", "destroyed_at"})
"""What is left of a ledger entry that was destroyed; see ``LedgerArchive.destroy``."""

_SOME_DAY: Final = datetime(2001, 1, 1, tzinfo=UTC)  # to tell which of two periods is longer


class Rule(Protocol):
    """How long one column is kept."""

    @property
    def after(self) -> str | None:
        """The column of the same table whose moment the period is counted from."""
        ...

    def cutoff(self, now: datetime) -> datetime | None:
        """What is of this moment or earlier has been kept long enough; ``None`` for unlimited."""
        ...


Rules = Mapping[str, Mapping[str, Rule]]
"""The retention table: a rule for every column of every table."""


class Due:
    """The conditions.

    Args:
        rules: the retention table.

    Raises:
        ConfigurationError: it does not fit the database; the message names the row.
    """

    def __init__(self, rules: Rules) -> None:
        check(rules)
        self._rows = {table: _longest(table, rules) for table in ORDER}
        self._columns = {table: self._shorter(table, rules) for table in ORDER}

    def rows(self, table: Table, now: datetime) -> ColumnElement[bool] | None:
        """The rows that are to be deleted, ``None`` where time deletes none."""
        if table is data_keys:
            return and_(data_keys.c.made_at <= now - UNUSED, ~_KEY_IN_USE)
        rule = self._rows[table]
        if rule is None:
            return None
        conditions = [_old(table, rule, now), *_of_now(table, now)]
        if table is calls:
            conditions.append(~self._young(messages, messages.c.call_id == calls.c.call_id, now))
        elif table is consent_withdrawals:
            same = ledger_entries.c.call_id == consent_withdrawals.c.call_id
            conditions.append(~self._young(ledger_entries, same, now))
        elif table is ledger_entries:
            conditions += self._whole_records(rule, now)
        elif table is notices:
            conditions += _UNNAMED
        elif table is kept_contents:
            return or_(and_(*conditions), _WITHDRAWN[table])
        return and_(*conditions)

    def columns(self, table: Table, now: datetime) -> dict[str, ColumnElement[bool]]:
        """The columns that are to be cleared before their rows go, and where."""
        found = {
            name: and_(
                _old(table, rule, now), *_of_now(table, now), table.columns[name].is_not(None)
            )
            for name, rule in self._columns[table].items()
        }
        if table is call_summaries:  # the day's numbers stay
            sealed = table.c.sealed
            withdrawn = and_(_WITHDRAWN[table], sealed.is_not(None))
            found[sealed.name] = or_(found.get(sealed.name, false()), withdrawn)
        return found

    @staticmethod
    def _shorter(table: Table, rules: Rules) -> dict[str, Rule]:
        """The rules that end before their rows do, as far as they can."""
        row = _longest(table, rules)
        found: dict[str, Rule] = {}
        for column in table.columns:
            rule = rules[table.name][column.name]
            mine = rule.cutoff(_SOME_DAY)
            if mine is None or (row is not None and mine <= _reach(row)):
                continue
            if column.primary_key or not column.nullable:
                raise _fault(table, column.name, "cannot go before the row it is in", _LENGTHEN)
            found[column.name] = rule
        return found

    def _young(self, table: Table, same: ColumnElement[bool], now: datetime) -> ColumnElement[bool]:
        """There is a row of the other table that belongs to this one, and is not due."""
        rule = self._rows[table]
        return exists().where(same if rule is None else and_(same, _young(table, rule, now)))

    @staticmethod
    def _whole_records(rule: Rule, now: datetime) -> list[ColumnElement[bool]]:
        """All entries of a record go together, when the last of them is due."""
        entry, other = ledger_entries, ledger_entries.alias()
        same = and_(other.c.record_id == entry.c.record_id, other.c.written_at > rule.cutoff(now))
        return [entry.c.destroyed_at.is_(None), ~exists().where(same)]


def check(rules: Rules) -> None:
    """Insist that there is a rule for every column, a column for every rule, and sense in each.

    Raises:
        ConfigurationError: there is not; the message names the row.
    """
    tables = {table.name: table for table in ORDER}
    for name, columns in rules.items():
        for column in columns:
            if name not in tables or column not in tables[name].columns:
                raise ConfigurationError(
                    f"retention.yaml: {name}.{column}: the database has no such column. Delete it"
                )
    for table in ORDER:
        for each in table.columns:
            rule = rules.get(table.name, {}).get(each.name)
            if rule is None:
                raise _fault(table, each.name, "has no row", "Write one")
            limited = rule.cutoff(_SOME_DAY) is not None
            if table is ledger_entries and limited == (each.name in LEFT):
                raise _fault(table, each.name, *(_STAYS if limited else _GOES))
            if not limited:
                continue
            counted_from = table.columns.get(rule.after or "")
            if counted_from is None or not isinstance(counted_from.type, UtcDateTime | Date):
                raise _fault(
                    table,
                    each.name,
                    "is counted from no moment of its table",
                    "Name a column with one under after",
                )
            if counted_from.nullable:
                raise _fault(
                    table,
                    each.name,
                    f"is counted from {counted_from.name}, which may be empty: then it never goes",
                    "Name a column under after that never is",
                )


_LENGTHEN: Final = "Give it the longest period of its table"
_STAYS: Final = "stays in the tree when its entry is destroyed", "Write period: unlimited"
_GOES: Final = "goes when its entry is destroyed", "Give it a period"

_KEY_IN_USE: Final = or_(
    and_(
        data_keys.c.kind == KeyKind.PROOF,
        exists().where(ledger_entries.c.call_id == data_keys.c.call_id),
    ),
    and_(
        data_keys.c.kind == KeyKind.CONTENT,
        or_(
            exists().where(sealed_numbers.c.call_id == data_keys.c.call_id),
            exists().where(kept_contents.c.call_id == data_keys.c.call_id),
            exists().where(
                call_summaries.c.call_id == data_keys.c.call_id,
                call_summaries.c.sealed.is_not(None),
            ),
        ),
    ),
    and_(
        data_keys.c.kind == KeyKind.APPOINTMENT,
        exists().where(appointments.c.appointment_id == data_keys.c.call_id),
    ),
    and_(
        data_keys.c.kind == KeyKind.CUSTOMER,
        exists().where(customers.c.customer_id == data_keys.c.call_id),
    ),
    and_(
        data_keys.c.kind == KeyKind.INBOX,
        exists().where(inbox_entries.c.entry_id == data_keys.c.call_id),
    ),
    and_(
        data_keys.c.kind == KeyKind.INBOX_NUMBER,
        exists().where(
            inbox_entries.c.entry_id == data_keys.c.call_id,
            inbox_entries.c.sealed_number.is_not(None),
        ),
    ),
    and_(
        data_keys.c.kind == KeyKind.OPERATOR,
        exists().where(operators.c.account == data_keys.c.call_id),
    ),
    and_(
        data_keys.c.kind == KeyKind.REMINDER_NUMBER,
        exists().where(
            reminders.c.reminder_id == data_keys.c.call_id,
            reminders.c.sealed_number.is_not(None),
        ),
    ),
    and_(
        data_keys.c.kind == KeyKind.REMINDER_CONSENT,
        exists().where(
            reminder_consents.c.person_key == data_keys.c.call_id,
            reminder_consents.c.sealed_number.is_not(None),
        ),
    ),
)

_WITHDRAWN: Final = {
    table: exists().where(consent_withdrawals.c.call_id == table.c.call_id)
    for table in (kept_contents, call_summaries)
}
"""What was kept under a consent goes with its withdrawal (Art. 7(3), 17(1)(b) GDPR)."""

_newer: Final = notices.alias()
_UNNAMED: Final[tuple[ColumnElement[bool], ...]] = (
    ~exists().where(ledger_entries.c.notice_version == notices.c.version),
    # The one used last is being played, or will be.
    exists().where(_newer.c.last_used_at > notices.c.last_used_at),
)


def _longest(table: Table, rules: Rules) -> Rule | None:
    """The rule a row lives by; ``None`` if one of its columns is kept without limit.

    An entry of the ledger lives by the columns that go when it is destroyed.
    """
    of_columns = [
        rules[table.name][column.name]
        for column in table.columns
        if table is not ledger_entries or column.name not in LEFT
    ]
    if any(rule.cutoff(_SOME_DAY) is None for rule in of_columns):
        return None
    return min(of_columns, key=_reach)


def _reach(rule: Rule) -> datetime:
    cutoff = rule.cutoff(_SOME_DAY)
    return datetime.min.replace(tzinfo=UTC) if cutoff is None else cutoff


def ahead(table: Table, now: datetime) -> ColumnElement[bool] | None:
    """The rows that say they were written after now, ``None`` where rows do not say."""
    column = WRITTEN_AT.get(table)
    if column is None:
        return None
    later: ColumnElement[bool] = column > _comparable(column, now)
    return later


def _of_now(table: Table, now: datetime) -> list[ColumnElement[bool]]:
    """Not of rows from the future: theirs or our clock is wrong, so nothing is known of them."""
    later = ahead(table, now)
    return [] if later is None else [~later]


def _comparable(column: Column[Any], moment: datetime) -> Any:
    """A moment as this column has it: some have days."""
    return moment.astimezone(UTC).date() if isinstance(column.type, Date) else moment


def _old(table: Table, rule: Rule, now: datetime) -> ColumnElement[bool]:
    column, cutoff = _moments(table, rule, now)
    old: ColumnElement[bool] = column <= cutoff
    return old


def _young(table: Table, rule: Rule, now: datetime) -> ColumnElement[bool]:
    column, cutoff = _moments(table, rule, now)
    young: ColumnElement[bool] = column > cutoff
    return young


def _moments(table: Table, rule: Rule, now: datetime) -> tuple[Column[Any], Any]:
    column = table.columns[rule.after or ""]
    cutoff = rule.cutoff(now)
    return column, None if cutoff is None else _comparable(column, cutoff)


def _fault(table: Table, column: str, sentence: str, mend: str) -> ConfigurationError:
    return ConfigurationError(f"retention.yaml: {table.name}.{column}: {sentence}. {mend}")
