"""``voice-agent understand``: what callers' words are understood as, one utterance a line."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Annotated, Any, BinaryIO, Final

import typer

from voice_agent.agent import AgentConfig
from voice_agent.commands.language_model import flows_of, opened_model
from voice_agent.commands.output import Output
from voice_agent.dialogue.commands import Command, FillSlot, Impossible
from voice_agent.dialogue.flow_outcome import Asked
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.slots.kinds import kind_of
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.utterance import LEAST, commands_with, read_slots
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.comprehension import Comprehension
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.errors import VoiceAgentError
from voice_agent.schedule import load_plan
from voice_agent.settings import load_settings

LONGEST: Final = 16 * 1024
"""Bytes of a line; nobody says as much in one breath."""

_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")
_UNPRINTABLE: Final = re.compile(r"[^\S ]|[^\w\s!-~\u00a1-\uffff]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the input.

    Attributes:
        number: from 1.
        text: the utterance, or ``None`` if it is none.
        fault: why not.
    """

    number: int
    text: str | None = field(repr=False)
    fault: str | None = None


def understand(
    *,
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", help="de or en; the agent's default if left out."),
    ] = None,
    now: Annotated[
        str | None,
        typer.Option(help="The company's wall clock, for example 2026-11-23T09:00; else this one."),
    ] = None,
    question: Annotated[
        str | None,
        typer.Option(help="The slot that was asked for, or its kind: name, phone, date, yes_no."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(help="What was offered, where the question is a choice; once for each."),
    ] = None,
    model: Annotated[
        bool, typer.Option("--model/--no-model", help="Ask the language model, if there is one.")
    ] = True,
    json: Annotated[
        bool, typer.Option("--json", help="One object an utterance, as described above.")
    ] = False,
) -> None:
    """Show what callers' words are understood as. Reads standard input, one utterance a line.

    The understander, its written answers and its flows are those of a call,
    with the configuration in CONFIG_DIR. Where LLM_BASE_URL is set, the language model
    is asked as in a call: about what the rules are not sure of, and in bounded
    time. Nothing is kept.

    With --json every line of input gives one object: "text", "commands" (each
    with "command", and what it carries), "slots" (values by slot), "faults"
    (slots whose value cannot be taken, and why: impossible, past), "confidence"
    (0 to 1; that of the least sure slot, 0 if nothing was understood). A line
    that is not UTF-8, or longer than 16384 bytes, gives "text": null and
    "error".

    Leaves with status 0; 1 if there were such lines, the others being
    understood; 2 if an option or the configuration is wrong.
    """
    output = Output(json)
    settings = load_settings()
    agent = AgentConfig.for_settings(settings)
    spoken = agent.default_language if language is None else language
    if spoken not in agent.languages:
        raise VoiceAgentError(
            f"--language {spoken}: the agent does not speak it. Use {' or '.join(agent.languages)}"
        )
    if question is not None:
        kind_of(question)
    plan = load_plan(settings.config_dir)
    hours = None if plan is None else plan.opening.hours
    setting = Setting(spoken, wall_clock(now), hours, agent.controller.jurisdiction)
    knowledge = Knowledge.load(settings.config_dir / "knowledge", agent.languages)
    understander = BuiltinUnderstander(knowledge, flows_of(settings, agent).values())
    own = Comprehension(understander, lambda: setting.now, hours, agent.controller.jurisdiction)
    asked = None if question is None else Asked(question, question, tuple(option or ()))
    faults = 0
    with ExitStack() as opened:
        adviser = opened.enter_context(opened_model(settings, agent, knowledge)) if model else None
        advised = None if adviser is None else adviser.beside(own)
        for line in lines(sys.stdin.buffer):
            if line.text is None:
                faults += 1
                record = {**_record("", (), {}), "text": None, "error": line.fault}
                output.result(record, f"line {line.number}: {line.fault}")
                continue
            slots = read_slots(line.text, setting, question, option or ())
            proposed = understander.understand(line.text, spoken, question, slots)
            commands = commands_with(proposed, slots, question)
            if advised is not None:
                commands = advised.add(commands, Said(line.text, spoken, asked))
                slots = {**_quoted(commands), **slots}
            record = _record(line.text, commands, slots)
            output.result(record, _prose(line.text, commands, slots, record["confidence"]))
    if faults:
        output.note(f"{faults} lines could not be read")
        raise typer.Exit(1)


