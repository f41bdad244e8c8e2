"""Calls that no console looks at, and an inbox nobody reads, for tests that are not about them."""

from __future__ import annotations

from datetime import UTC, datetime

from voice_agent.live.memory import MemoryLive
from voice_agent.live.summary import Summary
from voice_agent.runtime.live_calls import LiveCalls
from voice_agent.tools.inbox import Away, Entry, Filed, TooFar


def unseen() -> LiveCalls:
    """What shows calls, and is never started."""

    async def erase(call_id: str) -> None:
        raise AssertionError(call_id)

    async def keep(call_id: str, summary: Summary) -> None:
        del call_id, summary

    return LiveCalls(
        MemoryLive("worker", lambda: 0.0),
        may_dial=lambda _: False,
        erase=erase,
        keep=keep,
        words=frozenset({"message"}),
        clock=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC),
    )


async def no_transfer(call_id: str, number: str, language: str) -> bool:
    """A carrier that dials nobody else."""
    del call_id, number, language
    return False


class Tray:
    """An inbox that keeps what it is given.

    Attributes:
        entries: what was filed, by key.
        answer: what it says of each.
    """

    def __init__(self, answer: Filed | TooFar | Away | None = None) -> None:
        self.entries: dict[str, Entry] = {}
        self.answer = answer or Filed("R-1")

    async def file(self, entry: Entry, key: str) -> Filed | TooFar | Away:
        """File an entry."""
        self.entries.setdefault(key, entry)
        return self.answer
