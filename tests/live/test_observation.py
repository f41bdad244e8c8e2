from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.errors import ProtocolError
from voice_agent.live.observation import (
    AgentHeard,
    AgentSaid,
    AnswerHeard,
    CallEnded,
    CallerSaid,
    KeyPressedSeen,
    Missed,
    Observation,
    PhaseChanged,
    Stage,
    TurnTimed,
    parse,
)

seconds = st.floats(0, 1e6)
moment = st.none() | st.integers(0)

observations: st.SearchStrategy[Observation] = st.one_of(
    st.builds(PhaseChanged, st.text()),
    st.builds(CallerSaid, st.integers(1), st.text()),
    st.builds(AgentSaid, st.text()),
    st.builds(AgentHeard, st.booleans()),
    st.builds(
        TurnTimed,
        st.integers(1),
        st.integers(0),
        seconds,
        st.none() | seconds,
        st.none() | seconds,
        *[moment] * 5,
    ),
    st.builds(AnswerHeard, st.integers(1), st.integers(0)),
    st.builds(KeyPressedSeen, st.sampled_from("0123456789*#")),
    st.builds(CallEnded, st.text()),
    st.builds(Missed, st.integers(1)),
)


@given(observations)
def test_every_observation_survives_json(observation: Observation) -> None:
    assert parse(json.loads(json.dumps(observation.to_dict()))) == observation


def test_the_names_other_programs_rely_on() -> None:
    assert TurnTimed(2, 4200, 0.8, 0.2, None, 140, 190, 420, 440, 450).to_dict() == {
        "type": "turn_timed",
        "turn": 2,
        "speech_end_ms": 4200,
        "seconds": 0.8,
        "recognition_seconds": 0.2,
        "synthesis_seconds": None,
        "pause_ms": 140,
        "judged_ms": 190,
        "transcript_ms": 420,
        "decided_ms": 440,
        "reply_ms": 450,
    }
    assert AnswerHeard(2, 900).to_dict() == {"type": "answer_heard", "turn": 2, "heard_ms": 900}
    assert [kind.type for kind in (PhaseChanged, CallerSaid, AgentSaid, AgentHeard)] == [
        "phase",
        "caller_said",
        "agent_said",
        "agent_heard",
    ]


def test_optional_figures_may_be_left_out() -> None:
    record = {"type": "turn_timed", "turn": 1, "speech_end_ms": 0, "seconds": 1}
    assert parse(record) == TurnTimed(1, 0, 1.0)


def test_moments_that_are_not_known_are_left_out() -> None:
    timed = TurnTimed(1, 0, 0.8, pause_ms=140, decided_ms=700)
    assert timed.moments == {Stage.PAUSE: 140, Stage.DECIDED: 700, Stage.SENT: 800}


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        "phase",
        {},
        {"type": 3},
        {"type": ["phase"]},
        {"type": "unheard_of"},
        {"type": "phase"},
        {"type": "phase", "phase": 1},
        {"type": "phase", "phase": "notice", "more": 1},
        {"type": "caller_said", "turn": True, "text": "a"},
        {"type": "caller_said", "turn": "1", "text": "a"},
        {"type": "caller_said", "turn": 1, "text": None},
        {"type": "agent_heard", "complete": 1},
    ],
)
def test_what_is_no_observation_is_refused(record: Any) -> None:
    with pytest.raises(ProtocolError):
        parse(record)


def test_an_error_does_not_repeat_what_was_said() -> None:
    with pytest.raises(ProtocolError) as raised:
        parse({"type": "caller_said", "turn": "1", "text": "canary"})
    assert "canary" not in str(raised.value)
