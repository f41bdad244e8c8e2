"""What has been queued for the caller, what they have heard, and what was dropped.

The carrier's marks are the truth about what was heard. A mark that comes back after a ``clear``
says nothing, so every mark carries a generation that a clear ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
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


@dataclass(slots=True)
class Playback:
    """The agent's mouth: an ordered queue of clips.

    Attributes:
        generation: counts the clears.
    """

    generation: int = 0
    _clips: list[Clip] = field(default_factory=list)
    _number: int = 0
    _ends_at: float = 0.0
    _silent_since: float = 0.0

    @property
    def is_busy(self) -> bool:
        """True while anything is queued or not yet heard."""
        return bool(self._clips)

    @property
    def is_audible(self) -> bool:
        """True while something was sent and not yet heard to its end."""
        return any(clip.state is ClipState.SENT for clip in self._clips)

    @property
    def current(self) -> Clip | None:
        """The clip being heard, or next to be; ``None`` when nothing is sent."""
        return next((clip for clip in self._clips if clip.state is ClipState.SENT), None)

    @property
    def waiting_since(self) -> float | None:
        """Since when the head of the queue has waited for its audio; ``None`` when it does not."""
        if self._clips and self._clips[0].state is ClipState.WAITING:
            return self._silent_since
        return None

    @property
    def expected_end(self) -> float | None:
        """When everything sent will have been heard, by the clock; ``None``: nothing is sent."""
        return self._ends_at if self.is_audible else None

    def say(self, sentences: Iterable[Sentence], now: float) -> list[Action]:
        """Queue sentences; their synthesis starts at once, in order."""
        actions: list[Action] = []
        if not self._clips:
            self._silent_since = now
        for sentence in sentences:
            self._number += 1
            clip = Clip(f"{self.generation}.{self._number}", sentence)
            self._clips.append(clip)
            actions.append(
                Synthesise(
                    clip.name, sentence.text, sentence.language, sentence.rate, sentence.personal
                )
            )
        return actions

    def ready(self, name: str, mulaw: bytes, now: float) -> list[Action]:
        """Take a clip's audio; send what is next in order. Unknown (cleared) clips are ignored."""
        for clip in self._clips:
            if clip.name == name and clip.state is ClipState.WAITING:
                clip.mulaw = mulaw
                clip.state = ClipState.READY
                return self._release(now)
        return []

    def failed(self, name: str, now: float) -> tuple[bool, list[Action]]:
        """Skip a clip that could not be spoken. Returns whether it was ours, and what follows."""
        for clip in self._clips:
            if clip.name == name and clip.state is ClipState.WAITING:
                self._clips.remove(clip)
                self._silent_since = now
                return True, self._release(now)
        return False, []

    def skip_waiting(self, now: float) -> tuple[bool, list[Action]]:
        """Skip the first clip that has no audio yet, as ``failed`` does."""
        waiting = (clip.name for clip in self._clips if clip.state is ClipState.WAITING)
        return self.failed(next(waiting, ""), now)

    def mark(self, name: str, now: float) -> list[Clip]:
        """A mark came back: returns the clips now heard to their end, none if it is stale."""
        for index, clip in enumerate(self._clips):
            if clip.name == name and clip.state is ClipState.SENT:
                heard, self._clips = self._clips[: index + 1], self._clips[index + 1 :]
                self._silent_since = now
                return heard
        return []

    def overdue(self, now: float) -> list[Clip]:
        """Count everything sent as heard: its time is long past and no mark has come."""
        heard = [clip for clip in self._clips if clip.state is ClipState.SENT]
        self._clips = [clip for clip in self._clips if clip.state is not ClipState.SENT]
        self._silent_since = now
        return heard

    def clear(self) -> tuple[list[Clip], list[Action]]:
        """Stop everything. Returns the clips not heard to their end, and the clear if needed."""
        if not self._clips:
            return [], []
        audible = self.is_audible
        dropped, self._clips = self._clips, []
        self.generation += 1
        self._ends_at = 0.0
        return dropped, [ClearAudio()] if audible else []

    def heard_seconds(self, clip: Clip, now: float) -> float:
        """How much of a sent clip has been heard by ``now``, seconds, by the clock."""
        if clip.state is not ClipState.SENT:
            return 0.0
        return min(clip.seconds, max(0.0, now - clip.starts_at))

    def again(self, clips: Iterable[Clip], now: float) -> list[Action]:
        """Queue dropped clips once more, in the present generation; ready audio is reused."""
        actions: list[Action] = []
        if not self._clips:
            self._silent_since = now
        for old in clips:
            self._number += 1
            clip = replace(old, name=f"{self.generation}.{self._number}", state=ClipState.WAITING)
            if clip.mulaw:
                clip.state = ClipState.READY
            else:
                actions.append(
                    Synthesise(
                        clip.name,
                        clip.sentence.text,
                        clip.sentence.language,
                        clip.sentence.rate,
                        clip.sentence.personal,
                    )
                )
            self._clips.append(clip)
        return actions + self._release(now)

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
