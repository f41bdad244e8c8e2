"""``config/retention.yaml``, read as hostile input (C19)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.retention import UNLIMITED, Period, RetentionTable
from tests.architecture.source import ROOT
from voice_agent.errors import ConfigurationError
from voice_agent.retention import FILE, KINDS, load_retention, periods
from voice_agent.storage.tables import metadata

GOOD = """\
tables:
  calls:
    created_at:
      {purpose: {de: Zeitpunkt, en: moment}, basis: Art. 6 GDPR, period: P90D, after: created_at}
    pseudonym:
      purpose: {de: wer anrief, en: who called}
      basis: Art. 6 GDPR
      period: PT72H
      after: created_at
    software:
      purpose: {de: Fassung, en: version}
      basis: none needed
      period: unlimited
      personal: false
"""


def loaded(directory: Path, text: str) -> RetentionTable:
    (directory / FILE).write_text(text, encoding="utf-8")
    return load_retention(directory)


def test_c19_a_table_is_read_as_it_is_written(tmp_path: Path) -> None:
    table = loaded(tmp_path, GOOD)
    assert [rule.name for rule in table.rules] == [
        "calls.created_at",
        "calls.pseudonym",
        "calls.software",
    ]
    who = table["calls"]["pseudonym"]
    assert who.purpose == {"de": "wer anrief", "en": "who called"}
    assert (who.basis, who.period, who.after) == ("Art. 6 GDPR", Period("PT72H"), "created_at")
    assert who.personal
    software = table["calls"]["software"]
    assert (software.period, software.after) == (Period(UNLIMITED), None)
    assert not software.personal


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (GOOD, "", r":1: is empty"),
        ("tables:", "table:", r":\d+: table: unknown key; possible are tables"),
        (GOOD, "tables: []", r":1: tables: expected keys"),
        (GOOD, "tables: {calls: x}", r":1: tables\.calls: expected keys"),
        (GOOD, "tables: {calls: {id: x}}", r":1: tables\.calls\.id: expected keys"),
        ("    software:", "    pseudonym:", r":10: pseudonym: written twice"),
        ("period: PT72H", "period: 72h", r":8: tables\.calls\.pseudonym\.period: '72h' is no per"),
        ("      period: PT72H\n", "", r":\d+: tables\.calls\.pseudonym\.period: is missing"),
        (
            "basis: none needed",
            "base: none",
            r":12: tables\.calls\.software\.base: unknown key; possible are purpose, basis",
        ),
        ("basis: none needed", "basis: ''", r":12: tables\.calls\.software\.basis: is empty"),
        (
            "{de: Fassung, en: version}",
            "{de: Fassung}",
            r":11: tables\.calls\.software\.purpose\.en: is missing",
        ),
        (
            "{de: Fassung, en: version}",
            "{de: Fassung, en: version, fr: version}",
            r":11: tables\.calls\.software\.purpose\.fr: unknown key",
        ),
        ("Fassung, en", "[Fassung], en", r":11: tables\.calls\.software\.purpose\.de: expected a"),
        ("personal: false", "personal: no", r":14: tables\.calls\.software\.personal: is true or"),
        ("personal: false", "personal: true", r":11: tables\.calls\.software: .*without limit"),
        (
            "      period: PT72H\n      after: created_at\n",
            "      period: PT72H\n",
            r":6: tables\.calls\.pseudonym: after is missing",
        ),
        (
            "period: PT72H\n      after: created_at",
            "period: PT72H\n      after: ended_at",
            r":6: tables\.calls\.pseudonym: counts from ended_at, which has no rule",
        ),
        ("period: P90D", "period: P1D", r":6: tables\.calls\.pseudonym: counts PT72H from created"),
        ("{de: wer", "&x {de: wer", r":6: anchors and tags are not allowed"),
    ],
)
def test_c19_every_fault_names_file_line_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(ConfigurationError, match=rf"{FILE}{message}"):
        loaded(tmp_path, GOOD.replace(old, new))


def test_c19_without_a_table_of_its_own_a_company_keeps_what_is_shipped(tmp_path: Path) -> None:
    """Nothing is ever kept without a period because a file is missing."""
    assert load_retention(tmp_path) == load_retention(ROOT / "config")


def test_c19_a_table_that_is_there_and_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(ConfigurationError, match=rf"{FILE}: cannot be read"):
        load_retention(tmp_path)


@settings(deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 30), st.text(max_size=8))
def test_c19_a_damaged_table_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, where: int, less: int, more: str
) -> None:
    damaged = GOOD[:where] + more + GOOD[where + less :]
    try:
        table = loaded(tmp_path_factory.getbasetemp(), damaged)
    except ConfigurationError:
        return
    assert not any(rule.period.is_unlimited and rule.personal for rule in table.rules)


def test_c19_every_column_of_the_database_has_a_rule_and_every_rule_a_column() -> None:
    columns = {
        name: [each.name for each in table.columns] for name, table in metadata.tables.items()
    }
    table = load_retention(ROOT / "config")
    assert table.missing(columns) == ()
    assert table.unknown(columns) == ()
    assert table.missing({"calls": ["call_id", "mood"]}) == ("calls.mood",)


def test_c19_the_table_that_is_shipped_tells_every_period_the_notice_does() -> None:
    told = periods(load_retention(ROOT / "config"))
    assert told.keys() == {"voice", "words", *KINDS}
    assert told["proof"] == "P3Y"
    assert told["voice"] == told["words"] == "call"
    assert all(Period(text) for kind, text in told.items() if kind in KINDS)


def test_c19_a_period_that_the_notice_tells_needs_a_row(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=rf"{FILE}: ledger_entries\.sealed: has no row"):
        periods(loaded(tmp_path, GOOD))
