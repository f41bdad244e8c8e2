"""Commands in Redis: a stream for each worker, and one answer for each command."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final, Self

from voice_agent.errors import ProtocolError
from voice_agent.live.board import MOST_ORDERS
from voice_agent.live.command import Answer, Command, Outcome
from voice_agent.live.ports import PATIENCE_S, LiveUnavailable
from voice_agent.live.redis_link import PREFIX, RedisLink, dump
from voice_agent.live.redis_scripts import ANSWER, SEND

KNOWN: Final = 4 * MOST_ORDERS
"""Identifiers of commands that are remembered, lest one that is read twice is carried out twice."""


class RedisOrders:
    """Sends commands to workers, and takes those of its own.

    Args:
        link: to Redis.
        worker: whose commands are taken.
        clock: seconds since 1970.
    """

    def __init__(self, link: RedisLink, worker: str, clock: Callable[[], float]) -> None:
        self._link = link
        self._stream = f"{PREFIX}orders:{worker}"
        self._clock = clock
        self._waiting: deque[Command] = deque()
        self._known: OrderedDict[str, None] = OrderedDict()

    async def send(self, command: Command) -> Answer:
        """Send a command, once however often it is asked for, and wait for its answer."""
        wanted = "0" if command.is_stale(self._clock()) else "1"
        values = [command.id, command.call, dump(command.to_dict()), wanted]
        until = time.monotonic() + PATIENCE_S
        if await self._link.run(SEND, [PREFIX], [*self._link.moments(), *values]):
            while time.monotonic() < until:
                try:
                    found = await self._link.read(_answer_key(command), "0", 1)
                except LiveUnavailable:  # it was sent; what became of it nobody can say
                    break
                for _, values_found in found:
                    return self._parse_answer(values_found)
        return Answer(Outcome.UNANSWERED)

    async def answer(self, command: Command, answer: Answer) -> None:
        """Say what became of a command; the first answer counts."""
        await self._link.run(ANSWER, [_answer_key(command)], [answer.outcome.value, answer.holder])

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Command:
        while True:
            while self._waiting:
                command = self._waiting.popleft()
                if not command.is_stale(self._clock()):
                    return command
            entries = await self._link.read(self._stream, "0", MOST_ORDERS)
            for _, values in entries:
                self._take(values.get("command"))
            if entries:
                await self._link.command("XDEL", self._stream, *(name for name, _ in entries))

    def _take(self, value: bytes | None) -> None:
        try:
            command = Command.parse(self._link.load(value, "command"))
        except ProtocolError:
            self._link.skip("command")
            return
        if command.id in self._known:
            return
        self._waiting.append(command)
        self._known[command.id] = None
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)

    def _parse_answer(self, values: dict[str, bytes]) -> Answer:
        try:
            outcome = Outcome(values.get("outcome", b"").decode())
            return Answer(outcome, values.get("holder", b"").decode())
        except ValueError:
            self._link.skip("answer")
            return Answer(Outcome.UNANSWERED)

    async def close(self) -> None:
        """Forget the commands that wait for this worker."""
        await self._link.command("DEL", self._stream)


def _answer_key(command: Command) -> str:
    return f"{PREFIX}answer:{command.id}"
