"""The console's addresses: who may, what is refused, what becomes of an order."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from tests.console.console_house import (
    ANNA,
    BEN,
    CORA,
    CSRF,
    OTTO,
    VERA,
    ConsoleHouse,
    away,
    opened,
)
from voice_agent.console.role import Operator, Role
from voice_agent.console.view import HEADERS
from voice_agent.errors import VoiceAgentError
from voice_agent.live.command import Answer, Outcome, Verb
from voice_agent.live.ports import LiveUnavailable, OnDuty

ID = "5" * 32
PAGE = {"accept": "text/html"}
SCRIPT = "</script><script>alert(1)</script>"


@pytest.fixture
async def house() -> AsyncIterator[ConsoleHouse]:
    async with opened() as house:
        yield house


@pytest.fixture
async def http(house: ConsoleHouse) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=house.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
        yield client


async def order(
    http: httpx.AsyncClient,
    call: str,
    verb: str = "take_over",
    text: str = "",
    *,
    csrf: str = CSRF,
    command: str = ID,
) -> httpx.Response:
    return await http.post(
        f"/console/calls/{call}/commands",
        json={"id": command, "verb": verb, "text": text},
        headers={"x-csrf-token": csrf},
    )


async def test_who_is_not_signed_in_is_led_there_and_a_script_is_told(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    house.guard.who = None
    call = await house.begin()
    for path in ("/console", f"/console/calls/{call}"):
        page = await http.get(path, headers=PAGE)
        assert (page.status_code, page.headers["location"]) == (303, "/console/login")
    for path in ("/console/events", "/console/today", f"/console/calls/{call}/events"):
        assert (await http.get(path)).status_code == 401
    assert (await order(http, call)).status_code == 401


async def test_a_viewer_sees_tiles_and_nothing_behind_them(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    house.guard.who = VERA
    call = await house.begin()
    page = await http.get("/console")
    assert f'data-call="{call}"' in page.text
    assert "/console/calls/" not in page.text
    for path in (f"/console/calls/{call}", f"/console/calls/{call}/events"):
        assert (await http.get(path)).status_code == 403
    assert (await order(http, call)).status_code == 403
    duty = {"x-csrf-token": CSRF}
    said = await http.post("/console/duty", json={"available": True}, headers=duty)
    assert said.status_code == 403
    assert house.guard.noted == [(VERA.account, "overview.read", "")]


@pytest.mark.parametrize(
    ("who", "leads"),
    [
        (OTTO, "/console/access"),
        (Operator("9" * 32, "Adam", Role.ADMINISTRATOR), "/console/accounts"),
    ],
    ids=["officer", "administrator"],
)
async def test_who_sees_no_calls_begins_elsewhere(
    house: ConsoleHouse, http: httpx.AsyncClient, who: Operator, leads: str
) -> None:
    house.guard.who = who
    assert (await http.get("/console")).headers["location"] == leads


async def test_every_answer_has_the_headers_that_keep_others_out(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    call = await house.begin()
    paths = ["/console", "/console/today", f"/console/calls/{call}", "/console/static/nothing.js"]
    for answer in [await http.get(path) for path in paths] + [await order(http, call)]:
        assert answer.headers.items() >= {k.lower(): v for k, v in HEADERS.items()}.items()


async def test_files_are_served_by_name_alone(http: httpx.AsyncClient) -> None:
    found = await http.get("/console/static/overview.js")
    assert found.headers["content-type"] == "text/javascript; charset=utf-8"
    tag = {"if-none-match": found.headers["etag"]}
    assert (await http.get("/console/static/overview.js", headers=tag)).status_code == 304
    for name in ("view.py", "..%2Fview.py", "../view.py", "texts.de.json"):
        assert (await http.get(f"/console/static/{name}")).status_code == 404


async def test_an_order_reaches_the_call_after_it_was_written_down(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    call = await house.begin()
    await house.consent(call)
    answer = await order(http, call)
    assert answer.json() == {"outcome": "done", "holder": ANNA.account, "name": "Sie"}
    (ordered,) = house.ordered
    assert (ordered.id, ordered.operator, ordered.name) == (ID, ANNA.account, ANNA.name)
    assert house.guard.noted == [(ANNA.account, "call.take_over", call)]


async def test_the_same_order_sent_again_is_carried_out_once(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    call = await house.begin()
    await house.consent(call)
    assert [(await order(http, call)).json()["outcome"] for _ in range(3)] == ["done"] * 3
    assert len(house.ordered) == 1


async def test_the_second_of_two_operators_is_told_who_was_first(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    call = await house.begin()
    await house.consent(call)
    await order(http, call)
    house.guard.who = BEN
    await house.live.attend(OnDuty(ANNA.account, ANNA.name, available=False))
    answer = await order(http, call, command="6" * 32)
    assert answer.json() == {"outcome": "taken", "holder": ANNA.account, "name": ANNA.name}


async def test_what_became_of_an_order_is_told(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    call = await house.begin()
    assert (await order(http, call)).json()["outcome"] == "no_consent"
    assert (await order(http, "0" * 32, command="6" * 32)).json()["outcome"] == "no_call"
    await house.consent(call)
    house.answers[Verb.TRANSFER] = Answer(Outcome.REFUSED)
    refused = await order(http, call, "transfer", "+4930123456", command="7" * 32)
    assert refused.json()["outcome"] == "refused"


async def test_what_cannot_be_written_down_is_not_done(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    house.guard.fault = away()
    call = await house.begin()
    await house.consent(call)
    answer = await order(http, call)
    assert answer.status_code == 503
    assert "Speicher" in answer.json()["message"]
    assert house.ordered == []
    headers = {"x-csrf-token": CSRF}
    said = await http.post("/console/duty", json={"available": True}, headers=headers)
    assert said.status_code == 503
    assert await house.live.on_duty() == ()


@pytest.mark.parametrize("path", ["", "/calls/{}", "/calls/{}/events"])
async def test_c22_a_look_that_cannot_be_written_down_shows_nothing(
    house: ConsoleHouse, http: httpx.AsyncClient, path: str
) -> None:
    call = await house.begin()
    house.guard.fault = away()
    answer = await http.get("/console" + path.format(call), headers=PAGE)
    assert answer.status_code == 503
    assert call not in answer.text


async def test_c22_every_page_and_every_word_about_duty_is_written_down_and_no_repeat_of_figures(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    call = await house.begin()
    for path in ("", "/today", f"/calls/{call}", ""):
        assert (await http.get(f"/console{path}")).status_code == 200
    for available in (True, False):
        body, headers = {"available": available}, {"x-csrf-token": CSRF}
        await http.post("/console/duty?again", json=body, headers=headers)
    assert house.guard.noted == [
        (ANNA.account, "overview.read", ""),
        (ANNA.account, "call.read", call),
        (ANNA.account, "overview.read", ""),
        (ANNA.account, "duty.available", ""),
        (ANNA.account, "duty.away", ""),
    ]


@pytest.mark.parametrize(
    ("method", "path", "by_itself"),
    [
        ("GET", "", False),
        ("GET", "/calls/{}", False),
        ("POST", "/calls/{}/commands", False),
        ("POST", "/duty", False),
        ("POST", "/duty?again", True),
        ("GET", "/today", True),
        ("GET", "/events", True),
        ("GET", "/calls/{}/events", True),
    ],
)
async def test_what_a_page_asks_by_itself_prolongs_no_session(
    house: ConsoleHouse, http: httpx.AsyncClient, method: str, path: str, by_itself: bool
) -> None:
    house.guard.who = None
    address = f"/console{path.format('0' * 32)}"
    assert (await http.request(method, address)).status_code == 401
    assert house.guard.asked == [(address.partition("?")[0], by_itself)]


async def test_an_order_while_the_store_is_away_is_unanswered(
    house: ConsoleHouse, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def send(_: object) -> Answer:
        raise LiveUnavailable("away")

    call = await house.begin()
    monkeypatch.setattr(house.live, "send", send)
    assert (await order(http, call)).json()["outcome"] == "unanswered"
    monkeypatch.setattr(house.live, "attend", send)
    said = await http.post(
        "/console/duty", json={"available": True}, headers={"x-csrf-token": CSRF}
    )
    assert said.status_code == 503


@pytest.mark.parametrize("csrf", ["", "0" * 32, "f" * 31])
async def test_another_site_orders_nothing(
    house: ConsoleHouse, http: httpx.AsyncClient, csrf: str
) -> None:
    call = await house.begin()
    assert (await order(http, call, csrf=csrf)).status_code == 403
    said = await http.post(
        "/console/duty", json={"available": True}, headers={"x-csrf-token": csrf}
    )
    assert said.status_code == 403
    assert house.ordered == []
    assert await house.live.on_duty() == ()


@pytest.mark.parametrize(
    ("who", "holder", "verb", "may"),
    [
        (ANNA, "", "end", False),
        (ANNA, BEN.account, "end", False),
        (ANNA, ANNA.account, "end", True),
        (ANNA, ANNA.account, "erase", False),
        (CORA, "", "end", True),
        (CORA, BEN.account, "end", True),
        (CORA, "", "erase", True),
    ],
)
async def test_who_ends_or_erases_which_call(  # noqa: PLR0917 (a table's row)
    house: ConsoleHouse, http: httpx.AsyncClient, who: Operator, holder: str, verb: str, may: bool
) -> None:
    house.guard.who = who
    call = await house.begin()
    await house.consent(call)
    await house.show(replace(house.calls[call], holder=holder))
    assert (await order(http, call, verb)).status_code == (200 if may else 403)
    assert bool(house.ordered) == may


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"\xff\xfe", 400),
        (b"[" * 5000, 400),
        (b'{"id": 1, "verb": "say", "text": ""}', 400),
        (b'{"id": "x", "verb": "say", "text": "a"}', 400),
        (json.dumps({"id": ID, "verb": "say"}).encode(), 400),
        (json.dumps({"id": ID, "verb": "say", "text": None}).encode(), 400),
        (json.dumps({"id": ID, "verb": "say", "text": "a", "operator": "b"}).encode(), 400),
        (json.dumps({"id": ID, "verb": "fly", "text": ""}).encode(), 400),
        (json.dumps({"id": ID, "verb": "gone", "text": ""}).encode(), 400),
        (json.dumps({"id": ID, "verb": "say", "text": "  "}).encode(), 400),
        (json.dumps({"id": ID, "verb": "say", "text": "a\nb"}).encode(), 400),
        (json.dumps({"id": ID, "verb": "say", "text": "a" * 501}).encode(), 400),
        (json.dumps({"id": ID, "verb": "tones", "text": "12w"}).encode(), 400),
        (json.dumps({"id": ID, "verb": "transfer", "text": "110"}).encode(), 400),
        (json.dumps({"id": ID, "verb": "say", "text": "a" * 1_000_000}).encode(), 413),
    ],
    ids=lambda each: str(each)[:40],
)
async def test_what_no_page_sends_is_refused_in_words(
    house: ConsoleHouse, http: httpx.AsyncClient, body: bytes, status: int
) -> None:
    call = await house.begin()
    await house.consent(call)
    headers = {"x-csrf-token": CSRF, "content-type": "application/json"}
    path = f"/console/calls/{call}/commands"
    answer = await http.post(path, content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["message"]
    assert house.ordered == []


async def test_a_form_of_another_site_is_no_order(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    call = await house.begin()
    headers = {"x-csrf-token": CSRF, "content-type": "text/plain"}
    body = json.dumps({"id": ID, "verb": "take_over", "text": ""})
    answer = await http.post(f"/console/calls/{call}/commands", content=body, headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize("text", ["a" * 500, "ä" * 500, "\U0001f600" * 500])
async def test_a_sentence_of_500_characters_is_said(
    house: ConsoleHouse, http: httpx.AsyncClient, text: str
) -> None:
    call = await house.begin()
    await house.consent(call)
    assert (await order(http, call, "say", text)).json()["outcome"] == "done"
    assert house.ordered[0].text == text


@pytest.mark.parametrize("call", ["x", "0" * 31, "0" * 33, "CA" + "0" * 32, "%2e%2e", "A" * 32])
async def test_a_call_that_cannot_be_is_nowhere(
    house: ConsoleHouse, http: httpx.AsyncClient, call: str
) -> None:
    assert (await http.get(f"/console/calls/{call}", headers=PAGE)).status_code == 404
    assert (await http.get(f"/console/calls/{call}/events")).status_code == 404
    assert (await order(http, call)).status_code == 400
    assert house.guard.noted == []


async def test_script_in_names_and_texts_is_text(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    house.guard.who = replace(CORA, name=SCRIPT)
    call = await house.begin(phase=SCRIPT, language=SCRIPT, direction=SCRIPT, reason=SCRIPT)
    for path in ("/console", f"/console/calls/{call}"):
        page = await http.get(path)
        assert page.status_code == 200
        assert "alert" in page.text
        assert SCRIPT not in page.text
        assert "<script>" not in page.text


async def test_without_figures_the_page_says_so(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    assert "104" in (await http.get("/console/today")).text
    house.figures.fault = VoiceAgentError("away")
    page = await http.get("/console")
    assert page.status_code == 200
    assert "nicht verfügbar" in page.text


async def test_the_pages_speak_the_operator_s_language(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    house.guard.who = BEN
    page = await http.get("/console", headers={"accept-language": "de"})
    assert '<html lang="en">' in page.text
    assert "Running calls" in page.text


async def test_c22_the_page_itself_holds_no_word_of_the_call(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    """Words come by the events alone, which are written down as a look."""
    call = await house.begin()
    await house.consent(call)
    await house.show(replace(house.calls[call], question="Geheimes"))
    assert "Geheimes" not in (await http.get(f"/console/calls/{call}")).text
    assert "Geheimes" not in (await http.get("/console")).text


async def test_an_operator_is_available_when_they_say_so(
    house: ConsoleHouse, http: httpx.AsyncClient
) -> None:
    headers = {"x-csrf-token": CSRF}
    for available in (True, False):
        body = {"available": available}
        said = await http.post("/console/duty", json=body, headers=headers)
        assert said.json() == body
        assert [each.available for each in await house.live.on_duty()] == [available]
    assert (
        await http.post("/console/duty", json={"available": 1}, headers=headers)
    ).status_code == 400
