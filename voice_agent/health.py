"""``/healthz``, ``/readyz``, ``/metrics``: for load balancers and whoever watches."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from voice_agent import __version__
from voice_agent.runtime.metrics import Metrics
from voice_agent.storage.database import FAULTS, Database

DATABASE_LIMIT: Final = 3.0
"""Seconds the database may take to answer before it counts as away."""

PROBE_INTERVAL: Final = 1.0
"""Seconds an answer of the database is believed."""


class Health:
    """What the process can say about itself."""

    def __init__(self) -> None:
        self._state = "starting"
        self._metrics: Metrics | None = None
        self._database: Database | None = None
        self._engines: Mapping[str, str] = {}
        self._are_stuck: Callable[[], bool] = lambda: False
        self._probing = asyncio.Lock()
        self._probed: tuple[float, bool] = (-math.inf, False)

    def ready(
        self,
        metrics: Metrics,
        database: Database,
        engines: Mapping[str, str],
        are_stuck: Callable[[], bool] = lambda: False,
    ) -> None:
        """Everything is loaded.

        Args:
            metrics: shown under ``/metrics``.
            database: probed for ``/readyz``.
            engines: which engine does what.
            are_stuck: true while no engine would take work.
        """
        self._metrics, self._database, self._engines = metrics, database, dict(engines)
        self._are_stuck = are_stuck
        self._state = "ready"

    @property
    def is_stopping(self) -> bool:
        """True once new calls should go to a human."""
        return self._state == "stopping"

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
        state = "stuck" if self._state == "ready" and self._are_stuck() else self._state
        return state == "ready" and database, {
            "state": state,
            "database": "ok" if database else "away",
            "engines": dict(self._engines),
            "version": __version__,
        }

    async def _database_answers(self) -> bool:
        """Probe at most once a second: anybody may ask, and calls need the connections."""
        if self._database is None:
            return False
        async with self._probing:
            now = asyncio.get_running_loop().time()
            if now - self._probed[0] >= PROBE_INTERVAL:
                self._probed = (now, await self._probe(self._database))
            return self._probed[1]

    @staticmethod
    async def _probe(database: Database) -> bool:
        try:
            async with asyncio.timeout(DATABASE_LIMIT):
                await database.ping()
        except (*FAULTS, TimeoutError):
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
