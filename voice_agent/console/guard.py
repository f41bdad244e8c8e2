"""Implements ``voice_agent.console.ports.Guard`` on sessions and the access log."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Final

from starlette.requests import HTTPConnection, Request

from voice_agent.console.cookie import Cookie, csrf_of
from voice_agent.console.ports import NotAllowed, NotSignedIn
from voice_agent.console.role import Operator, Right, Role
from voice_agent.runtime.accounts import AccessLog, Account, Sessions, session_name

_OURS: Final = frozenset({None, "same-origin", "none"})
"""What ``Sec-Fetch-Site`` says of our own pages, and of addresses that are typed in. Older browsers
say nothing."""


class SessionGuard:
    """Lets in whoever has a session; see the port.

    Args:
        sessions: who is signed in.
        access: where looks are written down.
        cookie: of the sessions.
        origin: ours, as browsers write it: ``https://voice.your-company.de``.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        sessions: Sessions,
        access: AccessLog,
        cookie: Cookie,
        origin: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._access = access
        self._cookie = cookie
        self._origin = origin
        self._clock = clock

    async def operator(
        self, connection: HTTPConnection, right: Right, *, by_itself: bool = False
    ) -> Operator:
        """Who is asking; see the port."""
        operator = await self.anybody(connection, by_itself=by_itself)
        if not operator.may(right):
            raise NotAllowed("this role does not have the right")
        return operator

    async def changing(
        self, request: Request, right: Right, csrf: str, *, by_itself: bool = False
    ) -> Operator:
        """As ``operator``, for a request that changes something; see the port."""
        operator = await self.leaving(request, csrf, by_itself=by_itself)
        if not operator.may(right):
            raise NotAllowed("this role does not have the right")
        return operator

    async def anybody(self, connection: HTTPConnection, *, by_itself: bool = False) -> Operator:
        """Who is asking, whatever their role; raises as ``operator``."""
        token = self._cookie.read(connection)
        if token is None:
            raise NotSignedIn("there is no session")
        self._insist_ours(connection)
        account = await self._sessions.use(token, self._clock(), prolongs=not by_itself)
        if account is None:
            raise NotSignedIn("the session is over")
        return _operator(account, token)

    async def leaving(self, request: Request, csrf: str, *, by_itself: bool = False) -> Operator:
        """As ``changing``, whatever their role: everybody may sign out."""
        self.insist_same_origin(request)
        operator = await self.anybody(request, by_itself=by_itself)
        given, right = (text.encode("utf-8", "surrogatepass") for text in (csrf, operator.csrf))
        if not hmac.compare_digest(given, right):
            raise NotAllowed("the request does not come from our page")
        return operator

    async def still(self, operator: Operator) -> bool:
        """True while the session lasts; see the port."""
        return await self._sessions.lasts(operator.session, self._clock())

    async def note(self, operator: Operator, action: str, call: str = "") -> None:
        """Write down a look or an action; see the port."""
        await self._access.note(operator.account, operator.role, action, call)

    def insist_same_origin(self, request: HTTPConnection) -> None:
        """Refuse what another site sends.

        Raises:
            NotAllowed: ``Origin`` or ``Sec-Fetch-Site`` names another site.
        """
        if request.headers.get("origin", self._origin) != self._origin:
            raise NotAllowed("the request comes from another site")
        self._insist_ours(request)

    def _insist_ours(self, connection: HTTPConnection) -> None:
        if connection.headers.get("sec-fetch-site") not in _OURS:
            raise NotAllowed("the request comes from another site")
        # Browsers ask nobody before they open a socket to another site, but they say whose page
        # it is.
        is_socket = connection.scope["type"] == "websocket"
        if is_socket and connection.headers.get("origin") != self._origin:
            raise NotAllowed("the socket was opened by another site")


def _operator(account: Account, token: str) -> Operator:
    try:
        role = Role(account.role)
    except ValueError:
        raise NotAllowed("this program does not know the account's role") from None
    return Operator(
        account=account.account,
        name=account.name,
        role=role,
        language=account.language,
        csrf=csrf_of(token),
        session=session_name(token),
    )
