"""``voice-agent reminders``: who is to be reminded of an appointment, taken in and planned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final, TextIO
from zoneinfo import ZoneInfo

import typer

from voice_agent.commands.campaign import lines_of, record_of
from voice_agent.commands.customers import LINES_WRONG, UnreadableFile
from voice_agent.commands.output import Output
from voice_agent.commands.stores import with_stores
from voice_agent.errors import ConfigurationError, VoiceAgentError
from voice_agent.needs import missing
from voice_agent.outbound.campaign import Standing
from voice_agent.outbound.campaign_file import written
from voice_agent.outbound.reminder_file import Reading, WantedReminder, read_reminders
from voice_agent.outbound.rules import FILE
from voice_agent.reminding import Reminding
from voice_agent.settings import load_settings
from voice_agent.storage.reminders import AT_ONCE, TakenIn
from voice_agent.stores import Stores
from voice_agent.tools.customer_file import Fault

app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]

DIALLED: Final = "People are rung up while voice-agent serve runs."

MOST_FAULTS: Final = 100
"""Faults that are told; of further ones only how many there are."""


class UnwritableFile(VoiceAgentError):
    """There is no place for the file, or something is there already."""

    code = "unwritable_file"


@app.callback()
def reminders() -> None:
    """Keep the reminders. People are rung up by voice-agent serve."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The CSV file; see config/reminders.example.csv.")],
    *,
    json: Json = False,
) -> None:
    """Take in the reminders of a file; a second time changes nothing.

    Lines that are wrong are left out and told by number; reminders that are in no file stay. With
    --json one object: added, moved, changed, same, wrong, faults (the first hundred; each with
    line, column, why), dialled, needs.
    """
    faults: list[Fault] = []
    wrong = 0

    def good(lines: Iterator[WantedReminder | Fault]) -> Iterator[WantedReminder]:
        nonlocal wrong
        for line in lines:
            if isinstance(line, Fault):
                wrong += 1
                faults.extend([line] if len(faults) < MOST_FAULTS else [])
            else:
                yield line

    async def work(stores: Stores) -> TakenIn:
        kept = _kept(stores)
        reading = Reading(
            zone=ZoneInfo(kept.rules.time_zone),
            countries=kept.rules.countries,
            now=stores.clock(),
            language=kept.rules.language,
        )
        found = TakenIn()
        try:
            with file.open("rb") as content:
                lines = good(read_reminders(content, reading))
                while some := list(islice(lines, AT_ONCE)):
                    found = found.plus(await kept.reminders.put(some))
        except OSError as error:
            raise UnreadableFile(f"FILE: cannot be read ({error.strerror})") from None
        await kept.reminders.plan()
        return found

    found = with_stores(work)
    Output(json).result(
        {
            "added": found.added,
            "moved": found.moved,
            "changed": found.changed,
            "same": found.same,
            "wrong": wrong,
            "faults": [
                {"line": fault.line, "column": fault.column, "why": fault.why} for fault in faults
            ],
            **_dialling(),
        },
        _import_prose(found, faults, wrong),
    )
    if wrong:
        raise typer.Exit(LINES_WRONG)


@app.command()
def status(*, json: Json = False) -> None:
    """Show how many reminders there are, the next calls, why others are not made, and the day.

    With --json one object: paused, pause (since, reason), states, outcomes, running, calls, texts,
    left (numbers by reason), next (times), hours (of today: begins, calls by outcome), dialled,
    needs (what has to be set before anybody is rung up).
    """
    found, zone = with_stores(_look)
    lines = [*lines_of(found, zone), _told()]
    Output(json).result(record_of(found, zone) | _dialling(), "\n".join(lines))


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The CSV file to write; none may be there.")],
    *,
    json: Json = False,
) -> None:
    """Write every reminder into a file: what became of it, without name and number.

    With --json one object: lines.
    """

    async def work(stores: Stores) -> int:
        lines = _kept(stores).campaign.lines()
        await stores.audit.note("command", "reminders_export", "done")
        count = -1  # of the header
        with _new(file) as content:
            async for part in written(lines):
                content.write(part)
                count += part.count("\r\n")
        return count

    count = with_stores(work)
    Output(json).result({"lines": count}, f"{count} reminders written")


@app.command()
def pause(*, json: Json = False) -> None:
    """Stop all reminders until they are resumed. With --json one object: paused, changed."""
    changed = with_stores(lambda stores: _kept(stores).reminders.pause())
    told = "Stopped." if changed else "They were stopped already."
    Output(json).result({"paused": True, "changed": changed}, f"{told} {_told()}")


@app.command()
def resume(*, json: Json = False) -> None:
    """Go on with reminders that were stopped. With --json one object: paused, changed."""
    changed = with_stores(lambda stores: _kept(stores).reminders.resume())
    told = "Going on." if changed else "They were not stopped."
    Output(json).result({"paused": False, "changed": changed}, f"{told} {_told()}")


async def _look(stores: Stores) -> tuple[Standing, tzinfo]:
    campaign = _kept(stores).campaign
    return await campaign.standing(), campaign.zone


def _dialling() -> dict[str, Any]:
    """Whether anybody is rung up, and what that needs."""
    needs = missing(load_settings())
    return {"dialled": not needs, "needs": list(needs)}


def _told() -> str:
    """The same in words."""
    needs = missing(load_settings())
    if not needs:
        return DIALLED
    return f"Nobody is rung up: voice-agent serve needs {', '.join(needs)}."


def _kept(stores: Stores) -> Reminding:
    """What is kept of reminders.

    Raises:
        ConfigurationError: nobody is to be reminded.
    """
    if stores.reminding is None:
        raise ConfigurationError(f"{FILE}: is missing: nobody is reminded. Write one")
    return stores.reminding


@contextmanager
def _new(file: Path) -> Iterator[TextIO]:
    """A file that was not there; if the block fails it is gone again.

    Raises:
        UnwritableFile: it cannot be written, or something is there.
    """
    try:
        with file.open("x", encoding="utf-8", newline="") as content:
            try:
                yield content
            except BaseException:
                file.unlink()
                raise
    except OSError as error:
        raise UnwritableFile(f"FILE: cannot be written ({error.strerror})") from None


def _import_prose(found: TakenIn, faults: list[Fault], wrong: int) -> str:
    count = f"{found.added} reminders added, {found.moved} moved, {found.changed} changed"
    lines = [f"{count}, {found.same} as they were"]
    lines += [f"line {fault.line}: {fault.column} {fault.why}" for fault in faults]
    if wrong > len(faults):
        lines.append(f"and {wrong - len(faults)} more lines are wrong")
    return "\n".join([*lines, _told()])
