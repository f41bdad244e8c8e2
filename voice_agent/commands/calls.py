"""``voice-agent calls``: running calls for who has no browser. Every look is written down."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from voice_agent.commands.at_desk import FromStdin, at_desk
from voice_agent.commands.output import Output
from voice_agent.commands.typed import typed_lines
from voice_agent.commands.understand import printable
from voice_agent.console.desk import Desk, TextRefused
from voice_agent.errors import VoiceAgentError
from voice_agent.live.command import Answer, Outcome, Verb
from voice_agent.live.observation import (
    AgentSaid,
    CallEnded,
    CallerSaid,
    ControlChanged,
    Observation,
)
from voice_agent.live.snapshot import CallSnapshot

app = typer.Typer()

Call = Annotated[
    str, typer.Argument(metavar="CALL", help="Its key, or any beginning that no other call has.")
]
Login = Annotated[str, typer.Option("--operator", metavar="LOGIN", help="Whose account it is.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

DEAF: Final = (
    "Each line you type is spoken to the caller by the voice of the agent. What the caller says is "
    "not recognised while you hold the call: you cannot read it here.\n"
    "/back WHAT WAS AGREED   the agent goes on      /end      say goodbye and hang up\n"
    "/hold  /resume          music for the caller   /transfer +49...   dial this number"
)
"""What is told before somebody takes a call over (C22)."""

TYPED: Final = {
    "/back": Verb.GIVE_BACK,
    "/end": Verb.END,
    "/hold": Verb.HOLD,
    "/resume": Verb.RESUME,
    "/transfer": Verb.TRANSFER,
}
LEAVES: Final = frozenset({Verb.GIVE_BACK, Verb.END, Verb.TRANSFER})
"""After these the operator does not hold the call any more."""

ENDED: Final = frozenset({Outcome.NO_CALL, Outcome.NO_CONSENT})
"""Answers after which nothing more can be asked of the call."""

RETRY_S: Final = 0.2
"""Seconds between two tries to stop a task."""

TOLD: Final = {
    Outcome.TAKEN: "Another operator holds the call.",
    Outcome.NO_CALL: "The call is over.",
    Outcome.NO_CONSENT: "The caller does not consent (any more): nothing can be done here.",
    Outcome.NOT_NOW: "Not as the call stands.",
    Outcome.REFUSED: "This may not be done.",
    Outcome.UNANSWERED: "No answer. Look whether it was done.",
}


@app.command("list")
def list_calls(*, operator: Login, password_stdin: FromStdin = False, json: Json = False) -> None:
    """List the calls that run now, on every worker: how they stand, not what is said.

    With --json one object a call, as the console has it: call, worker, direction, language,
    began_at, phase, consent, receipt, holder, control, listeners, waiting_since, reason, place,
    latency_ms, flow, question. What the call is about (flow, question, receipt) only where its
    caller consents; question and receipt only for roles that may read words.
    """
    output = Output(json)

    async def work(desk: Desk) -> None:
        found = await desk.calls()
        for call in found:
            output.result(call.to_dict(), _line(call))
        if not found:
            output.note("No call is running.")

    at_desk(operator, work, from_stdin=password_stdin)


@app.command()
def watch(
    call: Call, *, operator: Login, password_stdin: FromStdin = False, json: Json = False
) -> None:
    """Watch a call to its end, a line for whatever happens in it.

    What is said is shown only under the caller's consent. With --json one object an observation,
    with "type".
    """
    output = Output(json)

    async def work(desk: Desk) -> None:
        await _show(output, desk, await desk.find(call))

    at_desk(operator, work, from_stdin=password_stdin)


@app.command()
def take(
    call: Call, *, operator: Login, password_stdin: FromStdin = False, json: Json = False
) -> None:
    """Take a call over and speak with the caller by typed sentences, one a line.

    The caller hears the announcement first; what the caller says is not recognised while you hold
    the call. /back, /end, /hold, /resume and /transfer do what they say; the end of the input gives
    the call back. With --json one object for whatever happens ("type") and for every line
    ("verb", "outcome", "holder").

    Leaves with status 1 if the call could not be taken over.
    """
    output = Output(json)

    async def work(desk: Desk) -> bool:
        return await _take(output, desk, await desk.find(call))

    if not at_desk(operator, work, from_stdin=password_stdin):
        raise typer.Exit(1)


@app.command()
def end(
    call: Call, *, operator: Login, password_stdin: FromStdin = False, json: Json = False
) -> None:
    """Have the agent say goodbye and hang up. With --json one object: verb, outcome, holder.

    Leaves with status 1 if that is not done.
    """
    output = Output(json)

    async def work(desk: Desk) -> bool:
        answer = await desk.ask(await desk.find(call), Verb.END)
        _tell(output, Verb.END, answer)
        return answer.outcome is Outcome.DONE

    if not at_desk(operator, work, from_stdin=password_stdin):
        raise typer.Exit(1)


# -- at the desk -----------------------------------------------------------------------------------


async def _show(output: Output, desk: Desk, call: CallSnapshot) -> None:
    ended = False
    async for seen in desk.watch(call):
        output.result(seen.to_dict(), _prose(seen))
        ended = isinstance(seen, CallEnded)
    if not ended:
        output.note("The call is not there any more.")


async def _take(output: Output, desk: Desk, call: CallSnapshot) -> bool:
    """Take a call over and hold it until it is let go of; false if it was not taken."""
    output.note(DEAF)
    answer = await desk.ask(call, Verb.TAKE_OVER)
    _tell(output, Verb.TAKE_OVER, answer)
    if answer.outcome is not Outcome.DONE:
        return False
    speaking = asyncio.create_task(_speak(output, desk, call))
    watching = asyncio.create_task(_show(output, desk, call))
    attending = asyncio.create_task(desk.attend(call))
    closed = asyncio.Event()
    closing = asyncio.create_task(closed.wait())
    tasks: tuple[asyncio.Task[Any], ...] = (speaking, watching, attending, closing)
    try:
        with _set_when_closed(closed):
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        is_over = watching.done()
        await _stop(tasks)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        # Whatever happened here, the caller is not left with somebody who is gone.
        if results[0] is not None and not is_over:
            with suppress(VoiceAgentError):
                await desk.ask(call, Verb.GIVE_BACK)
        with suppress(VoiceAgentError):
            await desk.leave()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return True


async def _stop(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they have ended: one that just gets its answer may miss the first try."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=RETRY_S)


@contextmanager
def _set_when_closed(closed: asyncio.Event) -> Iterator[None]:
    """Set it when the terminal is closed or the program is to end: nobody goes without a word."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGHUP)
    for each in signals:
        loop.add_signal_handler(each, closed.set)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)


