"""The cases of ``interruptions``: which sound, at which moment, over which line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from tests.bench import overlap
from tests.bench.overheard import Sound
from tests.bench.overlap import RECORDINGS, EchoPath, Samples, recording
from voice_agent.audio import mulaw
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.speech.espeak import EspeakSynthesiser
from voice_agent.speech.piper import PiperSynthesiser
from voice_agent.speech.ports import Synthesiser

LANGUAGES: Final = ("de", "en")

_LISTENING: Final = frozenset({"de38", "de39"})
"""Recordings of somebody who only listens."""

_ASSENT: Final = frozenset({"de09", "de10", "en07", "en08"})
"""Who says "yes, please" while somebody speaks: are they to go on or to stop? Not counted."""

_WORDS: Final = {
    "de": ("stopp", "nein", "Moment", "halt", "warten Sie"),
    "en": ("stop", "no", "wait", "hold on"),
}
_BACKCHANNELS: Final = {
    "de": ("ja", "okay", "aha", "genau", "ach so"),
    "en": ("right", "yeah", "uh-huh", "I see", "okay", "yes"),
}
_HUMMED: Final = {"mhm": "[[m:'hm:]]", "hm": "[[hm:]]"}
"""As phonemes, for synthesisers spell them."""

_VOICES: Final = {
    "de": (("de+f2", 150, 55), ("de+m3", 170, 40)),
    "en": (("en-us+f3", 150, 55), ("en-gb+m3", 170, 40)),
}
"""eSpeak NG's voices, words a minute, pitch."""

_RATES: Final = (0.9, 1.2)
"""Speeds of the agent's own kind of voice."""

_UNDER: Final = ("babble-20dB", "hum-20dB", "babble-15dB", "hum-15dB")
"""What it is, and how far below the speech."""

_LATEST_S: Final = 4.0


class Kind(StrEnum):
    """What the sound is."""

    SPEECH = "utterances"
    WORD = "single words"
    BACKCHANNEL = "backchannels"
    NOISE = "coughs, doors, keys, breath"
    ECHO = "echo"
    NOTHING = "nobody"

    @property
    def interrupts(self) -> bool:
        """True if who makes this sound wants the agent to stop."""
        return self in {Kind.SPEECH, Kind.WORD}


@dataclass(frozen=True, slots=True)
class Case:
    """One sound at one moment.

    Attributes:
        name: language, kind, what it is, and how.
        language: ``de`` or ``en``.
        kind: what the sound is.
        sound: the sound.
        line: ``clear``, ``quiet`` (the caller is 10 dB fainter), ``hum``, ``babble``, ``hiss`` or
            ``echo`` (of the agent, while the caller speaks).
    """

    name: str
    language: str
    kind: Kind
    sound: Sound
    line: str = "clear"


def _recordings() -> Iterator[tuple[str, str]]:
    for line in (RECORDINGS / "manifest.tsv").read_text("utf-8").splitlines():
        file, language, _ = line.split("\t")
        yield file.removesuffix(".wav"), language


