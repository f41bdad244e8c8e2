"""Tiles: their order, and what they say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.console.console_house import ANNA, BEN, keys
from voice_agent.console.texts import LANGUAGES, Words
from voice_agent.console.tile import in_order, tile
from voice_agent.dialogue.reply import HandoverReason
from voice_agent.live.snapshot import CallSnapshot, Standing

CALL = CallSnapshot(call="1" * 32, worker="w", language="de", began_at=100.0)


def call(name: str, began_at: float, waiting_since: float | None = None) -> CallSnapshot:
    return replace(CALL, call=name * 32, began_at=began_at, waiting_since=waiting_since)


def test_who_waits_longest_stands_first_then_the_longest_calls() -> None:
    calls = [call("a", 50), call("b", 10), call("c", 60, 95), call("d", 5, 99), call("e", 50)]
    assert [key[0] for key in keys(in_order(calls))] == ["c", "d", "b", "a", "e"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_of_the_program_has_a_word(language: str) -> None:
    texts = Words(language).texts
    assert set(Standing) <= texts["consent"].keys()
    assert set(HandoverReason) <= texts["reason"].keys()
    assert {"agent", "announcing", "talking", "holding"} <= texts["control"].keys()


def test_both_languages_say_the_same_things() -> None:
    german, english = (Words(language).texts for language in LANGUAGES)
    assert {name: group.keys() for name, group in german.items()} == {
        name: group.keys() for name, group in english.items()
    }


def test_a_tile_names_the_operator_who_holds_the_call() -> None:
    words = Words("de")
    held = replace(CALL, holder=BEN.account, control="talking", consent="given")
    names = {BEN.account: BEN.name}
    assert tile(held, words, names, ANNA.account)["holder_name"] == BEN.name
    assert tile(held, words, names, BEN.account)["holder_name"] == "Sie"
    assert tile(held, words, {}, ANNA.account)["holder_name"] == "Anderer Mitarbeiter"
    assert tile(CALL, words, names, ANNA.account)["holder_name"] == "Agent"


def test_c22_without_consent_a_tile_does_not_tell_what_the_call_is_about() -> None:
    words = Words("en")
    asked = replace(CALL, flow="complaint", question="reason", consent="given")
    assert tile(asked, words, {}, "")["flow"] == "Complaint"
    for standing in ("none", "withdrawn"):
        assert tile(replace(asked, consent=standing), words, {}, "")["flow"] == ""


def test_a_flow_of_a_company_s_own_is_told_by_its_name() -> None:
    own = replace(CALL, flow="rent_a_trailer", consent="given")
    assert tile(own, Words("de"), {}, "")["flow"] == "rent a trailer"
