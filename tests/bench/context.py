"""What it does to the recogniser to be told which words are expected.

    python -m tests.bench context
    python -m tests.bench.context --prompts DIRECTORY --every 8

Heard are answers to the questions that flows ask (made by template, spoken by our own voices
through mu-law), the recordings of the test suite, Asterisk's prompts (see ``recogniser``), and
sounds that are no words. The answers are heard without expected words, with those of their question
and with a mix of everything; the others with words that have nothing to do with most of them, which
must make nothing up. The rules were made knowing the recordings and other sentences of the same
templates; the noise is another than was known then. Two of every four are the first half.
``--only`` hears one group. On a busy machine, one thread is faster than two.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.bench.recogniser import prompts, recordings
from tests.bench.spoken_answers import KINDS, Answer, answers
from tests.bench.word_errors import WordErrors, words
from voice_agent.audio import mulaw
from voice_agent.commands.hear import from_own_file
from voice_agent.commands.own_sound import own_sound
from voice_agent.dialogue.expectation import YES_NO
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.settings import load_settings
from voice_agent.speech.espeak import EspeakSynthesiser
from voice_agent.speech.piper import PiperSynthesiser
from voice_agent.speech.whisper import WhisperRecogniser

ROOT = Path(__file__).parents[2]

DAYS = {
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Januar Februar März April Mai Juni "
    "Juli August September Oktober November Dezember",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday January February March April May June "
    "July August September October November December",
}
HOURS = {
    "de": "acht neun zehn elf zwölf halb viertel Uhr",
    "en": "eight nine ten eleven twelve half quarter o'clock",
}
DIGITS = {
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "en": "zero one two three four five six seven eight nine",
}
LETTERS = "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"
NAMES = {
    "de": "Müller Schmidt Fischer Becker Schäfer Berlin Hamburg München",
    "en": "Smith Johnson Taylor Walker Hughes London Leeds Berlin",
}
"""The first half of the names that are said, so that the others are ones nobody expected; towns."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Something to hear.

    Attributes:
        group: the row it counts in.
        language: it is recognised in.
        mulaw: the sound.
        text: what is said; empty if nothing is.
        answer: the value in it, if it is an answer.
    """

    group: str
    language: str
    mulaw: bytes
    text: str
    answer: Answer | None = None


@dataclass(slots=True)
class Tally:
    """What came of one group under one expectation, in one half."""

    errors: WordErrors = field(default_factory=WordErrors)
    right: int = 0
    count: int = 0
    inserted: int = 0
    seconds: float = 0.0

    def add(
        self, sound: Sound, text: str, seconds: float, expected: tuple[str, ...], alone: str
    ) -> None:
        """Count one; ``alone`` is what was heard without expected words."""
        said = {*words(sound.text, sound.language), *words(alone, sound.language)}
        told = set(words(" ".join(expected), sound.language))
        heard = words(text, sound.language)
        self.errors.add(sound.text, text, sound.language)
        self.inserted += sum(word in told and word not in said for word in heard)
        self.right += sound.answer is not None and sound.answer.is_in(text)
        self.count += 1
        self.seconds += seconds


def expectations(knowledge: Knowledge, language: str) -> dict[str, tuple[str, ...]]:
    """What the recogniser can be told, by the kind of question."""
    subjects = (each.wordings[language].keywords[0] for each in knowledge.entries)
    lists = {
        "date": tuple(DAYS[language].split()),
        "time": tuple(HOURS[language].split()),
        "phone": tuple(DIGITS[language].split()),
        "plate": tuple(LETTERS.split()),
        "name": tuple(NAMES[language].split()),
        "service": tuple(sorted(subjects, key=len, reverse=True)),  # long words are misheard most
        "yes_no": YES_NO[language],
    }
    mix = tuple(word for several in zip(*lists.values(), strict=False) for word in several)
    return lists | {"mix": mix}


def noises() -> Iterator[tuple[str, bytes]]:
    """Hiss, hum, coughs and silence; the same in every run."""
    rng = np.random.default_rng(11)

    def sound(samples: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bytes:
        return mulaw.encode(samples.clip(-32_000, 32_000).astype(np.int16))

    for level in (10, 100, 300, 1000, 3000):
        for seconds in (0.4, 1.5):
            yield "hiss", sound(rng.standard_normal(round(8000 * seconds)) * level)
    for _ in range(12):
        count = round(8000 * rng.uniform(0.15, 0.35))
        time = np.arange(count) / 8000
        rough = 1 + 0.8 * np.sign(np.sin(2 * np.pi * rng.uniform(90, 250) * time))
        breath = np.convolve(rng.standard_normal(count), np.ones(rng.integers(2, 7)) / 2, "same")
        burst = breath * rough * np.exp(-4 * np.arange(count) / count) * rng.uniform(1500, 7000)
        once = np.concatenate([burst, np.zeros(round(8000 * rng.uniform(0.05, 0.3)))])
        yield "cough", sound(np.concatenate([np.zeros(1600), *[once] * rng.integers(1, 4)]))
    for _ in range(6):
        time = np.arange(16_000) / 8000
        beat = 1 + np.sin(2 * np.pi * rng.uniform(1, 8) * time)
        yield "hum", sound(3000 * beat * np.sin(2 * np.pi * rng.uniform(50, 700) * time))
    yield "silence", mulaw.SILENCE * 8000


def sounds(store: ModelStore, prompts_in: Path | None, every: int) -> Iterator[Sound]:
    """Everything that is heard."""
    joe = PiperSynthesiser(store.require(find("en_US-joe-medium")))
    for language in ("de", "en"):
        espeak = EspeakSynthesiser(language)
        for number, answer in enumerate(answers(language)):
            voice = espeak if language == "de" or number % 4 == 0 else joe
            rate = 1.0 if number % 3 else 0.85
            spoken = voice.speak(answer.text, rate)
            yield Sound(answer.kind, language, spoken, answer.text, answer)
    files = [*recordings(), *(prompts(prompts_in, every) if prompts_in else ())]
    for each in files:
        heard = from_own_file(each.file).reveal().mulaw
        yield Sound(each.group.split()[0], each.language, heard, each.text)
    for language in ("de", "en"):
        for name, noise in noises():
            yield Sound(name, language, noise, "")


def told(sound: Sound, lists: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The expectations a sound is heard under."""
    if sound.answer is None:
        wrong = ("yes_no", "service", "date", "mix")
        return {"none": ()} | {name: lists[name] for name in wrong}
    return {"none": (), "its words": lists[sound.group], "mix": lists["mix"]}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=Path)
    parser.add_argument("--every", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", help="a kind of answer, callers, prompts, cough, hiss or hum")
    parser.add_argument("--show", action="store_true", help="every text that expectation changed")
    given = parser.parse_args(arguments)
    store = ModelStore(load_settings().models_dir)
    recogniser = WhisperRecogniser(store.require(find("whisper-base")), threads=given.threads)
    knowledge = Knowledge.load(ROOT / "config" / "knowledge")
    lists = {language: expectations(knowledge, language) for language in ("de", "en")}
    tallies: dict[tuple[str, str, str], tuple[Tally, Tally]] = {}
    for number, sound in enumerate(sounds(store, given.prompts, given.every)):
        if given.only not in {None, sound.group}:
            continue
        texts: dict[str, str] = {}
        for name, expected in told(sound, lists[sound.language]).items():
            heard = recogniser.transcribe(own_sound(sound.mulaw), sound.language, expected)
            texts[name] = heard.text
            row = tallies.setdefault((sound.group, sound.language, name), (Tally(), Tally()))
            row[number // 2 % 2].add(sound, heard.text, heard.seconds, expected, texts["none"])
        if given.show and len(set(texts.values())) > 1:
            sys.stderr.write(f"{sound.group} {sound.language} {sound.text!r}: {texts}\n")
    sys.stdout.write(
        "| heard | expected | first half: WER | values | second half: WER | values | made up "
        "| time |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"
    )
    for (group, language, name), halves in tallies.items():
        alone = sum(each.seconds for each in tallies[group, language, "none"])
        slower = sum(each.seconds for each in halves) / alone
        cells = " | ".join(_cells(each, group) for each in halves)
        made_up = sum(each.inserted for each in halves)
        sys.stdout.write(f"| {group} {language} | {name} | {cells} | {made_up} | {slower:.2f} |\n")


def _cells(tally: Tally, group: str) -> str:
    """Word error rate, or the words where there are none, and the share of values, as cells."""
    rate = (
        f"{100 * tally.errors.rate:.1f} %" if tally.errors.words else f"{tally.errors.edits} words"
    )
    return f"{rate} | {f'{tally.right}/{tally.count}' if group in KINDS else ''}"


if __name__ == "__main__":
    main()
