"""One media stream from the carrier's end: frames in real time, keys, marks, clear."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from voice_agent.audio.frame import FRAME_BYTES
from voice_agent.audio.mulaw import SILENCE
from voice_agent.errors import CarrierError, ProtocolError
from voice_agent.phone.carrier import SEND_LIMIT
from voice_agent.phone.clock import CallClock
from voice_agent.phone.meter import Meter
from voice_agent.phone.person import TICK, Deed, Person
from voice_agent.phone.recording import Recording
from voice_agent.phone.report import KeyPressed, Report
from voice_agent.phone.script import HangUp
from voice_agent.twilio import wire

_SILENT_FRAME: Final = SILENCE * FRAME_BYTES


@dataclass(slots=True)
class MediaStream:
    """Speaks the carrier's protocol over an open websocket until one side ends it.

    Attributes:
        call_id: the carrier's identifier of the call.
        account_sid: the account.
        parameters: the custom parameters of the TwiML.
        person: who is at the telephone.
        clock: the call's.
        recording: takes both sides.
        meter: measures the turns.
        tell: takes the reports.
        lag: by how much the worst frame was late, seconds.
        limit: when the carrier ends the call, seconds since it began.
        close_code: the server's close code, once it has closed.
    """

    call_id: str
    account_sid: str
    parameters: dict[str, str]
    person: Person
    clock: CallClock
    recording: Recording
    meter: Meter
    tell: Callable[[Report], None]
    limit: float
    lag: float = 0.0
    close_code: int | None = None
    _stream_id: str = field(default_factory=lambda: "MZ" + secrets.token_hex(16))
    _sequence: int = 0

    async def run(self, socket: ClientConnection) -> HangUp | None:
        """Run the stream to its end and close the socket.

        Returns:
            How the caller hung up, or ``None`` when the server ended the stream.

        Raises:
            CarrierError: the server sent what the carrier would not take, or did not take what
                was sent within 5 s.
        """
        hearing = asyncio.create_task(self._hear(socket))
        speaking = asyncio.create_task(self._speak(socket))
        try:
            await asyncio.wait({hearing, speaking}, return_when=asyncio.FIRST_COMPLETED)
            if speaking.done() and speaking.exception() is None:
                return speaking.result()
            if hearing.done():
                hearing.result()
                return None
            return speaking.result()
        finally:
            for task in (hearing, speaking):
                task.cancel()
            await asyncio.gather(hearing, speaking, return_exceptions=True)
            await _close(socket)
            self.close_code = socket.close_code
            self.recording.agent.clear(self.clock.now())

    async def _speak(self, socket: ClientConnection) -> HangUp | None:
        try:
            async with asyncio.timeout(SEND_LIMIT):
                await socket.send(wire.encode_inbound(wire.Connected()))
                await socket.send(self._start())
            began = moment = self.clock.now()
            chunk = 0
            while True:
                moment += TICK
                await self.clock.wait_until(moment)
                self.lag = max(self.lag, self.clock.now() - moment)
                chunk += 1
                deed = self.person.act(moment, self.recording.agent)
                self._note(deed, moment)
                leaves = HangUp() if moment >= self.limit else deed.leaves
                if leaves is not None and leaves.abrupt:
                    socket.transport.abort()
                    return leaves
                timestamp = round((moment - TICK - began) * 1000)
                async with asyncio.timeout(SEND_LIMIT):
                    await self._send(socket, deed, chunk, timestamp)
                    if leaves is not None:
                        await socket.send(self._stop())
                        return leaves
        except ConnectionClosed:
            return None
        except TimeoutError as fault:
            raise CarrierError("the server did not take the caller's audio within 5 s") from fault

    def _note(self, deed: Deed, moment: float) -> None:
        if deed.frame is not None:
            self.recording.caller.queue(deed.frame, moment - TICK)
        if deed.key is not None:
            self.tell(KeyPressed(round(moment, 2), deed.key))
        self.meter.note(deed, moment)

    async def _send(
        self, socket: ClientConnection, deed: Deed, chunk: int, timestamp_ms: int
    ) -> None:
        await socket.send(
            wire.encode_inbound(
                wire.Media(
                    stream_sid=self._stream_id,
                    sequence=self._next(),
                    chunk=chunk,
                    timestamp_ms=timestamp_ms,
                    mulaw=deed.frame or _SILENT_FRAME,
                )
            )
        )
        if deed.key is not None:
            digit = wire.Digit(stream_sid=self._stream_id, sequence=self._next(), digit=deed.key)
            await socket.send(wire.encode_inbound(digit))
        await self._return(socket, self.recording.agent.due(self.clock.now()))

    async def _return(self, socket: ClientConnection, names: list[str]) -> None:
        for name in names:
            mark = wire.Mark(stream_sid=self._stream_id, sequence=self._next(), name=name)
            await socket.send(wire.encode_inbound(mark))

    async def _hear(self, socket: ClientConnection) -> None:
        try:
            await self._listen(socket)
        except ConnectionClosed:  # broken off: to the carrier it is an end like any other
            return

    async def _listen(self, socket: ClientConnection) -> None:
        agent = self.recording.agent
        async for text in socket:
            if not isinstance(text, str):
                raise ProtocolError("the server sent a binary frame (Twilio: 31950)")
            message = wire.decode_outbound(text)
            if message.stream_sid != self._stream_id:
                raise ProtocolError("the server named another stream (Twilio: 31951)")
            now = self.clock.now()
            match message:
                case wire.OutboundMedia():
                    agent.queue(message.mulaw, now)
                case wire.OutboundMark():
                    agent.mark(message.name, now)
                case wire.Clear():
                    await self._return(socket, agent.clear(now))

    def _start(self) -> str:
        return wire.encode_inbound(
            wire.Start(
                stream_sid=self._stream_id,
                sequence=self._next(),
                account_sid=self.account_sid,
                call_sid=self.call_id,
                custom_parameters=self.parameters,
            )
        )

    def _stop(self) -> str:
        return wire.encode_inbound(
            wire.Stop(
                stream_sid=self._stream_id,
                sequence=self._next(),
                account_sid=self.account_sid,
                call_sid=self.call_id,
            )
        )

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence


async def _close(socket: ClientConnection) -> None:
    try:
        async with asyncio.timeout(SEND_LIMIT):
            await socket.close()
    except TimeoutError:
        socket.transport.abort()
