"""The server around the application: its listener, uvicorn's options, its start."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voice_agent.errors import ConfigurationError, VoiceAgentError
from voice_agent.settings import Settings

Drain = Callable[[float], Awaitable[int]]
"""Takes no more calls, lets go of those there are within so many seconds, says how many."""

LARGEST_MESSAGE: Final = 64 * 1024
"""Bytes of a websocket message; the carrier's have about 300."""

DRAIN_S: Final = 5.0
"""Seconds calls have to be handed on when the server stops, while webhooks are still answered."""

LINGER_S: Final = 2.0
"""Seconds webhooks are still answered then: the carrier asks what to do with those callers."""

SHUTDOWN_S: Final = 10
"""Seconds requests then have to be finished."""


def run(
    app: ASGIApp,
    settings: Settings,
    listener: socket.socket,
    tell: Callable[[str], None],
    drain: Drain,
) -> None:
    """Serve until a signal stops it.

    Args:
        app: the application.
        settings: for what is told, and whether strangers may be on the line.
        listener: where it listens, from ``listen``.
        tell: shows a person the lines of ``announcement`` once calls are answered.
        drain: hands on the calls there are, in so many seconds.

    Raises:
        VoiceAgentError: the application did not start; its own coded error where there is one.
    """
    start = Start(app, lambda: tell(announcement(settings)))
    server = Server(uvicorn.Config(start, **OPTIONS), drain, lingers=settings.is_production)
    try:
        server.run(sockets=[listener])
    except SystemExit:
        if server.started:
            raise
        # uvicorn's way to say that the start failed; below it is said in ours.
    if start.failure is not None:
        raise start.failure
    if not server.started:
        raise VoiceAgentError("The server did not start; the log says where it failed")


OPTIONS: Final[dict[str, Any]] = {
    "lifespan": "on",
    # Both would print addresses with tokens in them.
    "log_config": None,
    "access_log": False,
    # Addresses come from PUBLIC_URL alone.
    "proxy_headers": False,
    "server_header": False,
    "ws_max_size": LARGEST_MESSAGE,
    # Compression only delays audio, and the carrier does not offer it.
    "ws_per_message_deflate": False,
    "timeout_graceful_shutdown": SHUTDOWN_S,
}
"""What uvicorn is told."""


def listen(settings: Settings) -> socket.socket:
    """Take the port before the models are loaded, so that a taken one is known at once.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise ConfigurationError(
            f"PORT: cannot listen on {settings.host} port {settings.port} ({error.strerror}). "
            "Stop the other program, or set another HOST or PORT"
        ) from error


class Server(uvicorn.Server):
    """Hands on its calls before it closes their sockets.

    The carrier then asks the webhooks what to do with those callers, and is told to dial a human.
    """

    def __init__(self, config: uvicorn.Config, drain: Drain, *, lingers: bool) -> None:
        super().__init__(config)
        self._drain = drain
        self._lingers = lingers

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then stop as uvicorn does."""
        if self.started:
            handed_on = await self._drain(DRAIN_S)
            # Callers who hear the notice have no stream, but their key may come any moment.
            if handed_on or self._lingers:
                await asyncio.sleep(LINGER_S)
        await super().shutdown(sockets)


class Start:
    """An application whose start is watched.

    Attributes:
        failure: the coded error raised while starting, which uvicorn would only log.
    """

    def __init__(self, app: ASGIApp, ready: Callable[[], None]) -> None:
        self._app = app
        self._ready = ready
        self.failure: VoiceAgentError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, listening in on the start."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def listening(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._ready()

        try:
            await self._app(scope, receive, listening)
        except VoiceAgentError as error:
            self.failure = error
            raise


def announcement(settings: Settings) -> str:
    """What the terminal says once calls are answered."""
    ready = "Ready."
    if settings.browser_telephone:
        ready = f"Ready. Talk to the agent in a browser: {settings.local_url}/phone"
    webhook = f"The carrier's voice webhook is {settings.public_url}/twilio/voice (POST)."
    return "\n".join((ready, webhook, "Ctrl-C stops the server."))
