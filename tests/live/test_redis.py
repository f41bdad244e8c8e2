from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.live.conformance import CALL, Clock, LiveStoreConformance, Pair, soon
from tests.redis_server import RedisServer, redis_url
from voice_agent.live.ports import SILENT_S, LiveUnavailable, OnDuty
from voice_agent.live.redis import RedisLive
from voice_agent.live.redis_link import PREFIX

__all__ = ["redis_url"]

pytestmark = pytest.mark.integration

PATIENT = 10.0
"""Seconds Redis may take here: a test machine may be busy with something else."""


class TestRedisLive(LiveStoreConformance):
    """A real Redis, two stores with connections of their own."""

    async def test_a_loss_that_many_look_for_at_once_is_told_once(
        self, pair: Pair, redis_url: str
    ) -> None:
        await pair.one.show([pair.snapshot()])
        redis = Redis.from_url(redis_url)
        async with redis.pubsub() as told:
            await told.subscribe(f"{PREFIX}changes")
            pair.clock.now += SILENT_S
            looks = [store.calls() for store in (pair.one, pair.other) for _ in range(20)]
            await asyncio.gather(*looks)
            await redis.publish(f"{PREFIX}changes", "last")
            names = []
            while "last" not in names:
                message = await told.get_message(ignore_subscribe_messages=True, timeout=5)
                if message is not None:
                    names.append(message["data"].decode())
        assert names == [CALL, "last"]
        await redis.aclose()

    @pytest.fixture
    async def pair(self, redis_url: str) -> AsyncIterator[Pair]:
        clock, redis = Clock(), Redis.from_url(redis_url)
        await redis.flushall()
        one, other = (RedisLive(redis_url, name, clock, PATIENT) for name in ("one", "other"))
        yield Pair(one, other, clock)
        await one.close()
        await other.close()
        await redis.aclose()


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[RedisServer]:
    subprocess.run(  # noqa: S603 (openssl, and arguments of ours)
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", "redis.key", "-out", "redis.pem", "-days", "30"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        cwd=tmp_path,
        env={"PATH": os.defpath},
        check=True,
        capture_output=True,
    )
    server = RedisServer(tmp_path, tls=True)
    server.start()
    yield server
    server.stop()


async def test_the_connection_can_be_encrypted_and_the_server_is_checked(
    encrypted: RedisServer, tmp_path: Path
) -> None:
    trusted = f"{encrypted.url}?ssl_ca_certs={tmp_path / 'redis.pem'}"
    one, other = (RedisLive(trusted, name, limit=PATIENT) for name in ("one", "other"))
    stranger = RedisLive(encrypted.url, "stranger")
    async with other.changes() as changes:
        await one.attend(OnDuty("anna", "Anna", True))
        assert await soon(changes) == "duty"
    with pytest.raises(LiveUnavailable):
        await stranger.calls()
    for store in (one, other, stranger):
        await store.close()
