"""Numbers on the telephone's keys, where one is asked for."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.call import texts
from tests.call.conftest import MakeScene
from tests.call.scene import Scene
from voice_agent.call.actions import Observe, RecordWithdrawal, Understand
from voice_agent.call.events import DutyChanged
from voice_agent.call.phase import Phase
from voice_agent.dialogue.conversation import Conversation
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow import Flow
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.tool import CATALOGUE
from voice_agent.live.observation import HIDDEN_KEY, CallerSaid, KeyPressedSeen

CALL_BACK = {"de": "Können Sie mich bitte zurückrufen?", "en": "Please call me back."}
NAME = {"de": "Fischer ist mein Name.", "en": "My name is Fisher."}
NUMBER = "01723456789"
E164 = "+491723456789"


def engine(*more: Flow) -> Engine:
    """The shipped flows, with every tool."""
    prompts = texts.prompts()
    shipped = load_flows(texts.ROOT / "config" / "flows", prompts)
    flows: Mapping[str, Flow] = {**shipped, **{flow.name: flow for flow in more}}
    return Engine(prompts, texts.KNOWLEDGE, flows=Flows(flows, prompts, frozenset(CATALOGUE)))


def asked_for_a_number(make_scene: MakeScene, language: str = "de") -> Scene:
    """A caller who has been asked for their telephone number."""
    scene = make_scene(language=language, no_input_s=30.0)
    scene = replace_engine(scene, engine())
    scene.accept()
    scene.listen()
    scene.ask(CALL_BACK[language])
    scene.ask(NAME[language])
    assert question(scene) == "phone"
    return scene


def asked_for_a_pin(make_scene: MakeScene) -> Scene:
    scene = replace_engine(make_scene(no_input_s=30.0), engine(texts.PIN))
    scene.accept()
    scene.listen()
    scene.ask("Ich möchte mich beschweren.")
    assert question(scene) == "pin"
    return scene


def replace_engine(scene: Scene, other: Engine) -> Scene:
    return Scene(other, scene.script, scene.understander, scene.terms, scene.paces)


def conversation(scene: Scene) -> Conversation:
    return scene.session._talk.conversation


def question(scene: Scene) -> str | None:
    return conversation(scene).question


def slots(scene: Scene) -> Mapping[str, str]:
    return conversation(scene).flows[-1].slots


def type_in(scene: Scene, keys: str) -> None:
    for key in keys:
        scene.press(key)
        scene.wait(0.3)


def keys_seen(scene: Scene) -> list[str]:
    seen = (each.observation for each in scene.asked(Observe))
    return [each.key for each in seen if isinstance(each, KeyPressedSeen)]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("ending", ["#", ""])
def test_a_number_is_typed_and_ends_with_the_hash_key_or_a_pause(
    make_scene: MakeScene, language: str, ending: str
) -> None:
    scene = asked_for_a_number(make_scene, language)
    type_in(scene, NUMBER + ending)
    if not ending:
        assert "phone" not in slots(scene)
        scene.wait(3)
    assert slots(scene)["phone"] == E164
    assert question(scene) == "date"


def test_a_number_can_be_typed_while_the_question_is_still_being_put(
    make_scene: MakeScene,
) -> None:
    scene = asked_for_a_number(make_scene)
    scene.press("#")
    type_in(scene, NUMBER + "#")
    assert slots(scene)["phone"] == E164


def test_the_last_digit_of_a_number_of_fixed_length_ends_it(make_scene: MakeScene) -> None:
    scene = asked_for_a_pin(make_scene)
    type_in(scene, "471")
    assert question(scene) == "pin"
    scene.press("1")
    assert question(scene) != "pin"


@pytest.mark.parametrize(
    ("key", "phase", "language"),
    [
        ("0", Phase.HANDING_OVER, "de"),
        ("5", Phase.CONVERSING, "en"),
        ("1", Phase.CONVERSING, "de"),
        ("8", Phase.CONVERSING, "de"),
    ],
)
def test_c8_a_single_key_means_what_it_always_means_after_a_pause(
    make_scene: MakeScene, key: str, phase: Phase, language: str
) -> None:
    """Rule C8."""
    scene = asked_for_a_number(make_scene)
    scene.press(key)
    scene.wait(2.9)
    assert (scene.session.phase, scene.session.language) == (Phase.CONVERSING, "de")
    scene.wait(0.2)
    assert (scene.session.phase, scene.session.language) == (phase, language)
    if phase is Phase.CONVERSING:
        assert "phone" not in slots(scene)


def test_the_hash_key_after_a_single_key_saves_the_pause(make_scene: MakeScene) -> None:
    scene = asked_for_a_number(make_scene)
    type_in(scene, "0#")
    assert scene.session.phase is Phase.HANDING_OVER


def test_the_hash_key_alone_says_the_question_again(make_scene: MakeScene) -> None:
    scene = asked_for_a_number(make_scene)
    last = scene.heard[-1]
    scene.press("#")
    scene.listen()
    assert scene.heard[-2:] == [last, last]


@pytest.mark.parametrize("typed", ["", "0", "0172345", NUMBER])
def test_c16_the_star_withdraws_whatever_is_being_typed(make_scene: MakeScene, typed: str) -> None:
    """Rules C8 and C16: the star is part of no number."""
    scene = asked_for_a_number(make_scene)
    type_in(scene, typed)
    scene.press("*")
    assert scene.session.phase is Phase.WITHDRAWN
    assert len(scene.asked(RecordWithdrawal)) == 1
    assert scene.session._talk._typed._digits == ""
    scene.wait(4)
    assert scene.session.phase is Phase.WITHDRAWN


def test_words_spoken_while_a_number_is_typed_do_not_count(make_scene: MakeScene) -> None:
    scene = asked_for_a_number(make_scene)
    understood = len(scene.asked(Understand))
    said = len(scene.said_by_caller)
    type_in(scene, "0172")
    scene.say("Äh, das war die Mobilnummer.")
    scene.wait(1)
    type_in(scene, "345")
    scene.say("und")
    type_in(scene, "6789#")
    scene.wait(2)
    assert slots(scene)["phone"] == E164
    assert len(scene.asked(Understand)) == understood
    assert len(scene.said_by_caller) == said


def test_c16_a_withdrawal_spoken_while_a_number_is_typed_counts(make_scene: MakeScene) -> None:
    """Rule C16."""
    scene = asked_for_a_number(make_scene)
    type_in(scene, "0172")
    scene.say("Ich widerrufe")
    scene.wait(1.5)
    assert scene.session.phase is Phase.WITHDRAWN
    assert scene.session._talk._typed._digits == ""


def test_c16_a_withdrawal_spoken_just_before_the_number_ends_counts(make_scene: MakeScene) -> None:
    """Rule C16."""
    scene = asked_for_a_number(make_scene)
    type_in(scene, NUMBER)
    scene.say("Ich widerrufe")
    scene.wait(0.3)
    scene.press("#")
    scene.wait(1)
    assert scene.session.phase is Phase.WITHDRAWN


def test_c16_the_pause_after_a_number_cuts_off_no_withdrawal(make_scene: MakeScene) -> None:
    """Rule C16: the pause is over in the middle of the words."""
    scene = asked_for_a_number(make_scene)
    type_in(scene, NUMBER)
    scene.wait(2.4)
    scene.say("Ich widerrufe")
    scene.wait(1.5)
    assert scene.session.phase is Phase.WITHDRAWN


def test_whoever_talks_on_and_on_beside_the_number_does_not_keep_it_open(
    make_scene: MakeScene,
) -> None:
    scene = asked_for_a_number(make_scene)
    type_in(scene, NUMBER)
    scene.say("und so weiter", 8000)
    assert slots(scene)["phone"] == E164


def test_words_count_again_after_the_number(make_scene: MakeScene) -> None:
    scene = asked_for_a_number(make_scene)
    type_in(scene, NUMBER + "#")
    scene.listen()
    scene.ask("Am Dienstag.")
    assert "date" in slots(scene)


def test_a_number_nobody_can_dial_is_asked_for_again(make_scene: MakeScene) -> None:
    scene = asked_for_a_number(make_scene)
    type_in(scene, "0172#")
    scene.listen()
    assert "phone" not in slots(scene)
    assert question(scene) == "phone"
    assert "Diese Nummer kann nicht stimmen." in scene.heard
    type_in(scene, NUMBER + "#")
    assert slots(scene)["phone"] == E164


def test_too_few_digits_are_asked_for_again(make_scene: MakeScene) -> None:
    scene = asked_for_a_pin(make_scene)
    type_in(scene, "471#")
    assert question(scene) == "pin"
    assert "pin" not in slots(scene)


def test_three_numbers_that_cannot_be_end_with_a_person(make_scene: MakeScene) -> None:
    scene = asked_for_a_number(make_scene)
    for _ in range(3):
        type_in(scene, "11#")
    assert scene.session.phase is Phase.HANDING_OVER


def test_no_onlooker_sees_a_digit_of_a_number(make_scene: MakeScene) -> None:
    scene = asked_for_a_pin(make_scene)
    type_in(scene, "4711")
    assert keys_seen(scene) == [HIDDEN_KEY] * 4
    said = [each.observation for each in scene.asked(Observe)]
    assert not any("4711" in repr(each) for each in said if not isinstance(each, CallerSaid))
    assert "4711" not in repr(scene.session._talk.conversation)


def test_no_onlooker_sees_the_digits_that_are_typed_on_in_the_queue(
    make_scene: MakeScene,
) -> None:
    scene = asked_for_a_pin(make_scene)
    scene.post(DutyChanged(1))
    scene.ask("Ich möchte mit einem Menschen sprechen.")
    assert scene.session.phase is Phase.WAITING
    type_in(scene, "47")
    assert keys_seen(scene) == [HIDDEN_KEY] * 2


def test_keys_that_are_no_digits_of_a_number_are_seen(make_scene: MakeScene) -> None:
    scene = asked_for_a_pin(make_scene)
    type_in(scene, "47#*")
    assert keys_seen(scene) == [HIDDEN_KEY, HIDDEN_KEY, "#", "*"]


def test_where_no_number_is_asked_for_a_key_counts_at_once(make_scene: MakeScene) -> None:
    scene = replace_engine(make_scene(), engine())
    scene.accept()
    scene.listen()
    scene.press("5")
    assert scene.session.language == "en"
    assert keys_seen(scene) == ["5"]


def test_the_options_of_a_choice_are_chosen_by_key_once_they_are_numbered(
    make_scene: MakeScene,
) -> None:
    scene = replace_engine(make_scene(), engine())
    scene.accept()
    scene.listen()
    scene.ask("Ich hätte gern einen Termin.")
    assert question(scene) == "service"
    scene.press("2")  # the link, still
    scene.listen()
    assert "service" not in slots(scene)
    for _ in range(2):
        scene.ask("Blabla.")
    assert "2 für Hauptuntersuchung" in " ".join(scene.heard)
    scene.press("2")
    assert slots(scene)["service"] == "main-inspection"
    assert keys_seen(scene)[-1] == "2"


@pytest.mark.parametrize(
    ("key", "phase"),
    [
        ("0", Phase.HANDING_OVER),
        ("*", Phase.WITHDRAWN),
        ("5", Phase.CONVERSING),
        ("9", Phase.CONVERSING),
    ],
)
def test_c8_other_keys_keep_their_meaning_beside_numbered_options(
    make_scene: MakeScene, key: str, phase: Phase
) -> None:
    """Rule C8."""
    scene = replace_engine(make_scene(), engine())
    scene.accept()
    scene.listen()
    for words in ("Ich hätte gern einen Termin.", "Blabla.", "Blabla."):
        scene.ask(words)
    scene.press(key)
    assert scene.session.phase is phase
    if phase is Phase.CONVERSING:
        assert "service" not in slots(scene)
        assert scene.session.language == "de"
