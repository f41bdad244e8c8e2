"""``voice-agent retention``: how long what is kept, and what is due (C19)."""

from __future__ import annotations

from typing import Annotated

import typer

from voice_agent.commands.output import Output
from voice_agent.commands.stores import with_stores
from voice_agent.retention import load_retention
from voice_agent.settings import load_settings
from voice_agent.storage.due import check
from voice_agent.storage.retention import Sweep, ahead_of_clock
from voice_agent.stores import Stores

app = typer.Typer()


@app.command()
def show(
    *, json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False
) -> None:
    """Show the retention table: every column, how long it is kept, and on what ground.

    With --json one object a column: table, column, period, after, basis, purpose, personal.
    """
    output = Output(json)
    table = load_retention(load_settings().config_dir)
    check(table)
    for name, columns in table.items():
        for column, kept in columns.items():
            record = {
                "table": name,
                "column": column,
                "period": str(kept.period),
                "after": kept.after,
                "basis": kept.basis,
                "purpose": dict(kept.purpose),
                "personal": kept.personal,
            }
            since = "" if kept.after is None else f" after {kept.after}"
            prose = f"{name}.{column}: {kept.period}{since} ({kept.basis}): {kept.purpose['en']}"
            output.result(record, prose)


@app.command()
def run(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and delete nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Delete what has been kept long enough, as the server does every hour.

    Leaves with status 1 if there are rows from the future; those are left alone. With --json one
    object: dry_run, rows, ahead.
    """
    table = load_retention(load_settings().config_dir)

    async def work(stores: Stores) -> Sweep:
        retention = stores.retention(table)
        if dry_run:
            return await retention.plan()
        sweep = await retention.enforce()
        await stores.audit.note("command", "retention_run", "done")
        return sweep

    sweep = with_stores(work)
    Output(json).result({"dry_run": dry_run, **sweep.as_fields()}, _prose(sweep, dry_run=dry_run))
    if sweep.ahead:
        raise typer.Exit(1)


def _prose(sweep: Sweep, *, dry_run: bool) -> str:
    done = "due" if dry_run else "deleted"
    lines = [f"{name}: {count} {done}" for name, count in sweep.rows.items() if count]
    lines += [ahead_of_clock(name, count) for name, count in sweep.ahead.items()]
    return "\n".join(lines) or f"Nothing is {'due' if dry_run else 'due any more'}."
