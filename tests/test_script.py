from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.runtime import sample_call
from tests.test_notices import configured
from voice_agent.call.offer import LINK_LINES
from voice_agent.dialogue.prompts import Prompts
from voice_agent.errors import ConfigurationError
from voice_agent.notices import load_notice
from voice_agent.script import PLAYED, SAID, CallScript


@pytest.fixture
def script() -> CallScript:
    return sample_call.script()


def test_a_prompt_that_is_missing_stops_the_start() -> None:
    prompts = Prompts.load(
        sample_call.HOME / "prompts", about={"company": sample_call.agent().company.name}
    )
    for key in (*PLAYED, *SAID):
        texts = {
            language: {name: text for name, text in each.items() if name != key}
            for language, each in prompts.variants.items()
        }
        with pytest.raises(ConfigurationError, match=key):
            CallScript(load_notice(sample_call.agent()), replace(prompts, variants=texts))


@pytest.mark.parametrize("language", ["de", "en"])
def test_everything_a_carrier_can_be_told_to_play_is_recorded(
    script: CallScript, language: str
) -> None:
    recorded = list(script.recorded(language))
    assert script.notice(language) in recorded
    for number in (1, 2, 3):
        assert script.repetition(language, number) in recorded
    for key in {*PLAYED, *LINK_LINES.values()}:
        assert (script.line(key, language),) in recorded


@pytest.mark.parametrize("language", ["de", "en"])
def test_nothing_recorded_is_personal(script: CallScript, language: str) -> None:
    assert not any(line.personal for lines in script.recorded(language) for line in lines)


def test_repetitions_go_round(script: CallScript) -> None:
    first, second, third = (script.repetition("de", number) for number in (1, 2, 3))
    assert first != second
    assert third == first


def test_the_full_notice_ends_with_the_choice(script: CallScript) -> None:
    assert script.full_notice("de")[-1:] == script.repetition("de", 1)


def test_the_text_message_carries_the_link_and_fits_into_few_messages(script: CallScript) -> None:
    for language in ("de", "en"):
        link = f"https://agent.example/privacy/{language}"
        text = script.text_message(language, link)
        assert link in text
        assert len(text) <= 306


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_message_does_not_tell_what_an_appointment_about_health_is_for(language: str) -> None:
    prompts = Prompts.load(sample_call.HOME / "prompts", about={"company": "Praxis Muster"})
    private = load_notice(configured(notice={"mode": "keypad", "health": True}))
    said = ("Impfung", "Di 01.12.2026", "https://voice.example/a/x")
    assert "Impfung" in sample_call.script().appointment_message(language, *said)
    text = CallScript(private, prompts).appointment_message(language, *said)
    assert "Impfung" not in text
    assert said[1] in text
    assert said[2] in text


@pytest.mark.parametrize("language", ["de", "en"])
def test_c27_a_message_that_reminds_tells_whoever_sees_the_screen_nothing(language: str) -> None:
    company = sample_call.agent().company.name
    about = {"company": company, "caller_name": "Büro Berger"}
    prompts = Prompts.load(sample_call.HOME / "prompts", about=about)
    script = CallScript(load_notice(configured()), prompts)
    text = script.reminder_message(language, "+4930901820")
    assert "Büro Berger" in text
    assert "+4930901820" in text
    assert text.endswith("STOP")
    assert company not in text
    forbidden = re.compile(r"termin|appointment|arzt|praxis|doctor|erinner|remind", re.IGNORECASE)
    assert not forbidden.search(text)
    assert len(text) <= 160  # one message
