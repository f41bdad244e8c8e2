"""Calls and operators in Redis, with their signs of life."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, fields
from typing import Final, TypeVar

from voice_agent.errors import ProtocolError
from voice_agent.live.duty import merged, renewed
from voice_agent.live.inbox import KeyInbox
from voice_agent.live.observation import fits
from voice_agent.live.ports import OnDuty
from voice_agent.live.redis_link import PREFIX, RedisLink, dump
from voice_agent.live.redis_scripts import ATTEND, END, LEAVE, LOOK, SHOW, SWEEP
from voice_agent.live.snapshot import CallSnapshot

Shown = TypeVar("Shown")

MOST_OWED: Final = 4096
"""Ends that are remembered while Redis is away; of more than these some calls count as lost."""


class RedisCalls:
    """The calls of all workers, those that were lost, and the operators.

    Args:
        link: to Redis.
        worker: whose calls are shown.
    """

    def __init__(self, link: RedisLink, worker: str) -> None:
        self._link = link
        self._worker = worker
        self._shown: set[str] = set()
        self._operators: dict[str, OnDuty] = {}
        self._owed: set[str] = set()

    async def show(self, snapshots: Sequence[CallSnapshot]) -> None:
        """Show calls, in one round trip; and end first what could not be ended before."""
        if self._owed:
            await self._end(tuple(self._owed))
        values = [self._worker]
        for snapshot in snapshots:
            self._shown.add(snapshot.call)
            values += [snapshot.call, dump(snapshot.to_dict())]
        await self._link.run(SHOW, [PREFIX], [*self._link.moments(), *values])

    async def end(self, call: str) -> None:
        """A call is over; if Redis is away, the next ``show`` says so."""
        await self._end([call])

    async def _end(self, calls: Iterable[str]) -> None:
        self._owed.update(calls)
        while len(self._owed) > MOST_OWED:
            self._owed.pop()
        self._shown.difference_update(calls)
        await self._link.look(END, tuple(calls))
        self._owed.difference_update(calls)

    async def calls(self) -> tuple[CallSnapshot, ...]:
        """The calls there are, the oldest first."""
        silent = self._link.moments()[1]
        found = await self._link.look(LOOK, ["calls", "seen", f"({silent}"])
        shown = self._parse(found, CallSnapshot.parse, "snapshot")
        return tuple(sorted(shown, key=lambda each: (each.began_at, each.call)))

    async def lost(self) -> tuple[CallSnapshot, ...]:
        """The calls that vanished, in the order in which that was noticed."""
        found = await self._link.look(LOOK, ["lost", "lost-at", "-inf"])
        return tuple(self._parse(found, CallSnapshot.parse, "snapshot"))

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[KeyInbox]:
        """Names of what changed, while open; and looks for calls that fell silent."""
        inbox = KeyInbox()

        def take(message: bytes) -> None:
            inbox.put(message.decode(errors="replace"))

        async with self._link.listen("changes", inbox, take, self._sweep):
            yield inbox

    async def _sweep(self) -> None:
        await self._link.look(SWEEP, [])

    async def attend(self, duty: OnDuty) -> None:
        """An operator is there, at this worker."""
        key = self._operator_key(duty.operator)
        self._operators[key] = renewed(self._operators.get(key), duty)
        values = [*self._link.moments(), key, dump(asdict(self._operators[key]))]
        await self._link.run(ATTEND, [PREFIX], values)

    async def leave(self, operator: str) -> None:
        """An operator goes from this worker."""
        key = self._operator_key(operator)
        self._operators.pop(key, None)
        await self._link.look(LEAVE, [key])

    async def on_duty(self) -> tuple[OnDuty, ...]:
        """The operators who are there, by account."""
        silent = self._link.moments()[1]
        found = await self._link.look(LOOK, ["duty", "duty-seen", f"({silent}"])
        return merged(self._parse(found, _duty, "duty"))

    async def close(self) -> None:
        """Take this worker's calls and operators out."""
        await self._end(tuple(self._shown | self._owed))
        await self._link.look(LEAVE, tuple(self._operators))
        await self._link.command("DEL", f"{PREFIX}worker:{self._worker}")

    def _operator_key(self, operator: str) -> str:
        """What stands for an operator at this worker in keys; an account may be a name."""
        hidden = hashlib.sha256(f"voice-agent operator {operator}".encode()).hexdigest()[:32]
        return f"{hidden}:{self._worker}"

    def _parse(
        self, found: Iterable[object], parse: Callable[[object], Shown], kind: str
    ) -> list[Shown]:
        parsed = []
        for value in found:
            try:
                parsed.append(parse(self._link.load(value, kind)))
            except ProtocolError:
                self._link.skip(kind)
        return parsed


def _duty(record: object) -> OnDuty:
    if not isinstance(record, dict):
        raise ProtocolError("an operator on duty is an object")
    return OnDuty(**fits(OnDuty, "duty", record, {each.name for each in fields(OnDuty)}))
