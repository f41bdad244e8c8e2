"""Asks for the consent to be reminded, where an appointment was booked in a call."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from consent.outreach import Means, ReminderConsent
from voice_agent.dialogue.tool import AWAY, DENIED, ToolAnswer
from voice_agent.errors import VoiceAgentError
from voice_agent.outbound.agreed import Agreed, ReminderConsents
from voice_agent.outbound.number import read_number
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.authorise import AuthorisedCall
from voice_agent.tools.toolbox import Handler

log = structlog.get_logger(__name__)

QUESTION: Final = "remind_wanted"
"""The prompt of the question; whoever says yes agreed to these words."""

ANSWER_LIMIT_S: Final = 4.0
"""Seconds after which the caller is told that it did not work."""

MOST_CHECKED: Final = 1000
"""Calls in which somebody is being asked, at once."""

_POSSIBLE, _IMPOSSIBLE, _AGREED = "possible", "impossible", "agreed"


class Agreement:
    """The tools by which a caller agrees to be reminded of their appointments.

    Only who is known can agree, with the number the directory knows them by: the call that reminds
    tells nobody else anything.

    Args:
        consents: where consents are written down.
        countries: ISO 3166 codes of the countries people are rung up in.
        words: of the question, by language.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        consents: ReminderConsents,
        countries: tuple[str, ...],
        words: Callable[[str], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._consents = consents
        self._countries = countries
        self._words = words
        self._clock = clock
        self._checked: dict[str, tuple[PersonKey, str]] = {}

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By the tool's name."""
        return {"reminder.check": self.check, "reminder.agree": self.agree}

    async def check(self, call: AuthorisedCall) -> ToolAnswer:
        """Whether the caller can be asked: they are known, reachable, and did not agree yet."""
        person, number = call.facts.person, self._reachable(call.request.arguments["phone"])
        self._checked.pop(call.facts.call_id, None)
        if person is None or number is None:
            return ToolAnswer(call.request, _IMPOSSIBLE)
        self._checked[call.facts.call_id] = person, number
        while len(self._checked) > MOST_CHECKED:
            self._checked.pop(next(iter(self._checked)))
        return await self._answer(
            call, _POSSIBLE, partial(self._consents.may_be_asked, person, number)
        )

    async def agree(self, call: AuthorisedCall) -> ToolAnswer:
        """Write down that the caller said yes, for the number that was checked."""
        person, number = self._checked.pop(call.facts.call_id, (None, ""))
        if person is None or person != call.facts.person:
            return ToolAnswer(call.request, DENIED)
        language = call.request.language
        agreed = Agreed(
            person=person,
            number=number,
            language=language,
            consent=ReminderConsent(
                given_at=self._clock(),
                means=Means.CALL,
                text=hashlib.sha256(self._words(language).encode()).hexdigest(),
            ),
        )
        return await self._answer(call, _AGREED, partial(self._consents.put, agreed))

    async def _answer(
        self, call: AuthorisedCall, yes: str, work: Callable[[], Awaitable[bool]]
    ) -> ToolAnswer:
        """Do it in bounded time; whatever is wrong with the database, it is away."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                done = await work()
        except VoiceAgentError as fault:
            log.error("consents_away", code=fault.code)
        except TimeoutError:
            log.error("consents_away", code="timeout")
        else:
            return ToolAnswer(call.request, yes if done else _IMPOSSIBLE)
        return ToolAnswer(call.request, AWAY)

    def _reachable(self, written: str) -> str | None:
        """The number, E.164, if people are rung up at such a one."""
        number = read_number(written, self._countries[0])
        if number is None or number.special or number.country not in self._countries:
            return None
        return number.e164
