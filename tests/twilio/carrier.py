"""The carrier's end: signed webhooks that follow the TwiML, and the media stream's socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from uuid import uuid4
from xml.etree import ElementTree as ET

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.twilio.house import OURS, House
from voice_agent.call.phase import Phase
from voice_agent.live.observation import KeyPressedSeen, PhaseChanged
from voice_agent.twilio import wire
from voice_agent.twilio.twiml import Document, verbs

ACCOUNT = "AC" + "0" * 32
CALLER = "+491700000001"


@dataclass
class Carrier:
    """One call, up to its media stream. Every document must pass the allow-list of rule C3.

    Attributes:
        house: whom it calls.
        number: the caller's number as the carrier writes it.
        call_id: the call.
        documents: what was answered.
        rung_up: we rang this number up, and not it us.
    """

    house: House
    number: str = CALLER
    call_id: str = field(default_factory=lambda: f"CA{uuid4().hex}")
    documents: list[Document] = field(default_factory=list)
    rung_up: bool = False

    async def __aenter__(self) -> Self:
        """Open the connection."""
        transport = httpx.ASGITransport(self.house.app)
        self._client = httpx.AsyncClient(transport=transport, base_url=self.house.public_url)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close it."""
        await self._client.aclose()

    def form(self, **fields: str) -> dict[str, str]:
        """A webhook's fields, those that must be dropped unread included."""
        return {
            "CallSid": self.call_id,
            "AccountSid": ACCOUNT,
            "From": OURS if self.rung_up else self.number,
            "To": self.number if self.rung_up else OURS,
            "CallStatus": "in-progress",
            "Direction": "outbound-api" if self.rung_up else "inbound",
            "ApiVersion": "2010-04-01",
            "CallerName": "CANARY NAME",
            "FromCity": "CANARY CITY",
        } | fields

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Post a signed webhook."""
        form = self.form(**fields)
        signature = self.house.signatures.sign_form(path, form.items())
        return await self._client.post(path, data=form, headers={"X-Twilio-Signature": signature})

    async def ask(self, path: str, **fields: str) -> Document:
        """Post a signed webhook and read the document it is answered with."""
        response = await self.post(path, **fields)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("application/xml")
        self.documents.append(Document(response.text))
        return self.documents[-1]

    async def ring(self) -> Document:
        """The call comes in."""
        return await self.ask("/twilio/voice", CallStatus="ringing")

    async def press(self, key: str) -> Document:
        """Press a key while the last document gathers one."""
        return await self.ask(self._path(self._one("Gather").get("action", "")), Digits=key)

    async def wait(self) -> Document:
        """Press nothing."""
        return await self.ask(self._path(self._one("Redirect").text or ""))

    async def stream_ended(self, **fields: str) -> Document:
        """The media stream is over: ask what comes next."""
        return await self.ask(self._path(self._one("Connect").get("action", "")), **fields)

    async def dialled(self, status: str, **fields: str) -> Document:
        """The human was dialled."""
        return await self.ask(
            self._path(self._one("Dial").get("action", "")), DialCallStatus=status, **fields
        )

    @property
    def verbs(self) -> list[str]:
        """The verbs of the last document."""
        return verbs(self.documents[-1])

    @property
    def number_dialled(self) -> str | None:
        """Whom the last document dials."""
        return self._one("Dial").text

    @property
    def parameters(self) -> dict[str, str]:
        """What the stream will carry."""
        found = ET.fromstring(self.documents[-1]).iter("Parameter")  # noqa: S314 (checked above)
        return {each.get("name", ""): each.get("value", "") for each in found}

    @property
    def plays(self) -> list[str]:
        """Paths of the recordings the last document plays."""
        found = ET.fromstring(self.documents[-1]).iter("Play")  # noqa: S314 (checked above)
        return [self._path(each.text or "") for each in found]

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Get something."""
        return await self._client.get(path, headers=headers)

    async def said(self, *keys: str, language: str = "de") -> bool:
        """True if the last document plays exactly these lines, one recording each."""
        script = self.house.board.answers.script
        names = [self.house.recordings.name((script.line(key, language),)) for key in keys]
        return self.plays == [f"/audio/{name}.wav" for name in names]

    def _one(self, verb: str) -> ET.Element:
        (found,) = ET.fromstring(self.documents[-1]).iter(verb)  # noqa: S314 (checked above)
        return found

    def _path(self, url: str) -> str:
        assert url.startswith(self.house.public_url)
        return url.removeprefix(self.house.public_url)


