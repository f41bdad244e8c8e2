"""Sounds that reach a call while its agent speaks: words, noises, echo, background.

Samples are those of the telephone line: 8 kHz, mono, full scale 32768, as ``float64``. Everything
that is made of chance takes its seed from a name, so that a case is the same on every machine.
"""

from __future__ import annotations

import shutil
import subprocess
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from voice_agent.audio import wav
from voice_agent.audio.frame import FRAME_MS, TELEPHONE_RATE
from voice_agent.audio.resample import resample

Samples = npt.NDArray[np.float64]

RECORDINGS: Final = Path(__file__).parents[1] / "recordings"

LEVEL: Final = 2600.0
"""Root mean square of speech at its normal level, as the recordings have it."""

_STEP: Final = TELEPHONE_RATE // 100
_AUDIBLE: Final = 0.02
"""A stretch of 10 ms within 34 dB of the loudest one is sound; fainter ones are not there yet."""

_BAND: Final = (300.0, 3400.0)


def chance(name: str) -> np.random.Generator:
    """A source of chance that is always the same for a name."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def loudness(samples: Samples) -> Samples:
    """Root mean square of every 10 ms."""
    steps = samples[: len(samples) // _STEP * _STEP].reshape(-1, _STEP)
    found: Samples = np.sqrt((steps**2).mean(axis=1))
    return found


def audible(samples: Samples) -> tuple[float, float]:
    """When the first sound begins and the last one ends, seconds."""
    steps = loudness(samples)
    found = np.flatnonzero(steps > steps.max() * _AUDIBLE)
    return found[0] / 100, (found[-1] + 1) / 100


def decibels(samples: Samples, db: float) -> Samples:
    """Louder or softer."""
    return samples * 10 ** (db / 20)


def levelled(samples: Samples, rms: float = LEVEL) -> Samples:
    """At a level, measured where there is sound."""
    steps = loudness(samples)
    active = steps[steps > steps.max() * 0.1]
    found: Samples = samples * (rms / np.sqrt((active**2).mean()))
    return found


def shaped(samples: Samples, *bumps: tuple[float, float]) -> Samples:
    """Through resonances, each a centre and a width in Hz, and the telephone's band."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / TELEPHONE_RATE)
    gain = np.zeros_like(hertz) if bumps else np.ones_like(hertz)
    for centre, width in bumps:
        gain += 1 / (1 + ((hertz - centre) / width) ** 2)
    low, high = _BAND
    gain /= np.sqrt((1 + (low / np.maximum(hertz, 1)) ** 8) * (1 + (hertz / high) ** 24))
    found: Samples = np.fft.irfft(spectrum * gain, len(samples))
    return found


def recording(name: str) -> Samples:
    """A recording of the test suite."""
    return wav.read((RECORDINGS / f"{name}.wav").read_bytes()).mono().astype(np.float64)


# -- words ---------------------------------------------------------------------------------------


