"""Yes, no or neither: answers to a question that wants one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.tokens import MAX_CHARACTERS
from voice_agent.dialogue.understanding.assent import ASSENT, Assent, leading
from voice_agent.dialogue.words import split

SLOT: Final = "yes_no"


class Answer(StrEnum):
    """What an answer comes to."""

    AFFIRM = "affirm"
    DENY = "deny"
    UNCLEAR = "unclear"


_PLAIN: Final = 0.95
_AMONG_OTHERS: Final = 0.85
_TURNED: Final = 0.6
IMPLIED: Final = 0.65


@dataclass(frozen=True, slots=True)
class _Forms:
    """The patterns of one language."""

    yes: re.Pattern[str]
    no: re.Pattern[str]
    undecided: re.Pattern[str]
    soft: re.Pattern[str]
    assent: Assent


_FORMS: Final = {
    language: _Forms(
        leading(assent.yes),
        leading(assent.no),
        leading(assent.undecided),
        leading(assent.soft),
        assent,
    )
    for language, assent in ASSENT.items()
}


@dataclass(frozen=True, slots=True)
class _Said:
    """A yes, a no or an "I don't know".

    Attributes:
        answer: which of them.
        phrase: the words.
        first: nothing but politeness stood before it.
    """

    answer: Answer
    phrase: str = field(repr=False)
    first: bool


def read_answer(text: str, setting: Setting) -> tuple[Reading, ...]:
    """The answer in the words, as an ``Answer``; nothing if they do not answer at all."""
    forms = _FORMS[setting.language]
    words = split(text[:MAX_CHARACTERS])
    said, others = _scan(" ".join(words), forms)
    found = _settle(said, words, others, forms)
    if found is None:
        return ()
    answer, confidence = found
    return (Reading(SLOT, answer.value, 0, len(text), confidence),)


def _scan(spoken: str, forms: _Forms) -> tuple[list[_Said], int]:
    """Every answer in the words, and how many words are neither answer nor politeness."""
    said: list[_Said] = []
    others, at = 0, 0
    while at < len(spoken):
        best: tuple[int, Answer] | None = None
        # Of two that are as long, the no: "nicht" stands in many phrases of a yes, not alone.
        for pattern, answer in (
            (forms.undecided, Answer.UNCLEAR),
            (forms.no, Answer.DENY),
            (forms.yes, Answer.AFFIRM),
        ):
            match = pattern.match(spoken, at)
            if match is not None and (best is None or match.end() > best[0]):
                best = match.end(), answer
        if best is not None and _goes_on(spoken, at, best[0], forms.assent):
            others += 1
            end = best[0]
        elif best is not None:
            said.append(_Said(best[1], spoken[at : best[0]], first=not others))
            end = best[0]
        else:
            soft = forms.soft.match(spoken, at)
            end = spoken.find(" ", at) if soft is None else soft.end()
            end = len(spoken) if end < 0 else end
            others += soft is None
        at = end + 1
    return said, others


def _goes_on(spoken: str, at: int, end: int, assent: Assent) -> bool:
    """True for the "not" of "yes, but not on Monday", which answers nothing."""
    phrase = spoken[at:end]
    return end < len(spoken) and phrase in assent.negating and phrase not in assent.strong


def _settle(
    said: list[_Said], words: list[str], others: int, forms: _Forms
) -> tuple[Answer, float] | None:
    assent = forms.assent
    if others:
        telling = [each for each in said if each.first or each.phrase in assent.strong]
        if not telling:
            return _implied(said, words, assent)
        said = telling
    if not said:
        return None
    answers = [each.answer for each in said]
    if Answer.UNCLEAR in answers:
        return Answer.UNCLEAR, _AMONG_OTHERS
    sure = _AMONG_OTHERS if others else _PLAIN
    if len(set(answers)) == 1:
        return answers[0], sure
    but = assent.but.intersection(words)
    if (
        answers[0] is Answer.DENY
        and not but
        and all(
            each.answer is Answer.DENY or set(each.phrase.split()) <= assent.polite for each in said
        )
    ):
        return Answer.DENY, _AMONG_OTHERS  # "no, that's fine"
    if assent.turning.intersection(words):
        return answers[-1], _TURNED
    return Answer.UNCLEAR, _AMONG_OTHERS


def _implied(said: list[_Said], words: list[str], assent: Assent) -> tuple[Answer, float] | None:
    """What a sentence means that neither begins with an answer nor has a plain yes or no in it."""
    if any(each.answer is Answer.UNCLEAR for each in said):
        return Answer.UNCLEAR, _AMONG_OTHERS
    if assent.negating.intersection(words):
        return Answer.DENY, IMPLIED
    if said and all(each.answer is Answer.AFFIRM for each in said):
        return Answer.AFFIRM, IMPLIED
    return None
