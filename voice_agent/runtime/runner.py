"""Runs one call: one inbox, one writer to its state, and its deadline on the event loop's clock.

Everything that happens to a call is posted here, always on the event loop's thread. While one
event is being worked off, further ones wait in the inbox: the state has one writer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Final, Protocol

import structlog

from voice_agent.call.actions import Action
from voice_agent.call.events import CallerGone, Event, TimePassed
from voice_agent.call.phase import Phase
from voice_agent.call.session import CallSession
from voice_agent.errors import IllegalEvent

log = structlog.get_logger(__name__)

_LEAVING: Final = frozenset({Phase.HANDING_OVER, Phase.CLOSING, Phase.ENDED})


class Performer(Protocol):
    """Does what a call asks; never blocks and never raises."""

    def perform(self, action: Action) -> None:
        """Begin an action; its result comes back as an event."""
        ...

    def abandon(self) -> None:
        """The call's state is lost: close the stream so that the carrier hands it to a human."""
        ...


class CallRunner:
    """The inbox of one call.

    Args:
        session: the call.
        performer: does what it asks.
    """

    def __init__(self, session: CallSession, performer: Performer) -> None:
        self._loop = asyncio.get_running_loop()
        self._session = session
        self._performer = performer
        self._inbox: deque[Event] = deque()
        self._working = False
        self._alarm: asyncio.TimerHandle | None = None
        self._broken = False

    @property
    def is_over(self) -> bool:
        """True when the call has ended."""
        return self._broken or self._session.phase is Phase.ENDED

    @property
    def is_leaving(self) -> bool:
        """True when the call has ended or its last words are being said."""
        return self._broken or self._session.phase in _LEAVING

    def post(self, event: Event) -> None:
        """Put an event into the inbox and, unless that is being done already, work it off."""
        if self._broken:
            return
        self._inbox.append(event)
        if self._working:
            return
        self._working = True
        try:
            while self._inbox and not self._broken:
                self._work(self._inbox.popleft())
        finally:
            self._working = False
        self._set_alarm()

    def _work(self, event: Event) -> None:
        try:
            for action in self._session.receive(event, self._loop.time()):
                self._performer.perform(action)
        except IllegalEvent as illegal:
            log.warning("illegal_event", code=illegal.code, kind=type(event).__name__)
        except Exception as fault:  # noqa: BLE001 (a fault of ours must not leave a caller in silence)
            log.error("call_fault", kind=type(event).__name__, fault=type(fault).__name__)
            self._abandon()

    def _abandon(self) -> None:
        self._broken = True
        self._inbox.clear()
        with contextlib.suppress(Exception):  # a broken state may not even end; the stream does
            # Ends the consent with the call: what waits to be recognised becomes unreadable (C11).
            self._session.receive(CallerGone(), self._loop.time())
        self._performer.abandon()

    def _set_alarm(self) -> None:
        at = None if self.is_over else self._session.deadline()
        if self._alarm is not None:
            if at == self._alarm.when():
                return
            self._alarm.cancel()
        self._alarm = None if at is None else self._loop.call_at(at, self._time_passed)

    def _time_passed(self) -> None:
        self._alarm = None
        self.post(TimePassed())
