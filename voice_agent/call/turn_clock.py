"""When what happened between a caller's last sound and the first sound of the answer.

The moment the caller hears an answer is known from outside only: its mark comes back when its audio
has been heard to the end, so it began to be heard that much earlier. The mark's way back is in the
figure; the playback's own clock would say that audio is heard the moment it is sent. So an answer
whose first mark tells nothing, because it was cut off or the mark was lost, has no such moment.
"""

from __future__ import annotations

from dataclasses import dataclass

from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.call.actions import Action, ClearAudio, Finish, Observe, SendAudio, SendMark
from voice_agent.call.events import (
    EndOfTurnJudged,
    Event,
    MarkReached,
    SpeechReady,
    Take,
    TranscriptReady,
)
from voice_agent.live.observation import AnswerHeard, Observation, TurnTimed


@dataclass(slots=True)
class _Turn:
    """The moments of one turn, seconds of the call's clock.

    Attributes:
        take: the pause that is, or was, its end.
        speech_end: the caller's last sound.
        paused: the pause was noticed.
        judged: its sound was judged.
        transcribed: its words were there.
        recognition: how long the recogniser took for them, seconds.
        decided: it was taken for over.
        replied: the answer was known.
        sent: the first sound of the answer was sent.
        sound_s: how much audio was sent before the first mark, seconds.
        mark: that mark's name, once it is sent.
    """

    take: Take
    speech_end: float
    paused: float
    judged: float | None = None
    transcribed: float | None = None
    recognition: float | None = None
    decided: float = 0.0
    replied: float = 0.0
    sent: float = 0.0
    sound_s: float = 0.0
    mark: str | None = None

    def ms(self, at: float) -> int:
        """Milliseconds from the caller's last sound until then."""
        return round((at - self.speech_end) * 1000)


class TurnClock:
    """Follows turns from pause to ear; at each stage there is at most one."""

    def __init__(self) -> None:
        self._started_at = 0.0
        self._paused: _Turn | None = None
        self._over: _Turn | None = None
        self._replied: _Turn | None = None
        self._sounding: _Turn | None = None

    def start(self, now: float) -> None:
        """The stream begins, seconds; turns are placed in it."""
        self._started_at = now

    def paused(self, take: Take, silence_ms: int, now: float) -> None:
        """The caller has been silent for so many milliseconds; perhaps they have finished."""
        self._paused = _Turn(take, now - silence_ms / 1000, now)

    def ended(self, take: Take, silence_ms: int, now: float) -> None:
        """The caller's turn is over after this pause, the last that was noticed."""
        turn, self._paused = self._paused, None
        if turn is None or turn.take != take:
            self._over = None
            return
        # Audio may come late, never early: the earlier of both accounts is nearer the truth.
        turn.speech_end = min(turn.speech_end, now - silence_ms / 1000)
        turn.decided = now
        self._over = turn

    def replied(self, now: float) -> None:
        """The answer is known: what is sent from now on is it, and nothing older."""
        turn, self._over = self._over, None
        if turn is not None:
            turn.replied = now
        self._replied = turn

    @property
    def awaits_reply(self) -> bool:
        """True while a turn is over and its answer is not known."""
        return self._over is not None

    def cancel(self) -> None:
        """What is not answered yet gets no answer."""
        self._over = self._replied = None

    def follow(self, event: Event, actions: list[Action], now: float) -> list[Action]:
        """Note what an event and the actions it led to say of the turns.

        Args:
            event: what happened.
            actions: what is about to be done because of it.
            now: seconds.

        Returns:
            Observations of what is known now: a turn's times once its answer begins to be sent, and
            when it began to be heard.
        """
        seen: list[Observation] = []
        synthesis = 0.0
        match event:
            case EndOfTurnJudged(take=take, probability=float()):
                for turn in self._of(take):
                    turn.judged = now
            case TranscriptReady(take=take, transcript=transcript):
                for turn in self._of(take):
                    turn.transcribed, turn.recognition = now, transcript.seconds
            case MarkReached(name=name):
                seen += self._heard(name, now)
            case SpeechReady(seconds=seconds):
                synthesis = seconds
            case _:
                pass
        for action in actions:
            match action:
                case SendAudio(mulaw=mulaw):
                    seen += self._sent(len(mulaw) / TELEPHONE_RATE, synthesis, now)
                case SendMark(name=name) if self._sounding is not None:
                    self._sounding.mark = self._sounding.mark or name
                case ClearAudio():
                    self._sounding = None
                case Finish():
                    return []  # after which nothing follows
                case _:
                    continue
        return [Observe(each) for each in seen]

    def _of(self, take: Take) -> list[_Turn]:
        turns = (self._paused, self._over, self._replied)
        return [turn for turn in turns if turn is not None and turn.take == take]

    def _sent(self, sound_s: float, synthesis: float, now: float) -> list[Observation]:
        turn, self._replied = self._replied, None
        if turn is None:
            if self._sounding is not None and self._sounding.mark is None:
                self._sounding.sound_s += sound_s
            return []
        turn.sent, turn.sound_s = now, sound_s
        self._sounding = turn
        timed = TurnTimed(
            turn=turn.take.turn,
            speech_end_ms=round((turn.speech_end - self._started_at) * 1000),
            seconds=round(now - turn.speech_end, 3),
            recognition_seconds=turn.recognition,
            synthesis_seconds=round(synthesis, 3) if synthesis > 0 else None,
            pause_ms=turn.ms(turn.paused),
            judged_ms=None if turn.judged is None else turn.ms(turn.judged),
            transcript_ms=None if turn.transcribed is None else turn.ms(turn.transcribed),
            decided_ms=turn.ms(turn.decided),
            reply_ms=turn.ms(turn.replied),
        )
        return [timed]

    def _heard(self, name: str, now: float) -> list[Observation]:
        turn = self._sounding
        if turn is None or turn.mark != name:
            return []
        self._sounding = None
        # No carrier plays faster than it is sent to; a mark that says so is wrong.
        heard = max(turn.sent, now - turn.sound_s)
        return [AnswerHeard(turn.take.turn, turn.ms(heard))]
