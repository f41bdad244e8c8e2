"""A call of the example company, with its own prompts, notice and knowledge."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.runtime.engines import Loudness
from voice_agent.agent import AgentConfig
from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.call.session import CallSession
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.notices import load_notice
from voice_agent.script import CallScript

HOME = Path(__file__).parents[2]
CALLER_NAME = "Büro Muster"
CALL = "CA" + "0123456789abcdef" * 2


@cache
def agent() -> AgentConfig:
    """The example agent."""
    return AgentConfig.load(HOME / "config")


@cache
def script() -> CallScript:
    """Its notice and fixed lines."""
    about = {"company": agent().company.name, "caller_name": CALLER_NAME}
    return CallScript(load_notice(agent()), Prompts.load(HOME / "prompts", about=about))


@cache
def knowledge() -> Knowledge:
    """What it knows."""
    return Knowledge.load(HOME / "config" / "knowledge", agent().languages)


@cache
def engine() -> Engine:
    """Its dialogue."""
    about = {"company": agent().company.name}
    return Engine(Prompts.load(HOME / "prompts", about=about), knowledge())


@cache
def question() -> bytes:
    """A spoken question, mu-law 8 kHz, then a second of silence."""
    sound = wav.read((HOME / "tests" / "recordings" / "de01.wav").read_bytes())
    assert sound.rate == TELEPHONE_RATE
    return mulaw.encode(sound.samples) + b"\xff" * TELEPHONE_RATE


def session(terms: CallTerms | None = None) -> CallSession:
    """A new call."""
    return CallSession(
        terms or CallTerms(call_id=CALL, language="de"), Loudness(), engine(), script()
    )
