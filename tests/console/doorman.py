"""A guard for tests: sessions are names of accounts, in a cookie."""

from __future__ import annotations

from starlette.requests import HTTPConnection, Request

from voice_agent.console.ports import NotAllowed, NotSignedIn
from voice_agent.console.role import Operator, Right, Role
from voice_agent.runtime.records import RecordsUnavailable

ANNA = Operator("a" * 32, "Anna", Role.OPERATOR)
BERT = Operator("b" * 32, "Bert", Role.SUPERVISOR)
VERA = Operator("c" * 32, "Vera", Role.VIEWER)


class Doorman:
    """See ``voice_agent.console.ports.Guard``.

    Attributes:
        origin: of our own pages.
        signed_in: operators by the cookie ``session``.
        notes: what was written down: account, action, call.
        prolonged: how often somebody did what prolongs a session.
        is_full: nothing can be written down or looked up.
    """

    def __init__(self, origin: str = "http://console.test") -> None:
        self.origin = origin
        self.signed_in = {"anna": ANNA, "bert": BERT, "vera": VERA}
        self.notes: list[tuple[str, str, str]] = []
        self.prolonged = 0
        self.is_full = False

    async def operator(
        self, connection: HTTPConnection, right: Right, *, by_itself: bool = False
    ) -> Operator:
        if self.is_full:
            raise RecordsUnavailable("the disk is full")
        self.prolonged += not by_itself
        operator = self.signed_in.get(connection.cookies.get("session", ""))
        if operator is None:
            raise NotSignedIn("nobody is signed in")
        if connection.headers.get("origin") != self.origin or not operator.may(right):
            raise NotAllowed("this may not be done")
        return operator

    async def changing(
        self, request: Request, right: Right, csrf: str, *, by_itself: bool = False
    ) -> Operator:
        if not csrf:
            raise NotAllowed("this may not be done")
        return await self.operator(request, right, by_itself=by_itself)

    async def still(self, operator: Operator) -> bool:
        if self.is_full:
            raise RecordsUnavailable("the disk is full")
        return operator in self.signed_in.values()

    async def note(self, operator: Operator, action: str, call: str = "") -> None:
        if self.is_full:
            raise RecordsUnavailable("the disk is full")
        self.notes.append((operator.account, action, call))
