"""``voice-agent serve``: the server."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voice_agent import log
from voice_agent.agent import AgentConfig
from voice_agent.app import create_app
from voice_agent.commands.check import examine_parts
from voice_agent.commands.output import Output
from voice_agent.errors import ConfigurationError, VoiceAgentError
from voice_agent.settings import Settings, load_settings
from voice_agent.storage.database import Database

LARGEST_MESSAGE: Final = 64 * 1024
"""Bytes of a websocket message; the carrier's have about 300."""

SHUTDOWN_S: Final = 10
"""Seconds running calls have to say goodbye when the server stops."""


def serve() -> None:
    """Answer calls until Ctrl-C. Settings come from the environment; see ``voice-agent check``."""
    settings = load_settings()
    agent = AgentConfig.for_settings(settings)
    log.configure(production=settings.is_production)
    faults = [found.fault for found in examine_parts(settings, agent) if found.fault]
    if faults:
        raise ConfigurationError("\n".join(faults))
    asyncio.run(_prepare_database(settings))
    listener = listen(settings)
    app = Announced(create_app(settings, agent), settings)
    server = uvicorn.Server(uvicorn.Config(app, **server_options(settings)))
    server.run(sockets=[listener])
    if app.failure is not None:
        raise app.failure
    if not server.started:
        raise VoiceAgentError("The server did not start; the log says where it failed")


def server_options(settings: Settings) -> dict[str, Any]:
    """What uvicorn is told.

    No access log and no logging set-up: both print addresses with tokens in them. No forwarded
    headers: addresses come from ``PUBLIC_URL`` alone. No compression: it only delays audio.
    """
    return {
        "host": settings.host,
        "port": settings.port,
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "ws_max_size": LARGEST_MESSAGE,
        "ws_per_message_deflate": False,
        "timeout_graceful_shutdown": SHUTDOWN_S,
    }


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


class Announced:
    """An application that says when it is ready, and keeps the error that stopped its start.

    Attributes:
        failure: the coded error raised while starting, which uvicorn would only log.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self.failure: VoiceAgentError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything, listening in on the start."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def listening(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                Output().note(announcement(self._settings))

        try:
            await self._app(scope, receive, listening)
        except VoiceAgentError as error:
            self.failure = error
            raise


def announcement(settings: Settings) -> str:
    """What the terminal says once calls are answered."""
    lines = []
    if settings.browser_telephone:
        lines.append(f"Ready. Talk to the agent: {settings.local_url}/phone")
    else:
        lines.append("Ready.")
    lines.append(f"Voice webhook for the carrier: {settings.public_url}/twilio/voice")
    lines.append("Ctrl-C stops the server.")
    return "\n".join(lines)


async def _prepare_database(settings: Settings) -> None:
    database = Database.open(settings.database_url.get_secret_value())
    try:
        await database.prepare(upgrade=not settings.is_production)
    finally:
        await database.close()
