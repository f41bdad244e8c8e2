"""The caller who waits for an operator: their place, music, the ways out, a callback by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from voice_agent.call.actions import Action, AskCallback, Observe
from voice_agent.call.leaving import Leaving
from voice_agent.call.mouth import Mouth
from voice_agent.call.notice_menu import Choice, choose
from voice_agent.call.phase import Phase
from voice_agent.call.ports import Script
from voice_agent.call.progress import Progress
from voice_agent.call.talk import Talk
from voice_agent.call.terms import CallTerms
from voice_agent.call.timers import Timer, Timers
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.reply import HandoverReason
from voice_agent.live.observation import HandoverAsked, QueuePlace

WAITED: Final = frozenset({Timer.QUEUE, Timer.PLACE, Timer.KEY, Timer.LIMIT})
"""What a waiting caller's time is up for; being held and waiting do not count as the agent's."""


class _Stage(StrEnum):
    QUEUED = "queued"
    OFFERED = "offered"
    """Nobody is free and nobody can be dialled; a key leaves a callback."""
    NOTING = "noting"
    """The callback is being noted."""


@dataclass(slots=True, kw_only=True)
class Waiting:
    """What becomes of a caller whom the agent hands over.

    Attributes:
        terms: the call's terms.
        script: the lines around the conversation.
        timers: the call's deadlines.
        progress: the call's phase.
        mouth: the call's mouth.
        talk: the conversation, where the caller comes back to if nobody comes.
        leaving: the ways out of the call.
        free: how many operators are free.
        there: how many are on duty, whether free or not.
    """

    terms: CallTerms
    script: Script
    timers: Timers
    progress: Progress
    mouth: Mouth
    talk: Talk
    leaving: Leaving
    free: int = field(default=0, init=False)
    there: int = field(default=0, init=False)
    _stage: _Stage = field(default=_Stage.QUEUED, init=False)
    _place: int = field(default=0, init=False)
    _inside: bool = field(default=False, init=False)
    _offered: tuple[object, ...] | None = field(default=None, init=False)

    def hand_over(
        self, reason: HandoverReason, lines: tuple[Line, ...], now: float
    ) -> list[Action]:
        """The agent wants a human for this caller: an operator, a telephone, or a call later."""
        asked: list[Action] = [Observe(HandoverAsked(reason.value))]
        if self.there:
            return asked + self.begin(lines, now)
        if self.terms.can_dial:
            return asked + self.leaving.hand_over(lines, now)
        keys = ["human_unavailable_go_on"]
        question = self.talk.asked
        is_free = question is None or not (question.is_typed or question.numbered)
        if self._offer and is_free:  # else key 1 is an answer
            keys += self._offer
            self._offered = self._moment
        asked.append(Observe(QueuePlace(0)))  # nobody is waited for
        return asked + self.talk.remark(self._lines(*keys), now)

    def begin(self, lines: tuple[Line, ...], now: float) -> list[Action]:
        """Wait in the stream, after these lines."""
        actions = self._enter(_Stage.QUEUED, self.terms.queue_s, now)
        self.timers.set(Timer.PLACE, now + self.terms.place_s)
        return actions + self.mouth.say((*lines, *self._lines(*self._offer)), now)

    def on_duty(self, free: int, there: int, now: float) -> list[Action]:
        """So many operators are free, of so many on duty; who waits does so for any of them."""
        self.free, self.there = free, there
        self.talk.has_queue = there > 0
        return [] if there or not self._is(_Stage.QUEUED) else self._give_up(now)

    def moved(self, place: int, now: float) -> list[Action]:
        """The caller's place in the queue, which they are told when it is known or better."""
        before, self._place = self._place, place
        if place == before:
            return []
        seen: list[Action] = [Observe(QueuePlace(place))]
        if self._stage is not _Stage.QUEUED:  # the caller was told that nobody is free
            return seen
        return seen + self.place(now) if not before or place < before else seen

    def place(self, now: float) -> list[Action]:
        """Say the caller's place."""
        self.timers.set(Timer.PLACE, now + self.terms.place_s)
        if not self._place:
            return []
        line = self.script.line("queue_place", self._language, place=str(self._place))
        return self.say((line,), now)

    def say(self, lines: tuple[Line, ...], now: float) -> list[Action]:
        """Say something to the caller who waits, instead of the music."""
        music = self.mouth.hush(now) if self.mouth.plays else []
        return music + self.mouth.say(lines, now)

    def key(self, key: str, now: float) -> list[Action]:
        """A key pressed while waiting."""
        self.timers.cancel(Timer.KEY)
        match choose(key):
            case Choice.WITHDRAW:
                return self.leaving.withdraw(now)
            case Choice.HUMAN if self.terms.can_dial:
                return self._dial(now)
            case _ if self._stage is _Stage.NOTING:
                return []
            case Choice.ACCEPT if self.terms.can_call_back:
                return self._ask_callback(now)
            case _:
                return self._say(self._pressable, now)

    @property
    def offers_callback(self) -> bool:
        """True while the last thing the agent said in the conversation offers a callback."""
        return self._offered == self._moment

    def callback(self, now: float) -> list[Action]:
        """The key was pressed in the conversation."""
        actions = self.talk.give_way(now)
        if self.progress.phase is not Phase.CONVERSING:  # the words just before were a withdrawal
            return actions
        return actions + self._ask_callback(now)

    def noted(self, noted: bool, now: float) -> list[Action]:
        """The callback is noted, or could not be."""
        if not self._is(_Stage.NOTING):
            return []
        if noted:
            return self.leaving.close("callback_noted", now)
        return self._go_on("callback_failed", now)

    def due(self, timer: Timer, now: float) -> list[Action]:
        """One of ``WAITED`` is over."""
        match timer:
            case Timer.PLACE:
                return self.place(now)
            case Timer.LIMIT:
                self.timers.set(Timer.LIMIT, now + self.terms.limit_s)
                return []
            case Timer.KEY:  # none followed the offer of a callback: the agent goes on
                return self._go_on("human_unavailable_go_on", now)
            case _ if self._stage is _Stage.NOTING:  # nobody says whether the callback is noted
                return self.noted(False, now)
            case _:
                return self._give_up(now)

    def settle(self, now: float) -> list[Action]:
        """Go on when everything said or played has been heard."""
        if self._stage is _Stage.QUEUED and self.terms.music and self.mouth.runs_out:
            return self.mouth.play(self.terms.music, now)
        heard = not self.mouth.is_busy
        if self._stage is _Stage.OFFERED and heard and Timer.KEY not in self.timers:
            self.timers.set(Timer.KEY, now + self.terms.key_s)
        return []

    def leave(self) -> list[Action]:
        """The caller does not wait any more."""
        if not self._inside:
            return []
        self._inside, self._place = False, 0
        return [Observe(QueuePlace(0))]

    def _enter(self, stage: _Stage, seconds: float, now: float) -> list[Action]:
        actions = [] if self.progress.phase is Phase.WAITING else self.progress.enter(Phase.WAITING)
        self.talk.pause()
        self._inside, self._stage, self._offered = True, stage, None
        self.timers.cancel(Timer.PLACE, Timer.KEY)
        self.timers.set(Timer.QUEUE, now + seconds)
        return actions

    def _give_up(self, now: float) -> list[Action]:
        if self.terms.can_dial:
            return self._dial(now)
        if not self._offer:
            return self._go_on("human_unavailable_go_on", now)
        self._stage = _Stage.OFFERED
        self.timers.cancel(Timer.QUEUE, Timer.PLACE)
        actions = self.mouth.hush(now)
        return actions + self.mouth.say(self._lines("nobody_free", *self._offer), now)

    def _go_on(self, key: str, now: float) -> list[Action]:
        """The agent goes on after these words."""
        actions = [*self.mouth.hush(now), *self.progress.enter(Phase.CONVERSING)]
        return actions + self.talk.go_on(self._lines(key), now)

    def _dial(self, now: float) -> list[Action]:
        return [*self.mouth.hush(now), *self.leaving.hand_over("connecting_human", now)]

    def _ask_callback(self, now: float) -> list[Action]:
        actions = [*self.mouth.hush(now), *self._enter(_Stage.NOTING, self.terms.commit_s, now)]
        return [*actions, AskCallback(self._language)]

    def _say(self, key: str, now: float) -> list[Action]:
        return [*self.mouth.hush(now), *self.mouth.say(self._lines(key), now)]

    def _is(self, stage: _Stage) -> bool:
        return self.progress.phase is Phase.WAITING and self._stage is stage

    def _lines(self, *keys: str) -> tuple[Line, ...]:
        return tuple(self.script.line(key, self._language) for key in keys)

    @property
    def _offer(self) -> tuple[str, ...]:
        """What offers a callback, to a caller whose number is known."""
        return ("callback_offer",) if self.terms.can_call_back else ()

    @property
    def _pressable(self) -> str:
        """What tells who waits which key leads on; without one, that they wait for a human."""
        if self._offer:
            return "callback_offer"
        return "key_without_meaning" if self.terms.can_dial else "connecting_human"

    @property
    def _language(self) -> str:
        return self.talk.conversation.language

    @property
    def _moment(self) -> tuple[object, ...]:
        """Where the conversation stands; it is another moment once anything was answered."""
        now = self.talk.conversation
        return (now.turns, now.silences, now.question, now.language)
