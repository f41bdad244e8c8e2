"""Which sounds are loud enough to be the caller, by the line's level and their own. Pure.

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

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from voice_agent.audio.frame import FRAME_MS, TELEPHONE_RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRules:
    """Thresholds. Levels are those of ``level_of``, dB relative to full scale (dBFS).

    They were chosen on the sounds of ``tests/audio/sounds.py``; ``python -m tests.bench noise``
    tells what they do.

    Attributes:
        quietest: no background is taken to be quieter, dBFS; a quiet caller speaks at -35.
        above_background: what is so much louder than the background may be speech, dB.
        window_ms: the background is judged on so much of the latest sound.
        judged_ms: at the start of a call on less, but then it must be steadier: by as much as there
            is less of it than this.
        spread: sound with less than this between its quantiles of 10 and 90 % is background, dB.
            Speech has 23 or more, and 10 or more when noise is 10 dB below it; noise has 2 to 9,
            music 4 to 9, a full room 7 to 11.
        below_caller: what is fainter than the caller's loud frames by this is not the caller, dB.
            A caller who turns away from the telephone is 6 to 10 below, with soft sounds as far
            again. A television is 15 to 20 below: a loud one is heard, and only its words tell.
        memory_ms: the caller's level is that of so much of their latest speech.
        hold_ms: speech goes on through what is fainter for so long, if webrtcvad still hears it.
        gone_ms: so much silence of zeros is lost packets; longer is the line being silent.
    """

    quietest: float = -52.0
    above_background: float = 4.0
    window_ms: int = 3000
    judged_ms: int = 600
    spread: float = 9.0
    below_caller: float = 18.0
    memory_ms: int = 5000
    hold_ms: int = 300
    gone_ms: int = 200


_LOUD: Final = 0.9
"""The quantile that stands for loud frames, of the background and of the caller."""

_FAINT: Final = 0.1
"""The quantile that stands for faint ones."""

_JUDGED_EVERY: Final = 5
"""Frames between two looks at the quantiles; the first is after as many."""

_SURE: Final = 5
"""Frames in a row before any of them tells of the caller's level: knocks are shorter."""

_KNOWN: Final = 100
"""Frames of the caller's before their level is known."""

_FIRM: Final = 3
_LATELY: Final = 8
"""So many loud frames among so many, and speech is held through fainter ones: clicks are fewer."""

_DOUBT: Final = 0.005
"""dB by which each frame refused as too faint lowers the caller's level: who hands the telephone
to somebody quieter, or lays it down, is heard again after some seconds of talking. Once the caller
is heard as loud as before there is no doubt any more."""

_PARTS: Final = 4
_PART: Final = 1
"""A frame's level is that of the second softest of its four parts: a click of up to 8 ms is in two
or three of them at most, a voice is in all."""

_ZEROS: Final = -80.0
"""dBFS; mu-law's smallest step is louder, so what is fainter is made of zeros."""

_FULL: Final = 32_768

_TAPS: Final = 161
_CUT_HZ: Final = 225.0


def _high_pass() -> npt.NDArray[np.float32]:
    """A windowed sinc (Hamming): 150 Hz and below are gone, 300 Hz and above unchanged."""
    places = np.arange(_TAPS) - _TAPS // 2
    width = 2 * _CUT_HZ / TELEPHONE_RATE
    taps = -width * np.sinc(width * places) * np.hamming(_TAPS)
    taps[_TAPS // 2] += 1.0
    narrow: npt.NDArray[np.float32] = taps.astype(np.float32)
    return narrow


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
    """How loud 20 ms are, dBFS; a click in them does not count."""
    parts = frame.astype(np.float32).reshape(_PARTS, -1) / _FULL
    powers = np.sort(np.einsum("ij,ij->i", parts, parts)) / parts.shape[1]
    return float(10 * np.log10(powers[_PART] + 1e-12))


class Latest:
    """The levels of the latest frames, as many as fit in."""

    def __init__(self, ms: int) -> None:
        self._levels = np.empty(ms // FRAME_MS)
        self.count = 0

    @property
    def ms(self) -> int:
        """How much there is to tell, milliseconds."""
        return min(self.count, len(self._levels)) * FRAME_MS

    def add(self, level: float) -> bool:
        """Put one in; true if it is time to look at the quantiles again."""
        self._levels[self.count % len(self._levels)] = level
        self.count += 1
        return self.count % _JUDGED_EVERY == 0

    def quantile(self, share: float) -> float:
        """The level that this share of them does not exceed."""
        there = self._levels[: self.count]
        at = int(share * (len(there) - 1))
        return float(np.partition(there, at)[at])


class Level:
    """What one call's levels are. Tell it every frame in order."""

    def __init__(self, rules: LevelRules | None = None) -> None:
        self._rules = rules = rules or LevelRules()
        self._line = Latest(rules.window_ms)
        self._speech = Latest(rules.memory_ms)
        self._lately: deque[bool] = deque(maxlen=_LATELY)
        self._zeros_ms = self._run = self._hold_ms = 0
        self._doubt = 0.0
        self._background = self._caller = rules.quietest

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
        self._zeros_ms = self._zeros_ms + FRAME_MS if level < _ZEROS else 0
        if 0 < self._zeros_ms <= rules.gone_ms:
            return voiced and self._hold_ms > 0
        self._follow_background(level)
        known = self._line.count >= _JUDGED_EVERY  # else a line's own noise is news
        audible = known and voiced and level > self._background + rules.above_background
        beneath = self._caller - rules.below_caller - level
        loud = audible and beneath < self._doubt
        self._lately.append(loud)
        if loud:
            self._run += 1
            if self._run >= _SURE:
                self._doubt = self._doubt if beneath > 0 else 0.0
                self._learn_caller(level)
            if sum(self._lately) >= _FIRM:
                self._hold_ms = rules.hold_ms
            return True
        self._run = 0
        self._doubt += _DOUBT if audible else 0.0
        held = self._hold_ms > 0
        self._hold_ms = max(0, self._hold_ms - FRAME_MS)
        return voiced and held

    def _learn_caller(self, level: float) -> None:
        if self._speech.add(level) and self._speech.count >= _KNOWN:
            self._caller = self._speech.quantile(_LOUD)

    def _follow_background(self, level: float) -> None:
        rules = self._rules
        if not self._line.add(max(level, rules.quietest)):
            return
        faint, loud = self._line.quantile(_FAINT), self._line.quantile(_LOUD)
        # The less there is to judge by, the more alike it must be: a vowel is steady for 0.1 s.
        spread = rules.spread * min(1.0, self._line.ms / rules.judged_ms)
        if loud - faint < spread:
            self._background = loud
        else:
            self._background = min(self._background, faint + rules.spread)
