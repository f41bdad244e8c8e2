"""Reads flows from ``config/flows/*.yaml``: hostile input, every fault with file, line and key.

A file has a ``name``, ``examples`` of how people ask for it by language (none: only other flows
lead to it), ``instead`` (its steps for who asks for other flows meanwhile), ``slots`` by name and
``steps``, a list. A step has an ``id``, one verb (``VERBS``) and the keys that belong to it;
without ``go`` the next one in the list follows, and the flow ends with the last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.document import Section, read_text
from voice_agent.dialogue.flow import (
    END,
    Act,
    Begin,
    Branch,
    Choose,
    Collect,
    Confirm,
    Farewell,
    First,
    Flow,
    Kind,
    Say,
    Slot,
    Step,
    Take,
    ToHuman,
    Write,
)
from voice_agent.dialogue.flow_check import check
from voice_agent.dialogue.flow_order import check_firsts
from voice_agent.dialogue.flow_value import clean
from voice_agent.dialogue.prompts import LANGUAGES, Prompts
from voice_agent.dialogue.tool import CATALOGUE, SHAPES
from voice_agent.errors import ConfigurationError

FLOW_KEYS: Final = ("name", "examples", "instead", "slots", "steps")
SLOT_KEYS: Final = ("kind", "options", "rows", "label", "least", "most")
VERBS: Final[Mapping[str, tuple[str, ...]]] = {
    "collect": ("ask", "go"),
    "choose": ("from", "by", "ask", "none", "go"),
    "take": ("from", "none", "go"),
    "confirm": ("tell", "ask", "no", "go"),
    "act": ("with", "on", "else"),
    "say": ("forget", "go"),
    "write": ("text", "go"),
    "branch": ("when", "else"),
    "flow": ("go",),
    "begin": ("go",),
    "farewell": (),
    "handover": (),
}
"""What a step can do, and the keys it has besides."""

PERSON: Final = "person"
"""Whom a ``handover`` is to."""

RESERVED: Final = frozenset({"variant", "option", "options", *Question})
"""Names no slot can have: they mean something else to prompts or to the conversation."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_SLOT: Final = re.compile(r"[a-z][a-z_]*")  # as a placeholder is
_VALUE: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")


def load_flows(directory: Path, prompts: Prompts) -> dict[str, Flow]:
    """Read ``directory/*.yaml``; without such a directory or file nothing can be done by flow.

    Args:
        directory: the directory ``flows``.
        prompts: what can be said; a flow's prompts must be there in every language.

    Raises:
        ConfigurationError: a file is wrong; the message names file, line and key.
    """
    flows: dict[str, Flow] = {}
    places: dict[str, Mapping[str, Section]] = {}
    for path in sorted(directory.glob("*.yaml")):
        flow, steps = _read(read_text(path), path, prompts)
        if flow.name in flows:
            raise ConfigurationError(f"{path}: name: another file has the name {flow.name}")
        flows[flow.name], places[flow.name] = flow, steps
    for flow in flows.values():
        check_firsts(flow, places[flow.name], flows)
    return flows


def read_flow(text: str, path: Path, prompts: Prompts) -> Flow:
    """Read one flow.

    Args:
        text: the YAML.
        path: the file it stands in, for messages.
        prompts: what can be said.

    Raises:
        ConfigurationError: it is wrong; the message names file, line and key.
    """
    return _read(text, path, prompts)[0]


def _read(text: str, path: Path, prompts: Prompts) -> tuple[Flow, Mapping[str, Section]]:
    """A flow, and where its steps stand."""
    top = Section.parse(text, path)
    top.only(FLOW_KEYS)
    name = _name(top, "name", _NAME)
    asked: dict[str, tuple[str, ...]] = dict.fromkeys(prompts.languages, ())
    if "examples" in top.fields:
        examples = top.section("examples")
        examples.only(LANGUAGES)
        asked = {language: examples.texts(language) for language in prompts.languages}
    there = top.section("slots") if "slots" in top.fields else Section(path, "slots", 1, {})
    slots = {
        each: _slot(_checked(there, each), there.section(each), prompts) for each in there.fields
    }
    sections = top.sections("steps")
    steps: dict[str, Step] = {}
    places: dict[str, Section] = {}
    for section, following in zip(sections, (*sections[1:], None), strict=True):
        go = END if following is None else following.text("id")
        step = _step(section, go)
        if step.id in steps:
            raise section.fault("id", f"another step has the id {step.id}")
        steps[step.id], places[step.id] = step, section
    instead = _map(top, "instead") if "instead" in top.fields else {}
    for other, target in instead.items():
        if target not in steps:
            raise top.fault("instead", f"{other} leads to {target}, and there is no such step")
    flow = Flow(name, asked, slots, steps, instead)
    check(flow, places, there, prompts)
    return flow, places


