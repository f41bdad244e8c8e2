"""``/console/accounts``: the accounts, for an administrator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from voice_agent.console.ports import Guard
from voice_agent.console.role import Operator, Right, Role
from voice_agent.console.view import HEADERS, Renderer
from voice_agent.runtime.accounts import Account, Accounts, NoAccount
from voice_agent.runtime.form import FormRefused, read

PATH: Final = "/console/accounts"


def add_accounts(
    router: APIRouter,
    guard: Guard,
    *,
    accounts: Accounts,
    off_duty: Callable[[str], Awaitable[None]],
    renderer: Renderer,
    zone: ZoneInfo,
) -> None:
    """Add the page and its forms to a router with the prefix ``/console``.

    Args:
        router: whose route class answers refusals.
        guard: lets administrators in, and writes down what they do.
        accounts: the accounts.
        off_duty: whoever has this account takes no calls any more.
        renderer: writes the page out.
        zone: where the company is.
    """

    async def shown(administrator: Operator, trouble: str = "", status: int = 200) -> Response:
        return renderer.page(
            "accounts",
            administrator.language,
            administrator,
            status,
            accounts=[_row(each, zone) for each in await accounts.all()],
            roles=[role.value for role in Role],
            trouble=trouble,
        )

    @router.api_route("/accounts", methods=["GET", "HEAD"])
    async def page(request: Request) -> Response:
        administrator = await guard.operator(request, Right.ACCOUNTS)
        await guard.note(administrator, "accounts.read")
        return await shown(administrator)

    async def changed(request: Request, account: str, step: str) -> Response:
        fields = ("csrf", "role") if step == "role" else ("csrf",)
        try:
            form = await read(request, fields)
        except FormRefused as fault:
            administrator = await guard.operator(request, Right.ACCOUNTS)
            return await shown(administrator, "form", fault.status)
        administrator = await guard.changing(request, Right.ACCOUNTS, form["csrf"])
        if account == administrator.account:
            # Else the last administrator could shut everybody out by a slip.
            return await shown(administrator, "own", 409)
        role = form.get("role", "")
        if step == "role" and role not in list(Role):
            return await shown(administrator, "form", 400)
        if account not in {each.account for each in await accounts.all()}:
            return await shown(administrator, "gone", 404)
        await guard.note(administrator, f"account.{step}", account)
        try:
            if step == "role":
                await accounts.change_role(account, role)
            else:
                await accounts.lock(account, locked=step == "lock")
        except NoAccount:
            return await shown(administrator, "gone", 404)
        await off_duty(account)
        return RedirectResponse(PATH, 303, HEADERS)

    @router.post("/accounts/{account}/lock")
    async def lock(request: Request, account: str) -> Response:
        return await changed(request, account, "lock")

    @router.post("/accounts/{account}/unlock")
    async def unlock(request: Request, account: str) -> Response:
        return await changed(request, account, "unlock")

    @router.post("/accounts/{account}/role")
    async def role(request: Request, account: str) -> Response:
        return await changed(request, account, "role")


def _row(account: Account, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "account": account.account,
        "login": account.login,
        "name": account.name,
        "role": account.role,
        "locked": account.locked,
        "used": f"{account.used_at.astimezone(zone):%Y-%m-%d %H:%M}",
    }
