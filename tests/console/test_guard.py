"""Who is let in, and how long: sessions, roles, other sites, and the log that must be written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketDisconnect

from tests.console.front_door import ORIGIN, FrontDoor, browsing, csrf_in, sign_in
from voice_agent.console.ports import NotAllowed, NotSignedIn
from voice_agent.console.role import RIGHTS, Operator, Right, Role
from voice_agent.console.texts import load
from voice_agent.runtime.accounts import session_name
from voice_agent.runtime.records import RecordsUnavailable

pytestmark = pytest.mark.integration  # a real database on a real disk

DE = load("de")
OURS = {"Origin": ORIGIN}
LOGIN = "/console/login"


@pytest.fixture
async def officer(door: FrontDoor) -> AsyncIterator[httpx.AsyncClient]:
    """The data-protection officer, signed in."""
    await door.hire("otto", Role.OFFICER, "Otto Amt")
    async with browsing(door) as http:
        await sign_in(door, http, "otto")
        yield http


@pytest.fixture
async def administrator(door: FrontDoor) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator, signed in."""
    await door.hire("ada", Role.ADMINISTRATOR, "Ada Amt")
    async with browsing(door) as http:
        await sign_in(door, http, "ada")
        yield http


# -- how long --------------------------------------------------------------------------------------


