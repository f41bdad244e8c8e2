"""The conversation within a call: the caller's turns in, the agent's answers out."""

from __future__ import annotations

from collections.abc import Callable

from voice_agent.audio.frame import Frame
from voice_agent.call.actions import Action, Observe, Transcribe, Understand
from voice_agent.call.barge_in import interrupts, is_backchannel
from voice_agent.call.events import Take
from voice_agent.call.hearing import Hearing
from voice_agent.call.mouth import Mouth
from voice_agent.call.terms import CallTerms
from voice_agent.call.timers import Timer, Timers
from voice_agent.call.turn_clock import TurnClock
from voice_agent.dialogue.commands import Command
from voice_agent.dialogue.conversation import Conversation
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.reply import Listen, Reply, Wait
from voice_agent.dialogue.understanding.withdrawal import is_withdrawal
from voice_agent.live.observation import CallerSaid
from voice_agent.speech.ports import Transcript
from voice_agent.speech.turns import (
    PauseBegan,
    SpeechResumed,
    SpeechStarted,
    TurnEnded,
    TurnEvent,
)

Leave = Callable[[Reply, float], list[Action]]
"""What the session does with a reply that ends the conversation."""


class Talk:
    """Listens, has it understood, answers; one turn at a time.

    Args:
        terms: the call's terms.
        hearing: the call's ears.
        mouth: the call's mouth.
        timers: the call's deadlines.
        engine: decides what is said.
        conversation: where the conversation stands.
        leave: called with a reply that hands over, hangs up or withdraws.
    """

    def __init__(
        self,
        *,
        terms: CallTerms,
        hearing: Hearing,
        mouth: Mouth,
        timers: Timers,
        engine: Engine,
        conversation: Conversation,
        leave: Leave,
    ) -> None:
        self._terms = terms
        self._hearing = hearing
        self._mouth = mouth
        self._timers = timers
        self._engine = engine
        self._leave = leave
        self._conversation = conversation
        self._clock = TurnClock(0.0)
        self._understanding: Take | None = None
        self._carried = ""
        self._text = ""
        self._patience = terms.no_input_s

    @property
    def conversation(self) -> Conversation:
        """Where the conversation stands."""
        return self._conversation

    @property
    def clock(self) -> TurnClock:
        """Times the answers."""
        return self._clock

    def begin(self, started_at: float, now: float) -> list[Action]:
        """Greet the caller."""
        self._clock = TurnClock(started_at)
        return self.reply(self._engine.greet(self._conversation), now)

    def reply(self, reply: Reply, now: float) -> list[Action]:
        """Say a reply and go on as it says."""
        self._conversation = reply.conversation
        self._timers.cancel(Timer.NO_INPUT, Timer.THINKING)
        match reply.then:
            case Listen():
                self._patience = self._terms.no_input_s
            case Wait(seconds=seconds):
                self._patience = seconds
            case _:
                self.stop()
                return self._leave(reply, now)
        return self._mouth.say(reply.lines, now, self.listen, self._conversation.rate)

    def listen(self, now: float) -> list[Action]:
        """Everything is said: wait for the caller."""
        if not self._hearing.in_turn and self._hearing.awaited is None:
            self._timers.set(Timer.NO_INPUT, now + self._patience)
        return []

    def stop(self) -> None:
        """Stop listening: the conversation is over, or the caller withdrew."""
        self._hearing.forget()
        self._understanding = None
        self._carried = self._text = ""
        self._clock.cancel()
        self._timers.cancel(Timer.NO_INPUT, Timer.THINKING, Timer.LINE)

    def interrupt(self, commands: tuple[Command, ...], now: float) -> list[Action]:
        """Answer commands that came by key: whatever was being said or heard gives way."""
        actions = self._mouth.hush(now)
        self._understanding = None
        return actions + self.reply(self._engine.respond(self._settled(), commands), now)

    def no_input(self, now: float) -> list[Action]:
        """The caller has said nothing for long."""
        return self.reply(self._engine.no_input(self._settled()), now)

    def thought_too_long(self, now: float) -> list[Action]:
        """Neither words nor a meaning came in time."""
        self._understanding = None
        self._hearing.forget()
        return self._apologise(now)

    # -- hearing -------------------------------------------------------------------------------

    def media(self, piece: Frame, now: float) -> list[Action]:
        """Audio came in."""
        actions = self._follow(self._hearing.hear(piece), now)
        if self._hearing.in_turn:
            self._timers.set(Timer.LINE, now + self._terms.line_s)
        return actions

    def line_is_silent(self, now: float) -> list[Action]:
        """No audio has come for a while in the middle of a turn: it counts as silence."""
        actions = self._follow(self._hearing.assume_silence(round(self._terms.line_s * 1000)), now)
        if self._hearing.in_turn:
            self._timers.set(Timer.LINE, now + self._terms.line_s)
        return actions

    def _follow(self, events: list[TurnEvent], now: float) -> list[Action]:
        actions: list[Action] = []
        for event in events:
            match event:
                case SpeechStarted():
                    self._timers.cancel(Timer.NO_INPUT)
                case PauseBegan(turn=turn, number=number, utterance=utterance):
                    take = Take(turn, number)
                    actions.append(Transcribe(take, utterance, self._conversation.language))
                case SpeechResumed():
                    self._hearing.resumed()
                case TurnEnded():
                    actions += self._turn_ended(event, now)
        over_us = self._mouth.is_busy and self._hearing.in_turn
        if over_us and interrupts(self._hearing.speech_ms, self._terms.barge_in):
            actions += self._mouth.hush(now)
            self._understanding = None
        return actions

    def _turn_ended(self, event: TurnEnded, now: float) -> list[Action]:
        self._timers.cancel(Timer.LINE)
        self._clock.ended(event.turn, now - event.silence_ms / 1000)
        take = Take(event.turn, event.number)
        there, transcript = self._hearing.ended(take)
        if there:
            return self._heard(take, transcript, now)
        self._timers.set(Timer.THINKING, now + self._terms.thinking_s)
        return []

    # -- understanding -------------------------------------------------------------------------

    def transcribed(self, take: Take, transcript: Transcript | None, now: float) -> list[Action]:
        """The recogniser answered, or failed (``None``)."""
        if self._hearing.transcribed(take, transcript):
            return self._heard(take, transcript, now)
        return []

    def _heard(self, take: Take, transcript: Transcript | None, now: float) -> list[Action]:
        self._timers.cancel(Timer.THINKING)
        if transcript is None:
            return self._apologise(now)
        self._clock.recognised(transcript.seconds)
        text = f"{self._carried} {transcript.text}".strip()
        self._carried = ""
        if not text:
            return self._heard_nothing(now)
        actions: list[Action] = []
        if transcript.text:
            actions.append(Observe(CallerSaid(take.turn, transcript.text)))
        if is_withdrawal(text):
            return actions + self._withdraw(now)
        if self._hearing.in_turn:  # the caller went on: answer all of it at once
            self._carried = text
            return actions
        if self._mouth.is_busy:
            if is_backchannel(text):
                self._clock.cancel()
                return actions
            actions += self._mouth.hush(now)
        self._understanding, self._text = take, text
        self._conversation = self._settled().caller_said(text)
        self._timers.set(Timer.THINKING, now + self._terms.thinking_s)
        question = self._conversation.question
        return [*actions, Understand(take, text, self._conversation.language, question)]

    def _heard_nothing(self, now: float) -> list[Action]:
        """A cough, a door: not a turn. What it cut off is said again."""
        self._clock.cancel()
        if self._mouth.is_busy or self._hearing.in_turn:
            return []
        return self._mouth.resume(now, self.listen)

    def understood(
        self, take: Take, commands: tuple[Command, ...] | None, now: float
    ) -> list[Action]:
        """The understander answered, or failed (``None``); about an older turn it is ignored."""
        if take != self._understanding:
            return []
        self._understanding = None
        self._timers.cancel(Timer.THINKING)
        if self._hearing.in_turn:  # the caller went on meanwhile: answer all of it at once
            self._carried = self._text
            return []
        if commands is None:
            return self._apologise(now)
        return self.reply(self._engine.respond(self._settled(), commands), now)

    def _apologise(self, now: float) -> list[Action]:
        return self._mouth.hush(now) + self.reply(self._engine.failed(self._settled()), now)

    def _withdraw(self, now: float) -> list[Action]:
        reply = self._engine.withdrawn(self._settled())
        self.stop()
        return self._leave(reply, now)

    def _settled(self) -> Conversation:
        """The conversation with what the caller has heard by now written into it."""
        for text in self._mouth.take_heard():
            self._conversation = self._conversation.agent_said(text)
        return self._conversation
