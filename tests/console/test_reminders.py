"""The page of reminders: who sees what of them, who stops them, and what is written down."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import select

from tests.console.reminder_house import PLACE, ReminderHouse, opened, texts
from tests.databases import ON_SQLITE, address, database, empty_address, file, kind
from tests.outbound.company import NOW
from tests.storage.household import PEOPLE
from tests.storage.remindings import number_of
from voice_agent.console.role import Role
from voice_agent.console.texts import load
from voice_agent.runtime.form import MOST_BYTES
from voice_agent.storage.database import Database
from voice_agent.storage.tables import do_not_call, reminders

__all__ = ["address", "database", "empty_address", "file", "kind"]

pytestmark = [pytest.mark.integration, ON_SQLITE]  # a real database on a real disk

EN = texts("en")
SUPERVISES = [Role.SUPERVISOR]
WORKS = [Role.OPERATOR, Role.SUPERVISOR]
SEES = [Role.VIEWER, *WORKS]


@pytest.fixture
async def house(database: Database) -> AsyncIterator[ReminderHouse]:
    async with opened(database) as house:
        yield house


@pytest.fixture
async def browser(house: ReminderHouse) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(house.app)
    reads = {"accept": "text/html"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://desk.test", headers=reads
    ) as client:
        yield client


async def steer(browser: httpx.AsyncClient, verb: str, csrf: str = "right-csrf") -> httpx.Response:
    return await browser.post(f"{PLACE}/{verb}", data={"csrf": csrf})


async def refuse(
    browser: httpx.AsyncClient, number: str, csrf: str = "right-csrf"
) -> httpx.Response:
    return await browser.post("/console/do-not-call", data={"csrf": csrf, "number": number})


async def is_paused(house: ReminderHouse) -> bool:
    return (await house.company.reminders.overview()).paused


# -- who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
async def test_who_sees_calls_sees_how_the_reminders_go(
    house: ReminderHouse, browser: httpx.AsyncClient, role: Role
) -> None:
    house.gate.role = role
    expected = 200 if role in SEES else 403
    for path in (PLACE, f"{PLACE}/now"):
        assert (await browser.get(path)).status_code == expected
    assert house.gate.noted == ([("reminders.read", "")] if role in SEES else [])


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("verb", ["pause", "resume"])
async def test_supervisors_stop_the_calls_and_nobody_else(
    house: ReminderHouse, browser: httpx.AsyncClient, role: Role, verb: str
) -> None:
    if verb == "resume":
        await house.company.reminders.pause()
    house.gate.role = role
    answer = await steer(browser, verb)
    assert answer.status_code == (303 if role in SUPERVISES else 403)
    assert await is_paused(house) is ((verb == "pause") is (role in SUPERVISES))
    assert house.gate.noted == ([(f"reminders.{verb}", "")] if role in SUPERVISES else [])


@pytest.mark.parametrize("role", list(Role))
async def test_supervisors_have_the_list_and_nobody_else(
    house: ReminderHouse, browser: httpx.AsyncClient, role: Role
) -> None:
    await house.company.fill(1)
    house.gate.role = role
    answer = await browser.get(f"{PLACE}.csv")
    assert answer.status_code == (200 if role in SUPERVISES else 403)
    assert answer.headers["content-type"].startswith(
        "text/csv" if role in SUPERVISES else "text/html"
    )
    assert house.gate.noted == ([("reminders.export", "")] if role in SUPERVISES else [])


@pytest.mark.parametrize("role", list(Role))
async def test_who_works_puts_numbers_on_the_list(
    house: ReminderHouse, browser: httpx.AsyncClient, role: Role
) -> None:
    house.gate.role = role
    answer = await refuse(browser, number_of(0))
    assert answer.status_code == (303 if role in WORKS else 403)
    assert await house.company.list.holds(number_of(0)) is (role in WORKS)
    assert house.gate.noted == ([("do_not_call.add", "")] if role in WORKS else [])


@pytest.mark.parametrize(
    ("role", "shown"),
    [(Role.VIEWER, []), (Role.OPERATOR, ["refuse"]), (Role.SUPERVISOR, ["pause", "refuse", "csv"])],
)
async def test_only_what_somebody_may_is_offered(
    house: ReminderHouse, browser: httpx.AsyncClient, role: Role, shown: list[str]
) -> None:
    house.gate.role = role
    page = (await browser.get(PLACE)).text
    offers = {
        "pause": f'action="{PLACE}/pause"',
        "refuse": 'action="/console/do-not-call"',
        "csv": f'href="{PLACE}.csv"',
    }
    assert [name for name, offer in offers.items() if offer in page] == shown


async def test_who_is_not_signed_in_is_led_to_the_sign_in(
    house: ReminderHouse, browser: httpx.AsyncClient
) -> None:
    house.gate.role = None
    for answer in (
        await browser.get(PLACE),
        await browser.get(f"{PLACE}.csv"),
        await steer(browser, "pause"),
        await refuse(browser, number_of(0)),
    ):
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")
    assert (await browser.get(f"{PLACE}/now", headers={"accept": "*/*"})).status_code == 401


@pytest.mark.parametrize("csrf", ["", "wrong"])
async def test_another_site_changes_nothing(
    house: ReminderHouse, browser: httpx.AsyncClient, csrf: str
) -> None:
    for answer in (
        await steer(browser, "pause", csrf),
        await steer(browser, "resume", csrf),
        await refuse(browser, number_of(0), csrf),
    ):
        assert answer.status_code == 403
    assert not await is_paused(house)
    assert await house.company.list.count() == 0
    assert house.gate.noted == []


FORM = "application/x-www-form-urlencoded"
NO_FORMS = [
    (b"csrf=" + b"x" * MOST_BYTES, FORM, 413),
    (b"csrf=right-csrf&number=1&more=1", FORM, 400),
    (b"\xff", FORM, 400),
    (b'{"csrf": "right-csrf"}', "application/json", 415),
]


@pytest.mark.parametrize("path", [f"{PLACE}/pause", f"{PLACE}/resume", "/console/do-not-call"])
@pytest.mark.parametrize("posted", NO_FORMS)
async def test_what_is_no_form_is_refused(
    house: ReminderHouse, browser: httpx.AsyncClient, path: str, posted: tuple[bytes, str, int]
) -> None:
    body, kind_, status = posted
    answer = await browser.post(path, content=body, headers={"content-type": kind_})
    assert answer.status_code == status
    assert house.gate.noted == []


async def test_following_a_link_changes_nothing(
    house: ReminderHouse, browser: httpx.AsyncClient
) -> None:
    for path in (f"{PLACE}/pause", f"{PLACE}/resume", "/console/do-not-call"):
        assert (await browser.get(path)).status_code == 405
    assert house.gate.noted == []


# -- what it shows ---------------------------------------------------------------------------------


async def test_the_day_is_told_in_words_and_as_a_table(
    house: ReminderHouse, browser: httpx.AsyncClient
) -> None:
    await house.work()
    page = (await browser.get(PLACE)).text
    for name in ("confirmed", "moved", "cancelled", "declined", "wrong_person", "listed"):
        assert EN["outcomes"][name] in page
    assert EN["whys"]["too_late"] in page
    assert page.count("<rect") > 10
    assert '<th scope="row">10:00</th><td>' in page
    assert "style=" not in page
    assert page.count("<li>") >= 5


async def test_without_a_call_there_is_no_picture(
    house: ReminderHouse, browser: httpx.AsyncClient
) -> None:
    page = (await browser.get(PLACE)).text
    assert "<svg" not in page
    for told in (EN["no_calls"], EN["none_following"], EN["none_left"], EN["no_outcomes"]):
        assert told in page
    assert house.company.now == NOW


async def test_stopped_and_going_on_again_is_said_and_shown(
    house: ReminderHouse, browser: httpx.AsyncClient
) -> None:
    await house.company.fill(1)
    answer = await steer(browser, "pause")
    assert answer.headers["location"] == f"{PLACE}?told=paused"
    page = (await browser.get(answer.headers["location"])).text
    for told in (EN["told"]["paused"], EN["stopped"], EN["pauses"]["operator"]):
        assert told in page
    assert f'action="{PLACE}/resume"' in page
    assert f'action="{PLACE}/pause"' not in page
    assert (await steer(browser, "pause")).status_code == 303  # again does no harm
    answer = await steer(browser, "resume")
    page = (await browser.get(answer.headers["location"])).text
    for told in (EN["told"]["resumed"], EN["going"]):
        assert told in page


@pytest.mark.parametrize("told", ["anything", "<script>", "x" * 5000, "%00"])
async def test_what_was_done_is_said_in_our_own_words_alone(
    house: ReminderHouse, browser: httpx.AsyncClient, told: str
) -> None:
    page = await browser.get(PLACE, params={"told": told})
    assert page.status_code == 200
    assert 'role="status"' not in page.text
    assert "<script>" not in page.text
    del house


async def test_the_page_asks_again_for_a_part_of_itself(
    house: ReminderHouse, browser: httpx.AsyncClient
) -> None:
    await house.company.fill(1)
    part = (await browser.get(f"{PLACE}/now")).text
    assert part.startswith('<div id="now"')
    assert part.strip() in (await browser.get(PLACE)).text
    assert house.gate.noted == [("reminders.read", "")]  # what a page asks by itself is no look


# -- the list of reminders -------------------------------------------------------------------------


async def test_the_file_has_a_line_for_each_and_nothing_of_whose_it_is(
    house: ReminderHouse, browser: httpx.AsyncClient
) -> None:
    await house.work()
    answer = await browser.get(f"{PLACE}.csv")
    assert "reminders.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    async with house.company.database.begin() as connection:
        kept = (await connection.execute(select(reminders))).all()
    assert len(rows) == len(kept)
    assert {row["reminder"] for row in rows} == {each.reminder_id for each in kept}
    reasons = {row["reason"] for row in rows}
    assert {"", "confirmed", "declined", "listed", "too_late"} <= reasons
    for each in kept:
        assert each.pseudonym not in answer.text
    assert "+49" not in answer.text
    assert "15120000" not in answer.text


# -- the do-not-call list --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", [number_of(3), "0151 20000003", "0049 151 / 2000 0003", " 015120000003 "]
)
async def test_c28_a_number_is_not_called_any_more_however_it_is_written(
    house: ReminderHouse, browser: httpx.AsyncClient, written: str
) -> None:
    await house.company.fill(5)
    answer = await refuse(browser, written)
    assert answer.headers["location"] == f"{PLACE}?told=noted"
    assert await house.company.list.holds(number_of(3))
    async with house.company.database.begin() as connection:
        told_by = (await connection.scalars(select(do_not_call.c.told_by))).all()
        mine = reminders.c.pseudonym == PEOPLE.of(number_of(3))
        outcome = await connection.scalar(select(reminders.c.outcome).where(mine))
    assert (told_by, outcome) == (["console"], "listed")


async def test_c28_whether_a_number_was_on_the_list_is_not_said(
    house: ReminderHouse, browser: httpx.AsyncClient
) -> None:
    def seen(answer: httpx.Response) -> tuple[object, ...]:
        return answer.status_code, dict(answer.headers), answer.text

    new, old = await refuse(browser, number_of(1)), await refuse(browser, number_of(1))
    assert seen(new) == seen(old)
    assert house.gate.noted == [("do_not_call.add", "")] * 2


@pytest.mark.parametrize(
    "written",
    [
        "",
        "12",
        "+49",
        "+4915120000003 ext. 5",
        "no number",
        "1" * 41,
        "<script>",
        "=1+1",
        "+999123",
    ],
)
async def test_what_is_no_number_is_refused_and_not_repeated(
    house: ReminderHouse, browser: httpx.AsyncClient, written: str
) -> None:
    answer = await refuse(browser, written)
    assert answer.status_code == 400
    assert EN["no_number"] in answer.text
    assert 'role="alert"' in answer.text
    assert len(written) < 3 or written not in answer.text
    assert await house.company.list.count() == 0
    assert house.gate.noted == []


# -- when something is away ------------------------------------------------------------------------


async def test_c22_what_cannot_be_written_down_does_not_happen(
    house: ReminderHouse, browser: httpx.AsyncClient
) -> None:
    await house.company.fill(1)
    house.gate.is_away = True
    for answer in (
        await browser.get(PLACE),
        await browser.get(f"{PLACE}.csv"),
        await steer(browser, "pause"),
        await refuse(browser, number_of(0)),
    ):
        assert answer.status_code == 503
    assert not await is_paused(house)
    assert await house.company.list.count() == 0


async def test_when_the_records_are_away_that_is_said(
    house: ReminderHouse, browser: httpx.AsyncClient
) -> None:
    async with house.company.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE reminders RENAME TO elsewhere")
    for path in (PLACE, f"{PLACE}/now", f"{PLACE}.csv"):
        answer = await browser.get(path)
        assert answer.status_code == 503
        assert load("de")["trouble"]["away"] in answer.text


# -- words -----------------------------------------------------------------------------------------


async def test_the_page_is_german_for_who_reads_german(
    house: ReminderHouse, browser: httpx.AsyncClient
) -> None:
    await house.work()
    house.gate.language = "de"
    page = (await browser.get(PLACE)).text
    for told in ('<html lang="de">', "Donnerstag, 26. November", "Termin bestätigt", "Uhr"):
        assert told in page
