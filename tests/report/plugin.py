"""A plugin of pytest: runs the tests of the consent rules alone and keeps what became of each."""

from __future__ import annotations

import pytest

from tests.report.rules import rule_of

OUTCOMES: dict[str, str] = {}
"""What became of each test, by its identifier without parameters; the worst of them counts."""

_WORST = ("passed", "skipped", "failed")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests whose names carry a rule's number."""
    kept = [item for item in items if rule_of(_plain(item.nodeid)) is not None]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note the outcome of a step of a test."""
    name = _plain(report.nodeid)
    outcome = report.outcome
    if report.when == "call" or outcome != "passed":
        before = OUTCOMES.get(name, "passed")
        OUTCOMES[name] = max(before, outcome, key=_WORST.index)


def _plain(node: str) -> str:
    """``file::test[parameters]`` -> ``file::test``."""
    return node.partition("[")[0]
