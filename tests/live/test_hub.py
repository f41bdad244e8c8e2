from __future__ import annotations

import asyncio

import pytest

from voice_agent.call.phase import Phase
from voice_agent.live.hub import ABANDONED, BACKLOG, LINGER, MAX_CALLS, REPLAY, WITHDRAWN, Hub
from voice_agent.live.observation import (
    AgentHeard,
    AgentSaid,
    CallEnded,
    CallerSaid,
    Missed,
    Observation,
    PhaseChanged,
)

CALL = "CA1"


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Now, in seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(clock: Clock) -> Hub:
    return Hub(clock)


async def seen(hub: Hub, call: str = CALL) -> list[Observation]:
    with hub.subscribe(call) as observations:
        return [observation async for observation in observations]


async def test_an_onlooker_sees_what_happens_in_order_and_then_the_end(hub: Hub) -> None:
    looking = asyncio.create_task(seen(hub))
    await asyncio.sleep(0)
    happened: list[Observation] = [
        PhaseChanged("notice"),
        AgentSaid("a"),
        AgentSaid("b"),
        CallEnded("hung_up"),
    ]
    for observation in happened:
        hub.publish(CALL, observation)
    assert await looking == happened


async def test_a_late_onlooker_gets_what_happened_before(hub: Hub) -> None:
    hub.publish(CALL, AgentSaid("early"))
    with hub.subscribe(CALL) as observations:
        assert await anext(observations) == AgentSaid("early")


async def test_a_late_onlooker_gets_only_the_newest(hub: Hub) -> None:
    for number in range(REPLAY + 10):
        hub.publish(CALL, AgentSaid(str(number)))
    with hub.subscribe(CALL) as observations:
        assert await anext(observations) == AgentSaid("10")


async def test_a_slow_onlooker_loses_the_oldest_and_is_told(hub: Hub) -> None:
    with hub.subscribe(CALL) as observations:
        for number in range(BACKLOG + 3):
            hub.publish(CALL, AgentSaid(str(number)))
        assert await anext(observations) == Missed(3)
        assert await anext(observations) == AgentSaid("3")


async def test_calls_are_kept_apart(hub: Hub) -> None:
    hub.publish("CA2", AgentSaid("another call"))
    hub.publish(CALL, CallEnded("hung_up"))
    assert await seen(hub) == [CallEnded("hung_up")]


async def test_words_are_forgotten_at_the_end_when_nobody_looks_on(hub: Hub) -> None:
    """Somebody who comes later learns that the call ended, not what was said (C18)."""
    hub.publish(CALL, AgentSaid("secret"))
    hub.publish(CALL, CallEnded("hung_up"))
    assert await seen(hub) == [CallEnded("hung_up")]


async def test_words_are_forgotten_when_the_last_onlooker_has_left(hub: Hub) -> None:
    with hub.subscribe(CALL) as first:
        hub.publish(CALL, AgentSaid("secret"))
        hub.publish(CALL, CallEnded("hung_up"))
        assert await anext(first) == AgentSaid("secret")
    assert await seen(hub) == [CallEnded("hung_up")]


def test_the_phase_of_a_withdrawal_is_called_what_the_call_calls_it() -> None:
    assert Phase.WITHDRAWN.value == WITHDRAWN


HAPPENED: list[Observation] = [
    PhaseChanged("conversing"),
    CallerSaid(1, "secret"),
    AgentSaid("secret too"),
    AgentHeard(complete=False),
]
LEFT: list[Observation] = [
    PhaseChanged("conversing"),
    AgentHeard(complete=False),
    PhaseChanged(Phase.WITHDRAWN),
    AgentSaid("offer"),
    CallEnded("hung_up"),
]


def withdraw_and_end(hub: Hub) -> None:
    hub.publish(CALL, PhaseChanged(Phase.WITHDRAWN))
    hub.publish(CALL, AgentSaid("offer"))
    hub.publish(CALL, CallEnded("hung_up"))


