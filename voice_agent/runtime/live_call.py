"""One call of this process as consoles see it: a snapshot, what is still untold, its voices."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from consent.sealed import Consented, ConsentWithdrawn
from voice_agent.audio.frame import TELEPHONE_RATE, Frame
from voice_agent.call.control import ControlState, ControlView
from voice_agent.call.events import Event, OperatorSpoke
from voice_agent.live.observation import CallEnded, ControlChanged, Missed, Observation
from voice_agent.live.ports import LiveStore, LiveUnavailable, Side
from voice_agent.live.snapshot import CallSnapshot
from voice_agent.live.summary import Summary
from voice_agent.live.words import is_withdrawal, wordless

MOST_PENDING: Final = 512
"""Observations kept while the live store is away; then the oldest go, and that is told."""

MOST_UNSENT: Final = 15
"""Frames of the caller's voice, 20 ms each, kept while the live store is slow."""

AHEAD_S: Final = 0.18
"""Seconds an operator's voice may be ahead of what the caller hears; what is more is dropped.

What once waits never goes while the page sends without a pause: this much is the way's delay after
the first stall. With what else lies on the way, some 40 ms, it must stay below 250 ms.
"""

RETRY_S: Final = 0.5
"""Seconds between two tries to reach a live store that is away."""

NOBODY: Final = ControlView(ControlState.AGENT, "", can_take=False)
"""Who speaks before the call has begun."""


