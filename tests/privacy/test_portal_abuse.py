"""Bad input: wrong links, guesses, strange forms, and a database that goes away."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import event, select, update

from tests.privacy.portal_house import CALL, FORM, PortalHouse, Visitor, records_away, visiting
from voice_agent.privacy.texts import load
from voice_agent.privacy.view import HEADERS
from voice_agent.runtime.portal import LINK_LIFETIME, Refusal
from voice_agent.storage.portal import MOST_LOOKUPS
from voice_agent.storage.tables import (
    consent_withdrawals,
    ledger_entries,
    messages,
    portal_links,
    sealed_numbers,
)

pytestmark = pytest.mark.integration  # a real database on a real disk

DE = load("de")
SCRIPT = "<script>alert(1)</script>\"'&{{7*7}}"


async def standing(house: PortalHouse) -> tuple[object, ...]:
    """Everything the portal's tables hold."""
    async with house.database.begin() as connection:
        found = []
        for table in (portal_links, sealed_numbers, consent_withdrawals, messages):
            rows = await connection.execute(select(table))
            found.append(tuple(map(tuple, rows.all())))
        return tuple(found)


# -- links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/p", "/p?x", "/p?token={}", "/p/withdraw", "/p/erased?session={}"]
)
async def test_c21_nothing_but_a_post_changes_anything(
    house: PortalHouse, visitor: Visitor, method: str, path: str
) -> None:
    """Previews and crawlers follow links; they do not post forms."""
    await house.consent()
    token = await house.link()
    before = await standing(house)
    response = await visitor.http.request(method, path.format(token))
    assert response.status_code in {200, 405}
    assert await standing(house) == before
    assert (await visitor.enter(token)).status_code == 200


@pytest.mark.parametrize("wrong", ["", " ", "x", "#", SCRIPT, "ü" * 22, "A" * 21, "A" * 23])
async def test_c21_a_wrong_or_cut_link_is_refused_with_a_reason(
    house: PortalHouse, visitor: Visitor, wrong: str
) -> None:
    token = await house.link()
    for attempt in (wrong, wrong + token[:-1]):
        assert (await visitor.enter(attempt)).status_code == 403
        assert DE["enter"]["trouble"]["unknown"] in visitor.text
        assert "<script>alert" not in visitor.text
    assert (await visitor.enter(token)).status_code == 200


async def test_c21_an_expired_and_a_used_link_are_told_apart(
    house: PortalHouse, visitor: Visitor
) -> None:
    token = await house.link()
    await visitor.enter(token)
    async with visiting(house) as thief:
        assert (await thief.enter(token)).status_code == 403
        assert DE["enter"]["trouble"]["used"] in thief.text
    house.now += LINK_LIFETIME
    assert (await visitor.enter(token)).status_code == 403
    assert DE["enter"]["trouble"]["expired"] in visitor.text


async def test_c21_a_link_shows_its_own_call_and_no_other(
    house: PortalHouse, visitor: Visitor
) -> None:
    await house.consent()
    await house.call("CA" + "f" * 32)
    await visitor.enter(await house.link("CA" + "f" * 32))
    assert DE["standing"]["none"]["badge"] in visitor.text
    await visitor.post("withdraw", {"session": visitor.session, "language": "de", "call_id": CALL})
    assert await house.ledger.withdrawn([CALL]) == frozenset()


async def test_c21_of_two_pages_that_exchange_at_once_one_gets_in(house: PortalHouse) -> None:
    token = await house.link()
    async with visiting(house) as one, visiting(house) as other:
        await one.look()
        await other.look()
        pages = await asyncio.gather(one.press("", token=token), other.press("", token=token))
    assert sorted(page.status_code for page in pages) == [200, 403]


async def test_a_double_click_at_the_entrance_gets_in_once(
    house: PortalHouse, visitor: Visitor
) -> None:
    token = await house.link()
    await visitor.look()
    form = visitor.form("/p") | {"token": token}
    pages = await asyncio.gather(*(visitor.http.post("/p", data=form) for _ in range(3)))
    assert [page.status_code for page in pages] == [200] * 3
    assert len({page.text for page in pages}) == 1


