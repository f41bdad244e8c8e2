"""An inbox on paper: what callers have left for people."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from voice_agent.tools.inbox import Entry, Filed, TooFar
from voice_agent.tools.reference import new_reference

KEPT = timedelta(days=14)
"""A telephone number is kept no longer."""


class PaperInbox:
    """Implements ``voice_agent.tools.inbox.Inbox``; every reference is the same.

    Args:
        now: the present.
    """

    def __init__(self, now: datetime) -> None:
        self._last = (now + KEPT).date()
        self._entries: dict[str, Entry] = {}  # by key

    async def file(self, entry: Entry, key: str) -> Filed | TooFar:
        """See the port."""
        day = entry.date.rpartition("/")[2]
        if day and date.fromisoformat(day) > self._last:
            return TooFar()
        self._entries.setdefault(key, entry)
        return Filed(new_reference(lambda most: most // 2))

    @property
    def left(self) -> list[str]:
        """Each entry as a scenario writes it: what it is, whose, and what was said."""
        return [
            " ".join(
                each
                for each in (
                    *(entry.kind, entry.name, entry.phone, entry.recipient),
                    *(entry.category, entry.wish, entry.date, entry.time),
                )
                if each
            )
            + f": {entry.text}"
            for entry in self._entries.values()
        ]
