from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.line import RATE, Line, now
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.runtime.pacer import LEAD, SEND_LIMIT, STEP, Pacer


@dataclass
class Late:
    """By how much sends were late."""

    seconds: list[float] = field(default_factory=list)


@asynccontextmanager
async def pacing(line: Line, late: Late | None = None) -> AsyncIterator[Pacer]:
    pacer = Pacer(line, now, (late or Late()).seconds.append)
    running = asyncio.create_task(pacer.run())
    yield pacer
    pacer.close()
    await running


@in_virtual_time
async def test_the_carrier_has_about_160_ms_in_hand_and_never_more_than_200() -> None:
    line = Line()
    async with pacing(line) as pacer:
        pacer.play(b"a" * 10 * RATE)
        await asyncio.sleep(11)
    assert line.audio == b"a" * 10 * RATE
    assert max(line.in_hand()) <= LEAD + STEP + 1e-6
    assert all(in_hand >= LEAD - 1e-6 for in_hand in line.in_hand()[1:-1])


@in_virtual_time
async def test_ten_minutes_of_audio_do_not_drift_though_every_send_takes_time() -> None:
    """Every send costs 3 ms; sleeping between frames would end 45 s late."""
    line, late = Line(seconds=0.003), Late()
    began = now()
    async with pacing(line, late) as pacer:
        pacer.play(b"\xff" * 600 * RATE)
        await asyncio.sleep(601)
    last, chunk = next(
        (at, message) for at, message in reversed(line.sent) if isinstance(message, bytes)
    )
    end = last + len(chunk) / RATE + LEAD
    assert end - began == pytest.approx(600 + LEAD, abs=0.3)
    assert min(line.in_hand()[1:]) > LEAD - 0.01  # never an underrun
    assert max(late.seconds) < 0.01


@in_virtual_time
async def test_audio_that_comes_in_pieces_is_joined_without_a_gap() -> None:
    line = Line()
    async with pacing(line) as pacer:
        for piece in range(50):
            pacer.play(bytes([piece]) * 333)
        await asyncio.sleep(5)
    assert line.audio == b"".join(bytes([piece]) * 333 for piece in range(50))


@in_virtual_time
async def test_a_mark_follows_the_audio_it_was_queued_after() -> None:
    line = Line()
    async with pacing(line) as pacer:
        for name in ("1", "2"):
            pacer.play(b"a" * RATE)
            pacer.mark(name)
        pacer.mark("3")
        await asyncio.sleep(3)
    assert line.messages == ["audio", "mark 1", "audio", "mark 2", "mark 3"]


@in_virtual_time
async def test_a_clear_is_sent_at_once_and_drops_what_is_queued() -> None:
    line = Line()
    async with pacing(line) as pacer:
        pacer.play(b"a" * 10 * RATE)
        pacer.mark("old")
        await asyncio.sleep(1)
        pacer.clear()
        cleared = now()
        pacer.play(b"b" * 100)
        pacer.mark("new")
        await asyncio.sleep(20)
    assert line.messages == ["audio", "clear", "audio", "mark new"]
    assert (cleared, "clear") in line.sent
    assert line.audio.endswith(b"a" + b"b" * 100)
    assert len(line.audio) <= (1 + LEAD + STEP) * RATE + 100  # a clear discards little


@in_virtual_time
async def test_audio_after_a_clear_does_not_wait_for_what_was_cleared() -> None:
    line = Line()
    async with pacing(line) as pacer:
        pacer.play(b"a" * RATE)
        await asyncio.sleep(0)
        pacer.clear()
        pacer.play(b"b" * RATE)
        await asyncio.sleep(0.001)
        assert b"b" in line.audio


@in_virtual_time
async def test_two_clears_in_one_breath_are_one() -> None:
    line = Line()
    async with pacing(line) as pacer:
        pacer.clear()
        pacer.clear()
        await asyncio.sleep(0.1)
    assert line.messages == ["clear"]