# -- guesses ---------------------------------------------------------------------------------------


async def test_c21_ten_thousand_guesses_are_stopped_before_the_database(
    house: PortalHouse,
) -> None:
    """From one address ten are looked up; the owner of a link comes in all the same."""
    token = await house.link()
    asked: list[str] = []
    listener = house.database.engine.sync_engine
    event.listen(listener, "before_cursor_execute", lambda *given: asked.append(given[2]))
    codes: list[int] = []
    form = {"nonce": "n" * 22, "language": "de"}
    for number in range(50):
        async with visiting(house, f"198.51.100.{number}") as guesser:
            for _ in range(200):
                guess = {"token": secrets.token_urlsafe(16)}
                codes.append((await guesser.http.post("/p", data=form | guess)).status_code)
    assert len(codes) == 10_000
    assert codes.count(403) <= 300
    assert codes.count(429) == 10_000 - codes.count(403)
    assert len(asked) <= 50 * 10 * 6
    async with visiting(house, "203.0.113.9") as owner:
        page = await owner.enter("x" * 22)
        assert page.status_code == 429
        assert 1 <= int(page.headers["retry-after"]) <= 60
        assert DE["limited"]["title"] in page.text
        assert (await owner.enter(token)).status_code == 200
        assert (await owner.press("notice")).status_code == 200


async def test_c21_however_many_guess_few_are_looked_up_at_once(house: PortalHouse) -> None:
    busy: list[int] = [0]
    engine = house.database.engine.sync_engine
    event.listen(engine, "checkout", lambda *_: busy.append(busy[-1] + 1))
    event.listen(engine, "checkin", lambda *_: busy.append(busy[-1] - 1))
    guesses = (house.links.exchange("x" * 22, "y" * 43, house.now) for _ in range(60))
    assert set(await asyncio.gather(*guesses)) == {Refusal.UNKNOWN}
    assert 1 < max(busy) <= MOST_LOOKUPS


async def test_c21_one_guesser_does_not_keep_others_out(house: PortalHouse) -> None:
    async with visiting(house) as guesser:
        codes = [(await guesser.enter(f"{number:022d}")).status_code for number in range(30)]
    assert codes == [403] * 10 + [429] * 20
    async with visiting(house, "203.0.113.9") as owner:
        assert (await owner.enter(await house.link())).status_code == 200


async def test_c21_guesses_at_sessions_are_stopped_too(house: PortalHouse) -> None:
    async with visiting(house) as guesser:
        codes = [
            (
                await guesser.post(
                    "overview", {"session": secrets.token_urlsafe(32), "language": "de"}
                )
            ).status_code
            for _ in range(20)
        ]
    assert codes == [403] * 10 + [429] * 10


@pytest.mark.parametrize("session", ["", "x", "x" * 42, "x" * 44, "ü" * 43, SCRIPT, "%00"])
async def test_a_strange_session_is_no_session(visitor: Visitor, session: str) -> None:
    page = await visitor.post("withdraw", {"session": session, "language": SCRIPT})
    assert page.status_code == 403
    assert "<script>alert" not in page.text


# -- forms -----------------------------------------------------------------------------------------


async def test_script_in_every_field_is_only_text(house: PortalHouse, visitor: Visitor) -> None:
    await house.consent()
    await visitor.look()
    for field in ("token", "nonce", "language"):
        page = await visitor.http.post(
            "/p", data=visitor.form("/p") | {"token": "x", field: SCRIPT}
        )
        assert "<script>alert" not in page.text
        assert "{{7*7}}" not in page.text or "&lt;script&gt;" in page.text
    await visitor.enter(await house.link())
    session = visitor.session
    for step, fields in {
        "overview": {},
        "code": {"aim": SCRIPT},
        "verify": {"aim": SCRIPT},
    }.items():
        form = {"session": session, "language": SCRIPT, **fields}
        page = await visitor.post(step, form | ({"code": SCRIPT} if step == "verify" else {}))
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def body(**fields: str) -> bytes:
    """A form as it is sent."""
    return str(httpx.QueryParams(fields)).encode()


