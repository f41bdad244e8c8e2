"""Sends a link by text message: rarely, and never with a number in it (C21)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from voice_agent.call.events import LinkOutcome
from voice_agent.errors import CarrierError, VoiceAgentError
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.message import MessageName, MessageStatus, SentMessage
from voice_agent.runtime.portal import LinkMaker
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.records import CallBook

log = structlog.get_logger(__name__)

UNREACHABLE: Final = frozenset({21211, 21610, 21612, 21614, 21635, 30003, 30004, 30005, 30006})
"""Twilio's codes for "this number cannot get a text message": not a mobile, opted out, unknown."""

KIND: Final = "privacy_link"
"""What the message with the privacy link is called; another link's has another name."""

MOST_A_DAY: Final = 3
"""Messages a number gets on one day, whoever rings under it: numbers are spoofed (C11, C21)."""

LINK_LIMIT: Final = 10.0
"""Seconds until the caller is told that it did not work; a carrier waits fifteen for an answer."""

RELEASE_LIMIT: Final = 2.0
"""Seconds what is written after the carrier's answer may take: identifier, or the claim given
back."""

WATCH_LIMIT: Final = 60.0
"""Seconds a call waits for bad news of its message; whoever hears none by then has got it."""

WATCH_PAUSE: Final = 1.0
"""Seconds between two looks."""

REPORT_PAUSE: Final = 1.0
"""Seconds after which an unknown message is looked for again: its report may overtake the answer
to our own request."""


