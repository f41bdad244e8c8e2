"""The console with a live store in memory; whoever is let in, and the day's figures, are paper."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI
from starlette.requests import HTTPConnection, Request

from voice_agent.console.figures import Span, Today
from voice_agent.console.ports import NotAllowed, NotSignedIn
from voice_agent.console.presence import Presence
from voice_agent.console.role import Operator, Right, Role
from voice_agent.console.routes import console_router
from voice_agent.console.view import Renderer
from voice_agent.console.voice_routes import voice_router
from voice_agent.errors import VoiceAgentError
from voice_agent.live.command import Answer, Command, Outcome, Verb
from voice_agent.live.memory import MemoryBoard, MemoryLive
from voice_agent.live.observation import (
    ConsentSeen,
    ControlChanged,
    HandoverAsked,
    Observation,
    PhaseChanged,
    QueuePlace,
)
from voice_agent.live.ports import HEARTBEAT_S
from voice_agent.live.snapshot import CallSnapshot, call_key
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.server import OPTIONS

CSRF = "f" * 32
ANNA = Operator("a" * 32, "Anna Beispiel", Role.OPERATOR, "de", CSRF)
BEN = Operator("b" * 32, "Ben Muster", Role.OPERATOR, "en", CSRF)
CORA = Operator("c" * 32, "Cora Leitner", Role.SUPERVISOR, "de", CSRF)
VERA = Operator("d" * 32, "Vera Zuschauer", Role.VIEWER, "de", CSRF)
OTTO = Operator("e" * 32, "Otto Schutz", Role.OFFICER, "de", CSRF)

DAY = tuple(
    Span(datetime(2026, 11, 26, hour, 0, tzinfo=UTC), calls, ms)
    for hour, calls, ms in [
        (7, 3, 720),
        (8, 14, 690),
        (9, 22, 810),
        (10, 19, 760),
        (11, 25, 930),
        (12, 9, None),
        (13, 11, 700),
        (14, 17, 740),
    ]
)


@dataclass
class PaperGuard:
    """Lets one operator in, without a password; keeps what was noted.

    Attributes:
        who: is signed in; ``None`` if nobody is.
        fault: raised by ``note``.
        noted: account, action and call.
        asked: address, and whether its page asked by itself.
    """

    who: Operator | None = ANNA
    fault: Exception | None = None
    noted: list[tuple[str, str, str]] = field(default_factory=list)
    asked: list[tuple[str, bool]] = field(default_factory=list)

    async def operator(
        self, connection: HTTPConnection, right: Right, *, by_itself: bool = False
    ) -> Operator:
        self.asked.append((connection.url.path, by_itself))
        if self.who is None:
            raise NotSignedIn("nobody is signed in")
        if not self.who.may(right):
            raise NotAllowed("not with this role")
        return self.who

    async def changing(
        self, request: Request, right: Right, csrf: str, *, by_itself: bool = False
    ) -> Operator:
        operator = await self.operator(request, right, by_itself=by_itself)
        if csrf != operator.csrf:
            raise NotAllowed("from another site")
        return operator

    async def still(self, operator: Operator) -> bool:
        return self.who == operator

    async def note(self, operator: Operator, action: str, call: str = "") -> None:
        if self.fault is not None:
            raise self.fault
        self.noted.append((operator.account, action, call))


@dataclass
class PaperFigures:
    """A day that is over; ``fault`` is raised instead."""

    fault: VoiceAgentError | None = None

    async def today(self) -> Today:
        if self.fault is not None:
            raise self.fault
        return Today(120, 104, 17, 9, DAY)


@dataclass
class ConsoleHouse:
    """A worker with calls, and the console on it.

    Attributes:
        live: the store.
        guard: lets ``guard.who`` in.
        figures: of the day.
        app: what is served.
        calls: snapshots of the worker's calls.
        ordered: commands that came.
        answers: what becomes of a command, by verb; ``DONE`` if it is not in here.
    """

    live: MemoryLive
    guard: PaperGuard = field(default_factory=PaperGuard)
    figures: PaperFigures = field(default_factory=PaperFigures)
    app: FastAPI = field(default_factory=FastAPI)
    calls: dict[str, CallSnapshot] = field(default_factory=dict)
    ordered: list[Command] = field(default_factory=list)
    answers: dict[Verb, Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        router = console_router(
            self.live, self.guard, self.figures, Renderer("Autowerkstatt Berger")
        )
        self.app.include_router(router)
        self.voices = Presence(self.live)
        self.app.include_router(voice_router(self.live, self.guard, self.voices))

    async def begin(self, name: str = "1", ago: float = 75.0, **facts: object) -> str:
        """A call comes in, ``ago`` seconds ago; gives its key."""
        call = call_key(name)
        facts = {"language": "de", "began_at": time.time() - ago, **facts}
        await self.show(CallSnapshot.parse({"call": call, "worker": self.live.worker, **facts}))
        return call

    async def show(self, snapshot: CallSnapshot) -> None:
        """A call stands elsewhere now."""
        self.calls[snapshot.call] = snapshot
        await self.live.show([snapshot])

    async def see(self, call: str, *observations: Observation) -> None:
        """Something happens in a call."""
        snapshot = self.calls[call]
        for observation in observations:
            snapshot = snapshot.follow(observation, time.time())
        await self.live.publish(call, observations)
        await self.show(snapshot)

    async def consent(self, call: str) -> None:
        """The caller presses 1."""
        await self.see(
            call,
            PhaseChanged("notice"),
            ConsentSeen("given", "7f3c2a90"),
            PhaseChanged("conversing"),
        )

    async def withdraw(self, call: str) -> None:
        """The caller presses the star key."""
        await self.see(call, ConsentSeen("withdrawn"), PhaseChanged("withdrawn"))

    async def wait(self, call: str, reason: str = "asked", place: int = 0) -> None:
        """The caller waits for a person."""
        await self.see(call, HandoverAsked(reason), PhaseChanged("waiting"), QueuePlace(place))

    async def end(self, call: str) -> None:
        """A call is over."""
        del self.calls[call]
        await self.live.end(call)

    async def _live_on(self) -> None:
        while True:
            await self.live.show(list(self.calls.values()))
            await asyncio.sleep(HEARTBEAT_S)

    async def _obey(self) -> None:
        async with self.live.orders() as orders:
            async for order in orders:
                self.ordered.append(order)
                await self.live.answer(order, await self._done(order))

    async def _done(self, order: Command) -> Answer:
        snapshot = self.calls[order.call]
        if order.verb in self.answers:
            return self.answers[order.verb]
        if snapshot.consent != "given":
            return Answer(Outcome.NO_CONSENT)
        if snapshot.holder not in ("", order.operator) and order.verb is not Verb.LISTEN:
            return Answer(Outcome.TAKEN, snapshot.holder)
        match order.verb:
            case Verb.TAKE_OVER:
                await self.see(order.call, PhaseChanged("operated"))
                await self.see(order.call, ControlChanged("announcing", order.operator))
                await self.see(order.call, ControlChanged("talking", order.operator))
            case Verb.GIVE_BACK:
                await self.see(order.call, ControlChanged("agent"), PhaseChanged("conversing"))
            case Verb.LISTEN:
                listened = replace(self.calls[order.call], listeners=[order.operator])
                await self.show(listened)
            case Verb.HOLD:
                await self.see(order.call, ControlChanged("holding", order.operator))
            case Verb.RESUME:
                await self.see(order.call, ControlChanged("talking", order.operator))
        return Answer(Outcome.DONE, self.calls[order.call].holder)


@asynccontextmanager
async def opened(board: MemoryBoard | None = None) -> AsyncIterator[ConsoleHouse]:
    """A worker that lives for as long as the block lasts."""
    house = ConsoleHouse(MemoryLive("w1", board=board))
    work = [asyncio.create_task(house._live_on()), asyncio.create_task(house._obey())]
    try:
        yield house
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await house.voices.close()
        await house.live.close()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application behind a real server on a free loopback port; gives its origin."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, **{**OPTIONS, "timeout_graceful_shutdown": 1})
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 (uvicorn has a flag, no event)
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


def keys(calls: Sequence[CallSnapshot]) -> list[str]:
    """What stands for the calls."""
    return [each.call for each in calls]


def away() -> RecordsUnavailable:
    """The records cannot be written."""
    return RecordsUnavailable("the records are away")
