from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from consent.gate import GateState
from consent.purpose import Purpose
from consent.receipt import Receipt
from tests.runtime import sample_call
from tests.runtime.engines import Loudness
from tests.runtime.line import now
from tests.runtime.sample_call import CALL
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.call.actions import Action, Finish, SendMark, Synthesise
from voice_agent.call.events import (
    CallerGone,
    CallStarted,
    Event,
    KeyPressed,
    MarkReached,
    SpeechReady,
    TimePassed,
)
from voice_agent.call.phase import Phase
from voice_agent.call.session import CallSession
from voice_agent.call.terms import CallTerms
from voice_agent.runtime.runner import CallRunner

RECEIPT = Receipt("record", CALL, frozenset({Purpose.CONVERSATION}))


@dataclass
class Stage:
    """A performer that notes what it is asked, and may answer from within.

    Attributes:
        answer: called with each action.
        performed: the actions.
        abandoned: how often the call was given up.
    """

    answer: Callable[[Action], None] = lambda _: None
    performed: list[Action] = field(default_factory=list)
    abandoned: int = 0

    def perform(self, action: Action) -> None:
        """Note it."""
        self.performed.append(action)
        self.answer(action)

    def abandon(self) -> None:
        """Note it."""
        self.abandoned += 1


class Witness(CallSession):
    """A real call that notes what reaches it, and when, and may break on an event.

    Attributes:
        received: time and event.
        depth: calls of ``receive`` under way.
        breaks_on: kind of event that hits a fault of ours.
    """

    def __init__(self, terms: CallTerms, breaks_on: type[Event] | None = None) -> None:
        super().__init__(terms, Loudness(), sample_call.engine(), sample_call.script())
        self.received: list[tuple[float, Event]] = []
        self.depth = 0
        self.breaks_on = breaks_on

    def receive(self, event: Event, now: float) -> list[Action]:
        """Pass it on."""
        assert self.depth == 0, "two writers at once"
        self.depth += 1
        self.received.append((now, event))
        try:
            if self.breaks_on is not None and isinstance(event, self.breaks_on):
                raise ZeroDivisionError
            return super().receive(event, now)
        finally:
            self.depth -= 1


def terms(**changes: float) -> CallTerms:
    return CallTerms(call_id=CALL, language="de", **changes)  # type: ignore[arg-type]  # seconds only


def speaking(runner: CallRunner) -> Callable[[Action], None]:
    """Answer every sentence with audio, every mark with its return, from within the effect."""

    def answer(action: Action) -> None:
        match action:
            case Synthesise(clip=clip):
                runner.post(SpeechReady(clip, b"\xff" * 80))
            case SendMark(name=name):
                runner.post(MarkReached(name))
            case _:
                pass

    return answer


@in_virtual_time
async def test_events_posted_from_within_an_effect_are_worked_off_in_order_one_at_a_time() -> None:
    call, stage = Witness(terms()), Stage()
    runner = CallRunner(call, stage)
    stage.answer = speaking(runner)
    runner.post(CallStarted(RECEIPT))
    kinds = [type(event).__name__ for _, event in call.received]
    sentences = sum(isinstance(action, Synthesise) for action in stage.performed)
    assert kinds == ["CallStarted"] + ["SpeechReady"] * sentences + ["MarkReached"] * sentences
    runner.post(CallerGone())


@in_virtual_time
async def test_the_call_hears_of_its_deadline_when_it_comes() -> None:
    call, stage = Witness(terms(no_input_s=8.0)), Stage()
    runner = CallRunner(call, stage)
    stage.answer = speaking(runner)
    began = now()
    runner.post(CallStarted(RECEIPT))
    await asyncio.sleep(8.5)
    at, event = next((at, e) for at, e in call.received if isinstance(e, TimePassed))
    assert event == TimePassed()
    assert at - began == pytest.approx(8.0)
    runner.post(CallerGone())


