"""The call's ears: frames through the gate into turns, and which transcript belongs to which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from consent.gate import ConsentGate
from voice_agent.audio.frame import FRAME_MS, Frame
from voice_agent.audio.framer import Framer
from voice_agent.call.events import Take
from voice_agent.call.turn_end import TurnEnd
from voice_agent.speech.endpointing import EndRules, Evidence
from voice_agent.speech.ports import Transcript
from voice_agent.speech.turns import (
    PauseBegan,
    SpeechResumed,
    SpeechStarted,
    TurnDetector,
    TurnEnded,
    TurnEvent,
)


@dataclass(frozen=True, slots=True)
class Words:
    """What was made of one turn that is over.

    Attributes:
        take: the turn's last take.
        transcript: the words; ``None`` if recognition failed.
        wanted: an answer is still due; false for words a key has overtaken.
    """

    take: Take
    transcript: Transcript | None
    wanted: bool


class Hearing:
    """What one call hears. Audio passes the gate before anything looks at it.

    Args:
        gate: the call's consent.
        detector: the call's turns.
        ends: how long a silence ends a turn.
    """

    def __init__(
        self, gate: ConsentGate, detector: TurnDetector, ends: EndRules | None = None
    ) -> None:
        self._gate = gate
        self._detector = detector
        self._end = TurnEnd(ends or EndRules())
        self._since_end_ms = 0
        self._framer = Framer()
        self._stopped = False
        self._pause: Take | None = None
        self._wanted: dict[Take, bool] = {}  # turns that are over, in order; is an answer due?
        self._transcripts: dict[Take, Transcript | None] = {}
        self._forget: Callable[[], None] = lambda: None

    @property
    def in_turn(self) -> bool:
        """True while the caller's turn lasts, pauses included."""
        return self._detector.in_turn

    @property
    def speech_ms(self) -> int:
        """Milliseconds of speech in the present turn."""
        return self._detector.speech_ms

    @property
    def silence_ms(self) -> int:
        """Milliseconds of silence since the last speech of the present turn."""
        return self._detector.silence_ms

    @property
    def evidence(self) -> Evidence:
        """What the witnesses say of the present pause, or said of the last."""
        return self._end.evidence

    @property
    def needed_ms(self) -> int:
        """How long the present pause must be to end the turn, milliseconds."""
        return self._end.needed_ms(self._end.evidence.silence_ms)

    @property
    def is_waiting(self) -> bool:
        """True while words of a turn that is over are still to come and wanted."""
        return any(self._wanted.values())

    def hear(self, piece: Frame, played: bytes = b"") -> Iterator[TurnEvent]:
        """Take audio as it came and yield what it changes.

        ``played`` is the agent's voice in the time before, which may come back as an echo.

        Without consent it is dropped whole, undecoded, uncut. What an event leads to may end the
        listening: then the rest of the piece is not heard either.
        """
        if self._stopped or not self._gate.is_open:
            return
        yield from self._feed(self._framer.cut(piece), played)

    def assume_silence(self, ms: int) -> Iterator[TurnEvent]:
        """The carrier sends nothing: let silence pass, so that the turn can end."""
        yield from self._feed(self._framer.assume(ms))

    def _feed(self, frames: Iterable[Frame], played: bytes = b"") -> Iterator[TurnEvent]:
        for frame in frames:
            sealed = None if self._stopped else self._gate.admit(frame)
            if sealed is None:
                return
            self._since_end_ms += FRAME_MS
            for event in self._detector.hear(sealed, played):
                self._note(event)
                yield event

    def _note(self, event: TurnEvent) -> None:
        self._witness(event)
        match event:
            case PauseBegan(turn=turn, number=number):
                self._pause = Take(turn, number)
            case SpeechResumed() | TurnEnded() if self._pause is not None:
                pause, self._pause = self._pause, None
                if isinstance(event, TurnEnded):
                    self._wanted[pause] = True
                else:  # more was said: what was made of the turn so far is stale
                    self._transcripts.pop(pause, None)
            case _:
                return

    def _witness(self, event: TurnEvent) -> None:
        match event:
            case SpeechStarted():
                self._end.started(self._since_end_ms)
            case PauseBegan(turn=turn, number=number):
                silence_ms = self._detector.silence_ms
                self._detector.wait_for(self._end.paused(Take(turn, number), silence_ms))
            case SpeechResumed(pause_ms=pause_ms):
                self._end.resumed(pause_ms)
            case TurnEnded(silence_ms=silence_ms):
                self._end.ended(silence_ms)
                self._since_end_ms = 0

    def transcribed(
        self, take: Take, transcript: Transcript | None, question: str | None = None
    ) -> list[TurnEvent]:
        """Words arrived (``None``: recognition failed); those of a stale take are not kept.

        Args:
            take: what they were made of.
            transcript: the words.
            question: the dialogue's open question.

        Returns:
            What it changed: with these words the turn may be over.
        """
        if take == self._pause or take in self._wanted:
            self._transcripts[take] = transcript
        return self._weigh() if self._end.heard(take, transcript, question) else []

    def judged(self, take: Take, probability: float | None) -> list[TurnEvent]:
        """The turn's sound was judged (``None``: the judge failed); returns what it changed."""
        return self._weigh() if self._end.judged(take, probability) else []

    def is_paused_at(self, take: Take) -> bool:
        """True if this take is of the present pause of a turn that is not over."""
        return take == self._pause

    def needs(self, take: Take) -> bool:
        """True if words of this take are still to come and wanted, the turn being over."""
        return self._wanted.get(take, False) and take not in self._transcripts

    def _weigh(self) -> list[TurnEvent]:
        self._detector.wait_for(self._end.needed_ms(self._detector.silence_ms))
        events = self._detector.settle()
        for event in events:
            self._note(event)
        return events

    def texts(self) -> tuple[str, ...]:
        """The texts that are there of turns that are over and were not taken yet."""
        there = (self._transcripts.get(take) for take in self._wanted)
        return tuple(transcript.text for transcript in there if transcript and transcript.text)

    def take_words(self) -> list[Words]:
        """Return the words of turns that are over, once each, in the order they were said."""
        words: list[Words] = []
        for take, wanted in list(self._wanted.items()):
            if take in self._transcripts:
                del self._wanted[take]
                words.append(Words(take, self._transcripts.pop(take), wanted))
            elif wanted:
                break  # what was said after it is answered after it
        return words

    def passes_words_to(self, forget: Callable[[], None]) -> None:
        """Name who takes the words from here, and so has to forget them after a withdrawal."""
        self._forget = forget

    def drop(self) -> None:
        """End the present turn, and want no answer to anything said so far."""
        if self._pause is not None:
            self._wanted[self._pause] = True
        self._wanted = dict.fromkeys(self._wanted, False)
        self._pause = None
        self._forget_audio()

    def stop(self) -> None:
        """Listen no more, and forget everything."""
        self._stopped = True
        self._forget_audio()
        self._pause = None
        self._wanted.clear()
        self._transcripts.clear()

    def withdraw(self) -> None:
        """Stop, and have everything forgotten that was made of what was heard (C16)."""
        self.stop()
        self._forget()

    def _forget_audio(self) -> None:
        self._framer.forget()
        self._end.forget()
        self._detector.forget()
