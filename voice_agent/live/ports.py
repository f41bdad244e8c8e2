"""The port of the live store: what the workers of one company share about running calls.

Nothing in it outlives the calls. A worker shows its calls, says what happens in them, takes the
commands for them and passes voices on; consoles on any worker read. Two adapters keep it: memory,
for one process, and Redis, for any number.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from voice_agent.errors import VoiceAgentError
from voice_agent.live.command import Answer, Command
from voice_agent.live.observation import Observation
from voice_agent.live.snapshot import CallSnapshot

HEARTBEAT_S: Final = 2.0
"""Seconds between two signs of life of a call or an operator."""

SILENT_S: Final = 8.0
"""Seconds without one after which they are gone; with the next look, within ten."""

LOST_S: Final = 600.0
"""Seconds a call that vanished with its worker is told of."""

PATIENCE_S: Final = 2.0
"""Seconds a command's sender waits for the answer."""


class LiveUnavailable(VoiceAgentError):
    """The live store is away. Calls go on; consoles say so."""

    code = "live"


class Side(StrEnum):
    """Whose voice."""

    CALLER = "caller"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class OnDuty:
    """An operator who is there.

    Attributes:
        operator: their account.
        name: what they are called.
        available: takes calls; false while they are in one, or away from their desk.
        call: the call they hold; empty if none.
        said_at: when they said last whether they take calls, seconds since 1970; 0 if never. It
            only decides which word is the newest: two that differ in nothing else are equal.
    """

    operator: str
    name: str
    available: bool
    call: str = ""
    said_at: float = field(default=0.0, compare=False)


class LiveStore(Protocol):
    """What is shared about running calls.

    Every coroutine ends in bounded time and raises ``LiveUnavailable`` when the store is away;
    a stream (``events``, ``changes``, ``orders``, ``voice``) raises it from its iterator, and can
    be opened anew when the store is back. What is shown is bounded: snapshots expire, streams of
    events keep the newest few hundred, voices are not kept at all.
    """

    # -- calls -------------------------------------------------------------------------------

    async def show(self, snapshots: Sequence[CallSnapshot]) -> None:
        """Show calls of this worker, or that they still live: each expires after ``SILENT_S``."""
        ...

    async def end(self, call: str) -> None:
        """A call of this worker is over: tile and words go. Its events go a minute later."""
        ...

    async def calls(self) -> tuple[CallSnapshot, ...]:
        """Every call there is, on any worker."""
        ...

    async def lost(self) -> tuple[CallSnapshot, ...]:
        """Calls that vanished without an end within ``LOST_S``: their worker died, words went."""
        ...

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Call keys as their snapshots change or go, and operators' as ``duty``; while open."""
        ...

    # -- what happens in a call ----------------------------------------------------------------

    async def publish(self, call: str, observations: Sequence[Observation]) -> None:
        """Say what happened, in order. A withdrawal and the end forget all words before them."""
        ...

    async def forget_words(self, call: str) -> None:
        """Forget what was said in a call."""
        ...

    def events(self, call: str) -> AbstractAsyncContextManager[AsyncIterator[Observation]]:
        """What happened so far, then what happens, to ``CallEnded``."""
        ...

    # -- commands ------------------------------------------------------------------------------

    async def send(self, command: Command) -> Answer:
        """Send a command to the worker that holds its call and wait for the answer.

        The same command sent again gets the first one's answer. ``NO_CALL`` if no worker holds the
        call, ``UNANSWERED`` if none answers within ``PATIENCE_S``.
        """
        ...

    def orders(self) -> AbstractAsyncContextManager[AsyncIterator[Command]]:
        """Commands for the calls of this worker, each once, none that is stale."""
        ...

    async def answer(self, command: Command, answer: Answer) -> None:
        """Say what became of a command that came through ``orders``."""
        ...

    # -- voices --------------------------------------------------------------------------------

    async def speak(self, call: str, side: Side, mulaw: bytes) -> None:
        """Pass a voice on to whoever listens now, mu-law 8 kHz; nobody keeps it."""
        ...

    def voice(self, call: str, side: Side) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """A voice as it comes, while open; a slow listener misses the oldest."""
        ...

    # -- operators -----------------------------------------------------------------------------

    async def attend(self, duty: OnDuty) -> None:
        """An operator is there at this worker, or still is: it expires after ``SILENT_S``.

        What they said last counts, see ``OnDuty.said_at``: repeating an older word changes nothing.
        """
        ...

    async def leave(self, operator: str) -> None:
        """An operator goes from this worker; they may still be there at another."""
        ...

    async def on_duty(self) -> tuple[OnDuty, ...]:
        """The operators who are there at any worker, each once, by account."""
        ...

    # -- the store itself ----------------------------------------------------------------------

    @property
    def worker(self) -> str:
        """This process's name, new with every start; stands in the snapshots of its calls."""
        ...

    @property
    def is_away(self) -> bool:
        """True while the store does not answer."""
        ...

    async def close(self) -> None:
        """Take this worker's calls and operators out, and let go of the connection."""
        ...
