"""The websocket of an operator's voice."""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from voice_agent.console.ports import Guard, NotAllowed, NotSignedIn
from voice_agent.console.presence import Presence
from voice_agent.console.role import Right
from voice_agent.console.voice import Voice
from voice_agent.live.ports import LiveStore
from voice_agent.runtime.records import RecordsUnavailable

_CALL: Final = re.compile(r"[0-9a-f]{32}")

MOST_VOICES: Final = 256
"""Sockets of one process."""


def voice_router(live: LiveStore, guard: Guard, presence: Presence) -> APIRouter:
    """``WS /console/calls/{call}/voice``, see ``voice_agent.console.voice``.

    With ``?listen=1`` a call that another operator holds is listened to.

    Args:
        live: what workers share.
        guard: lets in who may come in.
        presence: the voices there are; to be closed with the server.
    """
    router = APIRouter(prefix="/console")

    @router.websocket("/calls/{call}/voice")
    async def speak(socket: WebSocket, call: str, listen: Annotated[bool, Query()] = False) -> None:
        if not _CALL.fullmatch(call) or len(presence) >= MOST_VOICES:
            await socket.close()
            return
        try:
            operator = await guard.operator(socket, Right.TAKE_OVER, by_itself=True)
            await guard.note(operator, "call.listen" if listen else "call.voice", call)
        except (NotSignedIn, NotAllowed, RecordsUnavailable):
            await socket.close()  # before the upgrade this refuses it
            return
        try:
            await socket.accept()
        except (RuntimeError, WebSocketDisconnect, OSError):
            return  # gone already
        voice = Voice(socket, live, guard, operator, call)
        presence.arrive(voice)
        try:
            await voice.run(listen=listen)
        finally:
            presence.leave(voice)

    return router
