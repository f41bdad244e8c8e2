"""What stands on a telephone line besides the caller's words, made with numpy, the same every time.

Every sound is an array of floats, shape (samples,), 8 kHz, full scale is 1. Levels are RMS in dBFS.
``line`` makes mu-law of them, as the carrier sends it. Voices are the recordings of
``tests/recordings``; music, noise and faults are synthetic, and milder than the worst of life.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import FRAME_BYTES, TELEPHONE_RATE

Sound = npt.NDArray[np.float64]

RECORDINGS: Final = Path(__file__).parents[1] / "recordings"
RATE: Final = TELEPHONE_RATE
_FULL: Final = 32_768


def amplitude(db: float) -> float:
    """The factor of a level in decibels."""
    return float(10 ** (db / 20))


def level(sound: Sound) -> float:
    """RMS in dBFS."""
    return float(10 * np.log10(np.mean(sound**2) + 1e-12))


def at_level(sound: Sound, dbfs: float) -> Sound:
    """The same sound with this RMS."""
    return sound * amplitude(dbfs - level(sound))


def line(sound: Sound) -> bytes:
    """What the carrier sends of it: clipped, 16 bits, mu-law, whole frames."""
    pcm = np.rint(np.clip(sound, -1, 32_767 / _FULL) * _FULL).astype(np.int16)
    return mulaw.encode(pcm[: len(pcm) - len(pcm) % FRAME_BYTES])


def silence(seconds: float) -> Sound:
    """Nothing at all."""
    return np.zeros(round(seconds * RATE))


def mixed(*sounds: Sound) -> Sound:
    """Sounds at the same time, as long as the longest."""
    whole = np.zeros(max(map(len, sounds)))
    for sound in sounds:
        whole[: len(sound)] += sound
    return whole


def repeated(sound: Sound, seconds: float) -> Sound:
    """A sound over and over."""
    return np.resize(sound, round(seconds * RATE))


# -- voices ----------------------------------------------------------------------------------------


@cache
def names() -> tuple[str, ...]:
    """The recorded utterances, without suffix."""
    lines = (RECORDINGS / "manifest.tsv").read_text("utf-8").splitlines()
    return tuple(each.split("\t")[0].removesuffix(".wav") for each in lines)


@cache
def _recorded(name: str) -> Sound:
    """One utterance without the silence around it."""
    sound = wav.read((RECORDINGS / f"{name}.wav").read_bytes()).mono() / _FULL
    loud = np.flatnonzero(np.abs(sound) > np.abs(sound).max() * 0.01)
    trimmed: Sound = sound[loud[0] : loud[-1] + 1]
    return trimmed


def active_level(sound: Sound) -> float:
    """RMS in dBFS of the 20 ms that are within 30 dB of the loudest, as ITU-T P.56 means it."""
    power = (sound[: len(sound) // 160 * 160].reshape(-1, 160) ** 2).mean(axis=1)
    return float(10 * np.log10(power[power > power.max() * 1e-3].mean()))


def voice(name: str, dbfs: float = -20.0) -> Sound:
    """An utterance with this active level, from its first sound to its last."""
    sound = _recorded(name)
    return sound * amplitude(dbfs - active_level(sound))


def television(seconds: float, dbfs: float, seed: int = 1) -> Sound:
    """One voice after another from across a room: duller, with an echo, never long silent."""
    random = np.random.default_rng(seed)
    parts = [voice(str(each)) for each in random.permutation(names())]
    gaps = [silence(gap) for gap in random.uniform(0.1, 0.5, len(parts))]
    talk = np.concatenate([part for pair in zip(parts, gaps, strict=True) for part in pair])
    talk = repeated(talk, seconds)
    echo = np.exp(-np.arange(round(0.25 * RATE)) / (0.06 * RATE))
    echo *= random.standard_normal(len(echo)) * 0.15
    echo[0] = 1.0
    size = _fast(len(talk) + len(echo))
    room = np.fft.irfft(np.fft.rfft(talk, size) * np.fft.rfft(echo, size))[: len(talk)]
    dull = _shaped(room, lambda hz: 1 / np.sqrt(1 + (hz / 1800) ** 4))
    return dull * amplitude(dbfs - active_level(dull))


def babble(seconds: float, dbfs: float, voices: int = 6, seed: int = 2) -> Sound:
    """Many voices at once, as in a full room."""
    crowd = [television(seconds, -20, seed * 100 + each) for each in range(voices)]
    return at_level(np.sum(crowd, axis=0), dbfs)


def breathing(seconds: float, dbfs: float, seed: int = 3) -> Sound:
    """Into the microphone: hiss that swells for a second, every three to five seconds."""
    random = np.random.default_rng(seed)
    whole = silence(seconds)
    at = 0.7
    while at + 1.0 < seconds:
        swell = np.sin(np.linspace(0, np.pi, RATE)) ** 2
        begin = round(at * RATE)
        hiss = at_level(_shaped(random.standard_normal(RATE), lambda hz: 1 / (1 + hz / 500)), dbfs)
        whole[begin : begin + RATE] += hiss * swell
        at += random.uniform(3, 5)
    return whole


# -- noise -----------------------------------------------------------------------------------------


def _fast(samples: int) -> int:
    """A power of two at least as large: other lengths can take the transform very long."""
    return 1 << (samples - 1).bit_length()


def _shaped(sound: Sound, gain: Callable[[Sound], Sound]) -> Sound:
    """A sound through a filter given by its gain at each frequency in Hz."""
    size = _fast(len(sound))
    frequencies = np.asarray(np.fft.rfftfreq(size, 1 / RATE), dtype=np.float64)
    shaped = np.fft.irfft(np.fft.rfft(sound, size) * gain(frequencies))
    return np.asarray(shaped[: len(sound)])


def white(seconds: float, dbfs: float, seed: int = 4) -> Sound:
    """Hiss."""
    return at_level(np.random.default_rng(seed).standard_normal(round(seconds * RATE)), dbfs)


def pink(seconds: float, dbfs: float, seed: int = 5) -> Sound:
    """Hiss with as much power in every octave: a fan, a car from inside."""
    hiss = white(seconds, -20, seed)
    return at_level(_shaped(hiss, lambda hz: 1 / np.sqrt(np.maximum(hz, 40))), dbfs)


def street(seconds: float, dbfs: float, seed: int = 6) -> Sound:
    """Cars pass by: pink noise that comes and goes by 10 dB within seconds."""
    random = np.random.default_rng(seed)
    places = np.arange(0, seconds + 2, 1.5)
    swells = np.interp(
        np.arange(round(seconds * RATE)) / RATE, places, random.uniform(-10, 0, len(places))
    )
    return at_level(pink(seconds, -20, seed) * 10 ** (swells / 20), dbfs)


def comfort(seconds: float, dbfs: float = -50.0, seed: int = 7) -> Sound:
    """Comfort noise (RFC 3389): dull hiss that is switched on and off and changes its level."""
    random = np.random.default_rng(seed)
    hiss = at_level(_shaped(white(seconds, -20, seed), lambda hz: 1 / (1 + hz / 1000)), dbfs)
    piece = RATE // 2
    for at in range(0, len(hiss), piece):
        hiss[at : at + piece] *= 0 if random.random() < 0.3 else amplitude(random.uniform(-4, 2))
    return hiss


def hum(seconds: float, dbfs: float) -> Sound:
    """The mains at 50 Hz with its harmonics at 100 and 150 Hz."""
    time = np.arange(round(seconds * RATE)) / RATE
    parts = [np.sin(2 * np.pi * hz * time) / share for hz, share in ((50, 1), (100, 2), (150, 2))]
    return at_level(np.sum(parts, axis=0), dbfs)


def clicks(seconds: float, peak_dbfs: float, a_second: float = 2.0, seed: int = 8) -> Sound:
    """Pops of 2 to 8 ms."""
    random = np.random.default_rng(seed)
    whole = silence(seconds)
    for at in random.uniform(0, seconds - 0.01, round(seconds * a_second)):
        begin, length = round(at * RATE), int(random.integers(16, 64))
        fading = np.exp(-np.arange(length) / (length / 4))
        whole[begin : begin + length] += random.choice((-1, 1)) * fading * amplitude(peak_dbfs)
    return whole


# -- music -----------------------------------------------------------------------------------------

CHORDS: Final = ((220, 277, 330), (196, 247, 294), (175, 220, 262), (165, 208, 247))
"""Hz; A, G, F and E major."""


def strings(seconds: float, dbfs: float) -> Sound:
    """Hold music of long chords with a tremolo."""
    bar = np.arange(2 * RATE) / RATE
    swell = 1 + 0.2 * np.sin(2 * np.pi * 5 * bar)
    song = [_chord(chord, bar, harmonics=6) * swell for chord in CHORDS]
    return at_level(repeated(np.concatenate(song), seconds), dbfs)


def piano(seconds: float, dbfs: float) -> Sound:
    """Hold music of broken chords, a note every quarter of a second that rings on."""
    ring = np.arange(2 * RATE) / RATE
    whole = silence(8 + 2)
    for step in range(32):
        note = (CHORDS[step // 8][step % 3],)
        at = step * RATE // 4
        whole[at : at + len(ring)] += _chord(note, ring, harmonics=8) * np.exp(-ring / 0.5)
    return at_level(repeated(whole[: 8 * RATE], seconds), dbfs)


def pop(seconds: float, dbfs: float, seed: int = 9) -> Sound:
    """Hold music with a beat: chords, bass and drums at 110 a minute."""
    random = np.random.default_rng(seed)
    beat = round(60 / 110 * RATE)
    parts = []
    for step in range(32):
        time = np.arange(beat) / RATE
        chord = _chord(CHORDS[step // 8], time, harmonics=6) * (0.5 + 0.5 * np.exp(-time / 0.2))
        bass = np.sin(2 * np.pi * CHORDS[step // 8][0] / 2 * time)
        drum = random.standard_normal(beat) * np.exp(-time / 0.04) * (3 if step % 2 else 1.5)
        parts.append(chord + bass + drum)
    return at_level(repeated(np.concatenate(parts), seconds), dbfs)


def _chord(notes: Sequence[float], time: Sound, harmonics: int) -> Sound:
    tones = [
        np.sin(2 * np.pi * note * number * time + note) / number
        for note in notes
        for number in range(1, harmonics + 1)
    ]
    return np.asarray(np.sum(tones, axis=0))


# -- faults of the line ----------------------------------------------------------------------------


def clipped(sound: Sound, by_db: float = 12.0) -> Sound:
    """As a mobile telephone with too much gain has it: the loudest so many dB are cut off."""
    top = np.abs(sound).max() * amplitude(-by_db)
    return np.clip(sound, -top, top)


def lossy(sound: Sound, share: float, burst: float = 3.0, seed: int = 10) -> Sound:
    """With frames missing, which the framer makes silence.

    Gilbert's two states: a good one and one that loses every frame; bursts last ``burst`` frames
    on the mean.
    """
    random = np.random.default_rng(seed)
    lost, torn = False, sound.copy()
    begins = share / (1 - share) / burst
    for at in range(0, len(torn), FRAME_BYTES):
        lost = random.random() < (1 - 1 / burst if lost else begins)
        if lost:
            torn[at : at + FRAME_BYTES] = 0
    return torn
