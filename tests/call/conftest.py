from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import pytest

from tests.call import texts
from tests.call.scene import CALL, Paces, Scene
from tests.dialogue.flows.conftest import SILENT
from tests.dialogue.flows.desk import Desk
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.schedule import load_plan
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


class Booking(Protocol):
    """Begins a call that is about to end in a booking."""

    def __call__(self, paces: Paces, *, can_hand_over: bool = True) -> Scene: ...


@pytest.fixture(scope="module")
def doing() -> Engine:
    prompts = texts.prompts()
    flows = Flows(load_flows(texts.ROOT / "config" / "flows", prompts), prompts, SILENT)
    return Engine(prompts, texts.KNOWLEDGE, flows=flows)


@pytest.fixture
def booking(doing: Engine) -> Booking:
    """A caller who is about to be asked whether everything is right."""

    def begin(paces: Paces, *, can_hand_over: bool = True) -> Scene:
        plan = load_plan(texts.ROOT / "config")
        assert plan is not None
        desk = Desk(plan, texts.NOW.replace(tzinfo=plan.opening.zone), "de")
        scene = Scene(
            engine=doing,
            script=CallScript(texts.NOTICE, texts.prompts()),
            understander=texts.understander(),
            terms=CallTerms(call_id=CALL, language="de", can_hand_over=can_hand_over),
            paces=paces,
            desk=desk.answer,
        )
        scene.accept()
        scene.listen()
        scene.ask("Ich möchte einen Termin für einen Ölwechsel am Dienstag um zehn.")
        scene.ask("Mein Name ist Fischer.")
        scene.ask("0172 3456789")
        return scene

    return begin
