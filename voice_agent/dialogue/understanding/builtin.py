"""The understander that needs no model: written phrases and retrieval, deterministic."""

from __future__ import annotations

import re
from typing import Final

from voice_agent.dialogue.commands import (
    Affirm,
    AskKnowledge,
    Command,
    Deny,
    Goodbye,
    Greet,
    HumanPlease,
    Thank,
    WithdrawConsent,
)
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.understanding.english import ENGLISH
from voice_agent.dialogue.understanding.german import GERMAN
from voice_agent.dialogue.understanding.injection import is_injection
from voice_agent.dialogue.understanding.person import asks_for_person, without_mention
from voice_agent.dialogue.understanding.phrases import Phrases
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

_CLAUSE: Final = re.compile(r"([.!?;]+)(?:\s|$)")
_ASKED: Final = 3
"""Fewest words that make a question worth an honest "I don't know"."""


class BuiltinUnderstander:
    """Understands German and English by rule; the same words always give the same commands."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def understand(
        self,
        text: str,
        language: str,
        question: str | None = None,  # noqa: ARG002 (the rules need no context; the port offers it)
    ) -> tuple[Command, ...]:
        """Say what the caller's words propose; see ``Understander.understand``."""
        phrases = PHRASES.get(language)
        if phrases is None:
            raise EngineError(f"the built-in understander does not know the language {language}")
        text = text[:MAX_CHARACTERS]
        if is_withdrawal(text):
            return (WithdrawConsent(),)
        clauses = _clauses(text, phrases, language)
        spoken = " ".join(clause for clause, _ in clauses)
        # A person is never refused, whatever else was said; an order to the agent always is.
        if any(asks_for_person(clause, language) for clause, _ in clauses):
            return (HumanPlease(),)
        if is_injection(spoken, language):
            return ()
        commands = [
            command
            for clause, asked in clauses
            for command in self._clause(clause, phrases, language, asked=asked)
        ]
        return _settle(commands)

    def refuses(self, text: str, language: str) -> bool:
        """True if the words give the agent orders, or ask for what is somebody else's."""
        clauses = _clauses(text[:MAX_CHARACTERS], PHRASES[language], language)
        return is_injection(" ".join(clause for clause, _ in clauses), language)

    def _clause(
        self, clause: str, phrases: Phrases, language: str, *, asked: bool
    ) -> tuple[Command, ...]:
        short: tuple[tuple[re.Pattern[str], Command], ...] = (
            (phrases.affirm, Affirm()),
            (phrases.deny, Deny()),
            (phrases.thank, Thank()),
            (phrases.greet, Greet()),
        )
        if len(clause.split()) <= SHORT:
            for pattern, command in short:
                if pattern.fullmatch(clause):
                    return (command,)
        answer: tuple[Command, ...] = ()
        if phrases.begins_no.search(clause):
            answer = (Deny(),)
        elif phrases.begins_yes.search(clause):
            answer = (Affirm(),)
        for pattern, command in phrases.rules:
            if pattern.search(clause):
                return (*answer, command)
        if phrases.tells.search(clause):
            return answer
        match = self._knowledge.find(without_mention(clause, language), language)
        if match is not None and match.coverage >= SURE:
            return (*answer, AskKnowledge(match.entry))
        if answer:
            return answer
        if len(clause.split()) >= _ASKED and (asked or phrases.asks.search(clause)):
            return (AskKnowledge(None),)
        return ()


def _clauses(text: str, phrases: Phrases, language: str) -> list[tuple[str, bool]]:
    """Clauses as folded words with their spelling mended, and whether a question mark ends them."""
    parts = _CLAUSE.split(text)
    clauses: list[tuple[str, bool]] = []
    for words, mark in zip(parts[::2], [*parts[1::2], ""], strict=True):
        folded = [
            word if word in STOP[language] else phrases.spelling.mend(word) for word in split(words)
        ]
        pieces = (piece.strip() for piece in phrases.new_clause.split(" ".join(folded)))
        clauses.extend((piece, "?" in mark) for piece in pieces if piece)
    return clauses


def _settle(commands: list[Command]) -> tuple[Command, ...]:
    """Each command once; politeness and a yes do not count beside a request."""
    unique = list(dict.fromkeys(commands))
    requests = [c for c in unique if not isinstance(c, Greet | Thank | Affirm | Deny)]
    if requests and not all(isinstance(c, Goodbye) for c in requests):
        # "Yes, one moment": the moment is meant. The no in "no, but when..." is said for context.
        unique = [c for c in unique if not isinstance(c, Greet | Thank)]
    elif requests:
        unique = [c for c in unique if not isinstance(c, Greet | Thank | Affirm)]
    elif any(isinstance(c, Affirm | Deny) for c in unique):
        unique = [c for c in unique if not isinstance(c, Greet | Thank)]
    elif Thank() in unique:
        unique = [Thank()]
    return tuple(unique[:MAX_COMMANDS])
