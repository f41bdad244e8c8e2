"""The page of reminders over a real database, with a guard that lets in whom the test says."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response

from tests.console.work_house import Gate
from tests.outbound.company import BERLIN, DAY, NOW
from tests.storage.remindings import ALL_AT_ONCE, Company, number_of, wanted
from voice_agent.console.ports import Guard
from voice_agent.console.reminder_routes import reminder_router
from voice_agent.console.role import Role
from voice_agent.console.texts import load
from voice_agent.console.view import Renderer, assets, static
from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.server import OPTIONS
from voice_agent.storage.campaign import SqlCampaign
from voice_agent.storage.database import Database

PLACE: Final = "/console/reminders"

DAY_OF_CALLS: Final = (
    (Outcome.CONFIRMED, 9),
    (Outcome.MOVED, 3),
    (Outcome.TOLD, 4),
    (Outcome.NO_ANSWER, 6),
    (Outcome.CANCELLED, 2),
    (Outcome.DECLINED, 1),
    (Outcome.BUSY, 2),
    (Outcome.WRONG_PERSON, 1),
    (Outcome.UNREACHABLE, 1),
    (Outcome.FAILED, 1),
)
"""What came of the calls of a day, and how often."""


def texts(language: str) -> dict[str, Any]:
    """What the page says."""
    found: dict[str, Any] = load(language)["reminders"]
    return found


def router(company: Company, guard: Guard, renderer: Renderer) -> APIRouter:
    """The page's addresses, as the program joins them."""
    campaign = SqlCampaign(company.database, company.reminders, BERLIN, company.clock)
    refuse = partial(company.list.add, told_by=ToldBy.CONSOLE)
    return reminder_router(guard, campaign, refuse, "DE", renderer)


def pages(company: Company, guard: Guard) -> FastAPI:
    """The page and its files, and nothing else."""
    app, files = FastAPI(openapi_url=None), assets()
    renderer = Renderer("Autowerkstatt Berger", has_reminders=True)
    app.include_router(router(company, guard, renderer))

    @app.get("/console/static/{name}")
    async def file(name: str, request: Request) -> Response:
        return static(files, name, request)

    return app


@dataclass
class ReminderHouse:
    """The page.

    Attributes:
        company: the stores.
        gate: who is let in.
        app: the page alone.
    """

    company: Company
    gate: Gate
    app: FastAPI

    async def ring(self, outcome: Outcome | None, at: datetime) -> None:
        """Somebody is rung up; ``None``: the call goes on."""
        self.company.now = at
        claim = await self.company.claims.claim(at, "w1")
        assert claim is not None
        assert await self.company.claims.dial(claim, at)
        if outcome is not None:
            assert await self.company.claims.ended(claim.id, outcome, at)

    async def work(self) -> None:
        """A day's work: calls of every kind from ten on, some that go on, some to come."""
        company = self.company
        await company.fill(60)
        calls = [outcome for outcome, count in DAY_OF_CALLS for _ in range(count)]
        for number in range(len(calls)):
            # Every seventh after the last, so that the hours are not each of one colour.
            outcome = calls[number * 7 % len(calls)]
            await self.ring(outcome, NOW + timedelta(minutes=13 * number))
        for _ in range(2):
            await self.ring(None, company.now + timedelta(minutes=1))
        late = [wanted(900 + number) for number in range(3)]
        await company.reminders.put(
            [replace(each, starts_at=company.now + timedelta(hours=2)) for each in late]
        )
        await company.reminders.put(
            [wanted(number, source=f"S-{number}", starts_at=NOW + 9 * DAY) for number in (50, 51)]
        )
        await company.list.add(number_of(40), ToldBy.KEY)
        company.now += timedelta(seconds=30)


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[ReminderHouse]:
    """The page over this database."""
    company, gate = Company(database, ALL_AT_ONCE), Gate(role=Role.SUPERVISOR)
    yield ReminderHouse(company, gate, pages(company, gate))


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The page behind a real server on a free loopback port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, **OPTIONS))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 (uvicorn has a flag, no event)
        await asyncio.sleep(0.005)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await running
