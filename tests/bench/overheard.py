"""One call through the real core on a clock of its own, with an ear at the caller's end.

The caller asks a question, and while the agent answers it a sound is made on the caller's line.
Gate, turns, barge-in, dialogue and understanding are a call's; what the core asks for is done as
``runtime/`` does it, on simulated time.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Final

import numpy as np

from consent.purpose import Purpose
from consent.receipt import Receipt
from tests.bench.earpiece import Earpiece
from tests.bench.ears import JUDGEMENT_S, RECOGNITION_S
from tests.bench.overlap import EchoPath, Samples
from tests.bench.stage import Stage
from tests.bench.timeline import Heard, brief
from voice_agent.audio import mulaw
from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, TELEPHONE_RATE, Frame
from voice_agent.call.actions import (
    Action,
    ClearAudio,
    CommitConsent,
    DropTake,
    Finish,
    Hurry,
    JudgeEndOfTurn,
    Observe,
    RecordWithdrawal,
    SendAudio,
    SendLink,
    SendMark,
    Synthesise,
    Transcribe,
    Understand,
)
from voice_agent.call.events import (
    CallStarted,
    EndOfTurnJudged,
    Event,
    MarkReached,
    MediaReceived,
    SpeechReady,
    Take,
    TimePassed,
    TranscriptReady,
    Understood,
)
from voice_agent.call.session import CallSession
from voice_agent.speech.echo import CorrelationEcho

NETWORK_S: Final = 0.04
"""Seconds between the caller's handset and the server, each way."""

UNDERSTANDING_S: Final = 0.01

_CALL: Final = "CA1"
_QUESTION: Final = {
    "de": "Wann haben Sie denn geöffnet?",
    "en": "What are your opening hours?",
}
_ASK_S: Final = 0.4
"""Seconds the caller waits after the greeting."""

_QUIET_S: Final = 3.0
"""So long after the last sound of either side nothing more comes of it."""

