"""What callers want, out of what the recogniser writes for people on the telephone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from consent.sealed import Consented
from tests.dialogue.phrases.phrase import HOURS, NOW, Phrase, Understood
from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import Utterance
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.comprehension import Comprehension
from voice_agent.speech.whisper import WhisperRecogniser

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "tests" / "recordings"


@pytest.fixture(scope="module")
def comprehension() -> Comprehension:
    """What calls use, with the files of the example company."""
    prompts = Prompts.load(ROOT / "prompts", about={"company": "Autowerkstatt Berger"})
    flows = load_flows(ROOT / "config" / "flows", prompts)
    knowledge = Knowledge.load(ROOT / "config" / "knowledge")
    return Comprehension(BuiltinUnderstander(knowledge, flows.values()), lambda: NOW, HOURS)


@pytest.mark.parametrize(
    ("name", "asked", "commands"),
    [
        ("de01", "-", "StartFlow:book_appointment"),
        ("de02", "-", "StartFlow:book_appointment"),
        ("de03", "-", "StartFlow:book_appointment"),
        ("de04", "date", "-"),
        ("de08", "date", "Deny"),
        ("de09", "yes_no", "Affirm"),
        ("de11", "yes_no", "Deny"),
        ("de15", "-", "StartFlow:cancel_appointment"),
        ("de16", "-", "StartFlow:move_appointment"),
        ("de17", "-", "AskKnowledge:opening_hours"),
        ("de18", "-", "AskKnowledge:saturday"),
        ("de19", "-", "AskKnowledge:tyre_change"),
        ("de20", "-", "AskKnowledge:address"),
        ("de21", "-", "HumanPlease"),
        ("de22", "-", "HumanPlease"),
        ("de24", "-", "Repeat"),
        ("de25", "-", "Wait"),
        ("de26", "-", "WithdrawConsent"),
        ("de28", "-", "AskAgent:data"),
        ("de29", "-", "AskAgent:robot"),
        ("de30", "-", "Goodbye"),
        ("de31", "date", "-"),
        ("de33", "-", "-"),
        ("de35", "-", "SwitchLanguage:en"),
        ("de37", "-", "StartFlow:cancel_appointment"),
        ("en01", "-", "StartFlow:book_appointment"),
        ("en02", "-", "StartFlow:book_appointment"),
        ("en05", "date", "-"),
        ("en06", "date", "Deny"),
        ("en12", "-", "StartFlow:cancel_appointment"),
        ("en13", "-", "StartFlow:move_appointment"),
        ("en14", "-", "AskKnowledge:opening_hours"),
        ("en15", "-", "AskKnowledge:tyre_change"),
        ("en16", "-", "HumanPlease"),
        ("en17", "-", "Repeat"),
        ("en18", "-", "WithdrawConsent"),
        ("en19", "-", "AskAgent:data"),
        ("en21", "-", "-"),
        ("en22", "-", "Goodbye"),
    ],
)
def test_what_is_heard_is_understood(  # noqa: PLR0917 (fixtures)
    recogniser: WhisperRecogniser,
    seal: Callable[[bytes], Consented[Utterance]],
    comprehension: Comprehension,
    name: str,
    asked: str,
    commands: str,
) -> None:
    language = name[:2]
    sound = mulaw.encode(wav.read((RECORDINGS / f"{name}.wav").read_bytes()).mono())
    heard = recogniser.transcribe(seal(sound), language)
    phrase = Phrase(language, "heard", asked, heard.text, commands, "-")
    assert Understood.of(phrase, comprehension.understand(phrase.said)).commands == commands
