"""The call's ears: frames through the gate into turns, and which transcript belongs to which."""

from __future__ import annotations

from consent.gate import ConsentGate
from voice_agent.audio.frame import FRAME_MS, Frame
from voice_agent.audio.framer import SILENT_FRAME, Framer
from voice_agent.call.events import Take
from voice_agent.speech.ports import Transcript
from voice_agent.speech.turns import TurnDetector, TurnEvent


class Hearing:
    """What one call hears. Audio passes the gate before anything looks at it."""

    def __init__(self, gate: ConsentGate, detector: TurnDetector) -> None:
        self._gate = gate
        self._detector = detector
        self._framer = Framer()
        self._transcript: tuple[Take, Transcript | None] | None = None
        self._ended: Take | None = None

    @property
    def in_turn(self) -> bool:
        """True while the caller's turn lasts, pauses included."""
        return self._detector.in_turn

    @property
    def is_speaking(self) -> bool:
        """True while the caller makes sound."""
        return self._detector.is_speaking

    @property
    def speech_ms(self) -> int:
        """Milliseconds of speech in the present turn."""
        return self._detector.speech_ms

    @property
    def awaited(self) -> Take | None:
        """The take of an ended turn whose words are not there yet."""
        return self._ended

    def hear(self, piece: Frame) -> list[TurnEvent]:
        """Take audio as it came. Without consent it is dropped whole, undecoded, uncut."""
        if not self._gate.is_open:
            self._gate.admit(piece)
            return []
        return [event for frame in self._framer.cut(piece) for event in self._feed(frame)]

    def assume_silence(self, ms: int) -> list[TurnEvent]:
        """The carrier sends nothing: let silence pass, so that the turn can end."""
        if not self._gate.is_open:
            return []
        frame = Frame(SILENT_FRAME, 0)
        return [event for _ in range(ms // FRAME_MS) for event in self._feed(frame)]

    def _feed(self, frame: Frame) -> list[TurnEvent]:
        sealed = self._gate.admit(frame)
        return [] if sealed is None else self._detector.hear(sealed)

    def forget(self) -> None:
        """Drop all audio and every expectation of a transcript."""
        self._framer.forget()
        self._detector.forget()
        self._transcript = self._ended = None

    def resumed(self) -> None:
        """The caller went on: what was made of the turn so far is stale."""
        self._transcript = None

    def ended(self, take: Take) -> tuple[bool, Transcript | None]:
        """The turn ended with this take. Returns whether its words are there already, and them."""
        if self._transcript is not None and self._transcript[0] == take:
            transcript, self._transcript = self._transcript[1], None
            return True, transcript
        self._ended = take
        return False, None

    def transcribed(self, take: Take, transcript: Transcript | None) -> bool:
        """Words arrived (``None``: recognition failed). True if the call was waiting for them.

        Words for a turn that has not ended are kept for its end; words for a stale take are not.
        """
        if take == self._ended:
            self._ended = None
            return True
        older = self._transcript is not None and self._transcript[0] > take
        if self._detector.in_turn and take.turn == self._detector.turn and not older:
            self._transcript = (take, transcript)
        return False
