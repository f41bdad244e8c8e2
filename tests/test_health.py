from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from voice_agent.health import Health, health_router
from voice_agent.runtime.metrics import Metrics
from voice_agent.storage.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.open(f"sqlite+aiosqlite:///{tmp_path / 'agent.db'}")
    await database.upgrade()
    yield database
    await database.close()


def client(health: Health) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(health_router(health))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x")


async def test_while_it_starts_the_process_is_alive_and_not_ready() -> None:
    async with client(Health()) as http:
        assert (await http.get("/healthz")).json() == {"status": "ok"}
        ready = await http.get("/readyz")
        assert (await http.get("/metrics")).content == b""
    assert ready.status_code == 503
    assert ready.json()["state"] == "starting"


async def test_ready_names_engines_and_version(database: Database) -> None:
    health = Health()
    health.ready(Metrics(), database, {"recogniser": "whisper:base"})
    async with client(health) as http:
        ready = await http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["engines"] == {"recogniser": "whisper:base"}
    assert ready.json()["database"] == "ok"


async def test_with_the_database_damaged_it_is_not_ready_but_alive(tmp_path: Path) -> None:
    file = tmp_path / "agent.db"
    file.write_bytes(b"this is no database" * 100)
    database = Database.open(f"sqlite+aiosqlite:///{file}")
    health = Health()
    health.ready(Metrics(), database, {})
    async with client(health) as http:
        ready = await http.get("/readyz")
        assert (await http.get("/healthz")).status_code == 200
    assert ready.status_code == 503
    assert ready.json()["database"] == "away"
    await database.close()


async def test_before_the_end_it_takes_no_new_calls(database: Database) -> None:
    health = Health()
    health.ready(Metrics(), database, {})
    health.stopping()
    async with client(health) as http:
        ready = await http.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["state"] == "stopping"


async def test_metrics_are_in_prometheus_text_and_count(database: Database) -> None:
    metrics = Metrics()
    metrics.count("calls_received")
    health = Health()
    health.ready(metrics, database, {})
    async with client(health) as http:
        response = await http.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert 'voice_agent_events_total{kind="calls_received"} 1.0' in response.text
