"""The addresses of reminders behind the real guard: every role, other sites, and the log."""

from __future__ import annotations

import httpx
import pytest
from starlette.requests import HTTPConnection

from tests.console.front_door import ORIGIN, FrontDoor, sign_in
from tests.console.reminder_house import PLACE, router
from tests.storage.remindings import Company, number_of
from voice_agent.console.role import RIGHTS, Operator, Right, Role
from voice_agent.console.view import Renderer

pytestmark = pytest.mark.integration  # a real database on a real disk

OURS = {"Origin": ORIGIN}
FORM = {"number": number_of(0)}
ADDRESSES = [
    ("GET", PLACE, Right.SEE_CALLS, "reminders.read"),
    ("GET", f"{PLACE}.csv", Right.REMINDERS, "reminders.export"),
    ("POST", f"{PLACE}/pause", Right.REMINDERS, "reminders.pause"),
    ("POST", f"{PLACE}/resume", Right.REMINDERS, "reminders.resume"),
    ("POST", "/console/do-not-call", Right.WORK, "do_not_call.add"),
]
CHANGES = [address for method, address, *_ in ADDRESSES if method == "POST"]
ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ORIGIN.replace("https", "http")},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.fixture
def company(door: FrontDoor) -> Company:
    """A company whose page of reminders is behind the door."""
    company = Company(door.database)
    door.app.include_router(router(company, door.guard, Renderer("Muster", has_reminders=True)))
    return company


async def come_in(door: FrontDoor, http: httpx.AsyncClient, role: Role) -> str:
    """Sign in; gives what forms carry."""
    await door.hire("somebody", role)
    await sign_in(door, http, "somebody")
    cookie = f"__Host-console={http.cookies['__Host-console']}".encode()
    asking = HTTPConnection({"type": "http", "headers": [(b"cookie", cookie)]})
    return (await door.guard.anybody(asking)).csrf


def fields(path: str, csrf: str) -> dict[str, str]:
    return {"csrf": csrf} | (FORM if path.endswith("do-not-call") else {})


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_address_for_every_role(
    door: FrontDoor,
    company: Company,
    http: httpx.AsyncClient,
    role: Role,
    address: tuple[str, str, Right, str],
) -> None:
    method, path, right, action = address
    csrf = await come_in(door, http, role)
    before = await door.logged()
    form = fields(path, csrf) if method == "POST" else None
    answer = await http.request(method, path, data=form, headers=OURS)
    if right in RIGHTS[role]:
        assert answer.status_code == (200 if method == "GET" else 303)
        assert await door.logged() == [*before, (role, action, "")]
    else:
        assert answer.status_code == 403
        assert await door.logged() == before
        assert await company.list.count() == 0


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("headers", ELSEWHERE)
async def test_another_site_changes_nothing_even_if_it_knew_the_secret(
    door: FrontDoor, http: httpx.AsyncClient, company: Company, path: str, headers: dict[str, str]
) -> None:
    csrf = await come_in(door, http, Role.SUPERVISOR)
    before = await door.logged()
    answer = await http.post(path, data=fields(path, csrf), headers=headers)
    assert answer.status_code == 403
    assert await door.logged() == before
    assert await company.list.count() == 0
    assert not (await company.reminders.overview()).paused


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("csrf", ["", "x", "ü", "0" * 64])
async def test_a_form_without_the_sessions_secret_changes_nothing(
    door: FrontDoor, http: httpx.AsyncClient, company: Company, path: str, csrf: str
) -> None:
    await come_in(door, http, Role.SUPERVISOR)
    answer = await http.post(path, data=fields(path, csrf), headers=OURS)
    assert answer.status_code == 403
    assert await company.list.count() == 0
    assert not (await company.reminders.overview()).paused


async def test_an_open_page_keeps_nobody_signed_in(
    door: FrontDoor, http: httpx.AsyncClient, company: Company
) -> None:
    await come_in(door, http, Role.VIEWER)
    seen = []
    for _ in range(3):
        door.pass_time(minutes=10)
        seen.append((await http.get(f"{PLACE}/now", headers={"Accept": "*/*"})).status_code)
    assert seen == [200, 200, 401]
    del company


async def test_the_way_there_is_shown_only_where_people_are_reminded(
    door: FrontDoor, http: httpx.AsyncClient, company: Company
) -> None:
    await come_in(door, http, Role.VIEWER)
    link = f'href="{PLACE}"'
    assert link in (await http.get(PLACE)).text
    assert link not in (await http.get("/console/access")).text  # of a console without them
    del company


@pytest.mark.parametrize(
    ("role", "path"), [(Role.OFFICER, "access"), (Role.ADMINISTRATOR, "accounts")]
)
def test_who_sees_no_calls_is_not_shown_the_way(role: Role, path: str) -> None:
    renderer = Renderer("Muster", has_reminders=True)
    answer = renderer.trouble("right", "de", 403, Operator("0a" * 16, "Otto Amt", role))
    page = bytes(answer.body).decode()
    assert f'href="/console/{path}"' in page
    assert PLACE not in page
