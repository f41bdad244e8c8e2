"""Has the ledger's newest head timestamped by somebody else, now and then (RFC 3161)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx
import structlog
from cryptography import x509
from rfc3161_client import decode_timestamp_response
from sqlalchemy import select, update

from consent.head import message
from voice_agent.errors import VoiceAgentError
from voice_agent.evidence import timestamp
from voice_agent.evidence.timestamp import TimestampWrong
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.appending import latest_head
from voice_agent.storage.database import FAULTS, Database
from voice_agent.storage.tables import tree_heads

log = structlog.get_logger(__name__)

ANSWER_LIMIT: Final = 10.0
"""Seconds an authority may take, from the first byte of the request to the last of the answer."""

PAUSE: Final = timedelta(hours=1)
"""Heads are timestamped at most so often: public authorities ask for restraint."""

LARGEST_ANSWER: Final = 64 * 2**10
"""Bytes; what is longer is no timestamp."""

OWN_CLOCK: Final = timedelta(minutes=5)
"""So much later than our own clock's may the authority's time be, not more."""

_HEADERS: Final = {
    "Content-Type": "application/timestamp-query",
    "Accept": "application/timestamp-reply",
}


class TimestampUnavailable(VoiceAgentError):
    """The authority did not answer, or not with a timestamp."""

    code = "timestamp_unavailable"


class HeadTimestamps:
    """Asks the authority; what it answers is verified before it is kept.

    The authority is told a hash and nothing else. When it fails the ledger goes on; the next
    ``stamp`` tries again.

    Args:
        database: where the heads lie.
        authority: its address.
        roots: its pinned certificates.
        clock: the wall clock, timezone-aware.
        answer_limit: see ``ANSWER_LIMIT``.
    """

    def __init__(
        self,
        database: Database,
        authority: str,
        roots: Sequence[x509.Certificate],
        clock: Callable[[], datetime],
        answer_limit: float = ANSWER_LIMIT,
    ) -> None:
        self._database = database
        self._address = authority
        self._roots = roots
        self._clock = clock
        self._answer_limit = answer_limit
        self._failing: str | None = None

    async def stamp(self) -> bool:
        """Have the newest head timestamped, if it has none and the last one is an hour old.

        Returns:
            Whether there is a new timestamp. Of a failure the log says once which.

        Raises:
            RecordsUnavailable: the database is away.
        """
        head = await self._due()
        if head is None:
            return False
        size, signed = head
        try:
            answer = await self._ask(signed)
        except (TimestampWrong, TimestampUnavailable) as fault:
            if self._failing != fault.code:
                self._failing = fault.code
                log.warning("head_not_timestamped", code=fault.code)
            return False
        self._failing = None
        # Of two workers at once the first one's stays.
        bare = (tree_heads.c.size == size) & tree_heads.c.timestamp_token.is_(None)
        with _available():
            async with self._database.begin() as connection:
                kept = update(tree_heads).where(bare).values(timestamp_token=answer)
                return (await connection.execute(kept)).rowcount == 1

    async def _due(self) -> tuple[int, bytes] | None:
        """The newest head's size and message, if it should be timestamped now."""
        stamped = select(tree_heads.c.timestamp_token).where(
            tree_heads.c.timestamp_token.is_not(None)
        )
        last = stamped.order_by(tree_heads.c.size.desc()).limit(1)
        with _available():
            async with self._database.begin() as connection:
                head = await latest_head(connection)
                token: bytes | None = await connection.scalar(last)
        if head is None or head.timestamp_token is not None:
            return None
        if token is not None and self._clock() < _time(token) + PAUSE:
            return None
        return head.size, message(head.size, head.root, head.signed_at)

    async def _ask(self, signed: bytes) -> bytes:
        """The authority's answer, verified.

        Raises:
            TimestampUnavailable: there is none.
            TimestampWrong: it is none, or not of this head, request and authority.
        """
        request = timestamp.request(signed)
        answer = await self._post(request.as_bytes())
        stamp = timestamp.verify(answer, signed, self._roots, request.nonce)
        if stamp.at > self._clock() + OWN_CLOCK:
            raise TimestampWrong("the timestamp lies in the future")
        return answer

    async def _post(self, request: bytes) -> bytes:
        answer = bytearray()
        try:
            async with (
                asyncio.timeout(self._answer_limit),
                httpx.AsyncClient(timeout=self._answer_limit, trust_env=False) as client,
                client.stream("POST", self._address, content=request, headers=_HEADERS) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise TimestampUnavailable("the timestamp authority refused the request")
                async for part in response.aiter_bytes():
                    answer += part
                    if len(answer) > LARGEST_ANSWER:
                        raise TimestampWrong("the timestamp authority's answer is too long")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            raise TimestampUnavailable("the timestamp authority does not answer") from error
        return bytes(answer)


def _time(token: bytes) -> datetime:
    """When a kept answer was made; long ago, if it was damaged since."""
    try:
        return decode_timestamp_response(token).tst_info.gen_time
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except FAULTS as error:
        raise RecordsUnavailable("the ledger's heads cannot be read or written") from error
