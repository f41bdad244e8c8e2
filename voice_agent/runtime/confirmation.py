"""Sends an appointment by text message, to nobody but the number that rang (C21)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from voice_agent.dialogue.tool import AWAY, ToolAnswer
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.portal import LinkMaker
from voice_agent.runtime.privacy_link import PrivacyLink
from voice_agent.runtime.records import CallBook, RecordsUnavailable
from voice_agent.tools.authorise import AuthorisedCall
from voice_agent.tools.calendar_file import calendar_file
from voice_agent.tools.confirmation import Noted, written
from voice_agent.tools.plan import Plan
from voice_agent.tools.toolbox import Handler

KIND: Final = "confirmation"
"""What its messages are called."""

SEND_LIMIT: Final = 3.5
"""Seconds until the caller is told that it did not work; a tool has six, and two for the books."""


class Confirmations(LinkMaker, Protocol):
    """Appointments that are noted, and links to them.

    Every method raises ``RecordsUnavailable`` when the records are away.
    """

    async def latest(self, call_id: str) -> Noted | None:
        """What this call booked or moved last, if it stands and is still to come."""
        ...

    async def find(self, token: str) -> Noted | None:
        """The appointment a link leads to; ``None`` if it is wrong, or its time is over."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is written about an appointment.

    Attributes:
        title: what a calendar calls it: the company, and not what is done.
        place: where it is.
        message: the text message, of language, service, time and the token of the link.
    """

    title: str
    place: str
    message: Callable[[str, str, str, str], str]


class Confirmation:
    """The tools of the confirmation, and the file its link leads to.

    Args:
        messenger: sends text messages.
        book: remembers what was sent.
        confirmations: what calls have arranged.
        plan: what is called how, and the company's clock.
        wording: what is written.
        clock: the wall clock, timezone-aware.
        pseudonym: stands for a number in the book.
    """

    def __init__(
        self,
        *,
        messenger: Messenger,
        book: CallBook,
        confirmations: Confirmations,
        plan: Plan,
        wording: Wording,
        clock: Callable[[], datetime],
        pseudonym: Callable[[str], str],
    ) -> None:
        self._messenger = messenger
        self._book = book
        self._confirmations = confirmations
        self._plan = plan
        self._wording = wording
        self._clock = clock
        self._pseudonym = pseudonym

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By the tool's name."""
        return {"confirmation.check": self.check, "confirmation.send": self.send}

    async def check(self, call: AuthorisedCall) -> ToolAnswer:
        """Whether there is something to send, and somebody to send it to."""
        if call.facts.number is None:
            return ToolAnswer(call.request, "impossible")
        try:
            noted = await self._confirmations.latest(call.facts.call_id)
            earlier = await self._book.message(call.facts.call_id, KIND)
        except RecordsUnavailable:
            return ToolAnswer(call.request, AWAY)
        possible = noted is not None and earlier is None
        return ToolAnswer(call.request, "possible" if possible else "impossible")

    async def send(self, call: AuthorisedCall) -> ToolAnswer:
        """Send what this call arranged last to the number the carrier tells of it.

        Never to one that was said: or anybody could have messages sent to anybody.
        """
        facts, language = call.facts, call.request.language
        try:
            noted = await self._confirmations.latest(facts.call_id)
        except RecordsUnavailable:
            noted = None
        if noted is None:
            return ToolAnswer(call.request, "failed")
        service = self._plan.services.get(noted.service)
        name = "" if service is None else service.names.get(language, "")
        when = written(self._plan.local(noted.start), language)
        link = PrivacyLink(
            messenger=self._messenger,
            book=self._book,
            links=self._confirmations,
            text=lambda spoken, token: self._wording.message(spoken, name, when, token),
            clock=self._clock,
            pseudonym=self._pseudonym,
            kind=KIND,
            limit_s=SEND_LIMIT,
        )
        outcome = await link.send(facts.call_id, facts.number, language)
        return ToolAnswer(call.request, outcome.value)

    async def file(self, token: str) -> str | None:
        """The appointment a link leads to, as iCalendar; ``None`` if it leads nowhere.

        Raises:
            RecordsUnavailable: nobody knows.
        """
        noted = await self._confirmations.find(token)
        if noted is None:
            return None
        return calendar_file(noted, self._wording.title, self._wording.place, self._clock())
