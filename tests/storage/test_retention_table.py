"""The retention table as it is shipped, against the database (C19)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, String, Table

from consent.retention import Period, RetentionTable
from tests.storage.household import KEYS, PEOPLE
from voice_agent.errors import ConfigurationError
from voice_agent.retention import load_retention
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.database import Database
from voice_agent.storage.due import LEFT, Due, check
from voice_agent.storage.places import Ground, places, unanswered
from voice_agent.storage.tables import metadata

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def table() -> RetentionTable:
    return load_retention(CONFIG)


def test_c19_every_column_of_every_table_has_a_row(table: RetentionTable) -> None:
    check(table)
    columns = {
        (each.name, column.name) for each in metadata.sorted_tables for column in each.columns
    }
    assert columns == {(rule.table, rule.column) for rule in table.rules}


@pytest.mark.parametrize(
    ("name", "column"),
    [(each.name, column.name) for each in metadata.sorted_tables for column in each.columns],
)
def test_c19_a_column_without_a_row_fails(table: RetentionTable, name: str, column: str) -> None:
    rest = {key: dict(rules) for key, rules in table.items()}
    del rest[name][column]
    with pytest.raises(ConfigurationError, match=rf"{name}\.{column}: has no row"):
        check(rest)


def test_c19_a_row_without_a_column_fails(table: RetentionTable) -> None:
    rule = table["calls"]["language"]
    for made_up in (
        replace(rule, column="mood"),
        replace(rule, table="diaries", after="language"),
    ):
        with pytest.raises(ConfigurationError, match=rf"{made_up.name}: the database has no such"):
            check(RetentionTable([*table.rules, made_up]))


def test_c20_every_table_belongs_to_a_place_or_holds_nothing_personal(
    table: RetentionTable,
) -> None:
    """A store that does not register itself fails here."""
    assert personal_and_unanswered(metadata, table) == set()


def test_c20_a_made_up_store_that_does_not_register_fails(table: RetentionTable) -> None:
    rule = table["calls"]["language"]
    diary = replace(rule, table="diaries", column="language", after="language")
    made_up = MetaData()
    for each in metadata.sorted_tables:
        each.to_metadata(made_up)
    Table("diaries", made_up, Column("language", String(64)))
    assert personal_and_unanswered(made_up, RetentionTable([*table.rules, diary])) == {"diaries"}
    harmless = replace(diary, personal=False)
    assert personal_and_unanswered(made_up, RetentionTable([*table.rules, harmless])) == set()


def personal_and_unanswered(tables: MetaData, rules: RetentionTable) -> set[str]:
    database = Database.open("sqlite+aiosqlite://")
    ground = Ground(
        database=database,
        keyring=KEYS,
        archive=LedgerArchive(database, KEYS),
        pseudonyms=PEOPLE,
        has_carrier=True,
    )
    return {name for name in unanswered(tables, places(ground)) if not rules.impersonal(name)}


def test_c19_the_periods_are_as_long_as_they_are_said_to_be(table: RetentionTable) -> None:
    """Whoever changes one sees here what else it touches."""
    left = {f"ledger_entries.{column}" for column in LEFT}
    assert {str(rule.period) for rule in table.rules if rule.name in left} == {"unlimited"}
    number = table["inbox_entries"]["sealed_number"]
    assert (str(number.period), number.after) == ("PT0S", "number_until")
    reminded = table["reminders"]["sealed_number"]
    assert (str(reminded.period), reminded.after) == ("PT0S", "number_until")
    apart = {*left, number.name, reminded.name}
    assert {rule.table: str(rule.period) for rule in table.rules if rule.name not in apart} == {
        "ledger_entries": "P3Y",
        "ledger_nodes": "unlimited",
        "tree_heads": "unlimited",
        "head_keys": "unlimited",
        "data_keys": "P3Y",
        "consent_withdrawals": "P3Y",
        "notices": "P30D",
        "notice_audio": "unlimited",
        "stream_tokens": "P1D",
        "calls": "P90D",
        "messages": "P90D",
        "message_counts": "P2D",
        "sealed_numbers": "PT0S",
        "portal_links": "P1D",
        "kept_contents": "P30D",
        "appointments": "P30D",
        "appointment_granules": "P1D",
        "customers": "P1Y",
        "identity_failures": "P2D",
        "confirmations": "PT0S",
        "inbox_entries": "P30D",
        "operators": "P1Y",
        "operator_sessions": "PT0S",
        "access_log": "P1Y",
        "call_summaries": "P7D",
        "reminders": "P30D",
        "reminder_attempts": "P30D",
        "reminder_consents": "P1Y",
        "do_not_call": "P10Y",
        "outreach": "unlimited",
        "carrier_deletions": "P1Y",
        "audit_log": "P3Y",
        "jobs": "unlimited",
    }


def changed(table: RetentionTable, column: str, **what: object) -> RetentionTable:
    return RetentionTable(
        replace(rule, **what) if rule.name == f"calls.{column}" else rule  # type: ignore[arg-type]  # (fields of a rule)
        for rule in table.rules
    )


def test_c19_a_period_counted_from_no_moment_is_refused(table: RetentionTable) -> None:
    with pytest.raises(ConfigurationError, match=r"calls\.direction: is counted from no moment"):
        Due(changed(table, "direction", after="language"))


def test_c19_a_period_counted_from_what_may_be_empty_is_refused(table: RetentionTable) -> None:
    """A call whose end nobody reported would be kept for ever."""
    with pytest.raises(
        ConfigurationError, match=r"calls\.pseudonym: .*ended_at, which may be empty"
    ):
        check(changed(table, "pseudonym", after="ended_at"))


@pytest.mark.parametrize(
    ("column", "what", "fault"),
    [
        (
            "kind",
            {"period": Period("P3Y"), "after": "written_at"},
            "stays in the tree when its entry is destroyed",
        ),
        (
            "sealed",
            {"period": Period("unlimited"), "personal": False},
            "goes when its entry is destroyed",
        ),
    ],
)
def test_c19_c15_the_table_says_what_destroying_an_entry_leaves(
    table: RetentionTable, column: str, what: dict[str, object], fault: str
) -> None:
    rules = RetentionTable(
        replace(rule, **what) if rule.name == f"ledger_entries.{column}" else rule  # type: ignore[arg-type]  # (fields of a rule)
        for rule in table.rules
    )
    with pytest.raises(ConfigurationError, match=rf"ledger_entries\.{column}: {fault}"):
        check(rules)


@pytest.mark.parametrize("column", ["call_id", "language"])
def test_c19_a_column_that_cannot_be_empty_cannot_go_before_its_row(
    table: RetentionTable, column: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"calls\.{column}: cannot go before"):
        Due(changed(table, column, period=Period("P1D")))


def test_c19_a_column_that_can_be_empty_may_go_before_its_row(table: RetentionTable) -> None:
    Due(changed(table, "pseudonym", period=Period("P1D")))