class Cases:
    """Makes the cases of every language.

    Args:
        models: where Piper's voice lies.
    """

    def __init__(self, models: Path) -> None:
        voice = ModelStore(models).require(find("en_US-joe-medium", "voice"))
        self._synthesisers: dict[str, Synthesiser] = {
            "de": EspeakSynthesiser("de"),
            "en": PiperSynthesiser(voice),
        }
        talk = [recording(name) for name, _ in _recordings()]
        self._backgrounds = {
            **{f"babble-{db}dB": overlap.babble(talk, 20, db) for db in (15, 20)},
            **{f"hum-{db}dB": overlap.hum(20, db) for db in (15, 20)},
            "hiss": overlap.hiss(20, 35),
        }

    def all(self) -> Iterator[Case]:
        """Every case, always the same."""
        for language in LANGUAGES:
            yield from self._speech(language)
            yield from self._words(language)
            yield from self._backchannels(language)
            yield from self._noises(language)
            yield from self._echoes(language)
            yield from self._nothing(language)

    def _speech(self, language: str) -> Iterator[Case]:
        names = [name for name, spoken in _recordings() if spoken == language]
        for number, name in enumerate(names):
            samples = recording(name)
            if samples.any() and name not in _ASSENT | _LISTENING:
                full = f"{language}/speech/{name}"
                yield from self._meant(full, Kind.SPEECH, samples, number)

    def _words(self, language: str) -> Iterator[Case]:
        for number, (name, samples) in enumerate(self._said(_WORDS[language], language)):
            yield from self._meant(f"{language}/word/{name}", Kind.WORD, samples, number)

    def _meant(self, name: str, kind: Kind, samples: Samples, number: int) -> Iterator[Case]:
        """A caller who means it: clear, faint, over a background, and some over an echo."""
        yield self._case(name, kind, samples)
        yield self._case(f"{name}/quiet", kind, overlap.decibels(samples, -10), line="quiet")
        yield self._case(name, kind, samples, under=_under(number))
        if number % 4 == 0:
            path = EchoPath(delay_ms=120, loss_db=(18, 24)[number // 4 % 2])
            yield self._case(f"{name}/echo", kind, samples, line="echo", echo=path)

    def _backchannels(self, language: str) -> Iterator[Case]:
        said = [*self._said(_BACKCHANNELS[language], language), *_hummed(language)]
        said += [(name, recording(name)) for name in sorted(_LISTENING) if language == name[:2]]
        for number, (what, samples) in enumerate(said):
            name = f"{language}/backchannel/{what}"
            yield self._case(name, Kind.BACKCHANNEL, samples)
            if number % 2 == 0:
                under = _under(number // 2)
                yield self._case(name, Kind.BACKCHANNEL, samples, under=under)

    def _noises(self, language: str) -> Iterator[Case]:
        for number, (what, make) in enumerate(overlap.NOISES.items()):
            for version in range(4):
                name = f"{language}/noise/{what}-{version}"
                yield self._case(name, Kind.NOISE, make(name))
            name = f"{language}/noise/{what}-0"
            yield self._case(name, Kind.NOISE, make(name), under=_under(number))

    def _echoes(self, language: str) -> Iterator[Case]:
        delays, losses = (60, 120, 200, 300), (12, 18, 24, 30)
        paths = [(delay, loss) for delay in delays for loss in losses]
        for number, (delay, loss) in enumerate(paths):
            bent = number % 4 in {1, 2}
            path = EchoPath(delay_ms=delay, loss_db=loss, distorted=bent)
            name = f"{language}/echo/{delay}ms-{loss}dB{'-bent' * bent}"
            yield self._case(name, Kind.ECHO, np.zeros(1), echo=path)
            yield self._case(name, Kind.ECHO, np.zeros(1), under="hiss", echo=path)
            if loss == 24:
                under = _under(number // 4)
                yield self._case(name, Kind.ECHO, np.zeros(1), under=under, echo=path)

    def _nothing(self, language: str) -> Iterator[Case]:
        yield self._case(f"{language}/nobody", Kind.NOTHING, np.zeros(1))
        for under in _UNDER:
            yield self._case(f"{language}/nobody", Kind.NOTHING, np.zeros(1), under=under)

    def _case(
        self,
        name: str,
        kind: Kind,
        samples: Samples,
        *,
        line: str = "clear",
        under: str = "",
        echo: EchoPath | None = None,
    ) -> Case:
        if under:
            name, line = f"{name}/{under}", under.partition("-")[0]
        # Late enough for the answer to have begun, and long before its end.
        after_s = float(overlap.chance(name).uniform(0.5, _LATEST_S))
        sound = Sound(
            samples=samples,
            after_s=0.0 if kind is Kind.ECHO else after_s,
            background=self._backgrounds.get(under, np.zeros(0)),
            steady=line in {"hum", "hiss"},
            echo=echo,
        )
        return Case(name, name[:2], kind, sound, line)

    def _said(self, words: Sequence[str], language: str) -> Iterator[tuple[str, Samples]]:
        for text in words:
            name = text.lower().replace(" ", "-")
            for voice, pace, pitch in _VOICES[language]:
                yield f"{name}-{voice}", overlap.spoken(text, voice, pace, pitch)
            for rate in _RATES:
                pcm = mulaw.decode(self._synthesisers[language].speak(text, rate))
                narrow = overlap.shaped(pcm.astype(np.float64))
                yield f"{name}-own{rate}", overlap.levelled(narrow)


def _hummed(language: str) -> Iterator[tuple[str, Samples]]:
    for name, phonemes in _HUMMED.items():
        for voice, pace, pitch in _VOICES[language]:
            yield f"{name}-{voice}", overlap.spoken(phonemes, voice, pace, pitch)


def _under(number: int) -> str:
    return _UNDER[number % len(_UNDER)]
