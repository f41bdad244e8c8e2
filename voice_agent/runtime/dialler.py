"""Rings people up: one of any number of workers, each call made by one of them, once (C26).

Whatever fails, and wherever a worker is killed, nobody is rung up a second time about the same
attempt. Where that is certain a call that did not come about is given back for another try;
where it is not, the attempt counts as made, and the carrier's callback says how it went.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from consent.outreach import NotPermitted
from voice_agent.errors import VoiceAgentError
from voice_agent.outbound.claim import Appointment, Claim, Outcome
from voice_agent.runtime.dialling import NOT_PROCESSED, Dialling, DiallingError, Meaning
from voice_agent.runtime.pace import Pace, Turn

log = structlog.get_logger(__name__)

LOOK_S: Final = 1.0
"""Seconds between two looks at what is due, where nothing was."""

TURN_S: Final = 0.05
"""Seconds between two looks at whether it is time for another call."""

FIRST_REST: Final = timedelta(seconds=2)
LONGEST_REST: Final = timedelta(minutes=5)
"""How long a worker leaves a carrier alone that was away, at first and at most."""

REFUSED: Final = "carrier_refused"
"""Why all reminders are stopped; the carrier's code follows, if it gave one."""

CLOSED_S: Final = 10.0
"""Seconds that calls which are just being made have to be written down when a worker stops."""

_GIVEN_UP: Final = {
    Meaning.INVALID_NUMBER: Outcome.UNREACHABLE,
    Meaning.NOT_ALLOWED: Outcome.FAILED,
}

Stands = Callable[[Appointment], Awaitable[bool | None]]
"""Whether an appointment is as the reminder has it; ``None``: the calendar is away."""


class Claims(Protocol):
    """Calls that are to be made now. Every method may raise ``RecordsUnavailable``."""

    async def claim(self, now: datetime, worker: str) -> Claim | None:
        """Take the call that is due; ``None``: there is none, or no line, or all are stopped."""
        ...

    async def dial(self, claim: Claim, now: datetime) -> bool:
        """Write down that it is dialled, right before the request; false: do not dial.

        Raises:
            NotPermitted: likewise.
        """
        ...

    async def dialled(self, claim: Claim, call_id: str) -> None:
        """Write down what the carrier calls the call."""
        ...


class Undialled(Protocol):
    """Calls that were taken and did not come about. May raise ``RecordsUnavailable``."""

    async def release(self, claim: Claim, again_at: datetime | None) -> bool:
        """Nobody was rung up: the attempt was none.

        Args:
            claim: the call.
            again_at: when it may be tried again; ``None``: when it is planned again.

        Returns:
            False if the carrier has told of the call meanwhile: it came about.
        """
        ...

    async def give_up(self, claim: Claim, outcome: Outcome, now: datetime) -> bool:
        """Nobody can be rung up at this number; likewise."""
        ...


@dataclass(slots=True)
class _Rest:
    """How long the carrier is left alone: longer with every failure, until one call succeeds."""

    until: datetime | None = None
    next: timedelta = FIRST_REST

    def begin(self, now: datetime) -> datetime:
        """Until when it lasts; calls that fail together make it no longer than one does."""
        if self.until is None or self.until <= now:
            self.until, self.next = now + self.next, min(2 * self.next, LONGEST_REST)
        return self.until

    def end(self) -> None:
        self.until, self.next = None, FIRST_REST

    def holds(self, now: datetime) -> bool:
        return self.until is not None and now < self.until


