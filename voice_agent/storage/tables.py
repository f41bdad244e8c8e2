"""The tables. A column added here needs a migration and a row in the retention table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    JSON,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
)

_LONGEST_ID: Final = 64


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Goes in with any time zone, comes out in UTC; SQLite itself knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn to UTC, refusing a time that could mean any moment.

        Raises:
            ValueError: the time has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Records are only ever inserted: what was agreed to is not edited later. A withdrawal is a row of
# its own, which also holds when it arrives while the acceptance is still being written.
consent_records = Table(
    "consent_records",
    metadata,
    Column("record_id", String(_LONGEST_ID), primary_key=True),
    Column("call_id", String(_LONGEST_ID), nullable=False, unique=True),
    Column("purposes", JSON, nullable=False),
    Column("notice_version", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("heard_ms", Integer),
    Column("key", String(1), nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Column("software", String(64), nullable=False),
)

consent_withdrawals = Table(
    "consent_withdrawals",
    metadata,
    Column("call_id", String(_LONGEST_ID), primary_key=True),
    Column("withdrawn_at", UtcDateTime, nullable=False),
)

stream_tokens = Table(
    "stream_tokens",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("call_id", String(_LONGEST_ID), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("used_at", UtcDateTime),
)

calls = Table(
    "calls",
    metadata,
    Column("call_id", String(_LONGEST_ID), primary_key=True),
    Column("language", String(16), nullable=False),
    Column("direction", String(16), nullable=False),
    Column("disposition", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)

messages = Table(
    "messages",
    metadata,
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("claimed_at", UtcDateTime, nullable=False),
)

# Without a call, so that nobody can tell who rang; and without the number (C17, C21).
message_counts = Table(
    "message_counts",
    metadata,
    Column("pseudonym", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("count", Integer, nullable=False),
)
