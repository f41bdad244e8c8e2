"""A carrier that rings people up when it is asked to: it counts, and says when a call is over."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from aiohttp import web
from yarl import URL

ACCOUNT = "AC" + "1" * 32
OURS = "+4930111111"

Over = Callable[[str], Awaitable[object]]


@dataclass
class Carrier:
    """What was asked of it, in the order it came.

    Attributes:
        over: told the claim of a call that is over.
        call_s: how long a call takes.
        refusal: HTTP status and code of what is answered instead.
        silent: it takes the order and hangs up on us.
        at: when orders came, seconds.
        forms: what stood in them.
        at_once: the most calls there were at once.
        url: its address.
    """

    over: Over
    call_s: float = 0.3
    refusal: tuple[int, int | None] | None = None
    silent: bool = False
    at: list[float] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    at_once: int = 0
    url: str = ""
    _running: int = 0
    _calls: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def dialled(self) -> Counter[str]:
        """How often each number was to be rung up."""
        return Counter(form["To"] for form in self.forms)

    def most_in(self, seconds: float) -> int:
        """The most orders in any span so long, wherever it begins."""
        return max(
            (bisect_right(self.at, at + seconds) - number for number, at in enumerate(self.at)),
            default=0,
        )

    async def order(self, request: web.Request) -> web.StreamResponse:
        """Take an order."""
        self.at.append(time.monotonic())
        form = await request.post()
        said = {name: str(value) for name, value in form.items()}
        said["events"] = ",".join(str(each) for each in form.getall("StatusCallbackEvent"))
        self.forms.append(said)
        if self.refusal is not None:
            status, code = self.refusal
            body = {"status": status, "message": said["To"], "more_info": "https"}
            return web.json_response(
                body if code is None else {**body, "code": code}, status=status
            )
        task = asyncio.create_task(self._ring(URL(said["StatusCallback"]).query["claim"]))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        if self.silent:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"sid": f"CA{uuid4().hex}", "status": "queued"}, status=201)

    async def settle(self) -> None:
        """Wait until every call is over."""
        while self._calls:
            await asyncio.wait(set(self._calls))

    async def _ring(self, claim: str) -> None:
        self._running += 1
        self.at_once = max(self.at_once, self._running)
        await asyncio.sleep(self.call_s)
        self._running -= 1
        await self.over(claim)


@asynccontextmanager
async def listening(over: Over) -> AsyncIterator[Carrier]:
    """One that listens on a port of this machine."""
    carrier = Carrier(over)
    app = web.Application()
    app.router.add_post(f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json", carrier.order)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    carrier.url = "http://{}:{}".format(*runner.addresses[0])
    try:
        yield carrier
        await carrier.settle()
    finally:
        await runner.cleanup()
