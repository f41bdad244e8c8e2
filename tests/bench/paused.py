"""Turns with pauses inside, made from the recordings of ``tests/recordings``, always the same ones.

A recording is cut where it is quietest in the middle of its speech (the quietest 40 ms between 30
and 70 % of it), which is nearly always between two words, and its halves are put together again
around a pause of 300, 450, 600, 750, 900 or 1,200 ms; some get a second pause in the same way.
What fills a pause is as faint as the recordings' own background. A recording with less than 0.9 s
of speech is not cut: "Stopp." has no middle. Which pause a recording gets follows from its number
in the manifest alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import FRAME_MS, TELEPHONE_RATE

RECORDINGS: Final = Path(__file__).parents[1] / "recordings"

PAUSES_MS: Final = (300, 450, 600, 750, 900, 1200)
VERSIONS: Final = 2
"""Turns made of one recording that can be cut, each with other pauses."""

AFTER_MS: Final = 3000
"""Silence behind every turn: the longest that anybody waits for its end."""

_PER_MS: Final = TELEPHONE_RATE // 1000
_STEP: Final = 10 * _PER_MS
_SHORTEST_MS: Final = 900
_BETWEEN: Final = (0.3, 0.7)
_AUDIBLE: Final = 0.01
"""Of the loudest 10 ms: what is fainter is no speech."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a caller.

    Attributes:
        name: recording and version.
        language: ``de`` or ``en``.
        text: what is said in it.
        mulaw: G.711 mu-law, 8 kHz, with ``AFTER_MS`` of silence behind the speech.
        pauses_ms: where pauses begin and end, milliseconds from the start.
        speech_end_ms: where its last sound ends.
        tuned_on: thresholds were chosen on it; figures are reported on the others.
    """

    name: str
    language: str
    text: str
    mulaw: bytes
    pauses_ms: tuple[tuple[int, int], ...]
    speech_end_ms: int
    tuned_on: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """What turns are made of.

    Attributes:
        name: of its turns.
        language: ``de`` or ``en``.
        text: what is said in it.
        file: WAV at the telephone's 8 kHz.
        tuned_on: thresholds were chosen on it.
    """

    name: str
    language: str
    text: str
    file: Path
    tuned_on: bool = False


def recordings() -> Iterator[Recording]:
    """Those of the test suite."""
    for number, line in enumerate((RECORDINGS / "manifest.tsv").read_text("utf-8").splitlines()):
        name, language, text = line.split("\t")
        stem = name.removesuffix(".wav")
        yield Recording(stem, language, text, RECORDINGS / name, tuned_on=number % 2 == 0)


def turns(made_of: Iterable[Recording] | None = None) -> Iterator[Turn]:
    """Every turn: each recording as it is, and with pauses if it can be cut."""
    for number, recording in enumerate(recordings() if made_of is None else made_of):
        speech = _speech(wav.read(recording.file.read_bytes()).mono())
        yield _turn(recording, "", [speech], [])
        if len(speech) < _SHORTEST_MS * _PER_MS:
            continue
        for version in range(VERSIONS):
            first = PAUSES_MS[(number + 2 * version) % len(PAUSES_MS)]
            pieces, pauses = list(_halves(speech)), [first]
            longer = max(range(2), key=lambda half: len(pieces[half]))
            if version == 1 and len(pieces[longer]) >= _SHORTEST_MS * _PER_MS:
                pieces[longer : longer + 1] = _halves(pieces[longer])
                pauses.insert(longer, PAUSES_MS[(number + 3) % len(PAUSES_MS)])
            yield _turn(recording, f".{version}", pieces, pauses)


def _turn(
    recording: Recording, version: str, pieces: list[npt.NDArray[np.int16]], pauses: list[int]
) -> Turn:
    name = recording.name + version
    noise = np.random.default_rng(len(name) + sum(map(ord, name)))

    def silence(ms: int) -> npt.NDArray[np.int16]:
        return noise.integers(-1, 2, ms * _PER_MS).astype(np.int16)

    parts, places = [silence(200)], []
    for piece, pause in zip(pieces, [*pauses, 0], strict=True):
        parts.append(piece)
        if pause:
            begins = sum(map(len, parts)) // _PER_MS
            places.append((begins, begins + pause))
            parts.append(silence(pause))
    end = sum(map(len, parts)) // _PER_MS
    whole = np.concatenate([*parts, silence(AFTER_MS)])
    whole = whole[: len(whole) - len(whole) % (FRAME_MS * _PER_MS)]
    return Turn(
        name=name,
        language=recording.language,
        text=recording.text,
        mulaw=mulaw.encode(whole),
        pauses_ms=tuple(places),
        speech_end_ms=end,
        tuned_on=recording.tuned_on,
    )


def _loudness(samples: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    """Root mean square of every 10 ms."""
    steps = samples[: len(samples) - len(samples) % _STEP].astype(np.float64).reshape(-1, _STEP)
    loudness: npt.NDArray[np.float64] = np.sqrt((steps**2).mean(axis=1))
    return loudness


def _speech(samples: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """A recording without the silence around its speech."""
    loudness = _loudness(samples)
    audible = np.flatnonzero(loudness > loudness.max() * _AUDIBLE)
    return samples[audible[0] * _STEP : (audible[-1] + 1) * _STEP]


def _halves(
    speech: npt.NDArray[np.int16],
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    loudness = np.convolve(_loudness(speech), np.ones(4), mode="valid")
    first, last = (round(share * len(loudness)) for share in _BETWEEN)
    quietest = first + int(loudness[first:last].argmin())
    cut = (quietest + 2) * _STEP
    return speech[:cut], speech[cut:]
