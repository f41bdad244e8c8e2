"""``voice-agent dnc``: the do-not-call list, which holds no numbers (C28)."""

from __future__ import annotations

from typing import Annotated

import typer

from voice_agent.commands.output import Output
from voice_agent.commands.stores import with_stores
from voice_agent.commands.subject import Number, checked
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.stores import Stores

app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command()
def add(*, number: Number, json: Json = False) -> None:
    """Put a number on the list: whoever has it is not rung up any more, whatever was planned.

    Doing it again does no harm. With --json one object: listed, changed.
    """
    wanted = checked(number)

    async def work(stores: Stores) -> bool:
        changed = await stores.do_not_call.add(wanted, ToldBy.COMMAND)
        await stores.audit.note("command", "do_not_call_add", "done")
        return changed

    changed = with_stores(work)
    told = "The number is on the list." if changed else "The number was on the list already."
    Output(json).result({"listed": True, "changed": changed}, told)


@app.command()
def remove(*, number: Number, json: Json = False) -> None:
    """Take a number off the list, if the person has asked for it.

    With --json one object: listed, changed.
    """
    wanted = checked(number)

    async def work(stores: Stores) -> bool:
        changed = await stores.do_not_call.remove(wanted)
        await stores.audit.note("command", "do_not_call_remove", "done")
        return changed

    changed = with_stores(work)
    told = "The number is off the list." if changed else "The number was not on the list."
    Output(json).result({"listed": False, "changed": changed}, told)


@app.command("list-count")
def list_count(*, json: Json = False) -> None:
    """Show how many numbers are on the list. With --json one object: count."""
    found = with_stores(lambda stores: stores.do_not_call.count())
    Output(json).result({"count": found}, f"{found} numbers must not be rung up")
