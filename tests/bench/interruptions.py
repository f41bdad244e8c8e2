"""Barge-in: who stops the agent, how soon, and what does not.

    python -m tests.bench interruptions
    python -m tests.bench interruptions --facts FILE       # engines hear each sound once, ever
    python -m tests.bench interruptions --list | --failed
    python -m tests.bench interruptions --case de/word/stopp -v  # one case's timeline

In every case a caller asks for the opening hours, and a sound begins while the agent answers
(``overheard``). The sounds are the recordings, words by eSpeak NG and Piper, and what is made in
``overlap``.

A caller who means to interrupt has to be let: the agent's audio stops while they speak and does not
go on before they have been answered. The time to stop runs from the first sound in the recording,
by level, to the end of the last frame the ear was given; the network takes ``NETWORK_S`` each way.
A listener's "mhm", a cough, an echo must not cost the answer: it is lost if it is not heard to its
end, or if the sound is answered as a turn. If playback stops and goes on again, that is a
hesitation: told are the silence and how much was said twice or never. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from tests.bench import overlap
from tests.bench.overheard import (
    NETWORK_S,
    RECOGNITION_S,
    Ears,
    Heard,
    Overheard,
    Sound,
    Stage,
)
from tests.bench.overlap import EchoPath, Samples
from tests.call import texts
from voice_agent.agent import AgentConfig
from voice_agent.agent_turns import end_rules, open_judge, turn_rules
from voice_agent.audio import mulaw, wav
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.script import CallScript
from voice_agent.speech.cache import SpeechCache
from voice_agent.speech.piper import PiperSynthesiser
from voice_agent.speech.voice import Voice
from voice_agent.speech.voices import choose_voice
from voice_agent.speech.whisper import WhisperRecogniser

ROOT: Final = Path(__file__).parents[2]
RECORDINGS: Final = ROOT / "tests" / "recordings"
LANGUAGES: Final = ("de", "en")

_QUESTIONS: Final = {"de": "de17", "en": "en14"}
_LISTENING: Final = frozenset({"de38", "de39"})
"""Recordings of somebody who only listens."""

_ASSENT: Final = frozenset({"de09", "de10", "en07", "en08"})
""""Yes, please" while somebody speaks: to go on or to stop, who knows? Not counted."""

_WORDS: Final = {
    "de": ("stopp", "nein", "Moment", "halt", "warten Sie"),
    "en": ("stop", "no", "wait", "hold on"),
}
_BACKCHANNELS: Final = {
    "de": ("mhm", "hm", "ja", "okay", "aha", "genau", "ach so"),
    "en": ("mhm", "right", "yeah", "uh-huh", "I see", "okay", "yes"),
}
_VOICES: Final = {
    "de": (("de+f2", 150, 55), ("de+m3", 175, 40), ("de+m7", 130, 35)),
    "en": (("en-us+f3", 150, 55), ("en-gb+m3", 175, 40)),
}
"""eSpeak NG's voices, words a minute, pitch."""

_PIPER_RATES: Final = (0.9, 1.2)
_BACKGROUNDS: Final = (("babble", 20.0), ("babble", 15.0), ("hum", 20.0), ("hum", 15.0))
"""What it is, and how far below the speech, dB."""

_WANTED_MS: Final = 300
_GOING_ON: Final = (
    "| what does not | | cases | answers lost | hesitations | silence p50 | longest "
    "| said twice p50 | most | never said, most | lost because |"
)
_IN_TIME: Final = f"within {_WANTED_MS}"


class Kind(StrEnum):
    """What the sound is."""

    SPEECH = "utterances"
    WORD = "single words"
    BACKCHANNEL = "backchannels"
    NOISE = "coughs, doors, keys, breath"
    ECHO = "echo"
    NOTHING = "nothing but background"


_INTERRUPTS: Final = frozenset({Kind.SPEECH, Kind.WORD})


