"""Twilio's REST interface, as much of it as a call needs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import structlog
from twilio.base.exceptions import (
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client

from voice_agent.errors import CarrierError
from voice_agent.runtime.message import MessageName
from voice_agent.twilio.outbound_calls import OutboundCalls
from voice_agent.twilio.refusals import meaning_of
from voice_agent.twilio.transport import TIMEOUT_SECONDS, NotProcessed, Transport, Unanswered
from voice_agent.twilio.twiml import MAX_INLINE_CHARACTERS, Document

log = structlog.get_logger(__name__)

BACKOFF_SECONDS: Final = (0.5, 1.0, 2.0)
"""Pauses before asking again; Twilio takes about one request a second."""

CALL_OVER: Final = frozenset({20404, 21220})
"""Twilio's codes for a call that is not there any more, or not in progress."""

GONE: Final = 20404
"""Twilio's code for a record that is not there, or not any more."""

RETENTION_REFUSED: Final = frozenset({30029, 30030})
"""Twilio's codes for an account without message redaction: of the content, of the addresses."""

_RETENTION: Final = {"content_retention": "discard", "address_retention": "obfuscate"}
_SID: Final = re.compile(r"[A-Za-z0-9]{1,64}")


class TwilioClient:
    """Rings people up, steers calls, sends text messages, deletes what Twilio keeps of both.

    The ports are ``Dialling``, ``CallControl``, ``Messenger`` and ``CarrierRecords``.

    A request is repeated, at most three times, when Twilio certainly did not process it; a
    hang-up also when that is unknown, because hanging up twice does no harm. One to ring somebody
    up is not: whoever dials counts them. Errors carry Twilio's code and nothing of the request.

    Args:
        account_sid: the account.
        secret: its auth token, or the secret of ``api_key``.
        number: our own number, E.164; sender of text messages.
        api_key: an API key to sign in with instead of the account itself.
        region: where Twilio processes. Credentials are valid in one region only.
        edge: where Twilio is entered; belongs to the region and is always sent with it (C29).
        base_url: scheme and host that take Twilio's place, for tests and proxies.
        message_status_url: where Twilio reports what became of a text message; the message's name
            is added.
        calls: how people are rung up; ``None`` where nobody is.
        timeout: seconds for one request.
        sleep: how to wait between two requests.

    Raises:
        ValueError: an empty value, which twilio-python would look for in the environment, or a
            base URL that is none.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        secret: str,
        number: str,
        api_key: str | None = None,
        region: str = "ie1",
        edge: str = "dublin",
        base_url: str | None = None,
        message_status_url: str | None = None,
        calls: OutboundCalls | None = None,
        timeout: float = TIMEOUT_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if not (account_sid and secret and number and region and edge):
            raise ValueError("account, secret, number, region and edge are all needed")
        self._transport = Transport(base_url, timeout)
        self._twilio = Client(
            username=api_key or account_sid,
            password=secret,
            account_sid=account_sid,
            region=region,
            edge=edge,
            http_client=self._transport,
        )
        self._number = number
        self._message_status_url = message_status_url
        self._calls = calls
        self._sleep = sleep
        self._retention_refused = False

    @property
    def retention_refused(self) -> bool:
        """True once the account turned out to have no message redaction (C29)."""
        return self._retention_refused

    async def call(self, to: str, claim: str, language: str) -> str:
        """Ring somebody up from our own number, which is shown; see ``Dialling``.

        Raises:
            ValueError: nobody said how people are rung up.
        """
        if self._calls is None:
            raise ValueError("nobody is to be rung up")
        asked = self._calls.asked(claim, language)
        try:
            call = await _attempt(
                lambda: self._twilio.calls.create_async(to=to, from_=self._number, **asked)
            )
            if not isinstance(call.sid, str) or _SID.fullmatch(call.sid) is None:
                raise Unanswered("the carrier's answer does not name the call")
        except CarrierError as refused:
            failure = meaning_of(refused)
        else:
            return call.sid
        # Raised out here, without the cause: nothing of the request is passed on.
        raise failure

    async def hang_up(self, call_sid: str) -> None:
        """End the call; see ``CallControl``."""
        await self._update(call_sid, harmless=True, status="completed")

    async def update_twiml(self, call_sid: str, twiml: str) -> None:
        """Go on with this TwiML; see ``CallControl``."""
        document = Document(twiml)
        if len(document) > MAX_INLINE_CHARACTERS:
            raise ValueError(f"TwiML sent by REST has at most {MAX_INLINE_CHARACTERS} characters")
        await self._update(call_sid, harmless=False, twiml=document)

    async def send(self, to: str, text: str, name: MessageName | None) -> str:
        """Send a text message of which Twilio keeps neither text nor number; see ``Messenger``."""
        retention = {} if self._retention_refused else _RETENTION
        try:
            return await self._send(to, text, name, retention)
        except CarrierError as refused:
            if not retention or refused.carrier_code not in RETENTION_REFUSED:
                raise
            log.warning("message_retention_refused", carrier_code=refused.carrier_code)
            self._retention_refused = True
        return await self._send(to, text, name, {})

    async def delete_call(self, sid: str) -> None:
        """Delete the record of a call; see ``CarrierRecords``."""
        await self._delete(sid, lambda: self._twilio.calls(sid).delete_async())

    async def delete_message(self, sid: str) -> None:
        """Delete the record of a text message; see ``CarrierRecords``."""
        await self._delete(sid, lambda: self._twilio.messages(sid).delete_async())

    async def close(self) -> None:
        """Close the connections; more than once does nothing."""
        await self._transport.close()

    async def _update(self, call_sid: str, *, harmless: bool, **change: str) -> None:
        _insist(call_sid)
        try:
            await self._ask(
                lambda: self._twilio.calls(call_sid).update_async(**change), harmless=harmless
            )
        except CarrierError as refused:
            if refused.carrier_code not in CALL_OVER:
                raise

    async def _delete(self, sid: str, request: Callable[[], Awaitable[Any]]) -> None:
        """Delete a record; twice does no harm. One that is gone answers HTTP 404."""
        _insist(sid)
        try:
            await self._ask(request, harmless=True)
        except CarrierError as refused:
            if refused.carrier_code != GONE:
                raise

    async def _send(
        self, to: str, text: str, name: MessageName | None, retention: dict[str, str]
    ) -> str:
        callback = {}
        if self._message_status_url and name is not None:
            query = urlencode({"call": name.call_id, "kind": name.kind})
            callback["status_callback"] = f"{self._message_status_url}?{query}"
        message = await self._ask(
            lambda: self._twilio.messages.create_async(
                to=to, from_=self._number, body=text, **callback, **retention
            ),
            harmless=False,
        )
        if not isinstance(message.sid, str):
            raise Unanswered("the carrier's answer does not name the message")
        return message.sid

    async def _ask(self, request: Callable[[], Awaitable[Any]], *, harmless: bool) -> Any:
        """Make a request, several times if need be.

        Args:
            request: makes it.
            harmless: doing it twice does no harm.
        """
        worth_repeating = (NotProcessed, Unanswered) if harmless else (NotProcessed,)
        for pause in BACKOFF_SECONDS:
            try:
                return await _attempt(request)
            except worth_repeating:
                await self._sleep(pause)
        return await _attempt(request)


def _insist(sid: str) -> None:
    """It becomes a part of the address."""
    if _SID.fullmatch(sid) is None:
        raise CarrierError("this is no identifier of a call or message")


async def _attempt(request: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await request()
    except (TwilioRestException, TwilioServiceException) as refused:
        failure = _refusal(refused.status, refused.code)
    # Raised out here, without the cause: Twilio's text repeats the number it complains about.
    raise failure


def _refusal(status: object, code: object) -> CarrierError:
    """What Twilio's refusal means: its HTTP status and its code, which stand in its answer."""
    # twilio-python puts the HTTP status in place of a code that Twilio did not give.
    carrier_code = code if isinstance(code, int) and code != status else None
    if not isinstance(status, int):
        status = None
    text = f"the carrier refused the request: HTTP status {status}, code {carrier_code}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotProcessed(text, carrier_code, status)
    if status is not None and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unanswered(text, carrier_code, status)
    return CarrierError(text, carrier_code, status)
