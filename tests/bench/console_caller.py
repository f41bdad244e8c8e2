"""The caller of a measured call: does what they are told to, and notes when they said and heard."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tests.console.latency import LOUD
from voice_agent.audio import mulaw as codec
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.phone.person import TICK
from voice_agent.phone.playout import Playout
from voice_agent.phone.report import KeyPressed, Report
from voice_agent.phone.script import HangUp, Listen, PressKey, Step, Wait

QUIET_S: Final = 0.3
"""Seconds of quiet before a sound that begins."""

PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Some sound of one side.

    Attributes:
        came_at: when it was received or sent, seconds since 1970.
        heard_at: when its first sample is heard.
        mulaw: it.
    """

    came_at: float
    heard_at: float
    mulaw: bytes


class Side(Playout):
    """One side of a call, with the times of the machine's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[Piece] = []

    def queue(self, mulaw: bytes, now: float) -> None:
        """As in a call without it."""
        came = time.time()
        self.pieces.append(Piece(came, came + max(0.0, self.end - now), mulaw))
        super().queue(mulaw, now)

    def quiet_for(self) -> float:
        """Seconds since the last of it was heard."""
        if not self.pieces:
            return 0.0
        last = self.pieces[-1]
        return time.time() - last.heard_at - len(last.mulaw) / TELEPHONE_RATE

    def received(self, since: float) -> Piece | None:
        """The first piece with sound that came after a moment."""
        return next((p for p in self.pieces if p.came_at > since and _loud(p).size), None)

    def onsets(self, since: float) -> list[float]:
        """When sounds began to be heard after a moment, each after some quiet."""
        begun, last = list[float](), since - QUIET_S
        for piece in self.pieces:
            for at in piece.heard_at + _loud(piece) / TELEPHONE_RATE:
                if at >= since:
                    if at - last > QUIET_S:
                        begun.append(float(at))
                    last = float(at)
        return begun


@dataclass
class Caller:
    """English, consents, then does what is put into ``deeds``, and hangs up once it is over.

    Attributes:
        deeds: what to do next.
        pressed: when keys were pressed, seconds since 1970.
        heard: what the caller hears.
        said: what they say.
    """

    deeds: deque[Step] = field(default_factory=deque)
    pressed: list[float] = field(default_factory=list)
    heard: Side = field(default_factory=Side)
    said: Side = field(default_factory=Side)
    is_over: bool = False

    def script(self) -> Iterator[Step]:
        """What a simulated call follows."""
        for key in "51":
            yield Listen()
            yield PressKey(key)
        yield Listen()
        while not self.is_over:
            yield self.deeds.popleft() if self.deeds else Wait(TICK)
        yield HangUp()

    def tell(self, report: Report) -> None:
        """Takes a call's reports."""
        if isinstance(report, KeyPressed):
            self.pressed.append(time.time())

    def mouth(self, since: float) -> list[float]:
        """When sounds left the caller's mouth: a frame is sent when it is over."""
        return [at - TICK for at in self.said.onsets(since + TICK)]

    async def until_quiet(self, seconds: float) -> None:
        """Wait until nothing has been heard for so long."""
        async with asyncio.timeout(PATIENCE_S):
            while self.heard.quiet_for() < seconds:  # noqa: ASYNC110 (quiet is no event)
                await asyncio.sleep(0.05)

    async def first_sound(self, since: float) -> Piece:
        """Wait for the first sound that comes after a moment."""
        async with asyncio.timeout(PATIENCE_S):
            while (found := self.heard.received(since)) is None:  # noqa: ASYNC110 (as above)
                await asyncio.sleep(0.05)
        return found


def _loud(piece: Piece) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    samples = np.abs(codec.decode(piece.mulaw).astype(np.int32))
    return np.flatnonzero(samples > LOUD * 32768)