_LONGEST_S: Final = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What is on the caller's line during the answer.

    Attributes:
        samples: the sound; empty: none.
        after_s: when it begins, seconds after the answer began to be heard.
        background: goes on over and over; empty: none.
        steady: the background is there from the call's beginning, and the detector knows it. One
            of voices begins with the answer, for the caller's question would not end in it.
        echo: of the agent's voice, from the answer on.
    """

    samples: Samples
    after_s: float
    background: Samples
    steady: bool = False
    echo: EchoPath | None = None


class Overheard:
    """One call.

    Args:
        stage: what all calls share.
        language: the call's.
        sound: what is made during the answer.
    """

    def __init__(self, stage: Stage, language: str, sound: Sound) -> None:
        self._stage = stage
        self._language = language
        self._sound = sound
        terms = replace(stage.terms, call_id=_CALL, language=language)
        self._session = CallSession(
            terms, stage.vad(), stage.engine, stage.script, CorrelationEcho()
        )
        self._now = 0.0
        self._order = count()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._dropped: set[Take] = set()
        self._hurried: set[Take] = set()
        self._newest: dict[int, Take] = {}
        samples = round(_LONGEST_S * TELEPHONE_RATE)
        self._line: Samples = np.zeros(samples)
        self._earpiece = Earpiece(samples, self._tell)
        self._asked = False  # the caller has put the question
        self._answering = False  # and it was understood
        self._heard = Heard()

    def run(self) -> Heard:
        """Hold the call until nothing more comes of the sound."""
        receipt = Receipt("record", _CALL, frozenset({Purpose.CONVERSATION}))
        self._post(CallStarted(receipt))
        for at in range(0, len(self._line), FRAME_BYTES):
            self._until(at / TELEPHONE_RATE)
            for mark, sample in self._earpiece.play(at):
                self._return(mark, (sample - at) / TELEPHONE_RATE)
            self._act(at)
            self._speak(at)
            if self._is_over():
                break
        heard, earpiece = self._heard, self._earpiece
        heard.stops = tuple(at / TELEPHONE_RATE for at in earpiece.stops)
        heard.starts = tuple(at / TELEPHONE_RATE for at in earpiece.starts)
        heard.answer = earpiece.compare()
        return heard

    # -- the caller ----------------------------------------------------------------------------

    @property
    def _quiet_since(self) -> float:
        """When the agent was heard last."""
        return self._earpiece.last / TELEPHONE_RATE

    def _act(self, at: int) -> None:
        """Ask once the greeting is over; make the sound once its time has come."""
        heard, earpiece = self._heard, self._earpiece
        quiet = earpiece.is_empty and self._now - self._quiet_since > _ASK_S
        if not self._asked and earpiece.last and quiet:
            self._asked = True
            self._mix(self._stage.questions[self._language], at)
            self._tell("the caller asks")
        if earpiece.began is not None:
            heard.began = earpiece.began / TELEPHONE_RATE
        if heard.began is None or heard.sound_at is not None:
            return
        if self._now >= heard.began + self._sound.after_s:
            heard.sound_at = self._now
            self._mix(self._sound.samples, at)
            self._tell("the sound begins")

    def _mix(self, samples: Samples, at: int) -> None:
        self._line[at : at + len(samples)] += samples

    def _speak(self, at: int) -> None:
        samples = self._line[at : at + FRAME_BYTES]
        background, echo = self._sound.background, self._sound.echo
        if len(background) and (self._sound.steady or self._answering):
            samples = samples + np.take(background, range(at, at + FRAME_BYTES), mode="wrap")
        if echo is not None and self._answering:
            samples = samples + echo.frame(self._earpiece.heard, at)
        pcm = np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
        frame = Frame(mulaw.encode(pcm), at * 1000 // TELEPHONE_RATE)
        self._later(FRAME_MS / 1000 + NETWORK_S, lambda: self._post(MediaReceived(frame)))

    def _return(self, mark: str, after: float = 0.0) -> None:
        self._later(after + NETWORK_S, lambda: self._post(MarkReached(mark)))

    def _clear(self) -> None:
        for mark in self._earpiece.clear(round(self._now * TELEPHONE_RATE)):
            self._return(mark)

    # -- the server ----------------------------------------------------------------------------

    def _post(self, event: Event) -> None:
        if not isinstance(event, MediaReceived | TimePassed):
            self._tell(f"<- {brief(event)}")
        for action in self._session.receive(event, self._now):
            if not isinstance(action, Observe):
                self._tell(f"   -> {brief(action)}")
            self._perform(action)

    def _perform(self, action: Action) -> None:
        match action:
            case SendAudio(mulaw=audio):
                self._later(NETWORK_S, partial(self._earpiece.send, audio))
            case SendMark(name=name):
                self._later(NETWORK_S, partial(self._earpiece.mark, name))
            case ClearAudio():
                self._later(NETWORK_S, self._clear)
            case Synthesise():
                self._later(0.0, lambda: self._synthesise(action))
            case Transcribe(take=take):
                if (older := self._newest.get(take.turn)) is not None:
                    self._dropped.add(older)
                self._newest[take.turn] = take
                self._later(RECOGNITION_S, lambda: self._recognise(action))
            case JudgeEndOfTurn():
                self._later(JUDGEMENT_S, lambda: self._judge(action))
            case DropTake(take=take):
                self._dropped.add(take)
            case Hurry(take=take):
                self._hurried.add(take)
            case Understand():
                if self._answering:
                    self._heard.understands.append((self._now, action.said.text))
                self._later(UNDERSTANDING_S, lambda: self._understand(action))
            case RecordWithdrawal() | Finish():
                self._answered()
            case Observe():
                pass
            case SendLink() | CommitConsent():
                raise RuntimeError("nobody asks for this here")

    def _synthesise(self, asked: Synthesise) -> None:
        """Every sentence is a static one: its audio is in the cache of a running server."""
        audio = self._stage.voices[asked.language].speak(asked.text, asked.rate, personal=False)
        if self._answering and not self._heard.understands and self._heard.sound_at is None:
            self._earpiece.expect(audio)
        if self._heard.understands:  # something else is said than what the sound held
            self._answered()
        self._post(SpeechReady(asked.clip, audio))

    def _recognise(self, asked: Transcribe) -> None:
        if asked.take not in self._dropped:
            words = self._stage.ears.transcribe(asked)
            if not self._answering:  # every case has the same answer, however it was heard
                words = replace(words, text=_QUESTION[self._language], rejected=None)
            self._post(TranscriptReady(asked.take, words))

    def _judge(self, asked: JudgeEndOfTurn) -> None:
        if self._stage.ears.judges and asked.take not in self._dropped | self._hurried:
            self._post(EndOfTurnJudged(asked.take, self._stage.ears.judge(asked)))

    def _understand(self, asked: Understand) -> None:
        commands = self._stage.understander.understand(asked.said)
        self._answering = True
        self._post(Understood(asked.take, commands))

    def _answered(self) -> None:
        if self._heard.answered is None:
            self._heard.answered = self._now

    # -- time ----------------------------------------------------------------------------------

    def _later(self, seconds: float, happening: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (self._now + seconds, next(self._order), happening))

    def _until(self, end: float) -> None:
        while True:
            at = self._queue[0][0] if self._queue else float("inf")
            deadline = self._session.deadline()
            if deadline is not None and deadline < at and deadline <= end:
                self._now = max(self._now, deadline)
                self._post(TimePassed())
            elif at <= end + 1e-9:
                _, _, happening = heapq.heappop(self._queue)
                self._now = max(self._now, at)
                happening()
            else:
                self._now = end
                return

    def _is_over(self) -> bool:
        heard = self._heard
        if heard.answered is not None:
            return self._now > heard.answered + 0.2
        if heard.sound_at is None:
            return False
        length = len(self._sound.samples) / TELEPHONE_RATE
        last = max(self._quiet_since, heard.sound_at + length)
        return self._earpiece.is_empty and self._now > last + _QUIET_S

    def _tell(self, what: str) -> None:
        self._heard.timeline.append((self._now, what))
