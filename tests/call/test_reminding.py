"""A call that we made: who speaks, and then what it is about, without being asked."""

from __future__ import annotations

import pytest

from tests.call import texts
from tests.call.scene import CALL, Scene
from voice_agent.call.actions import Ending, Finish, UseTool
from voice_agent.call.phase import Phase
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.tool import CATALOGUE, ToolAnswer, ToolRequest
from voice_agent.outbound.errand import FLOW
from voice_agent.script import CallScript

ROW = {"appointment": "a1", "service": "Ölwechsel", "date": "2026-11-25", "time": "10:00"}
OUTCOMES = {
    "reminder.appointments": "found",
    "reminder.others": "none",
    "reminder.confirm": "confirmed",
    "calls.stop": "stopped_and_over",
}


def answered(request: ToolRequest) -> ToolAnswer:
    rows = (ROW,) if request.tool == "reminder.appointments" else ()
    return ToolAnswer(request, OUTCOMES[request.tool], rows=rows)


def rung_up(tools: frozenset[str] = frozenset(CATALOGUE)) -> Scene:
    """Somebody whom we rang up, who has proved who they are and has accepted."""
    prompts = texts.prompts()
    flows = load_flows(texts.ROOT / "config" / "flows", prompts)
    scene = Scene(
        engine=Engine(prompts, texts.KNOWLEDGE, flows=Flows(flows, prompts, tools)),
        script=CallScript(texts.NOTICE, prompts),
        understander=texts.understander(),
        terms=CallTerms(call_id=CALL, language="de", begins=FLOW),
        desk=answered,
    )
    scene.accept()
    scene.listen()
    return scene


def tools(scene: Scene) -> list[str]:
    return [use.request.tool for use in scene.asked(UseTool)]


def test_c7_it_says_first_that_it_is_an_ai_and_then_what_it_is_about() -> None:
    scene = rung_up()
    assert scene.heard[:2] == [
        "Vielen Dank.",
        "Hier ist der KI-Assistent von Autowerkstatt Berger.",
    ]
    assert "Ölwechsel am Mittwoch, 25. November um 10:00 Uhr" in " ".join(scene.heard)
    assert scene.heard[-1] == "Bleibt es dabei?"
    assert tools(scene) == ["reminder.appointments"]


def test_a_yes_confirms_the_appointment() -> None:
    scene = rung_up()
    scene.ask("Ja, ich komme.")
    confirm = scene.asked(UseTool)[1].request
    assert (confirm.tool, dict(confirm.arguments)) == ("reminder.confirm", {"appointment": "a1"})
    assert confirm.confirmed == {"appointment"}


def test_who_wants_no_calls_is_let_go() -> None:
    scene = rung_up()
    scene.ask("Rufen Sie mich bitte nie wieder an.")
    scene.listen()
    assert tools(scene)[-1] == "calls.stop"
    assert [finish.ending for finish in scene.asked(Finish)] == [Ending.HUNG_UP]


def test_who_wants_to_be_left_alone_is_asked_whether_that_means_no_more_calls() -> None:
    scene = rung_up()
    scene.ask("Lassen Sie mich bitte in Ruhe.")
    scene.listen()
    assert scene.heard[-1] == "Sollen wir Sie unter dieser Nummer nicht mehr anrufen?"
    scene.ask("Ja.")
    assert tools(scene)[-1] == "calls.stop"


def test_a_withdrawal_counts_as_in_every_call() -> None:
    scene = rung_up()
    scene.ask("Ich widerrufe meine Einwilligung.")
    assert scene.session.phase is Phase.WITHDRAWN
    assert tools(scene) == ["reminder.appointments"]


@pytest.mark.parametrize("missing", ["reminder.appointments", "reminder.confirm"])
def test_where_nobody_can_be_reminded_people_are_greeted(missing: str) -> None:
    scene = rung_up(frozenset(CATALOGUE) - {missing})
    assert scene.heard[-1] == "Was kann ich für Sie tun?"
    assert tools(scene) == []
