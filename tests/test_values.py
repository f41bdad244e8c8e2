from __future__ import annotations

import pytest
from pydantic import SecretStr, TypeAdapter

from voice_agent.values import DatabaseUrl, is_loopback


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("model.localhost", True),
        ("192.168.1.2", False),
        ("localhost.example", False),
        ("notlocalhost", False),
        ("", False),
        (None, False),
    ],
)
def test_loopback_is_this_machine_and_no_other(host: str | None, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("sqlite+pysqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("postgresql://u:p%40w@h/d", "postgresql+asyncpg://u:p%40w@h/d"),
        ("postgresql+psycopg://h/d", "postgresql+asyncpg://h/d"),
    ],
)
def test_a_database_address_gets_the_driver_we_have(written: str, read: str) -> None:
    adapter: TypeAdapter[SecretStr] = TypeAdapter(DatabaseUrl)
    assert adapter.validate_python(written).get_secret_value() == read
