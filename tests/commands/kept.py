"""A machine whose database holds something about a person, for the commands that deal with it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.storage.household import CANARY, NUMBER
from voice_agent.cli import main
from voice_agent.settings import load_settings
from voice_agent.stores import Stores

__all__ = ["CANARY", "NUMBER", "Cli", "cli", "machine", "on_machine", "read"]


Cli = Callable[..., tuple[int, str, str]]
"""Runs a command line; gives exit status, standard output and standard error."""


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty machine with a database at the present schema; its logging is put back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    with pytest.raises(SystemExit):
        main(["db", "upgrade"])
    yield tmp_path
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = raising
    structlog.reset_defaults()


@pytest.fixture
def cli(machine: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs the commands on this machine."""
    del machine

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(arguments)
        shown = capsys.readouterr()
        return int(left.value.code or 0), shown.out, shown.err

    return run


def on_machine(work: Callable[[Stores], Awaitable[None]]) -> None:
    """Do something with the machine's stores."""

    async def run() -> None:
        stores = Stores.open(load_settings())
        try:
            await work(stores)
        finally:
            await stores.close()

    asyncio.run(run())


def read(output: str) -> dict[str, Any]:
    """The one JSON object a command printed."""
    found: dict[str, Any] = json.loads(output)
    return found
