from __future__ import annotations

from pathlib import Path

import pytest

from voice_agent.errors import ConfigurationError
from voice_agent.retention import load_retention, periods
from voice_agent.storage.tables import metadata

CONFIG = Path(__file__).parents[1] / "config"

GOOD = """\
tables:
  calls:
    call_id:
      purpose: {de: Anruf, en: call}
      basis: Art. 6(1)(b) GDPR
      period: P90D
      after: call_id
"""


def written(directory: Path, text: str) -> Path:
    (directory / "retention.yaml").write_text(text, encoding="utf-8")
    return directory


def test_c19_every_column_of_the_database_has_a_rule_and_every_rule_a_column() -> None:
    columns = {
        name: [each.name for each in table.columns] for name, table in metadata.tables.items()
    }
    table = load_retention(CONFIG)
    assert table.missing(columns) == ()
    assert table.unknown(columns) == ()


def test_c19_a_column_nobody_wrote_a_rule_for_is_found() -> None:
    table = load_retention(CONFIG)
    assert table.missing({"calls": ["call_id", "mood"]}) == ("calls.mood",)


def test_c19_the_notice_tells_periods_that_the_table_enforces() -> None:
    assert periods(load_retention(CONFIG))["proof"] == "P3Y"
    assert periods(load_retention(CONFIG))["voice"] == "call"


def test_c19_a_table_without_a_kind_the_notice_tells_of_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="has no rule"):
        periods(load_retention(written(tmp_path, GOOD)))


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("P90D", "90 days", r"retention.yaml:6: tables.calls.call_id.period: '90 days' is no"),
        ("      basis: Art. 6(1)(b) GDPR\n", "", r"basis: is missing"),
        ("{de: Anruf, en: call}", "{de: Anruf}", r"purpose.en: is missing"),
        ("{de: Anruf, en: call}", "{de: a, en: b, fr: c}", r"purpose.fr: unknown key"),
        ("after: call_id", "after: nothing", r"calls.call_id: counts from nothing"),
        ("after: call_id", "personal: perhaps", r"personal: is true or false"),
        (
            "period: P90D\n      after: call_id",
            "period: unlimited",
            r"what is personal is not kept",
        ),
        ("tables:", "table:", r"unknown key"),
        (
            "      after: call_id\n",
            "      after: call_id\n      mood: good\n",
            r"mood: unknown key",
        ),
    ],
)
def test_a_fault_in_the_file_names_the_place_and_what_is_wrong(
    tmp_path: Path, good: str, bad: str, told: str
) -> None:
    assert good in GOOD
    with pytest.raises(ConfigurationError, match=told):
        load_retention(written(tmp_path, GOOD.replace(good, bad)))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"retention\.yaml: cannot be read"):
        load_retention(tmp_path)
