"""A call that costs the caller's machine as little as possible: for many at once.

It does what the carrier does: signed webhooks, key 1 during the notice, a signed websocket with a
frame every 20 ms and marks sent back once what came before them has been heard. It records nothing.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS
from voice_agent.audio.mulaw import SILENCE
from voice_agent.errors import CarrierError
from voice_agent.phone import verbs
from voice_agent.phone.caller import STATUS_PATH, VOICE_PATH
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.playout import Playout
from voice_agent.phone.sound import span
from voice_agent.twilio import wire

_TICK: Final = FRAME_MS / 1000
_SILENT: Final = base64.b64encode(SILENCE * FRAME_BYTES).decode()
_MOST_DOCUMENTS: Final = 5


@dataclass(slots=True)
class ThinCall:
    """One call. Run it once.

    Attributes:
        carrier: shared by all calls.
        seconds: how long its stream lasts.
        frames: what the caller says, base64 of 20 ms each, over and over; silence by default.
        offset: the frame it begins with, so that calls do not speak in chorus.
        lag: by how much the worst frame was late, seconds.
    """

    carrier: Carrier
    seconds: float
    frames: list[str] = field(default_factory=lambda: [_SILENT], repr=False)
    offset: int = 0
    lag: float = 0.0
    call_id: str = field(default_factory=lambda: "CA" + secrets.token_hex(16))
    _stream_id: str = field(default_factory=lambda: "MZ" + secrets.token_hex(16))
    _ear: Playout = field(default_factory=Playout)
    _sequence: Iterator[int] = field(default_factory=lambda: iter(range(1, wire.MAX_COUNT)))
    _started: float = 0.0

    async def admit(self) -> verbs.Connect:
        """Ring, press key 1 during the notice, and come to the stream.

        Raises:
            CarrierError: the server refused or failed a webhook.
            RuntimeError: it led to no stream.
        """
        address, digits = self.carrier.absolute(VOICE_PATH), ""
        for _ in range(_MOST_DOCUMENTS):
            form = self._form() | ({"Digits": digits} if digits else {})
            digits = ""
            for verb in verbs.parse(await self.carrier.post(address, form)):
                match verb:
                    case verbs.Connect():
                        return verb
                    case verbs.Gather(action=action):
                        address, digits = self.carrier.absolute(action, address), "1"
                        break
                    case verbs.Redirect(url):
                        address = self.carrier.absolute(url, address)
                        break
                    case _:
                        continue
        raise RuntimeError("the server led the call to no media stream")

    async def hold(self, connect: verbs.Connect) -> None:
        """Hold the stream for its time, then hang up.

        Raises:
            CarrierError: the stream was refused.
            ConnectionError: the server ended it before its time.
        """
        socket = await self.carrier.stream(connect.url)
        await socket.send(wire.encode_inbound(wire.Connected()))
        await socket.send(self._start(connect))
        self._started = time.monotonic()
        hearing = asyncio.create_task(self._hear(socket))
        try:
            await self._speak(socket)
            await socket.send(self._stop())
        except ConnectionClosed as closed:
            raise ConnectionError("the server ended the stream before its time") from closed
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
            await socket.close()
            with contextlib.suppress(CarrierError):  # what counts has been measured by then
                await self._leave()

    def first_sound(self) -> float | None:
        """Seconds from the stream's start message to the first sound the caller heard of it."""
        for played in self._ear.heard:
            if (found := span(bytes(played.mulaw))) is not None:
                return played.start + found[0]
        return None

    async def _leave(self) -> None:
        status = {"CallStatus": "completed", "CallDuration": str(round(self.seconds))}
        await self.carrier.post(self.carrier.absolute(STATUS_PATH), self._form() | status)

    def _now(self) -> float:
        return time.monotonic() - self._started

    async def _speak(self, socket: ClientConnection) -> None:
        # Put together by hand: the codec's checks cost more than the sending.
        before, between = '{"event":"media","sequenceNumber":"', '","media":{"track":"inbound",'
        behind = f'"}},"streamSid":"{self._stream_id}"}}'
        for number in range(round(self.seconds / _TICK)):
            due = (number + 1) * _TICK
            await asyncio.sleep(max(0.0, due - self._now()))
            self.lag = max(self.lag, self._now() - due)
            frame = self.frames[(self.offset + number) % len(self.frames)]
            place = f'"chunk":"{number + 1}","timestamp":"{number * FRAME_MS}","payload":"'
            text = f"{before}{next(self._sequence)}{between}{place}{frame}{behind}"
            await socket.send(text)
            await self._return(socket, self._ear.due(self._now()))

    async def _hear(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                message = json.loads(text)
                now = self._now()
                match message["event"]:
                    case "media":
                        self._ear.queue(base64.b64decode(message["media"]["payload"]), now)
                    case "mark":
                        self._ear.mark(message["mark"]["name"], now)
                    case "clear":
                        await self._return(socket, self._ear.clear(now))

    async def _return(self, socket: ClientConnection, names: list[str]) -> None:
        for name in names:
            sequence = next(self._sequence)
            mark = wire.Mark(stream_sid=self._stream_id, sequence=sequence, name=name)
            await socket.send(wire.encode_inbound(mark))

    def _start(self, connect: verbs.Connect) -> str:
        return wire.encode_inbound(
            wire.Start(
                stream_sid=self._stream_id,
                sequence=next(self._sequence),
                account_sid=self.carrier.account_sid,
                call_sid=self.call_id,
                custom_parameters=connect.parameters,
            )
        )

    def _stop(self) -> str:
        return wire.encode_inbound(
            wire.Stop(
                stream_sid=self._stream_id,
                sequence=next(self._sequence),
                account_sid=self.carrier.account_sid,
                call_sid=self.call_id,
            )
        )

    def _form(self) -> dict[str, str]:
        return {
            "CallSid": self.call_id,
            "AccountSid": self.carrier.account_sid,
            "From": "+4915112345678",
            "To": "+4930901820",
            "CallStatus": "in-progress",
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
        }


def frames(mulaw: bytes, silence_s: float) -> list[str]:
    """Speech and so many seconds of silence behind it as ``ThinCall`` takes them."""
    whole = mulaw + SILENCE * round(silence_s * 8000)
    whole = whole.ljust(-(-len(whole) // FRAME_BYTES) * FRAME_BYTES, SILENCE)
    cut = range(0, len(whole), FRAME_BYTES)
    return [base64.b64encode(whole[at : at + FRAME_BYTES]).decode() for at in cut]
