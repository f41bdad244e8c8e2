"""Puts together what proves one consent: entries, head, notice, recordings, receipt (C13)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509

from consent import jsonld
from consent.receipt import HeldRecord
from voice_agent.errors import VoiceAgentError
from voice_agent.evidence import timestamp
from voice_agent.evidence.bundle import Bundle
from voice_agent.evidence.proof import SignedHead
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.notices import NoticeArchive


class NotProvable(VoiceAgentError):
    """Something that belongs to the proof of a record is not there; the message says what."""

    code = "not_provable"


async def collect(
    archive: LedgerArchive,
    notices: NoticeArchive,
    held: HeldRecord,
    roots: Sequence[x509.Certificate] = (),
) -> tuple[Bundle, SignedHead]:
    """Everything that proves a record, and the head it is proved by.

    Args:
        archive: reads the ledger.
        notices: reads the kept notices.
        held: the record.
        roots: pinned certificates of the timestamping authority. A timestamp that none of them
            verifies is left out.

    Raises:
        NotProvable: the record was destroyed meanwhile, or its notice is missing or another one.
        LedgerDamaged, SealDamaged, KeyMissing, NoticeDamaged, RecordsUnavailable: as the archives.
    """
    record = held.record
    proved = await archive.prove(record.record_id)
    if proved is None:
        raise NotProvable(f"record {record.record_id}: is not in the ledger any more")
    signed, entries = proved
    notice = await notices.find(record.notice_version)
    if notice is None:
        raise NotProvable(f"notice {record.notice_version}: is not kept")
    try:
        receipt = jsonld.receipt(held, notice)
    except ValueError as error:
        raise NotProvable(f"record {record.record_id}: {error}") from error
    token, authority = _timestamp(signed, roots)
    bundle = Bundle(
        record_id=record.record_id,
        entries=entries,
        head=signed.head.message,
        signature=signed.head.signature,
        public_key=signed.public_key,
        notice=notice.canonical(),
        audio=await notices.audio(record.notice_version),
        receipt=receipt,
        token=token,
        authority=authority,
    )
    return bundle, signed


def _timestamp(
    signed: SignedHead, roots: Sequence[x509.Certificate]
) -> tuple[bytes, bytes] | tuple[None, None]:
    token = signed.timestamp_token
    if token is None:
        return None, None
    try:
        stamp = timestamp.verify(token, signed.head.message, roots)
    except timestamp.TimestampWrong:
        return None, None
    return token, timestamp.written(stamp.root)
