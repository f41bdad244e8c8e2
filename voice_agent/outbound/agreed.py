"""Who agreed to be reminded by telephone, and the port by which it is written down."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from consent.outreach import ReminderConsent
from voice_agent.tools.appointment import PersonKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """Somebody in the directory wants to be reminded of their appointments by telephone.

    Attributes:
        person: the directory's reference.
        number: the number the directory knows them by, E.164: with it they prove who they are.
        language: which one they are spoken to in.
        consent: when and how they agreed, and to what.
    """

    person: PersonKey
    number: str = field(repr=False)
    language: str
    consent: ReminderConsent


class ReminderConsents(Protocol):
    """The consents. Every method may raise ``RecordsUnavailable``."""

    async def put(self, agreed: Agreed) -> bool:
        """Write a consent down, in place of what was known of this person.

        Returns:
            False, and nothing is changed, if they withdrew it since then, or the directory knows
            them by another number: there they could not prove who they are.
        """
        ...

    async def may_be_asked(self, person: PersonKey, number: str) -> bool:
        """True if they could agree: they have not yet, it is their number and not on the list."""
        ...

    async def withdraw(self, person: PersonKey) -> bool:
        """End somebody's consent and delete the number; says whether there was one."""
        ...

    async def of(self, people: Collection[PersonKey]) -> Mapping[PersonKey, Agreed]:
        """The consents of these people that hold, and whose number can be opened."""
        ...
