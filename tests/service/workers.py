"""Two workers of one company: the same database and the same Redis, engines of their own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import setting, upgrade
from tests.postgresql import Cluster, postgresql
from tests.redis_server import redis_url
from tests.service.server import Server, free_port, running

__all__ = ["Workers", "both", "postgresql", "redis_url", "workers"]


@dataclass(frozen=True, slots=True)
class Workers:
    """Two workers that run.

    Attributes:
        first: where operators are signed in.
        second: where callers come in.
        redis: address of what they share of running calls.
        environment: their settings, for commands beside them.
    """

    first: Server
    second: Server
    redis: str
    environment: dict[str, str]


@contextmanager
def both(cluster: Cluster, redis: str, directories: Sequence[Path]) -> Iterator[Workers]:
    """Both of them, with the real engines; stopped at the end of the block.

    Args:
        cluster: where their database is made, and dropped at the end.
        redis: address of their Redis.
        directories: one for each.
    """
    database = cluster.create()
    address = cluster.address(database)
    asyncio.run(upgrade(setting(address)))
    port = free_port()
    environment = {
        # Of whatever stands in front of both; here it is the first worker's own.
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": address,
        "REDIS_URL": redis,
        "PSEUDONYM_KEY": secrets.token_hex(32),
        "RECORD_KEY": secrets.token_hex(32),
    }
    with ExitStack() as stack:
        ports = (port, free_port())
        first, second = (
            stack.enter_context(running(each, environment, its))
            for each, its in zip(directories, ports, strict=True)
        )
        yield Workers(first, second, redis, environment)
    cluster.drop(database)


@pytest.fixture(scope="module")
def workers(
    postgresql: Cluster, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workers]:
    """Both of them."""
    directories = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
    with both(postgresql, redis_url, directories) as found:
        yield found
