"""What happened in a call that was overheard."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.earpiece import Comparison
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.call.actions import (
    Action,
    DropTake,
    Hurry,
    JudgeEndOfTurn,
    SendAudio,
    Synthesise,
    Transcribe,
    Understand,
)
from voice_agent.call.events import (
    CallStarted,
    EndOfTurnJudged,
    Event,
    SpeechReady,
    TranscriptReady,
)


@dataclass(slots=True)
class Heard:
    """What came of it. Times are seconds of the call's clock, at the caller's ear.

    Attributes:
        began: when the answer began to be heard; ``None``: it never was.
        sound_at: when the sound's samples began.
        stops: when playback stopped with more to come.
        starts: when it went on after that.
        understands: when, and what words the core wanted understood after the question.
        answered: when what was heard led to something: an answer, a withdrawal, an end.
        answer: how it was heard.
        timeline: everything that happened, in order.
    """

    began: float | None = None
    sound_at: float | None = None
    stops: tuple[float, ...] = ()
    starts: tuple[float, ...] = ()
    understands: list[tuple[float, str]] = field(default_factory=list)
    answered: float | None = None
    answer: Comparison = field(default_factory=Comparison)
    timeline: list[tuple[float, str]] = field(default_factory=list)

    @property
    def silences_ms(self) -> list[int]:
        """How long the agent was silent between each stop and going on."""
        pairs = zip(self.stops, self.starts, strict=False)
        return [round(1000 * (start - stop)) for stop, start in pairs]


def brief(what: Event | Action) -> str:
    """One line of a timeline."""
    match what:
        case TranscriptReady(take=take, transcript=transcript):
            why = f" ({transcript.rejected})" if transcript.rejected else ""
            return f"words of {take.turn}.{take.number}: {transcript.text!r}{why}"
        case EndOfTurnJudged(take=take, probability=probability):
            return f"sound of {take.turn}.{take.number}: {probability or 0:.2f}"
        case Transcribe(take=take, utterance=utterance):
            speech = utterance.reveal().speech_ms
            return f"Transcribe {take.turn}.{take.number}, {speech} ms of speech"
        case JudgeEndOfTurn(take=take) | Hurry(take=take) | DropTake(take=take):
            return f"{type(what).__name__} {take.turn}.{take.number}"
        case SendAudio(mulaw=audio):
            return f"SendAudio, {len(audio) * 1000 // TELEPHONE_RATE} ms"
        case SpeechReady(clip=clip, mulaw=audio):
            return f"SpeechReady {clip}, {len(audio) * 1000 // TELEPHONE_RATE} ms"
        case Synthesise(clip=clip, text=text):
            return f"Synthesise {clip}: {text}"
        case Understand(said=said):
            return f"Understand {said.text!r}"
        case CallStarted():
            return "CallStarted"
        case _:
            return str(what)
