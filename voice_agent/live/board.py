"""What the workers of one process share about running calls, in memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from voice_agent.live.channel import Channel
from voice_agent.live.command import Answer, Command, Outcome
from voice_agent.live.duty import merged, renewed
from voice_agent.live.inbox import KeyInbox, VoiceInbox
from voice_agent.live.ports import HEARTBEAT_S, LOST_S, SILENT_S, OnDuty, Side
from voice_agent.live.snapshot import CallSnapshot

DUTY: Final = "duty"
"""Told to those who watch, in place of a call's key, when operators come, change or go."""

ENDED_S: Final = 2 * HEARTBEAT_S
"""Seconds in which a call that ended is not shown again: by a heartbeat that was on its way."""

ANSWERED_S: Final = 60.0
"""Seconds an answer is known for the same command sent again."""

MOST_ORDERS: Final = 256
"""Commands that wait for one worker; beyond them the oldest go."""


@dataclass(slots=True)
class Question:
    """A command that was sent, and the answer once there is one."""

    asked_at: float
    answer: Answer | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def settle(self, answer: Answer) -> None:
        """Take the answer; the first counts."""
        if self.answer is None:
            self.answer = answer
            self.answered.set()


@dataclass(slots=True)
class Orders:
    """The commands that wait for one worker."""

    waiting: deque[Command] = field(default_factory=lambda: deque(maxlen=MOST_ORDERS))
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, command: Command) -> None:
        """Add a command."""
        self.waiting.append(command)
        self.ready.set()


class MemoryBoard:
    """Calls, operators, observations, commands and voices; of one event loop.

    All times are seconds since 1970, and given by whoever asks.
    """

    def __init__(self) -> None:
        self._calls: dict[str, tuple[CallSnapshot, float]] = {}
        self._lost: dict[str, tuple[CallSnapshot, float]] = {}
        self._ended: dict[str, float] = {}
        self._duties: dict[tuple[str, str], tuple[OnDuty, float]] = {}
        self._channels: dict[str, Channel] = {}
        self._questions: dict[str, Question] = {}
        self._orders: dict[str, Orders] = {}
        self.watchers: list[KeyInbox] = []
        self.listeners: dict[tuple[str, Side], list[VoiceInbox]] = {}

    # -- calls and operators -------------------------------------------------------------------

    def show(self, snapshots: Iterable[CallSnapshot], now: float) -> None:
        """Show calls, or that they still live; one that was taken for lost is not any more."""
        self.sweep(now)
        for snapshot in snapshots:
            call = snapshot.call
            if call in self._ended:
                continue
            before = self._calls.get(call)
            self._calls[call] = (snapshot, now)
            self._lost.pop(call, None)
            if before is None or before[0] != snapshot:
                self._tell(call)

    def end(self, calls: Iterable[str], now: float) -> None:
        """Calls are over."""
        for call in calls:
            was_lost = self._lost.pop(call, None)
            if self._calls.pop(call, None) or was_lost:
                self._tell(call)
            self._ended[call] = now
            if call in self._channels:
                self._channels[call].end(now)
        self.sweep(now)

    def calls(self, now: float) -> tuple[CallSnapshot, ...]:
        """The calls there are, the oldest first."""
        self.sweep(now)
        shown = (snapshot for snapshot, _ in self._calls.values())
        return tuple(sorted(shown, key=lambda each: (each.began_at, each.call)))

    def lost(self, now: float) -> tuple[CallSnapshot, ...]:
        """The calls that vanished, in the order in which that was noticed."""
        self.sweep(now)
        return tuple(snapshot for snapshot, _ in self._lost.values())

    def attend(self, worker: str, duty: OnDuty, now: float) -> None:
        """An operator is there, at a worker."""
        self.sweep(now)
        key = (worker, duty.operator)
        before = self._duties[key][0] if key in self._duties else None
        after = renewed(before, duty)
        self._duties[key] = (after, now)
        if before != after:
            self._tell(DUTY)

    def leave(self, worker: str, operators: Iterable[str]) -> None:
        """Operators go from a worker."""
        for operator in operators:
            if self._duties.pop((worker, operator), None):
                self._tell(DUTY)

    def on_duty(self, now: float) -> tuple[OnDuty, ...]:
        """The operators who are there, by account."""
        self.sweep(now)
        return merged(duty for duty, _ in self._duties.values())

    def sweep(self, now: float) -> None:
        """Notice who has given no sign of life for too long, and forget what is old."""
        for call, (snapshot, at) in list(self._calls.items()):
            if now - at >= SILENT_S:
                del self._calls[call]
                self._lost[call] = (snapshot, now)
                if call in self._channels:
                    self._channels[call].forget_words()
                self._tell(call)
        for call, (_, at) in list(self._lost.items()):
            if now - at >= LOST_S:
                del self._lost[call]
                self._tell(call)
        for (worker, operator), (_, at) in list(self._duties.items()):
            if now - at >= SILENT_S:
                self.leave(worker, [operator])
        self._ended = {call: at for call, at in self._ended.items() if now - at < ENDED_S}

    def _tell(self, name: str) -> None:
        for watcher in self.watchers:
            watcher.put(name)

    # -- what happens in a call ----------------------------------------------------------------

    def channel(self, call: str, now: float) -> Channel:
        """What happened in a call; it may not have begun yet."""
        stale = [name for name, channel in self._channels.items() if channel.is_stale(now)]
        for name in stale:
            del self._channels[name]
        return self._channels.setdefault(call, Channel(touched=now))

    # -- commands ------------------------------------------------------------------------------

    def ask(self, command: Command, now: float) -> Question | None:
        """Pass a command to the worker that holds its call, unless it was passed before.

        Returns:
            What becomes of it; ``None`` if it is stale and was never passed.
        """
        self.sweep(now)
        old = [key for key, each in self._questions.items() if now - each.asked_at >= ANSWERED_S]
        for key in old:
            del self._questions[key]
        question = self._questions.get(command.id)
        if question is not None or command.is_stale(now):
            return question
        question = self._questions[command.id] = Question(now)
        if command.call in self._calls:
            self.orders(self._calls[command.call][0].worker).put(command)
        else:
            question.settle(Answer(Outcome.NO_CALL))
        return question

    def orders(self, worker: str) -> Orders:
        """The commands that wait for a worker."""
        return self._orders.setdefault(worker, Orders())

    def settle(self, command: Command, answer: Answer, now: float) -> None:
        """Take the answer to a command; the first counts."""
        self._questions.setdefault(command.id, Question(now)).settle(answer)

    def dismiss(self, worker: str) -> None:
        """Forget the commands that wait for a worker that is gone."""
        self._orders.pop(worker, None)

    # -- voices --------------------------------------------------------------------------------

    def speak(self, call: str, side: Side, mulaw: bytes) -> None:
        """Pass a voice on to those who listen now."""
        for listener in self.listeners.get((call, side), ()):
            listener.put(mulaw)
