"""What calls on a simulated clock share: the real engines, texts and voices, loaded once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tests.bench.ears import Ears
from tests.bench.overlap import Samples, recording
from tests.call import texts
from voice_agent.agent import AgentConfig
from voice_agent.agent_turns import end_rules, open_judge, turn_rules
from voice_agent.call.barge_in import BargeInRules
from voice_agent.call.ports import Script
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.comprehension import Comprehension
from voice_agent.dialogue.understanding.ports import Understander
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.script import CallScript
from voice_agent.speech.cache import SpeechCache
from voice_agent.speech.ports import Vad
from voice_agent.speech.voice import Voice
from voice_agent.speech.voices import choose_voice
from voice_agent.speech.webrtc_vad import WebRtcVad
from voice_agent.speech.whisper import WhisperRecogniser

ROOT: Final = Path(__file__).parents[2]

_QUESTIONS: Final = {"de": "de17", "en": "en14"}
"""Opening hours: the longest answer."""

_VOICES: Final = {"de": "espeak", "en": "auto"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What all calls share.

    Attributes:
        engine: the dialogue.
        script: lines around it.
        understander: the built-in one.
        terms: the call's terms; the language is each call's own.
        vad: makes the voice activity detection of one call.
        voices: for each language.
        ears: recogniser and judge.
        questions: what the caller asks, for each language.
    """

    engine: Engine
    script: Script
    understander: Understander
    terms: CallTerms
    vad: Callable[[], Vad]
    voices: Mapping[str, Voice]
    ears: Ears
    questions: Mapping[str, Samples]


def open_stage(models: Path, facts: Path | None = None) -> Stage:
    """Load engines, texts and voices; blocks."""
    store, agent = ModelStore(models), AgentConfig.load(ROOT / "config")
    knowledge = Knowledge.load(ROOT / "config" / "knowledge", tuple(_VOICES))
    prompts = Prompts.load(ROOT / "prompts", tuple(_VOICES), {"company": agent.company.name})
    whisper = WhisperRecogniser(store.require(find("whisper-base", "recogniser")))
    cache = SpeechCache()
    return Stage(
        engine=Engine(prompts, knowledge),
        script=CallScript(texts.NOTICE, prompts),
        understander=Comprehension(BuiltinUnderstander(knowledge), datetime.now),
        terms=CallTerms(
            call_id="CA1",
            language="de",
            turns=turn_rules(agent.turn),
            ends=end_rules(agent.turn),
            barge_in=BargeInRules(hold_ms=agent.turn.hold_ms, confirm_ms=agent.turn.interrupt_ms),
        ),
        vad=WebRtcVad,
        voices={
            language: Voice(language, choose_voice(language, choice, store), cache)
            for language, choice in _VOICES.items()
        },
        ears=Ears(whisper, open_judge(store), facts),
        questions={language: recording(name) for language, name in _QUESTIONS.items()},
    )
