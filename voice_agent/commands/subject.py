"""``voice-agent subject``: what is kept of a person, shown or erased (C20)."""

from __future__ import annotations

import json as json_text
import sys
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from voice_agent.commands.output import Output
from voice_agent.commands.stores import with_stores
from voice_agent.errors import VoiceAgentError
from voice_agent.runtime.deletions import Residue
from voice_agent.runtime.rights import Erasure, Export
from voice_agent.stores import Stores
from voice_agent.values import PhoneNumber

app = typer.Typer()

Number = Annotated[
    str,
    typer.Option(
        "--number",
        help="The person's number, with + and country code; a dash reads it from standard input.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]

DECLINED = 1
"""Exit status when the person at the keyboard thought better of it."""


class WrongNumber(VoiceAgentError):
    """What was given is no telephone number; it is not repeated."""

    code = "wrong_number"


@app.command()
def export(*, number: Number, json: Json = False) -> None:
    """Show everything that is kept of whoever has this number.

    With --json one object: made_at, calls, places; each place a list of records.
    """
    found = with_stores(lambda stores: stores.rights.export_number(checked(number)))
    Output(json).result(found.as_fields(), _export_prose(found))


@app.command()
def erase(
    *,
    number: Number,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Erase everything that is kept of whoever has this number, but the proof of consent.

    Calls that are running are stopped; the carrier is asked to delete its records until they are
    gone. Doing it again does no harm. With --json one object: done_at, calls, stopped, pending,
    places.
    """
    wanted = checked(number)
    if not yes and not typer.confirm(
        "Erase everything that is kept of this person? It cannot be brought back", err=True
    ):
        raise typer.Exit(DECLINED)
    done = with_stores(lambda stores: stores.rights.erase_number(wanted, "command"))
    Output(json).result(done.as_fields(), _erasure_prose(done))


@app.command()
def carrier(*, json: Json = False) -> None:
    """Show how many records of erased persons the carrier has not deleted yet.

    With --json one object: left, oldest, codes (the carrier's codes, 0 for none).
    """

    async def residue(stores: Stores) -> Residue:
        return await stores.deletions.residue()

    left = with_stores(residue)
    prose = f"{left.left} records left at the carrier"
    if left.codes:
        codes = ", ".join(f"{code or 'none'}: {count}" for code, count in left.codes.items())
        prose += f" (by its last code: {codes})"
    Output(json).result(left.as_fields(), prose)


def checked(number: str) -> str:
    """The number, if it is one.

    Raises:
        WrongNumber: it is none.
    """
    text = sys.stdin.readline().strip() if number == "-" else number
    try:
        return TypeAdapter(PhoneNumber).validate_python(text)
    except ValidationError:
        raise WrongNumber(
            "--number: is no telephone number. Write it with + and country code, without blanks"
        ) from None


def _export_prose(found: Export) -> str:
    lines = [f"{found.calls} calls"]
    for name, records in found.places.items():
        lines.append(f"{name}: {len(records)}")
        lines += [
            f"  {json_text.dumps(record, ensure_ascii=False, default=str)}" for record in records
        ]
    return "\n".join(lines)


def _erasure_prose(done: Erasure) -> str:
    lines = [f"{done.calls} calls; {done.stopped} were running and are stopped"]
    for name, place in done.places.items():
        kept = f", {place.kept} kept ({place.why})" if place.kept else ""
        pending = f", {place.pending} to be deleted by the carrier" if place.pending else ""
        lines.append(f"{name}: {place.erased} erased{kept}{pending}")
    return "\n".join(lines)
