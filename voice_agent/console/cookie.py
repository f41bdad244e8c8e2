"""The cookie of a session, and what forms of that session must carry."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

_TOKEN_BYTES: Final = 32
_LONGEST: Final = 64


def new_token() -> str:
    """A session's secret, 256 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def csrf_of(token: str) -> str:
    """What a request that changes something must carry: it shows that it comes from our page.

    Made of the session's token, so that every worker knows it and no other session's will do.
    """
    key = token.encode("utf-8", "surrogatepass")
    return hmac.new(key, b"voice-agent console request", hashlib.sha256).hexdigest()


class Cookie:
    """The cookie. A browser sends it to nobody else, and with no request of another site.

    Args:
        secure: only over https; without, as on a developer's machine, it has a plainer name.
    """

    def __init__(self, *, secure: bool) -> None:
        self.is_secure = secure
        self.name = "__Host-console" if secure else "console"

    def read(self, connection: HTTPConnection) -> str | None:
        """The token that came with a request."""
        token = connection.cookies.get(self.name)
        return token if token and len(token) <= _LONGEST else None

    def give(self, response: Response, token: str) -> None:
        """Put a token into the browser, until the browser is closed."""
        response.set_cookie(
            self.name, token, path="/", secure=self.is_secure, httponly=True, samesite="strict"
        )

    def take(self, response: Response) -> None:
        """Take it out again."""
        response.delete_cookie(
            self.name, path="/", secure=self.is_secure, httponly=True, samesite="strict"
        )