async def _speak(output: Output, desk: Desk, call: CallSnapshot) -> None:
    """Have typed lines spoken, until one lets go of the call or the input ends."""
    async with typed_lines() as lines:
        async for line in lines:
            verb, text = _read(line)
            if verb is None:
                output.note("There is no such command. /back, /end, /hold, /resume, /transfer")
                continue
            if verb is Verb.SAY and not text:
                continue
            try:
                answer = await desk.ask(call, verb, text)
            except TextRefused as fault:
                output.note(str(fault))
                continue
            _tell(output, verb, answer)
            if answer.outcome in ENDED or (verb in LEAVES and answer.outcome is Outcome.DONE):
                return
    _tell(output, Verb.GIVE_BACK, await desk.ask(call, Verb.GIVE_BACK))


def _read(line: str) -> tuple[Verb | None, str]:
    """What a typed line asks for; ``None`` if it is a command that there is not."""
    said = line.strip()
    if not said.startswith("/"):
        return Verb.SAY, said
    word, _, rest = said.partition(" ")
    return TYPED.get(word.lower()), rest.strip()


def _tell(output: Output, verb: Verb, answer: Answer) -> None:
    record = {"verb": verb, "outcome": answer.outcome, "holder": answer.holder}
    prose = TOLD.get(answer.outcome, "done")
    output.result(record, f"[{verb}] {prose}")


def _prose(seen: Observation) -> str:
    match seen:
        case CallerSaid(text=text):
            return printable(f"< {text}")
        case AgentSaid(text=text):
            return printable(f"> {text}")
        case ControlChanged(control="talking"):
            return "[control] talking: the caller has heard the announcement. Type"
        case _:
            facts = seen.to_dict()
            kind = facts.pop("type")
            told = ", ".join(f"{name} {value}" for name, value in facts.items() if value)
            return printable(f"[{kind}] {told}".rstrip())


def _line(call: CallSnapshot) -> str:
    began = datetime.fromtimestamp(call.began_at, UTC)
    about = [call.phase, call.language, call.direction, f"consent {call.consent}"]
    about += [f"waits: {call.reason or 'for a person'}"] if call.waiting_since else []
    about += [f"held: {call.control}"] if call.holder else []
    about += [call.flow] if call.flow else []
    return printable(f"{call.call[:8]}  {began:%H:%M:%S} UTC  {', '.join(about)}")
