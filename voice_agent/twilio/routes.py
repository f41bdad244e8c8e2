"""The addresses the carrier calls: whoever has not signed is turned away here."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from fastapi import APIRouter, HTTPException, Request, Response, WebSocket

from voice_agent.runtime.message import MessageName
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.twilio.answers import PARTS, Place
from voice_agent.twilio.media import MediaStreams
from voice_agent.twilio.outbound import OutboundBoard
from voice_agent.twilio.outbound_answers import Stage
from voice_agent.twilio.switchboard import Switchboard
from voice_agent.twilio.text_messages import TextMessage, TextMessages
from voice_agent.twilio.twiml import Document
from voice_agent.twilio.webhook import Webhook, known_number

log = structlog.get_logger(__name__)

_CALL_SID: Final = re.compile(r"CA[0-9a-fA-F]{32}")
_STATUSES: Final = (
    "CallStatus",
    "DialCallStatus",
    "DialCallSid",
    "StreamEvent",
    "ErrorCode",
    "SipResponseCode",
    "MessageSid",
    "MessageStatus",
)
_VERSION: Final = re.compile(r"[0-9a-f]{64}")
_MILLISECONDS: Final = re.compile(r"[0-9]{1,13}", re.ASCII)
_KIND: Final = re.compile(r"[a-z0-9_]{1,16}", re.ASCII)
_CLAIM: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_MOST_FIELDS: Final = 200


def twilio_router(
    board: Switchboard,
    streams: MediaStreams,
    texts: TextMessages,
    outbound: OutboundBoard | None = None,
) -> APIRouter:
    """Every address the carrier calls.

    Args:
        board: what is answered to callers.
        streams: takes the media streams.
        texts: takes text messages.
        outbound: what is answered to those we ring up; ``None``: we ring nobody up, and there are
            no such addresses.
    """
    router = APIRouter(prefix="/twilio", include_in_schema=False)

    @router.post("/voice")
    async def voice(request: Request) -> Response:
        return await _answered(request, board, board.voice, board.broken)

    @router.post("/consent")
    async def consent(request: Request) -> Response:
        answer = board.consent if outbound is None else outbound.consent
        return await _answered(request, board, answer, board.broken)

    @router.post("/after")
    async def after(request: Request) -> Response:
        return await _answered(request, board, board.after, board.broken)

    @router.post("/status/call")
    async def call_status(request: Request) -> Response:
        hook = await _signed(request, board)
        try:
            await (board if outbound is None else outbound).call_status(hook)
        except RecordsUnavailable as fault:
            raise HTTPException(503) from fault  # the carrier asks again
        return Response(status_code=204)

    @router.post("/message")
    async def message(request: Request) -> Response:
        fields = await _form(request, board)
        said = TextMessage(
            number=known_number(fields.get("From", "")),
            text=fields.get("Body", ""),
            is_opt_out=fields.get("OptOutType") == "STOP",
        )
        return _xml(await texts.take(said))

    @router.post("/status/message")
    async def message_status(request: Request) -> Response:
        hook = await _signed(request, board)
        try:
            await board.message_status(hook)
        except RecordsUnavailable as fault:
            raise HTTPException(503) from fault
        return Response(status_code=204)

    @router.post("/status/stream")
    async def stream_status(request: Request) -> Response:
        hook = await _signed(request, board)
        failed = hook.fields.get("StreamEvent") == "stream-error" or "ErrorCode" in hook.fields
        board.metrics.count(f"stream_{'failed' if failed else 'reported'}")
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

    if outbound is not None:
        router.include_router(outbound_router(outbound))
    return router


def outbound_router(board: OutboundBoard) -> APIRouter:
    """The addresses the carrier calls when somebody answers whom we rang up."""
    router = APIRouter(prefix="/outbound", include_in_schema=False)

    @router.post("")
    async def answered(request: Request) -> Response:
        return await _answered(request, board.switchboard, board.answered, board.broken)

    @router.post("/key")
    async def key(request: Request) -> Response:
        return await _answered(request, board.switchboard, board.key, board.broken)

    return router


async def _answered(
    request: Request,
    board: Switchboard,
    answer: Callable[[Webhook], Awaitable[Document]],
    broken: Callable[[Webhook, Exception], Document],
) -> Response:
    hook = await _signed(request, board)
    try:
        document = await answer(hook)
    except Exception as fault:  # noqa: BLE001 (logged there; an error page is silence to a caller)
        document = broken(hook, fault)
    return _xml(document)


def _xml(document: Document) -> Response:
    return Response(document, media_type="application/xml", headers={"Cache-Control": "no-store"})


async def _form(request: Request, board: Switchboard) -> dict[str, str]:
    """The fields of a webhook; 403 for whoever is not the carrier."""
    form = await request.form(max_fields=_MOST_FIELDS, max_files=0)
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    path = request.url.path
    if request.url.query:
        path += f"?{request.url.query}"
    if not board.signatures.check_form(path, fields, request.headers.get("x-twilio-signature")):
        board.metrics.count("signature_refused")
        log.warning("signature_refused", kind="webhook")
        raise HTTPException(403)
    return dict(fields)


async def _signed(request: Request, board: Switchboard) -> Webhook:
    """Read and check a webhook; 403 for whoever is not the carrier, 400 for what is not a call."""
    known = await _form(request, board)
    call_id = known.get("CallSid", "")
    is_message = request.url.path.endswith("/status/message")
    if not is_message and not _CALL_SID.fullmatch(call_id):
        raise HTTPException(400, "CallSid is missing")
    query = request.query_params
    # In a call that we make, "From" is our own number.
    is_outbound = known.get("Direction") == "outbound-api"
    claim = query.get("claim", "")
    return Webhook(
        call_id=call_id,
        number=known_number(known.get("To" if is_outbound else "From", "")),
        digits=known.get("Digits", ""),
        fields={name: known[name] for name in _STATUSES if name in known},
        place=_place(query, board),
        dialled=query.get("dialled") == "1",
        message=_message(query) if is_message else None,
        is_outbound=is_outbound,
        claim=claim if _CLAIM.fullmatch(claim) else "",
        stage=next((each for each in Stage if each == query.get("stage")), None),
    )


def _message(query: Mapping[str, str]) -> MessageName | None:
    """The message a report is about, from the address we gave the carrier for it."""
    call_id, kind = query.get("call", ""), query.get("kind", "")
    if not _CALL_SID.fullmatch(call_id) or not _KIND.fullmatch(kind):
        return None
    return MessageName(call_id, kind)


def _place(query: Mapping[str, str], board: Switchboard) -> Place:
    """Where the caller was, from the address; it is signed, and checked all the same."""
    attempt, notice = query.get("attempt", "0"), query.get("notice", "")
    part = query.get("part", "")

    def milliseconds(name: str) -> int:
        written = query.get(name, "")
        return int(written) if _MILLISECONDS.fullmatch(written) else 0

    return Place(
        language=board.spoken(query.get("language", "")),
        attempt=int(attempt) if re.fullmatch("[0-9]", attempt) else board.repetitions,
        notice=notice if _VERSION.fullmatch(notice) else "",
        part=part if part in PARTS else "",
        played_ms=milliseconds("played"),
        since_ms=milliseconds("since"),
        asked_ms=milliseconds("asked"),
    )
