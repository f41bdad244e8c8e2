from __future__ import annotations

import numpy as np
import pytest

from tests.audio import sounds
from voice_agent.speech.level import Level, LevelRules, level_of, without_hum

ZEROS = -120.0


def tone(hz: float, dbfs: float = -20.0, samples: int = 320) -> np.ndarray[tuple[int], np.dtype]:
    wave = np.sin(2 * np.pi * hz * np.arange(samples) / 8000) * 2**0.5
    return (wave * sounds.amplitude(dbfs) * 32768).astype(np.int16)


def tell(level: Level, dbfs: float, frames: int, *, voiced: bool = True) -> list[bool]:
    return [level.is_caller(dbfs, voiced=voiced) for _ in range(frames)]


def learn(level: Level, dbfs: float, words: int = 16) -> None:
    """Words of 300 ms with gaps of 300 ms, as speech has them."""
    for _ in range(words):
        tell(level, dbfs, 15)
        tell(level, -60.0, 15, voiced=False)


@pytest.mark.parametrize("hz", [0, 50, 100, 150])
def test_the_mains_and_dc_are_taken_out(hz: int) -> None:
    wave = tone(hz) if hz else np.full(320, 3000, np.int16)
    assert level_of(without_hum(wave[:160], wave[160:])) < -60


@pytest.mark.parametrize("hz", [300, 1000, 3000])
def test_a_voice_is_left_as_it_is(hz: int) -> None:
    wave = tone(hz)
    assert level_of(without_hum(wave[:160], wave[160:])) == pytest.approx(-20, abs=0.7)


def test_what_is_too_loud_is_clipped_and_does_not_wrap_around() -> None:
    wave = np.where(np.arange(320) // 4 % 2, 32767, -32768).astype(np.int16)
    clean = without_hum(wave[:160], wave[160:])
    assert level_of(clean) > -3


@pytest.mark.parametrize("at", range(0, 120, 7))
def test_a_click_of_5_ms_has_no_level(at: int) -> None:
    frame = np.zeros(160, np.int16)
    frame[at : at + 40] = 20_000
    assert level_of(frame) < -100


def test_a_frame_of_zeros_has_a_level() -> None:
    assert level_of(np.zeros(160, np.int16)) < -100


def test_a_quiet_first_word_is_heard_once_the_line_is_known() -> None:
    """The first tenth of a second tells what the line sounds like by itself."""
    level, syllable = Level(), (-44, -39, -36, -37, -42)
    heard = [level.is_caller(dbfs, voiced=True) for dbfs in syllable * 3]
    assert not any(heard[:4])
    assert all(heard[4:])


def test_what_is_no_speech_is_never_the_caller() -> None:
    assert not any(tell(Level(), -10, 100, voiced=False))


def test_what_goes_on_without_a_break_becomes_background() -> None:
    level = Level()
    heard = tell(level, -25, 100)
    assert not any(heard[20:])
    assert level.background == pytest.approx(-25)


def test_over_the_background_somebody_is_heard() -> None:
    level = Level()
    tell(level, -40, 150)
    assert all(tell(level, -30, 5))
    assert level.background == pytest.approx(-40)


def test_when_the_noise_stops_a_quiet_caller_is_heard_within_half_a_second() -> None:
    level = Level()
    tell(level, -30, 150)
    assert not any(tell(level, -36, 5))
    tell(level, -55, 25, voiced=False)
    assert all(tell(level, -36, 5))


def test_speech_with_its_gaps_is_no_background() -> None:
    level = Level()
    learn(level, -20, 20)
    assert level.background < -40


def test_the_callers_level_is_learnt() -> None:
    level = Level()
    learn(level, -20)
    assert level.caller == pytest.approx(-20)


def test_a_voice_far_below_the_callers_is_not_the_caller() -> None:
    level = Level()
    learn(level, -15)
    assert not any(tell(level, -37, 10))
    tell(level, -60, 15, voiced=False)
    assert all(tell(level, -28, 10))


def test_a_voice_far_below_is_heard_when_it_goes_on() -> None:
    """Somebody else has taken the telephone."""
    level = Level()
    learn(level, -15)
    heard = []
    for _ in range(80):  # 24 s of words
        heard += tell(level, -36, 15)
        tell(level, -60, 15, voiced=False)
    assert not any(heard[:100])
    assert all(heard[-100:])


def test_somebody_in_the_background_is_not_heard_however_long_while_the_caller_talks_too() -> None:
    level, heard = Level(), list[bool]()
    learn(level, -15)
    for _ in range(50):
        for _ in range(10):
            heard += tell(level, -36, 15)
            tell(level, -60, 15, voiced=False)
        learn(level, -15, 2)
    assert not any(heard)


def test_knocks_do_not_teach_the_callers_level() -> None:
    level = Level()
    for _ in range(50):
        tell(level, -5, 4)
        tell(level, -60, 15, voiced=False)
    assert level.caller == LevelRules().quietest


def test_lost_packets_say_nothing_of_the_background() -> None:
    level = Level()
    for _ in range(20):
        tell(level, -30, 8)
        tell(level, ZEROS, 5)
    assert level.background == pytest.approx(-30)


def test_a_gap_in_a_word_is_bridged() -> None:
    level = Level()
    for dbfs in (-20, -30, -22, -34, -20) * 3:
        level.is_caller(dbfs, voiced=True)
    assert all(tell(level, ZEROS, 10))


def test_a_line_that_falls_silent_is_background() -> None:
    level = Level()
    tell(level, -30, 150)
    tell(level, ZEROS, 100, voiced=False)
    assert level.background < -40


def test_faint_frames_in_a_word_are_bridged_for_0_3_s() -> None:
    level = Level()
    learn(level, -20)
    tell(level, -20, 10)
    assert tell(level, -60, 20) == [True] * 15 + [False] * 5


def test_after_a_click_nothing_is_bridged() -> None:
    level = Level()
    tell(level, -20, 1)
    assert not any(tell(level, -60, 5))
