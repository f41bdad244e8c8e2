"""Whether a call may have something done: one pure function, and nothing else makes the permission.

A flow asks, and asking is cheap: whatever was said to the agent, and whatever a model made of it,
ends here. A tool runs with an ``AuthorisedCall``, which only ``authorise`` makes, from what is
known about this call and from nothing that was said in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from voice_agent.dialogue.tool import CATALOGUE, SHAPES, ToolRequest
from voice_agent.tools.appointment import MOST_NAME, PersonKey, is_plain
from voice_agent.tools.arguments import is_number, is_well_formed
from voice_agent.tools.matter import Matter
from voice_agent.tools.told import Told, as_told

_MINT: Final = object()

LIMITS: Final[Mapping[str, int]] = {
    "calendar.free": 30,
    "calendar.appointments": 10,
    "calendar.book": 3,
    "calendar.move": 5,
    "calendar.cancel": 5,
    "identity.verify": 5,
    "record.entries": 10,
    "record.entry": 20,
    "callback.request": 2,
    "message.leave": 3,
    "complaint.file": 3,
    "reminder.appointments": 20,
    "reminder.others": 20,
    "reminder.confirm": 10,
    "reminder.call_back": 5,
    "calls.stop": 3,
    "calls.wrong_person": 3,
}
"""How often one call may have something done."""

USUAL_LIMIT: Final = 5
"""The same for a tool that is not named there."""

RINGS_BACK: Final = frozenset({"callback.request"})
"""Tools after which the company dials the number it was given."""

COMPARED: Final = frozenset({"identity.verify"})
"""Tools that compare what they are given and do nothing else with it: whatever is wrong fails
alike, so nobody learns from a refusal what a secret looks like."""


class Refusal(StrEnum):
    """Why a request is refused; for the audit log, never spoken."""

    NO_CONSENT = "no_consent"
    """The caller has not accepted, or has withdrawn."""
    NO_SUCH_TOOL = "no_such_tool"
    """No such tool is joined to this server."""
    ARGUMENTS = "arguments"
    """Arguments are missing, too many, or none of their kind."""
    NOT_CONFIRMED = "not_confirmed"
    """It changes something, and the caller has not said yes to exactly this."""
    NOT_IDENTIFIED = "not_identified"
    """It is about a person, and who calls was not verified (rule C23)."""
    NOT_OFFERED = "not_offered"
    """It names something that no tool has told in this call."""
    TOO_MANY = "too_many"
    """It was asked for too often in this call."""
    NUMBER = "number"
    """The telephone number is none, costs too much, or is in a country nobody rings back to."""
    REPEATED = "repeated"
    """Exactly this was permitted before: a permission is for one time."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the company permits, whoever calls.

    Attributes:
        services: what can be booked, by short name; ``None``: nobody knows, so any may be named.
        countries: ISO 3166 codes of the countries that are rung back to; ``None``: any.
    """

    services: frozenset[str] | None = None
    countries: frozenset[str] | None = None


Deed = tuple[str, frozenset[tuple[str, str]]]
"""A tool and its arguments: what is done, whichever flow asks for it."""


def deed_of(request: ToolRequest) -> Deed:
    """What a request has done."""
    return request.tool, frozenset(request.arguments.items())


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known about a call, beside what is said in it.

    Attributes:
        call_id: the call.
        consented: the consent is open.
        tools: the tools this server can run.
        person: who calls, once verified (rule C23); the directory's reference.
        number: the caller's number, E.164, if the carrier tells it. It proves nothing.
        outbound: we made the call; the number is the one we dialled.
        matters: what it is about then, as far as nothing was settled; for the person who was
            verified before it, and hidden from any other.
        used: how often each tool was let run in this call.
        told: what tools have told in this call and others may be asked about.
        permitted: keys of what was permitted in this call.
        unsure: what was tried in this call and may have been done or not, each with its key.
        policy: what the company permits.
    """

    call_id: str
    consented: bool
    tools: frozenset[str]
    person: PersonKey | None = None
    number: str | None = field(default=None, repr=False)
    outbound: bool = False
    matters: tuple[Matter, ...] = field(default=(), repr=False)
    used: Mapping[str, int] = field(default_factory=dict)
    told: frozenset[Told] = field(default=frozenset(), repr=False)
    permitted: frozenset[str] = frozenset()
    unsure: Mapping[Deed, str] = field(default_factory=dict, repr=False)
    policy: Policy = Policy()

    def key(self, request: ToolRequest) -> str:
        """The same for every try of this request, another for any other, in any call."""
        return f"{self.call_id}:{request.flow}:{request.run}:{request.number}"


