"""Finding the written answer to a spoken question: BM25 over stems, tolerant of spelling by ear.

Ranking is Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
Beyond", 2009). BM25 alone always has a best entry, so a second figure decides whether it is an
answer at all: how much of what the question is about, weighted by rarity, the entry covers.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from voice_agent.dialogue.words import SOFTENERS, content, distance, grams, likeness, split, stem

K1: Final = 1.2
B: Final = 0.4
"""Less than the usual 0.75: an entry with many examples is not less about its subject."""

ALIKE: Final = 0.62
"""Trigram likeness from which two stems count as the same word misheard."""

PART: Final = 5
"""Least letters of a known stem that count when found at either end of a compound."""


@dataclass(frozen=True, slots=True)
class Match:
    """The best entry for a question.

    Attributes:
        entry: its identifier.
        coverage: share of the question's content the entry covers, 0 to 1.
    """

    entry: str
    coverage: float


@dataclass(frozen=True, slots=True)
class _Term:
    """One word of a question.

    Attributes:
        stems: the index stems it may stand for, each with a share from 0 to 1.
        worth: how telling the word is; the unknown part of it counts in full.
    """

    stems: tuple[tuple[str, float], ...]
    worth: float


class Index:
    """An inverted index over the entries of one language."""

    def __init__(self, documents: Mapping[str, Iterable[str]], language: str) -> None:
        """Build the index.

        Args:
            documents: texts people would ask an entry by, by entry identifier.
            language: of the texts.
        """
        self._language = language
        documents = {entry: tuple(texts) for entry, texts in documents.items()}
        # "Wo sind Sie?" has no word that says what it is about; only the wording as such does.
        self._wordings = {
            wording: entry
            for entry, texts in documents.items()
            for wording in map(_wording, texts)
            if wording
        }
        counts = {
            entry: Counter(stem(w, language) for t in texts for w in content(split(t), language))
            for entry, texts in documents.items()
        }
        total = len(counts) or 1
        average = sum(count.total() for count in counts.values()) / total or 1.0
        found_in = Counter(word for count in counts.values() for word in count)
        self._rarity = {
            word: math.log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in found_in.items()
        }
        # A word no entry has is as telling as one that a single entry has.
        self._unknown = math.log(1 + (total - 0.5) / 1.5)
        self._weights: dict[str, dict[str, float]] = {word: {} for word in found_in}
        for entry, count in counts.items():
            length = K1 * (1 - B + B * count.total() / average)
            for word, n in count.items():
                self._weights[word][entry] = n * (K1 + 1) / (n + length)
        self._grams = {word: grams(word) for word in found_in}

    def find(self, text: str) -> Match | None:
        """The entry that fits a question best, or ``None`` when nothing of it is known."""
        if (known := self._wordings.get(_wording(text))) is not None:
            return Match(known, 1.0)
        terms = self._terms(content(split(text), self._language))
        scores: defaultdict[str, float] = defaultdict(float)
        covered: defaultdict[str, float] = defaultdict(float)
        for term in terms:
            score: dict[str, float] = {}
            cover: dict[str, float] = {}
            for word, share in term.stems:
                telling = self._rarity[word] * share
                for entry, weight in self._weights[word].items():
                    score[entry] = max(score.get(entry, 0.0), telling * weight)
                    # The two halves of a compound add up, two spellings of a word do not.
                    cover[entry] = min(term.worth, cover.get(entry, 0.0) + telling)
            for entry, points in score.items():
                scores[entry] += points
                covered[entry] += cover[entry]
        if not scores:
            return None
        # Ties are broken by name, so that the same words always get the same answer.
        entry = min(scores, key=lambda name: (-scores[name], name))
        return Match(entry, covered[entry] / sum(term.worth for term in terms))

    def _terms(self, words: list[str]) -> list[_Term]:
        stems = [stem(word, self._language) for word in words]
        terms: list[_Term] = []
        at = 0
        while at < len(stems):
            # "Reifen Wechsel" is one word to the index and two to the recogniser.
            joined = stem(words[at] + words[at + 1], self._language) if at + 1 < len(words) else ""
            if joined in self._rarity and stems[at + 1] not in self._rarity:
                terms.append(self._term(((joined, 1.0),)))
                at += 2
                continue
            terms.append(self._term(tuple(self._alike(stems[at]))))
            at += 1
        return terms

    def _term(self, stems: tuple[tuple[str, float], ...]) -> _Term:
        worth = max(
            (self._rarity[word] * share + self._unknown * (1 - share) for word, share in stems),
            default=self._unknown,
        )
        return _Term(stems, worth)

    def _alike(self, word: str) -> Iterable[tuple[str, float]]:
        if word in self._rarity:
            return [(word, 1.0)]
        ours = grams(word)
        found: list[tuple[str, float]] = []
        for known, theirs in self._grams.items():
            share = likeness(ours, theirs) if ours & theirs else 0.0
            if share < ALIKE and _misheard(word, known):
                share = ALIKE
            if share >= ALIKE:
                found.append((known, max(share, 0.8)))
            elif len(known) >= PART and (word.startswith(known) or word.endswith(known)):
                found.append((known, len(known) / len(word)))
        return found


def _wording(text: str) -> str:
    return " ".join(word for word in split(text) if word not in SOFTENERS)


def _misheard(word: str, known: str) -> bool:
    """True if a letter or two make the difference, fewer in a short word."""
    shorter = min(len(word), len(known))
    if shorter < 5:  # noqa: PLR2004 (four letters leave too little to be sure of)
        return False
    limit = 1 if shorter < 7 else 2  # noqa: PLR2004 (two letters of six make another word)
    return distance(word, known, limit) <= limit
