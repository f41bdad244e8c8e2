"""``python -m tests.report``: runs the rules' tests, prints the table, writes docs/consent.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from tests.report.plugin import OUTCOMES
from tests.report.rules import RULES, rule_of
from voice_agent import __version__

PAGE: Final = Path(__file__).parents[2] / "docs" / "consent.md"

INTRODUCTION: Final = """\
# Consent rules and their tests

Written by `make consent-report` on {day} for version {version}. A test's name carries the number of
the rule it proves. What the program says of itself is exactly this: no voice, no content and no
customer record is processed before acceptance. The caller's number, the call's identifier and the
pressed key are personal data too, and are processed before it.

| rule | what it asks | tests | result |
| --- | --- | --- | --- |
"""


def main() -> int:
    """Run, print, write; 0 if every rule has tests and all of them pass."""
    arguments = ["-q", "-n", "2", "--dist", "worksteal", "-p", "tests.report.plugin", "tests"]
    status = pytest.main(arguments, plugins=[sys.modules["tests.report.plugin"]])
    rows = list(_rows())
    for rule, asks, tests, result in rows:
        print(f"{rule:>4}  {result:<12} {len(tests):>3} tests  {asks}")
    page = INTRODUCTION.format(day=f"{datetime.now(UTC):%Y-%m-%d}", version=__version__)
    page += "".join(_line(*row) for row in rows) + "\n" + "".join(_tests(rows))
    PAGE.write_text(page, encoding="utf-8")
    good = all(result == "pass" for *_, result in rows)
    return int(status) or (0 if good else 1)


def _rows() -> Iterator[tuple[str, str, list[str], str]]:
    for number, asks in RULES.items():
        tests = sorted(name for name in OUTCOMES if rule_of(name) == number)
        outcomes = {OUTCOMES[name] for name in tests}
        result = "NO TEST" if not tests else "FAIL"
        if outcomes == {"passed"}:
            result = "pass"
        yield f"C{number}", asks, tests, result


def _line(rule: str, asks: str, tests: list[str], result: str) -> str:
    count = f"[{len(tests)}](#{rule.lower()})" if tests else "-"
    return f"| {rule} | {asks} | {count} | {result} |\n"


def _tests(rows: list[tuple[str, str, list[str], str]]) -> Iterator[str]:
    for rule, _, tests, _ in rows:
        if not tests:
            continue
        yield f"\n## {rule}\n\n"
        for name in tests:
            file, _, test = name.partition("::")
            sign = "" if OUTCOMES[name] == "passed" else f" **{OUTCOMES[name]}**"
            yield f"- `{test}` ({file}){sign}\n"


if __name__ == "__main__":
    sys.exit(main())