async def test_c16_a_withdrawal_takes_the_words_from_who_comes_late(hub: Hub) -> None:
    """Somebody looks on, so that the past is kept until the end."""
    with hub.subscribe(CALL):
        for observation in HAPPENED:
            hub.publish(CALL, observation)
        withdraw_and_end(hub)
        assert await seen(hub) == LEFT


async def test_c16_a_withdrawal_takes_the_words_from_who_has_not_seen_them_yet(hub: Hub) -> None:
    with hub.subscribe(CALL) as slow:
        for observation in HAPPENED:
            hub.publish(CALL, observation)
        withdraw_and_end(hub)
        assert [observation async for observation in slow] == LEFT


async def test_a_call_whose_words_are_gone_is_waited_for_again(hub: Hub) -> None:
    with hub.subscribe(CALL) as slow:
        hub.publish(CALL, AgentSaid("secret"))
        hub.forget_words(CALL)
        waiting = asyncio.ensure_future(anext(slow))
        await asyncio.sleep(0)
        assert not waiting.done()
        hub.publish(CALL, AgentHeard(complete=True))
        assert await waiting == AgentHeard(complete=True)


async def test_who_missed_something_is_told_even_if_all_the_rest_is_taken_away(hub: Hub) -> None:
    with hub.subscribe(CALL) as slow:
        for number in range(BACKLOG + 2):
            hub.publish(CALL, AgentSaid(str(number)))
        hub.forget_words(CALL)
        assert await anext(slow) == Missed(2)
        waiting = asyncio.ensure_future(anext(slow))
        await asyncio.sleep(0)
        assert not waiting.done()
        hub.publish(CALL, CallEnded("hung_up"))
        assert await waiting == CallEnded("hung_up")


def test_words_of_a_call_nobody_knows_are_not_there_to_be_forgotten(hub: Hub) -> None:
    hub.forget_words(CALL)
    assert len(hub) == 0


async def test_nothing_is_published_after_the_end(hub: Hub) -> None:
    hub.publish(CALL, CallEnded("hung_up"))
    hub.publish(CALL, AgentSaid("too late"))
    assert await seen(hub) == [CallEnded("hung_up")]


def test_an_ended_call_is_forgotten_after_a_minute(hub: Hub, clock: Clock) -> None:
    hub.publish(CALL, CallEnded("hung_up"))
    clock.now += LINGER - 1
    assert len(hub) == 1
    clock.now += 1
    assert len(hub) == 0


def test_a_call_that_fell_silent_is_forgotten_in_the_end(hub: Hub, clock: Clock) -> None:
    hub.publish(CALL, AgentSaid("hello?"))
    clock.now += LINGER
    assert len(hub) == 1
    clock.now += ABANDONED
    assert len(hub) == 0


def test_a_call_that_never_began_is_forgotten_when_its_onlooker_left(
    hub: Hub, clock: Clock
) -> None:
    subscription = hub.subscribe(CALL)
    clock.now += 10 * LINGER
    assert len(hub) == 1
    subscription.close()
    subscription.close()
    clock.now += LINGER
    assert len(hub) == 0


async def test_the_number_of_calls_is_bounded_and_watched_ones_stay(hub: Hub, clock: Clock) -> None:
    with hub.subscribe(CALL) as observations:
        for number in range(MAX_CALLS + 5):
            clock.now += 0.001
            hub.publish(f"CB{number}", PhaseChanged("notice"))
        hub.publish(CALL, AgentSaid("still watched"))
        assert await anext(observations) == AgentSaid("still watched")
    assert len(hub) <= MAX_CALLS


async def test_an_onlooker_that_is_cancelled_leaves(hub: Hub, clock: Clock) -> None:
    looking = asyncio.create_task(seen(hub))
    await asyncio.sleep(0)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    clock.now += LINGER
    assert len(hub) == 0