def _checked(section: Section, name: str) -> str:
    if not _SLOT.fullmatch(name):
        raise section.fault(name, "a slot's name is lower-case letters and _")
    if name in RESERVED:
        raise section.fault(name, "is a word that means something else; take another")
    return name


def _name(section: Section, key: str, form: re.Pattern[str]) -> str:
    name = section.text(key)
    if not form.fullmatch(name) or name == END:
        raise section.fault(key, f"is lower-case letters, digits and _, and not {END}")
    return name


def _slot(name: str, section: Section, prompts: Prompts) -> Slot:
    section.only(SLOT_KEYS)
    word = section.text("kind")
    if word not in list(Kind):
        raise section.fault("kind", f"unknown kind; possible are {', '.join(Kind)}")
    kind = Kind(word)
    has = section.fields.keys()
    if kind is Kind.CHOICE and ("options" in has) == ("rows" in has):
        raise section.fault("kind", "a choice has either options or rows")
    if kind is not Kind.CHOICE and (wrong := has & {"options", "rows", "label"}):
        raise section.fault(min(wrong), "only a choice has it")
    if kind not in {Kind.NUMBER, Kind.DIGITS} and (wrong := has & {"least", "most"}):
        raise section.fault(min(wrong), "only a number has it, and digits")
    if "rows" in has:
        rows = section.text("rows")
        if rows not in SHAPES:
            raise section.fault("rows", f"unknown; possible are {', '.join(SHAPES)}")
        return Slot(name, kind, rows=rows, label=section.text("label"))
    if "label" in has:
        raise section.fault("label", "only a choice among rows has it")
    options = _options(section.section("options"), prompts) if "options" in has else {}
    if kind is Kind.CHOICE and not options:
        raise section.fault("options", "is empty")
    return Slot(name, kind, options, least=_number(section, "least"), most=_number(section, "most"))


def _options(section: Section, prompts: Prompts) -> dict[str, dict[str, str]]:
    options: dict[str, dict[str, str]] = {}
    for value in section.fields:
        if not _VALUE.fullmatch(value):
            raise section.fault(value, "an option is lower-case letters, digits, - and _")
        names = section.section(value)
        names.only(LANGUAGES)
        options[value] = {language: names.text(language) for language in prompts.languages}
        for language, said in options[value].items():
            if clean(said) != said:
                raise names.fault(language, "is too long to be said, or holds markup")
    return options


def _number(section: Section, key: str) -> int | None:
    if key not in section.fields:
        return None
    text = section.text(key)
    if not _NUMBER.fullmatch(text):
        raise section.fault(key, "is a whole number")
    return int(text)


def _step(section: Section, following: str) -> Step:
    name = _name(section, "id", _NAME)
    verbs = [verb for verb in VERBS if verb in section.fields]
    if len(verbs) != 1:
        raise section.fault("id", f"a step has one of {', '.join(VERBS)}")
    verb = verbs[0]
    section.only(("id", verb, *VERBS[verb]))
    go = section.text("go") if "go" in section.fields else following
    match verb:
        case "collect":
            return Collect(name, section.text(verb), section.text("ask"), go)
        case "choose":
            return Choose(
                name,
                section.text(verb),
                section.text("from"),
                _list(section, "by"),
                section.text("ask"),
                section.text("none"),
                go,
            )
        case "take":
            source, none = section.text("from"), section.text("none")
            return Take(name, section.text(verb), source, none, go)
        case "confirm":
            tell, no = (section.text(k) if k in section.fields else "" for k in ("tell", "no"))
            return Confirm(name, section.texts(verb), tell, section.text("ask"), no, go)
        case "act":
            without = section.text("else") if "else" in section.fields else ""
            arguments, on = _list(section, "with"), _map(section, "on")
            return Act(name, _tool(section, verb), arguments, on, without)
        case "say":
            return Say(name, section.text(verb), _list(section, "forget"), go)
        case "write":
            return Write(name, section.text(verb), section.text("text"), go)
        case "branch":
            return Branch(name, section.text(verb), _map(section, "when"), section.text("else"))
        case "flow":
            return First(name, section.text(verb), go)
        case "begin":
            return Begin(name, section.text(verb), go)
        case "farewell":
            return Farewell(name, section.text(verb))
        case _:
            if section.text(verb) != PERSON:
                raise section.fault(verb, f"is always to a {PERSON}")
            return ToHuman(name)


def _tool(section: Section, key: str) -> str:
    tool = section.text(key)
    if tool not in CATALOGUE:
        raise section.fault(key, f"unknown tool; possible are {', '.join(CATALOGUE)}")
    return tool


def _list(section: Section, key: str) -> tuple[str, ...]:
    return section.texts(key) if key in section.fields else ()


def _map(section: Section, key: str) -> dict[str, str]:
    within = section.section(key)
    return {name: within.text(name) for name in within.fields}
