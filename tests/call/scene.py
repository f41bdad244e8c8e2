"""A call played by hand: a caller, a carrier and engines on a clock of their own.

The caller's voice is a stand-in: every frame of an utterance holds one byte that names the words,
so the voice activity detection, the gate, the turn detector and the joins are the real ones, and
what the recogniser "hears" is exactly the audio it was given.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Final, Literal, TypeVar

from consent.purpose import Purpose
from consent.receipt import Receipt
from consent.sealed import Consented, ConsentWithdrawn
from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, TELEPHONE_RATE, Frame
from voice_agent.call.actions import (
    Action,
    AskCallback,
    ClearAudio,
    CommitConsent,
    DropTake,
    Finish,
    Hurry,
    JudgeEndOfTurn,
    Observe,
    PassOn,
    RecordWithdrawal,
    SendAudio,
    SendLink,
    SendMark,
    Synthesise,
    Transcribe,
    Understand,
    UseTool,
)
from voice_agent.call.events import (
    CallbackNoted,
    CallerGone,
    CallStarted,
    ConsentCommitted,
    ConsentFailed,
    EndOfTurnJudged,
    Event,
    KeyPressed,
    LinkAnswered,
    LinkOutcome,
    MarkReached,
    MediaReceived,
    SpeechFailed,
    SpeechReady,
    TimePassed,
    ToolAnswered,
    TranscriptFailed,
    TranscriptReady,
    UnderstandingFailed,
    Understood,
)
from voice_agent.call.phase import Phase
from voice_agent.call.ports import Script
from voice_agent.call.session import CallSession
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.tool import DENIED, ToolAnswer, ToolRequest
from voice_agent.dialogue.understanding.ports import Understander
from voice_agent.live.observation import AnswerHeard, CallerSaid, Observation, TurnTimed
from voice_agent.speech.ports import Transcript

Pace = float | Literal["never", "fails"]
"""Seconds until an engine answers, or what it does instead."""

CALL: Final = "CA1"
SILENT: Final = 0xFF
NOISE: Final = 0xFE
"""Sound that is called speech and has no words in it: a cough, a door."""
A = TypeVar("A", bound=Action)


def receipt(call_id: str = CALL, *purposes: Purpose) -> Receipt:
    """A receipt for the conversation, or for the purposes named."""
    return Receipt("record", call_id, frozenset(purposes or {Purpose.CONVERSATION}))


class ListeningVad:
    """Calls every frame speech that is not silence, and keeps what it was given to look at."""

    def __init__(self) -> None:
        self.looked_at: list[bytes] = []

    def is_speech(self, frame: Consented[Frame]) -> bool:
        """See the port."""
        mulaw = frame.reveal().mulaw
        self.looked_at.append(mulaw)
        return mulaw[0] != SILENT


@dataclass(slots=True)
class Paces:
    """How the outside world answers."""

    recognition: Pace = 0.3
    judgement: Pace = 0.06
    sounds_finished: float = 0.9
    understanding: Pace = 0.01
    tool: Pace = 0.05
    synthesis: Pace = 0.1
    ledger: Pace = 0.02
    link: Pace = 0.5
    callback: Pace = 0.05
    link_outcome: LinkOutcome = LinkOutcome.SENT
    marks: Pace = 0.0


@dataclass(frozen=True, slots=True, order=True)
class _Due:
    at: float
    order: int
    happening: Callable[[], Event | None] = field(compare=False)
    mark: str | None = field(compare=False)


@dataclass(slots=True)
class Scene:
    """One call. Time passes only in ``say``, ``cough``, ``wait`` and their like.

    Attributes:
        engine: the dialogue.
        script: the call's own lines.
        understander: turns words into commands.
        terms: the call's terms.
        paces: how the world answers.
        now: seconds.
        actions: everything the call asked for, in order, with its time.
        heard: sentences of the agent that were heard to their end.
        passed_on: what the operators heard of the caller.
        desk: does what is to be done for the caller; without one nothing may be.
    """

    engine: Engine
    script: Script
    understander: Understander
    terms: CallTerms
    paces: Paces = field(default_factory=Paces)
    now: float = 100.0
    actions: list[tuple[float, Action]] = field(default_factory=list)
    events: list[tuple[float, Event]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    passed_on: list[bytes] = field(default_factory=list)
    vad: ListeningVad = field(default_factory=ListeningVad)
    desk: Callable[[ToolRequest], ToolAnswer] | None = None
    session: CallSession = field(init=False)
    _queue: list[_Due] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _words: dict[int, str] = field(default_factory=dict)
    _speech: dict[bytes, str] = field(default_factory=dict)
    _playing: str = ""
    _plays_until: float = 0.0
    _began: float = 0.0

    def __post_init__(self) -> None:
        self.session = CallSession(self.terms, self.vad, self.engine, self.script)

    # -- what the caller does ------------------------------------------------------------------

    def start(self, given: Receipt | None = None) -> list[Action]:
        """The stream begins."""
        self._began = self.now
        return self.post(CallStarted(given))

    def accept(self) -> list[Action]:
        """The stream begins for a caller who pressed 1 before it."""
        return self.start(receipt())

    def say(self, words: str, ms: int = 600) -> list[Action]:
        """Speak for so long."""
        byte = len(self._words) + 1
        self._words[byte] = words
        return self._sound(byte, ms)

    def ask(self, words: str, ms: int = 600) -> list[Action]:
        """Speak, then be silent until the agent has said its answer."""
        actions = self.say(words, ms)
        return actions + self.wait(1.5) + self.listen()

    def cough(self, ms: int = 200) -> list[Action]:
        """Make a sound without words."""
        return self._sound(NOISE, ms)

    def message(self, sounds: list[int]) -> list[Action]:
        """Send one piece of media of many frames, each of one sound."""
        mulaw = b"".join(bytes([sound]) * FRAME_BYTES for sound in sounds)
        timestamp = round((self.now - self._began) * 1000)
        return self.post(MediaReceived(Frame(mulaw, timestamp)))

    def wait(self, seconds: float) -> list[Action]:
        """Be silent."""
        return self._sound(SILENT, round(seconds * 1000))

    def listen(self, most: float = 60.0) -> list[Action]:
        """Be silent until the agent has been heard to the end."""
        actions: list[Action] = []
        end = self.now + most
        while self.now < end and (self._queue or self._plays_until > self.now):
            actions += self.wait(0.02)
        return actions

    def press(self, key: str) -> list[Action]:
        """Press a key."""
        return self.post(KeyPressed(key))

    def hang_up(self) -> list[Action]:
        """Be gone."""
        return self.post(CallerGone())

    def line_dies(self, seconds: float) -> list[Action]:
        """No audio comes, not even silence."""
        return self._until(self.now + seconds)

    # -- what came of it -----------------------------------------------------------------------

    def asked(self, kind: type[A]) -> list[A]:
        """Every action of a kind so far."""
        return [action for _, action in self.actions if isinstance(action, kind)]

    @property
    def said_by_caller(self) -> list[str]:
        """The caller's words as onlookers saw them."""
        seen = (each.observation for each in self.asked(Observe))
        return [each.text for each in seen if isinstance(each, CallerSaid)]

    @property
    def seen(self) -> list[Observation]:
        """Everything onlookers saw."""
        return [each.observation for each in self.asked(Observe)]

    @property
    def timings(self) -> list[TurnTimed]:
        """How long each answer took."""
        seen = (each.observation for each in self.asked(Observe))
        return [each for each in seen if isinstance(each, TurnTimed)]

    @property
    def answers_heard(self) -> list[AnswerHeard]:
        """When each answer began to be heard."""
        seen = (each.observation for each in self.asked(Observe))
        return [each for each in seen if isinstance(each, AnswerHeard)]

    @property
    def history(self) -> list[tuple[str, str]]:
        """The conversation as the dialogue remembers it: who, and what was heard of them."""
        history = self.session._talk._settled().history
        return [(heard.speaker.value, heard.text) for heard in history]

    # -- the world -----------------------------------------------------------------------------

    def post(self, event: Event) -> list[Action]:
        """Let something happen now."""
        self.events.append((self.now, event))
        actions = self.session.receive(event, self.now)
        for action in actions:
            self.actions.append((self.now, action))
            self._perform(action)
        return actions

    def _sound(self, byte: int, ms: int) -> list[Action]:
        actions: list[Action] = []
        for _ in range(ms // FRAME_MS):
            actions += self._until(self.now + FRAME_MS / 1000)
            timestamp = round((self.now - self._began) * 1000) - FRAME_MS
            actions += self.post(MediaReceived(Frame(bytes([byte]) * FRAME_BYTES, timestamp)))
        return actions

    def _until(self, end: float) -> list[Action]:
        """Let everything happen that happens by itself until then."""
        actions: list[Action] = []
        while True:
            at = self._queue[0].at if self._queue else float("inf")
            deadline = self.session.deadline()
            if deadline is not None and deadline < at and deadline <= end:
                self.now = max(self.now, deadline)
                actions += self.post(TimePassed())
            elif at <= end:
                due = heapq.heappop(self._queue)
                self.now = max(self.now, at)
                event = due.happening()
                if event is not None:
                    actions += self.post(event)
            else:
                self.now = end
                return actions

    def _answer(self, pace: Pace, good: Callable[[], Event | None], bad: Event | None) -> None:
        if pace == "fails":
            self._later(0.0, lambda: bad)
        elif pace != "never":
            self._later(pace, good)

    def _later(
        self, seconds: float, happening: Callable[[], Event | None], mark: str | None = None
    ) -> None:
        due = _Due(self.now + seconds, next(self._order), happening, mark)
        heapq.heappush(self._queue, due)

    def _perform(self, action: Action) -> None:
        paces = self.paces
        match action:
            case CommitConsent():
                self._answer(paces.ledger, lambda: ConsentCommitted(receipt()), ConsentFailed())
            case Transcribe():
                self._answer(
                    paces.recognition,
                    lambda: self._recognise(action),
                    TranscriptFailed(action.take),
                )
            case JudgeEndOfTurn(take=take):
                self._answer(
                    paces.judgement,
                    lambda: EndOfTurnJudged(take, paces.sounds_finished),
                    EndOfTurnJudged(take, None),
                )
            case Understand(take=take):
                commands = self.understander.understand(action.said)
                self._answer(
                    paces.understanding,
                    lambda: Understood(take, commands),
                    UnderstandingFailed(take),
                )
            case UseTool(request=request):
                denied = ToolAnswer(request, DENIED)
                answer = denied if self.desk is None else self.desk(request)
                self._answer(paces.tool, lambda: ToolAnswered(answer), ToolAnswered(denied))
            case Synthesise(clip=clip, text=text):
                voice = bytes([len(self._speech)])
                mulaw = voice * (round(0.15 * TELEPHONE_RATE) * len(text.split()))
                self._speech[voice] = text
                seconds = 0.0 if isinstance(paces.synthesis, str) else paces.synthesis
                self._answer(
                    paces.synthesis, lambda: SpeechReady(clip, mulaw, seconds), SpeechFailed(clip)
                )
            case SendAudio(mulaw=mulaw):
                self._playing = self._speech.get(mulaw[:1], "")
                self._plays_until = max(self._plays_until, self.now) + len(mulaw) / TELEPHONE_RATE
            case SendMark(name=name):
                self._return_mark(name)
            case ClearAudio():
                self._clear()
            case SendLink():
                self._answer(paces.link, lambda: LinkAnswered(paces.link_outcome), None)
            case AskCallback():
                self._answer(paces.callback, lambda: CallbackNoted(True), CallbackNoted(False))
            case PassOn(frame=frame):
                self.passed_on.append(frame.reveal().mulaw)
            case RecordWithdrawal() | Finish() | Observe() | Hurry() | DropTake():
                pass

    def _recognise(self, action: Transcribe) -> Event | None:
        try:
            utterance = action.utterance.reveal()
        except ConsentWithdrawn:
            return None
        said = dict.fromkeys(utterance.mulaw)
        text = " ".join(self._words[byte] for byte in said if byte in self._words)
        seconds = self.paces.recognition if isinstance(self.paces.recognition, float) else 0.0
        transcript = Transcript(
            text=text,
            language=action.language,
            seconds=seconds,
            audio_seconds=utterance.duration_ms / 1000,
            window=30.0,
        )
        return TranscriptReady(action.take, transcript)

    def _return_mark(self, name: str) -> None:
        if self.paces.marks == "never":
            return
        text = self._playing
        late = 0.0 if isinstance(self.paces.marks, str) else self.paces.marks

        def reached() -> Event | None:
            self.heard.append(text)
            return MarkReached(name)

        self._later(max(self._plays_until - self.now, 0.0) + late, reached, name)

    def _clear(self) -> None:
        """The carrier empties its buffer and sends every pending mark back at once."""
        self._plays_until = self.now
        pending = [due.mark for due in self._queue if due.mark is not None]
        self._queue = [due for due in self._queue if due.mark is None]
        heapq.heapify(self._queue)
        for mark in pending:
            self._later(0.0, partial(MarkReached, mark))


PHASES: Final = (
    Phase.NOTICE,
    Phase.COMMITTING,
    Phase.CONVERSING,
    Phase.WITHDRAWN,
    Phase.HANDING_OVER,
    Phase.CLOSING,
)
"""Every phase of a call that goes on."""


def bring(scene: Scene, phase: Phase) -> None:
    """Bring a new call into a phase."""
    if phase in {Phase.NOTICE, Phase.COMMITTING}:
        scene.start()
    else:
        scene.accept()
    match phase:
        case Phase.COMMITTING:
            scene.paces.ledger = "never"
            scene.press("1")
        case Phase.WITHDRAWN:
            scene.press("*")
        case Phase.HANDING_OVER:
            scene.press("0")
        case Phase.CLOSING:
            scene.listen()
            scene.say("Auf Wiederhören")
            while scene.session.phase is not Phase.CLOSING:
                scene.wait(0.02)
        case _:
            scene.wait(0.1)
    assert scene.session.phase is phase
