"""Signing in by OpenID Connect: what is asked of the provider, and what of its answers is believed.

Authorization code with PKCE (RFC 7636). Whatever comes back is outside input until the ID token's
signature, issuer, audience, time and nonce are verified.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from voice_agent.errors import VoiceAgentError

REQUEST_LIMIT_S: Final = 5.0
"""Seconds a request to the provider may take between two pieces of its answer."""

ALTOGETHER_S: Final = 12.0
"""Seconds all requests of one step may take."""

LEEWAY_S: Final = 60
"""Seconds that the provider's clock may differ from ours."""

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""What an ID token may be signed with; never a shared secret, never nothing."""

_FAULTS: Final = (httpx.HTTPError, JoseError, TimeoutError, ValueError, KeyError, TypeError)


class ProviderFault(VoiceAgentError):
    """The provider is away, refuses, or answers what it may not."""

    code = "oidc"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says it is.

    Attributes:
        subject: SHA-256 over issuer and subject, hexadecimal.
        address: their e-mail address, where the provider has verified it; else empty. A user name
            is nothing to go by: nobody promises that it is theirs alone, or stays so.
    """

    subject: str
    address: str


@dataclass(frozen=True, slots=True)
class _Endpoints:
    authorize: str
    token: str
    keys: str


class Provider:
    """One provider.

    Args:
        issuer: as it names itself; its addresses lie on the same host.
        client_id: what we are called there.
        client_secret: our secret there.
        redirect_uri: where it sends browsers back to.
        clock: the wall clock, timezone-aware.
        transport: sends requests; the network's if left out.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        *,
        redirect_uri: str,
        clock: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        # Both as a form would write them (RFC 6749, 2.3.1).
        self._credentials = quote_plus(client_id), quote_plus(client_secret)
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._transport = transport

    async def address(self, secret: str) -> str:
        """Where a browser is sent to.

        Args:
            secret: random, kept by this browser alone; state, nonce and verifier are made of it.

        Raises:
            ProviderFault: the provider is away.
        """
        try:
            async with asyncio.timeout(ALTOGETHER_S), self._client() as client:
                endpoints = await self._endpoints(client)
        except TimeoutError as fault:
            raise ProviderFault("the provider does not answer in time") from fault
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid profile email",
            "state": made_of(secret, "state"),
            "nonce": made_of(secret, "nonce"),
            "code_challenge": create_s256_code_challenge(made_of(secret, "verifier")),
            "code_challenge_method": "S256",
        }
        return str(add_params_to_uri(endpoints.authorize, list(query.items())))

    async def identity(self, code: str, secret: str) -> Identity:
        """Who came back with this code.

        Raises:
            ProviderFault: nobody that may be believed.
        """
        try:
            async with asyncio.timeout(ALTOGETHER_S), self._client() as client:
                endpoints = await self._endpoints(client)
                answer = await self._redeem(client, endpoints.token, code, secret)
                keys = _object(await client.get(endpoints.keys))
            claims = self._verified(str(answer["id_token"]), keys, made_of(secret, "nonce"))
        except _FAULTS as fault:
            raise ProviderFault("the provider's answer is not to be believed") from fault
        subject = hashlib.sha256(f"{self._issuer} {claims['sub']}".encode()).hexdigest()
        return Identity(subject, _address(claims))

    async def _redeem(
        self, client: httpx.AsyncClient, url: str, code: str, secret: str
    ) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": made_of(secret, "verifier"),
        }
        return _object(await client.post(url, data=form, auth=self._credentials))

    def _verified(self, token: str, keys: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]  # a JSON object
        jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(decoded.claims)
        if decoded.claims.get("azp", self._client_id) != self._client_id:
            raise ValueError("the token was made for somebody else")
        return decoded.claims

    async def _endpoints(self, client: httpx.AsyncClient) -> _Endpoints:
        try:
            url = f"{self._issuer}/.well-known/openid-configuration"
            found = _object(await client.get(url))
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            addresses = [str(found[name]) for name in names]
            ours = urlsplit(self._issuer)
            if found["issuer"] != self._issuer or any(
                urlsplit(each)[:2] != ours[:2] for each in addresses
            ):
                raise ValueError("the provider names another one")
        except _FAULTS as fault:
            raise ProviderFault("the provider does not say how it is asked") from fault
        return _Endpoints(*addresses)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            timeout=REQUEST_LIMIT_S, trust_env=False, transport=self._transport
        )


def made_of(secret: str, purpose: str) -> str:
    """A value for one purpose, 64 hexadecimal digits."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    """The JSON object in an answer, which must be one of success."""
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise TypeError("the provider's answer is no object")
    return found


def _address(claims: Mapping[str, Any]) -> str:
    address = claims.get("email")
    verified = claims.get("email_verified") is True and isinstance(address, str)
    return str(address) if verified else ""
