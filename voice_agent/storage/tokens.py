"""Single-use tokens for media streams, in a database."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, insert, update

from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.database import FAULTS, Database
from voice_agent.storage.tables import stream_tokens

LIFETIME: Final = timedelta(seconds=10)
"""From the answer to the carrier until its websocket begins (C4)."""

_TOKEN_BYTES: Final = 32


class SqlStreamTokens:
    """Implements ``voice_agent.runtime.records.StreamTokens``.

    The database holds only the SHA-256 of a token: who reads it cannot open a stream. Of random
    tokens a plain hash is enough, and looking one up by its hash leaks nothing through time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mint(self, call_id: str, now: datetime) -> str:
        """Make a token of 256 random bits; see the port."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        row = {"token_sha256": _digest(token), "call_id": call_id, "expires_at": now + LIFETIME}
        try:
            async with self._database.begin() as connection:
                await connection.execute(delete(stream_tokens).where(_expired(now)))
                await connection.execute(insert(stream_tokens).values(row))
        except FAULTS as error:
            raise RecordsUnavailable("the stream token could not be written down") from error
        return token

    async def redeem(self, token: str, call_id: str, now: datetime) -> bool:
        """Use a token up; see the port. One statement, so that of several at once one wins."""
        use = (
            update(stream_tokens)
            .where(
                stream_tokens.c.token_sha256 == _digest(token),
                stream_tokens.c.call_id == call_id,
                stream_tokens.c.used_at.is_(None),
                ~_expired(now),
            )
            .values(used_at=now)
        )
        try:
            async with self._database.begin() as connection:
                return (await connection.execute(use)).rowcount == 1
        except FAULTS as error:
            raise RecordsUnavailable("the stream token could not be looked up") from error


def _expired(now: datetime) -> ColumnElement[bool]:
    return stream_tokens.c.expires_at <= now


def _digest(token: str) -> str:
    # A token from outside may hold lone surrogates; it is refused like any other wrong one.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