class PrivacyLink:
    """Sends a link: once a call, and all links together ``MOST_A_DAY`` times a day to one number.

    Args:
        messenger: sends text messages; ``None`` where no carrier is configured.
        book: remembers that the message was sent.
        links: makes the links.
        text: the message in a language, with the token of a link.
        clock: the wall clock, timezone-aware.
        pseudonym: stands for a number in the book; by default one that no other process knows.
        kind: what its messages are called.
        limit_s: seconds until the caller is told that it did not work.
    """

    def __init__(
        self,
        *,
        messenger: Messenger | None,
        book: CallBook,
        links: LinkMaker,
        text: Callable[[str, str], str],
        clock: Callable[[], datetime],
        pseudonym: Callable[[str], str] | None = None,
        kind: str = KIND,
        limit_s: float = LINK_LIMIT,
    ) -> None:
        self._messenger = messenger
        self._book = book
        self._links = links
        self._text = text
        self._clock = clock
        self._pseudonym = pseudonym or Pseudonyms([secrets.token_bytes(32)]).of
        self._kind = kind
        self._limit_s = limit_s

    async def send(self, call_id: str, number: str | None, language: str) -> LinkOutcome:
        """Send it and say what became of it; never raises what a carrier or a database may do."""
        if number is None:
            return LinkOutcome.NO_NUMBER
        if self._messenger is None:
            return LinkOutcome.FAILED
        sending = _Sending(MessageName(call_id, self._kind), number, language)
        try:
            async with asyncio.timeout(self._limit_s):
                await self._send(sending, self._messenger)
        except TimeoutError:
            log.warning("link_not_sent", code="timeout")
        except VoiceAgentError as unknown:
            # Without the records nobody knows whether it was sent before: better not twice.
            log.warning("link_not_sent", code=unknown.code)
        await self._settle(sending)
        return sending.outcome

    async def _send(self, sending: _Sending, messenger: Messenger) -> None:
        now = self._clock()
        if not await self._book.claim_message(sending.name.call_id, self._kind, now):
            sending.outcome = await self._earlier(sending.name.call_id, now)
            return
        sending.unused = True
        if not await self._book.count_message(self._pseudonym(sending.number), now, MOST_A_DAY):
            # No sentence of its own: whoever rings under this number would learn of its messages.
            log.info("link_not_sent", code="limit")
            return
        token = await self._links.mint(sending.name.call_id, sending.language, sending.number, now)
        sending.minted = True
        # From here on it counts as sent unless certainly not.
        sending.unused = False
        try:
            sending.carrier_id = await messenger.send(
                sending.number, self._text(sending.language, token), sending.name
            )
        except CarrierError as refused:
            log.warning("link_refused", code=refused.code, carrier_code=refused.carrier_code)
            sending.unused = not refused.may_have_happened
            sending.outcome = _outcome(refused.carrier_code)
        else:
            sending.outcome = LinkOutcome.SENT

    async def _earlier(self, call_id: str, now: datetime) -> LinkOutcome:
        """What became of the message that was sent before."""
        found = await self._book.message(call_id, self._kind)
        if found is None or not found.is_lost:
            return LinkOutcome.ALREADY_SENT
        await self._book.tell_loss(call_id, self._kind, now)
        return _outcome(found.error_code)

    async def _settle(self, sending: _Sending) -> None:
        """Write down the carrier's identifier; or nothing was sent, and key 2 may be pressed again.

        None of it is worth another answer to the caller.
        """
        try:
            async with asyncio.timeout(RELEASE_LIMIT):
                if sending.carrier_id is not None:
                    now = self._clock()
                    await self._book.message_sent(
                        sending.name.call_id, self._kind, sending.carrier_id, now
                    )
                if sending.unused and sending.minted:
                    await self._links.drop(sending.name.call_id)
                if sending.unused:
                    await self._book.release_message(sending.name.call_id, self._kind)
        except TimeoutError:
            log.warning("link_not_settled", code="timeout")
        except VoiceAgentError as fault:
            log.warning("link_not_settled", code=fault.code)

    # -- what became of it ---------------------------------------------------------------------

    async def report(
        self,
        carrier_id: str,
        status: MessageStatus,
        error_code: int | None,
        name: MessageName | None = None,
    ) -> bool:
        """Take the carrier's report of a message; false if it is none of ours.

        Args:
            carrier_id: the carrier's identifier of it.
            status: what became of it.
            error_code: the carrier's number for what went wrong, if it gave one.
            name: what it is called here, where the report says so.

        Raises:
            RecordsUnavailable: it was not noted.
        """
        if name is not None:
            now = self._clock()
            await self._book.message_reported_of(name, carrier_id, status, error_code, now)
            return True
        for pause in (REPORT_PAUSE, None):
            if await self._book.message_reported(carrier_id, status, error_code):
                return True
            if pause is not None:
                await asyncio.sleep(pause)
        return False

    async def late_loss(self, call_id: str) -> LinkOutcome | None:
        """What the caller is still to be told of a message that did not arrive; only once."""
        found = await self._look(call_id)
        return None if found is None else await self._tell(call_id, found)

    async def watch(self, call_id: str) -> LinkOutcome | None:
        """Wait for bad news of the call's message, if one is under way; ``None``: there is none."""
        try:
            async with asyncio.timeout(WATCH_LIMIT):
                while (found := await self._look(call_id)) is not None:
                    if not found.is_under_way:
                        return await self._tell(call_id, found)
                    await asyncio.sleep(WATCH_PAUSE)
        except TimeoutError:
            return None
        return None

    async def _look(self, call_id: str) -> SentMessage | None:
        """The call's message; a caller waits for something else, so faults are only logged."""
        try:
            async with asyncio.timeout(RELEASE_LIMIT):
                return await self._book.message(call_id, self._kind)
        except TimeoutError:
            log.warning("link_unknown", code="timeout")
        except VoiceAgentError as fault:
            log.warning("link_unknown", code=fault.code)
        return None

    async def _tell(self, call_id: str, found: SentMessage) -> LinkOutcome | None:
        if not found.is_lost or found.told:
            return None
        try:
            async with asyncio.timeout(RELEASE_LIMIT):
                mine = await self._book.tell_loss(call_id, self._kind, self._clock())
        except TimeoutError:
            log.warning("link_unknown", code="timeout")
            return None
        except VoiceAgentError as fault:
            log.warning("link_unknown", code=fault.code)
            return None
        return _outcome(found.error_code) if mine else None


@dataclass(slots=True)
class _Sending:
    """One attempt to send a message.

    Attributes:
        name: what the message is called here.
        number: whom it is for, E.164.
        language: of the call.
        unused: the right to send it is ours, and certainly no message was sent with it.
        minted: a link was made.
        carrier_id: the carrier's identifier of the message, once it has one.
        outcome: what the caller is told.
    """

    name: MessageName
    number: str
    language: str
    unused: bool = False
    minted: bool = False
    carrier_id: str | None = None
    outcome: LinkOutcome = LinkOutcome.FAILED


def _outcome(carrier_code: int | None) -> LinkOutcome:
    return LinkOutcome.UNREACHABLE if carrier_code in UNREACHABLE else LinkOutcome.FAILED
