"""Sends the privacy link by text message: once a call, never with a number in it (C21)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from voice_agent.call.events import LinkOutcome
from voice_agent.errors import CarrierError
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.records import CallBook, RecordsUnavailable, UnknownCall

log = structlog.get_logger(__name__)

UNREACHABLE: Final = frozenset({21211, 21610, 21614, 21635, 30003, 30005, 30006})
"""Twilio's codes for "this number cannot get a text message": not a mobile, opted out, unknown."""

KIND: Final = "privacy_link"

LINK_LIMIT: Final = 10.0
"""Seconds until the caller is told that it did not work; a carrier waits fifteen for an answer."""


class PrivacyLink:
    """Sends the link.

    Args:
        messenger: sends text messages; ``None`` where no carrier is configured.
        book: remembers that the message was sent.
        text: the message in a language.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        messenger: Messenger | None,
        book: CallBook,
        text: Callable[[str], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._messenger = messenger
        self._book = book
        self._text = text
        self._clock = clock

    async def send(self, call_id: str, number: str | None, language: str) -> LinkOutcome:
        """Send it and say what became of it; never raises what a carrier or a database may do."""
        messenger = self._messenger
        if messenger is None or number is None:
            return LinkOutcome.UNREACHABLE
        try:
            async with asyncio.timeout(LINK_LIMIT):
                if not await self._book.claim_message(call_id, KIND, self._clock()):
                    return LinkOutcome.ALREADY_SENT
                return await self._send(messenger, call_id, number, language)
        except TimeoutError:
            log.warning("link_not_sent", code="timeout")
        except (RecordsUnavailable, UnknownCall) as unknown:
            # Without the records nobody knows whether it was sent before: better not twice.
            log.warning("link_not_sent", code=unknown.code)
        return LinkOutcome.FAILED

    async def _send(
        self, messenger: Messenger, call_id: str, number: str, language: str
    ) -> LinkOutcome:
        try:
            await messenger.send(number, self._text(language))
        except CarrierError as refused:
            log.warning("link_refused", code=refused.code, carrier_code=refused.carrier_code)
            # Refused is not sent: key 2 may be pressed again.
            await self._book.release_message(call_id, KIND)
            reachable = refused.carrier_code not in UNREACHABLE
            return LinkOutcome.FAILED if reachable else LinkOutcome.UNREACHABLE
        return LinkOutcome.SENT
