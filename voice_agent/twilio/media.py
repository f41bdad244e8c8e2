"""One media stream: from the websocket's upgrade to its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from fastapi import WebSocket

from consent.receipt import Receipt
from voice_agent.call.events import CallerGone, CallStarted, Event
from voice_agent.call.session import CallSession
from voice_agent.errors import ProtocolError
from voice_agent.outbound.errand import Errand
from voice_agent.runtime.effects import Desk, Effects
from voice_agent.runtime.runner import CallRunner
from voice_agent.twilio import wire
from voice_agent.twilio.messages import Start
from voice_agent.twilio.stream_socket import (
    CLOSE_LIMIT,
    POLICY_VIOLATION,
    PROTOCOL_ERROR,
    TRY_AGAIN_LATER,
    StreamClosed,
    StreamSocket,
)

log = structlog.get_logger(__name__)

MOST_FAULTS: Final = 100
"""So many unreadable messages in one stream, and it is no carrier's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A stream that may begin.

    Attributes:
        call_id: the call it carries.
        language: language the call begins in.
        receipt: the consent given before the stream, or ``None`` if it is asked for inside.
        number: the number of the person at the other end where it is known; for the privacy link,
            never stored.
        errand: what the call is about where we rang up; ``None``: somebody rang us up.
    """

    call_id: str
    language: str
    receipt: Receipt | None
    number: str | None = field(default=None, repr=False)
    errand: Errand | None = None


Admit = Callable[[Start], Awaitable[Admission | None]]
"""Whether a stream may begin: its token is redeemed here, once."""


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
        self._runners: set[CallRunner] = set()
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def serve(self, websocket: WebSocket, admit: Admit) -> None:
        """Take a socket whose signature is right; returns when the stream is over."""
        socket = StreamSocket(websocket)
        if self._refuses(self._waiting, self._most_waiting):
            self._desk.metrics.count("stream_refused_waiting")
            await socket.close(TRY_AGAIN_LATER)
            return
        self._waiting += 1
        try:
            admission = await self._await_start(socket, admit)
        finally:
            self._waiting -= 1
        if admission is None:
            return
        if self._refuses(len(self._runners), self._most_calls):
            # The carrier's callback then finds a call without an end, and a human (C4).
            self._desk.metrics.count("stream_refused_full")
            await socket.close(TRY_AGAIN_LATER)
            return
        self._desk.metrics.call_began()
        try:
            await self._hold(socket, admission)
        finally:
            self._desk.metrics.call_ended()

    def _refuses(self, held: int, most: int) -> bool:
        stuck = self._desk.engines.is_stuck(asyncio.get_running_loop().time())
        return self._draining or stuck or held >= most

    @property
    def is_draining(self) -> bool:
        """True once no stream is taken any more."""
        return self._draining

    async def drain(self, seconds: float) -> int:
        """Take no more streams, and let go of the calls there are, before the server stops.

        A caller hears the agent break off; then the carrier asks ``/twilio/after``, here or at
        another worker, and is told to dial a human. Last words that are being said are said to
        their end. Answer webhooks until this returns.

        Args:
            seconds: longest wait for the calls to be gone.

        Returns:
            How many calls there were, those included whose stream was about to start: it is
            refused now, and the carrier asks what to do with them as well.
        """
        self._draining = True
        calls = len(self._runners) + self._waiting
        for runner in tuple(self._runners):
            if not runner.is_leaving:
                runner.post(CallerGone())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        return calls

    # -- before the call -----------------------------------------------------------------------

    async def _await_start(self, socket: StreamSocket, admit: Admit) -> Admission | None:
        try:
            await socket.accept()
            self._desk.metrics.count("streams_accepted")
            async with asyncio.timeout(self._start_s):
                start = await socket.start()
                admission = await admit(start)
        except TimeoutError:
            log.warning("stream_did_not_start")
            await socket.close(POLICY_VIOLATION)
            return None
        except ProtocolError as fault:
            log.warning("stream_refused", code=fault.code)
            await socket.close(PROTOCOL_ERROR)
            return None
        except StreamClosed:
            return None
        if admission is None:
            log.warning("stream_refused", call_id=start.call_sid, code="token")
            self._desk.metrics.count("stream_refused_token")
            await socket.close(POLICY_VIOLATION)
        return admission

    # -- the call ------------------------------------------------------------------------------

    async def _hold(self, socket: StreamSocket, admission: Admission) -> None:
        """Run the call. Whatever ends it, ``stop``, a closed socket or we, it is cleaned once."""
        session = self._open_call(admission)
        runner: CallRunner | None = None

        def post(event: Event) -> None:
            if runner is not None:
                runner.post(event)

        effects = Effects(
            self._desk,
            call_id=admission.call_id,
            number=admission.number,
            language=admission.language,
            media=socket,
            post=post,
            control=lambda: session.control,
            errand=admission.errand,
        )
        runner = CallRunner(session, effects)
        self._runners.add(runner)
        self._idle.clear()
        runner.post(CallStarted(admission.receipt))
        reader = asyncio.create_task(self._read(socket, runner))
        try:
            with self._desk.watch.over(admission.call_id, runner.post):
                await effects.finished()
            # Our close is out; let its answer come, so that the socket ends cleanly.
            await asyncio.wait({reader}, timeout=CLOSE_LIMIT)
        finally:
            reader.cancel()
            outcome, _ = await asyncio.gather(reader, effects.release(), return_exceptions=True)
            if isinstance(outcome, Exception):
                log.error("stream_fault", call_id=admission.call_id, fault=type(outcome).__name__)
            self._runners.discard(runner)
            if not self._runners:
                self._idle.set()

    async def _read(self, socket: StreamSocket, runner: CallRunner) -> None:
        faults = 0
        try:
            while faults < MOST_FAULTS:
                try:
                    event = await socket.event()
                except wire.UnknownEvent:
                    self._desk.metrics.count("unknown_events")  # the carrier may add some
                except ProtocolError as fault:
                    faults += 1
                    self._desk.metrics.count("unreadable_messages")
                    log.warning("unreadable_message", code=fault.code)
                else:
                    if event is not None:
                        runner.post(event)
        except StreamClosed:
            pass
        finally:
            runner.post(CallerGone())
