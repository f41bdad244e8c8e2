"""Which operators' pages are there, and what is said to a call when one stays away.

A page that is loaded anew comes back within a second or two, perhaps at another worker. Only who
stays away longer is gone: the caller must not stand in silence.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from voice_agent.console.order import order
from voice_agent.console.voice import Voice
from voice_agent.live.command import Outcome, Verb
from voice_agent.live.ports import LiveStore, LiveUnavailable, Side

log = structlog.get_logger(__name__)

GONE_S: Final = 5.0
"""Seconds since the last frame of a page after which its operator is gone."""

TRIES: Final = 30
"""How often a call is told that its operator is gone, while nobody answers."""

BETWEEN_S: Final = 1.0
"""Seconds between two tries."""

_Place = tuple[str, str]


class Presence:
    """The voices of this process, one for an operator and a call."""

    def __init__(self, live: LiveStore) -> None:
        self._live = live
        self._there: dict[_Place, Voice] = {}
        self._missing: dict[_Place, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._there)

    def arrive(self, voice: Voice) -> None:
        """A page is there; an older one of the same operator gives way."""
        place = _place(voice)
        if (missing := self._missing.pop(place, None)) is not None:
            missing.cancel()
        if (older := self._there.get(place)) is not None:
            older.replace()
        self._there[place] = voice

    def leave(self, voice: Voice) -> None:
        """A page is gone; unless a newer one is there, or comes, its call is told."""
        place = _place(voice)
        if self._there.get(place) is voice:
            del self._there[place]
            if not voice.stand.is_over:
                self._missing[place] = asyncio.create_task(self._miss(voice))

    async def close(self) -> None:
        """Forget who is missing; their calls notice by themselves that nothing is heard of them."""
        missing = list(self._missing.values())
        for task in missing:
            task.cancel()
        await asyncio.gather(*missing, return_exceptions=True)

    async def _miss(self, voice: Voice) -> None:
        try:
            left = voice.heard_at + GONE_S - asyncio.get_running_loop().time()
            if voice.stand.listens and not voice.stand.holds:
                await asyncio.sleep(left)
                await self._tell(Verb.LEAVE, voice)
            elif not await self._is_elsewhere(voice.call, left):
                await self._tell_gone(voice)
        finally:
            if self._missing.get(_place(voice)) is asyncio.current_task():
                del self._missing[_place(voice)]

    async def _is_elsewhere(self, call: str, seconds: float) -> bool:
        """True if a voice comes, by way of another worker, within so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                try:
                    async with self._live.voice(call, Side.OPERATOR) as frames:
                        async for _ in frames:
                            return True
                except LiveUnavailable:
                    pass
                await asyncio.sleep(seconds)
        return False

    async def _tell_gone(self, voice: Voice) -> None:
        for _ in range(TRIES):
            await voice.stand.look()
            known = voice.stand.snapshot is not None
            if voice.stand.is_over or (known and not voice.stand.holds):
                return
            if known and await self._tell(Verb.GONE, voice):
                return
            await asyncio.sleep(BETWEEN_S)

    async def _tell(self, verb: Verb, voice: Voice) -> bool:
        """Give the command; true if it was answered."""
        try:
            answer = await self._live.send(order(verb, voice.operator, voice.call))
        except LiveUnavailable:
            return False
        log.info("operator_gone", outcome=answer.outcome)
        return answer.outcome is not Outcome.UNANSWERED


def _place(voice: Voice) -> _Place:
    return voice.operator.account, voice.call
