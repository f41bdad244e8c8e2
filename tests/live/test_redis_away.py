"""What becomes of the live store when Redis is away, full or holds what is none of ours."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.live.conformance import CALL, SOON, Clock, Pair, comes, soon, to_end
from tests.redis_server import RedisServer, own_redis
from voice_agent.live.command import Answer, Outcome
from voice_agent.live.hub import LINGER, WITHDRAWN
from voice_agent.live.observation import (
    AgentSaid,
    CallEnded,
    CallerSaid,
    Observation,
    PhaseChanged,
)
from voice_agent.live.ports import HEARTBEAT_S, SILENT_S, LiveStore, LiveUnavailable, OnDuty, Side
from voice_agent.live.redis import RedisLive
from voice_agent.live.redis_link import PREFIX
from voice_agent.live.snapshot import call_key
from voice_agent.log import configure

__all__ = ["own_redis"]

pytestmark = pytest.mark.integration


LIMIT = 1.0
"""Seconds Redis may take here: twice the usual, for a machine that is busy."""


@pytest.fixture
async def pair(own_redis: RedisServer) -> AsyncIterator[Pair]:
    clock = Clock()
    one, other = (RedisLive(own_redis.url, name, clock, LIMIT) for name in ("one", "other"))
    yield Pair(one, other, clock)
    await one.close()
    await other.close()


@pytest.fixture
async def redis(own_redis: RedisServer) -> AsyncIterator[Redis]:
    redis = Redis.from_url(own_redis.url)
    yield redis
    await redis.aclose()


Step = Callable[[Pair], Awaitable[object]]

STEPS: list[Step] = [
    lambda pair: pair.one.show([pair.snapshot()]),
    lambda pair: pair.one.end(call_key("CA9")),
    lambda pair: pair.one.calls(),
    lambda pair: pair.one.lost(),
    lambda pair: pair.one.publish(CALL, [PhaseChanged("talking")]),
    lambda pair: pair.one.forget_words(CALL),
    lambda pair: pair.one.send(pair.command()),
    lambda pair: pair.one.answer(pair.command(), Answer(Outcome.DONE)),
    lambda pair: pair.one.speak(CALL, Side.CALLER, b"x"),
    lambda pair: pair.one.attend(OnDuty("anna", "Anna", True)),
    lambda pair: pair.one.leave("anna"),
    lambda pair: pair.one.on_duty(),
]

STREAMS: list[Callable[[LiveStore], AbstractAsyncContextManager[AsyncIterator[Any]]]] = [
    lambda store: store.changes(),
    lambda store: store.events(CALL),
    lambda store: store.orders(),
    lambda store: store.voice(CALL, Side.CALLER),
]


async def refuses(pair: Pair) -> None:
    """Every step says in bounded time that the store is away."""
    for step in STEPS:
        async with asyncio.timeout(SOON):
            with pytest.raises(LiveUnavailable):
                await step(pair)
    assert pair.one.is_away


async def is_back(pair: Pair) -> None:
    """The next heartbeats make everything whole."""
    async with asyncio.timeout(SOON):
        while True:
            try:
                await pair.one.show([pair.snapshot()])
                await pair.other.show([])
            except LiveUnavailable:
                await asyncio.sleep(0.05)
            else:
                break
    assert not pair.one.is_away
    assert not pair.other.is_away
    assert await pair.other.calls() == (pair.snapshot(),)
    assert await pair.other.lost() == ()
    command = pair.command()
    async with pair.one.orders() as orders:
        sending = asyncio.create_task(pair.other.send(command))
        assert await soon(orders) == command
        await pair.one.answer(command, Answer(Outcome.DONE))
        assert await sending == Answer(Outcome.DONE)


async def test_redis_that_hangs_or_restarts_is_said_once_and_made_good(
    pair: Pair, own_redis: RedisServer
) -> None:
    logged = io.StringIO()
    configure(production=True, stream=logged)
    await pair.one.show([pair.snapshot()])
    for goes, returns in (
        (own_redis.pause, own_redis.resume),
        (own_redis.stop, own_redis.start),
    ):
        goes()
        await refuses(pair)
        returns()
        await is_back(pair)
    # Each worker says so once an outage; the other one slept through both.
    assert logged.getvalue().count("live_store_away") == 2
    assert logged.getvalue().count("live_store_back") == 2


async def test_nobody_listens() -> None:
    with socket.socket() as closed:  # bound, but nobody listens
        closed.bind(("127.0.0.1", 0))
        url, clock = f"redis://127.0.0.1:{closed.getsockname()[1]}/0", Clock()
        pair = Pair(RedisLive(url, "one", clock), RedisLive(url, "other", clock), clock)
        await refuses(pair)
        for stream in STREAMS:
            async with stream(pair.one) as opened:
                with pytest.raises(LiveUnavailable):
                    await soon(opened)
        await pair.one.close()


@pytest.mark.parametrize("stream", STREAMS, ids=["changes", "events", "orders", "voice"])
@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "stops"])
async def test_a_stream_says_that_redis_went_away(
    pair: Pair, own_redis: RedisServer, stream: Any, hangs: bool
) -> None:
    async with stream(pair.other) as opened:
        waiting = asyncio.create_task(soon(opened))
        await asyncio.sleep(0.2)
        (own_redis.pause if hangs else own_redis.stop)()
        with pytest.raises(LiveUnavailable):
            await waiting
    assert pair.other.is_away


async def test_streams_can_be_opened_anew(pair: Pair, own_redis: RedisServer) -> None:
    own_redis.stop()
    with pytest.raises(LiveUnavailable):
        await pair.other.calls()
    own_redis.start()
    async with (
        pair.other.changes() as changes,
        pair.other.events(CALL) as events,
        pair.other.voice(CALL, Side.CALLER) as voice,
    ):
        await pair.one.show([pair.snapshot()])
        await pair.one.publish(CALL, [CallEnded("x")])
        await pair.one.speak(CALL, Side.CALLER, b"x")
        assert (await soon(changes), await soon(voice)) == (CALL, b"x")
        assert await to_end(events) == [CallEnded("x")]


@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "is full"])
async def test_what_may_have_been_told_already_is_not_told_twice(
    pair: Pair, own_redis: RedisServer, hangs: bool
) -> None:
    await pair.one.publish(CALL, [PhaseChanged("talking")])
    (own_redis.pause if hangs else own_redis.fill)()
    said: list[Observation] = [CallerSaid(1, "a"), AgentSaid("b")]
    with pytest.raises(LiveUnavailable):
        await pair.one.publish(CALL, said)
    (own_redis.resume if hangs else own_redis.empty)()
    await pair.one.publish(CALL, [*said, PhaseChanged("closing")])
    expected = [PhaseChanged("talking"), *said, PhaseChanged("closing")]
    async with pair.other.events(CALL) as seen:
        assert [await soon(seen) for _ in expected] == expected
        await pair.one.publish(CALL, [CallEnded("x")])
        assert await to_end(seen) == [CallEnded("x")]


async def test_c18_an_end_that_could_not_be_told_takes_the_words_with_the_next_heartbeat(
    pair: Pair, own_redis: RedisServer
) -> None:
    await pair.one.publish(CALL, [PhaseChanged("talking"), AgentSaid("a")])
    own_redis.pause()
    with pytest.raises(LiveUnavailable):
        await pair.one.publish(CALL, [AgentSaid("b"), CallEnded("x")])
    own_redis.resume()
    await pair.one.show([])
    async with pair.other.events(CALL) as seen:
        await pair.one.publish(CALL, [CallEnded("x")])
        assert await to_end(seen) == [PhaseChanged("talking"), CallEnded("x")]


async def test_c18_words_that_nobody_looks_for_go_by_themselves(pair: Pair, redis: Redis) -> None:
    stream = f"{PREFIX}events:{CALL}"
    await pair.one.publish(CALL, [AgentSaid("a")])
    assert 0 < await redis.ttl(stream) <= LINGER
    await redis.persist(stream)
    await pair.one.show([pair.snapshot()])
    assert 0 < await redis.ttl(stream) <= LINGER


async def test_an_onlooker_is_told_that_redis_lost_what_they_had_seen(
    pair: Pair, redis: Redis
) -> None:
    await pair.one.publish(CALL, [PhaseChanged("talking"), AgentSaid("a")])
    async with pair.other.events(CALL) as seen:
        assert [await soon(seen), await soon(seen)] == [PhaseChanged("talking"), AgentSaid("a")]
        await redis.flushall()
        await pair.one.publish(CALL, [AgentSaid("b")])
        with pytest.raises(LiveUnavailable):
            await soon(seen)


async def test_a_full_redis_forgets_and_ends_but_takes_nothing_new(
    pair: Pair, own_redis: RedisServer
) -> None:
    await pair.one.show([pair.snapshot()])
    await pair.one.publish(CALL, [PhaseChanged("talking"), CallerSaid(1, "a")])
    await pair.one.attend(OnDuty("anna", "Anna", True))
    logged = io.StringIO()
    configure(production=True, stream=logged)
    own_redis.fill()
    for step in (STEPS[0], STEPS[4], STEPS[6], STEPS[7], STEPS[9]) * 2:
        with pytest.raises(LiveUnavailable):
            await step(pair)
        assert await pair.one.calls() == (pair.snapshot(),)
        assert pair.one.is_away
    assert logged.getvalue().count("live_store_away") == 1
    await pair.one.publish(CALL, [PhaseChanged(WITHDRAWN), CallEnded("withdrawn")])
    async with pair.other.events(CALL) as seen:
        assert await to_end(seen) == [
            PhaseChanged("talking"),
            PhaseChanged(WITHDRAWN),
            CallEnded("withdrawn"),
        ]
    await pair.one.leave("anna")
    await pair.one.end(CALL)
    assert await pair.other.calls() == ()
    own_redis.empty()
    pair.clock.now += HEARTBEAT_S * 4
    await is_back(pair)


async def test_calls_that_could_not_be_shown_for_a_while_are_not_lost(
    pair: Pair, own_redis: RedisServer
) -> None:
    await pair.one.show([pair.snapshot()])
    own_redis.pause()
    for store in (pair.one, pair.other):
        with pytest.raises(LiveUnavailable):
            await store.calls()
    pair.clock.now += 3 * SILENT_S
    own_redis.resume()
    assert await pair.other.calls() == (pair.snapshot(),)
    await pair.one.show([pair.snapshot()])
    pair.clock.now += SILENT_S
    assert await pair.other.calls() == ()
    assert await pair.other.lost() == (pair.snapshot(),)


async def test_what_ends_or_is_withdrawn_meanwhile_is_made_good_with_the_next_heartbeat(
    pair: Pair, own_redis: RedisServer
) -> None:
    second = call_key("CA2")
    await pair.one.show([pair.snapshot(), pair.snapshot(second)])
    for call in (CALL, second):
        await pair.one.publish(call, [PhaseChanged("talking"), AgentSaid("a")])
    own_redis.pause()
    for step in (
        pair.one.end(CALL),
        pair.one.publish(CALL, [PhaseChanged(WITHDRAWN)]),
        pair.one.forget_words(second),
    ):
        with pytest.raises(LiveUnavailable):
            await step
    own_redis.resume()
    await pair.one.show([pair.snapshot(second)])
    assert await pair.other.calls() == (pair.snapshot(second),)
    pair.clock.now += SILENT_S
    assert await pair.other.lost() == (pair.snapshot(second),)
    for call in (CALL, second):
        async with pair.other.events(call) as seen:
            await pair.one.publish(call, [CallEnded("x")])
            assert (await to_end(seen))[-1] == CallEnded("x")
        async with pair.other.events(call) as seen:
            assert not [each for each in await to_end(seen) if isinstance(each, AgentSaid)]


GARBAGE = [b"", b"\xff\xfe", b"[" * 10000, b"{}", b"null", b'{"a":NaN}', b'"' + b"a" * 10**6 + b'"']


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: str(garbage[:8]))
async def test_what_is_none_of_ours_is_skipped_and_said_once(
    pair: Pair, redis: Redis, garbage: bytes
) -> None:
    await pair.one.show([pair.snapshot()])
    await pair.one.attend(OnDuty("anna", "Anna", True))
    await pair.one.publish(CALL, [PhaseChanged("talking")])
    bad, now = call_key("bad"), pair.clock()
    logged = io.StringIO()
    configure(production=True, stream=logged)
    for values, moments in (("calls", "seen"), ("lost", "lost-at"), ("duty", "duty-seen")):
        await redis.hset(PREFIX + values, bad, garbage)
        await redis.zadd(PREFIX + moments, {bad: now})
    await redis.xadd(f"{PREFIX}events:{CALL}", {"seen": garbage}, id="7-0")
    await redis.xadd(f"{PREFIX}events:{CALL}", {"other": garbage}, id="8-0")
    await redis.xadd(f"{PREFIX}orders:one", {"command": garbage})
    await redis.publish(f"{PREFIX}changes", garbage)
    for _ in range(3):
        assert await pair.other.calls() == (pair.snapshot(),)
        assert await pair.other.lost() == ()
        assert await pair.other.on_duty() == (OnDuty("anna", "Anna", True),)
    await pair.one.publish(CALL, [CallEnded("x")])
    async with pair.other.events(CALL) as seen:
        assert await to_end(seen) == [PhaseChanged("talking"), CallEnded("x")]
    assert await pair.other.send(pair.command(bad)) == Answer(Outcome.NO_CALL)
    assert 0 < logged.getvalue().count("live_value_skipped") <= 4
    await is_back(pair)


async def test_a_key_of_another_kind_is_no_outage(pair: Pair, redis: Redis) -> None:
    await redis.set(f"{PREFIX}events:{CALL}", "x")
    await pair.one.show([pair.snapshot()])
    with pytest.raises(LiveUnavailable):
        await pair.one.publish(CALL, [PhaseChanged("talking")])
    assert not pair.one.is_away


async def test_an_answer_that_is_none_is_unanswered(pair: Pair, redis: Redis) -> None:
    command = pair.command()
    await redis.xadd(f"{PREFIX}answer:{command.id}", {"outcome": b"\xff", "holder": b"x"})
    assert await pair.one.send(command) == Answer(Outcome.UNANSWERED)


async def test_c18_every_key_expires_and_none_is_personal(pair: Pair, redis: Redis) -> None:
    await pair.one.show([pair.snapshot(), pair.snapshot(call_key("CA2"))])
    await pair.one.attend(OnDuty("anna.berg", "Anna Berg", True))
    await pair.one.publish(CALL, [CallerSaid(1, "mein Name ist Berg")])
    await pair.other.send(pair.command(text="+4930123456"))
    await pair.other.send(pair.command(call_key("CA0")))
    await pair.one.end(CALL)
    pair.clock.now += SILENT_S
    assert len(await pair.one.lost()) == 1
    await pair.one.attend(OnDuty("anna.berg", "Anna Berg", True))
    keys = [key async for key in redis.scan_iter("*")]
    assert len(keys) >= 10
    for key in keys:
        assert key.startswith(PREFIX.encode())
        assert await redis.ttl(key) > 0, key
        names = key
        if await redis.type(key) == b"hash":
            names += str(await redis.hkeys(key)).encode()
        assert not any(word in names for word in (b"anna", b"berg", b"CA", b"+49"))


async def test_an_order_is_gone_once_it_was_taken(pair: Pair, redis: Redis) -> None:
    await pair.one.show([pair.snapshot()])
    async with pair.one.orders() as orders:
        sending = asyncio.create_task(pair.other.send(pair.command()))
        await pair.one.answer(await soon(orders), Answer(Outcome.DONE))
        await sending
    assert await redis.xlen(f"{PREFIX}orders:one") == 0


async def test_two_who_send_the_same_command_put_it_in_once(pair: Pair, redis: Redis) -> None:
    await pair.one.show([pair.snapshot()])
    command = pair.command()
    await asyncio.gather(*(store.send(command) for store in (pair.one, pair.other, pair.one)))
    assert await redis.xlen(f"{PREFIX}orders:one") == 1


async def test_an_order_that_could_not_be_taken_out_is_carried_out_once(
    pair: Pair, redis: Redis
) -> None:
    first, last = pair.command(), pair.command()
    async with pair.one.orders() as orders:
        for command in (first, first, last):
            value = json.dumps(command.to_dict())
            await redis.xadd(f"{PREFIX}orders:one", {"command": value})
        assert [await soon(orders), await soon(orders)] == [first, last]


async def test_a_voice_is_never_stored(pair: Pair, redis: Redis) -> None:
    async with pair.other.voice(CALL, Side.CALLER) as heard:
        await pair.one.speak(CALL, Side.CALLER, b"x" * 160)
        await soon(heard)
        assert await redis.dbsize() == 0


async def test_who_speaks_while_redis_is_away_waits_for_nothing(
    pair: Pair, own_redis: RedisServer
) -> None:
    own_redis.pause()
    with pytest.raises(LiveUnavailable):
        await pair.one.calls()
    for _ in range(500):  # ten seconds of a voice; each would wait half a second for Redis
        with pytest.raises(LiveUnavailable):
            await pair.one.speak(CALL, Side.CALLER, b"x" * 160)
    own_redis.resume()
    async with pair.other.changes() as changes:
        await pair.one.show([pair.snapshot()])
        await comes(changes, CALL)
    await pair.one.speak(CALL, Side.CALLER, b"x")


@pytest.mark.parametrize("worker", ["", "a b", "a\n", "a" * 65, "ä", "a:b"])
def test_a_worker_has_a_plain_name(worker: str) -> None:
    with pytest.raises(ValueError, match="a worker is named"):
        RedisLive("redis://127.0.0.1:1/0", worker)