@in_virtual_time
async def test_a_deadline_that_moves_rings_once_at_its_new_time() -> None:
    call, stage = Witness(terms(key_s=6.0)), Stage()
    runner = CallRunner(call, stage)
    stage.answer = speaking(runner)
    runner.post(CallStarted())
    began = now()
    for _ in range(3):
        await asyncio.sleep(4)
        runner.post(KeyPressed("#"))
    await asyncio.sleep(6.5)
    rings = [at - began for at, event in call.received if isinstance(event, TimePassed)]
    assert rings == [pytest.approx(18.0)]
    runner.post(CallerGone())


@in_virtual_time
async def test_a_call_left_alone_ends_by_its_own_deadlines_and_leaves_no_alarm() -> None:
    """C5: notice, two repetitions, then the human; nothing but time passes."""
    call, stage = Witness(terms()), Stage()
    runner = CallRunner(call, stage)
    stage.answer = speaking(runner)
    runner.post(CallStarted())
    await asyncio.sleep(60)
    assert runner.is_over
    assert isinstance(stage.performed[-1], Finish)
    received = len(call.received)
    await asyncio.sleep(3600)
    assert len(call.received) == received


@in_virtual_time
async def test_an_illegal_event_is_passed_over_and_the_call_goes_on() -> None:
    call, stage = Witness(terms()), Stage()
    runner = CallRunner(call, stage)
    runner.post(KeyPressed("1"))  # before the start
    runner.post(CallStarted(RECEIPT))
    runner.post(CallStarted(RECEIPT))
    assert call.phase is Phase.CONVERSING
    assert stage.abandoned == 0
    runner.post(CallerGone())


@in_virtual_time
async def test_a_fault_of_ours_gives_the_call_up_and_shuts_the_gate() -> None:
    """No end is noted: the carrier's callback finds a call without one, and a human."""
    call, stage = Witness(terms(), breaks_on=KeyPressed), Stage()
    runner = CallRunner(call, stage)
    stage.answer = speaking(runner)
    runner.post(CallStarted(RECEIPT))
    assert call.consent.value == GateState.OPEN
    runner.post(KeyPressed("3"))
    assert stage.abandoned == 1
    assert not any(isinstance(action, Finish) for action in stage.performed)
    assert call.consent.value == GateState.EXPIRED
    assert runner.is_over
    received = len(call.received)
    runner.post(KeyPressed("1"))
    await asyncio.sleep(3600)
    assert len(call.received) == received
    assert stage.abandoned == 1


@in_virtual_time
async def test_a_state_that_cannot_even_end_is_given_up_all_the_same() -> None:
    call, stage = Witness(terms(), breaks_on=CallerGone), Stage()
    runner = CallRunner(call, stage)
    runner.post(CallStarted(RECEIPT))
    runner.post(CallerGone())
    assert stage.abandoned == 1


@in_virtual_time
async def test_an_effect_that_breaks_its_promise_and_raises_gives_the_call_up() -> None:
    call, stage = Witness(terms()), Stage()

    def answer(action: Action) -> None:
        if isinstance(action, Synthesise):
            raise ZeroDivisionError

    stage.answer = answer
    runner = CallRunner(call, stage)
    runner.post(CallStarted(RECEIPT))
    assert stage.abandoned == 1
    await asyncio.sleep(3600)
    assert len(call.received) == 2  # the start, and the end that shuts the gate


@in_virtual_time
async def test_whatever_comes_after_the_end_does_nothing() -> None:
    call, stage = Witness(terms()), Stage()
    runner = CallRunner(call, stage)
    runner.post(CallStarted(RECEIPT))
    runner.post(CallerGone())
    performed = len(stage.performed)
    for event in (CallerGone(), KeyPressed("1"), SpeechReady("0.1", b"\xff"), TimePassed()):
        runner.post(event)
    await asyncio.sleep(3600)
    assert len(stage.performed) == performed
    assert stage.abandoned == 0


@in_virtual_time
async def test_a_call_is_leaving_from_its_last_words_on() -> None:
    call, stage = Witness(terms()), Stage()
    runner = CallRunner(call, stage)
    runner.post(CallStarted(RECEIPT))
    states = [(runner.is_leaving, runner.is_over)]
    for event in (KeyPressed("0"), CallerGone()):
        runner.post(event)
        states.append((runner.is_leaving, runner.is_over))
    assert states == [(False, False), (True, False), (True, True)]
