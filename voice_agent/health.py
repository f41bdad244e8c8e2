"""``/healthz``, ``/readyz``, ``/metrics``: for load balancers and whoever watches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from voice_agent import __version__
from voice_agent.errors import ConfigurationError
from voice_agent.runtime.metrics import Metrics
from voice_agent.storage.database import Database

DATABASE_LIMIT: Final = 3.0
"""Seconds the database may take to answer before it counts as away."""


class Health:
    """What the process can say about itself."""

    def __init__(self) -> None:
        self._state = "starting"
        self._metrics: Metrics | None = None
        self._database: Database | None = None
        self._engines: Mapping[str, str] = {}

    def ready(self, metrics: Metrics, database: Database, engines: Mapping[str, str]) -> None:
        """Everything is loaded."""
        self._metrics, self._database, self._engines = metrics, database, dict(engines)
        self._state = "ready"

    def stopping(self) -> None:
        """No new calls, please."""
        self._state = "stopping"

    @property
    def exposition(self) -> bytes:
        """The metrics."""
        return b"" if self._metrics is None else self._metrics.exposition()

    async def report(self) -> tuple[bool, dict[str, object]]:
        """Whether calls can be taken, and by which engines."""
        database = await self._database_answers()
        ready = self._state == "ready" and database
        return ready, {
            "state": self._state,
            "database": "ok" if database else "away",
            "engines": dict(self._engines),
            "version": __version__,
        }

    async def _database_answers(self) -> bool:
        if self._database is None:
            return False
        try:
            async with asyncio.timeout(DATABASE_LIMIT):
                await self._database.revision()
        except (ConfigurationError, TimeoutError):
            return False
        return True


def health_router(health: Health) -> APIRouter:
    """The three addresses."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        ready, report = await health.report()
        return JSONResponse(report, 200 if ready else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(health.exposition, media_type=CONTENT_TYPE_LATEST)

    return router
