"""The call's mouth: lines into clips, what was heard of them, what comes after the last word."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from voice_agent.call.actions import Action, Observe
from voice_agent.call.playback import Clip, Playback, Sentence
from voice_agent.call.timers import Timer, Timers
from voice_agent.dialogue.line import Line
from voice_agent.live.observation import AgentHeard, AgentSaid
from voice_agent.speech.spoken import sentences

Continuation = Callable[[float], list[Action]]
"""What to do once everything queued has been heard; given the time."""


class Mouth:
    """Says lines in order and goes on when the caller has heard them, not when they were sent.

    Args:
        timers: where it notes how long it waits for the synthesiser and for marks.
        speech_s: longest wait for the synthesiser, seconds.
        mark_s: wait for a mark beyond the time its audio takes, seconds.
    """

    def __init__(self, timers: Timers, speech_s: float, mark_s: float) -> None:
        self._playback = Playback()
        self._timers = timers
        self._speech_s = speech_s
        self._mark_s = mark_s
        self._then: Continuation | None = None
        self._announced: str | None = None
        self._cut: list[Clip] = []
        self._heard: list[str] = []
        self._heard_s = 0.0

    @property
    def is_busy(self) -> bool:
        """True while anything is queued or not yet heard."""
        return self._playback.is_busy

    @property
    def heard_ms(self) -> int:
        """How much of what was said since ``reset_heard`` has reached the caller, milliseconds."""
        return round(self._heard_s * 1000)

    def reset_heard(self) -> None:
        """Begin to count ``heard_ms`` anew."""
        self._heard_s = 0.0

    def take_heard(self) -> list[str]:
        """The sentences heard to their end since the last call of this method."""
        heard, self._heard = self._heard, []
        return heard

    def say(
        self, lines: Iterable[Line], now: float, then: Continuation, rate: float = 1.0
    ) -> list[Action]:
        """Queue lines; ``then`` runs once, when all of it has been heard."""
        self._then = then
        self._cut = []
        actions = self._playback.say(
            (
                Sentence(text, line.language, rate, line.personal)
                for line in lines
                for text in sentences(line.text, line.language)
            ),
            now,
        )
        return actions + self._settle(now)

    def hush(self, now: float) -> list[Action]:
        """Stop at once, forget what was queued and what was to come after it."""
        audible = self._playback.is_audible
        dropped, actions = self._playback.clear()
        for clip in dropped:
            self._heard_s += self._playback.heard_seconds(clip, now)
        self._cut = dropped
        self._then = None
        if audible:
            actions.append(Observe(AgentHeard(complete=False)))
        self._arm()
        return actions

    def resume(self, now: float, then: Continuation) -> list[Action]:
        """Say again what the last ``hush`` cut off, from the sentence that was cut."""
        cut, self._cut = self._cut, []
        self._then = then
        return self._playback.again(cut, now) + self._settle(now)

    def ready(self, clip: str, mulaw: bytes, now: float) -> list[Action]:
        """The synthesiser spoke a clip."""
        return self._playback.ready(clip, mulaw, now) + self._settle(now)

    def failed(self, clip: str, now: float) -> tuple[bool, list[Action]]:
        """The synthesiser could not. Returns whether the clip was wanted, and what follows."""
        ours, actions = self._playback.failed(clip, now)
        return ours, actions + self._settle(now)

    def stalled(self, now: float) -> list[Action]:
        """The synthesiser has not answered in time: go on without what is missing."""
        _, actions = self._playback.skip_waiting(now)
        return actions + self._settle(now)

    def mark(self, name: str, now: float) -> list[Action]:
        """A mark came back."""
        return self._count(self._playback.mark(name, now), now)

    def overdue(self, now: float) -> list[Action]:
        """No mark has come long after its time: believe the clock."""
        return self._count(self._playback.overdue(now), now)

    def _count(self, heard: list[Clip], now: float) -> list[Action]:
        self._heard += [clip.sentence.text for clip in heard]
        self._heard_s += sum(clip.seconds for clip in heard)
        return self._settle(now)

    def _settle(self, now: float) -> list[Action]:
        """Announce what begins to be heard, re-arm the timers, and go on when all is said."""
        actions: list[Action] = []
        current = self._playback.current
        if current is not None and current.name != self._announced:
            self._announced = current.name
            actions.append(Observe(AgentSaid(current.sentence.text)))
        self._arm()
        if not self._playback.is_busy and self._then is not None:
            then, self._then = self._then, None
            if self._announced is not None:
                self._announced = None
                actions.append(Observe(AgentHeard(complete=True)))
            actions += then(now)
        return actions

    def _arm(self) -> None:
        waiting, end = self._playback.waiting_since, self._playback.expected_end
        self._timers.cancel(Timer.SPEECH, Timer.MARK)
        if waiting is not None:
            self._timers.set(Timer.SPEECH, waiting + self._speech_s)
        if end is not None:
            self._timers.set(Timer.MARK, end + self._mark_s)
