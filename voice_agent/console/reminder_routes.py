"""``/console/reminders``: how the calls that remind people go, and what stops them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse, StreamingResponse

from voice_agent.console.door import answering
from voice_agent.console.ports import Guard
from voice_agent.console.reminder_view import ReminderView
from voice_agent.console.role import Operator, Right
from voice_agent.console.view import HEADERS, Renderer
from voice_agent.outbound.campaign import Campaign
from voice_agent.outbound.campaign_file import written
from voice_agent.outbound.number import read_number
from voice_agent.runtime.form import FormRefused, read

PLACE: Final = "/console/reminders"

_TOLD: Final = frozenset({"noted", "paused", "resumed"})
"""What the page may say that was done."""


def reminder_router(
    guard: Guard,
    campaign: Campaign,
    refuse: Callable[[str], Awaitable[object]],
    country: str,
    renderer: Renderer,
) -> APIRouter:
    """The page, its file and its actions.

    Args:
        guard: lets in who may, and writes down every look and action.
        campaign: shows how the reminders stand, and stops them.
        refuse: puts a number, E.164, on the do-not-call list; nobody learns whether it was there.
        country: ISO 3166 code of the country whose numbers are written without a prefix.
        renderer: writes the page out.
    """
    router = APIRouter(include_in_schema=False, route_class=answering(renderer))

    async def page(operator: Operator, *, told: str = "", trouble: str = "") -> Response:
        view = ReminderView(operator.language, campaign.zone)
        return renderer.page(
            "reminders",
            operator.language,
            operator,
            400 if trouble else 200,
            now=view.facts(await campaign.standing()),
            told=told,
            trouble=trouble,
        )

    @router.get(PLACE)
    async def reminders(request: Request, told: str = "") -> Response:
        operator = await guard.operator(request, Right.SEE_CALLS)
        await guard.note(operator, "reminders.read")
        return await page(operator, told=told if told in _TOLD else "")

    @router.get(PLACE + "/now")
    async def now(request: Request) -> Response:
        operator = await guard.operator(request, Right.SEE_CALLS, by_itself=True)
        view = ReminderView(operator.language, campaign.zone)
        facts = view.facts(await campaign.standing())
        return renderer.page("reminders_now", operator.language, operator, now=facts)

    @router.get(PLACE + ".csv")
    async def file(request: Request) -> Response:
        operator = await guard.operator(request, Right.REMINDERS)
        await guard.note(operator, "reminders.export")
        parts = written(campaign.lines())
        first = await anext(parts)  # before it is promised that there is a file
        saved = {"Content-Disposition": 'attachment; filename="reminders.csv"'}
        return StreamingResponse(_all(first, parts), media_type="text/csv", headers=HEADERS | saved)

    @router.post(PLACE + "/pause")
    async def pause(request: Request) -> Response:
        return await steer(request, "pause", campaign.pause)

    @router.post(PLACE + "/resume")
    async def resume(request: Request) -> Response:
        return await steer(request, "resume", campaign.resume)

    async def steer(request: Request, verb: str, work: Callable[[], Awaitable[bool]]) -> Response:
        try:
            form = await read(request, ("csrf",))
        except FormRefused as fault:
            operator = await guard.operator(request, Right.REMINDERS)
            return renderer.trouble("form", operator.language, fault.status, operator)
        operator = await guard.changing(request, Right.REMINDERS, form["csrf"])
        await guard.note(operator, f"reminders.{verb}")
        await work()
        return RedirectResponse(f"{PLACE}?told={verb}d", 303, HEADERS)

    @router.post("/console/do-not-call")
    async def do_not_call(request: Request) -> Response:
        try:
            form = await read(request, ("csrf", "number"))
        except FormRefused as fault:
            operator = await guard.operator(request, Right.WORK)
            return renderer.trouble("form", operator.language, fault.status, operator)
        operator = await guard.changing(request, Right.WORK, form["csrf"])
        number = read_number(form["number"].strip(), country)
        if number is None:
            return await page(operator, trouble="no_number")
        await guard.note(operator, "do_not_call.add")
        await refuse(number.e164)
        return RedirectResponse(f"{PLACE}?told=noted", 303, HEADERS)

    return router


async def _all(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for part in rest:
        yield part
