"""Reminders by text message: neutral, each sent once, to nobody who wants none (C27, C28)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from voice_agent.errors import CarrierError
from voice_agent.outbound.plan import PlannedText
from voice_agent.outbound.text import TextClaim
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.privacy_link import UNREACHABLE

log = structlog.get_logger(__name__)

LONGEST: Final = timedelta(minutes=1)
"""So long messages are sent in one go: the calls are planned in between."""

OPTED_OUT: Final = 21610
"""Twilio's code for a number that answered an earlier message with STOP."""


class TextBook(Protocol):
    """Messages that are to be sent. Every method may raise ``RecordsUnavailable``."""

    async def claim(self, reminder: str, now: datetime) -> TextClaim | None:
        """Take one, for good; ``None``: somebody else has it, or it is not to be sent."""
        ...

    async def sent(self, reminder: str, carrier_id: str, now: datetime) -> None:
        """The carrier has it."""
        ...

    async def release(self, reminder: str) -> None:
        """It was certainly not sent."""
        ...

    async def refused(self, reminder: str) -> None:
        """The number receives none."""
        ...

    async def declined(self, reminder: str) -> None:
        """The person wants none."""
        ...


class ReminderTexts:
    """Sends what is planned and due.

    Args:
        book: hands out messages.
        messenger: sends them.
        text: the message in a language. It does not say what it is about: others see the screen.
        list_number: puts a number on the do-not-call list.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        book: TextBook,
        messenger: Messenger,
        text: Callable[[str], str],
        list_number: Callable[[str], Awaitable[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._book = book
        self._messenger = messenger
        self._text = text
        self._list_number = list_number
        self._clock = clock

    async def send_due(self, planned: Iterable[PlannedText]) -> int:
        """Send those whose time has come, one after another; says how many.

        The first refusal that is not about its number ends it, and so does ``LONGEST``: the next
        run goes on.

        Raises:
            RecordsUnavailable: a message that was taken may not have been sent, and is not.
        """
        count, until = 0, self._clock() + LONGEST
        for each in planned:
            now = self._clock()
            if each.at > now or now >= until:
                break
            claim = await self._book.claim(each.reminder, now)
            if claim is None:
                continue
            if not await self._send(claim):
                break
            count += 1
        return count

    async def _send(self, claim: TextClaim) -> bool:
        """Send one; false: no other one either."""
        try:
            carrier_id = await self._messenger.send(
                claim.number, self._text(claim.language), name=None
            )
        except CarrierError as refused:
            return await self._settle(claim, refused)
        log.info("reminder_texted")
        await self._book.sent(claim.reminder, carrier_id, self._clock())
        return True

    async def _settle(self, claim: TextClaim, refused: CarrierError) -> bool:
        log.warning("reminder_not_texted", code=refused.code, carrier_code=refused.carrier_code)
        if refused.may_have_happened:
            return False
        if refused.carrier_code == OPTED_OUT:
            await self._list_number(claim.number)
            await self._book.declined(claim.reminder)
            return True
        if refused.carrier_code in UNREACHABLE:
            await self._book.refused(claim.reminder)
            return True
        await self._book.release(claim.reminder)
        return False
