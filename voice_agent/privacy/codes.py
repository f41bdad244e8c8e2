"""One-time codes to the number of the call: who opened the link also holds the telephone (C21)."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import structlog

from voice_agent.errors import CarrierError, VoiceAgentError
from voice_agent.privacy.ports import CodeMessages, Links
from voice_agent.privacy.rates import CODES_SENT, CODES_TRIED
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.limiter import Limiter
from voice_agent.runtime.message import MessageName
from voice_agent.runtime.portal import CodeCheck, CodeSetting, Visit
from voice_agent.runtime.privacy_link import UNREACHABLE

log = structlog.get_logger(__name__)

FRESH: Final = timedelta(minutes=15)
"""How long a right code opens what is kept."""

SEND_LIMIT: Final = 10.0
"""Seconds the carrier may take."""

NOTE_LIMIT: Final = 2.0
"""Seconds the identifier of the message may take to be noted; nobody is told if it is not."""

_DIGITS: Final = 6
_CODE: Final = re.compile(r"[0-9]{6}", re.ASCII)


class Sent(StrEnum):
    """What became of a code; everything but ``SENT`` is a sentence on the page."""

    SENT = "sent"
    NO_NUMBER = "no_number"
    NO_MESSAGES = "no_messages"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    TOO_MANY = "too_many"
    TOO_MANY_TODAY = "too_many_today"


class OneTimeCodes:
    """Sends and checks codes.

    Args:
        links: keeps them, and the number.
        messenger: sends text messages; ``None`` where no carrier is configured.
        messages: where it is noted which were sent.
        limiter: counts.
        pseudonym: stands for a number.
        text: the message in a language, with the code.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        *,
        links: Links,
        messenger: Messenger | None,
        messages: CodeMessages,
        limiter: Limiter,
        pseudonym: Callable[[str], str],
        text: Callable[[str, str], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._links = links
        self._messenger = messenger
        self._messages = messages
        self._limiter = limiter
        self._pseudonym = pseudonym
        self._text = text
        self._clock = clock

    def is_fresh(self, visit: Visit) -> bool:
        """True for a while after a right code."""
        at = visit.verified_at
        return at is not None and self._clock() - at < FRESH

    async def send(self, visit: Visit, secret: str, language: str) -> Sent:
        """Make a code and send it to the number of the call.

        Raises:
            RecordsUnavailable: nothing was sent.
        """
        now = self._clock()
        if self._messenger is None:
            return Sent.NO_MESSAGES
        number = await self._links.number(visit.call_id, now)
        if number is None:
            return Sent.NO_NUMBER
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
        match await self._links.set_code(secret, code, now):
            case CodeSetting.RECENT:
                return Sent.SENT
            case CodeSetting.TOO_MANY:
                return Sent.TOO_MANY
            case CodeSetting.SET:
                pass
        if await self._limiter.hit(CODES_SENT, self._pseudonym(number)) is not None:
            await self._links.drop_code(secret)
            return Sent.TOO_MANY_TODAY
        name = MessageName(visit.call_id, f"code_{visit.codes_sent + 1}")
        try:
            await self._messages.claim_message(name.call_id, name.kind, now)
        except VoiceAgentError:
            # Nothing was sent: whoever asks again is to get a code at once.
            await self._links.drop_code(secret)
            raise
        try:
            async with asyncio.timeout(SEND_LIMIT):
                carrier_id = await self._messenger.send(number, self._text(language, code), name)
        except TimeoutError:
            log.warning("code_not_sent", code="timeout")
            return Sent.SENT  # nobody knows; it counts if it arrives
        except CarrierError as refused:
            log.warning("code_not_sent", code=refused.code, carrier_code=refused.carrier_code)
            if refused.may_have_happened:
                return Sent.SENT
            await self._links.drop_code(secret)
            reachable = refused.carrier_code not in UNREACHABLE
            return Sent.FAILED if reachable else Sent.UNREACHABLE
        await self._note(name, carrier_id)
        return Sent.SENT

    async def _note(self, name: MessageName, carrier_id: str) -> None:
        try:
            async with asyncio.timeout(NOTE_LIMIT):
                now = self._clock()
                await self._messages.message_sent(name.call_id, name.kind, carrier_id, now)
        except TimeoutError:
            log.warning("code_not_noted", code="timeout")
        except VoiceAgentError as fault:
            log.warning("code_not_noted", code=fault.code)

    async def check(self, secret: str, written: str, key: str) -> CodeCheck | int:
        """Judge what was entered; digits may be grouped.

        Args:
            secret: of the session.
            written: what was entered.
            key: what the session's tries are counted under.

        Returns:
            What it was worth, or the seconds to wait before another try.

        Raises:
            RecordsUnavailable: it was not judged.
        """
        waits = await self._limiter.hit(CODES_TRIED, key)
        if waits is not None:
            return waits
        code = re.sub(r"[\s.-]", "", written)
        if not _CODE.fullmatch(code):
            return CodeCheck.WRONG  # a slip of the hand, which costs no try
        return await self._links.check_code(secret, code, self._clock())