async def test_half_an_hour_without_a_look_and_the_session_is_over(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    door.pass_time(minutes=29)
    assert (await officer.get("/console/access")).status_code == 200
    door.pass_time(minutes=29)
    assert (await officer.get("/console/access")).status_code == 200
    door.pass_time(minutes=30)
    late = await officer.get("/console/access")
    assert (late.status_code, late.headers["location"]) == (303, LOGIN)


async def test_after_ten_hours_the_session_is_over_whatever_is_done_in_it(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    for _ in range(29):
        door.pass_time(minutes=20)
        assert (await officer.get("/console/access")).status_code == 200
    door.pass_time(minutes=20)
    assert (await officer.get("/console/access")).headers["location"] == LOGIN


async def test_an_open_stream_lasts_as_long_as_the_session_and_does_not_prolong_it(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    token = officer.cookies["__Host-console"]
    asking = Operator("a", "A", Role.OFFICER, session=session_name(token))
    for _ in range(29):
        assert await door.guard.still(asking)
        door.pass_time(minutes=1)
    door.pass_time(minutes=1)
    assert not await door.guard.still(asking)
    assert not await door.guard.still(Operator("a", "A", Role.OFFICER))


async def test_what_a_page_asks_by_itself_leaves_the_session_as_long_as_it_was(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    asking = _request(officer)
    for _ in range(29):
        door.pass_time(minutes=1)
        await door.guard.operator(asking, Right.ACCESS_LOG, by_itself=True)
    door.pass_time(minutes=1)
    with pytest.raises(NotSignedIn):
        await door.guard.operator(asking, Right.ACCESS_LOG, by_itself=True)


async def test_a_call_that_is_held_keeps_its_operator_signed_in_for_ten_hours_at_most(
    door: FrontDoor, http: httpx.AsyncClient
) -> None:
    await sign_in(door, http)
    asking = _request(http)
    for _ in range(10 * 60 - 1):
        door.pass_time(minutes=1)
        await door.guard.operator(asking, Right.TAKE_OVER)
    door.pass_time(minutes=1)
    with pytest.raises(NotSignedIn):
        await door.guard.operator(asking, Right.TAKE_OVER)


@pytest.mark.parametrize("cookie", ["", "x", "x" * 43, "x" * 5000, "\x7f"])
async def test_a_made_up_session_opens_nothing(
    door: FrontDoor, http: httpx.AsyncClient, cookie: str
) -> None:
    headers = {"Cookie": f"__Host-console={cookie}"}
    assert (await http.get("/console/access", headers=headers)).headers["location"] == LOGIN
    script = await http.get("/console/access", headers=headers | {"Accept": "application/json"})
    assert script.status_code == 401
    assert await door.logged() == []


async def test_a_cookie_under_the_name_without_its_prefix_opens_nothing(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    """A neighbouring host could set that one."""
    async with browsing(door) as other:
        other.cookies.set("console", officer.cookies["__Host-console"])
        assert (await other.get("/console/access")).headers["location"] == LOGIN


@pytest.mark.parametrize("change", ["lock", "role", "reset"])
async def test_whoever_is_locked_or_changed_is_out_at_once(
    door: FrontDoor, officer: httpx.AsyncClient, change: str
) -> None:
    found = await door.accounts.secrets("otto")
    assert found is not None
    account, secrets = found
    if change == "lock":
        await door.accounts.lock(account.account, locked=True)
    elif change == "role":
        await door.accounts.change_role(account.account, Role.VIEWER)
    else:
        await door.accounts.reset(account.account, secrets, door.now)
    async with browsing(door, app=door.worker()) as elsewhere:
        elsewhere.cookies.update(officer.cookies)
        assert (await elsewhere.get("/console/access")).headers["location"] == LOGIN


# -- who -------------------------------------------------------------------------------------------

ADDRESSES = [
    ("GET", "/console/access", Right.ACCESS_LOG),
    ("GET", "/console/access.csv", Right.ACCESS_LOG),
    ("GET", "/console/accounts", Right.ACCOUNTS),
    ("POST", "/console/accounts/{}/lock", Right.ACCOUNTS),
    ("POST", "/console/accounts/{}/unlock", Right.ACCOUNTS),
    ("POST", "/console/accounts/{}/role", Right.ACCOUNTS),
]


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_address_for_every_role(
    door: FrontDoor,
    http: httpx.AsyncClient,
    role: Role | None,
    address: tuple[str, str, Right],
) -> None:
    method, path, right = address
    target = await door.hire("target", Role.VIEWER)
    csrf = ""
    if role is not None:
        await door.hire("somebody", role)
        await sign_in(door, http, "somebody")
        operator = await door.guard.anybody(_request(http))
        csrf = operator.csrf
    before = await door.logged()
    form = {"csrf": csrf} | ({"role": "operator"} if path.endswith("role") else {})
    answer = await http.request(
        method, path.format(target.account), data=form if method == "POST" else None, headers=OURS
    )
    if role is None:
        assert answer.headers["location"] == LOGIN
    elif right not in RIGHTS[role]:
        assert answer.status_code == 403
        assert DE["trouble"]["right"] in answer.text
    else:
        assert answer.status_code == (200 if method == "GET" else 303)
        assert answer.headers.get("location", "/console/accounts") == "/console/accounts"
        assert len(await door.logged()) == len(before) + 1
        return
    assert await door.logged() == before
    assert await door.accounts.find("target") == target


def _request(http: httpx.AsyncClient) -> HTTPConnection:
    cookie = f"__Host-console={http.cookies['__Host-console']}".encode()
    return HTTPConnection({"type": "http", "headers": [(b"cookie", cookie)]})


@pytest.mark.parametrize("role", [*Role])
async def test_c22_nobody_reads_calls_and_the_log_of_who_read_them(role: Role) -> None:
    assert not {Right.READ_WORDS, Right.ACCESS_LOG} <= RIGHTS[role]


async def test_a_role_this_program_does_not_know_may_do_nothing(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    found = await door.accounts.find("otto")
    assert found is not None
    await door.accounts.change_role(found.account, "emperor")
    kept = await door.accounts.secrets("otto")
    assert kept is not None
    assert await door.sessions.begin(*kept, 10**9, "t" * 43, door.now)
    officer.cookies.clear()
    officer.cookies.set("__Host-console", "t" * 43)
    assert (await officer.get("/console/access")).status_code == 403


# -- other sites -----------------------------------------------------------------------------------


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
async def test_a_request_of_another_site_is_refused_though_it_has_the_cookie(
    door: FrontDoor, officer: httpx.AsyncClient, site: str
) -> None:
    before = await door.logged()
    answer = await officer.get("/console/access", headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert await door.logged() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": {"Origin": "https://evil.example"}},
        {"headers": {"Origin": "null"}},
        {"headers": OURS | {"Sec-Fetch-Site": "cross-site"}},
        {"csrf": ""},
        {"csrf": "0" * 64},
        {"csrf": "ü\x00"},
        {"csrf": "another session's"},
    ],
)
async def test_a_form_that_another_site_sends_changes_nothing(
    door: FrontDoor, administrator: httpx.AsyncClient, changes: dict[str, Any]
) -> None:
    account = await door.accounts.find("anna")
    assert account is not None
    csrf = csrf_in((await administrator.get("/console/accounts")).text)
    if changes.get("csrf") == "another session's":
        async with browsing(door) as other:
            await sign_in(door, other, "ada")
            csrf = csrf_in((await other.get("/console/accounts")).text)
    elif "csrf" in changes:
        csrf = str(changes["csrf"])
    before = await door.logged()
    answer = await administrator.post(
        f"/console/accounts/{account.account}/lock",
        data={"csrf": csrf},
        headers=changes.get("headers", OURS),
    )
    assert answer.status_code == 403
    assert await door.accounts.find("anna") == account
    assert await door.logged() == before


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://agent.example"])
async def test_c22_a_socket_that_another_site_opens_is_refused(
    door: FrontDoor, http: httpx.AsyncClient, origin: str | None
) -> None:
    await sign_in(door, http)
    headers = {"Cookie": f"__Host-console={http.cookies['__Host-console']}"}
    await asyncio.to_thread(insist_refused, door, headers | ({"Origin": origin} if origin else {}))


async def test_c22_a_socket_of_our_own_page_is_opened(
    door: FrontDoor, http: httpx.AsyncClient
) -> None:
    await sign_in(door, http)
    headers = OURS | {"Cookie": f"__Host-console={http.cookies['__Host-console']}"}
    assert await asyncio.to_thread(greeting, door, headers) == "Anna Beispiel"


async def test_c22_a_socket_without_a_session_or_a_right_is_refused(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    await asyncio.to_thread(insist_refused, door, OURS)
    theirs = OURS | {"Cookie": f"__Host-console={officer.cookies['__Host-console']}"}
    await asyncio.to_thread(insist_refused, door, theirs)


def greeting(door: FrontDoor, headers: dict[str, str]) -> str:
    client = TestClient(door.app, base_url=ORIGIN)
    with client.websocket_connect("/console/socket", headers=headers) as socket:
        return str(socket.receive_text())


def insist_refused(door: FrontDoor, headers: dict[str, str]) -> None:
    with pytest.raises(WebSocketDisconnect):
        greeting(door, headers)


# -- the log ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/console/access", "/console/access.csv", "/console/accounts"])
async def test_c22_a_look_that_cannot_be_written_down_shows_nothing(
    door: FrontDoor,
    officer: httpx.AsyncClient,
    administrator: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    async def away(*_: object) -> None:
        raise RecordsUnavailable("the access log cannot be read or written")

    monkeypatch.setattr(door.access, "note", away)
    http = administrator if path.endswith("accounts") else officer
    answer = await http.get(path)
    assert answer.status_code == 503
    assert "Anna" not in answer.text
    assert "sign_in" not in answer.text


async def test_c22_a_change_that_cannot_be_written_down_is_not_made(
    door: FrontDoor, administrator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await door.accounts.find("anna")
    assert account is not None
    csrf = csrf_in((await administrator.get("/console/accounts")).text)

    async def away(*_: object) -> None:
        raise RecordsUnavailable("the access log cannot be read or written")

    monkeypatch.setattr(door.access, "note", away)
    path = f"/console/accounts/{account.account}/lock"
    answer = await administrator.post(path, data={"csrf": csrf}, headers=OURS)
    assert answer.status_code == 503
    assert await door.accounts.find("anna") == account


async def test_the_port_says_which_role_has_no_right(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    with pytest.raises(NotAllowed):
        await door.guard.operator(_request(officer), Right.READ_WORDS)
