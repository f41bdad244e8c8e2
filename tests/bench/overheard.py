"""One call through the real core on a clock of its own, with an ear at the caller's end.

The caller asks a question, and while the agent answers it a sound is made on the caller's line.
Gate, turns, barge-in, dialogue and understanding are a call's; what the core asks for is done as
``runtime/`` does it, on simulated time. The carrier is simulated: it plays frames of 20 ms, sends a
mark back when it is heard, and empties itself on a clear. What it plays is compared with what the
agent meant to say, sample by sample.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from consent.purpose import Purpose
from consent.receipt import Receipt
from tests.bench.overlap import EchoPath, Samples
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
from voice_agent.call.ports import Script
from voice_agent.call.session import CallSession
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.speech.ports import EndOfTurn, Recogniser, Transcript
from voice_agent.speech.voice import Voice
from voice_agent.speech.webrtc_vad import WebRtcVad

NETWORK_S: Final = 0.04
"""Seconds between the caller's handset and the server, each way."""

RECOGNITION_S: Final = 0.25
"""Seconds every recognition takes, whatever it took here."""

JUDGEMENT_S: Final = 0.06
UNDERSTANDING_S: Final = 0.01

_LEAD: Final = round(0.16 * TELEPHONE_RATE)
"""Bytes the server has sent ahead; of what lies further ahead the carrier knows no mark yet."""

_FRAME_S: Final = FRAME_MS / 1000
_QUIET_S: Final = 3.0
"""So long after the last sound of either side nothing more comes of it."""

_LONGEST_S: Final = 60.0
_ELSEWHERE: Final = -1
_SILENCE: Final = -2


class Ears:
    """Recogniser and judge of turns; each sound is heard once, however often it is asked about.

    Args:
        recogniser: the real one.
        judge: the real one; ``None`` where its model is missing.
        kept: what was heard in earlier runs, and is written by ``keep``.
    """

    def __init__(
        self, recogniser: Recogniser, judge: EndOfTurn | None, kept: Path | None = None
    ) -> None:
        self._recogniser = recogniser
        self._judge = judge
        self._file = kept
        self._heard: dict[str, str] = {}
        self._judged: dict[str, float] = {}
        if kept is not None and kept.exists():
            facts = json.loads(kept.read_text("utf-8"))
            self._heard, self._judged = facts["heard"], facts["judged"]

    @property
    def judges(self) -> bool:
        """True if the sound of turns is judged."""
        return self._judge is not None

    def transcribe(self, asked: Transcribe) -> Transcript:
        """The recogniser's words, as if it took ``RECOGNITION_S``."""
        key = _key(asked)
        if key not in self._heard:
            transcript = self._recogniser.transcribe(asked.utterance, asked.language)
            self._heard[key] = json.dumps(asdict(replace(transcript, seconds=RECOGNITION_S)))
        return Transcript(**json.loads(self._heard[key]))

    def judge(self, asked: JudgeEndOfTurn) -> float | None:
        """How likely the turn is over by its sound."""
        if self._judge is None:
            return None
        key = _key(asked)
        if key not in self._judged:
            self._judged[key] = self._judge.judge(asked.utterance, asked.language)
        return self._judged[key]

    def keep(self) -> None:
        """Write down what was heard, if a file was named."""
        if self._file is not None:
            facts = {"heard": self._heard, "judged": self._judged}
            self._file.write_text(json.dumps(facts), "utf-8")