class Dialler:
    """Rings up whoever is due, from ``start`` to ``stop``.

    Args:
        claims: hands out calls.
        undialled: takes those back that did not come about.
        dialling: rings people up.
        pace: how many calls may be begun in a second.
        stands: asks the calendar, right before dialling.
        halt: stops all reminders, at every worker; told why, a word.
        clock: the wall clock, timezone-aware.
        worker: which one this is, a word.
        look_s: see ``LOOK_S``.
    """

    def __init__(
        self,
        *,
        claims: Claims,
        undialled: Undialled,
        dialling: Dialling,
        pace: Pace,
        stands: Stands,
        halt: Callable[[str], Awaitable[object]],
        clock: Callable[[], datetime],
        worker: str,
        look_s: float = LOOK_S,
    ) -> None:
        self._claims = claims
        self._undialled = undialled
        self._dialling = dialling
        self._pace = pace
        self._stands = stands
        self._halt = halt
        self._clock = clock
        self._worker = worker
        self._look_s = look_s
        self._rest = _Rest()
        self._fault: str | None = None
        self._takes = True
        self._loop: asyncio.Task[None] | None = None
        self._ringing: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._loop = asyncio.create_task(self._again_and_again())

    async def drain(self, seconds: float = CLOSED_S) -> int:
        """Take no further call, and finish those that were taken; says how many there were.

        Args:
            seconds: how long that may take.
        """
        self._takes = False
        ringing = len(self._ringing)
        if self._loop is not None:
            await asyncio.wait({self._loop}, timeout=seconds)
        if self._ringing:
            await asyncio.wait(set(self._ringing), timeout=seconds)
        return ringing

    async def stop(self) -> None:
        """Finish what was taken, as far as it takes no longer than ``CLOSED_S``, then stop.

        Of a call that is cut off the attempt counts as made.
        """
        await self.drain()
        tasks = set(self._ringing)
        if self._loop is not None:
            tasks.add(self._loop)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._loop = None
        await self._pace.close()

    # -- taking calls --------------------------------------------------------------------------

    async def _again_and_again(self) -> None:
        while self._takes:
            try:
                took = await self.take_one()
                self._fault = None
            except VoiceAgentError as fault:
                took = False
                if fault.code != self._fault:
                    log.error("nobody_is_rung_up", code=fault.code)
                self._fault = fault.code
            except Exception as fault:  # noqa: BLE001 (whatever it was, the others are still due)
                took = False
                log.error("nobody_is_rung_up", fault=type(fault).__name__)
            if not took and self._takes:
                await asyncio.sleep(self._look_s)

    async def take_one(self) -> bool:
        """Take a call that is due, once it is time for another one, and begin to make it.

        Returns:
            False if there is nothing to do now.

        Raises:
            RecordsUnavailable, PaceAway: nothing was taken, or it lapses.
        """
        if self._rest.holds(self._clock()):
            return False
        turn = await self._turn()
        if turn is None:
            return False
        claim = None
        try:
            claim = await self._claims.claim(self._clock(), self._worker)
        finally:
            if claim is None:
                await self._pace.give_back(turn, used=False)
        if claim is None:
            return False
        self._ringing.add(task := asyncio.create_task(self._ring(claim, turn)))
        task.add_done_callback(self._ringing.discard)
        return True

    async def _turn(self) -> Turn | None:
        """The turn comes before the claim, so that no permit runs out while waiting for it."""
        while self._takes:
            turn = await self._pace.take()
            if turn is not None:
                return turn
            await asyncio.sleep(TURN_S)
        return None

    # -- making one ----------------------------------------------------------------------------

    async def _ring(self, claim: Claim, turn: Turn) -> None:
        """Make a call that was taken. What the database does not take lapses, or is lost."""
        try:
            await self._make(claim, turn)
        except NotPermitted:
            log.info("not_dialled", reason="permit")
        except VoiceAgentError as fault:
            log.error("dialling_not_written", code=fault.code)
        except Exception as fault:  # noqa: BLE001 (one call; the others are still to be made)
            log.error("dialling_failed", fault=type(fault).__name__)

    async def _make(self, claim: Claim, turn: Turn) -> None:
        used = False
        try:
            if not await self._may_be_dialled(claim):
                return
            used = True
            asked = await self._ask(claim)
        finally:
            await self._pace.give_back(turn, used=used)
        if isinstance(asked, DiallingError):
            await self._settle(claim, asked)
        else:
            self._rest.end()
            log.info("dialled", call_id=asked)
            await self._claims.dialled(claim, asked)

    async def _ask(self, claim: Claim) -> str | DiallingError:
        """The one request there is for an attempt: the carrier's name of the call, or why not."""
        try:
            return await self._dialling.call(claim.number, claim.id, claim.language)
        except DiallingError as refused:
            return refused

    async def _may_be_dialled(self, claim: Claim) -> bool:
        """Ask the calendar, then spend the permit."""
        stands = await self._stands(claim.appointments[0])
        if not stands:
            log.info("not_dialled", reason="calendar_away" if stands is None else "appointment")
            await self._undialled.release(claim, None)
            return False
        return await self._claims.dial(claim, self._clock())

    async def _settle(self, claim: Claim, refused: DiallingError) -> None:
        """What follows from a request that failed."""
        now, meaning = self._clock(), refused.meaning
        log.warning("not_dialled", reason=meaning, carrier_code=refused.carrier_code)
        if meaning is Meaning.STOP:
            self._rest.begin(now)  # should the database be away
            code = refused.carrier_code
            await self._halt(REFUSED if code is None else f"{REFUSED}_{code}")
            log.error("reminders_stopped", reason=REFUSED, carrier_code=code)
            await self._undialled.release(claim, None)
        elif meaning in _GIVEN_UP:
            await self._undialled.give_up(claim, _GIVEN_UP[meaning], now)
        else:
            again_at = self._rest.begin(now)
            if meaning in NOT_PROCESSED:
                await self._undialled.release(claim, again_at)
