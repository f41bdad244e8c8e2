"""``/console/work``: what callers left for people, and the calls of today that are over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, tzinfo
from typing import Final, Protocol

import structlog
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from voice_agent.console.door import answering
from voice_agent.console.ports import Guard
from voice_agent.console.role import Operator, Right
from voice_agent.console.view import HEADERS, Renderer
from voice_agent.console.work_rows import WorkRows
from voice_agent.keyring import KeyMissing, SealDamaged
from voice_agent.live.snapshot import call_key
from voice_agent.runtime.form import FormRefused, read
from voice_agent.runtime.summaries import KeptSummary
from voice_agent.tools.inbox import EntryKind, Held
from voice_agent.tools.reference import read_reference

log = structlog.get_logger(__name__)

PLACE: Final = "/console/work"

MOST_SHOWN: Final = 50
"""Entries, and calls, of one look; each is written down."""


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


def work_router(
    guard: Guard,
    left: Left,
    over: Over,
    names: Callable[[], Awaitable[Mapping[str, str]]],
    renderer: Renderer,
) -> APIRouter:
    """The page and its one action.

    Args:
        guard: lets in who may work, and writes down every look.
        left: what callers left.
        over: calls that are over.
        names: what the accounts are called, by account.
        renderer: writes the page out.
    """
    router = APIRouter(include_in_schema=False, route_class=answering(renderer))

    @router.get(PLACE)
    async def work(request: Request, kind: str = "", done: str = "") -> Response:
        operator = await guard.operator(request, Right.WORK)
        try:
            entries = await left.entries(open_only=True)
            calls = await over.of_day(over.today())
        except (SealDamaged, KeyMissing) as fault:
            log.error("console_work_shut", code=fault.code)
            return renderer.trouble("away", operator.language, 503, operator)
        chosen = EntryKind(kind) if kind in set(EntryKind) else None
        shown = [each for each in entries if chosen in {None, each.entry.kind}][:MOST_SHOWN]
        await _note(guard, operator, shown, calls[:MOST_SHOWN])
        rows = WorkRows(operator.language, over.zone, await names())
        return renderer.page(
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

    @router.post(PLACE + "/{reference}/done")
    async def deal(reference: str, request: Request) -> Response:
        try:
            form = await read(request, ("csrf", "kind"))
        except FormRefused as fault:
            operator = await guard.operator(request, Right.WORK)
            return renderer.trouble("form", operator.language, fault.status, operator)
        operator = await guard.changing(request, Right.WORK, form["csrf"])
        wanted = read_reference(reference)
        held = None if wanted is None else await left.entry(wanted)
        if held is None:
            return renderer.trouble("nowhere", operator.language, 404, operator)
        await guard.note(operator, "work.done", call_key(held.entry.call_id))
        await left.done(held.reference)
        chosen = f"kind={form['kind']}&" if form["kind"] in set(EntryKind) else ""
        return RedirectResponse(f"{PLACE}?{chosen}done=1", 303, HEADERS)

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
