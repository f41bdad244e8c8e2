from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from consent.gate import ConsentGate
from consent.purpose import Purpose
from consent.receipt import Receipt
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.audio.frame import Frame
from voice_agent.call.control import ControlState, ControlView
from voice_agent.call.events import (
    DutyChanged,
    Event,
    OperatorCame,
    OperatorLeft,
    OperatorSpoke,
    QueueMoved,
)
from voice_agent.errors import ErasureIncomplete
from voice_agent.live.board import MemoryBoard
from voice_agent.live.command import Command, Outcome, Verb
from voice_agent.live.memory import MemoryLive
from voice_agent.live.observation import (
    AgentSaid,
    CallEnded,
    CallerSaid,
    ConsentSeen,
    ControlChanged,
    FlowMoved,
    LanguageSeen,
    Missed,
    Observation,
    PhaseChanged,
)
from voice_agent.live.ports import SILENT_S, LiveUnavailable, OnDuty, Side
from voice_agent.live.snapshot import CallSnapshot, call_key
from voice_agent.live.summary import Summary
from voice_agent.runtime.live_call import MOST_PENDING, LiveCall
from voice_agent.runtime.live_calls import GONE_S, LOOK_S, MOST_OVER, LiveCalls
from voice_agent.runtime.records import RecordsUnavailable

CALL = "CA" + "1" * 32
KEY = call_key(CALL)
ME = "a" * 32
FRAME = b"\x7f" * 160


class Fragile(MemoryLive):
    """A live store that can be away."""

    away = False

    @property
    def is_away(self) -> bool:
        return self.away

    def _insist(self) -> None:
        if self.away:
            raise LiveUnavailable("away")

    async def show(self, snapshots: Sequence[CallSnapshot]) -> None:
        self._insist()
        await super().show(snapshots)

    async def publish(self, call: str, observations: Sequence[Observation]) -> None:
        self._insist()
        await super().publish(call, observations)

    async def on_duty(self) -> tuple[OnDuty, ...]:
        self._insist()
        return await super().on_duty()


@dataclass
class Office:
    """A worker with one call, and a console at another worker.

    Attributes:
        calls: the worker's calls.
        store: its live store.
        console: the other worker's.
        erased: calls that were erased.
        kept: what was kept of calls; the first try fails.
        posted: what came into the call's inbox.
        control: who speaks for us.
    """

    calls: LiveCalls
    store: Fragile
    console: MemoryLive
    erased: list[str]
    kept: list[Summary]
    posted: list[Event] = field(default_factory=list)
    control: ControlView = field(default_factory=lambda: view(ControlState.AGENT))
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def begin(self, call_id: str = CALL) -> LiveCall:
        """A call begins."""
        call = self.calls.begin(call_id, "de")
        call.attach(self.posted.append, lambda: self.control)
        return call

    def order(self, verb: Verb, call: str = KEY) -> Command:
        """What an operator asks."""
        number = f"{next(self.numbers):032x}"
        at = asyncio.get_running_loop().time()
        return Command(
            id=number,
            call=call,
            operator=ME,
            name="Ada",
            verb=verb,
            text="Hallo" if verb is Verb.SAY else "",
            issued_at=at,
        )

    def got(self, kind: type[Event]) -> list[Event]:
        """The events of a kind."""
        return [each for each in self.posted if isinstance(each, kind)]


def view(state: ControlState, holder: str = "") -> ControlView:
    return ControlView(state, holder, can_take=state is ControlState.AGENT)


@asynccontextmanager
async def office() -> AsyncIterator[Office]:
    clock = asyncio.get_running_loop().time
    board = MemoryBoard()
    store, console = Fragile("worker", clock, board), MemoryLive("console", clock, board)
    erased: list[str] = []
    kept: list[Summary] = []
    faults = [RecordsUnavailable("away")]

    unfinished = [ErasureIncomplete("calls")]

    async def erase(call_id: str) -> None:
        if unfinished:
            raise unfinished.pop()
        erased.append(call_id)

    async def keep(call_id: str, summary: Summary) -> None:
        if call_id == CALL and faults:
            raise faults.pop()
        kept.append(summary)

    calls = LiveCalls(
        store,
        may_dial=lambda _: True,
        erase=erase,
        keep=keep,
        words=frozenset({"message"}),
        clock=lambda: datetime.fromtimestamp(clock(), UTC),
    )
    await calls.start()
    yield Office(calls, store, console, erased, kept)
    await calls.stop()
    await console.close()


