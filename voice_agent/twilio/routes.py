"""The webhooks: the notice by keypad, the stream's end, status callbacks.

The carrier keeps the state of the notice for us: language and repetitions stand in the signed
address it comes back to. So any worker can answer any request, and a repeated one harms nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

import structlog
from fastapi import APIRouter, HTTPException, Request, Response, WebSocket

from consent.ledger import ConsentLedger, LedgerUnavailable
from consent.purpose import Purpose
from consent.receipt import ConsentRecord
from voice_agent import __version__
from voice_agent.call.notice_menu import Choice, choose
from voice_agent.call.offer import LINK_LINES
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.privacy_link import PrivacyLink
from voice_agent.runtime.records import (
    CallBook,
    Disposition,
    RecordsUnavailable,
    StreamTokens,
    UnknownCall,
)
from voice_agent.twilio.answers import Answers
from voice_agent.twilio.media import Admission, MediaStreams
from voice_agent.twilio.messages import Start
from voice_agent.twilio.signature import WebhookSignatures
from voice_agent.twilio.twiml import Document

log = structlog.get_logger(__name__)

_CALL_SID: Final = re.compile(r"CA[0-9a-fA-F]{32}")
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_STATUSES: Final = ("CallStatus", "DialCallStatus", "StreamEvent", "ErrorCode")
_MOST_BYTES: Final = 64 * 1024
_MOST_FIELDS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A webhook whose signature is right: the few fields that are read, the rest is dropped.

    Attributes:
        call_id: the call.
        number: the caller's number, or ``None`` if it is withheld or strange.
        digits: the key pressed, or empty.
        fields: the statuses among the form's fields; everything else is dropped unread.
        language: language the offer is made in.
        attempt: short repetitions so far.
        dialled: a human was dialled before.
    """

    call_id: str
    number: str | None
    digits: str
    fields: dict[str, str]
    language: str
    attempt: int
    dialled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Switchboard:
    """What the webhooks work with.

    Attributes:
        answers: builds the documents.
        signatures: checks who asks.
        ledger: where consent becomes durable.
        tokens: authorise streams.
        book: the list of calls.
        link: sends the privacy link.
        metrics: counters.
        languages: languages spoken, in the order of key 5.
        default_language: language a call begins in.
        repetitions: short repetitions of the notice on silence.
        in_stream: the notice plays inside the stream (mode ``stream``).
        notice_version: version of the notice.
        wall_clock: timezone-aware time.
    """

    answers: Answers
    signatures: WebhookSignatures
    ledger: ConsentLedger
    tokens: StreamTokens
    book: CallBook
    link: PrivacyLink
    metrics: Metrics
    languages: tuple[str, ...]
    default_language: str
    repetitions: int
    in_stream: bool
    notice_version: str
    wall_clock: Callable[[], datetime]

    # -- the notice ----------------------------------------------------------------------------

    async def voice(self, hook: Webhook) -> Document:
        """A call comes in."""
        self.metrics.count("calls_received")
        try:
            await self.book.begin(hook.call_id, self.default_language, self.wall_clock())
            if self.in_stream:
                return await self._stream(hook)
        except RecordsUnavailable as fault:
            log.error("call_not_recorded", code=fault.code)
            return self.answers.human(hook.language, "technical_connecting")
        return self.answers.notice(self.default_language)

    async def consent(self, hook: Webhook) -> Document:
        """A key was pressed, or none (C5, C8)."""
        if not hook.digits:
            return self._silence(hook)
        language = hook.language
        match choose(hook.digits):
            case Choice.ACCEPT:
                return await self._accept(hook)
            case Choice.HUMAN:
                return await self._human(hook)
            case Choice.SEND_LINK:
                outcome = await self.link.send(hook.call_id, hook.number, language)
                return self.answers.remark(language, hook.attempt, LINK_LINES[outcome])
            case Choice.READ_FULL:
                full = self.answers.script.full_notice(language)
                return self.answers.offer(language, hook.attempt, full)
            case Choice.OTHER_LANGUAGE:
                return self.answers.notice(self._next(language))
            case Choice.REPEAT:
                return self.answers.notice(language)
            case Choice.WITHDRAW:
                return self.answers.remark(language, hook.attempt, "nothing_to_withdraw")
            case Choice.UNKNOWN:
                return self.answers.repetition(language, hook.attempt)

    def _next(self, language: str) -> str:
        return self.languages[(self.languages.index(language) + 1) % len(self.languages)]

    def _silence(self, hook: Webhook) -> Document:
        if hook.attempt < self.repetitions:
            return self.answers.repetition(hook.language, hook.attempt + 1)
        self.metrics.count("consent_no_choice")
        if self.answers.handover_number is None:
            return self.answers.goodbye(hook.language, "no_choice_goodbye")
        return self.answers.human(hook.language)

    async def _human(self, hook: Webhook) -> Document:
        self.metrics.count("consent_declined")
        await self._note(hook.call_id, Disposition.HANDOVER)
        return self.answers.human(hook.language)

    async def _accept(self, hook: Webhook) -> Document:
        """Record, then open the stream; without the record there is no stream (C4)."""
        record = ConsentRecord(
            record_id=uuid4().hex,
            call_id=hook.call_id,
            purposes=frozenset({Purpose.CONVERSATION}),
            notice_version=self.notice_version,
            language=hook.language,
            heard_ms=None,
            key=hook.digits,
            given_at=self.wall_clock(),
            software=__version__,
        )
        try:
            await self.ledger.commit(record)
            document = await self._stream(hook)
        except (LedgerUnavailable, RecordsUnavailable):
            log.error("consent_not_recorded")
            self.metrics.count("consent_failed")
            return self.answers.human(hook.language, "ledger_failed_connecting")
        self.metrics.count("consent_given")
        return document

    async def _stream(self, hook: Webhook) -> Document:
        token = await self.tokens.mint(hook.call_id, self.wall_clock())
        parameters = {"token": token, "language": hook.language}
        if hook.number is not None:
            parameters["caller"] = hook.number
        return self.answers.stream(hook.language, parameters)

    # -- afterwards ----------------------------------------------------------------------------

    async def after(self, hook: Webhook) -> Document:
        """The stream, or the dialled human, is gone."""
        if hook.dialled:
            return await self._after_dial(hook)
        try:
            disposition = await self.book.disposition(hook.call_id)
        except RecordsUnavailable as fault:
            log.error("disposition_unknown", code=fault.code)
            disposition = None
        if disposition is Disposition.ENDED or hook.fields.get("CallStatus") == "completed":
            return self.answers.goodbye(hook.language)
        if disposition is Disposition.HANDOVER:
            return self.answers.human(hook.language, None)  # the agent has announced it
        # The stream broke, or a worker died: nobody is left in silence.
        self.metrics.count("stream_broken")
        return self.answers.human(hook.language, "technical_connecting")

    async def _after_dial(self, hook: Webhook) -> Document:
        await self._note(hook.call_id, Disposition.ENDED)
        if hook.fields.get("DialCallStatus") in {"completed", "answered"}:
            return self.answers.goodbye(hook.language)
        self.metrics.count("human_unreachable")
        return self.answers.goodbye(hook.language, "human_unavailable")

    async def call_status(self, hook: Webhook) -> None:
        """The carrier says how the call stands; repeated and late reports change nothing."""
        if hook.fields.get("CallStatus") in {
            "completed",
            "busy",
            "failed",
            "no-answer",
            "canceled",
        }:
            try:
                await self.book.end(hook.call_id, self.wall_clock())
            except UnknownCall:
                log.info("status_of_unknown_call")

    async def _note(self, call_id: str, disposition: Disposition) -> None:
        try:
            await self.book.set_disposition(call_id, disposition)
        except (RecordsUnavailable, UnknownCall) as fault:
            log.warning("disposition_not_recorded", code=fault.code)

    # -- the stream ----------------------------------------------------------------------------

    async def admit(self, start: Start) -> Admission | None:
        """Redeem the stream's token. Every doubt refuses it (C4)."""
        parameters = start.custom_parameters
        try:
            if not await self.tokens.redeem(
                parameters.get("token", ""), start.call_sid, self.wall_clock()
            ):
                return None
            receipt = await self.ledger.find(start.call_sid)
            if receipt is None and not self.in_stream:
                return None
            await self.book.set_disposition(start.call_sid, Disposition.CONNECTED)
        except (RecordsUnavailable, LedgerUnavailable, UnknownCall) as fault:
            log.error("stream_not_admitted", fault=type(fault).__name__)
            return None
        number = parameters.get("caller", "")
        return Admission(
            call_id=start.call_sid,
            language=self.spoken(parameters.get("language", "")),
            receipt=receipt,
            number=number if _NUMBER.fullmatch(number) else None,
        )

    def spoken(self, language: str) -> str:
        """The language if it is spoken here, else the default."""
        return language if language in self.languages else self.default_language


