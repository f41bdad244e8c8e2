"""Every scenario, played against the whole dialogue: words in, lines and appointments out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.virtual_time import in_virtual_time
from tests.scenarios.scenario import Scenario
from tests.scenarios.stage import play

FILES = sorted(Path(__file__).parent.glob("*.yaml"))


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@in_virtual_time
async def test_the_conversation_is_held_as_it_is_written(path: Path, data_dir: Path) -> None:
    assert await play(Scenario.load(path), data_dir) == []


def test_there_are_enough_of_both_languages() -> None:
    languages = [Scenario.load(path).language for path in FILES]
    least = 30
    assert min(languages.count("de"), languages.count("en")) >= least
