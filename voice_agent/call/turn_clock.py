"""How long a caller waited for the first sound of an answer."""

from __future__ import annotations

from voice_agent.call.actions import Action, Observe, SendAudio
from voice_agent.live.observation import TurnTimed


class TurnClock:
    """Times one turn at a time, from the caller's last sound to the agent's first audio sent."""

    def __init__(self) -> None:
        self._started_at = 0.0
        self._turn: int | None = None
        self._speech_end = 0.0
        self._recognition: float | None = None
        self._replied = False

    def start(self, now: float) -> None:
        """The stream begins, seconds; turns are placed in it."""
        self._started_at = now

    def ended(self, turn: int, speech_end: float) -> None:
        """The caller's turn is over; they made their last sound at ``speech_end``, seconds."""
        self._turn, self._speech_end, self._recognition = turn, speech_end, None
        self._replied = False

    def recognised(self, seconds: float) -> None:
        """The recogniser took so long for this turn, seconds."""
        self._recognition = seconds

    def replied(self) -> None:
        """The answer is known: what is sent from now on is it, and nothing older."""
        self._replied = True

    def cancel(self) -> None:
        """The turn gets no answer."""
        self._turn = None

    def answered(self, actions: list[Action], synthesis: float, now: float) -> list[Action]:
        """If these actions begin the answer, say how long it took.

        Args:
            actions: what is about to be done.
            synthesis: seconds the synthesiser took for this audio, 0 from the cache.
            now: seconds.
        """
        begins = self._replied and any(isinstance(action, SendAudio) for action in actions)
        if self._turn is None or not begins:
            return []
        turn, self._turn = self._turn, None
        timed = TurnTimed(
            turn=turn,
            speech_end_ms=round((self._speech_end - self._started_at) * 1000),
            seconds=round(now - self._speech_end, 3),
            recognition_seconds=self._recognition,
            synthesis_seconds=round(synthesis, 3) if synthesis > 0 else None,
        )
        return [Observe(timed)]
