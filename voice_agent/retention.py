"""Loads the retention table from ``config/retention.yaml`` (rule C19)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from consent.retention import Period, RetentionTable, Rule, UnsoundRule
from voice_agent.dialogue.document import Section, read_text
from voice_agent.errors import ConfigurationError
from voice_agent.shipped import shipped

FILE: Final = "retention.yaml"
"""Name of the file within the configuration directory."""

LANGUAGES: Final = ("de", "en")
"""Languages the record of processing is written in; every purpose is given in each."""

_FIELDS: Final = ("purpose", "basis", "period", "after", "personal")

KINDS: Final = {
    "proof": ("ledger_entries", "sealed"),
    "call": ("calls", "call_id"),
    "number": ("calls", "pseudonym"),
    "sealed_number": ("sealed_numbers", "sealed"),
    "withdrawal": ("consent_withdrawals", "call_id"),
    "appointment": ("appointments", "starts_at"),
    "message": ("inbox_entries", "reference"),
    "summary": ("call_summaries", "call_id"),
    "audit": ("audit_log", "object_id"),
}
"""Kinds of data that the notice tells the period of, and the column that each lies in."""


def load_retention(config_dir: Path) -> RetentionTable:
    """Read ``retention.yaml`` in this directory; without one the shipped periods hold.

    Raises:
        ConfigurationError: it is wrong; the message names file, line and key.
    """
    path = config_dir / FILE
    if not path.exists():
        path = shipped() / "config" / FILE
    section = Section.parse(read_text(path), path)
    section.only(("tables",))
    tables = section.section("tables")
    try:
        return RetentionTable(_rules(tables))
    except UnsoundRule as fault:
        raise tables.section(fault.table).fault(fault.column, fault.problem) from fault


def periods(table: RetentionTable) -> dict[str, str]:
    """How long each kind of data is kept that the notice tells of.

    Voice and words are in no table: they end with the call (C18).

    Raises:
        ConfigurationError: a kind has no rule.
    """
    for name, column in KINDS.values():
        if column not in table.get(name, {}):
            raise ConfigurationError(f"{FILE}: {name}.{column}: has no row. Write one")
    kept = {kind: str(table[name][column].period) for kind, (name, column) in KINDS.items()}
    return {"voice": "call", "words": "call", **kept}


def _rules(tables: Section) -> Iterator[Rule]:
    for table in tables.fields:
        columns = tables.section(table)
        for column in columns.fields:
            yield _rule(columns.section(column), table, column)


def _rule(section: Section, table: str, column: str) -> Rule:
    section.only(_FIELDS)
    purpose = section.section("purpose")
    purpose.only(LANGUAGES)
    personal = section.text("personal") if "personal" in section.fields else "true"
    if personal not in {"true", "false"}:
        raise section.fault("personal", "is true or false")
    try:
        period = Period(section.text("period"))
    except ValueError as fault:
        raise section.fault("period", str(fault)) from fault
    return Rule(
        table=table,
        column=column,
        purpose={language: purpose.text(language) for language in LANGUAGES},
        basis=section.text("basis"),
        period=period,
        after=section.text("after") if "after" in section.fields else None,
        personal=personal == "true",
    )
