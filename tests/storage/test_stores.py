"""The stores of one process, as the server and the commands open them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from tests.storage.household import CANARY, NOON
from tests.storage.test_deletions import Archive
from voice_agent.errors import ConfigurationError
from voice_agent.retention import load_retention
from voice_agent.settings import load_settings
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.tables import calls, carrier_deletions
from voice_agent.stores import Stores

pytestmark = pytest.mark.integration  # a real database on a real disk

RULES = load_retention(Path(__file__).parents[2] / "config")


def opened(address: str, tmp_path: Path, **env: str) -> Stores:
    """The stores over a database, at noon."""
    given = {"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": address, **env}
    return Stores.open(load_settings(given), clock=lambda: NOON)


async def test_the_jobs_of_a_server_delete_what_is_due_here_and_at_the_carrier(
    address: str, tmp_path: Path
) -> None:
    stores = opened(address, tmp_path)
    await SqlCallBook(stores.database).begin(CANARY, "de", NOON - timedelta(days=91))
    async with stores.database.begin() as connection:
        await connection.execute(
            carrier_deletions.insert().values(
                kind="call", carrier_id=CANARY, asked_at=NOON, tries=0, next_at=NOON
            )
        )
    archive = Archive()
    jobs = stores.background(stores.retention(RULES), archive, look_seconds=0.01)
    with capture_logs() as lines:
        jobs.start()
        async with asyncio.timeout(60):
            while {line.get("kind") for line in lines if line["event"] == "job_done"} != {  # noqa: ASYNC110 (the log is what says it)
                "retention",
                "consents",
                "carrier_deletions",
            }:
                await asyncio.sleep(0.01)
        await jobs.stop()
    assert archive.asked == [("call", CANARY)]
    async with stores.database.begin() as connection:
        assert (await connection.execute(select(calls))).all() == []
        assert (await connection.execute(select(carrier_deletions))).all() == []
    await stores.close()


async def test_without_a_carrier_nothing_is_asked_of_one(address: str, tmp_path: Path) -> None:
    stores = opened(address, tmp_path)
    await SqlCallBook(stores.database).begin(CANARY, "de", NOON)
    assert (await stores.rights.erase(CANARY, "portal")).pending == 0
    await stores.close()


async def test_with_one_it_is_asked(address: str, tmp_path: Path) -> None:
    stores = opened(address, tmp_path, TWILIO_ACCOUNT_SID="AC" + "0a" * 16)
    await SqlCallBook(stores.database).begin(CANARY, "de", NOON)
    assert (await stores.rights.erase(CANARY, "portal")).pending == 1
    await stores.close()


async def test_a_retention_table_that_does_not_fit_is_refused(address: str, tmp_path: Path) -> None:
    stores = opened(address, tmp_path)
    with pytest.raises(ConfigurationError, match="has no row"):
        stores.retention(type(RULES)(RULES.rules[1:]))
    await stores.close()
