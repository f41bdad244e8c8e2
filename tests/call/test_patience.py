"""A caller who has had enough, in a whole call."""

from __future__ import annotations

import pytest

from tests.call.conftest import MakeScene
from voice_agent.call.phase import Phase

SORRY = {
    "de": "Es tut mir leid, dass das so mühsam ist.",
    "en": "I am sorry that this is such hard work.",
}
OFFER = {
    "de": "Soll ich Sie mit einem Menschen verbinden?",
    "en": "Shall I connect you with a person?",
}
ANGRY = {
    "de": ("Das ist ja unglaublich!", "Das habe ich doch schon gesagt!"),
    "en": ("This is ridiculous!", "I already told you!"),
}


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_person_is_offered_first_and_called_next(make_scene: MakeScene, language: str) -> None:
    scene = make_scene(language=language)
    scene.accept()
    scene.listen()
    first, second = ANGRY[language]
    scene.ask(first)
    assert scene.heard[-2:] == [SORRY[language], OFFER[language]]
    scene.say(second)
    scene.wait(1.5)
    assert scene.session.phase is Phase.HANDING_OVER


@pytest.mark.parametrize("language", ["de", "en"])
def test_where_nobody_can_be_called_the_call_goes_on_with_one_apology(
    make_scene: MakeScene, language: str
) -> None:
    scene = make_scene(language=language, can_hand_over=False)
    scene.accept()
    scene.listen()
    for words in ANGRY[language] * 2:
        scene.ask(words)
    assert scene.heard.count(SORRY[language]) == 1
    assert scene.session.phase is Phase.CONVERSING
