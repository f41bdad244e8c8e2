"""The consent record: what was asked, what was heard, what was answered, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from consent.purpose import Purpose

_KEYS = frozenset("0123456789*#")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """One acceptance, before it is committed.

    Attributes:
        record_id: random identifier of this record.
        call_id: the carrier's identifier of the call; consent is valid for this call only (C11).
        purposes: what was accepted.
        notice_version: SHA-256, hex, of the notice that was played (C12).
        language: language of the notice as heard, for example ``de``.
        heard_ms: milliseconds of notice played before the key, as far as it is known;
            ``None`` where the carrier does not tell.
        key: the key pressed.
        given_at: when, timezone-aware.
        software: version of this software.
    """

    record_id: str
    call_id: str
    purposes: frozenset[Purpose]
    notice_version: str
    language: str
    heard_ms: int | None
    key: str
    given_at: datetime
    software: str

    def __post_init__(self) -> None:
        if not self.record_id or not self.call_id:
            raise ValueError("a consent record names itself and its call")
        if not self.purposes:
            raise ValueError("a consent record without a purpose grants nothing")
        if self.key not in _KEYS:
            raise ValueError("the accepting key is one key of a telephone")
        if not re.fullmatch(r"[0-9a-f]{64}", self.notice_version):
            raise ValueError("the notice's version is a SHA-256 in hex")
        if self.given_at.tzinfo is None:
            raise ValueError("given_at needs a time zone")
        if self.heard_ms is not None and self.heard_ms < 0:
            raise ValueError("heard_ms is not negative")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a record was durably committed. Only a ledger makes one, after its commit."""

    record_id: str
    call_id: str
    purposes: frozenset[Purpose] = field(default_factory=frozenset)

    def grants(self, purpose: Purpose) -> bool:
        """True if the committed record covers this purpose."""
        return purpose in self.purposes
