"""Whole calls, written down in ``*.call``: the same events must lead to the same actions.

The files are read by people, too: they are the shortest account of what a call is. When a rule or a
sentence changes on purpose, ``python -m tests.calls.rewrite`` writes the actions anew, and the
difference is reviewed like code.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.call.scene import Scene
from tests.calls.notation import read
from tests.calls.replay import replay

CALLS = sorted(Path(__file__).parent.glob("*.call"))


@pytest.mark.parametrize("path", CALLS, ids=[path.stem for path in CALLS])
def test_a_call_goes_as_it_is_written_down(stage: Scene, path: Path) -> None:
    steps = read(path.read_text(encoding="utf-8"))
    for step, actions in zip(steps, replay(steps, stage), strict=True):
        assert actions == list(step.actions), f"{path.name}, line {step.line}: {step.event}"


def test_there_is_a_german_and_an_english_call_from_the_first_word_to_the_last() -> None:
    for language in ("german", "english"):
        text = (Path(__file__).parent / f"{language}.call").read_text(encoding="utf-8")
        assert "start" in text
        assert "finish" in text
