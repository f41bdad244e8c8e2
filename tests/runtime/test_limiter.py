from __future__ import annotations

import io
import socket
import time

import pytest
from limits import RateLimitItemPerSecond
from redis.asyncio import Redis

from tests.redis_server import redis_url
from voice_agent.log import configure
from voice_agent.privacy.rates import CODES_SENT, FROM_ADDRESS
from voice_agent.runtime.limiter import Limiter

__all__ = ["redis_url"]

pytestmark = pytest.mark.integration  # a socket, and a second of real time


async def test_after_so_many_tries_the_seconds_to_wait_are_told() -> None:
    limiter = Limiter()
    assert [await limiter.hit(FROM_ADDRESS, "a") for _ in range(10)] == [None] * 10
    waits = await limiter.hit(FROM_ADDRESS, "a")
    assert waits is not None
    assert 1 <= waits <= 60
    assert await limiter.hit(FROM_ADDRESS, "b") is None
    assert await limiter.hit(CODES_SENT, "a") is None


async def test_afterwards_it_may_be_tried_again() -> None:
    limiter, rule = Limiter(), RateLimitItemPerSecond(1, namespace="test")
    assert await limiter.hit(rule) is None
    assert await limiter.hit(rule) == 1
    until = time.monotonic() + 5
    while await limiter.hit(rule) is not None:
        assert time.monotonic() < until


async def test_c18_addresses_are_kept_as_hmacs_that_no_other_process_can_make() -> None:
    limiter = Limiter()
    await limiter.attempt(FROM_ADDRESS, "192.0.2.7")
    kept = str(vars(limiter._memory.storage))
    assert "192.0.2.7" not in kept
    assert limiter.address_key("192.0.2.7") in kept
    assert limiter.address_key("192.0.2.7") != Limiter().address_key("192.0.2.7")


def test_one_network_of_ipv6_is_one_client() -> None:
    key = Limiter().address_key
    assert key("2001:db8::1") == key("2001:db8::ffff:1")
    assert key("2001:db8::1") != key("2001:db8:0:1::1")
    assert key("192.0.2.7") != key("192.0.2.8")
    assert len(key("no address")) == 64


async def test_two_workers_count_together_in_redis(redis_url: str) -> None:
    """A number gets three codes a day, whichever worker sends them."""
    one, other = Limiter(redis_url), Limiter(redis_url)
    outcomes = [await each.hit(CODES_SENT, "somebody") for each in (one, other, one, other)]
    assert outcomes[:3] == [None] * 3
    assert outcomes[3] is not None
    assert 1 <= outcomes[3] <= 24 * 3600
    await one.close()
    await other.close()


async def test_c18_redis_holds_no_address(redis_url: str) -> None:
    limiter = Limiter(redis_url)
    await limiter.attempt(FROM_ADDRESS, "192.0.2.7")
    redis = Redis.from_url(redis_url)
    keys = [str(key) for key in await redis.keys("*")]
    assert keys
    assert not any("192.0.2.7" in key for key in keys)
    await redis.aclose()
    await limiter.close()


async def test_without_redis_it_counts_in_memory_and_says_so_once() -> None:
    with socket.socket() as closed:  # bound, but nobody listens
        closed.bind(("127.0.0.1", 0))
        limiter = Limiter(f"redis://127.0.0.1:{closed.getsockname()[1]}/0")
        logged = io.StringIO()
        configure(production=True, stream=logged)
        outcomes = [await limiter.hit(FROM_ADDRESS, "a") for _ in range(11)]
    assert outcomes[:10] == [None] * 10
    assert outcomes[10] is not None
    assert logged.getvalue().count("limiter_without_redis") == 1