def twilio_router(board: Switchboard, streams: MediaStreams) -> APIRouter:
    """Every address the carrier calls."""
    router = APIRouter(prefix="/twilio", include_in_schema=False)

    @router.post("/voice")
    async def voice(request: Request) -> Response:
        return _xml(await board.voice(await _signed(request, board)))

    @router.post("/consent")
    async def consent(request: Request) -> Response:
        return _xml(await board.consent(await _signed(request, board)))

    @router.post("/after")
    async def after(request: Request) -> Response:
        return _xml(await board.after(await _signed(request, board)))

    @router.post("/status/call")
    async def call_status(request: Request) -> Response:
        hook = await _signed(request, board)
        try:
            await board.call_status(hook)
        except RecordsUnavailable as fault:
            raise HTTPException(503) from fault  # the carrier asks again
        return Response(status_code=204)

    @router.post("/status/{kind}")
    async def status(kind: str, request: Request) -> Response:
        hook = await _signed(request, board)
        if kind not in {"message", "stream"}:
            raise HTTPException(404)
        failed = hook.fields.get("StreamEvent") == "stream-error" or "ErrorCode" in hook.fields
        board.metrics.count(f"{kind}_{'failed' if failed else 'reported'}")
        return Response(status_code=204)

    @router.websocket("/media")
    async def media(socket: WebSocket) -> None:
        signature = socket.headers.get("x-twilio-signature")
        if not board.signatures.check_socket(socket.url.path, signature):
            board.metrics.count("signature_refused")
            log.warning("signature_refused", kind="stream")
            await socket.close()  # before the upgrade: 403
            return
        await streams.serve(socket, board.admit)

    return router


