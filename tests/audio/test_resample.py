from __future__ import annotations

import itertools
from typing import get_args

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.audio.resample import Quality, Resampler, resample

QUALITIES: tuple[Quality, ...] = get_args(Quality)
RATES = [(22050, 8000), (24000, 8000), (8000, 16000), (48000, 8000), (16000, 8000)]


def tone(hertz: float, rate: int, seconds: float = 1.0) -> npt.NDArray[np.int16]:
    times = np.arange(int(rate * seconds)) / rate
    return (20000 * np.sin(2 * np.pi * hertz * times)).astype(np.int16)


def level_db(pcm: npt.NDArray[np.int16]) -> float:
    """Level against a full ``tone``, away from the edges."""
    middle = pcm[400:-400].astype(np.float64)
    return float(20 * np.log10(np.sqrt((middle**2).mean()) / (20000 / np.sqrt(2)) + 1e-9))


def in_pieces(
    pcm: npt.NDArray[np.int16], cuts: list[int], resampler: Resampler
) -> npt.NDArray[np.int16]:
    edges = [0, *sorted(cut % (len(pcm) + 1) for cut in cuts), len(pcm)]
    pieces = [resampler.feed(pcm[begin:end]) for begin, end in itertools.pairwise(edges)]
    return np.concatenate([*pieces, resampler.finish()])


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
@pytest.mark.parametrize("quality", QUALITIES)
def test_no_tail_is_lost(from_rate: int, to_rate: int, quality: Quality) -> None:
    """A word's last sound comes out where it went in, although the resampler looks ahead."""
    pcm = np.zeros(from_rate, dtype=np.int16)
    word = tone(1000, from_rate, 0.01)
    pcm[-len(word) :] = word
    out = in_pieces(pcm, list(range(0, from_rate, 441)), Resampler(from_rate, to_rate, quality))
    assert len(out) == to_rate
    assert np.abs(out[-to_rate // 100 :]).max() > 15000
    assert np.abs(out[: -to_rate // 20]).max() < 200


@pytest.mark.parametrize("hertz", [4500, 5000, 7000, 11000])
@pytest.mark.parametrize("quality", QUALITIES)
def test_what_the_line_cannot_carry_is_suppressed(hertz: int, quality: Quality) -> None:
    """A tone above 4 kHz must not come back mirrored below it; linear interpolation lets it."""
    assert level_db(resample(tone(hertz, 24000), 24000, 8000, quality)) < -60


@pytest.mark.parametrize("hertz", [300, 1000, 3000])
@pytest.mark.parametrize("quality", ["MQ", "HQ", "VHQ"])
def test_speech_keeps_its_level(hertz: int, quality: Quality) -> None:
    assert abs(level_db(resample(tone(hertz, 22050), 22050, 8000, quality))) < 0.1


@given(
    st.lists(st.integers(-32768, 32767), max_size=600),
    st.lists(st.integers(0, 600), max_size=8),
    st.sampled_from(RATES),
)
def test_how_it_is_cut_into_pieces_does_not_matter(
    values: list[int], cuts: list[int], rates: tuple[int, int]
) -> None:
    pcm = np.array(values, dtype=np.int16)
    from_rate, to_rate = rates
    whole = resample(pcm, from_rate, to_rate)
    pieces = in_pieces(pcm, cuts, Resampler(from_rate, to_rate))
    assert abs(len(whole) - len(pcm) * to_rate / from_rate) <= 1
    np.testing.assert_array_equal(whole, pieces)


def test_the_same_sound_gives_the_same_samples() -> None:
    """A rendered notice is known by its hash, so no dither may creep in (C12)."""
    pcm = tone(1000, 22050)
    np.testing.assert_array_equal(resample(pcm, 22050, 8000), resample(pcm, 22050, 8000))


def test_silence_stays_silent() -> None:
    assert not resample(np.zeros(22050, dtype=np.int16), 22050, 8000).any()


def test_full_scale_is_clipped_and_does_not_wrap_around() -> None:
    """A square wave overshoots when it is filtered."""
    square = np.where(np.arange(8000) // 40 % 2, 32767, -32768).astype(np.int16)
    out = resample(square, 8000, 16000).astype(np.int32)
    assert np.abs(np.diff(out)).max() < 50000
    assert (out.max(), out.min()) == (32767, -32768)


def test_equal_rates_pass_samples_through_as_a_copy() -> None:
    pcm = tone(1000, 8000)
    resampler = Resampler(8000, 8000)
    out = resampler.feed(pcm)
    np.testing.assert_array_equal(out, pcm)
    assert not np.shares_memory(out, pcm)
    assert len(resampler.finish()) == 0


@pytest.mark.parametrize("rates", [(8000, 16000), (8000, 8000)])
def test_a_finished_utterance_takes_nothing_more(rates: tuple[int, int]) -> None:
    resampler = Resampler(*rates)
    resampler.finish()
    with pytest.raises(ValueError, match="finished"):
        resampler.feed(tone(1000, 8000))
    with pytest.raises(ValueError, match="finished"):
        resampler.finish()


@pytest.mark.parametrize("rates", [(0, 8000), (8000, 0), (-1, 8000)])
def test_a_rate_is_positive(rates: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        Resampler(*rates)


def test_samples_of_another_width_are_refused() -> None:
    with pytest.raises(TypeError, match="int16"):
        resample(np.zeros(10, dtype=np.float64), 8000, 16000)
