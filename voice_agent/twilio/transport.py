"""How REST requests reach Twilio: bounded in time and size, and without leaving traces."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from voice_agent.errors import CarrierError

TIMEOUT_SECONDS: Final = 5.0
"""For a whole request, from looking the host up to the last byte of the answer."""

KEPT: Final = ("sid", "status")
"""Fields of an answer that are read. The others repeat what was asked, numbers and text too."""

MAX_ANSWER_BYTES: Final = 1024 * 1024
"""Twilio's answers have a few kilobytes."""


class NotProcessed(CarrierError):
    """The carrier did nothing: it was not reached, or was too busy. Asking again is safe."""


class Unanswered(CarrierError):
    """The carrier may have done what it was asked, or not: no answer that tells came back."""

    may_have_happened = True


class Transport(AsyncHttpClient):  # type: ignore[misc]  # its base class has no types
    """The HTTP client that twilio-python sends its requests through.

    Its own one is not used: that has no working timeout, logs every address (they hold the
    identifiers of calls), and keeps the last request, with number and text, in memory.

    Args:
        base_url: scheme and host that take Twilio's place, for tests and proxies.
        timeout: seconds for a whole request; half of it for the connection.

    Raises:
        ValueError: the base URL is not a scheme and a host.
    """

    def __init__(self, base_url: str | None = None, timeout: float = TIMEOUT_SECONDS) -> None:
        super().__init__(logging.getLogger(__name__), is_async=True, timeout=timeout)
        self._instead = None if base_url is None else urlsplit(base_url)
        if self._instead is not None and not (
            self._instead.scheme in ("http", "https")
            and self._instead.hostname
            and self._instead.path in ("", "/")
        ):
            raise ValueError("the carrier's base URL is a scheme, http or https, and a host")
        self._limit = aiohttp.ClientTimeout(total=timeout, connect=timeout / 2)
        self._session: aiohttp.ClientSession | None = None

    async def request(  # noqa: PLR0917 (twilio's signature)
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 (twilio's signature; ours is fixed)
        allow_redirects: bool = False,
    ) -> Response:
        """Send one request. The answer may still be a refusal.

        Raises:
            NotProcessed: no connection came about.
            Unanswered: the connection broke, took too long, or the answer is not a JSON object.
        """
        try:
            async with self._opened().request(
                method,
                self._address(url),
                params=params,
                data=_form(data),
                headers={**(headers or {}), **_signed_in(auth)},
                allow_redirects=allow_redirects,
            ) as answer:
                text = await _body(answer)
        # No cause is kept, here and below: the library's errors hold addresses and headers.
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise NotProcessed("the carrier cannot be reached") from None
        except TimeoutError:
            raise Unanswered("the carrier did not answer in time") from None
        except aiohttp.ClientError:
            raise Unanswered("the connection to the carrier broke") from None
        return Response(answer.status, text, answer.headers)

    async def close(self) -> None:
        """Close the connections; more than once does nothing."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """The session, opened at the first request because it belongs to a running event loop."""
        if self._session is None:
            # A connection kept open may be gone at the far end, and a request that fails on it
            # leaves open whether it was processed. A new one each time costs one handshake.
            connector = aiohttp.TCPConnector(force_close=True)
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._limit)
        return self._session

    def _address(self, url: str) -> str:
        if self._instead is None:
            return url
        parts = urlsplit(url)
        return parts._replace(scheme=self._instead.scheme, netloc=self._instead.netloc).geturl()


def _form(data: Mapping[str, Any] | None) -> list[tuple[str, Any]] | None:
    """The fields of a form; one with several values stands in it several times."""
    if data is None:
        return None
    return [
        (name, each)
        for name, value in data.items()
        for each in (value if isinstance(value, list) else [value])
    ]


def _signed_in(auth: tuple[str, str] | None) -> dict[str, str]:
    """The header of HTTP's basic authentication (RFC 7617)."""
    if auth is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(":".join(auth).encode()).decode()}


async def _body(answer: aiohttp.ClientResponse) -> str:
    """Read an answer: a JSON object cut down to ``KEPT``, or a refusal in whatever form."""
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise Unanswered("the carrier's answer is too long")
    text = body.decode("utf-8", "replace")
    if not answer.ok or answer.status == HTTPStatus.NO_CONTENT:
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unanswered("the carrier's answer is not a JSON object")
    return json.dumps({name: found[name] for name in KEPT if isinstance(found.get(name), str)})
