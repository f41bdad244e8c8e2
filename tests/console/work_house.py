"""The page of work over a real database, with a guard that lets in whom the test says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from tests.storage.household import NEIGHBOUR, NUMBER, OTHER_NUMBER, Household, summary_from
from voice_agent.console.ports import NotAllowed, NotSignedIn
from voice_agent.console.role import Operator, Right, Role
from voice_agent.console.texts import load
from voice_agent.console.view import Renderer, assets, static
from voice_agent.console.work_routes import work_router
from voice_agent.live.summary import FlowSummary, Hold
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.database import Database
from voice_agent.tools.inbox import Entry, EntryKind, Filed

ANNA = "0a" * 16


@dataclass
class Gate:
    """A guard for one operator, or nobody.

    Attributes:
        role: the operator's; ``None``: nobody is signed in.
        language: of their pages.
        noted: looks and actions, as they were written down.
        is_away: nothing can be written down.
    """

    role: Role | None = Role.OPERATOR
    language: str = "en"
    noted: list[tuple[str, str]] = field(default_factory=list)
    is_away: bool = False

    async def operator(
        self, connection: HTTPConnection, right: Right, *, by_itself: bool = False
    ) -> Operator:
        del connection, by_itself
        if self.role is None:
            raise NotSignedIn("nobody is signed in")
        operator = Operator(ANNA, "Anna Acker", self.role, self.language, "right-csrf")
        if not operator.may(right):
            raise NotAllowed("the role does not have the right")
        return operator

    async def changing(
        self, request: Request, right: Right, csrf: str, *, by_itself: bool = False
    ) -> Operator:
        operator = await self.operator(request, right, by_itself=by_itself)
        if csrf != operator.csrf:
            raise NotAllowed("this comes from another site")
        return operator

    async def still(self, operator: Operator) -> bool:
        return operator.account == ANNA

    async def note(self, operator: Operator, action: str, call: str = "") -> None:
        del operator
        if self.is_away:
            raise RecordsUnavailable("the look cannot be written down")
        self.noted.append((action, call))


def texts(language: str) -> dict[str, Any]:
    """What the page says."""
    found: dict[str, Any] = load(language)["work"]
    return found


@dataclass
class WorkHouse:
    """The page.

    Attributes:
        household: the stores.
        gate: who is let in.
        app: the page alone.
    """

    household: Household
    gate: Gate
    app: FastAPI

    async def leave(self, call_id: str, kind: EntryKind = EntryKind.CALLBACK, **said: Any) -> str:
        """Somebody leaves something; gives its reference."""
        entry = {"language": "de", "name": "Kim Kunde", "phone": NUMBER, **said}
        answer = await self.household.inbox.file(
            Entry(kind=kind, call_id=call_id, **entry), f"{call_id} {kind} {said}"
        )
        assert isinstance(answer, Filed)
        return answer.reference

    async def fill(self, call_id: str) -> None:
        """A day's work: one entry of each kind, a minute apart, and two calls."""
        for number, kind in enumerate(EntryKind):
            self.household.now += timedelta(minutes=1)
            phone = None if kind is EntryKind.MESSAGE else (NUMBER, OTHER_NUMBER)[number % 2]
            said = {"category": "work", "wish": "money_back"} if number == 2 else {}
            text = ("", "Bitte die Unterlagen mitbringen.", "Die Bremse quietscht noch.")[number]
            await self.leave(call_id, kind, phone=phone, text=text, **said)
        slots = (("service", "tyres"), ("date", "2026-12-01"), ("name", "Kim Kunde"))
        await self.household.begin(NEIGHBOUR)
        await self.household.summaries.keep(
            call_id,
            summary_from(
                self.household.now,
                flows=(FlowSummary("book_appointment", slots), FlowSummary("identify")),
                holds=(Hold(ANNA, 95.0), Hold("0b" * 16, 5.0)),
            ),
        )
        await self.household.summaries.keep(
            NEIGHBOUR, summary_from(self.household.now, consent="none", ending="caller_left")
        )


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[WorkHouse]:
    """The page over this database."""
    household, gate = Household(database), Gate()

    async def names() -> Mapping[str, str]:
        return {ANNA: "Anna Acker"}

    app, files = FastAPI(openapi_url=None), assets()
    renderer = Renderer("Autohaus Sonnenschein")
    app.include_router(work_router(gate, household.inbox, household.summaries, names, renderer))

    @app.get("/console/static/{name}")
    async def file(name: str, request: Request) -> Response:
        return static(files, name, request)

    yield WorkHouse(household, gate, app)
