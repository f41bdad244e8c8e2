"""Which sounds are loud enough to be the caller: their level against the line's and their own. Pure.

webrtcvad asks what a frame's spectrum is like. Music, a television and a humming line are like
speech to it. This module knows two levels of the call instead, both learnt within it:

- the background: what goes on without a break. Speech is full of gaps between its syllables (it is
  modulated at 2 to 8 Hz), so within seconds its quietest and its loudest frames are far apart; a
  noise's, a hum's and most music's are close together. Scheirer and Slaney (ICASSP 1997) tell
  speech from music by the share of low-energy frames; here it is the distance between two
  quantiles of the level. Following the low quantile while somebody speaks is what Martin's minimum
  statistics do (IEEE Transactions on Speech and Audio Processing 9(5), 2001).
- the caller: a high quantile of the frames that were taken for speech. What is much fainter than
  that is somebody else: a television, people in the room, a breath.

At the start of a call both are as low as they can be, so that nobody is too quiet to be heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from voice_agent.audio.frame import FRAME_MS, TELEPHONE_RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRules:
    """Thresholds. Levels are of 20 ms above 225 Hz, dB relative to full scale (dBFS).

    Attributes:
        quietest: no background is taken to be quieter, dBFS; a quiet caller speaks at -35.
        above_background: so much louder than the background is perhaps speech, dB.
        window_ms: the background is judged on so much of the latest sound.
        judged_ms: and at the start of a call on no less.
        spread: sound with less than this between its quantiles of 10 and 90 % is background, dB.
            Measured on ``tests/audio/sounds.py``: speech has 23 or more, 10 or more when noise is
            10 dB below it; noise has 2 to 9, music 3 to 9, a full room 7 to 11.
        below_caller: what is so much fainter than the caller's loud frames is not the caller, dB.
        gone_ms: so much silence of digital zeros is lost packets; longer is the line being silent.
        hold_ms: speech goes on through faint frames for as long as it lasted, at most this long.
    """

    quietest: float = -52.0
    above_background: float = 4.0
    window_ms: int = 3000
    judged_ms: int = 600
    spread: float = 9.0
    below_caller: float = 13.0
    gone_ms: int = 200
    hold_ms: int = 100


_LOUD: Final = 0.9
"""The quantile that stands for loud frames, of the background and of the caller."""

_FAINT: Final = 0.1
"""The quantile that stands for faint ones."""

_JUDGED_EVERY: Final = 5
"""Frames between two judgements of the background."""

_SURE: Final = 5
"""Frames in a row before any of them teaches the caller's level: knocks are shorter."""

_STEP: Final = 0.05
"""dB by which a frame below the caller's level lowers it. One above raises it by nine times as
much, so that it settles where nine frames in ten are below: at the quantile ``_LOUD``."""

_DOUBT: Final = 0.01
"""dB by which a frame refused as too faint lowers it: who hands the telephone to somebody quieter,
or lays it down, is heard again after some seconds."""

_ZEROS: Final = -80.0
"""dBFS; mu-law's smallest step is louder, so what is fainter is made of zeros."""

_TAPS: Final = 161
_CUT_HZ: Final = 225.0


def _high_pass() -> npt.NDArray[np.float32]:
    """A windowed sinc (Hamming): 150 Hz and below are gone, 300 Hz and above unchanged."""
    places = np.arange(_TAPS) - _TAPS // 2
    width = 2 * _CUT_HZ / TELEPHONE_RATE
    taps = -width * np.sinc(width * places) * np.hamming(_TAPS)
    taps[_TAPS // 2] += 1.0
    return taps.astype(np.float32)


_HIGH_PASS: Final = _high_pass()


def without_hum(
    before: npt.NDArray[np.int16], frame: npt.NDArray[np.int16]
) -> npt.NDArray[np.int16]:
    """Take DC offset and the mains' 50, 100 and 150 Hz out of a frame.

    Args:
        before: the 160 samples before it.
        frame: 160 samples, 8 kHz.

    Returns:
        160 samples, 10 ms later than they came in.
    """
    sound = np.concatenate((before, frame)).astype(np.float32)
    clean = np.convolve(sound, _HIGH_PASS, mode="valid")
    return np.clip(np.rint(clean), -32768, 32767).astype(np.int16)


def level_of(frame: npt.NDArray[np.int16]) -> float:
    """The RMS of samples in dBFS."""
    samples = frame.astype(np.float32)
    power = float(samples @ samples) / (len(frame) * 32768.0**2)
    return float(10 * np.log10(power + 1e-12))


class Level:
    """What one call's levels are. Tell it every frame in order."""

    def __init__(self, rules: LevelRules | None = None) -> None:
        self._rules = rules = rules or LevelRules()
        self._levels = np.full(rules.window_ms // FRAME_MS, rules.quietest)
        self._told = 0
        self._zeros = 0
        self._run = 0
        self._hold = 0
        self._background = rules.quietest
        self._caller = rules.quietest

    @property
    def background(self) -> float:
        """Level of the background's loud frames, dBFS."""
        return self._background

    @property
    def caller(self) -> float:
        """Level of the caller's loud frames, dBFS; as quiet as can be while not known."""
        return self._caller

    def is_caller(self, level: float, *, voiced: bool) -> bool:
        """Tell a frame's level in dBFS and whether it sounds like speech; is it the caller's?"""
        rules = self._rules
        self._remember(level)
        audible = voiced and level > self._background + rules.above_background
        if audible and level > self._caller - rules.below_caller:
            self._run += 1
            heard = self._run > 1 or self._hold > 0
            self._hold = max(self._hold, min(self._run - 2, rules.hold_ms // FRAME_MS))
            if self._run >= _SURE:
                self._caller += 9 * _STEP if level > self._caller else -_STEP
        else:
            self._run = 0
            heard = voiced and self._hold > 0
            self._hold = max(0, self._hold - 1)
            if audible:
                self._caller -= _DOUBT
        self._caller = max(self._caller, rules.quietest)
        return heard

    def _remember(self, level: float) -> None:
        rules = self._rules
        self._zeros = self._zeros + 1 if level < _ZEROS else 0
        if 0 < self._zeros * FRAME_MS <= rules.gone_ms:
            return
        self._levels[self._told % len(self._levels)] = max(level, rules.quietest)
        self._told += 1
        if self._told % _JUDGED_EVERY or self._told * FRAME_MS < rules.judged_ms:
            return
        there = np.sort(self._levels[: self._told])
        faint, loud = (float(there[int(share * (len(there) - 1))]) for share in (_FAINT, _LOUD))
        if loud - faint < rules.spread:
            self._background = loud
        else:
            self._background = min(self._background, faint + rules.spread)
