"""The call's mouth: lines into clips, and what was heard of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from voice_agent.call.actions import Action, Observe
from voice_agent.call.playback import Clip, Playback, Sentence
from voice_agent.call.timers import Timer, Timers
from voice_agent.dialogue.line import Line
from voice_agent.live.observation import AgentHeard, AgentSaid
from voice_agent.speech.spoken import clauses, sentences

_MOST_FAULTS: Final = 3
"""So many sentences missing in a row, and the caller would hear nothing any more."""


class Mouth:
    """Says lines in order and knows what the caller has heard, not only what was sent.

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
        self._announced: Clip | None = None
        self._heard: list[str] = []
        self._heard_s = 0.0
        self._faults = 0
        self._unproven = 0

    @property
    def unproven(self) -> int:
        """How many sentences of the call no mark shows to have been heard.

        They could not be spoken, or only the clock says that they were heard.
        """
        return self._unproven

    @property
    def is_busy(self) -> bool:
        """True while anything is queued or not yet heard."""
        return self._playback.is_busy

    @property
    def plays(self) -> bool:
        """True while what the caller hears is a sound that is no speech."""
        current = self._playback.current
        return current is not None and not current.sentence.text

    @property
    def runs_out(self) -> bool:
        """True if a sound that goes on without a gap has to be queued now."""
        return not self.is_busy or (self.plays and self._playback.queued == 1)

    @property
    def is_held(self) -> bool:
        """True while something waits for ``release``."""
        return self._playback.is_held

    @property
    def is_speaking(self) -> bool:
        """True while something is on its way to the caller's ear."""
        return self._playback.current is not None

    def has_asked(self, now: float) -> bool:
        """True if no question is queued that the caller has not begun to hear."""
        return self._playback.has_asked(now)

    @property
    def has_failed(self) -> bool:
        """True when so much could not be spoken that the caller hears nothing any more."""
        return self._faults >= _MOST_FAULTS

    @property
    def heard_ms(self) -> int:
        """How much of what was said since ``reset_heard`` has reached the caller, milliseconds."""
        return round(self._heard_s * 1000)

    def played(self, now: float) -> bytes:
        """What the caller's telephone has played lately, which may come back as an echo."""
        return self._playback.played(now)

    def forget_played(self) -> None:
        """Keep nothing of what was played."""
        self._playback.forget_played()

    def reset_heard(self) -> None:
        """Begin to count ``heard_ms`` anew."""
        self._heard_s = 0.0

    def take_heard(self) -> list[str]:
        """The sentences heard to their end since the last call of this method."""
        heard, self._heard = self._heard, []
        return heard

    def say(
        self, lines: Iterable[Line], now: float, rate: float = 1.0, asks: Line | None = None
    ) -> list[Action]:
        """Queue lines after what is being said; ``asks`` is the one of them that puts a question.

        What was not spoken before, because it is personal, is spoken clause by clause: the first
        is heard while the rest is being made.
        """
        queue: list[Sentence] = []
        for line in lines:
            texts = (clauses if line.personal else sentences)(line.text, line.language)
            queue += (
                Sentence(t, line.language, rate * line.rate, line.personal, secret=line.secret)
                for t in texts
            )
            if line == asks and texts:
                queue[-1] = replace(queue[-1], asks=True)
        return self._playback.say(queue, now) + self._settle()

    def play(self, mulaw: bytes, now: float) -> list[Action]:
        """Queue a sound that is no speech after what is being said."""
        return self._playback.play(mulaw, now) + self._settle()

    def let_through(self, mulaw: bytes, now: float) -> list[Action]:
        """Let the caller hear somebody else's voice, mu-law 8 kHz, at once."""
        return self._playback.let_through(mulaw, now)

    def hush(self, now: float) -> list[Action]:
        """Stop at once and for good."""
        heard_s = self._playback.heard_seconds(now)
        dropped, actions = self._playback.clear(now)
        if not dropped:
            return actions
        self._heard_s += heard_s
        if self._announced is not None:
            self._announced = None
            actions.append(Observe(AgentHeard(complete=False)))
        return actions + self._settle()

    def hold(self, now: float) -> list[Action]:
        """Stop where it is; ``release`` goes on, ``hush`` makes it final."""
        heard, actions = self._playback.hold(now)
        return actions + self._count(heard)

    def release(self, now: float) -> list[Action]:
        """Go on from the word that was cut."""
        return self._playback.release(now) + self._settle()

    def ready(self, clip: str, mulaw: bytes, now: float) -> list[Action]:
        """The synthesiser spoke a clip; without a sound in it, it failed."""
        if not mulaw:
            return self.failed(clip, now)
        if self._playback.is_waiting_for(clip):
            self._faults = 0
        return self._playback.ready(clip, mulaw, now) + self._settle()

    def failed(self, clip: str, now: float) -> list[Action]:
        """The synthesiser could not speak a clip: its sentence is left out."""
        if self._playback.is_waiting_for(clip):
            self._faults += 1
            self._unproven += 1
        return self._playback.skip(clip, now) + self._settle()

    def stalled(self, now: float) -> list[Action]:
        """The synthesiser has not answered in time: go on without the sentence that is due."""
        head = self._playback.awaited
        return [] if head is None else self.failed(head, now)

    def mark(self, name: str, now: float) -> list[Action]:
        """A mark came back."""
        return self._count(self._playback.mark(name, now))

    def overdue(self, now: float) -> list[Action]:
        """No mark has come long after its time: believe the clock."""
        heard = self._playback.overdue(now)
        self._unproven += sum(bool(clip.sentence.text) for clip in heard)
        return self._count(heard)

    def _count(self, heard: list[Clip]) -> list[Action]:
        self._heard += [clip.sentence.shown for clip in heard if clip.sentence.text]
        self._heard_s += sum(clip.seconds for clip in heard)
        return self._settle()

    def _settle(self) -> list[Action]:
        """Say what begins to be heard and when all of it has been, and re-arm the timers."""
        self._arm()
        current = self._playback.current
        if current is not None and not self.plays and current is not self._announced:
            self._announced = current
            return [Observe(AgentSaid(current.sentence.shown))]
        if (self.plays or not self._playback.is_busy) and self._announced is not None:
            self._announced = None
            return [Observe(AgentHeard(complete=True))]
        return []

    def _arm(self) -> None:
        waiting, end = self._playback.waiting_since, self._playback.expected_end
        self._timers.cancel(Timer.SPEECH, Timer.MARK)
        if waiting is not None:
            self._timers.set(Timer.SPEECH, waiting + self._speech_s)
        if end is not None:
            self._timers.set(Timer.MARK, end + self._mark_s)
