"""What is left to tell of a call: facts that were observed, in any order they may come."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.errors import ProtocolError
from voice_agent.live.observation import (
    HIDDEN_WORDS,
    AgentSaid,
    AnswerHeard,
    CallEnded,
    CallerSaid,
    ConsentSeen,
    ControlChanged,
    FlowMoved,
    HandoverAsked,
    LanguageSeen,
    Missed,
    Observation,
    PhaseChanged,
    QueuePlace,
    TurnTimed,
    UnderstoodSeen,
)
from voice_agent.live.summary import (
    MOST_FLOWS,
    MOST_HOLDS,
    MOST_SLOTS,
    MOST_TURNS,
    MOST_VALUE,
    FlowSummary,
    Hold,
    Summary,
)

BEGAN = 1_790_000_000.0
NEW = Summary(began_at=BEGAN, language="de")
ANNA, BEN = "a" * 32, "b" * 32
GIVEN, WITHDRAWN = ConsentSeen("given", "record-1"), ConsentSeen("withdrawn")


def after(observations: Iterable[Observation], summary: Summary = NEW) -> Summary:
    """The summary after these, one a second."""
    for second, observation in enumerate(observations, 1):
        summary = summary.follow(observation, BEGAN + second)
    return summary


def turn(number: int, heard_ms: int) -> list[Observation]:
    return [TurnTimed(number, 1000 * number, 0.5), AnswerHeard(number, heard_ms)]


def test_a_whole_call_is_told_by_what_happened_in_it() -> None:
    told = after(
        [
            PhaseChanged("conversing"),
            GIVEN,
            *turn(1, 900),
            FlowMoved("booking", "day", {"service": "tyres"}),
            LanguageSeen("en"),
            FlowMoved("booking", "name", {"service": "tyres", "day": "2026-12-01"}),
            *turn(2, 700),
            HandoverAsked("asked"),
            QueuePlace(1),
            ControlChanged("announcing", ANNA),
            ControlChanged("talking", ANNA),
            ControlChanged("holding", ANNA),
            ControlChanged("agent"),
            FlowMoved("", "", {}),
            *turn(3, 800),
            CallEnded("hung_up"),
        ]
    )
    assert told == Summary(
        began_at=BEGAN,
        language="en",
        ended_at=BEGAN + 19,
        ending="hung_up",
        consent="given",
        flows=(FlowSummary("booking", (("service", "tyres"), ("day", "2026-12-01"))),),
        reason="asked",
        holds=(Hold(ANNA, 3.0),),
        holder_since=BEGAN + 15,
        turns=3,
        latencies=(900, 700, 800),
    )
    assert (told.seconds, told.held_seconds, told.latency_ms) == (19.0, 3.0, 800)


def test_a_call_that_runs_has_no_length_and_no_latency() -> None:
    assert (NEW.seconds, NEW.held_seconds, NEW.latency_ms) == (0.0, 0.0, None)


def test_one_operator_after_another_is_told_with_how_long_each_held_it_to_the_end() -> None:
    held: list[Observation] = [
        ControlChanged("talking", ANNA),
        ControlChanged("talking", BEN),
        CallEnded("hung_up"),
    ]
    told = after(held)
    assert told.holds == (Hold(ANNA, 1.0), Hold(BEN, 1.0))
    assert told.holder == ""


def test_flows_are_told_in_their_order_with_what_each_knew_last() -> None:
    told = after(
        [
            GIVEN,
            FlowMoved("first", "a", {"a": "1"}),
            FlowMoved("second", "b", {"b": "2"}),
            FlowMoved("first", "", {"a": "3"}),
        ]
    )
    assert told.flows == (FlowSummary("first", (("a", "3"),)), FlowSummary("second", (("b", "2"),)))


@pytest.mark.parametrize("number", ["+4915112345678", "0301234567", " +49301234567 "])
def test_c17_a_telephone_number_is_not_told(number: str) -> None:
    told = after([GIVEN, FlowMoved("callback", "", {"phone": number})])
    assert told.flows == (FlowSummary("callback", (("phone", HIDDEN_WORDS),)),)


@pytest.mark.parametrize("value", ["2026-12-01", "08:00/12:00", "W482715", "3", HIDDEN_WORDS])
def test_what_is_no_telephone_number_is_told(value: str) -> None:
    told = after([GIVEN, FlowMoved("booking", "", {"it": value})])
    assert told.flows == (FlowSummary("booking", (("it", value),)),)


def test_c18_slots_that_hold_a_callers_own_words_are_not_told() -> None:
    new = Summary(began_at=BEGAN, language="de", words=frozenset({"complaint"}))
    slots = {"name": "Kim", "complaint": "der Kanarienvogel singt"}
    told = after([GIVEN, FlowMoved("complaint", "", slots)], new)
    assert told.flows == (FlowSummary("complaint", (("name", "Kim"), ("complaint", HIDDEN_WORDS))),)
    assert "Kanarienvogel" not in repr(told)


def test_no_words_of_either_side_are_in_it() -> None:
    said: list[Observation] = [
        CallerSaid(1, "Kanarienvogel"),
        AgentSaid("Kanari"),
        UnderstoodSeen(["Kanari"]),
    ]
    assert after([GIVEN, *said]) == after([GIVEN])


def test_a_slot_shows_in_no_repr() -> None:
    assert "Kanari" not in repr(after([GIVEN, FlowMoved("f", "", {"name": "Kanari"})]))


def test_what_a_call_may_leave_is_bounded() -> None:
    slots = {str(number): "x" * 5000 for number in range(1000)}
    flows: list[Observation] = [
        FlowMoved(f"f{number}", "", slots) for number in range(MOST_FLOWS * 2)
    ]
    control = [ControlChanged("talking", str(number)) for number in range(1000)]
    turns = [AnswerHeard(number, 1) for number in range(MOST_TURNS * 2)]
    told = after([GIVEN, *flows, *control, *turns])
    assert len(told.flows) == MOST_FLOWS
    assert {len(flow.slots) for flow in told.flows} == {MOST_SLOTS}
    assert {len(value) for flow in told.flows for _, value in flow.slots} == {MOST_VALUE}
    assert (len(told.holds), len(told.latencies)) == (MOST_HOLDS, MOST_TURNS)


@pytest.mark.parametrize("withdrawal", [WITHDRAWN, PhaseChanged("withdrawn")])
@pytest.mark.parametrize("late", [GIVEN, FlowMoved("f", "", {"name": "Kanari"})])
def test_c16_a_withdrawal_forgets_slots_and_none_comes_back(
    withdrawal: Observation, late: Observation
) -> None:
    before: list[Observation] = [GIVEN, FlowMoved("f", "", {"name": "Kanari"})]
    told = after([*before, withdrawal, late, CallEnded("hung_up")])
    assert (told.consent, told.flows) == ("withdrawn", ())
    told = after([*before, CallEnded("hung_up"), withdrawal, late])
    assert (told.consent, told.flows) == ("withdrawn", ())


def test_after_the_end_nothing_else_changes_it() -> None:
    ended = after([GIVEN, *turn(1, 800), CallEnded("hung_up")])
    late: list[Observation] = [
        LanguageSeen("en"),
        *turn(2, 1),
        HandoverAsked("asked"),
        CallEnded("caller_left"),
    ]
    assert after([*late, ControlChanged("talking", ANNA), GIVEN], ended) == ended


_WORDS = st.text(max_size=12)
_OBSERVATIONS: st.SearchStrategy[Observation] = st.one_of(
    st.builds(
        PhaseChanged, st.sampled_from(["conversing", "withdrawn", "operated", "ended"]) | _WORDS
    ),
    st.builds(ConsentSeen, st.sampled_from(["given", "withdrawn"]) | _WORDS, _WORDS),
    st.builds(FlowMoved, _WORDS, _WORDS, st.dictionaries(_WORDS, _WORDS, max_size=3)),
    st.builds(HandoverAsked, _WORDS),
    st.builds(ControlChanged, _WORDS, st.sampled_from(["", ANNA, BEN])),
    st.builds(QueuePlace, st.integers()),
    st.builds(CallEnded, _WORDS),
    st.builds(TurnTimed, st.integers(), st.integers(), st.floats()),
    st.builds(AnswerHeard, st.integers(), st.integers()),
    st.builds(LanguageSeen, _WORDS),
    st.builds(Missed, st.integers()),
)
_TIMES = st.floats(0, 4e9)


@given(st.lists(st.tuples(_OBSERVATIONS, _TIMES), max_size=40))
def test_c16_any_order_of_observations_is_told_and_a_withdrawal_leaves_no_slot(
    seen: list[tuple[Observation, float]],
) -> None:
    told = NEW
    for observation, at in seen:
        told = told.follow(observation, at)
    withdrawn = any(
        observation in {WITHDRAWN, PhaseChanged("withdrawn")}
        or (isinstance(observation, ConsentSeen) and observation.state == "withdrawn")
        for observation, _ in seen
        if not isinstance(observation, FlowMoved)
    )
    assert (told.consent == "withdrawn") == withdrawn
    assert not (withdrawn and told.flows)
    assert told.seconds >= 0
    assert all(hold.seconds >= 0 and hold.holder for hold in told.holds)
    kept = json.loads(json.dumps(told.contents()))
    bare = Summary(began_at=BEGAN, language="de").with_contents(kept)
    assert (bare.flows, bare.holds) == (told.flows, told.holds)


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        {},
        {"flows": [{}], "holds": []},
        {"flows": [{"flow": "f", "slots": [1]}], "holds": []},
        {"flows": [], "holds": [{"holder": "a", "seconds": "long"}]},
    ],
)
def test_contents_that_are_none_are_refused_without_repeating_them(record: Any) -> None:
    with pytest.raises(ProtocolError, match="flows and holds"):
        NEW.with_contents(record)
