"""Runs one call: one inbox, one writer to its state, and its deadline on the event loop's clock.

Everything that happens to a call is posted here, always on the event loop's thread. While one
event is being worked off, further ones wait in the inbox: the state has one writer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

import structlog

from voice_agent.call.actions import Action
from voice_agent.call.events import Event, TimePassed
from voice_agent.call.phase import Phase
from voice_agent.call.session import CallSession
from voice_agent.errors import IllegalEvent

log = structlog.get_logger(__name__)


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
        clock: monotonic seconds; the event loop's by default.
    """

    def __init__(
        self,
        session: CallSession,
        performer: Performer,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._session = session
        self._performer = performer
        self._clock = clock or self._loop.time
        self._inbox: deque[Event] = deque()
        self._working = False
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at: float | None = None
        self._broken = False

    @property
    def is_over(self) -> bool:
        """True when the call has ended."""
        return self._broken or self._session.phase is Phase.ENDED

    def post(self, event: Event) -> None:
        """Put an event into the inbox and, unless that is being done already, work it off."""
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
            actions = self._session.receive(event, self._clock())
        except IllegalEvent as illegal:
            log.warning("illegal_event", code=illegal.code, kind=type(event).__name__)
            return
        except Exception as fault:  # noqa: BLE001 (a fault of ours must not leave a caller in silence)
            log.error("call_fault", kind=type(event).__name__, fault=type(fault).__name__)
            self._broken = True
            self._performer.abandon()
            return
        for action in actions:
            self._performer.perform(action)

    def _set_alarm(self) -> None:
        at = None if self.is_over else self._session.deadline()
        if at == self._alarm_at and self._alarm is not None:
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._alarm_at = at
        if at is not None:
            delay = max(0.0, at - self._clock())
            self._alarm = self._loop.call_later(delay, self._time_passed)

    def _time_passed(self) -> None:
        self._alarm = None
        self._alarm_at = None
        self.post(TimePassed())
