"""``voice-agent chat``: a whole conversation in words, one turn a line."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import uuid4

import typer
from pydantic import TypeAdapter

from voice_agent import log
from voice_agent.agent import AgentConfig
from voice_agent.agent_understanding import LanguageModel, open_understander
from voice_agent.call.terms import CallTerms
from voice_agent.commands.output import Output
from voice_agent.commands.rung_up import ShownErrands, made_up
from voice_agent.commands.understand import command_record, lines, printable, wall_clock
from voice_agent.dialogue.reply import HandOver, HangUp, Withdraw
from voice_agent.errors import VoiceAgentError
from voice_agent.outbound.errand import FLOW
from voice_agent.runtime.chat import Chat, Move
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.refusals import Refusals
from voice_agent.schedule import load_plan
from voice_agent.settings import Settings, load_settings
from voice_agent.storage.calls import SqlCallBook
from voice_agent.stores import Stores
from voice_agent.texts import Texts
from voice_agent.toolset import open_toolbox
from voice_agent.values import DatabaseUrl

NOTE: Final = (
    "A call begins with the privacy notice, and nobody listens before key 1. Here you are a caller "
    "who has pressed it. [1] presses a key, [...] is a silence."
)

ENDINGS: Final = {
    HandOver: "A person takes over.",
    HangUp: "The agent hangs up.",
    Withdraw: "Nobody listens any more.",
}

SILENCE: Final = "[...]"
_KEYS: Final = re.compile(r"\[([0-9]{1,32}|[*#])\]")
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


def chat(
    *,
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", help="de or en; the agent's default if left out."),
    ] = None,
    now: Annotated[
        str | None,
        typer.Option(
            help="The company's wall clock, for example 2026-11-23T09:00; only with --memory."
        ),
    ] = None,
    trace: Annotated[
        bool, typer.Option("--trace", help="Show what was understood and done, too.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="One object a turn, as described above.")
    ] = False,
    remind: Annotated[
        str | None,
        typer.Option(
            help="You were rung up about an appointment at this time, for example "
            "2026-11-25T10:00; only with --memory."
        ),
    ] = None,
    memory: Annotated[
        bool, typer.Option("--memory", help="Keep nothing: an empty database, gone afterwards.")
    ] = False,
) -> None:
    """Talk to the agent in words. Reads standard input, one turn of the caller a line.

    Everything but the sound is as in a call: the configuration in CONFIG_DIR,
    the understander, the flows, and what is done for the caller. What is booked
    is booked in the database of DATABASE_URL, unless --memory is given.

    A line is what the caller says; [1] is a key, [0301234567] a number that is
    typed where one is asked for, [...] a silence. The
    conversation ends with the input, or when the agent hangs up, hands over,
    or must not listen any more.

    With --remind you are somebody whom we rang up about an appointment, who has
    proved who they are: what is reached is shown, and nothing is written down.

    With --json every turn, the greeting first, gives one object: "said" (null
    for the greeting), "commands", "lines" (each with "key" and "text"), "flow",
    "question", "slots", "tools" (each with "tool" and "outcome"), "then"
    (listen, wait, hand_over, hang_up, withdraw), "language" and "ms" (what the
    answer took). A line that is not UTF-8, or longer than 16384 bytes, gives
    "said": null and "error".

    Leaves with status 0; 1 if there were such lines, the others being
    answered; 2 if an option, the configuration or the database is wrong.
    """
    settings = load_settings()
    agent = AgentConfig.for_settings(settings)
    spoken = agent.default_language if language is None else language
    if spoken not in agent.languages:
        raise VoiceAgentError(
            f"--language {spoken}: the agent does not speak it. Use {' or '.join(agent.languages)}"
        )
    if now is not None and not memory:
        raise VoiceAgentError(
            f"--now {now}: what is kept has the time at which it was. Add --memory, or leave it out"
        )
    if remind is not None and not memory:
        raise VoiceAgentError(
            f"--remind {remind}: nobody was rung up. Add --memory, or leave it out"
        )
    log.configure(production=settings.is_production, least=logging.WARNING)
    moment, about = (None if each is None else wall_clock(each) for each in (now, remind))
    place = Place(settings, agent, spoken, moment, memory, about)
    faults = asyncio.run(_talk(place, Transcript(Output(json), trace)))
    if faults:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when the conversation is held.

    Attributes:
        settings: the settings.
        agent: the company's configuration.
        language: what is spoken at first.
        now: the company's wall clock, without a time zone; ``None``: this machine's.
        memory: nothing is kept.
        remind: when the appointment begins that the caller was rung up about, without a time zone;
            ``None``: they ring us.
    """

    settings: Settings
    agent: AgentConfig
    language: str
    now: datetime | None
    memory: bool
    remind: datetime | None = None

    @contextmanager
    def stores(self) -> Iterator[Stores]:
        """The stores: the real ones, or some that are gone afterwards."""
        if not self.memory:
            yield Stores.open(self.settings)
            return
        with tempfile.TemporaryDirectory(prefix="voice-agent-") as directory:
            url = f"sqlite:///{Path(directory) / 'chat.db'}"
            own = {"database_url": TypeAdapter(DatabaseUrl).validate_python(url)}
            settings = self.settings.model_copy(update={**own, "caldav_url": None})
            if self.now is None:
                yield Stores.open(settings)
                return
            plan = load_plan(settings.config_dir)
            moment = self.now.replace(tzinfo=None if plan is None else plan.opening.zone)
            yield Stores.open(settings, moment.astimezone)


