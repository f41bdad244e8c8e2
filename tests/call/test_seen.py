"""What onlookers see of consent, understanding and the flows."""

from __future__ import annotations

from itertools import pairwise

from tests.call.conftest import Booking
from tests.call.scene import Paces, Scene
from tests.call.test_secret import BORN, cancelling
from voice_agent.call.seen import shown
from voice_agent.dialogue.commands import AskKnowledge, Correct, FillSlot, HumanPlease
from voice_agent.live.observation import (
    HIDDEN_WORDS,
    ConsentSeen,
    FlowMoved,
    LanguageSeen,
    UnderstoodSeen,
)


def test_consent_is_shown_with_its_record_and_until_it_is_withdrawn(scene: Scene) -> None:
    scene.accept()
    scene.press("*")
    seen = [each for each in scene.seen if isinstance(each, ConsentSeen)]
    assert seen == [ConsentSeen("given", "record"), ConsentSeen("withdrawn")]


def test_another_language_is_shown(scene: Scene) -> None:
    scene.accept()
    scene.listen()
    scene.press("5")
    assert [each for each in scene.seen if isinstance(each, LanguageSeen)] == [LanguageSeen("en")]


def test_the_flow_is_shown_as_it_moves(booking: Booking) -> None:
    scene = booking(Paces())
    moved = [each for each in scene.seen if isinstance(each, FlowMoved)]
    assert moved[-1].flow == "book_appointment"
    assert moved[-1].question == "confirm"
    assert moved[-1].slots["name"] == "Fischer"
    assert all(one != other for one, other in pairwise(moved))


def test_c23_a_secret_is_shown_in_no_command_and_no_slot() -> None:
    """Rule C23."""
    scene = cancelling()
    scene.ask(BORN)
    understood = [each for each in scene.seen if isinstance(each, UnderstoodSeen)]
    assert any(HIDDEN_WORDS in command for each in understood for command in each.commands)
    assert "1980" not in repr(scene.seen)


def test_commands_are_shown_as_text() -> None:
    secrets = {"pin"}
    plain = [
        shown(each, secrets, secret=False)
        for each in (
            HumanPlease(),
            AskKnowledge(None),
            FillSlot("date", "2026-12-01", ("2026-12-08",)),
            FillSlot("pin", "4711", ("4712",)),
            FillSlot("secret", "4711"),
            Correct("pin", "4711"),
        )
    ]
    assert plain == [
        "HumanPlease",
        "AskKnowledge",
        "FillSlot date 2026-12-01 2026-12-08",
        f"FillSlot pin {HIDDEN_WORDS} {HIDDEN_WORDS}",
        f"FillSlot secret {HIDDEN_WORDS}",
        f"Correct pin {HIDDEN_WORDS}",
    ]
    assert (
        shown(FillSlot("date", "2026-12-01"), secrets, secret=True)
        == f"FillSlot date {HIDDEN_WORDS}"
    )
