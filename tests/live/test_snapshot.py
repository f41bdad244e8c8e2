"""What a tile knows of a call as it goes on."""

from __future__ import annotations

import pytest

from voice_agent.live.observation import (
    ConsentSeen,
    FlowMoved,
    HandoverAsked,
    Observation,
    PhaseChanged,
)
from voice_agent.live.snapshot import CallSnapshot

CALL = CallSnapshot(call="1" * 32, worker="w", language="de", began_at=1.0)


def after(*observations: Observation) -> CallSnapshot:
    snapshot = CALL
    for observation in observations:
        snapshot = snapshot.follow(observation, 2.0)
    return snapshot


@pytest.mark.parametrize("withdrawal", [PhaseChanged("withdrawn"), ConsentSeen("withdrawn")])
def test_c16_a_withdrawal_takes_what_the_call_was_about(withdrawal: Observation) -> None:
    told = (ConsentSeen("given", "r"), FlowMoved("complaint", "reason", {}), HandoverAsked("asked"))
    known = after(*told)
    assert (known.flow, known.question, known.reason, known.receipt) == (
        *("complaint", "reason"),
        *("asked", "r"),
    )
    for left in (after(*told, withdrawal), after(*told, withdrawal, told[1])):
        assert (left.flow, left.question, left.reason, left.receipt) == ("", "", "", "")
        assert left.consent == "withdrawn"


def test_why_a_caller_waits_after_a_withdrawal_is_known() -> None:
    left = after(ConsentSeen("withdrawn"), HandoverAsked("asked"), PhaseChanged("waiting"))
    assert (left.reason, left.waiting_since) == ("asked", 2.0)