@dataclass(frozen=True, slots=True)
class Case:
    """One sound at one moment.

    Attributes:
        name: language, kind, what it is, and how.
        language: ``de`` or ``en``.
        kind: what the sound is.
        sound: the sound.
        under: the background's name, or the empty string.
        quiet: 10 dB below the normal level.
    """

    name: str
    language: str
    kind: Kind
    sound: Sound
    under: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case.

    Attributes:
        case: the case.
        heard: what the ear got.
        good: a caller who interrupts was let, or any other sound cost nothing of the answer.
        why: what went wrong, in a few words; empty if nothing did.
        stop_ms: from the caller's first sound until the agent was silent; ``None``: it never was.
    """

    case: Case
    heard: Heard
    good: bool
    why: str
    stop_ms: float | None

    @property
    def hesitated(self) -> bool:
        """The answer was interrupted and heard to its end all the same."""
        return self.good and self.case.kind not in _INTERRUPTS and bool(self.heard.stops)


@dataclass(frozen=True, slots=True)
class Figures:
    """Many cases of one kind in one language. Milliseconds; ``nan`` where there is nothing.

    Attributes:
        language: ``de``, ``en`` or ``both``.
        what: which cases.
        interrupts: the callers of these cases mean to interrupt.
        cases: how many.
        good: share that went as wanted.
        stop_ms: time to stop: p50, p95, longest.
        in_time: share of the stops within 300 ms.
        hesitations: cases in which playback stopped for a while.
        silence_ms: how long it was silent: p50, longest.
        twice_ms: how much was said twice: p50, longest.
        lost_ms: how much was never said, at most.
        faults: what went wrong, and how often.
    """

    language: str
    what: str
    interrupts: bool
    cases: int
    good: float
    stop_ms: tuple[float, float, float]
    in_time: float
    hesitations: int
    silence_ms: tuple[float, float]
    twice_ms: tuple[float, float]
    lost_ms: float
    faults: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One run.

    Attributes:
        outcomes: every case.
        figures: by language and kind; the last of each language, and of ``both``, are over all.
        judged: Smart Turn took part.
    """

    outcomes: tuple[Outcome, ...]
    figures: tuple[Figures, ...]
    judged: bool


# -- the stage -----------------------------------------------------------------------------------


def open_stage(models: Path, facts: Path | None = None) -> Stage:
    """Load engines, texts and voices; blocks."""
    store, agent = ModelStore(models), AgentConfig.load(ROOT / "config")
    knowledge = Knowledge.load(ROOT / "config" / "knowledge", LANGUAGES)
    prompts = Prompts.load(ROOT / "prompts", LANGUAGES, {"company": agent.company.name})
    whisper = WhisperRecogniser(store.require(find("whisper-base", "recogniser")))
    cache = SpeechCache()
    return Stage(
        engine=Engine(prompts, knowledge),
        script=CallScript(texts.NOTICE, prompts),
        understander=BuiltinUnderstander(knowledge),
        terms=CallTerms(
            call_id="CA1", language="de", turns=turn_rules(agent.turn), ends=end_rules(agent.turn)
        ),
        voices={
            "de": Voice("de", choose_voice("de", "espeak", store), cache),
            "en": Voice("en", choose_voice("en", "auto", store), cache),
        },
        ears=Ears(whisper, open_judge(store), facts),
        questions={language: _recording(name) for language, name in _QUESTIONS.items()},
    )


def _recording(name: str) -> Samples:
    return wav.read((RECORDINGS / f"{name}.wav").read_bytes()).mono().astype(np.float64)


def _texts() -> Iterator[tuple[str, str]]:
    for line in (RECORDINGS / "manifest.tsv").read_text("utf-8").splitlines():
        file, language, _ = line.split("\t")
        yield file.removesuffix(".wav"), language


# -- the cases -----------------------------------------------------------------------------------


