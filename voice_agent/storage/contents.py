"""Contents of calls, kept only under a consent of their own (C10, C18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import insert, select

from consent.purpose import Purpose
from consent.receipt import Receipt
from voice_agent.errors import PurposeNotGranted
from voice_agent.keyring import KeyRing, seal
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.audit import AuditLog
from voice_agent.storage.call_lock import hold_call
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.database import Database
from voice_agent.storage.tables import consent_withdrawals, kept_contents
from voice_agent.storage.transaction import transaction

log = structlog.get_logger(__name__)

KEEPING: Final = frozenset(Purpose) - {Purpose.CONVERSATION}
"""Purposes under which something may outlive its call. Key 1 grants none of them."""


class KeptContents:
    """Keeps transcripts and recordings that were consented to, each sealed with its call's key.

    Args:
        database: where they lie.
        keyring: wraps the calls' keys.
        audit: where refusals are noted.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        database: Database,
        keyring: KeyRing,
        audit: AuditLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._keys = DataKeys(keyring)
        self._audit = audit
        self._clock = clock

    async def keep(self, receipt: Receipt, purpose: Purpose, content: bytes) -> str:
        """Keep a content of the call whose consent this is.

        Args:
            receipt: the consent.
            purpose: what it is kept for.
            content: a transcript in UTF-8, or a recording as a WAV file.

        Returns:
            Its identifier.

        Raises:
            PurposeNotGranted: this purpose was not consented to, or no purpose that keeps
                anything, or the consent was withdrawn, or the call was erased. Nothing was kept,
                and that is noted.
            RecordsUnavailable: nothing was kept; the database is away.
        """
        if purpose not in KEEPING or not receipt.grants(purpose):
            raise await self._refused(receipt, purpose)
        content_id = uuid4().hex
        withdrawn = select(consent_withdrawals.c.call_id).where(
            consent_withdrawals.c.call_id == receipt.call_id
        )
        async with transaction(self._database, "the content cannot be kept") as connection:
            known = await hold_call(connection, receipt.call_id)
            holds = known and await connection.scalar(withdrawn) is None
            if holds:
                at = self._clock()
                key = await self._keys.get_or_make(connection, receipt.call_id, KeyKind.CONTENT, at)
                row = {
                    "content_id": content_id,
                    "call_id": receipt.call_id,
                    "purpose": purpose,
                    "sealed": seal(key, content, place_of(content_id)),
                    "kept_at": at,
                }
                await connection.execute(insert(kept_contents).values(row))
        if not holds:
            raise await self._refused(receipt, purpose)
        return content_id

    async def _refused(self, receipt: Receipt, purpose: Purpose) -> PurposeNotGranted:
        log.warning("content_refused", call_id=receipt.call_id, kind=purpose)
        try:
            await self._audit.note("system", f"keep_{purpose}", "refused", receipt.call_id)
        except RecordsUnavailable as fault:  # it is refused all the same
            log.error("refusal_not_audited", call_id=receipt.call_id, code=fault.code)
        return PurposeNotGranted(f"the purpose {purpose} was not consented to; nothing was kept")


def place_of(content_id: str) -> str:
    """Where a content opens, and nowhere else."""
    return f"kept_contents/{content_id}"