def spoken(text: str, voice: str, words_per_minute: int = 160, pitch: int = 50) -> Samples:
    """A few words from eSpeak NG over a telephone line, at the normal level.

    Raises:
        RuntimeError: the program is not installed or failed.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        raise RuntimeError("espeak-ng is not installed")
    command = [program, "-v", voice, "-s", str(words_per_minute), "-p", str(pitch)]
    done = subprocess.run(  # noqa: S603 (a fixed program, words of our own)
        [*command, "-b", "1", "--stdin", "--stdout"],
        input=text.encode(),
        capture_output=True,
        timeout=10,
        check=True,
    )
    recording = wav.read(done.stdout)
    narrow = resample(recording.mono(), recording.rate, TELEPHONE_RATE)
    return levelled(shaped(narrow.astype(np.float64)))


# -- noises --------------------------------------------------------------------------------------


def _bursts(name: str, *bursts: tuple[float, float, float], tail: float = 0.1) -> Samples:
    """Noise in bursts, each a beginning, a time to fade (seconds) and a strength."""
    noise = chance(name)
    end = max(begin + 5 * fade for begin, fade, _ in bursts) + tail
    time = np.arange(round(end * TELEPHONE_RATE)) / TELEPHONE_RATE
    samples = np.zeros_like(time)
    for begin, fade, strength in bursts:
        since = np.maximum(time - begin, 0)
        envelope = (time >= begin) * np.minimum(since / 0.004, 1) * np.exp(-since / fade)
        samples += strength * envelope * noise.standard_normal(len(time))
    return samples


def _pulses(name: str, seconds: float, hertz: float, jitter: float) -> Samples:
    """The buzz of vocal folds, more or less regular."""
    noise = chance(name + "/pulses")
    samples = np.zeros(round(seconds * TELEPHONE_RATE))
    at = 0.0
    while at < len(samples):
        samples[int(at)] = 1 + 0.3 * noise.standard_normal()
        at += TELEPHONE_RATE / hertz * max(0.3, 1 + jitter * noise.standard_normal())
    return samples


def cough(name: str) -> Samples:
    """Two or three bursts of breath with a bit of voice at their ends."""
    noise = chance(name)
    gaps = np.cumsum([0.0, *noise.uniform(0.22, 0.4, noise.integers(1, 3))])
    fades = noise.uniform(0.03, 0.06, len(gaps))
    bursts = [
        (float(at), float(fade), float(0.9**number))
        for number, (at, fade) in enumerate(zip(gaps, fades, strict=True))
    ]
    breath = _bursts(name, *bursts)
    voice = np.zeros_like(breath)
    for at, fade, strength in bursts:
        buzz = _pulses(f"{name}{at}", 0.12, noise.uniform(110, 180), 0.1)
        buzz *= np.hanning(len(buzz)) * strength * 4
        begin = round((at + fade) * TELEPHONE_RATE)
        voice[begin : begin + len(buzz)] += buzz[: len(voice) - begin]
    return levelled(shaped(breath + voice, (600, 250), (1500, 300), (2400, 500)), LEVEL * 1.3)


def throat(name: str) -> Samples:
    """A rough, rattling voice without vowels."""
    noise = chance(name)
    buzz = _pulses(name, noise.uniform(0.35, 0.7), noise.uniform(70, 100), 0.25)
    time = np.arange(len(buzz)) / TELEPHONE_RATE
    rattle = 0.6 + 0.4 * np.sin(2 * np.pi * noise.uniform(18, 28) * time)
    rough = (buzz + 0.15 * noise.standard_normal(len(buzz))) * rattle * np.hanning(len(buzz))
    return levelled(shaped(rough, (500, 200), (1200, 300)), LEVEL)


def slam(name: str) -> Samples:
    """A door: a thump and a rattle."""
    noise = chance(name)
    fade = float(noise.uniform(0.06, 0.12))
    thump = _bursts(name, (0.02, fade, 1.0), (0.02 + fade / 2, 0.03, 0.5))
    return levelled(shaped(thump, (350, 150), (900, 200)), LEVEL * 1.6)


def click(name: str) -> Samples:
    """A few short clicks: a receiver, a pen, a switch."""
    noise = chance(name)
    times = np.cumsum(noise.uniform(0.08, 0.3, noise.integers(1, 4)))
    return levelled(
        shaped(_bursts(name, *((float(at), 0.004, 1.0) for at in times)), (1800, 900)), LEVEL * 1.5
    )


def keyboard(name: str) -> Samples:
    """Typing for a second and a half."""
    noise = chance(name)
    times = np.cumsum(noise.uniform(0.06, 0.22, 11))
    keys = [(float(at), 0.008, float(noise.uniform(0.4, 1))) for at in times]
    return levelled(shaped(_bursts(name, *keys), (2600, 600), (900, 300)), LEVEL * 0.5)


def breath(name: str) -> Samples:
    """One breath into the microphone."""
    noise = chance(name)
    samples = noise.standard_normal(round(noise.uniform(0.7, 1.3) * TELEPHONE_RATE))
    return levelled(
        shaped(samples * np.hanning(len(samples)), (700, 500), (1800, 700)), LEVEL * 0.15
    )


NOISES: Final = {
    "cough": cough,
    "throat": throat,
    "slam": slam,
    "click": click,
    "keyboard": keyboard,
    "breath": breath,
}


# -- background ----------------------------------------------------------------------------------


def hum(seconds: float, below_db: float) -> Samples:
    """A fan: harmonics of 100 Hz and a hiss, so far below speech."""
    time = np.arange(round(seconds * TELEPHONE_RATE)) / TELEPHONE_RATE
    noise = chance("hum")
    samples = 0.5 * shaped(noise.standard_normal(len(time)), (200, 400))
    for number in range(1, 10):
        samples += np.sin(2 * np.pi * 100 * number * time + noise.uniform(0, 6)) / number
    return decibels(levelled(shaped(samples)), -below_db)


def hiss(seconds: float, below_db: float) -> Samples:
    """A line's own noise, so far below speech."""
    noise = chance("hiss").standard_normal(round(seconds * TELEPHONE_RATE))
    return decibels(levelled(shaped(noise)), -below_db)


def babble(voices: Sequence[Samples], seconds: float, below_db: float) -> Samples:
    """Six people talking at once, backwards, so that it has no words, so far below speech."""
    noise = chance("babble")
    samples = np.zeros(round(seconds * TELEPHONE_RATE))
    for _ in range(6):
        order = noise.permutation(len(voices))
        talk = np.concatenate([levelled(voices[number][::-1]) for number in order])
        samples += np.roll(np.resize(talk, len(samples)), noise.integers(len(talk)))
    return decibels(levelled(samples), -below_db)


# -- echo ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoPath:
    """How the agent's own voice comes back on the caller's line.

    Attributes:
        delay_ms: on top of the line's own delay; more than a frame.
        loss_db: how much fainter it is.
        distorted: a small loudspeaker at its limit bends the wave.
    """

    delay_ms: int
    loss_db: float
    distorted: bool = False

    def frame(self, heard: Samples, at: int) -> Samples:
        """What comes back during one frame.

        Args:
            heard: everything the ear was given from the beginning of the call.
            at: the frame's first sample.
        """
        length = FRAME_MS * TELEPHONE_RATE // 1000
        begin = at - self.delay_ms * TELEPHONE_RATE // 1000
        taps = _ROOM
        past = heard[max(0, begin - len(taps) + 1) : max(0, begin + length)]
        past = np.pad(past, (length + len(taps) - 1 - len(past), 0))
        back: Samples = np.convolve(past, taps, mode="valid")
        if self.distorted:
            back = 6000 * np.tanh(back / 6000) + 0.08 * np.abs(back)
        return decibels(back, -self.loss_db)


def _room() -> Samples:
    """A handset and a bit of a room: 12 ms that fade, softer at the top."""
    taps = chance("room").standard_normal(96) * np.exp(-np.arange(96) / 18) * 0.25
    taps[:3] += (0.3, 0.6, 0.3)
    found: Samples = taps / np.sqrt((taps**2).sum())
    return found


_ROOM: Final = _room()