@dataclass(frozen=True, slots=True)
class Transcript:
    """Writes down the conversation.

    Attributes:
        output: where.
        trace: what was understood and done is told to people, too.
    """

    output: Output
    trace: bool

    def write(self, said: str | None, move: Move, seconds: float) -> None:
        """Write down a turn and its answer."""
        told = record(said, move, seconds)
        prose = [f"< {line['text']}" for line in told["lines"]]
        if said is not None and not sys.stdin.buffer.isatty():
            prose.insert(0, f"> {printable(said)}")
        if self.trace:
            prose += [f"    {name:<9} {value}" for name, value in _trace(told)]
        self.output.result(told, "\n".join(prose))

    def prompt(self) -> None:
        """Ask a person at a terminal for the next turn."""
        if sys.stdin.buffer.isatty():
            sys.stderr.write("> ")
            sys.stderr.flush()

    def fault(self, number: int, fault: str) -> None:
        """Write down that a line is none."""
        self.output.result({"said": None, "error": fault}, f"line {number}: {fault}")


def record(said: str | None, move: Move, seconds: float) -> dict[str, Any]:
    """A turn as JSON has it; see the command."""
    conversation = move.conversation
    flow = conversation.flows[-1] if conversation.flows else None
    return {
        "said": said,
        "commands": [command_record(command) for command in move.commands],
        "lines": [{"key": line.key, "text": line.text} for line in move.lines],
        "flow": None if flow is None else flow.flow,
        "question": conversation.question,
        "slots": {} if flow is None else dict(flow.slots),
        "tools": [{"tool": each.request.tool, "outcome": each.outcome} for each in move.used],
        "then": _CAPITAL.sub("_", type(move.then).__name__).lower(),
        "language": conversation.language,
        "ms": round(seconds * 1000, 1),
    }


def _trace(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for command in told["commands"]:
        yield "command", printable(" ".join(str(value) for value in command.values() if value))
    if told["flow"] is not None:
        yield "flow", f"{told['flow']}, asking {told['question'] or 'nothing'}"
    for slot, value in told["slots"].items():
        yield "slot", printable(f"{slot} {value}")
    for each in told["tools"]:
        yield "tool", f"{each['tool']} {each['outcome']}"
    yield "then", f"{told['then']}, {told['language']}, {told['ms']} ms"


async def _talk(place: Place, transcript: Transcript) -> int:
    """Hold the conversation; returns how many lines were none."""
    texts = Texts(place.settings, place.agent)
    with place.stores() as stores:
        refusals = Refusals(stores.do_not_call, Metrics())
        try:
            if place.memory:
                await stores.database.upgrade()
            else:
                await stores.database.check_schema()
            return await _converse(place, texts, stores, refusals, transcript)
        finally:
            await refusals.release()
            await stores.close()


async def _converse(
    place: Place, texts: Texts, stores: Stores, refusals: Refusals, transcript: Transcript
) -> int:
    call_id = f"CA{uuid4().hex}"
    book = SqlCallBook(stores.database)
    await book.begin(call_id, place.language, stores.clock())
    toolbox = open_toolbox(stores, place.agent.controller.jurisdiction, texts.prompts, refusals)
    errand = None
    if place.remind is not None:
        made = await made_up(stores, place.language, place.remind, call_id)
        errand = made, ShownErrands(transcript.output.note)
    model = LanguageModel.open(place.settings, texts.languages, texts.flows, texts.knowledge)
    talk = Chat(
        terms=CallTerms(
            call_id=call_id,
            language=place.language,
            languages=texts.languages,
            can_hand_over=place.settings.handover_number is not None,
            begins=None if errand is None else FLOW,
        ),
        engine=texts.engine(toolbox.names),
        understander=open_understander(
            place.agent,
            texts.knowledge,
            texts.flows.values(),
            stores.plan,
            stores.clock,
            model=model,
        ),
        script=texts.script,
        toolbox=toolbox,
        audit=stores.audit,
        metrics=Metrics(),
        errand=errand,
    )
    try:
        return await _turns(talk, transcript)
    finally:
        await talk.end()
        await book.end(call_id, stores.clock())
        if model is not None:
            model.close()


async def _turns(talk: Chat, transcript: Transcript) -> int:
    transcript.output.note(NOTE)
    transcript.write(None, await talk.begin(), 0.0)
    transcript.prompt()
    faults = 0
    for line in lines(sys.stdin.buffer):
        if line.text is None:
            faults += 1
            transcript.fault(line.number, line.fault or "")
            transcript.prompt()
            continue
        began = time.perf_counter()
        move = await _take(talk, line.text)
        transcript.write(line.text, move, time.perf_counter() - began)
        if talk.is_over:
            transcript.output.note(ENDINGS[type(move.then)])
            break
        transcript.prompt()
    return faults


async def _take(talk: Chat, said: str) -> Move:
    if said.strip() == SILENCE:
        return await talk.be_silent()
    keys = _KEYS.fullmatch(said.strip())
    return await (talk.say(said) if keys is None else talk.press(keys[1]))
