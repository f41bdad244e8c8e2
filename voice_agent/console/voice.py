"""One operator's voice in one call: a browser's websocket, joined to the live store.

From the page come binary frames of mu-law, 8 kHz, and they come all the time, silence included, so
that a page that is gone is noticed. To the page go binary frames, one byte that says whose voice it
is and then mu-law, and JSON texts that say how the call stands.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from voice_agent.audio.frame import FRAME_BYTES
from voice_agent.audio.mulaw import SILENCE
from voice_agent.console.inflow import Inflow
from voice_agent.console.order import order
from voice_agent.console.ports import Guard, NotAllowed, NotSignedIn
from voice_agent.console.role import Operator, Right
from voice_agent.console.stand import Stand
from voice_agent.live.command import Outcome, Verb
from voice_agent.live.ports import LiveStore, LiveUnavailable, Side
from voice_agent.runtime.records import RecordsUnavailable

log = structlog.get_logger(__name__)

LARGEST_FRAME: Final = 1600
"""Bytes of a frame from the page, 200 ms; usual are 160."""

SILENT_S: Final = 3.0
"""Seconds without a frame after which a page counts as gone."""

SESSION_S: Final = 5.0
"""Seconds between two looks whether the operator is still signed in."""

UNKNOWN_S: Final = 30.0
"""Seconds a voice goes on while it is not known whether the operator is still signed in."""

SIGN_S: Final = 1.0
"""Seconds between two frames of silence that say, while the operator may not speak, that their
page is there."""

ASK_S: Final = 2.0
"""Seconds between two times it is asked whether one may listen."""

SEND_S: Final = 3.0
"""Seconds a page may take to take what is sent to it."""

NORMAL: Final = 1000
NOT_BINARY: Final = 1003
POLICY: Final = 1008
TOO_BIG: Final = 1009
TRY_AGAIN: Final = 1013
REPLACED: Final = 4001
"""Another page of the same operator has the call."""

_TAGS: Final = {Side.CALLER: b"\x00", Side.OPERATOR: b"\x01"}


class Voice:
    """A socket from its upgrade to its end.

    Attributes:
        operator: who.
        call: stands for the call, see ``voice_agent.live.snapshot.call_key``.
        stand: who may hear and speak now.
        heard_at: when the last frame came, seconds of the event loop's clock.
    """

    def __init__(
        self, socket: WebSocket, live: LiveStore, guard: Guard, operator: Operator, call: str
    ) -> None:
        self.operator = operator
        self.call = call
        self.stand = Stand(live, call, operator.account)
        self.heard_at = _now()
        self._socket = socket
        self._live = live
        self._guard = guard
        self._inflow = Inflow()
        self._came = asyncio.Event()
        self._replaced = asyncio.Event()
        self._sign_at = float("-inf")

    def replace(self) -> None:
        """Make room for a newer page of the same operator."""
        self._replaced.set()

    async def run(self, *, listen: bool) -> None:
        """Pass voices on until one side ends it, then close the socket.

        Args:
            listen: ask to listen if another operator holds the call.
        """
        await self.stand.look()
        self.heard_at = _now()
        works: list[Callable[[], Coroutine[Any, Any, int]]] = [
            self._receive,
            self._speak,
            self._tell,
            self._watch_session,
            self._give_way,
            lambda: self._hear(Side.CALLER),
            lambda: self._hear(Side.OPERATOR),
        ]
        tasks = [asyncio.create_task(work()) for work in works]
        following = asyncio.create_task(self.stand.follow())
        asking = asyncio.create_task(self._ask(listen=listen))
        code = NORMAL
        try:
            awaited = [*tasks, following]
            done, _ = await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                code = each.result() or code
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass  # the page is gone: what was sent to it went nowhere
        finally:
            for task in (*tasks, following, asking):
                task.cancel()
            await asyncio.gather(*tasks, following, asking, return_exceptions=True)
        await self._close(code)

    # -- in ------------------------------------------------------------------------------------

    async def _receive(self) -> int:
        while True:
            try:
                async with asyncio.timeout(SILENT_S):
                    message = await self._socket.receive()
            except TimeoutError:
                return TRY_AGAIN
            if message["type"] == "websocket.disconnect":
                return NORMAL
            frame = message.get("bytes")
            if frame is None:
                return NOT_BINARY
            if not frame:
                return POLICY
            if len(frame) > LARGEST_FRAME:
                return TOO_BIG
            self.heard_at = _now()
            self._inflow.put(frame)
            self._came.set()

    async def _speak(self) -> int:
        while True:
            due = self._inflow.due()
            if due is None:
                self._came.clear()
                await self._came.wait()
            elif not self.stand.speaks:
                self._inflow.clear()
                await self._sign()
            elif (frame := self._inflow.take(_now())) is None:
                await asyncio.sleep(due - _now())
            else:
                await self._pass_on(frame)

    async def _sign(self) -> None:
        """Whoever holds the call, on whichever worker, learns that the page is there."""
        if self.stand.holds and _now() - self._sign_at >= SIGN_S:
            self._sign_at = _now()
            await self._pass_on(SILENCE * FRAME_BYTES)

    async def _pass_on(self, mulaw: bytes) -> None:
        try:
            await self._live.speak(self.call, Side.OPERATOR, mulaw)
        except LiveUnavailable:
            return  # the console says so; a voice that comes later is of no use

    # -- out -----------------------------------------------------------------------------------

    async def _hear(self, side: Side) -> int:
        while True:
            await self.stand.until(side)
            try:
                async with self._live.voice(self.call, side) as frames:
                    async for mulaw in frames:
                        if not self.stand.hears(side):
                            break
                        async with asyncio.timeout(SEND_S):
                            await self._socket.send_bytes(_TAGS[side] + mulaw)
            except TimeoutError:
                return TRY_AGAIN
            except LiveUnavailable:
                await self.stand.change()

    async def _tell(self) -> int:
        told = None
        while not self.stand.is_over:
            seen = self.stand.snapshot
            state = ("unknown", "") if seen is None else (seen.control, seen.holder)
            if state != told:
                await self._send({"type": "state", "control": state[0], "holder": state[1]})
                told = state
            else:
                await self.stand.change()
        await self._send({"type": "over"})
        return NORMAL

    async def _ask(self, *, listen: bool) -> None:
        """Ask to listen while another operator holds the call and this one does not listen.

        Once is not always enough: a page that was loaded anew at this worker is said to have left
        by the one it was at before.
        """
        told = None
        while listen:
            seen = self.stand.snapshot
            if seen is None or seen.holder in {"", self.operator.account} or self.stand.listens:
                await self.stand.change()
                continue
            try:
                answer = await self._live.send(order(Verb.LISTEN, self.operator, self.call))
                outcome = answer.outcome
            except LiveUnavailable:
                outcome = Outcome.UNANSWERED
            if outcome is not told:
                await self._send({"type": "listen", "outcome": outcome})
                told = outcome
            await asyncio.sleep(ASK_S)

    async def _send(self, message: dict[str, str]) -> None:
        async with asyncio.timeout(SEND_S):
            await self._socket.send_text(json.dumps(message))

    # -- the end -------------------------------------------------------------------------------

    async def _watch_session(self) -> int:
        known_at = _now()
        while True:
            try:
                if self.stand.holds:
                    # Whoever talks with a caller is at work, without a key pressed for an hour.
                    await self._guard.operator(self._socket, Right.TAKE_OVER)
                elif not await self._guard.still(self.operator):
                    return POLICY
                known_at = _now()
            except (NotSignedIn, NotAllowed):
                return POLICY
            except RecordsUnavailable:
                # A database that hiccups must not cut a caller off; one that is away will.
                if _now() - known_at >= UNKNOWN_S:
                    return TRY_AGAIN
            await asyncio.sleep(SESSION_S)

    async def _give_way(self) -> int:
        await self._replaced.wait()
        return REPLACED

    async def _close(self, code: int) -> None:
        if WebSocketState.DISCONNECTED in {
            self._socket.application_state,
            self._socket.client_state,
        }:
            return
        try:
            async with asyncio.timeout(SEND_S):
                await self._socket.close(code)
        except (TimeoutError, RuntimeError, WebSocketDisconnect, OSError):
            log.info("socket_was_closed")


def _now() -> float:
    return asyncio.get_running_loop().time()
