"""The conversation within a call: the caller's turns in, the agent's answers out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from voice_agent.audio.frame import Frame
from voice_agent.call.actions import (
    Action,
    DropTake,
    Hurry,
    JudgeEndOfTurn,
    Observe,
    SendLink,
    Transcribe,
    Understand,
)
from voice_agent.call.barge_in import BargeIn
from voice_agent.call.errand import Errand
from voice_agent.call.events import Take
from voice_agent.call.hearing import Hearing
from voice_agent.call.mouth import Mouth
from voice_agent.call.seen import shown
from voice_agent.call.suggestion import Suggestion
from voice_agent.call.terms import CallTerms
from voice_agent.call.timers import Timer, Timers
from voice_agent.call.turn_clock import TurnClock
from voice_agent.call.typed import Typed
from voice_agent.call.unanswered import Unanswered
from voice_agent.dialogue.commands import Affirm, Command, Thank
from voice_agent.dialogue.conversation import Conversation
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.expectation import expected_words
from voice_agent.dialogue.flow_outcome import Asked
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.reply import Act, HandOver, HandoverReason, Listen, Reply, Wait
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.live.observation import UnderstoodSeen, Withheld
from voice_agent.speech.ports import Transcript
from voice_agent.speech.turns import (
    PauseBegan,
    SpeechResumed,
    SpeechStarted,
    TurnEnded,
    TurnEvent,
)

ASSENT: Final = frozenset({Affirm(), Thank()})
"""Commands that answer a question, and without one only mean "go on"."""

Leave = Callable[[Reply, float], list[Action]]
"""What the session does with a reply that ends the conversation."""


class Talk:
    """Listens, has it understood, answers.

    The agent speaks when the caller has finished: words that arrive while the caller goes on are
    kept, and all of them are answered at once.

    Args:
        terms: the call's terms.
        hearing: the call's ears.
        mouth: the call's mouth.
        timers: the call's deadlines.
        engine: decides what is said.
        clock: times the answers.
        typed: the number that is being typed.
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
        clock: TurnClock,
        typed: Typed,
        leave: Leave,
    ) -> None:
        self._terms = terms
        self._hearing = hearing
        self._mouth = mouth
        self._timers = timers
        self._engine = engine
        self._leave = leave
        self._conversation = Conversation(terms.language)
        self._clock = clock
        self._typed = typed
        self._unanswered = Unanswered()
        self._take: Take | None = None  # the pause being looked into
        self._asides: tuple[Line, ...] = ()
        self.errand = Errand(timers, terms.tool_s)
        self._fillers = 0  # said since the last answer
        self._barge_in = BargeIn(terms.barge_in, hearing, mouth)
        self._patience = terms.no_input_s
        self._suggestion = Suggestion(engine)
        self._is_theirs = False  # what was begun is a person's to do
        self.has_queue = False
        """True while a caller who is handed over waits for an operator, and may come back."""
        hearing.passes_words_to(self.forget)

    @property
    def conversation(self) -> Conversation:
        """Where the conversation stands."""
        return self._conversation

    @property
    def asked(self) -> Asked | None:
        """What the question wants that is open or about to be put."""
        return self._engine.asked(self._conversation)

    @property
    def is_listening(self) -> bool:
        """True while the caller is speaking, or their words are still to come."""
        return self._hearing.in_turn or self._hearing.is_waiting

    def begin(self, language: str, now: float) -> list[Action]:
        """Greet the caller in their language; in a call that we made, say what it is about."""
        self._mouth.take_heard()  # what the notice said is no part of the conversation
        fresh, flow = Conversation(language), self._terms.begins
        first = self._engine.greet(fresh) if flow is None else self._engine.begin(fresh, flow)
        return self.reply(first, now)

    def reply(self, reply: Reply, now: float) -> list[Action]:
        """Say a reply and go on as it says."""
        if reply.lines or not isinstance(reply.then, Act):
            self._clock.replied(now)
        return self._go_on(reply, now)

    def _go_on(self, reply: Reply, now: float) -> list[Action]:
        self._conversation = self._kept(reply)
        self._unanswered.clear()
        self._barge_in.settled()
        if self._engine.awaits(self._conversation) is None:
            self.errand.drop()
        first: list[Action] = [SendLink(reply.conversation.language)] if reply.sends_link else []
        match reply.then:
            case Listen():
                self._patience = self._terms.no_input_s
            case Wait(seconds=seconds):
                self._patience = seconds
            case Act(request=request):
                self._patience = self._terms.no_input_s
                first.append(self.errand.begin(request, now))
                if not reply.lines:
                    return first
            case _:
                return [*first, *self._leave(reply, now)]
        # A word that the answer is being looked for comes too late for an answer that is there.
        late = self._fillers and not self._mouth.is_speaking
        actions = self._mouth.hush(now) if late else []
        self._fillers = 0
        lines, self._asides = (*self._asides, *reply.lines), ()
        return [*first, *actions, *self._say(lines, now, reply.asks)]

    def _kept(self, reply: Reply) -> Conversation:
        """Where the conversation stands now; what was begun is not lost because nobody is there."""
        if not isinstance(reply.then, HandOver):
            return reply.conversation
        reason = reply.then.reason
        waits = reason is HandoverReason.ASKED or self.errand.is_open
        before = self._conversation
        if self.has_queue:
            self._is_theirs = reason is HandoverReason.FLOW
            flows = reply.begun or before.flows
            return replace(reply.conversation, flows=flows, question=before.question)
        if self._terms.can_dial or not waits:
            return reply.conversation
        return replace(reply.conversation, flows=before.flows, question=before.question)

    def tell(self, now: float) -> list[Action]:
        """Say what was done, unless the caller has a say: that is answered first."""
        if not self.errand.is_done or self._waits_for() in {Timer.LINE, Timer.THINKING}:
            return []
        answer = self.errand.take()
        reply = None if answer is None else self._engine.answered(self._settled(), answer)
        if reply is None:
            return []
        if self._clock.awaits_reply:
            self._clock.replied(now)
        return self._go_on(reply, now)

    def remark(self, lines: tuple[Line, ...], now: float) -> list[Action]:
        """Say something that is not the dialogue's: now, or if the caller has a say, after it."""
        if self._waits_for() in {Timer.LINE, Timer.THINKING}:
            self._asides += lines
            return []
        lines, self._asides = (*self._asides, *lines), ()
        return self._say(lines, now)

    def respond(self, command: Command, now: float) -> list[Action]:
        """Answer a command that came by key."""
        return self.reply(self._engine.respond(self._settled(), (command,)), now)

    def keyed(self, asked: Asked, keys: str, now: float) -> list[Action]:
        """Answer what was asked for and came by keys: a number, or that of an option."""
        return self.reply(self._engine.keyed(self._settled(), asked, keys), now)

    def give_way(self, now: float) -> list[Action]:
        """A key was pressed: what was being said, by either side, gives way to it.

        Words that were spoken before it are not answered any more; a withdrawal among them counts.
        """
        asked = self._mouth.has_asked(now)
        actions = self._mouth.hush(now)
        self._hearing.drop()
        self._conversation = self._settled()
        if not asked:
            self._conversation = replace(self._conversation, question=None)
        self._unanswered.asked, self._unanswered.missed = None, False
        self._clock.cancel()
        self._timers.cancel(Timer.NO_INPUT, Timer.THINKING, Timer.LINE)
        return actions + self._read(now)

    def pause(self) -> None:
        """Nobody listens for a while; ``resume`` or ``go_on`` begins afresh."""
        self._hearing.drop()
        self._suggestion.clear()

    def go_on(self, lines: tuple[Line, ...], now: float) -> list[Action]:
        """Listen again, after nobody came."""
        self._listen_again(now)
        return self.remark(lines, now)

    def resume(self, lines: tuple[Line, ...], now: float) -> list[Action]:
        """Listen again after a human spoke: say who speaks, these lines, and go on."""
        self._listen_again(now)
        reply = self._engine.resume(self._settled())
        lines, self._asides = (*lines, *self._asides), ()
        return self.reply(replace(reply, lines=(reply.lines[0], *lines, *reply.lines[1:])), now)

    def _listen_again(self, now: float) -> None:
        if self._is_theirs:
            self._conversation, self._is_theirs = self._settled().settled(), False
        self._hearing.drop()
        self._barge_in.settled()
        self._timers.set(Timer.LIMIT, now + self._terms.limit_s)

    def suggest(self, text: str) -> None:
        """Take what an operator suggests for the caller's words, once the caller is answered."""
        self._suggestion.text = text

    def consider(self) -> list[Action]:
        """Have what was suggested understood, unless the caller has a say."""
        speaks = self._waits_for() in {Timer.LINE, Timer.THINKING} or self._typed.asked is not None
        if not self._suggestion.text or speaks:
            return []
        return self._suggestion.ask(replace(self._settled(), question=self._open_question))

    def _suggested(self, commands: tuple[Command, ...] | None, now: float) -> list[Action]:
        if self._hearing.in_turn or self._hearing.is_waiting or self._unanswered.asked is not None:
            self._suggestion.put_off()
            return []
        heard = replace(self._settled(), question=self._open_question)
        meant = self._suggestion.meant(heard, commands or ())
        if not meant:
            return []
        seen = Observe(UnderstoodSeen(self._shown(meant)))
        return [seen, *self.reply(self._engine.respond(heard, meant), now)]

    def _shown(self, commands: tuple[Command, ...]) -> list[str]:
        secret = self._unanswered.secret or self._engine.expects_secret(self._conversation)
        return [shown(each, self._engine.secrets, secret=secret) for each in commands]

    def forget(self) -> None:
        """Forget what either side has said, and what was made of it; the language stays."""
        self._mouth.take_heard()
        self._mouth.forget_played()
        self._conversation = Conversation(self._conversation.language)
        self._unanswered.clear()
        self._asides = ()
        self._suggestion.clear()
        self.errand.drop()
        self._typed.clear()
        self._clock.cancel()

    # -- time ----------------------------------------------------------------------------------

    def arm(self, now: float) -> None:
        """Wait for whatever the conversation needs next: it always waits for something."""
        waits = self._waits_for()
        speaks = self._hearing.in_turn or (self._mouth.is_busy and not self._mouth.is_held)
        seeks = self._unanswered.asked is not None or self.errand.is_open
        if not seeks or self._fillers or speaks:
            self._timers.cancel(Timer.FILLER)
        elif Timer.FILLER not in self._timers:
            self._timers.set(Timer.FILLER, now + self._terms.filler_s)
        for timer, seconds in (
            (Timer.LINE, self._terms.line_s),
            (Timer.THINKING, self._terms.thinking_s),
            (Timer.NO_INPUT, self._patience),
        ):
            if timer is not waits:
                self._timers.cancel(timer)
            elif timer not in self._timers:
                self._timers.set(timer, now + seconds)

    def _waits_for(self) -> Timer | None:
        if self._hearing.in_turn:
            return Timer.LINE
        if self._typed.asked is not None:
            return None
        if self._hearing.is_waiting or self._unanswered.asked or self._suggestion.asked:
            return Timer.THINKING
        busy = self._mouth.is_busy or self.errand.is_open
        return None if busy else Timer.NO_INPUT

    def no_input(self, now: float) -> list[Action]:
        """The caller has said nothing for long."""
        return self.reply(self._engine.no_input(self._settled()), now)

    def filler(self, now: float) -> list[Action]:
        """The answer is long in coming: say that it is being looked for, once."""
        self._fillers += 1
        actions = self._mouth.hush(now) if self._mouth.is_held else []
        return actions + self._say((self._engine.filler(self._conversation),), now)

    def thought_too_long(self, now: float) -> list[Action]:
        """Neither words nor a meaning came in time."""
        if self._suggestion.asked is not None:  # which nobody said
            self._suggestion.clear()
            return []
        self._hearing.drop()
        return self._apologise(now)

    def line_is_silent(self, now: float) -> list[Action]:
        """No audio has come for a while in the middle of a turn: it counts as silence."""
        return self._follow(self._hearing.assume_silence(round(self._terms.line_s * 1000)), now)

    # -- hearing -------------------------------------------------------------------------------

    def media(self, piece: Frame, now: float) -> list[Action]:
        """Audio came in."""
        self._timers.cancel(Timer.LINE)
        return self._follow(self._hearing.hear(piece, self._mouth.played(now)), now)

    def _follow(self, events: Iterable[TurnEvent], now: float) -> list[Action]:
        actions: list[Action] = []
        for event in events:
            match event:
                case PauseBegan(turn=turn, number=number, utterance=utterance):
                    self._take = take = Take(turn, number)
                    self._clock.paused(take, self._hearing.evidence.silence_ms, now)
                    language = self._conversation.language
                    actions.append(JudgeEndOfTurn(take, utterance, language))
                    expected = expected_words(self._conversation.question, language)
                    actions.append(Transcribe(take, utterance, language, expected))
                case SpeechStarted():
                    self._barge_in.started(
                        now, more=bool(self._unanswered.text) or self._hearing.is_waiting
                    )
                case SpeechResumed() if self._take is not None:
                    actions.append(DropTake(self._take))
                case TurnEnded(turn=turn, number=number, silence_ms=silence_ms):
                    self._clock.ended(take := Take(turn, number), silence_ms, now)
                    if self._hearing.needs(take):
                        actions.append(Hurry(take))
                    actions += self._read(now)
                case _:
                    continue
        return actions + self._barge_in.listen(now)

    def transcribed(self, take: Take, transcript: Transcript | None, now: float) -> list[Action]:
        """The recogniser answered, or failed (``None``)."""
        question = self._open_question
        asked = question is not None
        actions = self._barge_in.words(take, transcript, asked=asked, now=now)
        events = self._hearing.transcribed(take, transcript, question)
        return actions + self._follow(events, now) + self._read(now)

    def judged(self, take: Take, probability: float | None, now: float) -> list[Action]:
        """The turn's sound was judged, or the judge failed (``None``)."""
        return self._follow(self._hearing.judged(take, probability), now)

    def _read(self, now: float) -> list[Action]:
        """Take in the words of turns that are over; answer once the caller has finished."""
        # Before anything else looks at the words (C16), whether or not an answer is due.
        if self._unanswered.withdraws(self._hearing.texts()):
            self._clock.cancel()
            return self._leave(self._engine.withdrawn(self._conversation), now)
        words = [each for each in self._hearing.take_words() if each.wanted]
        if not words:
            return []
        if self._typed.asked is not None:  # spoken beside the number that is being typed
            return self._heard_nothing(now)
        secret = self._engine.expects_secret(self._conversation)
        actions: list[Action] = []
        for each in words:
            actions += self._unanswered.keep(each, secret=secret)
        return actions + self._consider(words[-1].take, now)

    # -- understanding -------------------------------------------------------------------------

    def understood(
        self, take: Take, commands: tuple[Command, ...] | None, now: float
    ) -> list[Action]:
        """The understander answered, or failed (``None``); about older words it is ignored."""
        if take == self._suggestion.asked:
            return self._suggested(commands, now)
        if take != self._unanswered.asked:
            return []
        self._unanswered.asked = None
        if self.is_listening:
            return []  # the caller went on meanwhile
        if commands is None:
            return self._apologise(now)
        if self._barge_in.before_question and commands and ASSENT.issuperset(commands):
            self._settled()  # "yes ... that suits me": nothing was asked since, so it says go on
            return self._heard_nothing(now)
        actions = self._mouth.hush(now) if self._mouth.is_held else []
        text, said = self._unanswered.text, self._shown(commands)
        heard = replace(self._settled(), question=self._open_question)
        meant = self._engine.proposals(heard, commands, text)
        actions.append(Observe(UnderstoodSeen(said)))
        return actions + self.reply(self._engine.respond(heard, meant), now)

    def _consider(self, take: Take, now: float) -> list[Action]:
        """Have the words understood, if all of them are there and the caller says no more."""
        if self.is_listening or self._unanswered.asked is not None:
            return []
        question = self._open_question
        if self._unanswered.text and self._barge_in.is_aside(
            self._unanswered.text, asked=question is not None
        ):
            self._unanswered.text = ""
            return self._heard_nothing(now)
        if self._unanswered.text:
            self._unanswered.asked = take
            self._timers.cancel(Timer.THINKING)  # which begins anew
            return [*self._mouth.hold(now), Understand(take, self._said())]
        if self._unanswered.missed and not (self._mouth.is_held and self._barge_in.is_brief):
            return self._apologise(now)
        return self._heard_nothing(now)

    def _heard_nothing(self, now: float) -> list[Action]:
        """A cough, a door: not a turn. What it held goes on."""
        self._unanswered.missed = False
        self._clock.cancel()
        self._barge_in.settled()
        asides, self._asides = self._asides, ()
        return self._mouth.release(now) + self._say(asides, now)

    def _apologise(self, now: float) -> list[Action]:
        return self._mouth.hush(now) + self.reply(self._engine.failed(self._settled()), now)

    def _say(self, lines: tuple[Line, ...], now: float, asks: Line | None = None) -> list[Action]:
        if not lines:
            return []
        said, actions = self._engine.cleared(self._conversation, lines), list[Action]()
        if said != lines:  # no question was put then: nobody says yes to what they did not hear
            asks, actions = None, [Observe(Withheld())]
            self._conversation = replace(self._conversation, question=None)
        return actions + self._mouth.say(said, now, self._conversation.rate, asks)

    def _said(self) -> Said:
        """The words to be understood, and what they are heard against."""
        heard = replace(self._conversation, question=self._open_question)
        return Said(
            self._unanswered.text,
            heard.language,
            self._engine.asked(heard),
            heard.history,
            secret=self._unanswered.secret,
        )

    @property
    def _open_question(self) -> str | None:
        """What the agent has asked, if the caller has heard it."""
        return None if self._barge_in.before_question else self._conversation.question

    def _settled(self) -> Conversation:
        """The conversation with what either side has heard by now written into it."""
        for text in self._mouth.take_heard():
            self._conversation = self._conversation.agent_said(text)
        if self._unanswered.text:
            self._conversation = self._conversation.caller_said(self._unanswered.shown)
            self._unanswered.text, self._unanswered.secret = "", False
        return self._conversation
