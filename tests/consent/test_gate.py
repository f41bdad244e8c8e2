from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.gate import ConsentGate, GateError, GateState
from consent.purpose import Purpose
from consent.receipt import Receipt
from consent.sealed import ConsentWithdrawn

GIVEN = Receipt("record", "CA1", frozenset({Purpose.CONVERSATION}))


def open_gate() -> ConsentGate:
    gate = ConsentGate("CA1")
    gate.open(GIVEN)
    return gate


def test_a_gate_is_closed_until_a_receipt_opens_it() -> None:
    gate = ConsentGate("CA1")
    assert gate.state is GateState.CLOSED
    assert gate.admit("frame") is None
    gate.open(GIVEN)
    sealed = gate.admit("frame")
    assert sealed is not None
    assert sealed.reveal() == "frame"
    assert gate.receipt == GIVEN


def test_c2_what_came_before_the_yes_is_not_kept() -> None:
    """Rule C2: it is counted, and gone."""
    gate = ConsentGate("CA1")
    for _ in range(5):
        gate.admit("before")
    gate.open(GIVEN)
    sealed = gate.admit("after")
    assert sealed is not None
    assert sealed.reveal() == "after"
    assert gate.dropped == 5


@pytest.mark.parametrize(
    "wrong",
    [
        Receipt("record", "CA2", frozenset({Purpose.CONVERSATION})),
        Receipt("record", "CA1"),
        Receipt("record", "CA1", frozenset(Purpose) - {Purpose.CONVERSATION}),
    ],
    ids=["another call's", "no purpose", "other purposes"],
)
def test_a_receipt_that_does_not_justify_it_opens_nothing(wrong: Receipt) -> None:
    """Rules C10 and C11: of this call, for this purpose."""
    gate = ConsentGate("CA1")
    with pytest.raises(GateError):
        gate.open(wrong)
    assert gate.state is GateState.CLOSED
    assert gate.receipt is None


def test_c16_a_withdrawal_makes_everything_unreadable_that_was_sealed_before_it() -> None:
    """Rule C16: audio already queued somewhere too."""
    gate = open_gate()
    queued = [gate.admit(number) for number in range(3)]
    gate.withdraw()
    for sealed in queued:
        assert sealed is not None
        assert not sealed.is_readable
        with pytest.raises(ConsentWithdrawn):
            sealed.reveal()


def test_the_end_of_the_call_makes_it_unreadable_too() -> None:
    gate = open_gate()
    sealed = gate.admit("frame")
    assert sealed is not None
    gate.expire()
    with pytest.raises(ConsentWithdrawn):
        sealed.reveal()


def test_a_withdrawal_stays_one_when_the_call_ends() -> None:
    gate = open_gate()
    gate.withdraw()
    gate.expire()
    assert gate.state is GateState.WITHDRAWN
    assert gate.receipt == GIVEN


@pytest.mark.parametrize("close", [ConsentGate.withdraw, ConsentGate.expire])
def test_a_gate_that_was_closed_is_never_opened_again(close: object) -> None:
    assert callable(close)
    gate = open_gate()
    close(gate)
    with pytest.raises(GateError):
        gate.open(GIVEN)
    assert gate.admit("frame") is None


def test_an_open_gate_is_not_opened_twice() -> None:
    gate = open_gate()
    with pytest.raises(GateError):
        gate.open(GIVEN)


@given(st.lists(st.sampled_from(["open", "withdraw", "expire", "admit"])))
def test_whatever_happens_only_an_open_gate_admits(steps: list[str]) -> None:
    gate = ConsentGate("CA1")
    sealed = []
    for step in steps:
        match step:
            case "open":
                opened = gate.state is GateState.CLOSED
                if opened:
                    gate.open(GIVEN)
            case "withdraw":
                gate.withdraw()
            case "expire":
                gate.expire()
            case _:
                admitted = gate.admit(step)
                assert (admitted is not None) is (gate.state is GateState.OPEN)
                sealed += [admitted] if admitted is not None else []
        assert all(each.is_readable is gate.is_open for each in sealed)