WHOLE = body(session="x" * 43, language="de")

STRANGE = {
    "nothing": (b"", FORM, 400),
    "a missing field": (body(session="x" * 43), FORM, 400),
    "an unknown field": (WHOLE + b"&admin=1", FORM, 400),
    "a field twice": (WHOLE + b"&session=y", FORM, 400),
    "ten thousand fields": (WHOLE + b"&a=1" * 900, FORM, 400),
    "no form": (b"\x00\xff\xfe", FORM, 400),
    "bad UTF-8": (b"session=%ff%fe&language=de", FORM, 400),
    "four KiB": (WHOLE + b"&a=" + b"a" * 4096, FORM, 413),
    "one MB": (b"session=" + b"a" * 1_000_000, FORM, 413),
    "JSON": (json.dumps({"session": "x" * 43}).encode(), "application/json", 415),
    "text": (WHOLE, "text/plain", 415),
    "no kind": (WHOLE, "", 415),
    "a multipart form": (b"--b\r\n\r\n--b--", "multipart/form-data; boundary=b", 415),
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE.keys())
@pytest.mark.parametrize("path", ["/p", "/p/withdraw", "/p/erased"])
async def test_a_strange_form_is_refused_and_changes_nothing(
    house: PortalHouse, visitor: Visitor, strange: tuple[bytes, str, int], path: str
) -> None:
    content, kind, status = strange
    before = await standing(house)
    page = await visitor.http.post(path, content=content, headers={"content-type": kind})
    assert page.status_code == status
    assert await standing(house) == before


async def test_a_body_that_never_ends_is_refused(visitor: Visitor) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"a" * 1024

    page = await visitor.http.post("/p", content=endless(), headers={"content-type": FORM})
    assert page.status_code == 413


async def test_there_is_no_other_page(visitor: Visitor) -> None:
    for path in ("/p/x", "/p/notice.css", "/p/portal.html", "/p/layout.html"):
        assert (await visitor.look(path)).status_code == 404
        assert (await visitor.http.post(path, data={})).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/p/", 200),
        ("PUT", "/p", 405),
        ("DELETE", "/p/", 405),
        ("PATCH", "/p/withdraw", 405),
        ("POST", "/p/portal.css", 404),
        ("GET", "/p/a/b", 404),
        ("OPTIONS", "/p/x", 404),
    ],
)
async def test_c21_every_answer_below_p_has_the_headers(
    visitor: Visitor, method: str, path: str, status: int
) -> None:
    page = await visitor.http.request(method, path)
    assert page.status_code == status
    assert {name: page.headers[name] for name in HEADERS} == HEADERS


# -- headers ---------------------------------------------------------------------------------------


async def test_c21_every_page_is_private_sets_no_cookie_and_loads_nothing_from_elsewhere(
    house: PortalHouse, visitor: Visitor
) -> None:
    await house.consent()
    pages = [await visitor.look(), await visitor.look("/p/x"), await visitor.enter("wrong")]
    pages.append(await visitor.enter(await house.link()))
    steps = ("receipt", "overview", "notice", "overview", "access", "code")
    pages += [await visitor.press(step) for step in steps]
    pages += [await visitor.http.get(f"/p/{file}") for file in ("portal.css", "portal.js")]
    for page in pages:
        for name, value in HEADERS.items():
            if name != "Cache-Control" or not page.url.path.endswith((".css", ".js")):
                assert page.headers[name] == value
        assert "set-cookie" not in page.headers
        assert not re.search(r"(https?:)?//(?! )|url\(|@import|style=| on[a-z]+=", page.text)
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "form-action 'self'" in policy


# -- without the records ---------------------------------------------------------------------------

