"""What has been queued for the caller, what they have heard, and what was dropped.

The carrier's marks are the truth about what was heard. A mark that comes back after a ``clear``
says nothing, so every mark carries a generation that a clear ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.call.actions import Action, ClearAudio, SendAudio, SendMark, Synthesise


class ClipState(StrEnum):
    """Where a clip is on its way to the caller's ear."""

    WAITING = "waiting"
    READY = "ready"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to be said, one sentence at a time.

    Attributes:
        text: as written.
        language: its language.
        rate: speed.
        personal: never cached.
    """

    text: str
    language: str
    rate: float = 1.0
    personal: bool = False


@dataclass(slots=True)
class Clip:
    """A sentence on its way out.

    Attributes:
        name: also its mark's name: generation and number.
        sentence: what is said.
        state: how far it is.
        mulaw: its audio once synthesised.
        starts_at: when it begins to be heard, seconds of the call's clock, once sent.
    """

    name: str
    sentence: Sentence
    state: ClipState = ClipState.WAITING
    mulaw: bytes = b""
    starts_at: float = 0.0

    @property
    def seconds(self) -> float:
        """Length of the audio, seconds."""
        return len(self.mulaw) / TELEPHONE_RATE


class Playback:
    """The agent's mouth: an ordered queue of clips."""

    def __init__(self) -> None:
        self._clips: list[Clip] = []
        self._generation = 0
        self._number = 0
        self._ends_at = 0.0
        self._silent_since = 0.0

    @property
    def is_busy(self) -> bool:
        """True while anything is queued or not yet heard."""
        return bool(self._clips)

    @property
    def current(self) -> Clip | None:
        """The clip being heard, or next to be; ``None`` when nothing is sent."""
        # What is sent is sent in order: it can only be the head.
        if self._clips and self._clips[0].state is ClipState.SENT:
            return self._clips[0]
        return None

    @property
    def awaited(self) -> str | None:
        """Name of the clip that is due and has no audio yet; ``None`` when there is none."""
        if self._clips and self._clips[0].state is ClipState.WAITING:
            return self._clips[0].name
        return None

    @property
    def waiting_since(self) -> float | None:
        """Since when the ``awaited`` clip has been due, seconds; ``None`` when there is none."""
        return None if self.awaited is None else self._silent_since

    @property
    def expected_end(self) -> float | None:
        """When everything sent will have been heard, by the clock; ``None``: nothing is sent."""
        return None if self.current is None else self._ends_at

    def is_waiting_for(self, name: str) -> bool:
        """True if this clip is queued and has no audio yet."""
        return self._find(name, ClipState.WAITING) is not None

    def say(self, sentences: Iterable[Sentence], now: float) -> list[Action]:
        """Queue sentences; their synthesis starts at once, in order."""
        if not self._clips:
            self._silent_since = now
        return [action for sentence in sentences for action in self._queue(sentence)]

    def ready(self, name: str, mulaw: bytes, now: float) -> list[Action]:
        """Take a clip's audio; send what is next in order. Unknown (cleared) clips are ignored."""
        clip = self._find(name, ClipState.WAITING)
        if clip is None:
            return []
        clip.mulaw, clip.state = mulaw, ClipState.READY
        return self._release(now)

    def skip(self, name: str, now: float) -> list[Action]:
        """Leave out a clip that could not be spoken; unknown (cleared) clips are ignored."""
        clip = self._find(name, ClipState.WAITING)
        if clip is None:
            return []
        if name == self.awaited:
            self._silent_since = now
        self._clips.remove(clip)
        return self._release(now)

    def mark(self, name: str, now: float) -> list[Clip]:
        """A mark came back: returns the clips now heard to their end, none if it is stale."""
        clip = self._find(name, ClipState.SENT)
        return [] if clip is None else self._heard(self._clips.index(clip) + 1, now)

    def overdue(self, now: float) -> list[Clip]:
        """Count everything sent as heard: its time is long past and no mark has come."""
        return self._heard(sum(clip.state is ClipState.SENT for clip in self._clips), now)

    def clear(self) -> tuple[list[Clip], list[Action]]:
        """Stop everything. Returns the clips not heard to their end, and the clear if needed."""
        if not self._clips:
            return [], []
        clear: list[Action] = [] if self.current is None else [ClearAudio()]
        dropped, self._clips = self._clips, []
        self._generation += 1
        self._ends_at = 0.0
        return dropped, clear

    def heard_seconds(self, now: float) -> float:
        """How much of what is sent and not yet marked has been heard, seconds, by the clock."""
        return sum(
            min(clip.seconds, max(0.0, now - clip.starts_at))
            for clip in self._clips
            if clip.state is ClipState.SENT
        )

    def again(self, clips: Iterable[Clip], now: float) -> list[Action]:
        """Queue dropped clips once more, in the present generation; ready audio is reused."""
        if not self._clips:
            self._silent_since = now
        actions = [action for clip in clips for action in self._queue(clip.sentence, clip.mulaw)]
        return actions + self._release(now)

    def _queue(self, sentence: Sentence, mulaw: bytes = b"") -> list[Action]:
        self._number += 1
        clip = Clip(f"{self._generation}.{self._number}", sentence)
        self._clips.append(clip)
        if mulaw:
            clip.mulaw, clip.state = mulaw, ClipState.READY
            return []
        return [
            Synthesise(
                clip.name, sentence.text, sentence.language, sentence.rate, sentence.personal
            )
        ]

    def _find(self, name: str, state: ClipState) -> Clip | None:
        for clip in self._clips:
            if clip.name == name and clip.state is state:
                return clip
        return None

    def _heard(self, count: int, now: float) -> list[Clip]:
        heard, self._clips = self._clips[:count], self._clips[count:]
        self._silent_since = now
        if self.current is None:
            self._ends_at = now
        return heard

    def _release(self, now: float) -> list[Action]:
        actions: list[Action] = []
        for clip in self._clips:
            if clip.state is ClipState.SENT:
                continue
            if clip.state is ClipState.WAITING:
                break
            clip.state = ClipState.SENT
            clip.starts_at = max(now, self._ends_at)
            self._ends_at = clip.starts_at + clip.seconds
            actions += [SendAudio(clip.mulaw), SendMark(clip.name)]
        return actions
