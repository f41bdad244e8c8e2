"""The understander that needs no model: written phrases and retrieval, deterministic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from voice_agent.dialogue.commands import (
    Affirm,
    AskAgent,
    AskKnowledge,
    Command,
    Deny,
    Goodbye,
    Greet,
    HumanPlease,
    StartFlow,
    Thank,
    Wait,
    WithdrawConsent,
)
from voice_agent.dialogue.flow import Flow, Kind
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.slots.answer import SLOT as YES_NO
from voice_agent.dialogue.slots.reading import Reading
from voice_agent.dialogue.understanding.asides import ASIDES
from voice_agent.dialogue.understanding.english import ENGLISH
from voice_agent.dialogue.understanding.german import GERMAN
from voice_agent.dialogue.understanding.injection import is_injection
from voice_agent.dialogue.understanding.intents import Intent, Intents, without_values
from voice_agent.dialogue.understanding.person import asks_for_person, without_mention
from voice_agent.dialogue.understanding.phrases import Phrases
from voice_agent.dialogue.understanding.unwanted import PERHAPS as FEWER_CALLS
from voice_agent.dialogue.understanding.unwanted import STOP as STOP_CALLS
from voice_agent.dialogue.understanding.unwanted import perhaps_wants_no_calls, wants_no_calls
from voice_agent.dialogue.understanding.withdrawal import is_withdrawal
from voice_agent.dialogue.words import STOP, split
from voice_agent.errors import EngineError

PHRASES: Final[dict[str, Phrases]] = {"de": GERMAN, "en": ENGLISH}

SURE: Final = 0.55
"""Share of a question's content an entry must cover to be its answer; else "I don't know that"."""

MAX_CHARACTERS: Final = 2000
"""Of one utterance; nobody says more in one breath."""

MAX_COMMANDS: Final = 6

SHORT: Final = 12
"""Words of the longest yes; also bounds the time of patterns that can be read in several ways."""

_WEAK: Final = (Affirm, Deny, Wait, AskAgent)
"""What a wish outweighs: "one moment, I'd like to cancel my appointment"."""

_CERTAIN: Final = 0.4
"""How far a wish is ahead that is one even if it sounds like a question with a written answer."""

_ASIDE: Final = 0.5
"""Score from which an answer to the agent's question is a question itself."""

_LEAST: Final = 3
"""Letters of a question."""