class AuthorisedCall:
    """The permission to run one tool once with these arguments. Only ``authorise`` makes one.

    Attributes:
        request: what is to be done; its arguments do not change any more.
        facts: the call, when it was permitted.
    """

    __slots__ = ("_facts", "_request")

    def __init__(self, request: ToolRequest, facts: CallFacts, mint: object) -> None:
        if mint is not _MINT:
            raise TypeError("only authorise makes a permission")
        self._request = request
        self._facts = facts

    @property
    def request(self) -> ToolRequest:
        """What is to be done."""
        return self._request

    @property
    def facts(self) -> CallFacts:
        """The call, when it was permitted."""
        return self._facts

    @property
    def key(self) -> str:
        """The same for every try of the same thing, so that it is done once.

        See ``CallFacts.key``. What may have been done already keeps the key it was tried with,
        though a flow that was begun anew asks for it.
        """
        return self.facts.unsure.get(deed_of(self.request)) or self.facts.key(self.request)

    def __repr__(self) -> str:
        return f"AuthorisedCall({self.request.tool})"


def authorise(request: ToolRequest, facts: CallFacts) -> AuthorisedCall | Refusal:
    """Permit a request, or say why not.

    Args:
        request: what a flow asks for.
        facts: what is known about the call.
    """
    # A copy: what is looked at here is what will be done.
    request = replace(request, arguments=MappingProxyType(dict(request.arguments)))
    refusal = _may(request, facts) or _fits(request, facts)
    return refusal or AuthorisedCall(request, facts, _MINT)


def _may(request: ToolRequest, facts: CallFacts) -> Refusal | None:
    """Why this call may not have it done at all."""
    tool = CATALOGUE.get(request.tool)
    if not facts.consented:
        return Refusal.NO_CONSENT
    if tool is None or request.tool not in facts.tools:
        return Refusal.NO_SUCH_TOOL
    if facts.key(request) in facts.permitted:
        return Refusal.REPEATED
    if facts.used.get(request.tool, 0) >= LIMITS.get(request.tool, USUAL_LIMIT):
        return Refusal.TOO_MANY
    given = frozenset(request.arguments)
    if not tool.required <= given <= tool.required | tool.optional:
        return Refusal.ARGUMENTS
    if tool.changes and request.confirmed != given:
        return Refusal.NOT_CONFIRMED
    if tool.personal and facts.person is None:
        return Refusal.NOT_IDENTIFIED
    return None


def _fits(request: ToolRequest, facts: CallFacts) -> Refusal | None:
    """Why it may not be done with these arguments."""
    given, policy = request.arguments, facts.policy
    # Where nothing is left for anybody, a number is no more than a name.
    phone = given.get("phone") if CATALOGUE[request.tool].changes else None
    countries = policy.countries if request.tool in RINGS_BACK else None
    if phone is not None and not is_number(phone, countries):
        return Refusal.NUMBER
    if request.tool in COMPARED:
        is_fine = all(is_plain(value, MOST_NAME) for value in given.values())
    else:
        is_fine = all(is_well_formed(name, value) for name, value in given.items())
    if not is_fine:
        return Refusal.ARGUMENTS
    named = {given["service"]} if "service" in given else set()
    if policy.services is not None and not named <= policy.services:
        return Refusal.ARGUMENTS
    for name in SHAPES:
        if name in given and as_told(name, given[name], given) not in facts.told:
            return Refusal.NOT_OFFERED
    return None
