"""Turns of the recorded voices on lines as callers bring them.

``tests/bench/noise.py`` measures it all; here stands what must be true of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import pytest

from tests.audio import sounds
from tests.audio.sounds import Sound
from tests.bench.noise import BareVad, Call, Score, Span, calls, talk, turns
from voice_agent.audio.frame import FRAME_BYTES, Frame
from voice_agent.commands.own_sound import own_gate
from voice_agent.speech.turns import PauseBegan, TurnDetector, TurnRules
from voice_agent.speech.webrtc_vad import WebRtcVad

pytestmark = pytest.mark.integration

SECONDS = 30.0

FEW = 4
"""Calls, of seven utterances each."""


def score(made: Iterable[Call], vad: Callable[[], BareVad | WebRtcVad] = WebRtcVad) -> Score:
    total = Score()
    for call in made:
        total.add(call, turns(call, vad()))
    return total


def alone(sound: Sound) -> list[Span]:
    """The turns on a line with nobody on it."""
    return turns(Call(sounds.line(sound)), WebRtcVad())


def quiet(seconds: float, _: int) -> Sound:
    return sounds.silence(seconds)


def noise(kind: str, dbfs: float) -> Callable[[float, int], Sound]:
    return lambda seconds, seed: getattr(sounds, kind)(seconds, dbfs, seed)


# -- good lines ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dbfs", [-35, -20, -6])
def test_on_a_good_line_every_utterance_is_a_turn_as_with_webrtcvad_alone(dbfs: int) -> None:
    later = []
    for call in calls(quiet, dbfs=dbfs):
        bare, ours = turns(call, BareVad()), turns(call, WebRtcVad())
        for span in call.spoken:
            first, mine = (
                next(turn for turn in found if turn.end > span.begin) for found in (bare, ours)
            )
            assert mine.begin < span.end
            later.append(mine.begin - first.begin)
    assert len(later) == len(sounds.names())
    assert np.quantile(later, 0.65) <= 60
    assert max(later) <= TurnRules().pre_roll_ms - 60


@pytest.mark.parametrize("dbfs", [-35, -20, -6])
def test_on_a_good_line_no_turn_begins_by_itself_or_ends_late(dbfs: int) -> None:
    found = score(calls(quiet, dbfs=dbfs))
    assert (found.false, found.lost, found.late) == (0, 0, 0)
    assert found.split <= 1


@pytest.mark.parametrize("dbfs", [-35, -20])
@pytest.mark.parametrize("name", ["de04", "de21", "en03", "en14"])
def test_the_first_sound_is_whole_though_the_speech_begins_quietly(name: str, dbfs: float) -> None:
    """The voice rises by 12 dB within its first 300 ms; all of it is in the turn's audio."""
    voice = sounds.voice(name, dbfs)
    rise = np.minimum(np.arange(len(voice)) / (0.3 * sounds.RATE), 1)
    voice = voice * sounds.amplitude(-12) ** (1 - rise)
    sound = np.concatenate([sounds.silence(2), voice, sounds.silence(1)])
    heard = sounds.line(sound + sounds.white(len(sound) / sounds.RATE, -60))
    gate, detector = own_gate(), TurnDetector(TurnRules(), WebRtcVad())
    for at in range(0, len(heard), FRAME_BYTES):
        sealed = gate.admit(Frame(heard[at : at + FRAME_BYTES], at // 8))
        assert sealed is not None
        for event in detector.hear(sealed):
            if isinstance(event, PauseBegan):
                taken = event.utterance.reveal().mulaw
                begins = at + FRAME_BYTES - len(taken)
                assert heard[begins : at + FRAME_BYTES] == taken
                assert begins <= 2 * sounds.RATE
                return
    pytest.fail("nothing was heard")


@pytest.mark.parametrize("dbfs", [-35, -20])
def test_a_caller_who_speaks_before_anything_was_learnt_is_heard(dbfs: float) -> None:
    for name in sounds.names():
        sound = np.concatenate([sounds.voice(name, dbfs), sounds.silence(2)])
        assert alone(sound), name


def test_a_caller_who_turns_away_by_9_db_is_heard() -> None:
    for number in range(10):
        loud, faint = sounds.names()[number], sounds.names()[number + 20 : number + 50 : 10]
        parts = [sounds.voice(loud, -18), sounds.silence(3)]
        for name in faint:
            parts += [sounds.voice(name, -27), sounds.silence(3)]
        assert len(alone(np.concatenate(parts))) >= 1 + len(faint)


# -- noise -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "snr"), [("white", 15), ("white", 10), ("pink", 10), ("street", 20), ("street", 15)]
)
def test_in_noise_no_utterance_is_lost_and_every_end_is_found(kind: str, snr: int) -> None:
    found = score(calls(noise(kind, -20.0 - snr), count=FEW))
    assert (found.lost, found.late) == (0, 0)
    assert found.false <= 1


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("hum", sounds.hum(SECONDS, -25)),
        ("loud hum", sounds.hum(SECONDS, -12)),
        ("DC", sounds.silence(SECONDS) + 0.1),
        ("clicks", sounds.clicks(SECONDS, -12, 2)),
        ("comfort noise", sounds.comfort(SECONDS, -45)),
        ("hiss", sounds.white(SECONDS, -30)),
        ("a fan", sounds.pink(SECONDS, -30)),
    ],
)
def test_what_nobody_says_begins_no_turn(name: str, sound: Sound) -> None:
    assert alone(sound) == [], name


@pytest.mark.parametrize("kind", ["strings", "piano", "pop"])
def test_hold_music_opens_hardly_a_turn_and_none_that_lasts(kind: str) -> None:
    found = alone(getattr(sounds, kind)(SECONDS, -25))
    assert len(found) <= 2
    assert all(turn.end - turn.begin < 2000 for turn in found)


@pytest.mark.parametrize("kind", ["strings", "piano", "pop"])
def test_over_hold_music_a_caller_is_heard(kind: str) -> None:
    found = score(calls(lambda seconds, _: getattr(sounds, kind)(seconds, -35), count=FEW))
    assert (found.lost, found.late) == (0, 0)


def test_breathing_is_no_turn_once_the_caller_is_known() -> None:
    found = score(calls(noise("breathing", -42), bystander=True, count=FEW))
    assert (found.false, found.lost) == (0, 0)


def test_a_television_behind_the_caller_keeps_hardly_a_turn_open() -> None:
    made = list(calls(noise("television", -44), bystander=True, count=FEW))
    ours, bare = score(made), score(made, BareVad)
    assert ours.lost == 0
    assert ours.late < 0.1 * bare.late


# -- faults of the line ----------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_lost_packets_neither_lose_nor_split_an_utterance(share: float) -> None:
    made = calls(
        lambda seconds, seed: sounds.white(seconds, -50, seed),
        fault=partial(sounds.lossy, share=share),
    )
    found = score(made)
    assert (found.false, found.late) == (0, 0)
    assert found.split <= 1
    # One word of 300 ms loses two thirds of itself at 20 %.
    assert found.lost <= (share == 0.2)


def test_a_clipped_voice_is_heard_as_a_clean_one() -> None:
    found = score(calls(quiet, fault=sounds.clipped))
    assert (found.false, found.lost, found.late) == (0, 0, 0)


def test_these_tests_can_fail() -> None:
    """Webrtcvad alone takes hum for a turn that never ends."""
    assert turns(Call(sounds.line(sounds.hum(SECONDS, -25))), BareVad())
    sound, _ = talk(sounds.names()[:1])
    assert alone(sound)
