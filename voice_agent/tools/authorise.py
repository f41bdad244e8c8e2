"""Whether a call may have something done: one pure function, and nothing else makes the permission.

A flow asks, and asking is cheap: whatever was said to the agent, and whatever a model made of it,
ends here. A tool runs with an ``AuthorisedCall``, which only ``authorise`` makes, from what is
known about this call and from nothing that was said in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from voice_agent.dialogue.tool import CATALOGUE, ToolRequest
from voice_agent.tools.appointment import PersonKey

_MINT: Final = object()


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


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known about a call, beside what is said in it.

    Attributes:
        call_id: the call.
        consented: the consent is open.
        tools: the tools this server can run.
        person: who calls, once verified (rule C23); the directory's reference.
        number: the caller's number, E.164, if the carrier tells it. It proves nothing.
        used: how often each tool was let run in this call.
        told: what tools have told in this call and others may be asked about, by argument.
    """

    call_id: str
    consented: bool
    tools: frozenset[str]
    person: PersonKey | None = None
    number: str | None = field(default=None, repr=False)
    used: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)


class AuthorisedCall:
    """The permission to run one tool once with these arguments. Only ``authorise`` makes one.

    Attributes:
        request: what is to be done.
        facts: the call, when it was permitted.
    """

    __slots__ = ("facts", "request")

    def __init__(self, request: ToolRequest, facts: CallFacts, mint: object) -> None:
        if mint is not _MINT:
            raise TypeError("only authorise makes a permission")
        self.request: Final = request
        self.facts: Final = facts

    @property
    def key(self) -> str:
        """The same for every try of this request, another for any other, in any call."""
        asked = self.request
        return f"{self.facts.call_id}:{asked.flow}:{asked.run}:{asked.number}"

    def __repr__(self) -> str:
        return f"AuthorisedCall({self.request.tool})"


def authorise(request: ToolRequest, facts: CallFacts) -> AuthorisedCall | Refusal:
    """Permit a request, or say why not.

    Args:
        request: what a flow asks for.
        facts: what is known about the call.
    """
    tool = CATALOGUE.get(request.tool)
    if not facts.consented:
        return Refusal.NO_CONSENT
    if tool is None or request.tool not in facts.tools:
        return Refusal.NO_SUCH_TOOL
    given = frozenset(request.arguments)
    if not tool.required <= given <= tool.required | tool.optional:
        return Refusal.ARGUMENTS
    if tool.changes and request.confirmed != given:
        return Refusal.NOT_CONFIRMED
    if tool.personal and facts.person is None:
        return Refusal.NOT_IDENTIFIED
    return AuthorisedCall(request, facts, _MINT)
