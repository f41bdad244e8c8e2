"""Signing in and out by the pages, with everything somebody may try instead."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from tests.console.front_door import (
    ORIGIN,
    PASSWORD,
    FrontDoor,
    browsing,
    csrf_in,
    opened,
    sign_in,
    ten,
)
from voice_agent.console.role import Role
from voice_agent.console.texts import load
from voice_agent.console.view import HEADERS
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.tables import operator_sessions, operators

pytestmark = pytest.mark.integration  # a real database on a real disk

DE = load("de")
OURS = {"Origin": ORIGIN}
SCRIPT = "<script>alert(1)</script>\"'&{{7*7}}"


async def post(http: httpx.AsyncClient, form: dict[str, str], **headers: str) -> httpx.Response:
    return await http.post("/console/login", data=form, headers=OURS | headers)


# -- in and out ------------------------------------------------------------------------------------


async def test_whoever_knows_all_three_is_in_and_it_is_written_down(
    door: FrontDoor, http: httpx.AsyncClient
) -> None:
    answer = await sign_in(door, http)
    assert answer.headers["location"] == "/console"
    kept = answer.headers["set-cookie"]
    assert kept.startswith("__Host-console=")
    for part in ("HttpOnly", "Path=/", "SameSite=strict", "Secure"):
        assert part in kept
    assert "Domain" not in kept
    assert await door.logged() == [("operator", "sign_in", "")]


async def test_without_https_the_cookie_has_a_plainer_name(tmp_path: Path) -> None:
    async with opened(tmp_path, "http://127.0.0.1:8080") as door, browsing(door) as http:
        await door.hire()
        kept = (await sign_in(door, http)).headers["set-cookie"]
    assert kept.startswith("console=")
    assert "Secure" not in kept


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (Role.VIEWER, "/console"),
        (Role.OPERATOR, "/console"),
        (Role.SUPERVISOR, "/console"),
        (Role.OFFICER, "/console/access"),
        (Role.ADMINISTRATOR, "/console/accounts"),
    ],
)
async def test_everybody_begins_where_they_have_something_to_do(
    door: FrontDoor, http: httpx.AsyncClient, role: Role, home: str
) -> None:
    await door.hire("berta", role)
    assert (await sign_in(door, http, "berta")).headers["location"] == home
    again = await http.get("/console/login")
    assert (again.status_code, again.headers["location"]) == (303, home)


async def test_signing_out_ends_the_session_on_every_worker(
    door: FrontDoor, http: httpx.AsyncClient
) -> None:
    otto = await door.hire("otto", Role.OFFICER)
    await sign_in(door, http, "otto")
    page = await http.get("/console/access")
    assert door.off == []
    cookie = http.cookies["__Host-console"]
    left = await http.post("/console/logout", data={"csrf": csrf_in(page.text)}, headers=OURS)
    assert (left.status_code, left.headers["location"]) == (303, "/console/login")
    assert door.off == [otto.account]
    async with browsing(door, app=door.worker()) as other:
        other.cookies.set("__Host-console", cookie)
        assert (await other.get("/console/access")).headers["location"] == "/console/login"
    assert (await door.logged())[-1] == ("officer", "sign_out", "")


# -- what is wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"login": "nobody"},
        {"login": "x" * 65},
        {"login": ""},
        {"login": "' or 1=1 --"},
        {"password": "wrong horse battery"},
        {"password": ""},
        {"code": "000000"},
        {"code": ""},
        {"code": "٠٠٠٠٠٠"},
        {"code": "123456789"},
    ],
)
async def test_whatever_is_wrong_the_answer_is_the_same(
    door: FrontDoor, http: httpx.AsyncClient, wrong: dict[str, str]
) -> None:
    answer = await post(http, door.form(**wrong))
    usual = await post(http, door.form(password="also a wrong one"))
    assert answer.status_code == usual.status_code == 403
    assert answer.text == usual.text
    assert DE["login"]["wrong"] in answer.text
    assert "set-cookie" not in answer.headers
    assert [action for _, action, _ in await door.logged()] == ["sign_in.refused"] * 2


async def test_nothing_that_was_typed_comes_back(door: FrontDoor, http: httpx.AsyncClient) -> None:
    answer = await post(http, door.form(login=SCRIPT[:30], password=SCRIPT))
    assert "script>" not in answer.text
    assert "alert(1)" not in answer.text
    assert PASSWORD not in answer.text


async def test_a_code_is_good_for_one_sign_in(door: FrontDoor, http: httpx.AsyncClient) -> None:
    form = door.form()
    assert (await post(http, form)).status_code == 303
    assert (await post(http, form)).status_code == 403
    door.pass_time(seconds=25)
    assert (await post(http, form)).status_code == 403


async def test_of_ten_sign_ins_with_one_code_at_once_one_is_in(door: FrontDoor) -> None:
    async with ten(door) as browsers:
        answers = await asyncio.gather(*(post(each, door.form()) for each in browsers))
    assert sorted(answer.status_code for answer in answers) == [303] + [403] * 9


async def test_a_locked_account_is_told_what_a_wrong_password_is(
    door: FrontDoor, http: httpx.AsyncClient
) -> None:
    found = await door.accounts.find("anna")
    assert found is not None
    await door.accounts.lock(found.account, locked=True)
    wrong = await post(http, door.form(password="wrong horse battery"))
    right = await post(http, door.form())
    assert right.status_code == 403
    assert right.text == wrong.text


async def test_ten_wrong_tries_and_the_eleventh_waits_wherever_it_comes_from(
    door: FrontDoor,
) -> None:
    async with ten(door) as browsers:
        wrong = door.form(password="wrong horse battery")
        assert {
            a.status_code for a in await asyncio.gather(*(post(b, wrong) for b in browsers))
        } == {403}
        late = await post(browsers[0], door.form())
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) >= 1
    assert DE["login"]["throttled"] in late.text


async def test_one_address_has_twenty_tries_a_minute(
    door: FrontDoor, http: httpx.AsyncClient
) -> None:
    tries = [post(http, door.form(login=f"nobody{number}")) for number in range(21)]
    codes = sorted(answer.status_code for answer in await asyncio.gather(*tries))
    assert codes == [403] * 20 + [429]


# -- strange requests ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://agent.example"},
        {"Origin": "https://agent.example:8443"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_sign_in_that_another_site_sends_is_not_looked_at(
    door: FrontDoor, http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await http.post("/console/login", data=door.form(), headers=headers)
    assert answer.status_code == 403
    assert DE["login"]["site"] in answer.text
    assert await door.logged() == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("login=anna&password=" + "x" * 1_000_000, "application/x-www-form-urlencoded", 413),
        ("login=anna&password=" + "x" * 5_000, "application/x-www-form-urlencoded", 413),
        ("login=anna&login=berta&password=x&code=1", "application/x-www-form-urlencoded", 400),
        ("login=anna", "application/x-www-form-urlencoded", 400),
        ("login=%FF&password=x&code=1&language=de", "application/x-www-form-urlencoded", 400),
        ('{"login": "anna"}', "application/json", 415),
    ],
)
async def test_a_form_that_is_none_of_ours_is_refused(
    door: FrontDoor, http: httpx.AsyncClient, body: str, kind: str, status: int
) -> None:
    headers = OURS | {"Content-Type": kind}
    answer = await http.post("/console/login", content=body, headers=headers)
    assert answer.status_code == status
    assert await door.logged() == []


async def test_every_answer_has_the_headers_that_keep_it_safe(
    door: FrontDoor, http: httpx.AsyncClient
) -> None:
    answers = [
        await http.get("/console/login"),
        await http.get("/console/access"),
        await post(http, door.form(code="1")),
        await sign_in(door, http),
        await http.get("/console/access"),
    ]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_page_is_in_the_language_of_the_browser_or_the_one_chosen(
    http: httpx.AsyncClient, language: str
) -> None:
    chosen = await http.get(f"/console/login?language={language}")
    accepted = await http.get("/console/login", headers={"Accept-Language": f"{language}-CH,en"})
    for page in (chosen, accepted):
        assert f'<html lang="{language}">' in page.text
        assert load(language)["login"]["title"] in page.text


# -- sessions --------------------------------------------------------------------------------------


async def test_only_the_hash_of_a_session_is_kept(door: FrontDoor, http: httpx.AsyncClient) -> None:
    await sign_in(door, http)
    token = http.cookies["__Host-console"]
    async with door.database.begin() as connection:
        rows = (await connection.execute(select(operator_sessions))).all()
        people = (await connection.execute(select(operators))).all()
    assert len(rows) == 1
    assert len(token) == 43
    assert token not in str(rows)
    assert PASSWORD not in str(people)
    assert door.secrets["anna"] not in str(people)
    # Whoever read the database holds nothing that gets them in.
    async with browsing(door) as thief:
        thief.cookies.set("__Host-console", rows[0].token_sha256)
        assert (await thief.get("/console/access")).headers["location"] == "/console/login"


async def test_a_session_that_was_planted_before_is_not_the_one_after(
    door: FrontDoor, http: httpx.AsyncClient
) -> None:
    http.cookies.set("__Host-console", "p" * 43)
    answer = await sign_in(door, http)
    assert "p" * 43 not in answer.headers["set-cookie"]
    async with browsing(door) as planter:
        planter.cookies.set("__Host-console", "p" * 43)
        assert (await planter.get("/console/access")).headers["location"] == "/console/login"


async def test_signing_in_again_ends_the_session_before(
    door: FrontDoor, http: httpx.AsyncClient
) -> None:
    await door.hire("otto", Role.OFFICER)
    await sign_in(door, http, "otto")
    before = http.cookies["__Host-console"]
    await sign_in(door, http, "otto")
    assert http.cookies["__Host-console"] != before
    async with browsing(door) as old:
        old.cookies.set("__Host-console", before)
        assert (await old.get("/console/access")).headers["location"] == "/console/login"


async def test_ten_sessions_of_one_account_live_beside_each_other(door: FrontDoor) -> None:
    await door.hire("otto", Role.OFFICER)
    async with ten(door) as browsers:
        for each in browsers:
            await sign_in(door, each, "otto")
        seen = await asyncio.gather(*(each.get("/console/access") for each in browsers))
    assert [page.status_code for page in seen] == [200] * 10
    assert len({csrf_in(page.text) for page in seen}) == 10


async def test_when_the_log_cannot_be_written_nobody_is_in(
    door: FrontDoor, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise RecordsUnavailable("the access log cannot be read or written")

    monkeypatch.setattr(door.access, "note", away)
    answer = await post(http, door.form())
    assert answer.status_code == 503
    assert DE["login"]["away"] in answer.text
    assert "set-cookie" not in answer.headers
