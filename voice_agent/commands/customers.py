"""``voice-agent customers``: the people in the directory of our own database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voice_agent.commands.output import Output
from voice_agent.commands.stores import with_stores
from voice_agent.errors import ConfigurationError, VoiceAgentError
from voice_agent.stores import Stores
from voice_agent.tools.customer_file import CustomerFile, read_customers

app = typer.Typer()

LINES_WRONG = 1
"""Exit status when lines were left out."""

MOST_BYTES = 50_000_000
"""Of a file; a hundred thousand customers have some ten million."""


class UnreadableFile(VoiceAgentError):
    """The file cannot be read."""

    code = "unreadable_file"


@app.callback()
def customers() -> None:
    """Keep the directory."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The CSV file; see config/customers.example.csv.")],
    *,
    country: Annotated[
        str, typer.Option("--country", help="Whose numbers are written without a prefix.")
    ] = "DE",
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Write down the customers of a file as they are in it; a second time changes nothing.

    Lines that are wrong are left out and told by number; customers that are in no file stay. With
    --json one object: added, changed, without_secret, faults; each fault with line, column, why.
    """
    found = read_customers(_content(file), country)

    async def work(stores: Stores) -> int:
        if stores.system is not None:
            raise ConfigurationError("DIRECTORY_URL: customers are in that system. Import there")
        return sum([await stores.people.put(customer) for customer in found.customers])

    added = with_stores(work)
    Output(json).result(_as_fields(found, added), _prose(found, added))
    if found.faults:
        raise typer.Exit(LINES_WRONG)


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise UnreadableFile(f"FILE: has more than {MOST_BYTES} bytes. Take it apart")
        return file.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"FILE: cannot be read ({error.strerror})") from None


def _without_secret(found: CustomerFile) -> int:
    return sum(each.pin is None and each.birth is None for each in found.customers)


def _as_fields(found: CustomerFile, added: int) -> dict[str, object]:
    return {
        "added": added,
        "changed": len(found.customers) - added,
        "without_secret": _without_secret(found),
        "faults": [
            {"line": fault.line, "column": fault.column, "why": fault.why} for fault in found.faults
        ],
    }


def _prose(found: CustomerFile, added: int) -> str:
    lines = [f"{added} customers added, {len(found.customers) - added} written again"]
    if without := _without_secret(found):
        lines.append(f"{without} have neither PIN nor birth date: nothing is told to them")
    lines += [f"line {fault.line}: {fault.column} {fault.why}" for fault in found.faults]
    return "\n".join(lines)
