"""The dialogue engine: deterministic, pure, shared by all calls.

Commands are proposals. What the engine has no written answer or flow for, it says so and offers a
person; nothing an understander proposes can make it say anything that was not written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from voice_agent.dialogue import answers, frustration, repair
from voice_agent.dialogue.answers import Answers, farewell
from voice_agent.dialogue.commands import (
    Affirm,
    Cancel,
    Command,
    Correct,
    Deny,
    FillSlot,
    Frustrated,
    Goodbye,
    Hesitate,
    HumanPlease,
    Impossible,
    Repeat,
    Slower,
    StartFlow,
    WithdrawConsent,
)
from voice_agent.dialogue.conversation import Conversation, Question
from voice_agent.dialogue.flow import Kind
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_outcome import Asked, Outcome, Turn
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.outgoing import WITHHELD, Outgoing
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.repair import MISUNDERSTANDINGS, PATIENT, Repair
from voice_agent.dialogue.reply import (
    Act,
    HandOver,
    HandoverReason,
    HangUp,
    Listen,
    Reply,
    Then,
    Wait,
    Withdraw,
)
from voice_agent.dialogue.tool import ToolAnswer, ToolRequest

PATIENCE: Final = 60.0
"""Seconds of silence left alone after the caller asked for a moment, unless told otherwise."""

REPROMPTS: Final = 2
"""Silences answered with a question; the next one ends the call."""

KEYS: Final[frozenset[str]] = frozenset(
    {
        "greeting",
        "greeting_outbound",
        "resumed",
        "one_moment",
        "still_there",
        "goodbye",
        "goodbye_silence",
        "withdrawn_offer_human",
        WITHHELD,
        *answers.KEYS,
        *repair.KEYS,
    }
)
"""Every prompt the engine says; all must be there before the first call."""


class Engine:
    """Turns commands into what is said and done next.

    Args:
        prompts: what can be said.
        knowledge: what can be answered.
        patience: seconds of silence left alone after the caller asked for a moment.
        flows: what can be done; nothing, if left out.
        country: ISO 3166 code of the country whose numbers are dialled without a prefix.

    Raises:
        ConfigurationError: at construction, when a prompt is missing.
    """

    def __init__(
        self,
        prompts: Prompts,
        knowledge: Knowledge,
        patience: float = PATIENCE,
        flows: Flows | None = None,
        country: str = "DE",
    ) -> None:
        prompts.require(sorted(KEYS))
        self._prompts = prompts
        self._answers = Answers(prompts, knowledge, patience)
        self._flows = flows or Flows({}, prompts)
        self._country = country
        self._repair = Repair(prompts)
        self._outgoing = Outgoing(prompts, knowledge, self._flows.slots)

    def greet(self, conversation: Conversation) -> Reply:
        """The first words after the caller accepted; they say that this is an AI (rule C7)."""
        return self._say(conversation, "greeting")

    def begin(self, conversation: Conversation, flow: str) -> Reply:
        """The first words of a call that we made: who speaks (rule C7), and then why.

        Args:
            conversation: the conversation, which begins.
            flow: what the call is about. Whoever is told has proved who they are before.
        """
        now = replace(conversation, outbound=True)
        outcome = self._flows.begin(flow, _turn(now))
        if outcome is None:
            return self.greet(now)
        return self._go_on(now, (self._line(now, "greeting_outbound"),), outcome)

    def resume(self, conversation: Conversation) -> Reply:
        """The first words after a human gave the call back; they say so again (rule C7).

        What was begun goes on: its question is put afresh. Where nothing was, something new may be.
        """
        flows = conversation.flows
        if flows:
            flows = (*flows[:-1], flows[-1].at(flows[-1].step))
        now = replace(conversation.settled(), flows=flows)
        lead = (self._line(now, "resumed"),)
        return self._go_on(now, lead, self._flows.remind(flows, _turn(now)))

    def respond(self, conversation: Conversation, commands: Iterable[Command]) -> Reply:
        """Answer what the caller said; no commands mean that it was not understood."""
        said = tuple(dict.fromkeys(commands))  # said twice is said once
        own = conversation.own | self._outgoing.given(said)
        turns = conversation.turns + 1
        now = replace(conversation, turns=turns, silences=0, waiting=False, own=own)
        if WithdrawConsent() in said:
            return self.withdrawn(now)
        if HumanPlease() in said:
            reply = self.handover(now.strained(), HandoverReason.ASKED)
            return replace(reply, lines=(*self._answers.urgent(now, said), *reply.lines))
        if Frustrated() in said:
            return self._soothe(now.strained(), tuple(c for c in said if c != Frustrated()))
        return self._answer(now, said)

    def _answer(self, now: Conversation, said: tuple[Command, ...]) -> Reply:
        if now.flows or any(self._begins(now, command) for command in said):
            return self._in_flow(now, said)
        # A value nobody asked for is nothing to act on.
        proposals = tuple(c for c in said if not isinstance(c, FillSlot | Correct | Impossible))
        reply = self._answers.reply(replace(now, misunderstandings=0), proposals)
        if isinstance(reply.then, HandOver):
            return self.handover(reply.conversation, reply.then.reason)
        # Nothing, or yes and no at once: there is nothing to say to that but "pardon?".
        return reply if reply.lines else self._repair.not_understood(now)

    def answered(self, conversation: Conversation, answer: ToolAnswer) -> Reply | None:
        """Go on with what came of a request; ``None`` if nobody waits for it any more."""
        outcome = self._flows.answered(conversation.flows, answer, _turn(conversation))
        if outcome is None:
            return None
        own = conversation.own | self._outgoing.told(answer)
        return self._go_on(replace(conversation, own=own), (), outcome)

    def cleared(self, conversation: Conversation, lines: Iterable[Line]) -> tuple[Line, ...]:
        """The lines as they may be said in this conversation; see ``Outgoing.cleared``."""
        return self._outgoing.cleared(lines, conversation.own)

    def awaits(self, conversation: Conversation) -> ToolRequest | None:
        """What is being done for the caller at this moment."""
        return conversation.flows[-1].pending if conversation.flows else None

    @property
    def secrets(self) -> frozenset[str]:
        """Slots whose values are shown to nobody."""
        return frozenset(slot.name for slot in self._flows.slots if slot.kind is Kind.SECRET)

    @property
    def words(self) -> frozenset[str]:
        """Slots that hold a caller's own words, which no summary of the call keeps (C18)."""
        return frozenset(slot.name for slot in self._flows.slots if slot.kind is Kind.TEXT)

    def expects_secret(self, conversation: Conversation) -> bool:
        """True while a PIN or birth date is to be given: it may be said before it is asked for."""
        return self._flows.expects_secret(conversation.flows)

    def asked(self, conversation: Conversation) -> Asked | None:
        """What the open question wants, for whoever reads its answer out of words."""
        if conversation.question is None:
            return None
        return self._flows.asked(conversation.flows, conversation.question, conversation.language)

    def keyed(self, conversation: Conversation, asked: Asked, keys: str) -> Reply:
        """Answer what was asked for and came by keys.

        Args:
            conversation: the conversation.
            asked: what the caller answers.
            keys: digits: a number, or that of one of the options.
        """
        turn = _turn(conversation)
        value = self._flows.keyed(conversation.flows, asked, keys, turn, self._country)
        if value is not None:
            return self.respond(conversation, (FillSlot(asked.slot, value),))
        if not self._is_asking(conversation):  # what it was for is over
            return self.respond(conversation, ())
        now = replace(conversation, turns=conversation.turns + 1, silences=0, waiting=False)
        outcome = self._flows.missed(now.flows, _turn(now), "flow_not_a_number")
        return self._go_on(now, (), outcome)

    def proposals(
        self, conversation: Conversation, commands: Iterable[Command], text: str
    ) -> tuple[Command, ...]:
        """What a caller's words propose, seen from what is being done or what they begin.

        Options of a choice that the words name are added. What only looked like a question is
        left out, and what is said within a message. That the caller has had enough is added, too.
        Beside what is urgent nothing else counts.

        Args:
            conversation: the conversation.
            commands: what the words were understood as, values of slots among them.
            text: the words.
        """
        said = frustration.noticed(tuple(commands), text, conversation.language)
        proposed = self._flows.proposals(conversation.flows, said, text, _turn(conversation))
        return self._answers.first(conversation, proposed, text)

    def no_input(self, conversation: Conversation) -> Reply:
        """Answer a silence: two different questions, then goodbye; a flow's question, a person."""
        silences = conversation.silences + 1
        now = replace(conversation, silences=silences, waiting=False)
        # Whoever was rung up and says nothing is let go; nobody else is called to them.
        leaves = silences > REPROMPTS and (now.outbound or not self._is_asking(now))
        if leaves:
            return self._say(now, farewell(now, "goodbye_silence"), HangUp())
        if self._is_asking(now):
            outcome = self._flows.missed(now.flows, _turn(now), "still_there")
            return self._go_on(now, (), outcome)
        line = self._prompts.line("still_there", now.language, variant=silences - 1)
        return Reply(now, (line,), Listen())

    def filler(self, conversation: Conversation) -> Line:
        """Say that the answer is being looked for."""
        return self._line(conversation, "one_moment")

    def failed(self, conversation: Conversation) -> Reply:
        """Answer an utterance the recogniser or the understander failed on."""
        now = replace(conversation, turns=conversation.turns + 1, silences=0, waiting=False)
        return self._repair.failed(now)

    def farewell(self, conversation: Conversation) -> Reply:
        """Say goodbye and end the call."""
        return self._say(conversation, farewell(conversation), HangUp())

    def handover(self, conversation: Conversation, reason: HandoverReason) -> Reply:
        """Say that a person takes over, then hand over."""
        return self._repair.handover(conversation, reason)

    def withdrawn(self, conversation: Conversation) -> Reply:
        """Say that nobody listens any more and how to reach a person."""
        return self._say(conversation.settled(), "withdrawn_offer_human", Withdraw())

    def _soothe(self, now: Conversation, said: tuple[Command, ...]) -> Reply:
        """Apologise, once, and go on with what else was said, or offer a person; then connect."""
        if now.frustration > PATIENT:
            return self.handover(now, HandoverReason.FRUSTRATED)
        goes_on = said or self.awaits(now) is not None
        reply = self._answer(now, said) if goes_on else self._repair.offer(now)
        return replace(reply, lines=(self._repair.apology(now), *reply.lines))

    # -- flows ---------------------------------------------------------------------------------

    def _begins(self, now: Conversation, command: Command) -> bool:
        return isinstance(command, StartFlow) and self._flows.begins(now.flows, command.name)

    def _is_asking(self, now: Conversation) -> bool:
        """True if the question that is open is a flow's."""
        return bool(now.flows) and self.awaits(now) is None and now.question != Question.CONNECT

    def _in_flow(self, now: Conversation, said: tuple[Command, ...]) -> Reply:
        """Answer what is no flow's, then go on with the flow: with what was said, or again."""
        own = (Affirm, Hesitate, Deny, FillSlot, Correct, Impossible, Cancel)
        moves = tuple(c for c in said if isinstance(c, own) or self._begins(now, c))
        asides = tuple(c for c in said if c not in moves)
        if Goodbye() in asides:
            return self._leave(now)
        offered = now.question == Question.CONNECT
        if offered and moves == (Affirm(),):
            return self.handover(now, HandoverReason.OFFER_ACCEPTED)
        if offered and not said:
            return self._repair.not_understood(now)
        spoken, misses = now.language, now.misunderstandings + 1
        now = replace(now, misunderstandings=0)
        aside = self._answers.reply(now, asides, beside=True)
        now = replace(now, language=aside.conversation.language, rate=aside.conversation.rate)
        outcome = self._flows.advance(now.flows, moves, _turn(now)) if moves else None
        if outcome is None and _holds(aside, asides):
            reply = aside
        elif outcome is None and not asides and not offered and self._is_asking(now):
            half = Hesitate() in moves and now.question == Question.CONFIRM
            pardon = "flow_yes_or_no" if half else "flow_pardon"
            reply = self._missed(replace(now, misunderstandings=misses), pardon)
        elif outcome is None:
            # Beside an answer, or after "no" to a person, the question is put again as it was.
            # In another language nobody has heard it yet, nor the values it is about.
            turn = replace(_turn(now), question=now.question if now.language == spoken else None)
            reply = self._go_on(now, aside.lines, self._flows.remind(now.flows, turn))
        else:
            lead = aside.lines
            if aside.conversation.question == Question.CONNECT and outcome.question is not None:
                # One question at a time: the flow's is put when this one is answered.
                lines = (*outcome.lines[:-1], *lead)
                outcome, lead = replace(outcome, lines=lines, question=Question.CONNECT), ()
            reply = self._go_on(now, lead, outcome)
        return replace(reply, sends_link=aside.sends_link)

    def _missed(self, now: Conversation, lead: str) -> Reply:
        """A flow's question was not answered; whoever has had enough is offered a person."""
        tired = now.frustration > 0
        if now.misunderstandings >= MISUNDERSTANDINGS and not tired:
            now, lead = now.strained(), "sorry_for_trouble"
        outcome = self._flows.missed(now.flows, _turn(now), lead)
        if tired and outcome.handover is None:
            offer = self._repair.offer(now)
            outcome = replace(outcome, lines=offer.lines, question=Question.CONNECT)
        return self._go_on(now, (), outcome)

    def _go_on(self, now: Conversation, lead: tuple[Line, ...], outcome: Outcome) -> Reply:
        """Say where the flows stand now, after something else."""
        lines = tuple(dict.fromkeys((*lead, *outcome.lines)))
        now = replace(now, flows=outcome.stack, done=now.done | outcome.done)
        if outcome.handover is not None:
            reply = self.handover(now, outcome.handover)
            return replace(reply, lines=(*lines, *reply.lines))
        if outcome.is_over:
            return Reply(replace(now.settled(), last=lines), lines, HangUp())
        question: str | None = outcome.question
        asks = outcome.lines[-1] if question is not None else None
        then: Then = Listen()
        if outcome.request is not None:
            then = Act(outcome.request)
        elif question is None and not outcome.stack:
            asks, question = self._line(now, "anything_else"), Question.ANYTHING_ELSE
            lines = (*lines, asks)
        elif not lines:  # a tool is at work
            lines = (self._line(now, "one_moment"),)
        after = replace(now, question=question, last=lines or now.last)
        return Reply(after, lines, then, asks=asks)

    def _leave(self, now: Conversation) -> Reply:
        """Say goodbye in the middle of a flow: nothing of it is done."""
        keys = [farewell(now)]
        # What we rang up about was nobody's wish that could be dropped.
        if not (now.flows and now.flows[-1].pending) and not now.outbound:
            keys.insert(0, "flow_cancelled")
        lines = tuple(self._line(now, key) for key in keys)
        return Reply(replace(now.settled(), last=lines), lines, HangUp())

    def _say(self, conversation: Conversation, key: str, then: Then | None = None) -> Reply:
        line = self._line(conversation, key)
        return Reply(replace(conversation, last=(line,)), (line,), then or Listen())

    def _line(self, conversation: Conversation, key: str) -> Line:
        return self._prompts.line(key, conversation.language, variant=conversation.turns)


def _turn(conversation: Conversation) -> Turn:
    return Turn(
        conversation.language,
        conversation.question,
        conversation.turns,
        conversation.done,
        conversation.outbound,
    )


def _holds(aside: Reply, asides: tuple[Command, ...]) -> bool:
    """True if after this answer no other question is to be put."""
    question = aside.conversation.question
    repeats = any(isinstance(c, Repeat | Slower) for c in asides) and question is not None
    return repeats or question == Question.CONNECT or isinstance(aside.then, Wait)
