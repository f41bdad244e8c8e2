"""The page of work: who sees what callers left, and what becomes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from consent.receipt import Means
from tests.console.work_house import WorkHouse, opened, texts
from tests.databases import ON_SQLITE, address, database, empty_address, file, kind
from tests.storage.household import CANARY, NEIGHBOUR, NUMBER, summary_from
from voice_agent.console.role import Role
from voice_agent.console.work_routes import MOST_SHOWN
from voice_agent.live.snapshot import call_key
from voice_agent.live.summary import FlowSummary
from voice_agent.runtime.form import MOST_BYTES
from voice_agent.storage.database import Database
from voice_agent.tools.inbox import EntryKind

__all__ = ["address", "database", "empty_address", "file", "kind"]

pytestmark = [pytest.mark.integration, ON_SQLITE]  # a real database on a real disk

KEY = call_key(CANARY)
SCRIPT = '<script>alert("1")</script>\'"&'


@pytest.fixture
async def house(database: Database) -> AsyncIterator[WorkHouse]:
    async with opened(database) as house:
        await house.household.begin(CANARY, NUMBER)
        yield house


@pytest.fixture
async def browser(house: WorkHouse) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(house.app)
    reads = {"accept": "text/html"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://desk.test", headers=reads
    ) as client:
        yield client


async def deal(
    browser: httpx.AsyncClient, reference: str, csrf: str = "right-csrf", kind_: str = ""
) -> httpx.Response:
    fields = {"csrf": csrf, "kind": kind_}
    return await browser.post(f"/console/work/{reference}/done", data=fields)


# -- who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR])
async def test_who_works_sees_the_page(
    house: WorkHouse, browser: httpx.AsyncClient, role: Role
) -> None:
    house.gate.role = role
    assert (await browser.get("/console/work")).status_code == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OFFICER, Role.ADMINISTRATOR])
async def test_nobody_else_sees_or_changes_anything(
    house: WorkHouse, browser: httpx.AsyncClient, role: Role
) -> None:
    reference = await house.leave(CANARY)
    house.gate.role = role
    shown = await browser.get("/console/work")
    dealt = await deal(browser, reference)
    assert (shown.status_code, dealt.status_code) == (403, 403)
    assert reference not in shown.text + dealt.text
    assert (await house.household.inbox.entries())[0].done_at is None
    assert house.gate.noted == []


async def test_who_is_not_signed_in_is_led_to_the_sign_in(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    reference = await house.leave(CANARY)
    house.gate.role = None
    for answer in (await browser.get("/console/work"), await deal(browser, reference)):
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")


@pytest.mark.parametrize("csrf", ["", "wrong"])
async def test_another_site_changes_nothing(
    house: WorkHouse, browser: httpx.AsyncClient, csrf: str
) -> None:
    reference = await house.leave(CANARY)
    assert (await deal(browser, reference, csrf)).status_code == 403
    held = await house.household.inbox.entry(reference)
    assert held is not None
    assert (held.done_at, held.entry.phone) == (None, NUMBER)


# -- what was left ---------------------------------------------------------------------------------


async def test_everything_open_is_shown_oldest_first_and_filtered_by_kind(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    references = []
    for each in (EntryKind.COMPLAINT, EntryKind.CALLBACK, EntryKind.MESSAGE):
        references.append(await house.leave(CANARY, each))
        house.household.now += timedelta(minutes=1)
    page = (await browser.get("/console/work")).text
    places = [page.index(reference) for reference in references]
    assert places == sorted(places)
    only = (await browser.get("/console/work?kind=callback")).text
    assert [reference in only for reference in references] == [False, True, False]
    for hostile in ("kind=everything", "kind=" + "x" * 5000, "kind=%00%3Cscript%3E"):
        unknown = (await browser.get(f"/console/work?{hostile}")).text
        assert all(reference in unknown for reference in references)
        assert "<script" not in unknown


async def test_a_number_can_be_dialled_as_long_as_it_is_kept(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    await house.leave(CANARY)
    assert f'href="tel:{NUMBER}"' in (await browser.get("/console/work")).text
    house.household.now += timedelta(hours=71)
    page = (await browser.get("/console/work")).text
    assert "Kim Kunde" in page
    assert NUMBER not in page
    assert "tel:" not in page


async def test_script_in_whatever_was_said_is_shown_as_text(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    await house.leave(CANARY, name=SCRIPT, text=SCRIPT, recipient=SCRIPT)
    flows = (FlowSummary(SCRIPT, ((SCRIPT, SCRIPT),)),)
    await house.household.summaries.keep(CANARY, summary_from(house.household.now, flows=flows))
    page = (await browser.get("/console/work")).text
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 6


async def test_done_takes_the_entry_and_its_number_away_and_says_so(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    reference = await house.leave(CANARY)
    answer = await deal(browser, reference, kind_="callback")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/work?kind=callback&done=1"
    held = await house.household.inbox.entry(reference)
    assert held is not None
    assert (held.done_at, held.entry.phone) == (house.household.now, None)
    page = (await browser.get(answer.headers["location"])).text
    assert reference not in page
    assert texts("en")["done"] in page
    assert (await deal(browser, reference)).status_code == 303  # again does no harm


@pytest.mark.parametrize(
    "reference", ["W000000", "nothing", "../../etc/passwd", "W48%002715", "%3Cscript%3E", "W" * 999]
)
async def test_a_reference_that_is_none_finds_nothing(
    house: WorkHouse, browser: httpx.AsyncClient, reference: str
) -> None:
    await house.leave(CANARY)
    answer = await deal(browser, reference)
    assert answer.status_code == 404
    assert "<script" not in answer.text
    assert house.gate.noted == []


async def test_where_a_form_leads_back_to_is_one_of_our_own(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    reference = await house.leave(CANARY)
    answer = await deal(browser, reference, kind_="//elsewhere.example\r\nX: 1")
    assert answer.headers["location"] == "/console/work?done=1"


@pytest.mark.parametrize(
    ("body", "kind_", "status"),
    [
        (b"csrf=" + b"x" * MOST_BYTES, "application/x-www-form-urlencoded", 413),
        (b"&".join([b"a=1"] * 9), "application/x-www-form-urlencoded", 400),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b'{"csrf": "right-csrf"}', "application/json", 415),
    ],
)
async def test_what_is_no_form_is_refused(
    house: WorkHouse, browser: httpx.AsyncClient, body: bytes, kind_: str, status: int
) -> None:
    reference = await house.leave(CANARY)
    answer = await browser.post(
        f"/console/work/{reference}/done", content=body, headers={"content-type": kind_}
    )
    assert answer.status_code == status
    assert house.gate.noted == []


# -- calls that are over ---------------------------------------------------------------------------


async def test_calls_of_today_are_told_with_what_their_flows_knew_and_who_held_them(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    await house.fill(CANARY)
    page = (await browser.get("/console/work")).text
    for told in (
        "Book an appointment",
        "2026-12-01",
        "Anna Acker (1:35 min)",
        "Ended with a goodbye",
    ):
        assert told in page
    assert "an operator (0:05 min)" in page  # whose account is gone
    assert f'id="call-{KEY}"' in page
    assert CANARY not in page
    assert NEIGHBOUR not in page
    house.household.now += timedelta(days=1)
    assert KEY not in (await browser.get("/console/work?kind=message")).text.split("over-title")[1]


async def test_c22_of_a_call_whose_consent_was_withdrawn_nothing_is_told_but_that(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    await house.household.consent(CANARY, "anonymous.1")
    flows = (FlowSummary("order_status", (("name", "Kanari"),)),)
    await house.household.summaries.keep(CANARY, summary_from(house.household.now, flows=flows))
    assert "Kanari" in (await browser.get("/console/work")).text
    await house.household.ledger.withdraw(CANARY, house.household.now, Means.PORTAL)
    page = (await browser.get("/console/work")).text
    assert "Kanari" not in page
    assert "Consent withdrawn" in page


# -- what is written down --------------------------------------------------------------------------


async def test_c22_every_look_and_everything_done_is_written_down_with_its_call(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    await house.fill(CANARY)
    await browser.get("/console/work")
    looks = [("work.read", ""), ("work.read", KEY), ("work.read", call_key(NEIGHBOUR))]
    assert house.gate.noted == looks
    await browser.get("/console/work?kind=callback")
    assert house.gate.noted == looks * 2
    (first, *_) = await house.household.inbox.entries()
    await deal(browser, first.reference)
    assert house.gate.noted[6:] == [("work.done", KEY)]


async def test_c22_what_cannot_be_written_down_is_neither_shown_nor_done(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    reference = await house.leave(CANARY)
    house.gate.is_away = True
    shown = await browser.get("/console/work")
    dealt = await deal(browser, reference)
    assert (shown.status_code, dealt.status_code) == (503, 503)
    assert "Kim" not in shown.text + dealt.text
    held = await house.household.inbox.entry(reference)
    assert held is not None
    assert held.done_at is None


async def test_of_very_many_the_oldest_entries_and_the_newest_calls_are_shown(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    for number in range(MOST_SHOWN + 2):
        call_id = f"CA{number:032d}"
        await house.household.begin(call_id)
        await house.leave(call_id, phone=None)
        at = house.household.now + timedelta(seconds=number)
        await house.household.summaries.keep(call_id, summary_from(at, holds=(), flows=()))
    page = (await browser.get("/console/work")).text
    assert page.count('class="card entry"') == page.count('class="card call"') == MOST_SHOWN
    assert page.count("2 more") == 2


async def test_both_languages_say_the_same_things(house: WorkHouse) -> None:
    def names(told: object) -> object:
        if isinstance(told, dict):
            return {key: names(value) for key, value in told.items()}
        return None

    assert names(texts("de")) == names(texts("en"))
    del house


async def test_the_page_is_german_for_who_reads_german(
    house: WorkHouse, browser: httpx.AsyncClient
) -> None:
    await house.fill(CANARY)
    house.gate.language = "de"
    page = (await browser.get("/console/work")).text
    for told in ('<html lang="de">', "Rückruf", "Eingewilligt", "Termin vereinbaren", "Uhr"):
        assert told in page