async def observed(console: MemoryLive, count: int) -> list[Observation]:
    """What happened in the call, as a console sees it that comes now."""
    async with console.events(KEY) as events:
        return [await anext(events) for _ in range(count)]


@in_virtual_time
async def test_a_call_is_shown_at_another_worker_and_goes_with_its_end() -> None:
    async with office() as there:
        call = there.begin()
        call.observe(PhaseChanged("conversing"))
        await asyncio.sleep(0.1)
        (shown,) = await there.console.calls()
        assert (shown.call, shown.worker, shown.phase) == (KEY, "worker", "conversing")
        call.observe(CallEnded("hung_up"))
        await asyncio.sleep(0.1)
        assert await there.console.calls() == ()
        assert await there.console.lost() == ()


@in_virtual_time
async def test_a_call_in_which_nothing_happens_stays_shown() -> None:
    async with office() as there:
        there.begin()
        await asyncio.sleep(SILENT_S * 3)
        assert len(await there.console.calls()) == 1


@in_virtual_time
async def test_a_call_whose_stream_is_gone_without_an_end_is_over() -> None:
    async with office() as there:
        there.begin().release()
        await asyncio.sleep(0.1)
        assert await there.console.calls() == ()


@in_virtual_time
async def test_what_happens_while_the_store_is_away_is_told_when_it_is_back() -> None:
    async with office() as there:
        call = there.begin()
        await asyncio.sleep(0.1)
        there.store.away = True
        call.observe(AgentSaid("Guten Tag."))
        await asyncio.sleep(5)
        call.observe(PhaseChanged("waiting"))
        there.store.away = False
        await asyncio.sleep(1)
        assert await observed(there.console, 2) == [
            AgentSaid("Guten Tag."),
            PhaseChanged("waiting"),
        ]
        (shown,) = await there.console.calls()
        assert shown.phase == "waiting"


@in_virtual_time
async def test_c16_words_that_wait_for_the_store_are_forgotten_with_a_withdrawal() -> None:
    async with office() as there:
        call = there.begin()
        await asyncio.sleep(0.1)
        there.store.away = True
        call.observe(CallerSaid(1, "a secret"))
        await asyncio.sleep(1)  # it was taken to be told, and given back
        call.observe(PhaseChanged("withdrawn"))
        there.store.away = False
        await asyncio.sleep(1)
        assert await observed(there.console, 1) == [PhaseChanged("withdrawn")]


@in_virtual_time
async def test_a_store_that_stays_away_costs_a_bounded_memory() -> None:
    async with office() as there:
        call = there.begin()
        await asyncio.sleep(0.1)
        there.store.away = True
        for number in range(MOST_PENDING + 10):
            call.observe(CallerSaid(number, "Hallo"))
        await asyncio.sleep(1)
        there.store.away = False
        await asyncio.sleep(1)
        first, *_ = await observed(there.console, 2)
        assert first == Missed(10) or isinstance(first, CallerSaid | Missed)
        assert len(call.take_pending()) == 0


@in_virtual_time
async def test_a_command_from_another_worker_reaches_the_call_and_is_answered() -> None:
    async with office() as there:
        there.begin()
        await asyncio.sleep(0.1)
        answer = await there.console.send(there.order(Verb.TAKE_OVER))
        assert answer.outcome is Outcome.DONE
        assert there.got(OperatorCame) == [OperatorCame(ME, "Ada")]


@in_virtual_time
async def test_a_fault_of_ours_costs_one_command_and_not_those_after_it() -> None:
    async with office() as there:
        call = there.begin()
        await asyncio.sleep(0.1)

        def broken() -> ControlView:
            raise RuntimeError("broken")

        call.attach(there.posted.append, broken)
        assert (await there.console.send(there.order(Verb.SAY))).outcome is Outcome.UNANSWERED
        call.attach(there.posted.append, lambda: there.control)
        await asyncio.sleep(1)
        assert (await there.console.send(there.order(Verb.TAKE_OVER))).outcome is Outcome.DONE


@in_virtual_time
async def test_a_command_to_a_call_that_just_ended_is_told_so() -> None:
    async with office() as there:
        call = there.begin()
        await asyncio.sleep(0.1)
        call.observe(CallEnded("hung_up"))
        await asyncio.sleep(0.1)
        answer = await there.console.send(there.order(Verb.TAKE_OVER))
        assert answer.outcome is Outcome.NO_CALL
        assert there.got(OperatorCame) == []


