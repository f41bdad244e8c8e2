"""What is being done for the caller at this moment, and what came of it."""

from __future__ import annotations

from voice_agent.call.actions import UseTool
from voice_agent.call.timers import Timer, Timers
from voice_agent.dialogue.tool import AWAY, ToolAnswer, ToolRequest


class Errand:
    """One thing at a time: a flow waits for what it asked for.

    Args:
        timers: where it notes how long it waits.
        patience: so long, seconds.
    """

    def __init__(self, timers: Timers, patience: float) -> None:
        self._timers = timers
        self._patience = patience
        self._request: ToolRequest | None = None
        self._answer: ToolAnswer | None = None

    @property
    def is_open(self) -> bool:
        """True while something is being done, or is done and the caller was not told."""
        return self._request is not None

    @property
    def is_done(self) -> bool:
        """True when there is something to tell."""
        return self._answer is not None

    def begin(self, request: ToolRequest, now: float) -> UseTool:
        """Have something done."""
        self._request, self._answer = request, None
        self._timers.set(Timer.TOOL, now + self._patience)
        return UseTool(request)

    def done(self, answer: ToolAnswer) -> None:
        """It is done, or cannot be; an answer to anything else comes too late."""
        if answer.request == self._request:
            self._answer = answer
            self._timers.cancel(Timer.TOOL)

    def overdue(self) -> None:
        """Nobody knows whether it is done."""
        if self._request is not None:
            self.done(ToolAnswer(self._request, AWAY))

    def take(self) -> ToolAnswer | None:
        """What came of it, once; the caller is told now."""
        answer = self._answer
        if answer is not None:
            self.drop()
        return answer

    def drop(self) -> None:
        """Nobody waits for it any more."""
        self._request = self._answer = None
        self._timers.cancel(Timer.TOOL)
