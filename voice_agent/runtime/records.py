"""What the program writes down about calls, apart from consent: the ports of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from voice_agent.errors import VoiceAgentError
from voice_agent.runtime.message import MessageName, MessageStatus, SentMessage


class RecordsUnavailable(VoiceAgentError):
    """The records could not be read or written: disk full, database locked or away."""

    code = "records"


class UnknownCall(VoiceAgentError):
    """Nobody began a call of this identifier."""

    code = "unknown_call"


class Direction(StrEnum):
    """Who rang whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Disposition(StrEnum):
    """Where a call stands, or how it went; what the carrier's callbacks are judged by."""

    IN_NOTICE = "in_notice"
    """The notice is playing; no consent yet."""
    CONNECTED = "connected"
    """The caller accepted and talks to the agent."""
    HANDOVER = "handover"
    """A human is being dialled; written before the carrier is told, because its stream then stops
    as it does when a caller hangs up."""
    WITHDRAWN = "withdrawn"
    """The caller withdrew the consent."""
    LEFT = "left"
    """The stream ended, and not by us: the caller hung up, or the way between us broke. Which one
    only the carrier knows."""
    ENDED = "ended"
    """The call is over."""


class StreamTokens(Protocol):
    """Single-use tokens that authorise one media stream of one call (C4)."""

    async def mint(self, call_id: str, now: datetime) -> str:
        """Make a token for this call, valid for ten seconds from ``now``.

        Raises:
            RecordsUnavailable: it could not be written down.
        """
        ...

    async def redeem(self, token: str, call_id: str, now: datetime) -> bool:
        """True once for a token of this call that has not expired; then never again.

        Raises:
            RecordsUnavailable: it could not be looked up; the stream is to be refused.
        """
        ...


class CallBook(Protocol):
    """The list of calls. Times are timezone-aware.

    Every method raises ``RecordsUnavailable`` when the records cannot be read or written.
    """

    async def begin(
        self,
        call_id: str,
        language: str,
        at: datetime,
        direction: Direction = Direction.INBOUND,
        *,
        pseudonym: str | None = None,
    ) -> bool:
        """Note a new call, in notice. False if it was noted before (a repeated webhook).

        ``pseudonym`` stands for the caller's number, where that is known (C17).
        """
        ...

    async def connect(self, call_id: str, language: str) -> bool:
        """True once for a call in its notice, which is connected from now on, in this language.

        Of several at once one gets it, so a call has one stream. A call that was handed over, has
        ended or was never begun is not connected any more (C11).
        """
        ...

    async def set_disposition(
        self, call_id: str, disposition: Disposition, language: str | None = None
    ) -> None:
        """Note where the call stands, and its language if one is given.

        A call that has ended stays ended.

        Raises:
            UnknownCall: nobody began it.
        """
        ...

    async def disposition(self, call_id: str) -> Disposition | None:
        """Where the call stands, or ``None`` for a call nobody began."""
        ...

    async def language(self, call_id: str) -> str | None:
        """The language noted last, or ``None`` for a call nobody began."""
        ...

    async def end(self, call_id: str, at: datetime) -> None:
        """Note that the call is over; idempotent, the first time counts.

        Raises:
            UnknownCall: nobody began it.
        """
        ...

    async def release_message(self, call_id: str, kind: str) -> None:
        """Give the right back: the message was certainly not sent. Idempotent."""
        ...

    async def claim_message(self, call_id: str, kind: str, at: datetime) -> bool:
        """True once for a call and a kind of message: whoever gets it may send (C21).

        Raises:
            UnknownCall: nobody began the call.
        """
        ...

    async def message_sent(self, call_id: str, kind: str, carrier_id: str, at: datetime) -> None:
        """Note the carrier's identifier of a message that was claimed and sent.

        If its call was erased meanwhile, the carrier is to delete the message (C20).
        """
        ...

    async def dialled(self, call_id: str, leg_id: str, at: datetime) -> None:
        """Note the carrier's identifier of the leg to the human, which it keeps a record of too.

        If the call was erased meanwhile, the carrier is to delete the leg (C20).
        """
        ...

    async def message_reported(
        self, carrier_id: str, status: MessageStatus, error_code: int | None
    ) -> bool:
        """Note what the carrier says of a message; a later status is never replaced by an earlier.

        False if no message has this identifier.
        """
        ...

    async def message_reported_of(
        self,
        message: MessageName,
        carrier_id: str,
        status: MessageStatus,
        error_code: int | None,
        at: datetime,
    ) -> None:
        """The same of a message that is named, whose identifier may not be known yet.

        If there is no such message (any more), the carrier is to delete it (C20).
        """
        ...

    async def message(self, call_id: str, kind: str) -> SentMessage | None:
        """How a message stands, ``None`` if none was claimed."""
        ...

    async def tell_loss(self, call_id: str, kind: str, at: datetime) -> bool:
        """True once for a message that was lost: whoever gets it tells the caller."""
        ...

    async def count_message(self, pseudonym: str, at: datetime, most: int) -> bool:
        """Count a message to a number on its day, in UTC; False if it had ``most`` (C21).

        Args:
            pseudonym: stands for the number; the number itself is not kept (C17).
            at: the time. What was counted on the days before is forgotten.
            most: messages a day, at least 1.
        """
        ...
