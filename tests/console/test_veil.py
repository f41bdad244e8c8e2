"""Rule C22: no words of a call whose caller has not consented, or does not any more."""

from __future__ import annotations

import pytest

from voice_agent.console.veil import Veil
from voice_agent.live.observation import (
    AgentSaid,
    CallerSaid,
    ConsentSeen,
    ControlChanged,
    FlowMoved,
    KeyPressedSeen,
    Observation,
    PhaseChanged,
    UnderstoodSeen,
)

WORDS: list[Observation] = [
    CallerSaid(1, "Guten Tag"),
    AgentSaid("Hallo"),
    UnderstoodSeen(["Greet"]),
    FlowMoved("complaint", "reason", {"name": "Muster"}),
    KeyPressedSeen("1"),
]


@pytest.mark.parametrize("words", WORDS, ids=lambda each: each.type)
def test_c22_words_pass_only_while_consent_stands(words: Observation) -> None:
    veil = Veil()
    assert not veil.passes(words)
    assert veil.passes(ConsentSeen("given", "r"))
    assert veil.passes(words)
    assert veil.passes(ConsentSeen("withdrawn"))
    assert not veil.passes(words)


def test_c22_the_phase_of_a_withdrawal_is_enough() -> None:
    veil = Veil("given")
    assert veil.passes(PhaseChanged("withdrawn"))
    assert not veil.passes(AgentSaid("x"))


def test_c22_an_old_consent_told_again_opens_nothing() -> None:
    """Who comes after the withdrawal is told all that happened, and still sees no words."""
    veil = Veil("withdrawn")
    assert veil.passes(ConsentSeen("given", "r"))
    assert not veil.passes(FlowMoved("complaint", "", {"name": "Muster"}))


def test_what_is_no_word_passes_always() -> None:
    assert Veil().passes(ControlChanged("agent"))
