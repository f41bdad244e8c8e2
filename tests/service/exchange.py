"""The carrier's exchange: it takes orders for calls, rings people up, and they answer or do not.

Whoever is rung up has a telephone here; what they do is a script, as in every simulated call.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from tests.service.letterbox import Letterbox
from voice_agent.phone.caller import CallResult, SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.report import KeyPressed, Report, StreamOpened
from voice_agent.phone.script import Step

_BEGUN: Final = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}
"""What a status callback says, by the event it was ordered for."""


@dataclass(frozen=True)
class Telephone:
    """What happens when it is rung.

    Attributes:
        script: what its owner does, from answering on; ``None``: nobody answers.
        status: how the call then ends for the carrier.
        sip: the answer of the network to that, as the carrier passes it on.
        refused: the carrier takes no order at all: its HTTP status and its own code.
        callbacks: how often the carrier tells how the call ended: it may get lost, or come twice.
    """

    script: Callable[[], Iterable[Step]] | None = None
    status: str = "completed"
    sip: int = 200
    refused: tuple[int, int] | None = None
    callbacks: int = 1


BUSY: Final = Telephone(status="busy", sip=486)
SILENT: Final = Telephone(status="no-answer", sip=487)
SWITCHED_OFF: Final = Telephone(status="failed", sip=480)
NO_SUCH_NUMBER: Final = Telephone(refused=(400, 21211))


@dataclass
class Rung:
    """One call that was ordered.

    Attributes:
        order: the fields of the order; what is ordered several times is joined by spaces.
        call_id: the carrier's identifier; empty if the order was refused.
        reports: what happened, as it happened.
        result: what became of it; ``None`` if nobody answered.
    """

    order: dict[str, str]
    call_id: str
    reports: list[Report] = field(default_factory=list)
    result: CallResult | None = None

    @property
    def keys(self) -> str:
        """Every key that was pressed."""
        return "".join(each.key for each in self.reports if isinstance(each, KeyPressed))

    @property
    def streamed(self) -> bool:
        """True if anything was ever listened to."""
        return any(isinstance(each, StreamOpened) for each in self.reports)

    def heard(self, until: float | None = None) -> list[bytes]:
        """What the person heard, mu-law, stretch by stretch: a pause begins a new one.

        Args:
            until: seconds since they answered; to the end if left out.
        """
        if self.result is None:
            return []
        pieces = [(each.start, bytes(each.mulaw)) for each in self.result.recording.agent.heard]
        if until is None:
            return [mulaw for _, mulaw in pieces]
        cut = [mulaw[: max(0, round((until - start) * 8000))] for start, mulaw in pieces]
        return [mulaw for mulaw in cut if mulaw]

    def pressed_at(self, key: str) -> float:
        """When that key was pressed for the last time, seconds since they answered."""
        return max(
            each.at for each in self.reports if isinstance(each, KeyPressed) and each.key == key
        )


@dataclass
class Exchange:
    """Takes orders for calls as the carrier's REST interface does.

    Attributes:
        carrier: reaches the server that orders them.
        account: the account that may order.
        telephones: by number; any other number is not in service.
        url: where it takes orders.
        calls: every order that came, in order.
        letters: the text messages that were ordered.
    """

    carrier: Carrier
    account: str
    telephones: Mapping[str, Telephone]
    url: str = ""
    calls: list[Rung] = field(default_factory=list)
    letters: Letterbox = field(default_factory=Letterbox)
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _rung: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def over(self, *numbers: str, seconds: float = 120.0) -> list[Rung]:
        """The last call to each of these, as soon as all are over.

        Raises:
            TimeoutError: somebody was not rung up by then.
        """
        async with asyncio.timeout(seconds):
            async with self._rung:
                await self._rung.wait_for(lambda: set(numbers) <= self._running.keys())
            await asyncio.gather(*(self._running[number] for number in numbers))
        last = {call.order["To"]: call for call in self.calls}
        return [last[number] for number in numbers]

    async def take(self, request: web.Request) -> web.Response:
        """Take an order, or refuse it as the carrier would."""
        credentials = base64.b64encode(f"{self.account}:{self.carrier.auth_token}".encode())
        if request.headers.get("Authorization") != f"Basic {credentials.decode()}":
            return _refusal(401, 20003)
        order: dict[str, str] = {}
        for name, value in parse_qsl(await request.text(), keep_blank_values=True):
            order[name] = f"{order[name]} {value}" if name in order else value
        telephone = self.telephones.get(order.get("To", ""), NO_SUCH_NUMBER)
        if "Url" not in order or "From" not in order:
            return _refusal(400, 21205)
        call = Rung(order, "" if telephone.refused else "CA" + secrets.token_hex(16))
        self.calls.append(call)
        async with self._rung:
            self._running[order["To"]] = asyncio.create_task(self._ring(call, telephone))
            self._rung.notify_all()
        if telephone.refused:
            return _refusal(*telephone.refused)
        return web.json_response({"sid": call.call_id, "status": "queued"}, status=201)

    async def delete(self, _: web.Request) -> web.Response:
        """The carrier's record of a call is deleted, of which nothing is kept here."""
        return web.Response(status=204)

    async def close(self) -> None:
        """Break off what is going on."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _ring(self, call: Rung, telephone: Telephone) -> None:
        if telephone.refused:
            return
        await self._tell(call, "initiated")
        await self._tell(call, "ringing")
        length = {}
        if telephone.script is not None:
            await self._tell(call, "answered")
            simulated = SimulatedCall(
                self.carrier,
                telephone.script(),
                caller=call.order["From"],
                called=call.order["To"],
                voice=call.order["Url"],
                status=None,
                ordered=True,
                tell=call.reports.append,
                longest=float(call.order.get("TimeLimit", "14400")),
                call_id=call.call_id,
            )
            call.result = await simulated.run()
            length = {"CallDuration": str(round(call.result.ended.seconds))}
        more = length | {"SipResponseCode": str(telephone.sip)}
        for _ in range(telephone.callbacks):
            await self._post(call, telephone.status, more)

    async def _tell(self, call: Rung, event: str) -> None:
        if event in call.order.get("StatusCallbackEvent", "").split():
            await self._post(call, _BEGUN[event], {})

    async def _post(self, call: Rung, status: str, more: dict[str, str]) -> None:
        address = call.order.get("StatusCallback")
        if address is None:
            return
        form = {
            "CallSid": call.call_id,
            "AccountSid": self.account,
            "From": call.order["From"],
            "To": call.order["To"],
            "CallStatus": status,
            "Direction": "outbound-api",
            "ApiVersion": "2010-04-01",
            "CallbackSource": "call-progress-events",
        }
        await self.carrier.post(address, form | more)


def _refusal(status: int, code: int) -> web.Response:
    return web.json_response({"code": code, "message": "no", "status": status}, status=status)


@asynccontextmanager
async def exchange(
    carrier: Carrier, telephones: Mapping[str, Telephone], port: int = 0
) -> AsyncIterator[Exchange]:
    """An exchange on the loopback, which rings these telephones.

    Args:
        carrier: reaches the server that orders calls.
        telephones: by number.
        port: where it takes orders; a free one if left out.
    """
    made = Exchange(carrier, carrier.account_sid, telephones)
    app = web.Application()
    account = "/2010-04-01/Accounts/" + made.account
    app.router.add_post(f"{account}/Calls.json", made.take)
    app.router.add_delete(f"{account}/Calls/{{call}}.json", made.delete)
    app.router.add_post(account + "/Messages.json", made.letters.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    made.url = "http://{}:{}".format(*runner.addresses[0])
    try:
        yield made
    finally:
        await runner.cleanup()
        await made.close()