def _xml(document: Document) -> Response:
    return Response(document, media_type="application/xml", headers={"Cache-Control": "no-store"})


async def _signed(request: Request, board: Switchboard) -> Webhook:
    """Read and check a webhook; 403 for whoever is not the carrier, 400 for what is not a call."""
    if int(request.headers.get("content-length") or 0) > _MOST_BYTES:
        raise HTTPException(413)
    form = await request.form(max_fields=_MOST_FIELDS, max_files=0)
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    path = request.url.path
    if request.url.query:
        path += f"?{request.url.query}"
    if not board.signatures.check_form(path, fields, request.headers.get("x-twilio-signature")):
        board.metrics.count("signature_refused")
        log.warning("signature_refused", kind="webhook")
        raise HTTPException(403)
    known = dict(fields)
    call_id = known.get("CallSid", "")
    is_message = request.url.path.endswith("/status/message")
    if not is_message and not _CALL_SID.fullmatch(call_id):
        raise HTTPException(400, "CallSid is missing")
    query = request.query_params
    attempt = query.get("attempt", "0")
    number = known.get("From", "")
    return Webhook(
        call_id=call_id,
        number=number if _NUMBER.fullmatch(number) else None,
        digits=known.get("Digits", "")[:1],
        fields={name: known[name] for name in _STATUSES if name in known},
        language=board.spoken(query.get("language", "")),
        attempt=int(attempt) if attempt.isdecimal() and len(attempt) == 1 else board.repetitions,
        dialled=query.get("dialled") == "1",
    )
