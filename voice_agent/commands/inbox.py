"""``voice-agent inbox``: what callers left for people. Every look is written down."""

from __future__ import annotations

from typing import Annotated

import typer

from voice_agent.commands.output import Output
from voice_agent.commands.stores import with_stores
from voice_agent.errors import VoiceAgentError
from voice_agent.stores import Stores
from voice_agent.tools.inbox import Held
from voice_agent.tools.reference import read_reference

app = typer.Typer()

Reference = Annotated[str, typer.Argument(metavar="REF", help="Its number, as in W482715.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


class NoEntry(VoiceAgentError):
    """There is no such entry."""

    code = "no_inbox_entry"


@app.command("list")
def list_entries(
    *,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only what nobody has dealt with.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List what callers left, oldest first, without who they are and what they said.

    With --json one object an entry: reference, kind, language, category, wish, date, time,
    filed_at, done_at.
    """

    async def work(stores: Stores) -> tuple[Held, ...]:
        found = await stores.inbox.entries(open_only=open_only)
        await stores.audit.note("command", "inbox_list", "done")
        return found

    output = Output(json)
    found = with_stores(work)
    for held in found:
        output.result(held.outline(), _line(held))
    if not found:
        output.note("Nothing is open." if open_only else "The inbox is empty.")


@app.command()
def show(reference: Reference, *, json: Json = False) -> None:
    """Show one entry with who left it and what they said; the number as long as it is kept.

    With --json one object: what list shows, and record, call_id, name, number, number_until,
    recipient, text.
    """
    wanted = _checked(reference)

    async def work(stores: Stores) -> Held | None:
        held = await stores.inbox.entry(wanted)
        await _note(stores, "inbox_show", held)
        return held

    held = _there(with_stores(work))
    Output(json).result(held.as_fields(), _prose(held))


@app.command()
def done(reference: Reference, *, json: Json = False) -> None:
    """Mark an entry as done, which deletes the telephone number at once.

    Doing it again does no harm. With --json one object: reference, done_at.
    """
    wanted = _checked(reference)

    async def work(stores: Stores) -> Held | None:
        held = await stores.inbox.done(wanted)
        await _note(stores, "inbox_done", held)
        return held

    held = _there(with_stores(work))
    outline = held.outline()
    record = {name: outline[name] for name in ("reference", "done_at")}
    Output(json).result(record, f"{held.reference} is done. Its telephone number is deleted.")


async def _note(stores: Stores, action: str, held: Held | None) -> None:
    """Write down whose call was looked at, before anything of it is shown."""
    if held is None:
        await stores.audit.note("command", action, "none")
    else:
        await stores.audit.note("command", action, "done", held.entry.call_id)


def _checked(reference: str) -> str:
    """The reference, if it can be one.

    Raises:
        NoEntry: it has a slip in it; what was typed is not repeated.
    """
    wanted = read_reference(reference)
    if wanted is None:
        raise NoEntry("REF: is no number of an entry: a letter and six digits. Read it again")
    return wanted


def _there(held: Held | None) -> Held:
    if held is None:
        raise NoEntry("REF: the inbox has no such entry. It may have been erased, or be too old")
    return held


def _line(held: Held) -> str:
    entry = held.entry
    about = [entry.category, entry.wish, entry.date, entry.time]
    state = "open" if held.done_at is None else "done"
    said = "".join(f", {each}" for each in about if each)
    return f"{held.reference}  {held.filed_at:%Y-%m-%d %H:%M} UTC  {state}  {entry.kind}{said}"


def _prose(held: Held) -> str:
    entry = held.entry
    number = (
        "none"
        if entry.phone is None
        else f"{entry.phone}, until {held.number_until:%Y-%m-%d %H:%M} UTC"
    )
    lines = [_line(held), f"from: {entry.name}", f"number: {number}"]
    lines += [f"for: {entry.recipient}"] if entry.recipient else []
    lines += [f"call: {entry.call_id}", f"language: {entry.language}"]
    return "\n".join([*lines, entry.text] if entry.text else lines)
