"""Who calls, and what may be told to them, as flows ask for it (rule C23)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import phonenumbers

from voice_agent.dialogue.tool import AWAY, DENIED, MOST_ROWS, ToolAnswer
from voice_agent.tools.authorise import AuthorisedCall
from voice_agent.tools.directory import Away, Directory, Entry, Record, Verified, read_secret
from voice_agent.tools.toolbox import Handler

ATTEMPTS: Final = 2
"""In one call."""

VERIFY: Final = "identity.verify"


class IdentityTools:
    """The tools of the directory.

    Args:
        directory: who is known.
        country: ISO 3166 code of the country whose numbers are dialled without a prefix.
    """

    def __init__(self, directory: Directory, country: str = "DE") -> None:
        self._directory = directory
        self._country = country

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By the tool's name."""
        return {
            VERIFY: self.verify,
            "record.entries": self.entries,
            "record.entry": self.entry,
        }

    async def verify(self, call: AuthorisedCall) -> ToolAnswer:
        """Compare what the caller knows. The number they call from is not looked at."""
        asked, tried = call.request, call.facts.used.get(VERIFY, 0)
        if tried >= ATTEMPTS:
            return ToolAnswer(asked, "locked")
        secret = read_secret(asked.arguments["secret"])
        if secret is not None:
            number = _international(asked.arguments["phone"], self._country)
            found = await self._directory.verify(number, secret)
            if isinstance(found, Away):
                return ToolAnswer(asked, AWAY)
            if isinstance(found, Verified):
                return ToolAnswer(asked, "verified", person=found.person)
        return ToolAnswer(asked, "locked" if tried + 1 >= ATTEMPTS else "failed")

    async def entries(self, call: AuthorisedCall) -> ToolAnswer:
        """The latest contracts and orders of the person who was verified."""
        found = await self._entries(call)
        if isinstance(found, str):
            return ToolAnswer(call.request, found)
        rows = tuple(
            {"entry": each.id, "kind": each.kind, "reference": each.reference}
            for each in found[:MOST_ROWS]
        )
        return ToolAnswer(call.request, "found" if rows else "none", rows=rows)

    async def entry(self, call: AuthorisedCall) -> ToolAnswer:
        """How one of them stands."""
        asked = call.request
        found = await self._entries(call)
        if isinstance(found, str):
            return ToolAnswer(asked, found)
        wanted = next((each for each in found if each.id == asked.arguments["entry"]), None)
        if wanted is None:
            return ToolAnswer(asked, "not_yours")
        told = {
            "kind": wanted.kind,
            "reference": wanted.reference,
            "date": wanted.day.isoformat(),
            "status": ", ".join(filter(None, (wanted.status, wanted.amount))),
        }
        return ToolAnswer(asked, "told", told)

    async def _entries(self, call: AuthorisedCall) -> tuple[Entry, ...] | str:
        """What is kept of the person this call has verified, or why there is nothing."""
        person = call.facts.person
        if person is None:
            return DENIED
        found = await self._directory.record(person)
        return found.entries if isinstance(found, Record) else AWAY


def _international(phone: str, country: str) -> str:
    """A number as the directory has it; as it is if it is none: nobody has it then."""
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