_CLAUSE: Final = re.compile(r"([!?;]+|(?<!\d)\.+)(?:\s|$)")
_ASKED: Final = 3
"""Fewest words that make a question worth an honest "I don't know"."""


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause of what was said.

    Attributes:
        words: folded, their spelling mended.
        marked: whether a question mark ends it.
        values: whether it holds one.
        answers: whether it answers the open question.
        wish: what it asks for, as far as examples tell.
    """

    words: str
    marked: bool
    values: bool
    answers: bool
    wish: Intent


class BuiltinUnderstander:
    """Understands German and English; the same words always give the same commands.

    Args:
        knowledge: what can be answered.
        flows: what callers can have done; which of them is asked for is learnt from their examples.
    """

    def __init__(self, knowledge: Knowledge, flows: Iterable[Flow] = ()) -> None:
        self._knowledge = knowledge
        flows = tuple(flows)
        self._flows = frozenset(flow.name for flow in flows)
        self._intents = {
            language: Intents(flows, (*knowledge.questions(language), *ASIDES[language]), language)
            for language in PHRASES
        }

    def understand(
        self,
        text: str,
        language: str,
        question: str | None = None,
        slots: Mapping[str, Reading] | None = None,
    ) -> tuple[Command, ...]:
        """Say what the caller's words propose; see ``Understander.understand``.

        Args:
            text: the words.
            language: ISO 639-1 code of the words.
            question: the kind of value that was asked for, if any was.
            slots: the values that were found in the words, by slot.
        """
        phrases = PHRASES.get(language)
        if phrases is None:
            raise EngineError(f"the built-in understander does not know the language {language}")
        text = text[:MAX_CHARACTERS]
        if is_withdrawal(text):
            return (WithdrawConsent(),)
        clauses = _clauses(text, phrases, language)
        spoken = " ".join(clause for clause, _ in clauses)
        # A person is never refused, whatever else was said; an order to the agent always is.
        # "No calls from a machine" asks for none.
        stops = STOP_CALLS in self._flows and wants_no_calls(text, language)
        if any(
            asks_for_person(clause, language) and not (stops and wants_no_calls(clause, language))
            for clause, _ in clauses
        ):
            return (HumanPlease(),)
        if is_injection(spoken, language):
            return ()
        if stops:
            return (StartFlow(STOP_CALLS),)
        parts = self._read(text, clauses, language, question, slots or {})
        commands = [c for part in parts for c in self._commands(part, phrases, language)]
        settled = _settle(commands, asked=question is not None)
        return self._asks_to_stop(settled, text, language)

    def _asks_to_stop(
        self, commands: tuple[Command, ...], text: str, language: str
    ) -> tuple[Command, ...]:
        """Whether somebody wants no calls is asked, where that may be what they mean.

        Examples alone are never enough to stop them: that is done at a word.
        """
        if FEWER_CALLS not in self._flows:
            return tuple(c for c in commands if c != StartFlow(STOP_CALLS))
        if StartFlow(STOP_CALLS) in commands or perhaps_wants_no_calls(text, language):
            return (StartFlow(FEWER_CALLS),)
        return commands

    def _read(
        self,
        text: str,
        clauses: list[tuple[str, bool]],
        language: str,
        question: str | None,
        slots: Mapping[str, Reading],
    ) -> list[_Clause]:
        """The clauses with what the values in them and the examples of flows say about them."""
        phrases = PHRASES[language]
        masked = without_values(text, (r for r in slots.values() if r.end <= len(text)))
        found = _pieces(masked, phrases, language)
        bare = found if len(found) == len(clauses) else _pieces(text, phrases, language)
        answered = question in slots and question != YES_NO
        of_the_whole = answered and question in {Kind.CHOICE, Kind.TEXT}
        intents = self._intents[language]
        read = [
            _Clause(
                words,
                marked,
                values=words != left,
                answers=of_the_whole or (answered and words != left),
                wish=intents.read(_without_answer(said, phrases)),
            )
            for (words, marked), (left, _, said) in zip(clauses, bare, strict=True)
        ]
        if len(read) > 1 and not answered and not any(each.wish.flow for each in read):
            # "I can't on Tuesday. Another day?" Only together they say what is wanted.
            read[-1] = replace(read[-1], wish=intents.read(masked))
        return read

    def refuses(self, text: str, language: str) -> bool:
        """True if the words give the agent orders, or ask for what is somebody else's."""
        clauses = _clauses(text[:MAX_CHARACTERS], PHRASES[language], language)
        return is_injection(" ".join(clause for clause, _ in clauses), language)

    def _commands(self, clause: _Clause, phrases: Phrases, language: str) -> tuple[Command, ...]:
        words, wish = clause.words, clause.wish
        short: tuple[tuple[re.Pattern[str], Command], ...] = (
            (phrases.affirm, Affirm()),
            (phrases.deny, Deny()),
            (phrases.thank, Thank()),
            (phrases.greet, Greet()),
        )
        if len(words.split()) <= SHORT:
            for pattern, command in short:
                if pattern.fullmatch(words):
                    return (command,)
        answer: tuple[Command, ...] = ()
        if phrases.begins_no.search(words):
            answer = (Deny(),)
        elif phrases.begins_yes.search(words):
            answer = (Affirm(),)
        for pattern, command in phrases.rules:
            if pattern.search(words) and not (wish.flow and isinstance(command, _WEAK)):
                return (*answer, command)
        if wish.flow is not None and clause.answers:
            # "Can I come on Monday?" says when, and asks for nothing that is not under way.
            return answer
        asks = bool(phrases.asks.search(words))
        match = self._knowledge.find(without_mention(words, language), language)
        known: tuple[Command, ...] = ()
        if match is not None and match.coverage >= SURE and len(words) >= _LEAST:
            known = (AskKnowledge(match.entry),)
        if clause.answers and wish.score < _ASIDE:
            known = ()
        # A written answer to a question comes before a wish that there may be in it.
        doubt = known and asks and not clause.values and wish.ahead < _CERTAIN
        if wish.flow is not None and not doubt:
            return (*answer, StartFlow(wish.flow))
        if phrases.tells.search(words):
            return answer
        questions = clause.marked or asks
        if answer == (Affirm(),) and not questions:
            return answer
        if known or answer or clause.answers:
            return (*answer, *known)
        if len(words.split()) >= _ASKED and questions:
            return (AskKnowledge(None),)
        return ()


def _clauses(text: str, phrases: Phrases, language: str) -> list[tuple[str, bool]]:
    """Clauses as folded words with their spelling mended, and whether a question mark ends them."""
    return [(words, marked) for words, marked, _ in _pieces(text, phrases, language)]


def _pieces(text: str, phrases: Phrases, language: str) -> list[tuple[str, bool, str]]:
    """The same, and the clause as it was said, as far as one can tell it from its neighbours."""
    parts = _CLAUSE.split(text)
    clauses: list[tuple[str, bool, str]] = []
    for said, mark in zip(parts[::2], [*parts[1::2], ""], strict=True):
        folded = [
            word if word in STOP[language] else phrases.spelling.mend(word) for word in split(said)
        ]
        pieces = [piece.strip() for piece in phrases.new_clause.split(" ".join(folded))]
        clauses += [
            (piece, "?" in mark, said if len(pieces) == 1 else piece) for piece in pieces if piece
        ]
    return clauses


def _without_answer(said: str, phrases: Phrases) -> str:
    """The words after a yes or no, with a comma behind it, that they begin with."""
    first, comma, rest = said.partition(",")
    words = " ".join(split(first))
    answer = phrases.begins_no.fullmatch(words) or phrases.begins_yes.fullmatch(words)
    return rest if comma and answer else said


def _settle(commands: list[Command], *, asked: bool) -> tuple[Command, ...]:
    """Each command once; politeness does not count beside a request."""
    unique = list(dict.fromkeys(commands))
    requests = [c for c in unique if not isinstance(c, Greet | Thank | Affirm | Deny)]
    if requests and all(isinstance(c, Goodbye) for c in requests):
        unique = [c for c in unique if not isinstance(c, Greet | Thank | Affirm)]
    elif requests:
        # The no in "no, but when..." is said for context; a yes that answers nothing is a hello.
        polite = Greet | Thank if asked else Greet | Thank | Affirm
        unique = [c for c in unique if not isinstance(c, polite)]
    elif any(isinstance(c, Affirm | Deny) for c in unique):
        unique = [c for c in unique if not isinstance(c, Greet | Thank)]
    elif Thank() in unique:
        unique = [Thank()]
    return tuple(unique[:MAX_COMMANDS])
