"""What every adapter of the live store does, with two workers; a test class inherits it.

The class that inherits gives the fixture ``pair``: two workers of one store that share a clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import uuid4

import pytest

from voice_agent.live.channel import KEPT
from voice_agent.live.command import VALID_S, Answer, Command, Outcome, Verb
from voice_agent.live.hub import WITHDRAWN
from voice_agent.live.inbox import MOST_VOICE
from voice_agent.live.observation import (
    AgentSaid,
    CallEnded,
    CallerSaid,
    FlowMoved,
    Missed,
    Observation,
    PhaseChanged,
    UnderstoodSeen,
)
from voice_agent.live.ports import HEARTBEAT_S, LOST_S, SILENT_S, LiveStore, OnDuty, Side
from voice_agent.live.snapshot import CallSnapshot, call_key

Item = TypeVar("Item")

SOON = 20.0
"""Seconds after which a test gives up waiting for what must come."""

CALL = call_key("CA1")


class Clock:
    """Seconds since 1970 that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Pair:
    """Two workers of one store."""

    one: LiveStore
    other: LiveStore
    clock: Clock

    def snapshot(self, call: str = CALL, **values: object) -> CallSnapshot:
        """A call that the first worker holds."""
        made = CallSnapshot(call=call, worker=self.one.worker, language="de", began_at=1.5)
        return replace(made, **values)  # type: ignore[arg-type]  # a test names real fields

    def command(self, call: str = CALL, **values: object) -> Command:
        """A command of now."""
        made = Command(
            id=uuid4().hex, call=call, operator="o1", verb=Verb.END, issued_at=self.clock()
        )
        return replace(made, **values)  # type: ignore[arg-type]  # as above


async def soon(stream: AsyncIterator[Item]) -> Item:
    """What comes next."""
    async with asyncio.timeout(SOON):
        return await anext(stream)


async def comes(stream: AsyncIterator[Item], wanted: Item) -> None:
    """Wait until ``wanted`` comes."""
    while await soon(stream) != wanted:
        pass


async def to_end(stream: AsyncIterator[Observation]) -> list[Observation]:
    """All that comes to the end of the call."""
    async with asyncio.timeout(SOON):
        return [observation async for observation in stream]


