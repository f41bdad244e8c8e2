"""The console's server-sent events: all calls for the overview, one call for its own page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import structlog

from voice_agent.console.attendance import Attendance
from voice_agent.console.board import Board, Difference, Sight, difference
from voice_agent.console.ports import Guard, NotSignedIn
from voice_agent.console.pulse import Pulse
from voice_agent.console.role import Operator
from voice_agent.console.texts import Words, spoken
from voice_agent.console.tile import in_order, tile
from voice_agent.console.veil import Veil, veiled
from voice_agent.console.view import as_event
from voice_agent.errors import VoiceAgentError
from voice_agent.live.observation import CallEnded, Observation
from voice_agent.live.ports import HEARTBEAT_S, LiveUnavailable, OnDuty
from voice_agent.live.snapshot import CallSnapshot, Standing

log = structlog.get_logger(__name__)

_OPENING = "retry: 1500\n\n"


@dataclass(frozen=True, slots=True)
class Streams:
    """Writes streams; each ends with its session.

    Attributes:
        board: what there is to see.
        attendance: who looks at it.
        guard: knows the sessions.
    """

    board: Board
    attendance: Attendance
    guard: Guard

    async def overview(self, operator: Operator) -> AsyncGenerator[str, None]:
        """All calls at first (``all``), then what changes (``some``), and ``over`` at the end."""
        words = Words(spoken(operator.language))
        pulse = Pulse(operator, self.guard, self.attendance)
        async with self.board.watched() as begins, self.attendance.present(operator):
            yield _OPENING + as_event("all", everything(begins, words, operator))
            known = begins
            while True:
                try:
                    if comment := await pulse.beat(known):
                        yield comment
                except NotSignedIn:
                    yield as_event("over", {})
                    return
                except VoiceAgentError as fault:  # nobody knows of the session: the page comes back
                    log.error("console_stream", code=fault.code)
                    return
                sight = await self.board.next(known, HEARTBEAT_S)
                if news := some(difference(known, sight), sight, words, operator):
                    yield as_event("some", news)
                known = sight

    async def call(self, operator: Operator, call: str) -> AsyncGenerator[str, None]:
        """One call's events, unnamed; who is there (``duty``), ``gone``, ``away``, ``over``."""
        pulse = Pulse(operator, self.guard, self.attendance)
        async with self.board.watched() as sight, self.attendance.present(operator):
            snapshot = sight.calls.get(call)
            yield _OPENING + as_event(
                "begin",
                {
                    "now": time.time(),
                    "away": sight.away,
                    "duty": on_duty(sight.duty),
                    "snapshot": snapshot and standing(snapshot),
                },
            )
            # Of a call that is over, or lost, no words pass, whatever is told of its consent (C18).
            veil = Veil(snapshot.consent if snapshot else Standing.WITHDRAWN)
            try:
                async with aclosing(self._call(call, veil, pulse)) as told:
                    async for event in told:
                        yield event
            except LiveUnavailable:
                yield as_event("away", {})
            except NotSignedIn:
                yield as_event("over", {})
            except VoiceAgentError as fault:
                log.error("console_stream", code=fault.code)

    async def _call(self, call: str, veil: Veil, pulse: Pulse) -> AsyncGenerator[str, None]:
        sight, told = await self.board.now(), dict[str, Any]()
        seen_at = time.monotonic()
        async with self.board.live.events(call) as events:
            coming = asyncio.create_task(_next(events))
            turned = asyncio.create_task(self.board.next(sight, HEARTBEAT_S))
            try:
                while True:
                    if comment := await pulse.beat(sight):
                        yield comment
                    if told != (told := present(sight, call)):
                        yield as_event("duty", told)
                    await asyncio.wait({coming, turned}, return_when=asyncio.FIRST_COMPLETED)
                    if turned.done():
                        sight = turned.result()
                        turned = asyncio.create_task(self.board.next(sight, HEARTBEAT_S))
                    if coming.done():
                        observation = coming.result()
                        if observation is None:
                            return
                        if veil.passes(observation):
                            yield as_event("", observation.to_dict())
                        if isinstance(observation, CallEnded):
                            return
                        coming = asyncio.create_task(_next(events))
                    if call in sight.calls:
                        seen_at = time.monotonic()
                    elif time.monotonic() - seen_at > HEARTBEAT_S:  # its end would have come by now
                        yield as_event("gone", {})
                        return
            finally:
                coming.cancel()
                turned.cancel()


async def _next(events: AsyncIterator[Observation]) -> Observation | None:
    return await anext(events, None)


def standing(snapshot: CallSnapshot) -> dict[str, Any]:
    """Where a call stands, for its own page; what it is about only with consent."""
    fields = veiled(snapshot, reads_words=True).to_dict()
    del fields["worker"]
    return fields


def everything(sight: Sight, words: Words, operator: Operator) -> dict[str, Any]:
    """All that the overview shows."""
    return {
        "now": time.time(),
        "calls": _tiles(sight.calls.values(), sight, words, operator),
        "lost": _tiles(sight.lost, sight, words, operator),
        "duty": on_duty(sight.duty),
        "away": sight.away,
    }


def some(news: Difference, sight: Sight, words: Words, operator: Operator) -> dict[str, Any]:
    """What has changed of it; nothing if nothing has."""
    told: dict[str, Any] = {}
    if news.changed:
        told["calls"] = _tiles(news.changed, sight, words, operator)
    if news.gone:
        told["gone"] = list(news.gone)
    if news.lost is not None:
        told["lost"] = _tiles(news.lost, sight, words, operator)
    if news.duty is not None:
        told["duty"] = on_duty(news.duty)
    if news.away is not None:
        told["away"] = news.away
    return told and {"now": time.time(), **told}


def present(sight: Sight, call: str) -> dict[str, Any]:
    """Who is there, and who of them listens to a call."""
    snapshot = sight.calls.get(call)
    listeners = snapshot.listeners if snapshot else []
    return {"duty": on_duty(sight.duty), "listeners": listeners}


def on_duty(duty: Iterable[OnDuty]) -> list[dict[str, Any]]:
    """Who is there, for a page."""
    return [
        {"account": who.operator, "name": who.name, "available": who.available, "call": who.call}
        for who in duty
    ]


def _tiles(
    snapshots: Iterable[CallSnapshot], sight: Sight, words: Words, operator: Operator
) -> list[dict[str, Any]]:
    names = sight.names
    return [tile(each, words, names, operator.account) for each in in_order(snapshots)]
