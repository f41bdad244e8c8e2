"""What has been queued for the caller, what they have heard, and what was dropped.

The carrier's marks are the truth about what was heard. A mark that comes back after a ``clear``
says nothing, so every mark carries a generation that a clear ends.

What plays can also be held: it stops where it is, and ``release`` goes on from the word that was
cut. Audio that is still being made meanwhile is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.call.actions import Action, ClearAudio, SendAudio, SendMark, Synthesise
from voice_agent.call.far_end import FarEnd
from voice_agent.live.observation import HIDDEN_WORDS
from voice_agent.speech.cut import word_before
from voice_agent.speech.spoken import speakable

LATE: Final = 0.3
"""Seconds the caller may hear later than the clock says: the network, and what the carrier has in
hand. Less is no proof that the end of a sentence was heard before its mark has come back."""


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
        asks: puts the question that is open from then on.
        secret: only the caller may hear it.

    A sound that is no speech has no text.
    """

    text: str
    language: str
    rate: float = 1.0
    personal: bool = False
    asks: bool = False
    secret: bool = False

    @property
    def shown(self) -> str:
        """As onlookers see it, and as it is remembered."""
        return HIDDEN_WORDS if self.secret else self.text


@dataclass(slots=True)
class Clip:
    """A sentence on its way out.

    Attributes:
        name: also its mark's name: generation and number.
        sentence: what is said.
        state: how far it is.
        mulaw: its audio once synthesised.
        skip: bytes of it that need not be heard again: up to the word in which it was held.
        begun: some of it was heard before it was held.
        starts_at: when the rest begins to be heard, seconds of the call's clock, once sent.
    """

    name: str
    sentence: Sentence
    state: ClipState = ClipState.WAITING
    mulaw: bytes = b""
    skip: int = 0
    begun: bool = False
    starts_at: float = 0.0

    @property
    def seconds(self) -> float:
        """Length of the audio that is to be heard, seconds."""
        return (len(self.mulaw) - self.skip) / TELEPHONE_RATE


class Playback:
    """The agent's mouth: an ordered queue of clips."""

    def __init__(self) -> None:
        self._clips: list[Clip] = []
        self._generation = 0
        self._number = 0
        self._ends_at = 0.0
        self._silent_since = 0.0
        self._through_until = float("-inf")
        self._held = False
        self._far_end = FarEnd()

    @property
    def is_held(self) -> bool:
        """True while something is queued and must wait for ``release``."""
        return self._held and bool(self._clips)

    @property
    def is_busy(self) -> bool:
        """True while anything is queued or not yet heard."""
        return bool(self._clips)

    @property
    def queued(self) -> int:
        """How many clips are queued or not yet heard."""
        return len(self._clips)

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
        if self._clips and self._clips[0].state is ClipState.WAITING and not self._held:
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

    def played(self, now: float) -> bytes:
        """What the caller's telephone has played lately; see ``FarEnd.recent``."""
        return self._far_end.recent(now)

    def forget_played(self) -> None:
        """Keep nothing of what was played."""
        self._far_end.forget()

    def has_asked(self, now: float) -> bool:
        """True if no question is queued that has not begun to be heard, by the clock."""
        return not any(
            clip.sentence.asks
            and not (clip.begun or (clip.state is ClipState.SENT and clip.starts_at <= now))
            for clip in self._clips
        )

    def is_waiting_for(self, name: str) -> bool:
        """True if this clip is queued and has no audio yet."""
        return self._find(name, ClipState.WAITING) is not None

    def say(self, sentences: Iterable[Sentence], now: float) -> list[Action]:
        """Queue sentences; their synthesis starts at once, in order."""
        if not self._clips:
            self._silent_since = now
            self._held = False
        return [self._queue(sentence) for sentence in sentences]

    def play(self, mulaw: bytes, now: float) -> list[Action]:
        """Queue a sound that is no speech."""
        if not self._clips:
            self._held = False
        self._clips.append(Clip(self._name(), Sentence("", ""), ClipState.READY, mulaw))
        return self._release(now)

    def let_through(self, mulaw: bytes, now: float) -> list[Action]:
        """Send somebody else's voice at once; only a clear stops it."""
        starts_at = max(now, self._through_until)
        self._through_until = starts_at + len(mulaw) / TELEPHONE_RATE
        self._far_end.plays(mulaw, starts_at, now)
        return [SendAudio(mulaw)]

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

    def clear(self, now: float) -> tuple[list[Clip], list[Action]]:
        """Stop everything. Returns the clips not heard to their end, and the clear if needed."""
        self._held = False
        sounds = self.current is not None or self._through_until + LATE > now
        if not (self._clips or sounds):
            return [], []
        clear: list[Action] = [ClearAudio()] if sounds else []
        self._far_end.stops(now)
        dropped, self._clips = self._clips, []
        self._generation += 1
        self._ends_at, self._through_until = 0.0, float("-inf")
        return dropped, clear

    def hold(self, now: float) -> tuple[list[Clip], list[Action]]:
        """Stop where it is, until ``release``; nothing queued is lost.

        Returns:
            The clips that were heard to their end by the clock, and the clear if needed.
        """
        if self._held or not self._clips:
            return [], []
        self._held = True
        if self.current is None:
            return [], []
        over = sum(
            clip.state is ClipState.SENT and clip.starts_at + clip.seconds + LATE <= now
            for clip in self._clips
        )
        heard, self._clips = self._clips[:over], self._clips[over:]
        for clip in self._clips:
            if clip.state is ClipState.SENT:
                self._take_back(clip, now)
        self._ends_at = 0.0
        self._far_end.stops(now)
        return heard, [ClearAudio(for_good=False)]

    def _take_back(self, clip: Clip, now: float) -> None:
        """A new name: the mark of the old one comes back because of the clear, not of hearing."""
        position = clip.skip + round(max(0.0, now - clip.starts_at) * TELEPHONE_RATE)
        if now > clip.starts_at:
            clip.begun = True
            said = speakable(clip.sentence.text, clip.sentence.language)
            clip.skip = max(clip.skip, word_before(clip.mulaw, said, position))
        clip.state, clip.name = ClipState.READY, self._name()

    def release(self, now: float) -> list[Action]:
        """Go on with what was held."""
        if not self._held:
            return []
        self._held = False
        self._silent_since = now
        return self._release(now)

    def heard_seconds(self, now: float) -> float:
        """How much of what is sent and not yet marked has been heard, seconds, by the clock."""
        return sum(
            min(clip.seconds, max(0.0, now - clip.starts_at))
            for clip in self._clips
            if clip.state is ClipState.SENT
        )

    def _queue(self, sentence: Sentence) -> Action:
        clip = Clip(self._name(), sentence)
        self._clips.append(clip)
        return Synthesise(
            clip.name, sentence.text, sentence.language, sentence.rate, sentence.personal
        )

    def _name(self) -> str:
        self._number += 1
        return f"{self._generation}.{self._number}"

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
        if self._held:
            return actions
        for clip in self._clips:
            if clip.state is ClipState.SENT:
                continue
            if clip.state is ClipState.WAITING:
                break
            clip.state = ClipState.SENT
            clip.starts_at = max(now, self._ends_at)
            self._ends_at = clip.starts_at + clip.seconds
            audio = clip.mulaw[clip.skip :]
            self._far_end.plays(audio, clip.starts_at, now)
            actions += [SendAudio(audio), SendMark(clip.name)]
        return actions