@in_virtual_time
async def test_erasing_a_call_erases_what_is_kept_of_it() -> None:
    async with office() as there:
        there.begin()
        await asyncio.sleep(0.1)
        assert (await there.console.send(there.order(Verb.ERASE))).outcome is Outcome.DONE
        await asyncio.sleep(5)  # something was left at the first try
        assert there.erased == [CALL]


@in_virtual_time
async def test_what_is_left_to_tell_of_a_call_is_kept_once_even_if_the_records_are_away() -> None:
    async with office() as there:
        call = there.begin()
        call.observe(LanguageSeen("en"))
        call.observe(ConsentSeen("given", "record"))
        call.observe(FlowMoved("leave_message", "", {"message": "in my own words", "day": "today"}))
        call.observe(CallEnded("hung_up"))
        call.release()
        await asyncio.sleep(10)
        (summary,) = there.kept
        assert (summary.language, summary.ending) == ("en", "hung_up")
        assert "in my own words" not in str(summary.contents())  # C18
        assert "today" in str(summary.contents())


@in_virtual_time
async def test_calls_are_told_how_many_operators_are_free() -> None:
    async with office() as there:
        there.begin()
        await there.console.attend(OnDuty(ME, "Ada", available=True))
        await asyncio.sleep(LOOK_S * 2)
        await there.console.attend(OnDuty(ME, "Ada", available=False))
        await asyncio.sleep(LOOK_S * 2)
        assert there.got(DutyChanged) == [DutyChanged(1, 1), DutyChanged(0, 0)]


@in_virtual_time
async def test_whoever_waits_longest_is_first_in_the_queue_of_all_workers() -> None:
    async with office() as there:
        clock = asyncio.get_running_loop().time
        other = CallSnapshot(call="f" * 32, worker="console", language="de", began_at=clock())
        await there.console.show([other.follow(PhaseChanged("waiting"), clock())])
        await asyncio.sleep(1)
        call = there.begin()
        call.observe(PhaseChanged("waiting"))
        await asyncio.sleep(LOOK_S * 2)
        assert there.got(QueueMoved) == [QueueMoved(2)]
        await there.console.end("f" * 32)
        await asyncio.sleep(LOOK_S * 2)
        assert there.got(QueueMoved) == [QueueMoved(2), QueueMoved(1)]


@in_virtual_time
async def test_nobody_is_free_who_cannot_be_reached() -> None:
    async with office() as there:
        there.begin()
        await there.console.attend(OnDuty(ME, "Ada", available=True))
        await asyncio.sleep(LOOK_S * 2)
        there.store.away = True
        await asyncio.sleep(GONE_S + 3)
        assert there.got(DutyChanged)[-1] == DutyChanged(0, 0)


@in_virtual_time
async def test_a_team_that_is_missing_for_a_moment_is_not_gone() -> None:
    """Redis was restarted, or a page was loaded anew; nobody who waits is sent away."""
    async with office() as there:
        there.begin()
        await there.console.attend(OnDuty(ME, "Ada", available=True))
        await asyncio.sleep(LOOK_S * 2)
        await there.console.leave(ME)
        await asyncio.sleep(LOOK_S * 2)
        await there.console.attend(OnDuty(ME, "Ada", available=True))
        await asyncio.sleep(LOOK_S * 2)
        assert there.got(DutyChanged) == [DutyChanged(1, 1)]


@in_virtual_time
async def test_c18_words_of_calls_that_are_over_do_not_wait_for_the_store() -> None:
    async with office() as there:
        call = there.begin()
        await asyncio.sleep(0.1)
        there.store.away = True
        call.observe(CallerSaid(1, "a secret"))
        call.observe(CallEnded("hung_up"))
        await asyncio.sleep(2)
        assert [type(each) for each in call.take_pending()] == [CallEnded]


@in_virtual_time
async def test_calls_that_are_over_do_not_pile_up_while_the_store_is_away() -> None:
    async with office() as there:
        there.store.away = True
        for number in range(MOST_OVER * 2):
            there.calls.begin(f"CA{number:032x}", "de").observe(CallEnded("hung_up"))
        await asyncio.sleep(2)
        assert len(there.calls._calls) == MOST_OVER
        there.kept.clear()


# -- voices ----------------------------------------------------------------------------------------