def _quoted(commands: tuple[Command, ...]) -> dict[str, Reading]:
    """The slots in commands, as readings no surer than those of words nobody asked for."""
    found: dict[str, Reading] = {}
    for command in commands:
        match command:
            case FillSlot(slot, value, others):
                found[slot] = Reading(slot, value, 0, 0, LEAST, others)
            case Impossible(slot, fault):
                found[slot] = Reading(slot, "", 0, 0, LEAST, fault=fault)
            case _:
                pass
    return found


def wall_clock(now: str | None) -> datetime:
    """The company's wall clock as ``--now`` gives it, without a time zone; else this machine's.

    Raises:
        VoiceAgentError: it is none.
    """
    if now is None:
        return datetime.now().astimezone().replace(tzinfo=None)
    try:
        given = datetime.fromisoformat(now)
    except ValueError as error:
        raise VoiceAgentError(
            f"--now {now}: is no date and time. Write it like 2026-11-23T09:00"
        ) from error
    if given.tzinfo is not None:
        raise VoiceAgentError(
            f"--now {now}: is the company's own clock and has no time zone. Leave that out"
        )
    return given


def lines(stream: BinaryIO) -> Iterator[Line]:
    """The lines of a stream; no more than ``LONGEST`` bytes of any are held in memory."""
    number = 0
    while raw := stream.readline(LONGEST + 2):
        number += 1
        whole = raw.endswith(b"\n")
        if not whole and len(raw) > LONGEST:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LONGEST)
            yield Line(number, None, f"is longer than {LONGEST} bytes")
            continue
        try:
            yield Line(number, raw.decode().rstrip("\r\n"))
        except UnicodeDecodeError:
            yield Line(number, None, "is not UTF-8")


def printable(text: str) -> str:
    """A text without what a terminal would obey."""
    return _UNPRINTABLE.sub(" ", text)


def _record(text: str, commands: tuple[Command, ...], slots: dict[str, Reading]) -> dict[str, Any]:
    return {
        "text": text,
        "commands": [command_record(command) for command in commands],
        "slots": {slot: r.value for slot, r in slots.items() if r.fault is None},
        "faults": {slot: r.fault.value for slot, r in slots.items() if r.fault is not None},
        "confidence": min((r.confidence for r in slots.values()), default=float(bool(commands))),
    }


def command_record(command: Command) -> dict[str, Any]:
    """A command by its name in snake case, and its fields; of a slot's, "slot" and "value"."""
    name = _CAPITAL.sub("_", type(command).__name__).lower()
    fields = asdict(command)
    if name == "fill_slot":
        fields = {"slot": fields["name"], "value": fields["value"]}
    return {"command": name, **fields}


def _prose(
    text: str, commands: tuple[Command, ...], slots: dict[str, Reading], confidence: float
) -> str:
    told = [f"{printable(text) or '(nothing)'}"]
    for command in commands:
        fields = command_record(command)
        name = fields.pop("command")
        if name == "fill_slot":
            reading = slots[fields["slot"]]
            others = f" (or {', '.join(reading.others)})" if reading.others else ""
            told.append(f"  {fields['slot']:<12} {reading.value}{others}  {reading.confidence:.2f}")
        elif name == "impossible":
            told.append(f"  {fields['slot']:<12} {fields['fault'].value}")
        else:
            told.append(f"  {name:<12} {' '.join(str(v) for v in fields.values() if v)}".rstrip())
    if not commands and not slots:
        told.append("  not understood")
    elif not slots:
        told[-1] += f"  {confidence:.2f}"
    return "\n".join(told)
