"""A recording heard as a call hears its caller, on a clock of its own.

Gate, frames, turn detector and witnesses are a call's (``call/hearing.py``). Only time is not: a
frame takes as long as its computation, and an engine's answer arrives on the simulated clock as
many seconds after its question as the engine took.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, Frame
from voice_agent.call.events import Take
from voice_agent.call.hearing import Hearing
from voice_agent.commands.own_sound import own_gate
from voice_agent.speech.endpointing import EndRules, Evidence
from voice_agent.speech.ports import EndOfTurn, Recogniser, Vad
from voice_agent.speech.turns import (
    PauseBegan,
    SpeechResumed,
    SpeechStarted,
    TurnDetector,
    TurnEnded,
    TurnEvent,
    TurnRules,
)

Kind = Literal["speech_started", "pause", "decision", "resumed", "turn_ended"]

_SILENCE = b"\xff" * FRAME_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something the detector noticed or decided.

    Attributes:
        type: what it was; a ``decision`` is what a witness' answer led to.
        at: seconds from the beginning of the recording.
        turn: number of the turn, from 1.
        pause: number of the pause within it, from 1; 0 before the first.
        silence_ms: silence by then; for ``resumed`` how long the pause was.
        needed_ms: silence that ends the turn, as far as was known then.
        smart_turn: how likely the turn is over by its sound; ``None``: not known (yet).
        words: what the words say of their end; ``None``: none are there (yet).
        spelling: digits or letters are expected or given.
        text: the words of this pause, where they are there.
        seconds: time the engine took whose answer this is.
    """

    type: Kind
    at: float
    turn: int
    pause: int = 0
    silence_ms: int = 0
    needed_ms: int | None = None
    smart_turn: float | None = None
    words: str | None = None
    spelling: bool = False
    text: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, order=True)
class _Answer:
    at_ms: float
    order: int
    take: Take
    seconds: float
    arrive: Callable[[], list[TurnEvent]]
    text: str | None


class Rehearsal:
    """One recording in one language.

    Args:
        recogniser: as calls use it.
        judge: as calls use it; ``None`` where its model is missing.
        vad: voice activity detection for this recording alone.
        turns: when turns begin and pause.
        ends: how long a silence ends them.
        language: ``de`` or ``en``.
        question: the dialogue's open question, if one is assumed.
        answer_after: seconds after which engines answer, instead of as many as they took: for
            runs that are the same every time.
    """

    def __init__(
        self,
        *,
        recogniser: Recogniser,
        judge: EndOfTurn | None,
        vad: Vad,
        turns: TurnRules,
        ends: EndRules,
        language: str,
        question: str | None = None,
        answer_after: float | None = None,
    ) -> None:
        self._recogniser = recogniser
        self._judge = judge
        self._hearing = Hearing(own_gate(), TurnDetector(turns, vad), ends)
        self._ceiling_ms = max(ends.ceiling_ms, turns.end_ms)
        self._language = language
        self._question = question
        self._answer_after = answer_after
        self._answers: list[_Answer] = []
        self._order = count()
        self._take = Take(0, 0)
        self._text: str | None = None

    def hear(self, mulaw: bytes) -> Iterator[Moment]:
        """Hear a recording, and silence behind it until its last turn is over.

        Args:
            mulaw: G.711 mu-law, 8 kHz, mono.
        """
        for number, frame in enumerate(self._frames(mulaw)):
            now_ms = number * FRAME_MS
            while self._answers and self._answers[0].at_ms <= now_ms:
                yield from self._arrived(heapq.heappop(self._answers))
            for event in self._hearing.hear(Frame(frame, now_ms)):
                yield from self._noticed(event, now_ms + FRAME_MS)

    def _frames(self, mulaw: bytes) -> Iterator[bytes]:
        for at in range(0, len(mulaw), FRAME_BYTES):
            yield mulaw[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\xff")
        after_ms = 0
        while self._hearing.in_turn and after_ms <= self._ceiling_ms + 1000:
            after_ms += FRAME_MS
            yield _SILENCE

    def _noticed(self, event: TurnEvent, now_ms: float) -> Iterator[Moment]:
        at = now_ms / 1000
        match event:
            case SpeechStarted(turn=turn):
                yield Moment(type="speech_started", at=at, turn=turn)
            case PauseBegan(turn=turn, number=number):
                self._take, self._text = Take(turn, number), None
                self._ask(event, now_ms)
                yield self._moment("pause", at)
            case SpeechResumed(pause_ms=pause_ms):
                yield replace(self._moment("resumed", at), silence_ms=pause_ms)
            case TurnEnded(silence_ms=silence_ms):
                yield replace(self._moment("turn_ended", at), silence_ms=silence_ms)

    def _ask(self, event: PauseBegan, now_ms: float) -> None:
        """Have both engines answer, each on its own time."""
        take, hearing, judge = self._take, self._hearing, self._judge
        if judge is not None:
            began = time.perf_counter()
            likely = judge.judge(event.utterance, self._language)
            took = time.perf_counter() - began
            self._later(now_ms, take, took, lambda: hearing.judged(take, likely), None)
        words = self._recogniser.transcribe(event.utterance, self._language)
        self._later(
            now_ms,
            take,
            words.seconds,
            lambda: hearing.transcribed(take, words, self._question),
            words.text,
        )

    def _later(
        self,
        now_ms: float,
        take: Take,
        took: float,
        arrive: Callable[[], list[TurnEvent]],
        text: str | None,
    ) -> None:
        seconds = took if self._answer_after is None else self._answer_after
        answer = _Answer(now_ms + seconds * 1000, next(self._order), take, seconds, arrive, text)
        heapq.heappush(self._answers, answer)

    def _arrived(self, answer: _Answer) -> Iterator[Moment]:
        before = self._hearing.evidence
        in_turn = self._hearing.in_turn
        events: Iterable[TurnEvent] = answer.arrive()
        if answer.take != self._take or not in_turn or self._hearing.evidence == before:
            return  # stale: the caller went on, or the turn is over
        if answer.text is not None:
            self._text = answer.text
        at_ms = answer.at_ms
        yield replace(self._moment("decision", at_ms / 1000), seconds=round(answer.seconds, 3))
        for event in events:
            yield from self._noticed(event, at_ms)

    def _moment(self, kind: Kind, at: float) -> Moment:
        evidence: Evidence = self._hearing.evidence
        return Moment(
            type=kind,
            at=round(at, 3),
            turn=self._take.turn,
            pause=self._take.number,
            silence_ms=evidence.silence_ms,
            needed_ms=self._hearing.needed_ms,
            smart_turn=None if evidence.acoustic is None else round(evidence.acoustic, 3),
            words=evidence.words,
            spelling=evidence.spelling,
            text=self._text,
        )
