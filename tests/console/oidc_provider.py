"""A small honest OpenID Connect provider, which can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse

ISSUER = "https://login.example/realms/staff"
CLIENT, SECRET = "voice-agent", "client secret"


class OidcProvider:
    """The provider.

    Args:
        clock: the wall clock.

    Attributes:
        person: claims about whoever signs in there.
        lies: changes to the claims of the next ID tokens.
        key: signs them.
        document: changes to what it says of itself.
        away: it answers nothing but errors.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.person: dict[str, Any] = {
            "sub": "u-1",
            "preferred_username": "anna",
            "email": "anna@company.example",
            "email_verified": True,
        }
        self.lies: dict[str, Any] = {}
        self.document: dict[str, Any] = {}
        self.away = False
        self.algorithm = "RS256"
        self._published = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
        self.key = self._published
        self._pending: dict[str, dict[str, str]] = {}
        self.app = FastAPI()
        self.app.get("/realms/staff/.well-known/openid-configuration")(self._describe)
        self.app.get("/realms/staff/keys")(self._keys)
        self.app.post("/realms/staff/token")(self._token)

    def visit(self, address: str) -> str:
        """Somebody comes from us, signs in there and is sent back: to this address."""
        query = {name: each[0] for name, each in parse_qs(urlsplit(address).query).items()}
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe()
        self._pending[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    async def _describe(self) -> JSONResponse:
        if self.away:
            return JSONResponse({}, 503)
        return JSONResponse(
            {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
            }
            | self.document
        )

    async def _keys(self) -> JSONResponse:
        return JSONResponse({"keys": [self._published.as_dict(private=False)]})

    async def _token(self, request: Request) -> JSONResponse:
        form = {name: each[0] for name, each in parse_qs((await request.body()).decode()).items()}
        basic = base64.b64encode(f"{CLIENT}:{quote_plus(SECRET)}".encode()).decode()
        assert request.headers["authorization"] == f"Basic {basic}"
        pending = self._pending.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if pending is None or pending["code_challenge"] != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(self._clock().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": pending["nonce"],
        }
        told = claims | self.person | self.lies
        token = jwt.encode({"alg": self.algorithm, "kid": "k1"}, told, self.key)
        answer = {"access_token": "a", "token_type": "Bearer", "id_token": token}
        return JSONResponse(answer)