@dataclass
class SocketClient:
    """The carrier's end of one media stream. Plays what it is sent in no time.

    Attributes:
        socket: the websocket.
        call_id: the call.
        stream_sid: the stream.
        returns_marks: marks come back; a broken carrier's do not.
        received: what came.
        code: how the socket was closed, once it is.
    """

    socket: ClientConnection
    call_id: str
    stream_sid: str = field(default_factory=lambda: f"MZ{uuid4().hex}")
    returns_marks: bool = True
    received: list[wire.OutboundMessage] = field(default_factory=list)
    code: int | None = None

    def __post_init__(self) -> None:
        self._sequence = 0
        self._chunk = 0
        self._ms = 0
        self._news = asyncio.Event()
        self.reading = asyncio.create_task(self._read())

    # -- to the agent --------------------------------------------------------------------------

    async def connected(self) -> None:
        """The first message."""
        await self.send(wire.Connected())

    async def start(self, token: str, **parameters: str) -> None:
        """Begin the stream."""
        await self.send(
            wire.Start(
                stream_sid=self.stream_sid,
                sequence=self._next(),
                account_sid=ACCOUNT,
                call_sid=self.call_id,
                custom_parameters={"token": token} | parameters,
            )
        )

    async def speak(self, mulaw: bytes) -> None:
        """Send the caller's sound, 20 ms a message, as fast as the socket takes it."""
        for at in range(0, len(mulaw), 160):
            await self.send(self.media(mulaw[at : at + 160]))

    def media(self, mulaw: bytes, **changes: str) -> wire.Media:
        """One message of sound."""
        self._chunk += 1
        self._ms += len(mulaw) // 8
        return wire.Media(
            stream_sid=changes.get("stream_sid", self.stream_sid),
            sequence=self._next(),
            chunk=self._chunk,
            timestamp_ms=self._ms - len(mulaw) // 8,
            mulaw=mulaw,
        )

    async def press(self, key: str) -> None:
        """A key."""
        await self.send(wire.Digit(stream_sid=self.stream_sid, sequence=self._next(), digit=key))

    async def stop(self) -> None:
        """The call is over."""
        await self.send(
            wire.Stop(
                stream_sid=self.stream_sid,
                sequence=self._next(),
                account_sid=ACCOUNT,
                call_sid=self.call_id,
            )
        )

    async def send(self, message: wire.InboundMessage) -> None:
        """Send a message."""
        await self.socket.send(wire.encode_inbound(message))

    async def vanish(self) -> None:
        """The socket is gone without a word."""
        self.socket.transport.abort()
        await self.closed()

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence

    # -- from the agent ------------------------------------------------------------------------

    async def until(self, what: Callable[[Self], bool], seconds: float = 10.0) -> None:
        """Wait until this is true of what came."""
        async with asyncio.timeout(seconds):
            while not what(self):
                self._news.clear()
                await self._news.wait()

    async def speaking(self) -> None:
        """Wait for the agent's first sound."""
        await self.until(lambda self: bool(self.audio))

    async def heard(self) -> None:
        """Wait for the next mark: the end of a sentence."""
        marks = self.marks
        await self.until(lambda self: self.marks > marks)

    async def closed(self, seconds: float = 15.0) -> int | None:
        """Wait until the socket is closed and return the code."""
        async with asyncio.timeout(seconds):
            await self.reading
        return self.code

    @property
    def audio(self) -> bytes:
        """All sound that came."""
        return b"".join(
            message.mulaw for message in self.received if isinstance(message, wire.OutboundMedia)
        )

    @property
    def marks(self) -> int:
        """How many marks came."""
        return sum(isinstance(message, wire.OutboundMark) for message in self.received)

    @property
    def clears(self) -> int:
        """How many clears came."""
        return sum(isinstance(message, wire.Clear) for message in self.received)

    async def _read(self) -> None:
        try:
            while True:
                text = await self.socket.recv()
                assert isinstance(text, str)
                message = wire.decode_outbound(text)
                assert message.stream_sid == self.stream_sid
                self.received.append(message)
                self._news.set()
                if self.returns_marks and isinstance(message, wire.OutboundMark):
                    await self.send(
                        wire.Mark(
                            stream_sid=self.stream_sid, sequence=self._next(), name=message.name
                        )
                    )
        except ConnectionClosed:
            self.code = self.socket.close_code
            self._news.set()


@asynccontextmanager
async def streaming(
    house: House, call_id: str, path: str = "/twilio/media"
) -> AsyncIterator[SocketClient]:
    """Open a signed websocket, ``connected`` not yet sent."""
    url = house.signatures.socket_url(path)
    headers = {"X-Twilio-Signature": house.signatures.sign_socket(path)}
    async with connect(
        url, additional_headers=headers, compression=None, max_size=None, close_timeout=2
    ) as socket:
        client = SocketClient(socket, call_id)
        try:
            yield client
        finally:
            await socket.close()
            await client.reading


async def obeyed(house: House, client: SocketClient, key: str) -> None:
    """Press a key and wait until the call has taken it, and so everything sent before it."""
    with house.hub.subscribe(client.call_id) as onlooker:
        await client.press(key)
        async with asyncio.timeout(10):
            while await anext(onlooker) != KeyPressedSeen(key):
                pass


async def reached(house: House, client: SocketClient, phase: Phase) -> None:
    """Wait until the call has entered a phase."""
    with house.hub.subscribe(client.call_id) as onlooker:
        async with asyncio.timeout(10):
            while await anext(onlooker) != PhaseChanged(phase):
                pass


@asynccontextmanager
async def conversing(house: House, **parameters: str) -> AsyncIterator[SocketClient]:
    """A call whose caller pressed 1, its stream started."""
    async with Carrier(house) as carrier:
        await carrier.ring()
        await carrier.press("1")
        given = carrier.parameters | parameters
        async with streaming(house, carrier.call_id) as client:
            await client.connected()
            await client.start(**given)
            yield client
