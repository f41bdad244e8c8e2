"""The example company's vocabulary and instructions, and a model that says what a test wants."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from voice_agent.agent_understanding import vocabulary_of
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.slots.reading import Setting
from voice_agent.dialogue.understanding.advised import AdvisedUnderstander
from voice_agent.dialogue.understanding.briefing import Briefings
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.comprehension import Comprehension
from voice_agent.dialogue.understanding.ports import Briefing

ROOT: Final = Path(__file__).parents[3]
NOW: Final = datetime.fromisoformat("2026-11-23T09:00")
PROMPTS: Final = Prompts.load(ROOT / "prompts", about={"company": "Berger"})
FLOWS: Final = load_flows(ROOT / "config" / "flows", PROMPTS)
KNOWLEDGE: Final = Knowledge.load(ROOT / "config" / "knowledge")
VOCABULARY: Final = vocabulary_of(FLOWS, KNOWLEDGE)
BRIEFINGS: Final = Briefings.load(ROOT / "prompts", ("de", "en"), VOCABULARY)
OWN: Final = Comprehension(BuiltinUnderstander(KNOWLEDGE, FLOWS.values()), lambda: NOW)
GERMAN: Final = Setting("de", NOW)


class Scripted:
    """A model that answers what it was told to, and keeps what it was asked.

    Args:
        answer: what it says to everything; ``None``: nothing.
    """

    def __init__(self, answer: object | None) -> None:
        self.answer = answer
        self.asked: list[Briefing] = []

    def ask(self, briefing: Briefing) -> object | None:
        self.asked.append(briefing)
        return self.answer


def advised(model: Scripted) -> AdvisedUnderstander:
    """The understander of a call with this model."""
    return AdvisedUnderstander(OWN, model, BRIEFINGS, VOCABULARY, lambda _: None)
