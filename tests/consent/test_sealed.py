from __future__ import annotations

import copy
import json
import pickle

import pytest

from consent.gate import ConsentGate
from consent.purpose import Purpose
from consent.receipt import Receipt
from consent.sealed import Consented, ConsentWithdrawn, SealBroken, join

SECRET = "what the caller said"


def gate(call_id: str = "CA1") -> ConsentGate:
    gate = ConsentGate(call_id)
    gate.open(Receipt("record", call_id, frozenset({Purpose.CONVERSATION})))
    return gate


def sealed(value: str = SECRET, by: ConsentGate | None = None) -> Consented[str]:
    value_sealed = (by or gate()).admit(value)
    assert value_sealed is not None
    return value_sealed


@pytest.mark.parametrize("seal", [None, object(), "SEAL", True])
def test_nobody_but_a_gate_makes_a_sealed_value(seal: object) -> None:
    with pytest.raises(SealBroken):
        Consented(SECRET, gate(), seal)


@pytest.mark.parametrize(
    "dump",
    [pickle.dumps, copy.copy, copy.deepcopy, lambda value: pickle.dumps({"audio": [value]})],
    ids=["pickle", "copy", "deepcopy", "pickle in a container"],
)
def test_a_sealed_value_does_not_leave_the_process(dump: object) -> None:
    assert callable(dump)
    with pytest.raises(SealBroken):
        dump(sealed())


def test_a_sealed_value_is_no_json() -> None:
    with pytest.raises(TypeError):
        json.dumps(sealed())


@pytest.mark.parametrize(
    "show", [repr, str, "{}".format, "{!r}".format, lambda value: f"{[value]}"]
)
def test_no_text_form_shows_the_content(show: object) -> None:
    """So that it cannot slip into a log line."""
    assert callable(show)
    value = sealed()
    assert SECRET not in show(value)
    assert "sealed" in show(value)


def test_a_sealed_value_has_no_dictionary_of_its_attributes() -> None:
    with pytest.raises(TypeError):
        vars(sealed())


def test_a_sealed_value_cannot_be_changed_into_another() -> None:
    value = sealed()
    with pytest.raises(AttributeError):
        value.value = "other"  # type: ignore[attr-defined]  # that it cannot is the point


def test_parts_of_one_gate_become_one_sealed_value() -> None:
    one = gate()
    whole = join([sealed("a", one), sealed("b", one)], "".join)
    assert whole.reveal() == "ab"
    one.withdraw()
    with pytest.raises(ConsentWithdrawn):
        whole.reveal()


def test_parts_of_different_gates_are_never_joined() -> None:
    """Two callers' voices, or one caller's of two calls."""
    with pytest.raises(ValueError, match="different gates"):
        join([sealed("a", gate("CA1")), sealed("b", gate("CA2"))], "".join)


def test_nothing_cannot_be_joined() -> None:
    with pytest.raises(ValueError, match="nothing"):
        join([], "".join)


def test_after_a_withdrawal_nothing_is_joined_any_more() -> None:
    one = gate()
    parts = [sealed("a", one), sealed("b", one)]
    one.withdraw()
    with pytest.raises(ConsentWithdrawn):
        join(parts, "".join)