class Cases:
    """Makes the cases of every language.

    Args:
        models: where Piper's voice lies.
    """

    def __init__(self, models: Path) -> None:
        store = ModelStore(models)
        self._piper = PiperSynthesiser(store.require(find("en_US-joe-medium", "voice")))
        voices = [_recording(name) for name, _ in _texts()]
        self._backgrounds = {
            "": np.zeros(0),
            **{f"babble-{db:.0f}dB": overlap.babble(voices, 20, db) for db in (15, 20)},
            **{f"hum-{db:.0f}dB": overlap.hum(20, db) for db in (15, 20)},
        }

    def all(self) -> Iterator[Case]:
        """Every case, always the same."""
        for language in LANGUAGES:
            yield from self._speech(language)
            yield from self._words(language)
            yield from self._backchannels(language)
            yield from self._noises(language)
            yield from self._echoes(language)
            for under in self._backgrounds:
                yield self._case(f"{language}/nothing/nothing", Kind.NOTHING, np.zeros(1), under)

    def _speech(self, language: str) -> Iterator[Case]:
        names = [name for name, spoken in _texts() if spoken == language]
        for number, name in enumerate(names):
            samples = _recording(name)
            if not samples.any() or name in _ASSENT | _LISTENING:
                continue
            yield from self._both(f"{language}/speech/{name}", Kind.SPEECH, samples, number)

    def _words(self, language: str) -> Iterator[Case]:
        for number, (name, samples) in enumerate(self._said(_WORDS[language], language)):
            yield from self._both(f"{language}/word/{name}", Kind.WORD, samples, number)

    def _backchannels(self, language: str) -> Iterator[Case]:
        kind = Kind.BACKCHANNEL
        said = [*self._said(_BACKCHANNELS[language], language)]
        said += [(name, _recording(name)) for name in sorted(_LISTENING) if language == name[:2]]
        for number, (name, samples) in enumerate(said):
            yield self._case(f"{language}/backchannel/{name}", kind, samples)
            if number % 2 == 0:
                yield self._case(
                    f"{language}/backchannel/{name}", kind, samples, self._under(number // 2)
                )

    def _noises(self, language: str) -> Iterator[Case]:
        number = 0
        for what, make in overlap.NOISES.items():
            for version in range(4):
                name = f"{language}/noise/{what}-{version}"
                yield self._case(name, Kind.NOISE, make(name))
                if version == 0:
                    yield self._case(name, Kind.NOISE, make(name), self._under(number))
                    number += 1

    def _echoes(self, language: str) -> Iterator[Case]:
        delays, losses = (60, 120, 200, 300), (12, 18, 24, 30)
        for number, (delay, loss) in enumerate((d, loss) for d in delays for loss in losses):
            bent, noise = number % 2 == 1, 35.0 if number % 3 == 0 else None
            path = EchoPath(delay_ms=delay, loss_db=loss, distorted=bent, noise_db=noise)
            how = ("-bent" if bent else "") + ("-noise" if noise else "")
            name = f"{language}/echo/{delay}ms-{loss}dB{how}"
            under = self._under(number // 4) if number % 4 == 2 else ""
            yield self._case(name, Kind.ECHO, np.zeros(1), under, echo=path)

    def _both(self, name: str, kind: Kind, samples: Samples, number: int) -> Iterator[Case]:
        yield self._case(name, kind, samples)
        yield self._case(name, kind, overlap.decibels(samples, -10), quiet=True)
        yield self._case(name, kind, samples, self._under(number))

    def _under(self, number: int) -> str:
        what, db = _BACKGROUNDS[number % len(_BACKGROUNDS)]
        return f"{what}-{db:.0f}dB"

    def _case(
        self,
        name: str,
        kind: Kind,
        samples: Samples,
        under: str = "",
        *,
        quiet: bool = False,
        echo: EchoPath | None = None,
    ) -> Case:
        full = name + ("/quiet" if quiet else "") + (f"/{under}" if under else "")
        # Late enough for the answer to have begun, and long before its end.
        after_s = 0.0 if echo is not None else float(overlap.chance(full).uniform(0.5, 4.0))
        sound = Sound(
            samples=samples, after_s=after_s, background=self._backgrounds[under], echo=echo
        )
        return Case(full, name[:2], kind, sound, under, quiet)

    def _said(self, words: Sequence[str], language: str) -> Iterator[tuple[str, Samples]]:
        for text in words:
            name = text.lower().replace(" ", "-")
            for voice, pace, pitch in _VOICES[language]:
                yield f"{name}-{voice}", overlap.spoken(text, voice, pace, pitch)
            if language == "en":
                for rate in _PIPER_RATES:
                    pcm = mulaw.decode(self._piper.speak(text, rate)).astype(np.float64)
                    yield f"{name}-piper{rate}", overlap.levelled(overlap.shaped(pcm))


# -- judging them --------------------------------------------------------------------------------


def play(stage: Stage, case: Case) -> Outcome:
    """Hold one call and say what became of it."""
    heard = Overheard(stage, case.language, case.sound).run()
    if heard.began is None or heard.sound_at is None:
        return Outcome(case, heard, good=False, why="the question was not answered", stop_ms=None)
    if case.kind in _INTERRUPTS:
        return _interrupting(case, heard, heard.sound_at)
    why = ""
    if heard.answered is not None or heard.understands:
        words = heard.understands[0][1] if heard.understands else ""
        why = "answered as a turn" if words else "ended the call"
    elif not heard.finished:
        why = "not resumed"
    return Outcome(case, heard, not why, why, None)


def _interrupting(case: Case, heard: Heard, sound_at: float) -> Outcome:
    begin, _ = overlap.audible(case.sound.samples)
    onset = sound_at + begin
    later = [stop for stop in heard.stops if stop >= onset]
    stop_ms = round(1000 * (later[0] - onset), 1) if later else None
    why = ""
    if any(stop < onset for stop in heard.stops):
        why = "stopped before"
    elif not later:
        why = "not stopped"
    elif heard.answered is None:
        why = "not answered"
    elif any(later[0] <= start < heard.answered for start in heard.starts):
        why = "resumed"
    return Outcome(case, heard, not why, why, stop_ms)


def measure(models: Path, facts: Path | None = None) -> Report:
    """Play every case; blocks for a minute or two."""
    stage = open_stage(models, facts)
    outcomes = tuple(play(stage, case) for case in Cases(models).all())
    stage.ears.keep()
    return Report(outcomes, tuple(_figures(outcomes)), stage.ears.judges)


def _figures(outcomes: Sequence[Outcome]) -> Iterator[Figures]:
    for language in (*LANGUAGES, "both"):
        mine = [each for each in outcomes if language in {"both", each.case.language}]
        for interrupts in (True, False):
            group = [each for each in mine if (each.case.kind in _INTERRUPTS) is interrupts]
            for what, chosen in _groups(group):
                yield _sum_up(language, what, interrupts, chosen)


def _groups(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, list[Outcome]]]:
    """The rows of a table: each kind, those with a background, all."""
    for kind in Kind:
        plain = [each for each in outcomes if each.case.kind is kind and not each.case.under]
        for quiet in (False, True):
            chosen = [each for each in plain if each.case.quiet is quiet]
            if chosen:
                yield kind + (", -10 dB" if quiet else ""), chosen
    for under in ("hum", "babble"):
        yield f"with {under}", [each for each in outcomes if each.case.under.startswith(under)]
    yield "all", list(outcomes)


def _sum_up(
    language: str, what: str, interrupts: bool, outcomes: Sequence[Outcome]
) -> Figures:  # fmt: skip
    stops = [each.stop_ms for each in outcomes if each.good and each.stop_ms is not None]
    paused = [each.heard for each in outcomes if each.hesitated]
    silences = [ms for heard in paused for ms in heard.silences_ms]
    twice = [heard.twice_ms for heard in paused]
    faults = [each.why for each in outcomes if each.why]
    return Figures(
        language=language,
        what=what,
        interrupts=interrupts,
        cases=len(outcomes),
        good=sum(each.good for each in outcomes) / max(1, len(outcomes)),
        stop_ms=(_quantile(stops, 0.5), _quantile(stops, 0.95), _quantile(stops, 1)),
        in_time=sum(ms <= _WANTED_MS for ms in stops) / max(1, len(stops)),
        hesitations=len(paused),
        silence_ms=(_quantile(silences, 0.5), _quantile(silences, 1)),
        twice_ms=(_quantile(twice, 0.5), _quantile(twice, 1)),
        lost_ms=_quantile([heard.lost_ms for heard in paused], 1),
        faults=tuple((fault, faults.count(fault)) for fault in sorted({*faults})),
    )


def _quantile(values: Sequence[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else float("nan")


# -- telling -------------------------------------------------------------------------------------


def table(figures: Iterable[Figures]) -> str:
    """Two Markdown tables: who has to be let, and what must not cost the answer."""
    chosen = list(figures)
    stopping = [
        f"| who interrupts | | cases | let | stop p50 | p95 | longest | {_IN_TIME} | else |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *(
            f"| {each.language} | {each.what} | {each.cases} | {each.good:.1%} "
            f"| {_ms(*each.stop_ms)} | {each.in_time:.0%} | {_faults(each)} |"
            for each in chosen
            if each.interrupts
        ),
    ]
    going_on = [
        _GOING_ON,
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *(
            f"| {each.language} | {each.what} | {each.cases} | {1 - each.good:.1%} "
            f"| {each.hesitations} | {_ms(*each.silence_ms, *each.twice_ms, each.lost_ms)} "
            f"| {_faults(each)} |"
            for each in chosen
            if not each.interrupts
        ),
    ]
    return "\n".join([*stopping, "", *going_on, ""])


def _ms(*values: float) -> str:
    return " | ".join("-" if np.isnan(value) else f"{value:.0f}" for value in values)


def _faults(figures: Figures) -> str:
    return ", ".join(f"{fault} {times}" for fault, times in figures.faults)


def _line(outcome: Outcome) -> str:
    told = f"{outcome.case.name}: {outcome.why or 'good'}"
    if outcome.stop_ms is not None:
        told += f", stopped after {outcome.stop_ms:.0f} ms"
    heard = outcome.heard
    if heard.silences_ms:
        told += f", silent {heard.silences_ms} ms, twice {heard.twice_ms}, lost {heard.lost_ms}"
    words = ", ".join(repr(text) for _, text in heard.understands)
    return told + (f", understood {words}" if words else "")


def _timeline(outcome: Outcome) -> str:
    since = outcome.heard.began or 0.0
    lines = (f"{at - since:8.3f}  {what}" for at, what in outcome.heard.timeline)
    return "\n".join([_line(outcome), "", *lines, ""])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print Markdown tables, or one case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--facts", type=Path, help="what the engines heard; written if not there")
    parser.add_argument("--case", help="cases with this in their name alone")
    parser.add_argument("-v", "--verbose", action="store_true", help="with their timelines")
    parser.add_argument("--list", action="store_true", help="names of the cases")
    parser.add_argument("--failed", action="store_true", help="also every case that went wrong")
    given = parser.parse_args(arguments)
    if given.list:
        sys.stdout.writelines(f"{case.name}\n" for case in Cases(given.models).all())
        return
    if given.case is not None:
        stage = open_stage(given.models, given.facts)
        for case in Cases(given.models).all():
            if given.case in case.name:
                outcome = play(stage, case)
                told = _timeline(outcome) if given.verbose else _line(outcome)
                sys.stdout.write(f"{told}\n")
        stage.ears.keep()
        return
    report = measure(given.models, given.facts)
    judged = "Smart Turn judges" if report.judged else "without Smart Turn"
    sys.stdout.write(
        f"Recognition takes {RECOGNITION_S * 1000:.0f} ms, the network {NETWORK_S * 1000:.0f} ms "
        f"each way; {judged}.\nThe time to stop includes both ways. All times are milliseconds.\n\n"
        f"{table(report.figures)}"
    )
    if given.failed:
        wrong = (each for each in report.outcomes if not each.good)
        sys.stdout.writelines(f"{_line(each)}\n" for each in wrong)


if __name__ == "__main__":
    main()
