"""Every scenario, played against the whole dialogue: words in, lines and appointments out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.virtual_time import in_virtual_time
from tests.scenarios.scenario import Scenario
from tests.scenarios.stage import play

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
LEAST = 30
"""Scenarios in each language."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@in_virtual_time
async def test_the_conversation_is_held_as_it_is_written(path: Path, data_dir: Path) -> None:
    scenario = Scenario.load(path)
    assert path.stem.startswith(f"{scenario.language}_")
    assert await play(scenario, data_dir) == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_there_are_enough_in_each_language(language: str) -> None:
    assert sum(path.stem.startswith(language) for path in FILES) >= LEAST
