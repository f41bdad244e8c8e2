"""What the console's pages need of whoever keeps the accounts."""

from __future__ import annotations

from typing import Protocol

from starlette.requests import HTTPConnection, Request

from voice_agent.console.role import Operator, Right
from voice_agent.errors import VoiceAgentError

CSRF_HEADER = "x-csrf-token"
"""Header of a request by script; a form has the field ``csrf``."""


class NotSignedIn(VoiceAgentError):
    """There is no session, or it is over: the page leads to the sign-in."""

    code = "not_signed_in"


class NotAllowed(VoiceAgentError):
    """The role does not have the right, or the request comes from another site."""

    code = "not_allowed"


class Guard(Protocol):
    """Lets in who may come in, and writes down what they look at.

    A session is prolonged by what a person does. What a page asks without them, ``by_itself``,
    needs a session and leaves it as long as it was: else one page that was left open would keep
    somebody signed in the whole day.
    """

    async def operator(
        self, connection: HTTPConnection, right: Right, *, by_itself: bool = False
    ) -> Operator:
        """Who is asking, if they have this right; also for the upgrade of a websocket.

        A request that changes nothing needs no more. A websocket's ``Origin`` must be ours.

        Args:
            connection: the request or the websocket.
            right: what it needs.
            by_itself: the page asks, not the person.

        Raises:
            NotSignedIn: no session, or an expired or unknown one.
            NotAllowed: the role does not have the right, or another site asks.
        """
        ...

    async def changing(
        self, request: Request, right: Right, csrf: str, *, by_itself: bool = False
    ) -> Operator:
        """As ``operator``, for a request that changes something.

        Args:
            request: the request; its ``Origin``, where there is one, must be ours.
            right: what it needs.
            csrf: what came in the form or the header.
            by_itself: the page asks, not the person.
        """
        ...

    async def still(self, operator: Operator) -> bool:
        """True while the session of an open stream or socket lasts; ask every few seconds."""
        ...

    async def note(self, operator: Operator, action: str, call: str = "") -> None:
        """Write down a look or an action (C22), before it happens.

        Args:
            operator: who.
            action: what, a short name such as ``call.read`` or ``call.take_over``.
            call: stands for the call, see ``voice_agent.live.snapshot.call_key``.

        Raises:
            RecordsUnavailable: it could not be written, so it must not happen.
        """
        ...