STEPS = ["overview", "receipt", "receipt.jsonld", "notice", "withdraw", "access", "erase", "erased"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("table", ["portal_links", "ledger_entries"])
async def test_without_the_database_every_step_says_so_and_nothing_is_half_done(
    house: PortalHouse, visitor: Visitor, step: str, table: str
) -> None:
    await house.consent()
    await visitor.enter(await house.link())
    form = {"session": visitor.session, "language": "de"}
    async with house.database.begin() as connection:
        await connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO gone")
    page = await visitor.post(step, form)
    needed = table == "portal_links" or step not in {"access", "erase", "erased"}
    assert page.status_code == (503 if needed else 200)
    if needed:
        assert DE["away"]["title"] in page.text
        assert visitor.form(f"/p/{step}") == form
        assert visitor.form("/p/overview")["session"] == form["session"]
    async with house.database.begin() as connection:
        await connection.exec_driver_sql(f"ALTER TABLE gone RENAME TO {table}")
    assert await house.ledger.withdrawn([CALL]) == frozenset()
    assert house.rights.erased == []


async def test_c21_a_link_tried_while_the_database_is_away_still_opens_afterwards(
    house: PortalHouse, visitor: Visitor
) -> None:
    token = await house.link()
    await visitor.look()
    form = visitor.form("/p") | {"token": token}
    async with house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE portal_links RENAME TO gone")
    assert (await visitor.press("", token=token)).status_code == 503
    assert visitor.form("/p") == form
    async with house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO portal_links")
    assert (await visitor.press("")).status_code == 200


async def test_c16_a_withdrawal_that_cannot_be_written_is_admitted_and_done_by_asking_again(
    house: PortalHouse, visitor: Visitor
) -> None:
    await house.consent()
    await visitor.enter(await house.link())
    form = visitor.form("/p/withdraw")
    async with house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE consent_withdrawals RENAME TO gone")
    assert (await visitor.post("withdraw", form)).status_code == 503
    assert DE["away"]["lead"] in visitor.text
    async with house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO consent_withdrawals")
    assert (await visitor.post("withdraw", form)).status_code == 200
    assert await house.ledger.withdrawn([CALL]) == {CALL}


async def test_c16_a_record_that_cannot_be_read_can_be_withdrawn_all_the_same(
    house: PortalHouse, visitor: Visitor
) -> None:
    await house.consent()
    async with house.database.begin() as connection:
        await connection.execute(update(ledger_entries).values(sealed=b"damaged"))
    assert (await visitor.enter(await house.link())).status_code == 200
    assert DE["standing"]["unreadable"]["sentence"] in visitor.text
    assert (await visitor.press("withdraw")).status_code == 200
    assert DE["overview"]["withdrawn"] in visitor.text
    assert DE["standing"]["withdrawn_unreadable"]["sentence"] in visitor.text
    assert await house.ledger.withdrawn([CALL]) == {CALL}


async def test_whoever_tried_too_often_goes_on_afterwards(
    house: PortalHouse, visitor: Visitor
) -> None:
    await house.consent()
    await visitor.enter(await house.link())
    await visitor.press("access")
    await visitor.press("code")
    for _ in range(11):
        await visitor.press("verify", code="x")
    assert DE["limited"]["title"] in visitor.text
    assert visitor.form("/p/verify")["code"] == "x"
    assert (await visitor.press("overview")).status_code == 200


async def test_a_strange_form_that_names_its_session_leads_back(
    house: PortalHouse, visitor: Visitor
) -> None:
    await visitor.enter(await house.link())
    form = {"session": visitor.session, "language": "de", "more": "x"}
    assert (await visitor.post("receipt", form)).status_code == 400
    assert (await visitor.press("overview")).status_code == 200


async def test_c20_rights_that_cannot_be_granted_now_are_admitted(
    house: PortalHouse, visitor: Visitor
) -> None:
    await house.consent()
    await visitor.enter(await house.link())
    await visitor.press("access")
    await visitor.press("code")
    house.rights.fault = records_away()
    form = visitor.form("/p/verify") | {"code": house.code}
    assert (await visitor.post("verify", form)).status_code == 503
    house.rights.fault = None
    assert (await visitor.post("verify", form)).status_code == 200  # the code was right
    assert DE["access"]["title"] in visitor.text
