"""One media stream: from the websocket's upgrade to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from consent.receipt import Receipt
from voice_agent.audio.frame import Frame
from voice_agent.call.events import (
    CallerGone,
    CallStarted,
    Event,
    KeyPressed,
    MarkReached,
    MediaReceived,
)
from voice_agent.call.session import CallSession
from voice_agent.errors import ProtocolError
from voice_agent.runtime.effects import Desk, Effects
from voice_agent.runtime.runner import CallRunner
from voice_agent.twilio import wire
from voice_agent.twilio.messages import (
    Clear,
    Connected,
    Digit,
    InboundMessage,
    Mark,
    Media,
    OutboundMark,
    OutboundMedia,
    OutboundMessage,
    Start,
    Stop,
)

log = structlog.get_logger(__name__)

POLICY_VIOLATION: Final = 1008
PROTOCOL_ERROR: Final = 1002
TRY_AGAIN_LATER: Final = 1013
NORMAL: Final = 1000

CLOSE_LIMIT: Final = 5.0
"""Seconds for the other side to answer our close."""

MOST_FAULTS: Final = 100
"""So many unreadable messages in one stream, and it is no carrier's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A stream that may begin.

    Attributes:
        call_id: the call it carries.
        language: language the call begins in.
        receipt: the consent given before the stream, or ``None`` if it is asked for inside.
        number: the caller's number where it is known; for the privacy link, never stored.
    """

    call_id: str
    language: str
    receipt: Receipt | None
    number: str | None = None


Admit = Callable[[Start], Awaitable[Admission | None]]
"""Whether a stream may begin: its token is redeemed here, once."""


class _SocketLink:
    """``MediaLink`` on a websocket."""

    def __init__(self, socket: WebSocket, stream_sid: str) -> None:
        self._socket = socket
        self._stream_sid = stream_sid

    async def send_audio(self, mulaw: bytes) -> None:
        await self._send(OutboundMedia(self._stream_sid, mulaw))

    async def send_mark(self, name: str) -> None:
        await self._send(OutboundMark(self._stream_sid, name))

    async def send_clear(self) -> None:
        await self._send(Clear(self._stream_sid))

    async def close(self) -> None:
        await _close(self._socket, NORMAL)

    async def _send(self, message: OutboundMessage) -> None:
        try:
            await self._socket.send_text(wire.encode(message))
        except (RuntimeError, WebSocketDisconnect, OSError) as gone:
            raise ConnectionError("the stream's socket is closed") from gone


class MediaStreams:
    """The websocket endpoint's work, shared by all streams of a process.

    Args:
        desk: what the effects share.
        open_call: makes the state of an admitted call.
        start_s: seconds until a stream must have started.
        most_waiting: streams that may wait for their start at once.
        most_calls: calls at once.
    """

    def __init__(
        self,
        desk: Desk,
        open_call: Callable[[Admission], CallSession],
        *,
        start_s: float,
        most_waiting: int,
        most_calls: int,
    ) -> None:
        self._desk = desk
        self._open_call = open_call
        self._start_s = start_s
        self._most_waiting = most_waiting
        self._most_calls = most_calls
        self._waiting = 0
        self._calls = 0

    async def serve(self, socket: WebSocket, admit: Admit) -> None:
        """Take a socket whose signature is right; returns when the stream is over."""
        if self._waiting >= self._most_waiting:
            self._desk.metrics.count("stream_refused_waiting")
            await _close(socket, TRY_AGAIN_LATER)
            return
        self._waiting += 1
        try:
            await socket.accept()
            self._desk.metrics.count("streams_accepted")
            started = await self._await_start(socket, admit)
        finally:
            self._waiting -= 1
        if started is None:
            return
        start, admission = started
        if self._calls >= self._most_calls:
            # The carrier's callback then finds a call without an end, and a human (C4).
            self._desk.metrics.count("stream_refused_full")
            await _close(socket, TRY_AGAIN_LATER)
            return
        self._calls += 1
        self._desk.metrics.call_began()
        try:
            await self._hold(socket, start, admission)
        finally:
            self._calls -= 1
            self._desk.metrics.call_ended()

    # -- before the call -----------------------------------------------------------------------

    async def _await_start(self, socket: WebSocket, admit: Admit) -> tuple[Start, Admission] | None:
        try:
            async with asyncio.timeout(self._start_s):
                start = await _first_start(socket)
                admission = None if start is None else await admit(start)
        except TimeoutError:
            log.warning("stream_did_not_start")
            await _close(socket, POLICY_VIOLATION)
            return None
        except ProtocolError as fault:
            log.warning("stream_refused", code=fault.code)
            await _close(socket, PROTOCOL_ERROR)
            return None
        if start is None:
            return None
        if admission is None:
            log.warning("stream_refused", code="token")
            self._desk.metrics.count("stream_refused_token")
            await _close(socket, POLICY_VIOLATION)
            return None
        return start, admission

    # -- the call ------------------------------------------------------------------------------

    async def _hold(self, socket: WebSocket, start: Start, admission: Admission) -> None:
        """Run the call. Whatever ends it, ``stop``, a closed socket or we, it is cleaned once."""
        session = self._open_call(admission)
        runner: CallRunner | None = None

        def post(event: Event) -> None:
            if runner is not None:
                runner.post(event)

        link = _SocketLink(socket, start.stream_sid)
        effects = Effects(self._desk, admission.call_id, admission.number, link, post)
        runner = CallRunner(session, effects)
        runner.post(CallStarted(admission.receipt))
        reader = asyncio.create_task(self._read(socket, start.stream_sid, runner))
        try:
            await effects.finished()
        finally:
            # Our close is out; let its answer come, so that the socket ends cleanly.
            _, unread = await asyncio.wait({reader}, timeout=CLOSE_LIMIT)
            for task in unread:
                task.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read(self, socket: WebSocket, stream_sid: str, runner: CallRunner) -> None:
        faults = 0
        try:
            while faults < MOST_FAULTS:
                try:
                    message = wire.decode(await _next_text(socket))
                    event = _event(message, stream_sid)
                except ProtocolError as fault:
                    faults += 1
                    self._desk.metrics.count("unreadable_messages")
                    log.warning("unreadable_message", code=fault.code)
                    continue
                if event is not None:
                    runner.post(event)
        except WebSocketDisconnect:
            pass
        finally:
            runner.post(CallerGone())


async def _first_start(socket: WebSocket) -> Start | None:
    """The ``start`` message; ``None`` if the socket closed first.

    Raises:
        ProtocolError: anything but ``connected`` came before it.
    """
    try:
        while True:
            match wire.decode(await _next_text(socket)):
                case Start() as start:
                    return start
                case Connected():
                    continue
                case _:
                    raise ProtocolError("a stream begins with start")
    except WebSocketDisconnect:
        return None


async def _next_text(socket: WebSocket) -> str:
    """The next text message.

    Raises:
        ProtocolError: a binary one came.
        WebSocketDisconnect: the socket is closed.
    """
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code") or NORMAL)
    text = message.get("text")
    if not isinstance(text, str):
        raise ProtocolError("a binary message on a stream of text")
    return text


def _event(message: InboundMessage, stream_sid: str) -> Event | None:
    """What a message means for the call.

    Raises:
        ProtocolError: it cannot come now, or is another stream's.
    """
    match message:
        case Connected() | Start():
            raise ProtocolError("a stream starts once")
        case _ if message.stream_sid != stream_sid:
            raise ProtocolError("a message of another stream")
        case Media(mulaw=mulaw, timestamp_ms=timestamp_ms):
            return MediaReceived(Frame(mulaw, timestamp_ms)) if mulaw else None
        case Digit(digit=digit):
            return KeyPressed(digit)
        case Mark(name=name):
            return MarkReached(name)
        case Stop():
            return CallerGone()


async def _close(socket: WebSocket, code: int) -> None:
    """Close in bounded time, once; before the upgrade this refuses it with 403."""
    if socket.application_state is WebSocketState.DISCONNECTED:
        return
    try:
        async with asyncio.timeout(CLOSE_LIMIT):
            await socket.close(code)
    except (TimeoutError, RuntimeError, WebSocketDisconnect, OSError):
        log.info("socket_was_closed")
