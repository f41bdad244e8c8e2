"""Which flow a caller's words ask for, learnt from the examples in the flow files.

A ridge classifier over words, pairs of words and pieces of words, weighted by rarity (Rifkin, Yeo
and Poggio, "Regularized Least-Squares Classification", 2003). It has a closed form, so the same
files always give the same answers, and its scores fade as words become unlike any example: what is
far from all of them is nobody's, and what lies between two is left open.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voice_agent.dialogue.flow import Flow, Kind
from voice_agent.dialogue.slots.answer import SLOT as YES_NO
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.utterance import MOMENTS, read_slots
from voice_agent.dialogue.words import SOFTENERS, content, fold, grams, likeness, split, stem

SURE: Final = 0.33
"""Least score of a flow that is begun."""

SURE_OF_NOTHING: Final = 0.55
"""The same for words that are about nothing in particular: "what have you got?"."""

LEAST: Final = 3
"""Words of a part that can be a wish."""

ALIKE: Final = 0.6
LONG: Final = 5
"""Likeness from which a word of so many letters counts as a known one, misheard or inflected."""

AHEAD: Final = 0.08
"""How far it must be before the next, flow or not."""

SURE_OF_PART: Final = 0.45
AHEAD_OF_PART: Final = 0.2
"""The same for a part of what was said: out of its sentence it means less."""

RIDGE: Final = 0.3
"""How much examples may be contradicted for the sake of the others."""

PIECES: Final = (3, 4, 5)
"""Lengths of the pieces of words, letters; a misheard word shares some of them."""

MAX_PARTS: Final = 12
"""Parts of one utterance that are looked at."""

_PART: Final = re.compile(
    r",|;| - |\b(?:und zwar|und|aber|weil|dass|and|but|because|so)\b", re.IGNORECASE
)
_OF_THE_WHOLE: Final = frozenset({YES_NO, Kind.TEXT, Kind.CHOICE})
_VALUE: Final = "0"
"""Stands for a day or an hour."""

_ANY_DAY: Final = datetime(2026, 1, 5, 9)  # noqa: DTZ001 (a wall clock; only where values stand counts)

_NONE: Final = ""
"""The class of what asks for no flow; no flow has an empty name."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What an utterance asks for, as far as the examples tell.

    Attributes:
        flow: the flow, or ``None`` if it is not certain, or none.
        score: how alike the nearest class is; about 0 for nothing known, about 1 for an example.
        ahead: how far it is before the next class.
    """

    flow: str | None
    score: float
    ahead: float


NOTHING: Final = Intent(None, 0.0, 0.0)


class Intents:
    """The classifier of one language.

    Args:
        flows: the flows that can be asked for.
        others: what people say that asks for no flow, such as questions with a written answer.
        language: ISO 639-1 code of the examples.
    """

    def __init__(self, flows: Iterable[Flow], others: Iterable[str], language: str) -> None:
        self._language = language
        examples = [
            (flow.name, words)
            for flow in flows
            for words in dict.fromkeys(_variants(flow, language))
        ]
        self._classes = (*sorted({name for name, _ in examples}), _NONE)
        examples += [(_NONE, words) for words in others]
        setting = Setting(language, _ANY_DAY)
        said = [
            _words(without_values(words, read_slots(words, setting).values()))
            for _, words in examples
        ]
        self._words = {word: grams(word) for words in said for word in content(words, language)}
        counts = [self._features(words) for words in said]
        found_in = Counter(feature for count in counts for feature in count)
        self._rarity = {
            feature: 1 + math.log((1 + len(counts)) / (1 + n)) for feature, n in found_in.items()
        }
        self._unknown = 1 + math.log(1 + len(counts))
        self._places = {feature: at for at, feature in enumerate(found_in)}
        rows = np.zeros((len(counts), len(found_in)), np.float32)
        for row, count in zip(rows, counts, strict=True):
            places, weights = self._vector(count)
            row[places] = weights
        wanted = np.array([[float(name == each) for each in self._classes] for name, _ in examples])
        wanted = wanted.reshape(len(examples), len(self._classes))
        alike = (rows @ rows.T).astype(np.float64) + RIDGE * np.eye(len(rows))
        shares = np.linalg.solve(alike, wanted).astype(np.float32)
        self._weights: NDArray[np.float32] = rows.T @ shares

    def read(self, text: str) -> Intent:
        """What the words ask for; values in them should have been left out.

        Args:
            text: what was said, or a part of it.
        """
        said = _words(text)
        # Reasons are mostly said first, and what is wanted last.
        parts = [words for part in reversed(_parts(text)) if len(words := _words(part)) >= LEAST]
        whole = self._judge(said, SURE, AHEAD)
        if not parts or (whole.score >= SURE_OF_PART and whole.ahead >= AHEAD_OF_PART):
            return whole
        judged = (self._judge(words, SURE_OF_PART, AHEAD_OF_PART) for words in parts)
        return next((part for part in judged if part.flow is not None), whole)

    def _judge(self, words: list[str], least: float, before: float) -> Intent:
        places, weights = self._vector(self._features(words))
        if not places or sum(word != _VALUE for word in words) <= 1:
            return NOTHING
        scores = weights @ self._weights[places]
        first, *others = (int(at) for at in np.argsort(-scores, kind="stable")[:2])
        score = float(scores[first])
        ahead = score - max((float(scores[at]) for at in others), default=0.0)
        name = self._classes[first]
        about = [word for word in content(words, self._language) if word != _VALUE]
        # "I need a pen" is like a wish and about nothing that is known.
        known = any(map(self._is_known, about)) if about else score >= SURE_OF_NOTHING
        sure = name != _NONE and known and score >= least and ahead >= before
        return Intent(name if sure else None, score, ahead)

    def _is_known(self, word: str) -> bool:
        if word in self._words:
            return True
        ours = grams(word)
        return len(word) >= LONG and any(
            likeness(ours, theirs) >= ALIKE for theirs in self._words.values()
        )

    def _features(self, words: list[str]) -> Counter[str]:
        """Words, pairs of them, and pieces, by how often they occur."""
        stems = [stem(word, self._language) for word in words]
        pairs = zip(["", *stems], [*stems, ""], strict=True)
        found = Counter(f"{one} {other}" for one, other in pairs if {one, other} - {"", _VALUE})
        for word in words:
            # A day alone is no wish; "on Tuesday, please" answers whatever was asked.
            if word != _VALUE:
                found.update((stem(word, self._language), *_pieces(word)))
        return found

    def _vector(self, count: Counter[str]) -> tuple[list[int], NDArray[np.float64]]:
        """Places and weights of what is known; the unknown makes the rest weigh less."""
        weights = {f: math.sqrt(n) * self._rarity.get(f, self._unknown) for f, n in count.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        known = [feature for feature in weights if feature in self._places]
        values = np.array([weights[feature] / length for feature in known])
        return [self._places[feature] for feature in known], values


def without_values(text: str, readings: Iterable[Reading]) -> str:
    """The words without the names and numbers in them, and a nought for every day and hour."""
    first = len(text)
    for reading in sorted(readings, key=lambda reading: -reading.end):
        if reading.slot not in _OF_THE_WHOLE and reading.end <= first:
            stands = f" {_VALUE} " if reading.slot.startswith(MOMENTS) else " "
            text = text[: reading.start] + stands + text[reading.end :]
            first = reading.start
    return text


def _variants(flow: Flow, language: str) -> Iterator[str]:
    """A flow's examples, each also with the other choices of the slot it names one of."""
    choices = [
        [fold(names[language]) for names in slot.options.values()] for slot in flow.slots.values()
    ]
    for example in map(fold, flow.examples.get(language, ())):
        yield example
        for options in choices:
            for named in (name for name in options if name in example):
                yield from (example.replace(named, other) for other in options)


def _words(text: str) -> list[str]:
    return [word for word in split(text) if word not in SOFTENERS]


def _pieces(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[at : at + size] for size in PIECES for at in range(len(padded) - size + 1)]


def _parts(text: str) -> list[str]:
    """The parts in which something was said, if it was said in several."""
    parts = [part for part in _PART.split(text) if part.strip()][:MAX_PARTS]
    return parts if len(parts) > 1 else []
