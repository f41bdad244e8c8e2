"""The calls of this process in the live store: shown, commanded, and waiting for a person.

Nothing here can hold up a call. While the store is away calls go on, and what happens is told
when it is back; an operator who can't be heard any more loses the call to the agent.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, Final

import structlog

from voice_agent.call.events import DutyChanged, OperatorLeft, QueueMoved
from voice_agent.errors import ErasureIncomplete
from voice_agent.live.command import Answer, Command, Outcome
from voice_agent.live.ports import HEARTBEAT_S, LiveStore, LiveUnavailable, OnDuty
from voice_agent.live.snapshot import WAITING, CallSnapshot, call_key
from voice_agent.live.summary import Summary
from voice_agent.runtime.live_call import RETRY_S, LiveCall
from voice_agent.runtime.orders import Orders
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.tasks import CallTasks

log = structlog.get_logger(__name__)

LOOK_S: Final = 1.0
"""Seconds between two looks at who is on duty and who waits."""

GONE_S: Final = 5.0
"""Seconds after which an operator who is neither heard nor there has lost the call."""

KEEPING_S: Final = (1.0, 5.0, 30.0)
"""Seconds before what is left to tell of a call is written again that could not be written."""

ERASING_S: Final = (1.0, 5.0, 30.0, 120.0)
"""Seconds before a call is erased again of which something was left."""

MOST_OVER: Final = 64
"""Calls that are over and wait for a live store that is away, to be told that they are."""

DUTIES_S: Final = 5.0
"""Seconds a stopping process waits for what is still to be written."""


class LiveCalls:
    """Shows the calls of this process, and has commands for them carried out.

    Args:
        store: what workers share.
        may_dial: see ``Orders``.
        erase: erases a call, by the carrier's identifier.
        keep: keeps what is left to tell of a call that is over, likewise.
        words: slots that hold a caller's own words, which nothing is left of (C18).
        clock: the wall clock.
    """

    def __init__(
        self,
        store: LiveStore,
        *,
        may_dial: Callable[[str], bool],
        erase: Callable[[str], Awaitable[object]],
        keep: Callable[[str, Summary], Awaitable[None]],
        words: frozenset[str],
        clock: Callable[[], datetime],
    ) -> None:
        self.store = store
        self._orders = Orders(may_dial=may_dial, erase=self._begin_to_erase)
        self._erase = erase
        self._keep = keep
        self._words = words
        self._clock = clock
        self._calls: dict[str, LiveCall] = {}
        self._dirty = asyncio.Event()
        self._away_since: float | None = None
        self._staffed_at = -math.inf
        self._staff_seen = (0, 0)
        self._tasks = CallTasks(_fault)

    def begin(self, call_id: str, language: str, direction: str = "inbound") -> LiveCall:
        """A call begins here; ``attach`` its inbox before its first event."""
        key = call_key(call_id)
        snapshot = CallSnapshot(
            call=key,
            worker=self.store.worker,
            direction=direction,
            language=language,
            began_at=self._now(),
        )
        call = LiveCall(
            snapshot,
            call_id,
            self.store,
            self._now,
            words=self._words,
            dirty=self._dirty.set,
            over=self._is_over,
        )
        self._calls[key] = call
        self._dirty.set()
        return call

    async def start(self) -> None:
        """Begin to show, and to obey."""
        for work in (self._show, self._beat, self._obey, self._look):
            self._tasks.start(self._again(work))

    async def stop(self) -> None:
        """Show nothing any more, once what is owed to the records is written or given up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DUTIES_S):
                await self._tasks.settle()
        await self._tasks.release()
        for call in tuple(self._calls.values()):
            await call.close()
        await self.store.close()

    # -- showing ---------------------------------------------------------------------------------

    async def _show(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            changed = [call for call in self._calls.values() if call.changed]
            for call in changed:
                call.changed = False
            try:
                if changed:
                    await self.store.show([call.snapshot for call in changed])
                for call in tuple(self._calls.values()):
                    await self._tell(call)
            except LiveUnavailable:
                for call in changed:
                    call.changed = True
                self._dirty.set()
                raise

    async def _tell(self, call: LiveCall) -> None:
        key = call.snapshot.call
        if call.forgets:
            await self.store.forget_words(key)
            call.forgets = False
        told = call.take_pending()
        if told:
            try:
                await self.store.publish(key, told)
            except LiveUnavailable:
                call.give_back(told)
                raise
        if call.is_over:
            await self.store.end(key)
            await call.close()
            self._calls.pop(key, None)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            if self._calls:
                await self.store.show([call.snapshot for call in self._calls.values()])

    # -- obeying ---------------------------------------------------------------------------------

    async def _obey(self) -> None:
        async with self.store.orders() as orders:
            async for command in orders:
                answer = self._answer(command)
                await self.store.answer(command, answer)

    def _answer(self, command: Command) -> Answer:
        call = self._calls.get(command.call)
        if call is None:
            return Answer(Outcome.NO_CALL)
        if command.is_stale(self._now()):
            return Answer(Outcome.UNANSWERED)
        answer = self._orders.obey(command, call)
        log.info("order", verb=command.verb, outcome=answer.outcome, call_id=call.call_id)
        return answer

    def _begin_to_erase(self, call_id: str) -> None:
        self._tasks.owe(self._erase_at_last(call_id))

    async def _erase_at_last(self, call_id: str) -> None:
        for pause in (*ERASING_S, None):
            try:
                await self._erase(call_id)
            except (ErasureIncomplete, RecordsUnavailable) as fault:
                if pause is None:
                    log.error("call_not_erased", call_id=call_id, code=fault.code)
                    return
                await asyncio.sleep(pause)
            else:
                return

    def _is_over(self, call: LiveCall) -> None:
        self._tasks.owe(self._summarise(call))

    async def _summarise(self, call: LiveCall) -> None:
        for pause in (*KEEPING_S, None):
            try:
                await self._keep(call.call_id, call.summary)
            except RecordsUnavailable as fault:
                if pause is None:
                    log.error("summary_not_kept", call_id=call.call_id, code=fault.code)
                    return
                await asyncio.sleep(pause)
            else:
                return

    # -- waiting ---------------------------------------------------------------------------------

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if not self._calls:
                continue
            duties, calls = await self.store.on_duty(), await self.store.calls()
            self._away_since = None
            free, staff = self._staff(duties, {each.holder for each in calls})
            waiting = sorted(
                (each for each in calls if each.phase == WAITING),
                key=lambda each: (each.waiting_since or each.began_at, each.call),
            )
            places = {each.call: place for place, each in enumerate(waiting, 1)}
            there = {each.operator for each in duties}
            for key, call in tuple(self._calls.items()):
                _tell_waiting(call, free, staff, places.get(key, 0))
                if call.control.holder in there:
                    call.see()
                _take_back(call)

    def _staff(self, duties: tuple[OnDuty, ...], holders: set[str]) -> tuple[int, int]:
        """How many operators are free, and there; nobody is gone within the first seconds."""
        now = asyncio.get_running_loop().time()
        if duties:
            self._staffed_at = now
            free = sum(each.available and each.operator not in holders for each in duties)
            takers = sum(each.available or each.operator in holders for each in duties)
            self._staff_seen = (free, takers)
        elif now - self._staffed_at >= GONE_S:
            self._staff_seen = (0, 0)
        return self._staff_seen

    # -- keeping on ------------------------------------------------------------------------------

    async def _again(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Go on with it when the store is back, and whatever else went wrong."""
        while True:
            try:
                await work()
            except LiveUnavailable:
                self._is_away()
            except Exception as fault:  # noqa: BLE001 (a fault of ours must not end the commands of all calls)
                log.error("live_fault", fault=type(fault).__name__)
            await asyncio.sleep(RETRY_S)

    def _is_away(self) -> None:
        now = asyncio.get_running_loop().time()
        self._away_since = self._away_since or now
        over = [key for key, call in self._calls.items() if call.has_ended]
        for key in over[: max(0, len(over) - MOST_OVER)]:
            del self._calls[key]  # its tile goes by itself
        gone = now - self._away_since >= GONE_S  # nobody hears the caller any more
        for call in tuple(self._calls.values()):
            call.keep_no_words()
            if gone:
                _tell_waiting(call, 0, 0, 0)
                _take_back(call)

    def _now(self) -> float:
        return self._clock().timestamp()


def _tell_waiting(call: LiveCall, free: int, staff: int, place: int) -> None:
    if call.told_staff != (free, staff):
        call.told_staff = (free, staff)
        call.post(DutyChanged(free, staff))
    if place and call.told_place != place:
        call.post(QueueMoved(place))
    call.told_place = place


def _take_back(call: LiveCall) -> None:
    """An operator who is neither heard nor there has lost the call."""
    control = call.control
    if control.holder and call.unseen_s >= GONE_S:
        log.warning("operator_lost", call_id=call.call_id)
        call.post(OperatorLeft())


def _fault(fault: BaseException) -> None:
    log.error("live_fault", fault=type(fault).__name__)
