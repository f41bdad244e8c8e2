"""No consent rule without a test that carries its number."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import ROOT
from tests.report.rules import RULES, rule_of


def named() -> set[int]:
    """The rules that tests are named after."""
    found: set[int] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                number = rule_of(node.name)
                found |= set() if number is None else {number}
    return found


NAMED = named()


@pytest.mark.parametrize("number", sorted(RULES))
def test_every_rule_that_applies_has_a_test(number: int) -> None:
    assert number in NAMED


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("tests/x.py::test_c9_the_notice_is_short", 9),
        ("test_c16_star", 16),
        ("test_c31_there_is_no_such_rule", None),
        ("test_calls", None),
        ("tests/test_c9_file.py::test_other", None),
    ],
)
def test_a_rule_is_read_off_the_name_of_its_test(name: str, number: int | None) -> None:
    assert rule_of(name) == number
