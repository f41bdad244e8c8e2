"""``/console/work``: what callers left for people, and the calls of today that are over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, tzinfo
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse

from voice_agent.console.ports import Guard, NotAllowed, NotSignedIn
from voice_agent.console.role import Operator, Right
from voice_agent.console.work_rows import WorkRows
from voice_agent.errors import VoiceAgentError
from voice_agent.live.snapshot import call_key
from voice_agent.runtime.summaries import KeptSummary
from voice_agent.tools.inbox import EntryKind, Held
from voice_agent.tools.reference import read_reference

log = structlog.get_logger(__name__)

PLACE: Final = "/console/work"
SIGN_IN: Final = "/console/login"

MOST_SHOWN: Final = 50
"""Entries, and calls, of one look; each is written down."""

MOST_BYTES: Final = 2048
"""Of a form; ours have some hundred."""

READ_LIMIT: Final = 10.0
"""Seconds a form may take to arrive."""

_HEADERS: Final = {"Cache-Control": "no-store"}
_FORM: Final = "application/x-www-form-urlencoded"


class Left(Protocol):
    """What callers left; ``voice_agent.storage.inbox.SqlInbox`` is one."""

    async def entries(self, *, open_only: bool = False) -> tuple[Held, ...]:
        """What is there, oldest first."""
        ...

    async def entry(self, reference: str) -> Held | None:
        """One entry."""
        ...

    async def done(self, reference: str) -> Held | None:
        """Somebody has dealt with it; its number goes at once and for good."""
        ...


class Over(Protocol):
    """Calls that are over; ``voice_agent.storage.summaries.SqlSummaries`` is one."""

    @property
    def zone(self) -> tzinfo:
        """Of the company's clock."""
        ...

    def today(self) -> date:
        """The day it is, on the company's clock."""
        ...

    async def of_day(self, day: date) -> tuple[KeptSummary, ...]:
        """The calls that began that day, the newest first."""
        ...


class Pages(Protocol):
    """Writes pages out."""

    def page(
        self,
        name: str,
        language: str,
        operator: Operator | None = None,
        status: int = 200,
        **facts: Any,
    ) -> Response:
        """A page by its template's name."""
        ...

    def trouble(
        self, trouble: str, language: str, status: int, operator: Operator | None = None
    ) -> Response:
        """A page that says what is wrong, a word of the texts' ``trouble``."""
        ...


class FormRefused(VoiceAgentError):
    """What was posted is none of this page's forms.

    Attributes:
        why: a word of the texts' ``trouble``.
        status: HTTP status of the answer.
    """

    code = "form"

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(f"a form was refused: {why}")
        self.why = why
        self.status = status


def work_router(
    guard: Guard,
    left: Left,
    over: Over,
    names: Callable[[], Awaitable[Mapping[str, str]]],
    pages: Pages,
) -> APIRouter:
    """The page and its one action.

    Args:
        guard: lets in who may work, and writes down every look.
        left: what callers left.
        over: calls that are over.
        names: what the accounts are called, by account.
        pages: writes out ``work.html``.
    """
    router = APIRouter(include_in_schema=False)

    @router.get(PLACE)
    async def work(request: Request, kind: str = "", done: str = "") -> Response:
        try:
            operator = await guard.operator(request, Right.WORK)
            entries = await left.entries(open_only=True)
            calls = await over.of_day(over.today())
            chosen = EntryKind(kind) if kind in set(EntryKind) else None
            shown = [each for each in entries if chosen in {None, each.entry.kind}][:MOST_SHOWN]
            await _note(guard, operator, shown, calls[:MOST_SHOWN])
            rows = WorkRows(operator.language, over.zone, await names())
            return pages.page(
                "work",
                operator.language,
                operator,
                entries=[rows.entry(each) for each in shown],
                calls=[rows.call(each) for each in calls[:MOST_SHOWN]],
                more_calls=max(0, len(calls) - MOST_SHOWN),
                counts=_counts(entries),
                kind=chosen.value if chosen else "",
                done=done == "1",
            )
        except VoiceAgentError as fault:
            return _refusal(request, pages, fault)

    @router.post(PLACE + "/{reference}/done")
    async def deal(reference: str, request: Request) -> Response:
        try:
            fields = await _form(request)
            operator = await guard.changing(request, Right.WORK, fields.get("csrf", ""))
            wanted = read_reference(reference)
            held = None if wanted is None else await left.entry(wanted)
            if held is None:
                return pages.trouble("nowhere", operator.language, 404, operator)
            await guard.note(operator, "work.done", call_key(held.entry.call_id))
            await left.done(held.reference)
            kind = fields.get("kind", "")
            chosen = f"kind={kind}&" if kind in set(EntryKind) else ""
            return RedirectResponse(f"{PLACE}?{chosen}done=1", 303, _HEADERS)
        except VoiceAgentError as fault:
            return _refusal(request, pages, fault)

    return router


async def _note(
    guard: Guard, operator: Operator, entries: Sequence[Held], calls: Sequence[KeptSummary]
) -> None:
    """Write down the look, and whose call is looked at, before anything is shown (C22)."""
    await guard.note(operator, "work.read")
    keys = [call_key(each.entry.call_id) for each in entries] + [each.call for each in calls]
    for key in dict.fromkeys(keys):
        await guard.note(operator, "work.read", key)


def _counts(entries: Sequence[Held]) -> dict[str, int]:
    counts = {"": len(entries)} | {kind.value: 0 for kind in EntryKind}
    for each in entries:
        counts[each.entry.kind] += 1
    return counts


def _refusal(request: Request, pages: Pages, fault: VoiceAgentError) -> Response:
    language = request.headers.get("accept-language", "")[:2].lower()
    match fault:
        case NotSignedIn():
            return RedirectResponse(SIGN_IN, 303, _HEADERS)
        case NotAllowed():
            return pages.trouble("right", language, 403)
        case FormRefused(why=why, status=status):
            return pages.trouble(why, language, status)
        case _:
            log.error("console_away", code=fault.code)
            return pages.trouble("away", language, 503)


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a form.

    Raises:
        FormRefused: too long, too slow, broken off or no form.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
        raise FormRefused("form", 415)
    body = b""
    try:
        async with asyncio.timeout(READ_LIMIT):
            async for part in request.stream():
                body += part
                if len(body) > MOST_BYTES:
                    raise FormRefused("long", 413)
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=8))
    except TimeoutError as fault:
        raise FormRefused("slow", 408) from fault
    except ClientDisconnect as fault:  # nobody reads the answer
        raise FormRefused("broken") from fault
    except ValueError as fault:
        raise FormRefused("form") from fault
