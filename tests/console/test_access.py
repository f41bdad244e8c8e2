"""The officer's page: newest first, by account, call and day, as a file; names that are scripts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.console.front_door import ORIGIN, FrontDoor, browsing, csrf_in, sign_in
from voice_agent.console.access_routes import PAGE, PART
from voice_agent.console.role import Role
from voice_agent.console.texts import load
from voice_agent.live.command import Verb
from voice_agent.live.snapshot import call_key
from voice_agent.runtime.accounts import Wanted

pytestmark = pytest.mark.integration  # a real database on a real disk

SCRIPT = "<script>alert(1)</script>\"'&{{7*7}}"
CALL = call_key("CA1")


@pytest.fixture
async def officer(door: FrontDoor) -> AsyncIterator[httpx.AsyncClient]:
    """The data-protection officer, signed in."""
    await door.hire("otto", Role.OFFICER, "Otto Amt")
    async with browsing(door) as http:
        await sign_in(door, http, "otto")
        yield http


async def look(door: FrontDoor, action: str = "call.read", call: str = CALL, times: int = 1) -> str:
    """Anna looks at a call; gives her account."""
    account = await door.accounts.find("anna")
    assert account is not None
    for _ in range(times):
        await door.access.note(account.account, account.role, action, call)
    return account.account


def shown(page: httpx.Response) -> list[str]:
    """What was done, as the page tells it, line by line."""
    return re.findall(r"<td>([^<]*)</td>\s*<td>(?:<a|</td>)", page.text)


async def test_c22_every_look_is_shown_newest_first_and_so_is_this_one(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    await look(door)
    door.pass_time(seconds=1)
    await look(door, "call.take_over")
    page = await officer.get("/console/access")
    words = load("de")["access"]["actions"]
    newest = ["access_log.read", "call.take_over", "call.read", "sign_in"]
    assert shown(page) == [words[each] for each in newest]
    assert "Anna Beispiel" in page.text
    assert CALL in page.text
    assert "2026-11-25 12:00:31" in page.text  # Berlin


async def test_entries_are_found_by_account_call_and_day(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    anna = await look(door)
    door.pass_time(hours=23)
    await look(door, "call.listen", call_key("CA2"))
    await sign_in(door, officer, "otto")
    for query, found in (
        ({"account": anna}, ["call.listen", "call.read"]),
        ({"call": CALL, "account": anna}, ["call.read"]),
        ({"call": call_key("CA2"), "account": anna}, ["call.listen"]),
        ({"day": "2026-11-25", "account": anna}, ["call.read"]),
        ({"day": "2026-11-26", "account": anna}, ["call.listen"]),
        ({"day": "2026-11-27"}, []),
    ):
        page = await officer.get("/console/access", params=query)
        words = load("de")["access"]["actions"]
        assert shown(page) == [words[each] for each in found], query


async def test_a_day_begins_and_ends_where_the_company_is(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    door.now = door.now.replace(hour=22, minute=59)
    anna = await look(door)
    door.pass_time(minutes=1)
    await look(door, "call.listen")
    await sign_in(door, officer, "otto")
    page = await officer.get("/console/access", params={"day": "2026-11-25", "account": anna})
    assert shown(page) == [load("de")["access"]["actions"]["call.read"]]


@pytest.mark.parametrize(
    "query",
    [
        {"account": "' or 1=1 --"},
        {"account": "A" * 32},
        {"call": SCRIPT},
        {"day": "2026-02-30"},
        {"day": "9999-12-31"},
        {"day": "٢٠٢٦-١١-٢٥"},
        {"before": "-1"},
        {"before": "9" * 40},
    ],
)
async def test_what_cannot_be_looked_for_is_told_and_shows_nothing(
    door: FrontDoor, officer: httpx.AsyncClient, query: dict[str, str]
) -> None:
    await look(door)
    page = await officer.get("/console/access", params=query)
    assert page.status_code == 400
    assert shown(page) == []
    assert "<script>" not in page.text
    assert (await officer.get("/console/access.csv", params=query)).status_code == 400


async def test_a_page_has_fifty_and_leads_to_the_older_ones(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    anna = await look(door, times=2 * PAGE + 1)
    counts, path = [], f"/console/access?account={anna}"
    while path:
        page = await officer.get(path)
        counts.append(len(shown(page)))
        found = re.search(r'href="(/console/access\?[^"]*before=[0-9]+)"', page.text)
        path = "" if found is None else found[1].replace("&amp;", "&")
    assert counts == [PAGE, PAGE, 1]


async def test_the_file_has_every_entry_however_many_there_are(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    anna = await look(door, times=PART + 1)
    answer = await officer.get("/console/access.csv", params={"account": anna})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(rows) == PART + 1
    assert {row["object_id"] for row in rows} == {CALL}
    assert [int(row["number"]) for row in rows] == sorted(
        (int(row["number"]) for row in rows), reverse=True
    )
    (newest,) = await door.access.entries(Wanted(most=1))
    assert newest.action == "access_log.export"


async def test_script_in_a_name_is_shown_as_what_it_is(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    account = await door.hire("eve", Role.OPERATOR, SCRIPT)
    await door.hire("ada", Role.ADMINISTRATOR, "Ada Amt")
    await door.access.note(account.account, "operator", SCRIPT, "")
    page = await officer.get("/console/access")
    await sign_in(door, officer, "ada")
    accounts = await officer.get("/console/accounts")
    for each in (page, accounts):
        assert each.status_code == 200
        assert "<script>" not in each.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in each.text
        assert "{{7*7}}" in each.text


async def test_a_name_that_is_a_formula_is_none_in_the_file(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    account = await door.hire("eve", Role.OPERATOR, '=HYPERLINK("x")')
    await door.access.note(account.account, "operator", "call.read", CALL)
    answer = await officer.get("/console/access.csv", params={"call": CALL})
    export, row = csv.DictReader(io.StringIO(answer.text))
    assert export["name"] == "Otto Amt"
    assert row["name"] == '\'=HYPERLINK("x")'


async def test_what_somebody_did_is_known_when_their_account_is_gone(
    door: FrontDoor, officer: httpx.AsyncClient
) -> None:
    await door.access.note("f" * 32, "operator", "call.read", CALL)
    await door.access.note(None, "", "sign_in.refused", "")
    page = await officer.get("/console/access")
    assert "f" * 32 in page.text
    assert load("de")["access"]["unknown"] in page.text


@pytest.mark.parametrize("language", ["de", "en"])
def test_c22_every_order_to_a_call_has_a_word_in_the_log(language: str) -> None:
    words = load(language)["access"]["actions"]
    noted = {f"call.{verb}" for verb in Verb} | {"overview.read", "duty.available", "duty.away"}
    assert sorted(noted - words.keys()) == []


# -- accounts --------------------------------------------------------------------------------------


async def test_an_administrator_locks_unlocks_and_changes_a_role(
    door: FrontDoor, http: httpx.AsyncClient
) -> None:
    await door.hire("ada", Role.ADMINISTRATOR, "Ada Amt")
    await sign_in(door, http, "ada")
    account = await door.accounts.find("anna")
    assert account is not None
    csrf = csrf_in((await http.get("/console/accounts")).text)
    path, ours = f"/console/accounts/{account.account}", {"Origin": ORIGIN}
    await http.post(f"{path}/lock", data={"csrf": csrf}, headers=ours)
    locked = await door.accounts.find("anna")
    assert door.off == [account.account]
    await http.post(f"{path}/unlock", data={"csrf": csrf}, headers=ours)
    await http.post(f"{path}/role", data={"csrf": csrf, "role": "supervisor"}, headers=ours)
    changed = await door.accounts.find("anna")
    assert locked is not None
    assert locked.locked
    assert changed is not None
    assert (changed.locked, changed.role) == (False, "supervisor")
    assert (await door.logged())[-3:] == [
        ("administrator", f"account.{step}", account.account) for step in ("lock", "unlock", "role")
    ]


async def test_an_administrator_does_not_shut_themselves_out(
    door: FrontDoor, http: httpx.AsyncClient
) -> None:
    account = await door.hire("ada", Role.ADMINISTRATOR, "Ada Amt")
    await sign_in(door, http, "ada")
    csrf = csrf_in((await http.get("/console/accounts")).text)
    path = f"/console/accounts/{account.account}/lock"
    answer = await http.post(path, data={"csrf": csrf}, headers={"Origin": ORIGIN})
    assert answer.status_code == 409
    assert (await http.get("/console/accounts")).status_code == 200


@pytest.mark.parametrize(
    ("account", "form", "status"),
    [("f" * 32, {}, 404), ("x' or 1=1", {}, 404), (None, {"role": "emperor"}, 400)],
)
async def test_what_no_page_sends_changes_nothing(
    door: FrontDoor,
    http: httpx.AsyncClient,
    account: str | None,
    form: dict[str, str],
    status: int,
) -> None:
    await door.hire("ada", Role.ADMINISTRATOR, "Ada Amt")
    anna = await door.accounts.find("anna")
    assert anna is not None
    await sign_in(door, http, "ada")
    csrf = csrf_in((await http.get("/console/accounts")).text)
    step = "role" if form else "lock"
    path = f"/console/accounts/{account or anna.account}/{step}"
    answer = await http.post(path, data={"csrf": csrf} | form, headers={"Origin": ORIGIN})
    assert answer.status_code == status
    assert await door.accounts.find("anna") == anna
