"""``voice-agent customers``: the people in the directory of our own database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from voice_agent.commands.output import Output
from voice_agent.commands.stores import with_stores
from voice_agent.errors import ConfigurationError, VoiceAgentError
from voice_agent.outbound.agreed import Agreed
from voice_agent.reminding import Reminding
from voice_agent.stores import ZONE, Stores
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.customer_file import Customer, CustomerFile, read_customers

app = typer.Typer()

LINES_WRONG = 1
"""Exit status when lines were left out."""

MOST_BYTES = 50_000_000
"""Of a file; a hundred thousand customers have some ten million."""


class UnreadableFile(VoiceAgentError):
    """The file cannot be read."""

    code = "unreadable_file"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written down of a file.

    Attributes:
        found: what it says.
        added: how many customers are new.
        reminded: how many agreed to be reminded.
        not_reminded: consents that were not taken in.
    """

    found: CustomerFile
    added: int
    reminded: int
    not_reminded: int


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

    Lines that are wrong are left out and told by number; customers that are in no file stay.
    Consents to be reminded that were withdrawn later are not taken in, and none at all where nobody
    is reminded. With --json one object: added, changed, without_secret, reminded, not_reminded,
    faults; each fault with line, column, why.
    """
    content = _content(file)

    async def work(stores: Stores) -> Written:
        if stores.system is not None:
            raise ConfigurationError("DIRECTORY_URL: customers are in that system. Import there")
        kept = stores.reminding
        zone = ZONE if kept is None else ZoneInfo(kept.rules.time_zone)
        midnight = datetime.combine(stores.clock().astimezone(zone), time(), zone)
        found = read_customers(content, midnight, country)
        added = sum([await stores.people.put(customer) for customer in found.customers])
        agreed = [customer for customer in found.customers if customer.reminding is not None]
        reminded = 0 if kept is None else sum([await _remind(kept, each) for each in agreed])
        return Written(found, added, reminded, len(agreed) - reminded)

    written = with_stores(work)
    Output(json).result(_as_fields(written), _prose(written))
    if written.found.faults:
        raise typer.Exit(LINES_WRONG)


async def _remind(kept: Reminding, customer: Customer) -> bool:
    """Write down that a customer wants to be reminded; says whether that is so."""
    if customer.reminding is None:
        return False
    return await kept.consents.put(
        Agreed(
            person=PersonKey(customer.id),
            number=customer.phone,
            language=kept.rules.language,
            consent=customer.reminding,
        )
    )


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise UnreadableFile(f"FILE: has more than {MOST_BYTES} bytes. Take it apart")
        return file.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"FILE: cannot be read ({error.strerror})") from None


def _without_secret(found: CustomerFile) -> int:
    return sum(each.pin is None and each.birth is None for each in found.customers)


def _as_fields(written: Written) -> dict[str, object]:
    found = written.found
    return {
        "added": written.added,
        "changed": len(found.customers) - written.added,
        "without_secret": _without_secret(found),
        "reminded": written.reminded,
        "not_reminded": written.not_reminded,
        "faults": [
            {"line": fault.line, "column": fault.column, "why": fault.why} for fault in found.faults
        ],
    }


def _prose(written: Written) -> str:
    found, added = written.found, written.added
    lines = [f"{added} customers added, {len(found.customers) - added} written again"]
    if without := _without_secret(found):
        lines.append(f"{without} have neither PIN nor birth date: nothing is told to them")
    if written.reminded:
        lines.append(f"{written.reminded} agreed to be reminded by telephone")
    if written.not_reminded:
        why = "withdrawn since, or there is no reminders.yaml"
        lines.append(f"{written.not_reminded} consents to be reminded do not count: {why}")
    lines += [f"line {fault.line}: {fault.column} {fault.why}" for fault in found.faults]
    return "\n".join(lines)
