"""What becomes of a text message after the carrier has taken it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class MessageStatus(StrEnum):
    """The carrier's words, in the order a message goes through them."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"


FINAL: Final = frozenset(
    {
        MessageStatus.DELIVERED,
        MessageStatus.UNDELIVERED,
        MessageStatus.FAILED,
        MessageStatus.CANCELED,
    }
)
"""Nothing follows these."""

LOST: Final = FINAL - {MessageStatus.DELIVERED}
"""The message did not arrive and will not."""

_ORDER: Final = tuple(MessageStatus)


def earlier(status: MessageStatus) -> frozenset[MessageStatus]:
    """Statuses that a report of this one may replace: reports come late, twice, out of order."""
    return frozenset(_ORDER[: _ORDER.index(status)]) - FINAL


@dataclass(frozen=True, slots=True)
class MessageName:
    """What a text message is called here, before the carrier has a name for it.

    Attributes:
        call_id: the call it was asked for in.
        kind: what it is; a call has one of a kind at most.
    """

    call_id: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message as far as its delivery is known.

    Attributes:
        status: what the carrier said last, ``None`` while it has said nothing.
        error_code: the carrier's number for what went wrong, if it gave one.
        told: the caller was told that it did not arrive.
    """

    status: MessageStatus | None
    error_code: int | None
    told: bool

    @property
    def is_lost(self) -> bool:
        """True if it did not arrive and will not."""
        return self.status in LOST

    @property
    def is_under_way(self) -> bool:
        """True while nobody knows."""
        return self.status not in FINAL