class LiveCall:
    """What is shown of one call. Made by ``LiveCalls.begin``.

    Args:
        snapshot: the call as it begins.
        call_id: the carrier's identifier.
        store: where voices go.
        clock: seconds since 1970.
        words: slots that hold a caller's own words, which nothing is left of (C18).
        dirty: told when there is something to show.
        over: told when the call has ended.
    """

    def __init__(
        self,
        snapshot: CallSnapshot,
        call_id: str,
        store: LiveStore,
        clock: Callable[[], float],
        *,
        words: frozenset[str],
        dirty: Callable[[], None],
        over: Callable[[LiveCall], None],
    ) -> None:
        self.snapshot = snapshot
        self.call_id = call_id
        self.summary = Summary(
            began_at=snapshot.began_at,
            direction=snapshot.direction,
            language=snapshot.language,
            words=words,
        )
        self._store = store
        self._clock = clock
        self._dirty = dirty
        self._over = over
        self._loop = asyncio.get_running_loop()
        self.changed = True
        self.forgets = False
        self.told_staff: tuple[int, int] | None = None
        self.told_place = 0
        self._ended = False
        self._pending: deque[Observation] = deque()
        self._missed = 0
        self._unsent: deque[bytes] = deque(maxlen=MOST_UNSENT)
        self._speaks = asyncio.Event()
        self._voices: list[asyncio.Task[None]] = []
        self._ending: set[asyncio.Task[None]] = set()
        self._heard_at = self._loop.time()
        self._post: Callable[[Event], None] = lambda _: None
        self._control: Callable[[], ControlView] = lambda: NOBODY

    # -- the call's side -------------------------------------------------------------------------

    def attach(self, post: Callable[[Event], None], control: Callable[[], ControlView]) -> None:
        """Name the call's inbox, and who says who speaks for us."""
        self._post, self._control = post, control

    def observe(self, observation: Observation) -> None:
        """Something happened in the call; never waits, never fails. Nothing follows its end."""
        if self._ended:
            return
        self._ended = isinstance(observation, CallEnded)
        if is_withdrawal(observation):
            self._drop_words()
        before, at = self.snapshot, self._clock()
        self.snapshot = before.follow(observation, at)
        self.summary = self.summary.follow(observation, at)
        self.changed = self.changed or self.snapshot != before
        if len(self._pending) >= MOST_PENDING:
            self._pending.popleft()
            self._missed += 1
        self._pending.append(observation)
        if isinstance(observation, ControlChanged):
            self._follow(observation)
        if self._ended:
            self._end_voices()
            self._over(self)
        self._dirty()

    def forget_words(self) -> None:
        """What was said is not told any more, and forgotten where it was."""
        self._drop_words()
        self.forgets = True
        self._dirty()

    def release(self) -> None:
        """The stream is gone; a call that did not say so is over."""
        self.observe(CallEnded("lost"))

    def pass_on(self, frame: Consented[Frame]) -> None:
        """The caller's voice, to the operators who listen; nobody keeps it."""
        with contextlib.suppress(ConsentWithdrawn):  # between the gate and here
            self._unsent.append(frame.reveal().mulaw)
            self._speaks.set()

    async def close(self) -> None:
        """No voice passes any more."""
        self._end_voices()
        ending, self._ending = self._ending, set()
        await asyncio.gather(*ending, return_exceptions=True)

    def keep_no_words(self) -> None:
        """The store is away: of a call that is over no words wait for it (C18)."""
        if self._ended:
            self._drop_words()

    # -- the console's side ----------------------------------------------------------------------

    @property
    def control(self) -> ControlView:
        """Who speaks for us."""
        return self._control()

    @property
    def has_ended(self) -> bool:
        """True once the call has ended."""
        return self._ended

    @property
    def is_over(self) -> bool:
        """True once nothing is left to tell of a call that ended."""
        return self._ended and not self._pending

    @property
    def unseen_s(self) -> float:
        """Seconds since the operator was heard, or seen on duty."""
        return self._loop.time() - self._heard_at

    def see(self) -> None:
        """The operator who holds the call is on duty."""
        self._heard_at = self._loop.time()

    def post(self, event: Event) -> None:
        """Put an event into the call's inbox."""
        self._post(event)

    def listens(self, operator: str, *, on: bool) -> None:
        """An operator listens to the one who speaks, or does not any more."""
        others = [each for each in self.snapshot.listeners if each != operator]
        listeners = [*others, operator] if on else others
        if listeners != self.snapshot.listeners:
            self.snapshot = replace(self.snapshot, listeners=listeners)
            self.changed = True
            self._dirty()

    def take_pending(self) -> list[Observation]:
        """What is to be told now, in order; ``give_back`` it if it could not be."""
        told: list[Observation] = [Missed(self._missed)] if self._missed else []
        told += self._pending
        self._pending.clear()
        self._missed = 0
        return told

    def give_back(self, untold: list[Observation]) -> None:
        """It could not be told: it is told the next time, unless it is forgotten meanwhile."""
        if self._ended or self.forgets or any(is_withdrawal(each) for each in self._pending):
            untold = wordless(untold)
        self._pending.extendleft(reversed(untold))
        while len(self._pending) > MOST_PENDING:
            self._pending.popleft()
            self._missed += 1

    def _drop_words(self) -> None:
        kept = wordless(self._pending)
        self._pending.clear()
        self._pending.extend(kept)
        self._unsent.clear()

    # -- voices ----------------------------------------------------------------------------------

    def _follow(self, changed: ControlChanged) -> None:
        """Voices pass while an operator talks, and at no other time."""
        self._end_voices()
        self._unsent.clear()
        if changed.control == "agent":
            self.snapshot = replace(self.snapshot, listeners=[])
        self._heard_at = self._loop.time()
        if changed.control != "agent":  # an operator who holds the line gives signs of life
            self._voices.append(self._loop.create_task(self._hear_operator()))
        if changed.control == "talking":
            self._voices.append(self._loop.create_task(self._send_caller()))

    def _end_voices(self) -> None:
        voices, self._voices = self._voices, []
        for task in voices:
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            task.cancel()

    async def _send_caller(self) -> None:
        while True:
            await self._speaks.wait()
            self._speaks.clear()
            while self._unsent:
                mulaw = b"".join(self._unsent)
                self._unsent.clear()
                with contextlib.suppress(LiveUnavailable):  # a voice that is late is no use
                    await self._store.speak(self.snapshot.call, Side.CALLER, mulaw)

    async def _hear_operator(self) -> None:
        lasts_until = 0.0
        while True:
            try:
                async with self._store.voice(self.snapshot.call, Side.OPERATOR) as voice:
                    async for mulaw in voice:
                        now = self._heard_at = self._loop.time()
                        lasts_until = max(lasts_until, now)
                        talks = self.control.state is ControlState.TALKING
                        if talks and lasts_until - now < AHEAD_S:
                            lasts_until += len(mulaw) / TELEPHONE_RATE
                            self._post(OperatorSpoke(mulaw))
            except LiveUnavailable:
                await asyncio.sleep(RETRY_S)