def _key(asked: Transcribe | JudgeEndOfTurn) -> str:
    utterance = asked.utterance.reveal()
    sound = hashlib.sha256(utterance.mulaw).hexdigest()
    return f"{asked.language} {utterance.speech_ms} {sound}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What all calls share.

    Attributes:
        engine: the dialogue.
        script: lines around it.
        understander: the built-in one.
        terms: the call's terms; the language is each call's own.
        voices: for each language.
        ears: recogniser and judge.
        questions: what the caller asks, for each language.
    """

    engine: Engine
    script: Script
    understander: BuiltinUnderstander
    terms: CallTerms
    voices: Mapping[str, Voice]
    ears: Ears
    questions: Mapping[str, Samples]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What is on the caller's line during the answer.

    Attributes:
        samples: the sound; empty: none.
        after_s: when it begins, seconds after the answer began to be heard.
        background: goes on from the answer on, over and over, so that whether turns end in it is
            another question; empty: none.
        echo: of the agent's voice, from the answer on.
    """

    samples: Samples
    after_s: float
    background: Samples
    echo: EchoPath | None = None


@dataclass(slots=True)
class Heard:
    """What came of it. Times are seconds of the call's clock, at the caller's ear.

    Attributes:
        began: when the answer began to be heard; ``None``: it never was.
        sound_at: when the sound's file began.
        stops: when playback stopped with more to come.
        starts: when it went on after that with what was left of the answer.
        understands: when, and what words the core wanted understood.
        answered: when the caller's turn led to something: a meaning, a withdrawal, an end.
        finished: the answer was heard to its end.
        said_ms: length of the answer.
        lost_ms: how much audible sound of it was never heard, up to its last part that was.
        twice_ms: how much of it was heard again.
        timeline: everything that happened, in order.
    """

    began: float | None = None
    sound_at: float | None = None
    stops: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    understands: list[tuple[float, str]] = field(default_factory=list)
    answered: float | None = None
    finished: bool = False
    said_ms: int = 0
    lost_ms: int = 0
    twice_ms: int = 0
    timeline: list[tuple[float, str]] = field(default_factory=list)

    @property
    def silences_ms(self) -> list[int]:
        """How long the agent was silent between a stop and going on."""
        return [
            round(1000 * (min(later) - stop))
            for stop in self.stops
            if (later := [start for start in self.starts if start >= stop])
        ]


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
        terms = replace(stage.terms, call_id="CA1", language=language)
        self._session = CallSession(terms, WebRtcVad(), stage.engine, stage.script)
        self._now = 0.0
        self._order = count()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._dropped: set[Take] = set()
        self._hurried: set[Take] = set()
        self._wanted: dict[int, Take] = {}
        self._carrier: deque[tuple[bytes, int] | str] = deque()
        most = round(_LONGEST_S * TELEPHONE_RATE) + FRAME_BYTES
        self._ear: Samples = np.zeros(most)
        self._place: npt.NDArray[np.int64] = np.full(most, _SILENCE)
        self._line: Samples = np.zeros(most)
        self._answer = b""
        self._texts: set[str] = set()
        self._asked = False  # the caller has put the question
        self._answering = False  # and it was understood
        self._dry_since = 0.0
        self._stopped = False
        self._heard = Heard()

    def run(self) -> Heard:
        """Hold the call until nothing more comes of the sound."""
        receipt = Receipt("record", "CA1", frozenset({Purpose.CONVERSATION}))
        self._post(CallStarted(receipt))
        for number in range(round(_LONGEST_S / _FRAME_S)):
            begin = number * _FRAME_S
            self._until(begin)
            self._play(number * FRAME_BYTES)
            self._act(number * FRAME_BYTES)
            self._speak(number * FRAME_BYTES)
            if self._is_over():
                break
        return self._compared()

    # -- the caller ----------------------------------------------------------------------------

    def _act(self, at: int) -> None:
        """Ask once the greeting is over; make the sound once its time has come."""
        heard = self._heard
        dry = not self._carrier and self._now - self._dry_since > 0.4
        if not self._asked and self._now > 1.0 and dry:
            self._asked = True
            self._mix(self._stage.questions[self._language], at)
            self._tell("the caller asks")
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
        if self._answering and len(background):
            samples = samples + np.take(background, range(at, at + FRAME_BYTES), mode="wrap")
        if self._answering and echo is not None:
            samples = samples + echo.frame(self._ear, at)
        pcm = np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
        frame = Frame(mulaw.encode(pcm), at * 1000 // TELEPHONE_RATE)
        self._later(_FRAME_S + NETWORK_S, lambda: self._post(MediaReceived(frame)))

    # -- the carrier ---------------------------------------------------------------------------

    def _play(self, at: int) -> None:
        filled = 0
        while self._carrier and filled < FRAME_BYTES:
            head = self._carrier.popleft()
            if isinstance(head, str):
                self._return(head, filled / TELEPHONE_RATE)
                continue
            audio, place = head
            taken = audio[: FRAME_BYTES - filled]
            if audio[len(taken) :]:
                rest = place if place < 0 else place + len(taken)
                self._carrier.appendleft((audio[len(taken) :], rest))
            end = at + filled + len(taken)
            self._ear[end - len(taken) : end] = mulaw.decode(taken)
            places = place if place < 0 else np.arange(place, place + len(taken))
            self._place[end - len(taken) : end] = places
            filled += len(taken)
            self._began_to_play(place)
        if filled:
            self._dry_since = self._now + _FRAME_S

    def _began_to_play(self, place: int) -> None:
        heard = self._heard
        if heard.began is None and place >= 0:
            heard.began = self._now
            self._tell("the answer begins to be heard")
        if self._stopped:
            self._stopped = False
            heard.starts.append(self._now)
            of = "something else" if place < 0 else f"the answer at {place * 1000 // 8000} ms"
            self._tell(f"audio again: {of}")

    def _return(self, mark: str, after: float) -> None:
        self._later(after + NETWORK_S, lambda: self._post(MarkReached(mark)))

    def _clear(self) -> None:
        ahead, marks, cut = 0, [], False
        for head in self._carrier:
            if isinstance(head, str):
                marks += [head] if ahead <= _LEAD else []
            else:
                cut, ahead = True, ahead + len(head[0])
        self._carrier.clear()
        for mark in marks:
            self._return(mark, 0.0)
        if cut and not self._stopped:
            # The frame that is playing is played to its end.
            self._stopped = True
            self._heard.stops.append(np.floor(self._now / _FRAME_S + 1e-6) * _FRAME_S + _FRAME_S)
            self._tell("the agent's audio stops")

    # -- the server ----------------------------------------------------------------------------

    def _post(self, event: Event) -> None:
        if not isinstance(event, MediaReceived | TimePassed):
            self._tell(f"<- {_brief(event)}")
        for action in self._session.receive(event, self._now):
            if not isinstance(action, Observe):
                self._tell(f"   -> {_brief(action)}")
            self._perform(action)

    def _perform(self, action: Action) -> None:
        match action:
            case SendAudio(mulaw=audio):
                place = self._place_of(audio)
                self._later(NETWORK_S, lambda: self._carrier.append((audio, place)))
            case SendMark(name=name):
                self._later(NETWORK_S, lambda: self._carrier.append(name))
            case ClearAudio():
                self._later(NETWORK_S, self._clear)
            case Synthesise():
                self._later(0.0, lambda: self._synthesise(action))
            case Transcribe(take=take):
                if (older := self._wanted.get(take.turn)) is not None:
                    self._dropped.add(older)
                self._wanted[take.turn] = take
                self._later(RECOGNITION_S, lambda: self._recognise(action))
            case JudgeEndOfTurn():
                self._later(JUDGEMENT_S, lambda: self._judge(action))
            case DropTake(take=take):
                self._dropped.add(take)
            case Hurry(take=take):
                self._hurried.add(take)
            case Understand():
                if self._heard.sound_at is not None:
                    self._heard.understands.append((self._now, action.text))
                self._later(UNDERSTANDING_S, lambda: self._understand(action))
            case RecordWithdrawal() | Finish():
                self._answered()
            case Observe():
                pass
            case SendLink() | CommitConsent():
                raise RuntimeError("nobody asks for this here")

    def _synthesise(self, asked: Synthesise) -> None:
        audio = self._stage.voices[asked.language].speak(asked.text, asked.rate, personal=False)
        if self._answering and self._heard.answered is None and asked.text not in self._texts:
            if self._heard.understands == []:
                self._answer += audio
            self._texts.add(asked.text)
        self._post(SpeechReady(asked.clip, audio))

    def _recognise(self, asked: Transcribe) -> None:
        if asked.take not in self._dropped:
            self._post(TranscriptReady(asked.take, self._stage.ears.transcribe(asked)))

    def _judge(self, asked: JudgeEndOfTurn) -> None:
        if self._stage.ears.judges and asked.take not in self._dropped | self._hurried:
            self._post(EndOfTurnJudged(asked.take, self._stage.ears.judge(asked)))

    def _understand(self, asked: Understand) -> None:
        commands = self._stage.understander.understand(asked.text, asked.language, asked.question)
        if self._heard.understands:
            self._answered()
        self._answering = True
        self._post(Understood(asked.take, commands))

    def _answered(self) -> None:
        if self._heard.answered is None:
            self._heard.answered = self._now

    def _place_of(self, audio: bytes) -> int:
        """Where in the answer this audio comes from; it may be a later part of a clip."""
        probe = TELEPHONE_RATE // 20
        for at in range(0, max(1, len(audio) - probe), probe):
            part = audio[at : at + probe]
            found = self._answer.find(part) if len(set(part)) > 20 else -1
            if found >= at:
                return found - at
        return _ELSEWHERE

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
        last = max(self._dry_since, heard.sound_at + length)
        return not self._carrier and self._now > last + _QUIET_S

    def _tell(self, what: str) -> None:
        self._heard.timeline.append((self._now, what))

    # -- what the ear got ----------------------------------------------------------------------

    def _compared(self) -> Heard:
        """Compare what was heard, in order, with the answer as it was made."""
        heard, answer = self._heard, self._answer
        heard.said_ms = len(answer) * 1000 // TELEPHONE_RATE
        if not answer:
            return heard
        places = self._place[self._place >= 0]
        times = np.bincount(places, minlength=len(answer))[: len(answer)]
        sound = np.abs(mulaw.decode(answer).astype(np.float64)) > 100
        # A wave passes through nothing all the time: 10 ms around a sound is sound.
        sound = np.convolve(sound, np.ones(80), mode="same") > 0
        last = int(np.flatnonzero(times)[-1]) if times.any() else 0
        ms = TELEPHONE_RATE // 1000
        heard.lost_ms = int((sound & (times == 0))[:last].sum()) // ms
        heard.twice_ms = int((np.maximum(times - 1, 0) * sound).sum()) // ms
        heard.finished = not sound[last + 1 :].any()
        return heard


def _brief(what: Event | Action) -> str:
    match what:
        case TranscriptReady(take=take, transcript=transcript):
            why = f" ({transcript.rejected})" if transcript.rejected else ""
            return f"words of {take.turn}.{take.number}: {transcript.text!r}{why}"
        case EndOfTurnJudged(take=take, probability=probability):
            return f"sound of {take.turn}.{take.number}: {probability or 0:.2f}"
        case Transcribe(take=take, utterance=utterance):
            speech = utterance.reveal().speech_ms
            return f"transcribe {take.turn}.{take.number}, {speech} ms of speech"
        case JudgeEndOfTurn(take=take) | Hurry(take=take) | DropTake(take=take):
            return f"{type(what).__name__} {take.turn}.{take.number}"
        case SendAudio(mulaw=audio):
            return f"audio, {len(audio) * 1000 // TELEPHONE_RATE} ms"
        case SpeechReady(clip=clip, mulaw=audio):
            return f"speech {clip}, {len(audio) * 1000 // TELEPHONE_RATE} ms"
        case Synthesise(clip=clip, text=text):
            return f"synthesise {clip}: {text}"
        case Understand(text=text):
            return f"understand {text!r}"
        case Understood(commands=commands):
            return f"understood {commands}"
        case _:
            return str(what)