def gate() -> ConsentGate:
    opened = ConsentGate(CALL)
    opened.open(Receipt("record", CALL, frozenset({Purpose.CONVERSATION})))
    return opened


@in_virtual_time
async def test_c22_the_callers_voice_passes_while_an_operator_talks_and_at_no_other_time() -> None:
    async with office() as there:
        call = there.begin()
        opened = gate()
        heard: list[bytes] = []

        async def listen() -> None:
            async with there.console.voice(KEY, Side.CALLER) as voice:
                while True:
                    heard.append(await anext(voice))

        listening = asyncio.create_task(listen())
        await asyncio.sleep(0.1)
        for control, sound in (
            ("announcing", b"\x01"),
            ("talking", b"\x02"),
            ("holding", b"\x03"),
            ("agent", b"\x04"),
        ):
            call.observe(ControlChanged(control, ME))
            await asyncio.sleep(0.1)
            sealed = opened.admit(Frame(sound * 160, 0))
            assert sealed is not None
            call.pass_on(sealed)
            await asyncio.sleep(0.1)
        assert heard == [b"\x02" * 160]
        listening.cancel()


@in_virtual_time
async def test_c16_a_frame_that_waits_is_not_passed_on_after_the_withdrawal() -> None:
    async with office() as there:
        call = there.begin()
        opened = gate()
        sealed = opened.admit(Frame(FRAME, 0))
        assert sealed is not None
        call.observe(ControlChanged("talking", ME))
        opened.withdraw()
        async with there.console.voice(KEY, Side.CALLER) as voice:
            call.pass_on(sealed)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    await anext(voice)


@in_virtual_time
async def test_the_operators_voice_comes_as_fast_as_it_is_heard_and_not_faster() -> None:
    async with office() as there:
        there.control = view(ControlState.TALKING, ME)
        call = there.begin()
        call.observe(ControlChanged("talking", ME))
        await asyncio.sleep(0.1)
        for _ in range(100):  # two seconds of sound at once, after the operator's network hung
            await there.console.speak(KEY, Side.OPERATOR, FRAME)
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)
        passed = sum(
            len(each.mulaw) for each in there.got(OperatorSpoke) if isinstance(each, OperatorSpoke)
        )
        assert 0 < passed <= 8000 * 0.35


@in_virtual_time
async def test_an_operator_who_is_neither_heard_nor_there_has_lost_the_call() -> None:
    async with office() as there:
        there.control = view(ControlState.TALKING, ME)
        call = there.begin()
        call.observe(ControlChanged("talking", ME))
        await asyncio.sleep(GONE_S + 2 * LOOK_S)
        assert there.got(OperatorLeft)


@in_virtual_time
async def test_an_operator_who_is_silent_but_there_keeps_the_call() -> None:
    async with office() as there:
        there.control = view(ControlState.TALKING, ME)
        call = there.begin()
        call.observe(ControlChanged("talking", ME))
        for _ in range(10):
            await there.console.attend(OnDuty(ME, "Ada", available=False, call=KEY))
            await asyncio.sleep(2)
        assert there.got(OperatorLeft) == []


@in_virtual_time
async def test_an_operator_who_holds_the_line_with_music_keeps_it_by_signs_of_life() -> None:
    async with office() as there:
        there.control = view(ControlState.HOLDING, ME)
        call = there.begin()
        call.observe(ControlChanged("holding", ME))
        for _ in range(20):
            await there.console.speak(KEY, Side.OPERATOR, FRAME)
            await asyncio.sleep(1)
        assert there.got(OperatorLeft) == []
        assert there.got(OperatorSpoke) == []


@in_virtual_time
async def test_no_voice_is_waited_for_after_the_end() -> None:
    async with office() as there:
        call = there.begin()
        call.observe(ControlChanged("talking", ME))
        await asyncio.sleep(0.1)
        there.store.away = True
        call.observe(CallEnded("caller_left"))
        await asyncio.sleep(0.1)
        assert call._voices == []
        assert not call._ending


@in_virtual_time
async def test_an_operator_who_cant_be_heard_because_the_store_is_away_loses_the_call() -> None:
    async with office() as there:
        there.control = view(ControlState.TALKING, ME)
        call = there.begin()
        call.observe(ControlChanged("talking", ME))
        await there.console.attend(OnDuty(ME, "Ada", available=False, call=KEY))
        await asyncio.sleep(2)
        there.store.away = True
        await asyncio.sleep(GONE_S + 2)
        assert there.got(OperatorLeft)
