"""Sends the privacy link by text message: rarely, and never with a number in it (C21)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from voice_agent.call.events import LinkOutcome
from voice_agent.errors import CarrierError
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.records import CallBook, RecordsUnavailable, UnknownCall

log = structlog.get_logger(__name__)

UNREACHABLE: Final = frozenset({21211, 21610, 21614, 21635, 30003, 30005, 30006})
"""Twilio's codes for "this number cannot get a text message": not a mobile, opted out, unknown."""

KIND: Final = "privacy_link"

MOST_A_DAY: Final = 3
"""Messages a number gets on one day, whoever rings under it: numbers are spoofed (C11, C21)."""

LINK_LIMIT: Final = 10.0
"""Seconds until the caller is told that it did not work; a carrier waits fifteen for an answer."""

RELEASE_LIMIT: Final = 2.0
"""Seconds the claim then has to be given back."""


class PrivacyLink:
    """Sends the link: once a call, and ``MOST_A_DAY`` times a day to one number.

    Args:
        messenger: sends text messages; ``None`` where no carrier is configured.
        book: remembers that the message was sent.
        text: the message in a language.
        clock: the wall clock, timezone-aware.
        pseudonym: stands for a number in the book; by default one that no other process knows.
    """

    def __init__(
        self,
        messenger: Messenger | None,
        book: CallBook,
        text: Callable[[str], str],
        clock: Callable[[], datetime],
        pseudonym: Callable[[str], str] | None = None,
    ) -> None:
        self._messenger = messenger
        self._book = book
        self._text = text
        self._clock = clock
        self._pseudonym = pseudonym or Pseudonyms([secrets.token_bytes(32)]).of

    async def send(self, call_id: str, number: str | None, language: str) -> LinkOutcome:
        """Send it and say what became of it; never raises what a carrier or a database may do."""
        messenger = self._messenger
        if messenger is None or number is None:
            return LinkOutcome.UNREACHABLE
        claim = _Claim()
        outcome = LinkOutcome.FAILED
        try:
            async with asyncio.timeout(LINK_LIMIT):
                now = self._clock()
                if not await self._book.claim_message(call_id, KIND, now):
                    return LinkOutcome.ALREADY_SENT
                claim.unused = True
                if await self._book.count_message(self._pseudonym(number), now, MOST_A_DAY):
                    outcome = await _hand_over(claim, messenger, number, self._text(language))
                else:
                    log.info("link_not_sent", code="limit")
        except TimeoutError:
            log.warning("link_not_sent", code="timeout")
        except (RecordsUnavailable, UnknownCall) as unknown:
            # Without the records nobody knows whether it was sent before: better not twice.
            log.warning("link_not_sent", code=unknown.code)
        if claim.unused:
            await self._release(call_id)
        return outcome

    async def _release(self, call_id: str) -> None:
        """Nothing was sent: key 2 may be pressed again."""
        try:
            async with asyncio.timeout(RELEASE_LIMIT):
                await self._book.release_message(call_id, KIND)
        except TimeoutError:
            log.warning("link_not_released", code="timeout")
        except RecordsUnavailable as fault:
            log.warning("link_not_released", code=fault.code)


@dataclass(slots=True)
class _Claim:
    """The right to send a message.

    Attributes:
        unused: it is ours, and certainly no message was sent with it.
    """

    unused: bool = False


async def _hand_over(claim: _Claim, messenger: Messenger, number: str, text: str) -> LinkOutcome:
    """Hand the message to the carrier. From here on it counts as sent unless certainly not."""
    claim.unused = False
    try:
        await messenger.send(number, text)
    except CarrierError as refused:
        log.warning("link_refused", code=refused.code, carrier_code=refused.carrier_code)
        claim.unused = not refused.may_have_happened
        reachable = refused.carrier_code not in UNREACHABLE
        return LinkOutcome.FAILED if reachable else LinkOutcome.UNREACHABLE
    return LinkOutcome.SENT
