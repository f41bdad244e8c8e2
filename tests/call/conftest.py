from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.call.scene import CALL, Paces, Scene
from voice_agent.agent import AgentConfig
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.notices import load_notice
from voice_agent.script import CallScript

ROOT = Path(__file__).parents[2]
MakeScene = Callable[..., Scene]


def make_stage() -> Scene:
    """A scene with the prompts, the notice and the answers that are shipped."""
    agent = AgentConfig.load(ROOT / "config")
    prompts = Prompts.load(ROOT / "prompts", about={"company": agent.company.name})
    knowledge = Knowledge.load(ROOT / "config" / "knowledge")
    return Scene(
        engine=Engine(prompts, knowledge),
        script=CallScript(load_notice(agent), prompts),
        understander=BuiltinUnderstander(knowledge),
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
