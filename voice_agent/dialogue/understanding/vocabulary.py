"""What a language model may say: a part of the closed vocabulary, and its JSON schema.

What is missing here is missing on purpose. A model's mistake must never cost more than a wrong
question, so it has no word for what cannot be taken back: yes and no, to whatever question; the
withdrawal of consent; the end of the call; another language; a text message. The rules read those,
and the keys of the telephone. It has no word for a value either, only for where the caller said it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from voice_agent.dialogue.commands import (
    Cancel,
    Command,
    Greet,
    HumanPlease,
    Repeat,
    Slower,
    Thank,
    Topic,
    Wait,
)

MOST: Final = 4
"""Commands in one answer; more is a list of the vocabulary and no reading of a caller's words."""

LONGEST_WORDS: Final = 200
"""Characters of the words that are quoted for a value: a telephone number, spelt out."""

SIMPLE: Final[Mapping[str, Command]] = {
    "human_please": HumanPlease(),
    "repeat": Repeat(),
    "slower": Slower(),
    "wait": Wait(),
    "cancel": Cancel(),
    "greet": Greet(),
    "thank": Thank(),
}
"""Commands that carry nothing, by name."""

OFFERED: Final = ("date", "time", "name", "phone", "plate", "email")
"""Kinds of value a model may point to at any time."""

ASKED: Final = ("number", "digits", "code")
"""And those it may point to where they were asked for: a number alone may be anything."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names in it that are the company's.

    Attributes:
        flows: how people ask for each flow, by the flow's name and language.
        answers: what each written answer is about, by its identifier and language.
    """

    flows: Mapping[str, Mapping[str, tuple[str, ...]]]
    answers: Mapping[str, Mapping[str, str]]

    def schema(self) -> dict[str, Any]:
        """The JSON schema of an answer: always the same, so that a server compiles it once."""
        slot = {"type": "string", "enum": [*OFFERED, *ASKED]}
        words = {"type": "string", "maxLength": LONGEST_WORDS}
        kinds = [
            _object(list(SIMPLE)),
            _object(["ask_agent"], topic=_one_of(list(Topic))),
            _object(["fill_slot", "correct"], slot=slot, words=words),
        ]
        if self.flows:
            kinds.append(_object(["start_flow"], flow=_one_of(list(self.flows))))
        if self.answers:
            kinds.append(_object(["ask_knowledge"], answer=_one_of(list(self.answers))))
        commands = {"type": "array", "maxItems": MOST, "items": {"anyOf": kinds}}
        return {
            "type": "object",
            "properties": {"commands": commands},
            "required": ["commands"],
            "additionalProperties": False,
        }


def _one_of(names: list[str]) -> dict[str, Any]:
    return {"type": "string", "enum": [str(name) for name in names]}


def _object(commands: list[str], **fields: dict[str, Any]) -> dict[str, Any]:
    properties = {"command": _one_of(commands), **fields}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
