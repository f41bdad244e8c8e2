"""The person at the telephone: follows a script by what they hear, one tick at a time.

Pure: time and the ear are arguments, so the same person acts in real time on a stream and in
simulated time during a notice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS
from voice_agent.audio.mulaw import SILENCE
from voice_agent.phone.playout import Playout
from voice_agent.phone.script import HangUp, Listen, PressKey, Say, Stay, Step, Wait

TICK: Final = FRAME_MS / 1000
"""Seconds from one act to the next: one frame."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance, finished.

    Attributes:
        step: what was said.
        start: when it began, seconds since the call began.
        end: when it ended, seconds.
    """

    step: Say
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Deed:
    """What the person did in one tick.

    Attributes:
        frame: 20 ms of speech that ended just now; ``None``: they were silent.
        key: the key they pressed.
        spoken: the utterance this frame completed.
        listened: they have just heard the other side out.
        leaves: they hang up.
    """

    frame: bytes | None = None
    key: str | None = None
    spoken: Spoken | None = None
    listened: bool = False
    leaves: HangUp | None = None


@dataclass(slots=True)
class Person:
    """Follows a script.

    Attributes:
        script: the steps; may be a generator, the next step is taken when the last is done.
    """

    script: Iterable[Step]
    _step: Step | None = None
    _since: float = 0.0
    _acted: float = -1.0
    _said: int = 0
    _left: bool = False
    _steps: Iterable[Step] = field(init=False)

    def __post_init__(self) -> None:
        self._steps = iter(self.script)

    def act(self, now: float, ear: Playout) -> Deed:
        """Do what is due at ``now``. Call it once a tick of 20 ms while it speaks.

        Args:
            now: seconds since the call began; never goes back.
            ear: what the person hears.
        """
        listened = False
        while True:
            match self._current(now):
                case Say() as step:
                    return self._speak(step, now, listened=listened)
                case PressKey(key):
                    self._done(now)
                    self._acted = now
                    return Deed(key=key, listened=listened)
                case Wait(seconds) if now - self._since >= seconds:
                    self._done(now)
                case Listen() as step if now >= self._hears_out_at(step, ear):
                    listened = True
                    self._done(now)
                case HangUp() as leaves:
                    return Deed(leaves=leaves, listened=listened)
                case _:
                    return Deed(listened=listened)

    def wakes_at(self, now: float, ear: Playout) -> float:
        """When the next act is due, if nothing new is heard until then; seconds."""
        match self._current(now):
            case Wait(seconds):
                due = self._since + seconds
            case Listen() as step:
                due = self._hears_out_at(step, ear)
            case Stay():
                return math.inf
            case _:
                due = now
        return max(due, now + TICK)

    def _current(self, now: float) -> Step:
        if self._step is None:
            self._step = next(iter(self._steps), HangUp())
            self._since = now
        return self._step

    def _done(self, now: float) -> None:
        self._step = None
        self._since = now

    def _speak(self, step: Say, now: float, *, listened: bool) -> Deed:
        frame = step.mulaw[self._said : self._said + FRAME_BYTES]
        self._said += FRAME_BYTES
        spoken = None
        if self._said >= len(step.mulaw):
            spoken = Spoken(step, self._since - TICK, now)
            self._said = 0
            self._done(now)
            self._acted = now
        return Deed(frame.ljust(FRAME_BYTES, SILENCE), spoken=spoken, listened=listened)

    def _hears_out_at(self, step: Listen, ear: Playout) -> float:
        still_heard = ear.end > self._since
        if ear.queued_at is None or (ear.queued_at < self._acted and not still_heard):
            return self._since + step.begin_within
        if ear.pending:
            return math.inf
        return max(ear.end, self._since) + step.quiet
