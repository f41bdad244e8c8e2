"""A websocket as one media stream: the carrier's messages in and out, closed in bounded time."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from voice_agent.audio.frame import Frame
from voice_agent.call.events import CallerGone, Event, KeyPressed, MarkReached, MediaReceived
from voice_agent.errors import ProtocolError
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


class StreamClosed(Exception):
    """The other side closed the socket, or it broke."""


class StreamSocket:
    """One stream's socket; once it has started it is the call's ``MediaLink``."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._stream_sid = ""

    # -- in ------------------------------------------------------------------------------------

    async def accept(self) -> None:
        """Upgrade.

        Raises:
            StreamClosed: the other side is gone already.
        """
        try:
            await self._socket.accept()
        except (RuntimeError, WebSocketDisconnect, OSError) as gone:
            raise StreamClosed from gone

    async def start(self) -> Start:
        """Wait for the ``start`` message; messages of this stream alone are read afterwards.

        Raises:
            ProtocolError: anything but ``connected`` came before it.
            StreamClosed: the other side closed first.
        """
        while True:
            match wire.decode(await self._text()):
                case Start() as start:
                    self._stream_sid = start.stream_sid
                    return start
                case Connected():
                    continue
                case _:
                    raise ProtocolError("a stream begins with start")

    async def event(self) -> Event | None:
        """What the next message means for the call; ``None``: nothing.

        Raises:
            UnknownEvent: a message we do not know.
            ProtocolError: a message that is none, cannot come now, or is another stream's.
            StreamClosed: the other side closed.
        """
        return _event(wire.decode(await self._text()), self._stream_sid)

    async def _text(self) -> str:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise StreamClosed
        text = message.get("text")
        if not isinstance(text, str):
            raise ProtocolError("a binary message on a stream of text")
        return text

    # -- out -----------------------------------------------------------------------------------

    async def send_audio(self, mulaw: bytes) -> None:
        """See ``MediaLink``."""
        await self._send(OutboundMedia(self._stream_sid, mulaw))

    async def send_mark(self, name: str) -> None:
        """See ``MediaLink``."""
        await self._send(OutboundMark(self._stream_sid, name))

    async def send_clear(self) -> None:
        """See ``MediaLink``."""
        await self._send(Clear(self._stream_sid))

    async def _send(self, message: OutboundMessage) -> None:
        try:
            await self._socket.send_text(wire.encode(message))
        except (RuntimeError, WebSocketDisconnect, OSError) as gone:
            raise ConnectionError("the stream's socket is closed") from gone

    async def close(self, code: int = NORMAL) -> None:
        """Close in bounded time, once; before the upgrade this refuses it with 403."""
        if self._socket.application_state is WebSocketState.DISCONNECTED:
            return
        try:
            async with asyncio.timeout(CLOSE_LIMIT):
                await self._socket.close(code)
        except (TimeoutError, RuntimeError, WebSocketDisconnect, OSError):
            log.info("socket_was_closed")


def _event(message: InboundMessage, stream_sid: str) -> Event | None:
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
