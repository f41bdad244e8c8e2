from __future__ import annotations

import pytest

from consent.gate import ConsentGate
from tests.call.scene import CALL, ListeningVad, receipt
from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, Frame
from voice_agent.call.events import Take
from voice_agent.call.hearing import Hearing, Words
from voice_agent.speech.endpointing import EndRules
from voice_agent.speech.ports import Transcript
from voice_agent.speech.turns import TurnDetector, TurnEnded, TurnEvent, TurnRules


class Ear:
    """A hearing with its gate, and a voice to be heard."""

    def __init__(self, *, consented: bool = True) -> None:
        self.gate = ConsentGate(CALL)
        if consented:
            self.gate.open(receipt())
        self.vad = ListeningVad()
        self.hearing = Hearing(self.gate, TurnDetector(TurnRules(), self.vad))
        self.elapsed_ms = 0

    def feed(self, sound: bytes, ms: int) -> list[TurnEvent]:
        piece = Frame(sound * (FRAME_BYTES * ms // FRAME_MS), self.elapsed_ms)
        self.elapsed_ms += ms
        return list(self.hearing.hear(piece))

    def turn(self) -> None:
        self.feed(b"\x01", 600)
        self.feed(b"\xff", EndRules().unlikely_ms)


def words(text: str) -> Transcript:
    return Transcript(text=text, language="de", seconds=0.1, audio_seconds=1.0, window=30.0)


HELLO = words("Hallo")


def test_without_consent_nothing_is_cut_or_looked_at() -> None:
    ear = Ear(consented=False)
    assert ear.feed(b"\x01", 2000) == []
    ear.gate.open(receipt())
    ear.feed(b"\xff", 20)
    assert ear.vad.looked_at == [b"\xff" * FRAME_BYTES]


def test_words_that_are_there_before_the_turn_ends_are_kept_for_its_end() -> None:
    ear = Ear()
    ear.feed(b"\x01", 600)
    ear.feed(b"\xff", 300)
    ear.hearing.transcribed(Take(1, 1), HELLO)
    assert ear.hearing.take_words() == []
    ear.feed(b"\xff", 400)
    assert ear.hearing.take_words() == [Words(Take(1, 1), HELLO, wanted=True)]
    assert not ear.hearing.is_waiting


def test_words_of_a_pause_that_was_none_are_not_kept() -> None:
    ear = Ear()
    ear.feed(b"\x01", 600)
    ear.feed(b"\xff", 300)
    ear.hearing.transcribed(Take(1, 1), HELLO)
    ear.feed(b"\x01", 300)
    ear.hearing.transcribed(Take(1, 1), HELLO)
    ear.feed(b"\xff", EndRules().unlikely_ms)
    assert ear.hearing.take_words() == []
    assert ear.hearing.is_waiting
    ear.hearing.transcribed(Take(1, 2), HELLO)
    assert [each.take for each in ear.hearing.take_words()] == [Take(1, 2)]


def test_words_come_in_the_order_they_were_said() -> None:
    ear = Ear()
    ear.turn()
    ear.turn()
    ear.hearing.transcribed(Take(2, 1), HELLO)
    assert ear.hearing.take_words() == []
    assert ear.hearing.texts() == ("Hallo",)
    ear.hearing.transcribed(Take(1, 1), None)
    assert [each.take for each in ear.hearing.take_words()] == [Take(1, 1), Take(2, 1)]
    assert ear.hearing.take_words() == []


@pytest.mark.parametrize("silence_ms", [300, 900])
def test_words_that_are_dropped_are_still_known_but_not_wanted(silence_ms: int) -> None:
    ear = Ear()
    ear.feed(b"\x01", 600)
    ear.feed(b"\xff", silence_ms)
    ear.hearing.drop()
    assert not ear.hearing.in_turn
    assert not ear.hearing.is_waiting
    ear.hearing.transcribed(Take(1, 1), HELLO)
    assert ear.hearing.take_words() == [Words(Take(1, 1), HELLO, wanted=False)]


def test_words_that_are_dropped_hold_up_no_others() -> None:
    ear = Ear()
    ear.turn()
    ear.hearing.drop()
    ear.turn()
    ear.hearing.transcribed(Take(2, 1), HELLO)
    assert [each.take for each in ear.hearing.take_words()] == [Take(2, 1)]


def test_who_stopped_listening_has_forgotten_everything() -> None:
    ear = Ear()
    ear.turn()
    ear.hearing.transcribed(Take(1, 1), HELLO)
    ear.hearing.stop()
    looked_at = len(ear.vad.looked_at)
    assert ear.feed(b"\x01", 1000) == []
    assert list(ear.hearing.assume_silence(300)) == []
    ear.hearing.transcribed(Take(1, 1), HELLO)
    assert ear.hearing.texts() == ()
    assert ear.hearing.take_words() == []
    assert len(ear.vad.looked_at) == looked_at


def test_what_an_event_leads_to_may_end_the_listening_in_mid_piece() -> None:
    ear = Ear()
    for _ in ear.hearing.hear(Frame(b"\x01" * 8000, 0)):
        ear.gate.withdraw()
    assert len(ear.vad.looked_at) == TurnRules().start_ms // FRAME_MS


@pytest.mark.parametrize(("gap_ms", "learnt"), [(200, True), (800, False)])
def test_who_goes_on_right_after_their_turn_was_over_had_only_paused(
    gap_ms: int, learnt: bool
) -> None:
    ear = Ear()
    for _ in range(2):
        ear.turn()
        ear.feed(b"\xff", gap_ms)
    ear.feed(b"\x01", 600)
    ear.feed(b"\xff", 200)
    assert (ear.hearing.needed_ms > EndRules().unlikely_ms) is learnt


def test_a_judgement_of_a_pause_that_was_none_counts_for_nothing() -> None:
    ear = Ear()
    ear.feed(b"\x01", 600)
    ear.feed(b"\xff", 300)
    ear.feed(b"\x01", 300)
    assert ear.hearing.judged(Take(1, 1), 1.0) == []
    ear.feed(b"\xff", 300)
    assert ear.hearing.judged(Take(1, 1), 1.0) == []
    assert ear.hearing.evidence.acoustic is None
    ear.hearing.judged(Take(1, 2), 0.7)
    assert ear.hearing.evidence.acoustic == 0.7


def test_words_may_end_the_turn_at_once() -> None:
    ear = Ear()
    ear.feed(b"\x01", 600)
    ear.feed(b"\xff", 500)
    events = ear.hearing.transcribed(Take(1, 1), words("Haben Sie am Samstag auch offen?"))
    assert [type(event) for event in events] == [TurnEnded]
    assert not ear.hearing.in_turn
    assert [each.take for each in ear.hearing.take_words()] == [Take(1, 1)]
