"""Legs of a call that the carrier keeps records of under identifiers of their own."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog

from voice_agent.runtime.records import CallBook, RecordsUnavailable
from voice_agent.runtime.registrar import RECORD_LIMIT

log = structlog.get_logger(__name__)


async def note_leg(book: CallBook, call_id: str, leg_id: str, at: datetime) -> None:
    """Remember the leg to the human, so that an erasure reaches it at the carrier too (C20).

    The caller waits for an answer that does not depend on it, so it takes bounded time and raises
    nothing that a database may do.
    """
    try:
        async with asyncio.timeout(RECORD_LIMIT):
            await book.dialled(call_id, leg_id, at)
    except TimeoutError:
        log.error("leg_not_noted", call_id=call_id, code="timeout")
    except RecordsUnavailable as fault:
        log.error("leg_not_noted", call_id=call_id, code=fault.code)