class LiveStoreConformance:
    """What is true of every live store."""

    # -- calls -------------------------------------------------------------------------------

    async def test_a_call_shown_by_one_worker_is_seen_by_both(self, pair: Pair) -> None:
        shown = pair.snapshot(phase="talking", latency_ms=700, waiting_since=3.25)
        await pair.one.show([shown])
        assert await pair.one.calls() == (shown,)
        assert await pair.other.calls() == (shown,)
        assert await pair.other.lost() == ()

    async def test_calls_come_the_oldest_first(self, pair: Pair) -> None:
        made = [pair.snapshot(call_key(str(at)), began_at=float(at)) for at in (10, 9, 2)]
        await pair.one.show(made)
        assert await pair.other.calls() == tuple(reversed(made))

    async def test_a_call_that_is_shown_again_and_again_stays(self, pair: Pair) -> None:
        for _ in range(10):
            await pair.one.show([pair.snapshot()])
            pair.clock.now += HEARTBEAT_S
        assert await pair.other.calls() == (pair.snapshot(),)

    async def test_a_call_of_a_worker_that_died_is_lost_and_told_of_for_a_while(
        self, pair: Pair
    ) -> None:
        await pair.one.show([pair.snapshot(holder="o1")])
        pair.clock.now += SILENT_S
        assert await pair.other.calls() == ()
        assert await pair.other.lost() == (pair.snapshot(holder="o1"),)
        assert await pair.one.lost() == (pair.snapshot(holder="o1"),)
        pair.clock.now += LOST_S
        assert await pair.one.lost() == ()

    async def test_a_loss_is_noticed_once_whoever_looks_first(self, pair: Pair) -> None:
        calls = [pair.snapshot(call_key(str(n)), began_at=float(n)) for n in range(20)]
        await pair.one.show(calls)
        pair.clock.now += SILENT_S
        looks = [store.lost() for store in (pair.one, pair.other) for _ in range(5)]
        found = await asyncio.gather(*looks)
        assert [sorted(each.call for each in lost) for lost in found] == [
            sorted(each.call for each in calls)
        ] * 10

    async def test_a_call_that_ended_is_gone_and_never_lost(self, pair: Pair) -> None:
        await pair.one.show([pair.snapshot()])
        await pair.one.end(CALL)
        assert await pair.other.calls() == ()
        pair.clock.now += SILENT_S
        assert await pair.other.lost() == ()

    async def test_a_heartbeat_that_comes_late_does_not_bring_a_call_back(self, pair: Pair) -> None:
        await pair.one.show([pair.snapshot()])
        await pair.one.end(CALL)
        await pair.one.show([pair.snapshot()])
        assert await pair.other.calls() == ()

    async def test_a_call_whose_worker_was_only_slow_is_not_lost_any_more(self, pair: Pair) -> None:
        await pair.one.show([pair.snapshot()])
        pair.clock.now += SILENT_S
        assert await pair.other.lost() == (pair.snapshot(),)
        await pair.one.show([pair.snapshot()])
        assert await pair.other.lost() == ()
        assert await pair.other.calls() == (pair.snapshot(),)

    async def test_a_lost_call_that_ends_after_all_is_not_lost(self, pair: Pair) -> None:
        await pair.one.show([pair.snapshot()])
        pair.clock.now += SILENT_S
        assert len(await pair.other.lost()) == 1
        await pair.one.end(CALL)
        assert await pair.other.lost() == ()

    async def test_every_console_is_told_what_changes_and_goes(self, pair: Pair) -> None:
        async with pair.one.changes() as near, pair.other.changes() as far:
            for step in (
                pair.one.show([pair.snapshot()]),
                pair.one.show([pair.snapshot(phase="talking")]),
                pair.one.end(CALL),
            ):
                await step
                assert (await soon(near), await soon(far)) == (CALL, CALL)

    async def test_a_heartbeat_that_says_nothing_new_is_no_change(self, pair: Pair) -> None:
        second = call_key("CA2")
        await pair.one.show([pair.snapshot()])
        async with pair.other.changes() as far:
            await pair.one.show([pair.snapshot(), pair.snapshot(second)])
            assert await soon(far) == second

    async def test_a_loss_is_told_though_nobody_asks_for_the_calls(self, pair: Pair) -> None:
        await pair.one.show([pair.snapshot()])
        async with pair.other.changes() as far, pair.one.changes() as near:
            pair.clock.now += SILENT_S
            assert (await soon(near), await soon(far)) == (CALL, CALL)

    async def test_who_waited_for_changes_in_vain_can_go_on_waiting(self, pair: Pair) -> None:
        async with pair.other.changes() as far:
            waiting = asyncio.ensure_future(anext(far))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            await pair.one.show([pair.snapshot()])
            assert await soon(far) == CALL

    # -- what happens in a call ----------------------------------------------------------------

    async def test_an_onlooker_elsewhere_sees_what_happened_and_happens_in_order(
        self, pair: Pair
    ) -> None:
        happened: list[Observation] = [
            PhaseChanged("talking"),
            CallerSaid(1, "Straße, bitte"),
            AgentSaid("Gern."),
            FlowMoved("book", "day", {"service": "x"}),
            PhaseChanged("closing"),
        ]
        await pair.one.publish(CALL, happened[:2])
        async with pair.other.events(CALL) as seen, pair.one.events(CALL) as near:
            assert [await soon(seen), await soon(seen)] == happened[:2]
            await pair.one.publish(CALL, happened[2:])
            assert [await soon(seen) for _ in happened[2:]] == happened[2:]
            assert [await soon(near) for _ in happened] == happened
            await pair.one.publish(CALL, [CallEnded("hung_up")])
            assert await to_end(seen) == await to_end(near) == [CallEnded("hung_up")]

    async def test_a_call_can_be_looked_at_before_it_begins(self, pair: Pair) -> None:
        async with pair.other.events(CALL) as seen:
            waiting = asyncio.create_task(to_end(seen))
            await asyncio.sleep(0.05)
            await pair.one.publish(CALL, [CallEnded("hung_up")])
            assert await waiting == [CallEnded("hung_up")]

    async def test_nothing_follows_the_end(self, pair: Pair) -> None:
        await pair.one.publish(CALL, [CallEnded("hung_up"), AgentSaid("a")])
        await pair.one.publish(CALL, [AgentSaid("b")])
        async with pair.other.events(CALL) as seen:
            assert await to_end(seen) == [CallEnded("hung_up")]

    async def test_who_comes_late_sees_the_newest(self, pair: Pair) -> None:
        came = [PhaseChanged(str(n)) for n in range(KEPT + 10)]
        await pair.one.publish(CALL, came)
        await pair.one.publish(CALL, [CallEnded("hung_up")])
        async with pair.other.events(CALL) as seen:
            assert await to_end(seen) == [*came[11:], CallEnded("hung_up")]

    async def test_who_is_slow_is_told_that_they_missed_something(self, pair: Pair) -> None:
        await pair.one.publish(CALL, [PhaseChanged("talking")])
        async with pair.other.events(CALL) as seen:
            assert await soon(seen) == PhaseChanged("talking")
            came = [PhaseChanged(str(n)) for n in range(KEPT + 9)]
            await pair.one.publish(CALL, came)
            await pair.one.publish(CALL, [CallEnded("hung_up")])
            found = await to_end(seen)
            assert found[0] == Missed(10)
            assert found[1:] == [*came[10:], CallEnded("hung_up")]

    async def test_c16_words_before_a_withdrawal_are_forgotten(self, pair: Pair) -> None:
        moved = FlowMoved("book", "day", {"name": "Berg"})
        words: list[Observation] = [
            CallerSaid(1, "a"),
            moved,
            AgentSaid("b"),
            UnderstoodSeen(["c"]),
        ]
        await pair.one.publish(CALL, [PhaseChanged("talking"), *words])
        async with pair.other.events(CALL) as slow:
            assert await soon(slow) == PhaseChanged("talking")
            after = (PhaseChanged(WITHDRAWN), AgentSaid("d"))
            await pair.one.publish(CALL, [CallerSaid(2, "e"), *after])
            await asyncio.sleep(0.5)  # what was on its way when they withdrew is forgotten, too
            left: list[Observation] = [FlowMoved("book", "day", {}), *after]
            assert [await soon(slow) for _ in left] == left
        async with pair.other.events(CALL) as late:
            first = PhaseChanged("talking")
            assert [await soon(late) for _ in (first, *left)] == [first, *left]

    async def test_words_can_be_forgotten_without_a_withdrawal(self, pair: Pair) -> None:
        await pair.one.publish(CALL, [CallerSaid(1, "a"), PhaseChanged("x"), AgentSaid("b")])
        await pair.other.forget_words(CALL)
        await pair.one.publish(CALL, [AgentSaid("c")])
        async with pair.other.events(CALL) as seen:
            assert [await soon(seen), await soon(seen)] == [PhaseChanged("x"), AgentSaid("c")]

    @pytest.mark.parametrize("way", ["told", "told at once", "tile goes", "worker goes", "lost"])
    async def test_c18_words_do_not_outlive_the_call(self, pair: Pair, way: str) -> None:
        said: list[Observation] = [
            PhaseChanged("talking"),
            CallerSaid(1, "a"),
            UnderstoodSeen(["b"]),
            FlowMoved("book", "day", {"name": "Berg"}),
            AgentSaid("c"),
        ]
        left = [PhaseChanged("talking"), FlowMoved("book", "day", {})]
        end = CallEnded("hung_up")
        await pair.one.show([pair.snapshot()])
        await pair.one.publish(CALL, [*said, end] if way == "told at once" else said)
        match way:
            case "told":
                await pair.one.publish(CALL, [end])
            case "tile goes":
                await pair.one.end(CALL)
            case "worker goes":
                await pair.one.close()
            case "lost":
                pair.clock.now += SILENT_S
                assert await pair.other.lost() == (pair.snapshot(),)
        async with pair.other.events(CALL) as late:
            assert [await soon(late) for _ in left] == left
            await pair.other.publish(CALL, [end])
            assert await to_end(late) == [end]

    async def test_c18_an_onlooker_is_not_told_twice_when_the_words_go(self, pair: Pair) -> None:
        said: list[Observation] = [CallerSaid(1, "a"), AgentSaid("b")]
        await pair.one.publish(CALL, said)
        async with pair.other.events(CALL) as seen:
            assert [await soon(seen), await soon(seen)] == said
            await pair.one.publish(CALL, [CallEnded("hung_up")])
            assert await to_end(seen) == [CallEnded("hung_up")]

    async def test_c18_a_worker_that_was_only_slow_goes_on_telling(self, pair: Pair) -> None:
        await pair.one.show([pair.snapshot()])
        await pair.one.publish(CALL, [AgentSaid("a")])
        pair.clock.now += SILENT_S
        assert len(await pair.other.lost()) == 1
        await pair.one.show([pair.snapshot()])
        await pair.one.publish(CALL, [AgentSaid("b")])
        async with pair.other.events(CALL) as seen:
            assert await soon(seen) == AgentSaid("b")

    async def test_forgetting_the_words_of_an_unknown_call_does_nothing(self, pair: Pair) -> None:
        await pair.one.forget_words(call_key("CA0"))

    async def test_calls_are_looked_at_apart(self, pair: Pair) -> None:
        other = call_key("CA2")
        await pair.one.publish(CALL, [PhaseChanged("a"), CallEnded("x")])
        await pair.other.publish(other, [PhaseChanged("b"), CallEnded("y")])
        async with pair.one.events(other) as seen:
            assert await to_end(seen) == [PhaseChanged("b"), CallEnded("y")]

    # -- commands ------------------------------------------------------------------------------

    async def test_a_command_goes_to_the_worker_that_holds_the_call_and_is_answered(
        self, pair: Pair
    ) -> None:
        await pair.one.show([pair.snapshot()])
        command = pair.command(verb=Verb.SAY, text="Guten Tag", name="Berg")
        async with pair.one.orders() as orders:
            sending = asyncio.create_task(pair.other.send(command))
            assert await soon(orders) == command
            await pair.one.answer(command, Answer(Outcome.TAKEN, "o2"))
            assert await sending == Answer(Outcome.TAKEN, "o2")

    async def test_a_command_sent_twice_is_carried_out_once(self, pair: Pair) -> None:
        await pair.one.show([pair.snapshot()])
        command, second = pair.command(), pair.command()
        async with pair.one.orders() as orders:
            sending = [
                asyncio.create_task(store.send(command))
                for store in (pair.one, pair.other, pair.one, pair.other)
            ]
            assert await soon(orders) == command
            await pair.one.answer(command, Answer(Outcome.DONE, "o1"))
            assert await asyncio.gather(*sending) == [Answer(Outcome.DONE, "o1")] * 4
            assert await pair.other.send(command) == Answer(Outcome.DONE, "o1")
            last = asyncio.create_task(pair.other.send(second))
            assert await soon(orders) == second
            await pair.one.answer(second, Answer(Outcome.DONE))
            await last

    async def test_the_first_answer_counts(self, pair: Pair) -> None:
        await pair.one.show([pair.snapshot()])
        command = pair.command()
        await pair.one.answer(command, Answer(Outcome.DONE))
        await pair.one.answer(command, Answer(Outcome.REFUSED))
        assert await pair.other.send(command) == Answer(Outcome.DONE)

    async def test_no_worker_holds_an_unknown_ended_or_lost_call(self, pair: Pair) -> None:
        assert await pair.other.send(pair.command()) == Answer(Outcome.NO_CALL)
        await pair.one.show([pair.snapshot()])
        await pair.one.end(CALL)
        assert await pair.other.send(pair.command()) == Answer(Outcome.NO_CALL)
        lost = call_key("CA2")
        await pair.one.show([pair.snapshot(lost)])
        pair.clock.now += SILENT_S
        assert await pair.other.send(pair.command(lost)) == Answer(Outcome.NO_CALL)

    async def test_a_command_that_nobody_answers_is_unanswered_and_may_be_sent_again(
        self, pair: Pair
    ) -> None:
        await pair.one.show([pair.snapshot()])
        command = pair.command()
        assert await pair.other.send(command) == Answer(Outcome.UNANSWERED)
        async with pair.one.orders() as orders:
            assert await soon(orders) == command
            await pair.one.answer(command, Answer(Outcome.DONE))
        assert await pair.other.send(command) == Answer(Outcome.DONE)

    async def test_a_stale_command_reaches_nobody(self, pair: Pair) -> None:
        await pair.one.show([pair.snapshot()])
        waited, late = pair.command(), pair.command()
        assert await pair.other.send(waited) == Answer(Outcome.UNANSWERED)
        pair.clock.now += VALID_S + 1
        await pair.one.show([pair.snapshot()])
        assert await pair.other.send(late) == Answer(Outcome.UNANSWERED)
        fresh = pair.command()
        async with pair.one.orders() as orders:
            sending = asyncio.create_task(pair.other.send(fresh))
            assert await soon(orders) == fresh
            await pair.one.answer(fresh, Answer(Outcome.DONE))
            await sending

    async def test_reading_orders_anew_gives_none_twice(self, pair: Pair) -> None:
        await pair.one.show([pair.snapshot()])
        first, second = pair.command(), pair.command()
        for command in (first, second):
            async with pair.one.orders() as orders:
                sending = asyncio.create_task(pair.other.send(command))
                assert await soon(orders) == command
                await pair.one.answer(command, Answer(Outcome.DONE))
                await sending

    # -- voices --------------------------------------------------------------------------------

    async def test_a_voice_is_heard_by_all_who_listen_and_by_nobody_else(self, pair: Pair) -> None:
        async with (
            pair.one.voice(CALL, Side.CALLER) as near,
            pair.other.voice(CALL, Side.CALLER) as far,
            pair.other.voice(CALL, Side.OPERATOR) as back,
        ):
            await pair.one.speak(CALL, Side.CALLER, b"\x00\xff\x7f" * 50)
            await pair.one.speak(call_key("CA2"), Side.OPERATOR, b"x")
            await pair.other.speak(CALL, Side.OPERATOR, b"op")
            assert await soon(near) == await soon(far) == b"\x00\xff\x7f" * 50
            assert await soon(back) == b"op"

    async def test_a_voice_is_kept_for_nobody(self, pair: Pair) -> None:
        await pair.one.speak(CALL, Side.CALLER, b"before")
        async with pair.other.voice(CALL, Side.CALLER) as heard:
            await pair.one.speak(CALL, Side.CALLER, b"after")
            assert await soon(heard) == b"after"

    async def test_a_slow_listener_misses_the_oldest(self, pair: Pair) -> None:
        chunk, sent = 160, 100
        async with pair.other.voice(CALL, Side.CALLER) as slow:
            async with pair.other.voice(CALL, Side.CALLER) as quick:
                for number in range(sent):
                    await pair.one.speak(CALL, Side.CALLER, bytes([number]) * chunk)
                    assert await soon(quick) == bytes([number]) * chunk
            await asyncio.sleep(0.2)
            heard = [(await soon(slow))[0] for _ in range(MOST_VOICE // chunk)]
            assert heard == list(range(sent - MOST_VOICE // chunk, sent))

    # -- operators -----------------------------------------------------------------------------

    async def test_operators_are_there_until_they_go_or_fall_silent(self, pair: Pair) -> None:
        anna, berg = OnDuty("anna", "Anna", True), OnDuty("berg", "Berg", False, CALL)
        async with pair.one.changes() as changes:
            await pair.other.attend(berg)
            await pair.one.attend(anna)
            assert await soon(changes) == "duty"
            assert await pair.one.on_duty() == await pair.other.on_duty() == (anna, berg)
            await pair.other.leave("anna")  # who has not been there
            assert await pair.other.on_duty() == (anna, berg)
            await pair.one.leave("anna")
            assert await pair.other.on_duty() == (berg,)
            pair.clock.now += SILENT_S
            assert await pair.other.on_duty() == ()

    async def test_that_an_operator_fell_silent_is_told(self, pair: Pair) -> None:
        await pair.other.attend(OnDuty("anna", "Anna", True))
        async with pair.one.changes() as changes:
            pair.clock.now += SILENT_S
            await comes(changes, "duty")

    async def test_an_operator_is_there_while_any_worker_says_so(self, pair: Pair) -> None:
        anna = OnDuty("anna", "Anna", True, said_at=5.0)
        for gone, still in ((pair.one, pair.other), (pair.other, pair.one)):
            await pair.one.attend(anna)
            await pair.other.attend(anna)
            assert await pair.one.on_duty() == (anna,)
            await gone.leave("anna")
            assert await gone.on_duty() == await still.on_duty() == (anna,)
            pair.clock.now += SILENT_S / 2
            await still.attend(anna)
            pair.clock.now += SILENT_S / 2
            assert await gone.on_duty() == (anna,)
        await pair.other.attend(anna)
        await pair.one.close()
        assert await pair.other.on_duty() == (anna,)
        await pair.other.leave("anna")
        assert await pair.other.on_duty() == ()

    @pytest.mark.parametrize("last", [True, False])
    async def test_what_an_operator_said_last_counts_at_whichever_worker(
        self, pair: Pair, last: bool
    ) -> None:
        older, newer = (
            OnDuty("anna", "Anna", available, said_at=at)
            for at, available in ((5.0, not last), (6.0, last))
        )
        await pair.one.attend(older)
        await pair.other.attend(newer)
        assert await pair.one.on_duty() == (newer,)
        await pair.one.attend(older)  # by a page that has not heard of the newer word
        await pair.other.attend(older)
        assert await pair.one.on_duty() == await pair.other.on_duty() == (newer,)
        await pair.one.attend((await pair.one.on_duty())[0])
        await pair.other.leave("anna")
        found = await pair.other.on_duty()
        assert (found, found[0].said_at) == ((newer,), 6.0)

    async def test_who_holds_a_call_at_one_worker_is_available_at_none(self, pair: Pair) -> None:
        free = OnDuty("anna", "Anna", True, said_at=5.0)
        await pair.one.attend(free)
        await pair.other.attend(OnDuty("anna", "Anna", False, CALL))
        assert await pair.one.on_duty() == (OnDuty("anna", "Anna", False, CALL),)
        await pair.other.leave("anna")
        assert await pair.one.on_duty() == (free,)

    async def test_that_an_operator_said_something_else_is_told(self, pair: Pair) -> None:
        await pair.one.attend(OnDuty("anna", "Anna", True, said_at=5.0))
        async with pair.other.changes() as changes:
            await pair.other.attend(OnDuty("anna", "Anna", False, said_at=6.0))
            await comes(changes, "duty")

    # -- the store itself ----------------------------------------------------------------------

    async def test_a_worker_that_closes_takes_its_calls_and_operators_along(
        self, pair: Pair
    ) -> None:
        theirs = replace(pair.snapshot(call_key("CA2")), worker=pair.other.worker)
        await pair.one.show([pair.snapshot()])
        await pair.other.show([theirs])
        await pair.one.attend(OnDuty("anna", "Anna", True))
        await pair.other.attend(OnDuty("berg", "Berg", True))
        await pair.one.close()
        assert await pair.other.calls() == (theirs,)
        assert await pair.other.on_duty() == (OnDuty("berg", "Berg", True),)
        pair.clock.now += SILENT_S
        assert await pair.other.lost() == (theirs,)

    async def test_a_store_that_answers_is_not_away(self, pair: Pair) -> None:
        await pair.one.show([])
        assert not pair.one.is_away
        assert pair.one.worker != pair.other.worker