@in_virtual_time
async def test_nothing_is_sent_after_a_close() -> None:
    line = Line()
    async with pacing(line) as pacer:
        pacer.play(b"a" * RATE)
        await asyncio.sleep(0.05)
        pacer.close()
        sent = len(line.sent)
        pacer.play(b"b" * RATE)
        pacer.mark("late")
        await asyncio.sleep(3)
        assert len(line.sent) == sent


@in_virtual_time
async def test_empty_audio_is_nothing() -> None:
    line = Line()
    async with pacing(line) as pacer:
        pacer.play(b"")
        await asyncio.sleep(1)
    assert line.sent == []


@in_virtual_time
async def test_a_socket_that_takes_nothing_for_five_seconds_is_broken() -> None:
    line = Line(seconds=3600)
    pacer = Pacer(line, now, Late().seconds.append)
    pacer.play(b"a" * RATE)
    began = now()
    with pytest.raises(ConnectionError):
        await pacer.run()
    assert now() - began == pytest.approx(SEND_LIMIT)


@in_virtual_time
async def test_a_closed_socket_is_told_at_once() -> None:
    pacer = Pacer(Line(gone=True), now, Late().seconds.append)
    pacer.mark("1")
    with pytest.raises(ConnectionError):
        await pacer.run()


@in_virtual_time
async def test_a_slow_moment_is_caught_up_and_noted() -> None:
    """The event loop was busy for 300 ms: the next message brings the lead back."""
    line, late = Line(), Late()
    async with pacing(line, late) as pacer:
        pacer.play(b"a" * 5 * RATE)
        await asyncio.sleep(1.0)
        line.seconds = 0.3
        await asyncio.sleep(0.1)
        line.seconds = 0.0
        await asyncio.sleep(6)
    assert line.in_hand()[-2] == pytest.approx(LEAD + STEP, abs=1e-6)
    assert line.audio == b"a" * 5 * RATE


Step = st.one_of(
    st.tuples(st.just("play"), st.integers(0, 4000)),
    st.tuples(st.just("mark"), st.integers(0, 9)),
    st.tuples(st.just("clear"), st.just(0)),
    st.tuples(st.just("wait"), st.integers(0, 300)),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(Step, max_size=30))
def test_whatever_is_queued_order_is_kept_and_a_clear_drops_only_what_was_before_it(
    steps: list[tuple[str, int]],
) -> None:
    @in_virtual_time
    async def run() -> None:
        line = Line()
        wanted: list[bytes | str] = []
        async with pacing(line) as pacer:
            for number, (kind, value) in enumerate(steps):
                match kind:
                    case "play":
                        pacer.play(bytes([number]) * value)
                        wanted.append(bytes([number]) * value)
                    case "mark":
                        pacer.mark(str(number))
                        wanted.append(f"mark {number}")
                    case "clear":
                        pacer.clear()
                        wanted = ["clear"]
                    case _:
                        await asyncio.sleep(value / 1000)
            await asyncio.sleep(60)
        sent = [message for _, message in line.sent]
        if "clear" in wanted:
            last = max(i for i, message in enumerate(sent) if message == "clear")
            sent = sent[last:]
        assert flat(sent) == flat(wanted)

    run()


def flat(messages: list[bytes | str]) -> list[int | str]:
    """Audio byte by byte, so that how it is cut does not matter."""
    found: list[int | str] = []
    for message in messages:
        found += [message] if isinstance(message, str) else list(message)
    return found


@in_virtual_time
async def test_a_hundred_callers_cost_little() -> None:
    """Ten seconds of audio to each of a hundred callers: the pacers' own work, no socket."""
    lines = [Line() for _ in range(100)]
    pacers = [Pacer(line, now, Late().seconds.append) for line in lines]
    running = [asyncio.create_task(pacer.run()) for pacer in pacers]
    began = time.process_time()
    for pacer in pacers:
        pacer.play(b"a" * 10 * RATE)
    await asyncio.sleep(11)
    spent = time.process_time() - began
    for pacer in pacers:
        pacer.close()
    await asyncio.gather(*running)
    assert all(len(line.audio) == 10 * RATE for line in lines)
    assert spent < 5  # half a processor; measured 0.8 s, the clock's jumping included
