"""The carrier's side of the web: signed webhooks, files to play, the signed websocket."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

from voice_agent.audio.wav import WavError
from voice_agent.errors import CarrierError
from voice_agent.phone.sound import from_wav

WEBHOOK_LIMIT: Final = 15.0
"""Seconds a webhook may take, as Twilio allows."""

SEND_LIMIT: Final = 5.0
"""Seconds one opening, send or close of a websocket may take."""

_LARGEST_DOCUMENT: Final = 64 * 1024
_LARGEST_FILE: Final = 16 * 1024 * 1024
_WEB_SCHEMES: Final = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


@dataclass(slots=True)
class Carrier:
    """Reaches one server as Twilio would. One for all calls: it keeps connections and files.

    Use it as an asynchronous context manager.

    Attributes:
        url: origin under which the server is reached, for example ``http://127.0.0.1:8080``.
        auth_token: signs webhooks and the websocket; never shown.
        public_url: origin the server believes it has, and that is signed; ``None``: as ``url``.
        account_sid: sent along in every form.
    """

    url: str
    auth_token: str = field(repr=False)
    public_url: str | None = None
    account_sid: str = "AC" + "0" * 32
    _client: httpx.AsyncClient = field(init=False, repr=False)
    _files: dict[str, asyncio.Task[bytes]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/")
        self.public_url = (self.public_url or self.url).rstrip("/")
        if urlsplit(self.url).scheme not in {"http", "https"}:
            raise CarrierError("the server's address begins with http:// or https://")
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(WEBHOOK_LIMIT),
            limits=httpx.Limits(max_connections=32),
            trust_env=False,  # a proxy for the web is none for a server on this machine
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    def absolute(self, reference: str, base: str = "") -> str:
        """The address a document means, as the server would write it."""
        return urljoin(urljoin(f"{self.public_url}/", base), reference)

    async def post(self, address: str, form: dict[str, str]) -> str:
        """Send a signed webhook.

        Args:
            address: absolute, under the public origin.
            form: fields; they are signed with the address.

        Returns:
            The body of the answer.

        Raises:
            CarrierError: no answer in 15 s, another status than 2xx, an answer over 64 KiB.
        """
        headers = {
            "X-Twilio-Signature": self._sign(address, form),
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
        }
        path = urlsplit(address).path
        try:
            answer = await self._client.post(self._reached(address), data=form, headers=headers)
        except httpx.HTTPError as fault:
            raise CarrierError(f"{path}: no answer ({type(fault).__name__})") from fault
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise CarrierError(
                f"{path} refused the signature (403). Use the server's own TWILIO_AUTH_TOKEN and "
                "PUBLIC_URL",
                answer.status_code,
            )
        if not answer.is_success:
            raise CarrierError(f"{path} answered {answer.status_code}", answer.status_code)
        if len(answer.content) > _LARGEST_DOCUMENT:
            raise CarrierError(f"{path}: an answer over 64 KiB")
        return answer.text

    async def sound(self, address: str) -> bytes:
        """Fetch a file to play, once for all calls, as mu-law at 8 kHz.

        Raises:
            CarrierError: not there, or not a WAV that can be played.
        """
        fetch = self._files.get(address)
        if fetch is None or (fetch.done() and (fetch.cancelled() or fetch.exception())):
            fetch = self._files[address] = asyncio.create_task(self._fetch(address))
        return await asyncio.shield(fetch)

    async def stream(self, address: str) -> ClientConnection:
        """Open the signed websocket.

        Raises:
            CarrierError: refused, or not reached in 5 s; ``carrier_code`` is the HTTP status of
                a refusal.
        """
        scheme = "wss" if urlsplit(self.url).scheme == "https" else "ws"
        try:
            return await connect(
                self._reached(address, scheme),
                additional_headers={"X-Twilio-Signature": self._sign(address, {})},
                compression=None,
                proxy=None,
                open_timeout=SEND_LIMIT,
                close_timeout=SEND_LIMIT,
                ping_interval=None,
                max_queue=None,  # the carrier always reads; what it buffers is what it plays
            )
        except InvalidStatus as fault:
            status = fault.response.status_code
            raise CarrierError(f"the media stream was refused with {status}", status) from fault
        except (InvalidHandshake, InvalidURI, OSError, TimeoutError) as fault:
            raise CarrierError(f"no media stream ({type(fault).__name__})") from fault

    async def _fetch(self, address: str) -> bytes:
        path = urlsplit(address).path
        try:
            answer = await self._client.get(self._reached(address))
        except httpx.HTTPError as fault:
            raise CarrierError(f"{path}: no answer ({type(fault).__name__})") from fault
        if not answer.is_success:
            raise CarrierError(f"{path} answered {answer.status_code}", answer.status_code)
        if len(answer.content) > _LARGEST_FILE:
            raise CarrierError(f"{path}: a file over 16 MiB")
        try:
            return from_wav(answer.content)
        except WavError as fault:
            raise CarrierError(f"{path}: {fault}") from fault

    def _sign(self, address: str, form: dict[str, str]) -> str:
        return str(RequestValidator(self.auth_token).compute_signature(address, form))

    def _reached(self, address: str, scheme: str | None = None) -> str:
        """Where an address under the public origin is really reached; others are left alone."""
        parts = urlsplit(address)
        public = urlsplit(self.public_url or self.url)
        web = _WEB_SCHEMES.get(parts.scheme, parts.scheme)
        if parts.hostname != public.hostname or web not in {"http", "https"}:
            return address
        here = urlsplit(self.url)
        return urlunsplit(parts._replace(scheme=scheme or here.scheme, netloc=here.netloc))
