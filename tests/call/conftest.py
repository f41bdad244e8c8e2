from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.call import texts
from tests.call.scene import CALL, Paces, Scene
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.engine import Engine
from voice_agent.script import CallScript

MakeScene = Callable[..., Scene]


def make_stage() -> Scene:
    """A scene with the real dialogue and the tests' own texts."""
    prompts = texts.prompts()
    return Scene(
        engine=Engine(prompts, texts.KNOWLEDGE),
        script=CallScript(texts.NOTICE, prompts),
        understander=texts.understander(),
        terms=CallTerms(call_id=CALL, language="de"),
    )


@pytest.fixture(scope="session")
def stage() -> Scene:
    """What every scene is made of."""
    return make_stage()


@pytest.fixture
def make_scene(stage: Scene) -> MakeScene:
    """Makes a call with other terms; ``paces`` says how the world answers."""

    def make(paces: Paces | None = None, **terms: object) -> Scene:
        return Scene(
            engine=stage.engine,
            script=stage.script,
            understander=stage.understander,
            terms=replace(stage.terms, **terms),  # type: ignore[arg-type]  # a test's own keywords
            paces=paces or Paces(),
        )

    return make


@pytest.fixture
def scene(make_scene: MakeScene) -> Scene:
    """A German call with engines that answer soon."""
    return make_scene()
