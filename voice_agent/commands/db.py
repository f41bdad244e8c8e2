"""``voice-agent db``: the database's schema."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from voice_agent.commands.output import Output
from voice_agent.settings import load_settings
from voice_agent.storage.database import Database, head

app = typer.Typer()

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line: revision, head.")]


@app.command()
def upgrade(*, json: AsJson = False) -> None:
    """Bring the schema to the one this version needs; nothing happens if it is there."""
    revision = asyncio.run(_with_database(_upgraded))
    Output(json).result({"revision": revision, "head": head()}, f"The schema is at {revision}.")


@app.command()
def current(*, json: AsJson = False) -> None:
    """Show the schema's revision, and the one this version needs."""
    revision = asyncio.run(_with_database(Database.revision))
    prose = f"The schema is at {revision or 'no revision'}; this version needs {head()}."
    Output(json).result({"revision": revision, "head": head()}, prose)


async def _upgraded(database: Database) -> str | None:
    await database.upgrade()
    return await database.revision()


async def _with_database(work: Callable[[Database], Awaitable[str | None]]) -> str | None:
    database = Database.open(load_settings().database_url.get_secret_value())
    try:
        return await work(database)
    finally:
        await database.close()
