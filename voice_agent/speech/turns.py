"""When a caller begins, pauses, goes on and has finished: arithmetic on 20 ms frames, no clock.

The detector never looks into the audio. It asks the injected ``Vad`` about each sealed frame and
counts; time is the audio's own (frames heard), so a recording gives the same turns as a call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from consent.sealed import Consented, join
from voice_agent.audio.frame import FRAME_MS, Frame, Utterance
from voice_agent.speech.ports import EchoJudge, Vad


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRules:
    """Thresholds of the detector, all in milliseconds.

    Attributes:
        start_ms: so much speech within one and a half times as long begins a turn.
        confirm_ms: so much speech in a row ends a pause; a shorter click does not.
        pause_ms: silence after which a pause is reported and recognition may start.
        end_ms: silence after which the turn has ended, unless ``wait_for`` said otherwise.
        pre_roll_ms: audio kept from before the turn's start, so that its first sound is whole.
        max_turn_ms: a turn is ended here whatever is heard; also the most live audio ever kept
            in memory (C18).
    """

    start_ms: int = 80
    confirm_ms: int = 40
    pause_ms: int = 140
    end_ms: int = 700
    pre_roll_ms: int = 340
    max_turn_ms: int = 28_000


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """A turn began.

    Attributes:
        turn: its number, from 1.
    """

    turn: int


@dataclass(frozen=True, slots=True)
class PauseBegan:
    """The caller paused; perhaps they have finished.

    Attributes:
        turn: number of the turn.
        number: number of this pause within the turn, from 1.
        utterance: the whole turn so far, sealed.
        speech_ms: milliseconds of it that were speech.
    """

    turn: int
    number: int
    utterance: Consented[Utterance]
    speech_ms: int


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """The caller went on after a pause; what was made of the turn so far is stale.

    Attributes:
        turn: number of the turn.
        pause_ms: how long the pause was, milliseconds.
    """

    turn: int
    pause_ms: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The turn is over; its audio is the last ``PauseBegan``'s.

    Attributes:
        turn: number of the turn.
        number: number of the pause that ended it.
        silence_ms: silence since the last speech.
        forced: ended by ``max_turn_ms``.
    """

    turn: int
    number: int
    silence_ms: int
    forced: bool = False


TurnEvent = SpeechStarted | PauseBegan | SpeechResumed | TurnEnded


def _utterance(frames: Sequence[Frame], speech_ms: int) -> Utterance:
    return Utterance(b"".join(frame.mulaw for frame in frames), speech_ms)


ECHO_FRAMES: Final = 10
"""What is compared with the agent's own voice: 200 ms. Less, and any two voices are alike."""


class TurnDetector:
    """Turns of one call. Feed it every admitted 20 ms frame in order.

    Args:
        rules: thresholds.
        vad: tells speech from silence.
        echo: tells the agent's own voice from the caller's; ``None``: nobody does.
    """

    def __init__(self, rules: TurnRules, vad: Vad, echo: EchoJudge | None = None) -> None:
        self._rules = rules
        self._vad = vad
        self._echo = echo
        self._latest: deque[Consented[Frame]] = deque(maxlen=ECHO_FRAMES)
        self._needed = max(1, rules.start_ms // FRAME_MS)
        self._window: deque[bool] = deque(maxlen=max(1, self._needed * 3 // 2))
        self._pre_roll: deque[Consented[Frame]] = deque(
            maxlen=max(1, (rules.pre_roll_ms + rules.start_ms) // FRAME_MS)
        )
        self._frames: list[Consented[Frame]] = []
        self._turn = 0
        self._pauses = 0
        self._voiced_ms = 0
        self._run_ms = 0
        self._silence_ms = 0
        self._end_ms = rules.end_ms
        self._in_turn = False
        self._paused = False

    @property
    def in_turn(self) -> bool:
        """True from ``SpeechStarted`` to ``TurnEnded``."""
        return self._in_turn

    @property
    def speech_ms(self) -> int:
        """Milliseconds of speech in the present turn."""
        return self._voiced_ms if self._in_turn else 0

    @property
    def silence_ms(self) -> int:
        """Milliseconds of silence since the last speech of the present turn."""
        return self._silence_ms if self._in_turn else 0

    def wait_for(self, silence_ms: int) -> None:
        """Say how long the present pause must be to end the turn.

        Each pause begins with the rules' ``end_ms``.
        """
        self._end_ms = silence_ms

    def settle(self) -> list[TurnEvent]:
        """End the turn now if the pause is long enough already."""
        return self._end(forced=False)

    def forget(self) -> None:
        """Drop everything heard so far; turn numbers go on."""
        self._latest.clear()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._frames.clear()
        self._pre_roll.clear()
        self._window.clear()
        self._in_turn = self._paused = False
        self._voiced_ms = self._run_ms = self._silence_ms = 0

    def hear(self, frame: Consented[Frame], played: bytes = b"") -> list[TurnEvent]:
        """Take one 20 ms frame and say what it changed.

        Args:
            frame: the frame.
            played: the agent's voice in the time before, as ``EchoJudge`` wants it.

        Raises:
            ConsentWithdrawn: the consent no longer holds; the caller of this method forgets us.
        """
        self._latest.append(frame)
        voiced = self._vad.is_speech(frame) and not self._is_echo(played)
        if not self._in_turn:
            return self._listen(frame, voiced)
        return self._follow(frame, voiced)

    def _is_echo(self, played: bytes) -> bool:
        if self._echo is None or not played or len(self._latest) < ECHO_FRAMES:
            return False
        return self._echo.is_echo(
            join(list(self._latest), lambda frames: _utterance(frames, 0)), played
        )

    def _listen(self, frame: Consented[Frame], voiced: bool) -> list[TurnEvent]:
        self._pre_roll.append(frame)
        self._window.append(voiced)
        if sum(self._window) < self._needed:
            return []
        self._turn += 1
        self._in_turn, self._paused, self._pauses = True, False, 0
        self._frames = list(self._pre_roll)
        self._voiced_ms = sum(self._window) * FRAME_MS
        self._run_ms = self._silence_ms = 0
        self._pre_roll.clear()
        self._window.clear()
        return [SpeechStarted(self._turn)]

    def _follow(self, frame: Consented[Frame], voiced: bool) -> list[TurnEvent]:
        self._frames.append(frame)
        events: list[TurnEvent] = []
        self._silence_ms += FRAME_MS
        if voiced:
            self._run_ms += FRAME_MS
            self._voiced_ms += FRAME_MS
            if self._run_ms >= self._rules.confirm_ms:
                pause_ms, self._silence_ms = max(0, self._silence_ms - self._run_ms), 0
                if self._paused:
                    self._paused = False
                    events.append(SpeechResumed(self._turn, pause_ms))
        else:
            self._run_ms = 0
        forced = len(self._frames) * FRAME_MS >= self._rules.max_turn_ms
        if not self._paused and (self._silence_ms >= self._rules.pause_ms or forced):
            self._paused = True
            self._pauses += 1
            self._end_ms = self._rules.end_ms
            speech_ms = self._voiced_ms
            whole = join(self._frames, lambda frames: _utterance(frames, speech_ms))
            events.append(PauseBegan(self._turn, self._pauses, whole, speech_ms))
        return events + self._end(forced=forced)

    def _end(self, *, forced: bool) -> list[TurnEvent]:
        if not (self._paused and (self._silence_ms >= self._end_ms or forced)):
            return []
        ended = TurnEnded(self._turn, self._pauses, self._silence_ms, forced)
        self._begin_anew()
        return [ended]
