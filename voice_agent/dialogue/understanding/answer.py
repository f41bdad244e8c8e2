"""A language model's answer, read strictly. Whatever it is, only the vocabulary comes out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voice_agent.dialogue.commands import (
    AskAgent,
    AskKnowledge,
    Command,
    Correct,
    FillSlot,
    Impossible,
    StartFlow,
    Topic,
)
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.tokens import tokens
from voice_agent.dialogue.slots.utterance import read_slots
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.dialogue.understanding.vocabulary import (
    ASKED,
    LONGEST_WORDS,
    MOST,
    OFFERED,
    SIMPLE,
    Vocabulary,
)


def read_answer(
    answer: object, said: Said, setting: Setting, vocabulary: Vocabulary
) -> tuple[Command, ...]:
    """The commands in a model's answer, each once; never raises.

    A value is never taken from the model. It says which of the caller's words hold one; those must
    be there, and what they mean is read out of them as out of any others.

    Args:
        answer: what the model said, as read from JSON.
        said: what it was asked about.
        setting: how values are read.
        vocabulary: what it may say.
    """
    commands = answer.get("commands") if isinstance(answer, Mapping) else None
    if not isinstance(commands, list) or len(commands) > MOST:
        return ()
    read = (
        command
        for each in commands
        if isinstance(each, Mapping)
        for command in _command(each, said, setting, vocabulary)
    )
    return tuple(dict.fromkeys(read))


def _command(
    given: Mapping[Any, Any], said: Said, setting: Setting, vocabulary: Vocabulary
) -> Iterator[Command]:
    """One command, or nothing."""
    name = _text(given, "command")
    if name in SIMPLE:
        yield SIMPLE[name]
    elif name == "start_flow" and (flow := _text(given, "flow")) in vocabulary.flows:
        yield StartFlow(flow)
    elif name == "ask_knowledge" and (entry := _text(given, "answer")) in vocabulary.answers:
        yield AskKnowledge(entry)
    elif name == "ask_agent" and (topic := _text(given, "topic")) in list(Topic):
        yield AskAgent(Topic(topic))
    elif name in {"fill_slot", "correct"}:
        slot = _text(given, "slot")
        reading = _value(slot, _text(given, "words"), said, setting)
        if reading is None:
            return
        if reading.fault is not None:
            yield Impossible(slot, reading.fault)
        elif name == "correct" and not reading.others:
            yield Correct(slot, reading.value)
        else:
            yield FillSlot(slot, reading.value, reading.others)


def _text(given: Mapping[Any, Any], field: str) -> str:
    found = given.get(field)
    return found if isinstance(found, str) and len(found) <= LONGEST_WORDS else ""


def _value(slot: str, words: str, said: Said, setting: Setting) -> Reading | None:
    """What the caller's words at this place mean for a slot."""
    asked = None if said.asked is None else said.asked.kind
    if slot not in OFFERED and (slot not in ASKED or slot != asked):
        return None
    place = quoted(words, said.text)
    if place is None:
        return None
    return read_slots(place, setting, slot).get(slot)


def quoted(words: str, text: str) -> str | None:
    """The part of a text that a quotation means, as it stands there; ``None`` if it does not.

    Case, accents and punctuation may differ, words may not.
    """
    sought = [token.word for token in tokens(words) if token.kind != "sign"]
    there = [token for token in tokens(text) if token.kind != "sign"]
    if not sought:
        return None
    for first in range(len(there) - len(sought) + 1):
        part = there[first : first + len(sought)]
        if [token.word for token in part] == sought:
            return text[part[0].start : part[-1].end]
    return None
