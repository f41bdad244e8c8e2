"""The REST client against a carrier that really listens, on a port of this machine."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web

from voice_agent.errors import CarrierError
from voice_agent.runtime.carrier import CallControl, CarrierRecords, Messenger
from voice_agent.runtime.dialling import Dialling, DiallingError, Meaning
from voice_agent.runtime.message import MessageName
from voice_agent.twilio import twiml
from voice_agent.twilio.client import BACKOFF_SECONDS, TwilioClient
from voice_agent.twilio.outbound_calls import OutboundCalls
from voice_agent.twilio.transport import NotProcessed, Unanswered

pytestmark = pytest.mark.integration

ACCOUNT, CALL = "AC" + "1" * 32, "CA" + "2" * 32
MESSAGE = "SM" + "3" * 32
OURS, CALLER, TEXT = "+4930111111", "+4930222222", "https://agent.example/p#Geheimnis"
NAME = MessageName(CALL, "privacy_link")
GOODBYE = twiml.document(twiml.hang_up())

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def says(status: int, body: object) -> Answer:
    """An answer in JSON."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    return answer


def raw(status: int, text: str) -> Answer:
    """An answer that is no JSON."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    return answer


def refuses(status: int, code: int | None) -> Answer:
    """A refusal as Twilio words it, repeating what it complains about."""
    body: dict[str, Any] = {"status": status, "message": f"{CALLER} {TEXT}", "more_info": "https"}
    return says(status, body if code is None else {**body, "code": code})


async def breaks(request: web.Request) -> web.StreamResponse:
    """Takes the request and hangs up on us."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


DONE = says(200, {"sid": CALL, "status": "completed", "from": CALLER})
SENT = says(201, {"sid": "SM1", "status": "queued", "to": CALLER, "body": TEXT})


class Carrier:
    """Answers requests in the order it was told, and keeps what was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[web.BaseRequest] = []
        self.forms: list[dict[str, str]] = []
        self.bodies: list[str] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.requests.append(request)
        self.bodies.append(await request.text())
        self.forms.append(dict(parse_qsl(self.bodies[-1], keep_blank_values=True)))
        return await self.answers.pop(0)(request)


@pytest.fixture
async def carrier() -> AsyncIterator[Carrier]:
    carrier = Carrier()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", carrier.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    carrier.url = "http://{}:{}".format(*runner.addresses[0])
    yield carrier
    await runner.cleanup()


@pytest.fixture
def pauses() -> list[float]:
    """How long was waited, instead of waiting."""
    return []


Connect = Callable[..., TwilioClient]


@pytest.fixture
async def connect(carrier: Carrier, pauses: list[float]) -> AsyncIterator[Connect]:
    clients: list[TwilioClient] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    def make(**options: Any) -> TwilioClient:
        settings = {
            "account_sid": ACCOUNT,
            "secret": "s3cret",
            "number": OURS,
            "base_url": carrier.url,
            "sleep": sleep,
        }
        clients.append(TwilioClient(**{**settings, **options}))
        return clients[-1]

    yield make
    for client in clients:
        await client.close()


def test_the_client_is_what_the_running_call_asks_for(connect: Connect) -> None:
    """The type checker proves it; running it proves that the names are there."""
    client = connect()
    control: CallControl = client
    messenger: Messenger = client
    assert callable(control.update_twiml)
    assert callable(messenger.send)


# Ringing somebody up

OUTBOUND = OutboundCalls("https://agent.example", 900)
CLAIM = "c" * 32


async def test_c27_somebody_is_rung_up_with_our_number_and_no_machine_is_looked_for(
    carrier: Carrier, connect: Connect
) -> None:
    dialling: Dialling = connect(calls=OUTBOUND)
    carrier.answers = [says(201, {"sid": CALL, "status": "queued", "to": CALLER})]
    assert await dialling.call(CALLER, CLAIM, "de") == CALL
    (form,), (request,) = carrier.forms, carrier.requests
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    assert form == {
        "To": CALLER,
        "From": OURS,
        "Url": f"https://agent.example/twilio/outbound?claim={CLAIM}&language=de",
        "Method": "POST",
        "StatusCallback": f"https://agent.example/twilio/status/call?claim={CLAIM}",
        "StatusCallbackMethod": "POST",
        "StatusCallbackEvent": "completed",  # the last of four
        "Timeout": "25",
        "TimeLimit": "900",
    }
    asked = parse_qsl(carrier.bodies[0])
    events = [value for name, value in asked if name == "StatusCallbackEvent"]
    assert events == ["initiated", "ringing", "answered", "completed"]


@pytest.mark.parametrize(
    ("answer", "meaning", "code"),
    [
        (refuses(400, 21217), Meaning.INVALID_NUMBER, 21217),
        (refuses(400, 21215), Meaning.NOT_ALLOWED, 21215),
        (refuses(429, 20429), Meaning.TOO_FAST, 20429),
        (refuses(401, 20003), Meaning.STOP, 20003),
        (refuses(503, None), Meaning.UNKNOWN, None),
        (breaks, Meaning.UNKNOWN, None),
        (says(201, {"status": "queued"}), Meaning.UNKNOWN, None),
        (raw(201, "queued"), Meaning.UNKNOWN, None),
    ],
)
async def test_c26_there_is_one_request_whatever_is_answered(  # noqa: PLR0917 (a table)
    carrier: Carrier,
    connect: Connect,
    pauses: list[float],
    answer: Answer,
    meaning: Meaning,
    code: int | None,
) -> None:
    carrier.answers = [answer]
    with pytest.raises(DiallingError) as failed:
        await connect(calls=OUTBOUND).call(CALLER, CLAIM, "de")
    assert (failed.value.meaning, failed.value.carrier_code) == (meaning, code)
    assert (len(carrier.requests), pauses) == (1, [])
    assert CALLER not in f"{failed.value!r} {failed.value.__context__!r}"


async def test_a_carrier_that_cannot_be_reached_rang_nobody_up(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = "http://{}:{}".format(*probe.getsockname())
    with pytest.raises(DiallingError) as failed:
        await connect(calls=OUTBOUND, base_url=url).call(CALLER, CLAIM, "de")
    assert failed.value.meaning is Meaning.AWAY


async def test_nobody_is_rung_up_where_nobody_said_how(connect: Connect) -> None:
    with pytest.raises(ValueError, match="nobody is to be rung up"):
        await connect().call(CALLER, CLAIM, "de")


# What is asked


async def test_a_hang_up_completes_the_call(carrier: Carrier, connect: Connect) -> None:
    carrier.answers = [DONE]
    await connect().hang_up(CALL)
    (request,) = carrier.requests
    assert request.method == "POST"
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json"
    assert carrier.forms == [{"Status": "completed"}]


async def test_an_update_sends_the_document(carrier: Carrier, connect: Connect) -> None:
    carrier.answers = [DONE]
    await connect().update_twiml(CALL, GOODBYE)
    assert carrier.forms == [{"Twiml": str(GOODBYE)}]


async def test_a_message_leaves_neither_text_nor_number_behind(
    carrier: Carrier, connect: Connect
) -> None:
    """Retention is named in every message (C29)."""
    carrier.answers = [SENT]
    client = connect(message_status_url="https://agent.example/twilio/status/message")
    assert await client.send(CALLER, TEXT, NAME) == "SM1"
    (request,) = carrier.requests
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert carrier.forms == [
        {
            "To": CALLER,
            "From": OURS,
            "Body": TEXT,
            "ContentRetention": "discard",
            "AddressRetention": "obfuscate",
            "StatusCallback": (
                f"https://agent.example/twilio/status/message?call={CALL}&kind=privacy_link"
            ),
        }
    ]
    assert not client.retention_refused


@pytest.mark.parametrize(("api_key", "login"), [(None, ACCOUNT), ("SK1", "SK1")])
async def test_requests_are_signed_in_by_token_or_by_api_key(
    carrier: Carrier, connect: Connect, api_key: str | None, login: str
) -> None:
    """The address names the account in either case."""
    carrier.answers = [DONE]
    await connect(api_key=api_key).hang_up(CALL)
    credentials = base64.b64encode(f"{login}:s3cret".encode()).decode()
    (request,) = carrier.requests
    assert request.headers["Authorization"] == f"Basic {credentials}"
    assert ACCOUNT in request.path


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ({}, "api.dublin.ie1.twilio.com"),
        ({"region": "us1", "edge": "frankfurt"}, "api.frankfurt.us1.twilio.com"),
    ],
)
def test_the_region_is_ireland_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, str], host: str
) -> None:
    """Region and edge go together, and nothing comes from the environment (C29)."""
    for name in ("REGION", "EDGE", "ACCOUNT_SID", "AUTH_TOKEN"):
        monkeypatch.setenv(f"TWILIO_{name}", "wrong")
    client = TwilioClient(account_sid=ACCOUNT, secret="s3cret", number=OURS, **options)  # type: ignore[arg-type]  # two strings
    assert client._twilio.get_hostname("https://api.twilio.com/a") == f"https://{host}/a"
    assert client._twilio.auth == (ACCOUNT, "s3cret")


@pytest.mark.parametrize("name", ["account_sid", "secret", "number", "region", "edge"])
def test_an_empty_setting_is_refused(connect: Connect, name: str) -> None:
    with pytest.raises(ValueError, match="needed"):
        connect(**{name: ""})


# What comes back


@pytest.mark.parametrize(("status", "code"), [(404, 20404), (400, 21220)])
async def test_a_call_already_over_is_a_success(
    carrier: Carrier, connect: Connect, pauses: list[float], status: int, code: int
) -> None:
    carrier.answers = [refuses(status, code), refuses(status, code)]
    client = connect()
    await client.hang_up(CALL)
    await client.update_twiml(CALL, GOODBYE)
    assert pauses == []


@pytest.mark.parametrize(
    ("answer", "carrier_code"),
    [
        (refuses(401, 20003), 20003),
        (refuses(400, 21635), 21635),
        (refuses(400, None), None),
        (refuses(404, None), None),
        (raw(404, f"<html>{CALLER}</html>"), None),
        (raw(302, ""), None),
        (says(400, [CALLER]), None),
        (says(400, {"type": CALLER, "title": TEXT, "status": 400, "code": 21614}), 21614),
        (says(400, {"type": CALLER, "title": TEXT, "status": TEXT, "code": TEXT}), None),
    ],
)
async def test_a_refusal_is_told_with_its_code_and_with_nothing_of_the_caller(
    carrier: Carrier,
    connect: Connect,
    pauses: list[float],
    answer: Answer,
    carrier_code: int | None,
) -> None:
    carrier.answers = [answer]
    with pytest.raises(CarrierError) as error:
        await connect().send(CALLER, TEXT, NAME)
    assert error.value.code == "carrier"
    assert error.value.carrier_code == carrier_code
    assert error.value.__cause__ is error.value.__context__ is None
    for secret in (CALLER, TEXT, "s3cret", ACCOUNT):
        assert secret not in str(error.value)
    assert pauses == []


@pytest.mark.parametrize("code", [30029, 30030])
async def test_an_account_without_redaction_still_sends_and_says_so(
    carrier: Carrier, connect: Connect, code: int
) -> None:
    """C29: fall back, and report it. The account is not asked again at the next message."""
    carrier.answers = [refuses(400, code), SENT, SENT]
    client = connect()
    assert await client.send(CALLER, TEXT, NAME) == "SM1"
    assert client.retention_refused
    assert await client.send(CALLER, TEXT, NAME) == "SM1"
    assert ["ContentRetention" in form for form in carrier.forms] == [True, False, False]
    assert ["AddressRetention" in form for form in carrier.forms] == [True, False, False]


async def test_a_refusal_of_the_second_try_is_told_too(carrier: Carrier, connect: Connect) -> None:
    carrier.answers = [refuses(400, 30029), refuses(400, 30029)]
    with pytest.raises(CarrierError):
        await connect().send(CALLER, TEXT, NAME)
    assert len(carrier.requests) == 2


# Asking again


async def test_a_busy_carrier_is_asked_again_after_a_longer_and_longer_pause(
    carrier: Carrier, connect: Connect, pauses: list[float]
) -> None:
    carrier.answers = [refuses(429, 20429), raw(429, "slow down"), refuses(429, None), SENT]
    assert await connect().send(CALLER, TEXT, NAME) == "SM1"
    assert pauses == list(BACKOFF_SECONDS)


async def test_a_carrier_that_stays_busy_is_given_up(
    carrier: Carrier, connect: Connect, pauses: list[float]
) -> None:
    carrier.answers = [refuses(429, 20429)] * 9
    with pytest.raises(NotProcessed) as error:
        await connect().send(CALLER, TEXT, NAME)
    assert error.value.carrier_code == 20429
    assert len(carrier.requests) == 1 + len(BACKOFF_SECONDS) == 1 + len(pauses)


async def test_a_carrier_that_cannot_be_reached_is_tried_again(
    carrier: Carrier, connect: Connect, pauses: list[float]
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        port = closed.getsockname()[1]
        with pytest.raises(NotProcessed, match="reached"):
            await connect(base_url=f"http://127.0.0.1:{port}").send(CALLER, TEXT, NAME)
    assert pauses == list(BACKOFF_SECONDS)
    assert carrier.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        breaks,
        refuses(500, 20500),
        raw(200, "<html>"),
        says(200, [CALLER]),
        raw(200, "[" * 100_000),
        raw(200, " " * 2**21),
        raw(204, ""),
    ],
)
async def test_a_message_that_may_have_gone_out_is_not_sent_twice(
    carrier: Carrier, connect: Connect, pauses: list[float], answer: Answer
) -> None:
    carrier.answers = [answer, SENT]
    with pytest.raises(CarrierError) as error:
        await connect().send(CALLER, TEXT, NAME)
    assert error.value.may_have_happened
    assert len(carrier.requests) == 1
    assert pauses == []


@pytest.mark.parametrize("answer", [refuses(400, 21610), refuses(403, None), refuses(429, 20429)])
async def test_c21_a_refused_message_certainly_did_not_go_out(
    carrier: Carrier, connect: Connect, answer: Answer
) -> None:
    carrier.answers = [answer] * 4
    with pytest.raises(CarrierError) as error:
        await connect().send(CALLER, TEXT, NAME)
    assert not error.value.may_have_happened


async def test_an_answer_without_the_message_is_an_error(
    carrier: Carrier, connect: Connect
) -> None:
    carrier.answers = [says(201, {"sid": 7, "date_created": 7})]
    with pytest.raises(Unanswered, match="name the message"):
        await connect().send(CALLER, TEXT, NAME)


async def test_a_hang_up_is_repeated_when_nobody_knows_whether_it_came_through(
    carrier: Carrier, connect: Connect, pauses: list[float]
) -> None:
    """Twice does no harm, and a line left open does."""
    carrier.answers = [breaks, refuses(503, 20503), refuses(404, 20404)]
    await connect().hang_up(CALL)
    assert pauses == list(BACKOFF_SECONDS[:2])


async def test_a_document_is_not_sent_again_when_nobody_knows_whether_it_came_through(
    carrier: Carrier, connect: Connect
) -> None:
    """A second update would break off the handover that the first one began."""
    carrier.answers = [breaks, DONE]
    with pytest.raises(Unanswered):
        await connect().update_twiml(CALL, GOODBYE)
    assert len(carrier.requests) == 1


async def test_a_carrier_that_does_not_answer_is_left_after_the_timeout(
    carrier: Carrier, connect: Connect, pauses: list[float]
) -> None:
    async def sits(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    carrier.answers = [sits]
    with pytest.raises(Unanswered, match="in time"):
        await connect(timeout=0.2).send(CALLER, TEXT, NAME)
    assert pauses == []


# What never leaves


@pytest.mark.parametrize("call_sid", ["", "../../Accounts", "CA1/x", "CA1?a=1", "CA 1", "CA1\n"])
async def test_a_call_identifier_that_would_change_the_address_is_refused(
    carrier: Carrier, connect: Connect, call_sid: str
) -> None:
    with pytest.raises(CarrierError):
        await connect().hang_up(call_sid)
    assert carrier.requests == []


@pytest.mark.parametrize(
    "document",
    [
        "<Response><Record/></Response>",
        '<Response><Start><Stream url="wss://a.example/"/></Start></Response>',
        "<Response>" + "<Hangup/>" * 500 + "</Response>",
    ],
)
async def test_a_document_that_listens_or_is_too_long_is_never_sent(
    carrier: Carrier, connect: Connect, document: str
) -> None:
    """C3 holds for what goes out by REST as well."""
    with pytest.raises(ValueError, match=r"may not|at most"):
        await connect().update_twiml(CALL, document)
    assert carrier.requests == []


async def test_nothing_of_a_request_is_logged_or_kept(
    carrier: Carrier, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    carrier.answers = [SENT, DONE, refuses(400, 21614)]
    client = connect()
    await client.send(CALLER, TEXT, NAME)
    await client.hang_up(CALL)
    with pytest.raises(CarrierError):
        await client.send(CALLER, TEXT, NAME)
    logged = caplog.text + json.dumps([str(vars(record)) for record in caplog.records])
    kept = str(vars(client._transport)) + repr(client)
    for secret in (CALLER, "Geheimnis", "s3cret", CALL):
        assert secret not in kept
    ours = [record for record in caplog.records if record.name.startswith(("twilio", "voice"))]
    assert ours == []
    assert CALLER not in logged


async def test_a_closed_client_closes_again_in_silence(carrier: Carrier, connect: Connect) -> None:
    carrier.answers = [DONE]
    client = connect()
    await client.hang_up(CALL)
    await client.close()
    await client.close()


# What is left of a call


DELETED = raw(204, "")


async def test_c20_the_record_of_a_call_and_of_a_message_is_deleted(
    carrier: Carrier, connect: Connect
) -> None:
    carrier.answers = [DELETED, DELETED]
    records: CarrierRecords = connect()
    await records.delete_call(CALL)
    await records.delete_message(MESSAGE)
    assert [(request.method, request.path) for request in carrier.requests] == [
        ("DELETE", f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json"),
        ("DELETE", f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{MESSAGE}.json"),
    ]


async def test_c20_a_record_that_is_gone_already_is_a_success(
    carrier: Carrier, connect: Connect, pauses: list[float]
) -> None:
    carrier.answers = [refuses(404, 20404)]
    await connect().delete_call(CALL)
    assert pauses == []


@pytest.mark.parametrize(
    ("answer", "carrier_code"),
    [
        (refuses(409, 20009), 20009),
        (refuses(400, 20009), 20009),
        (refuses(401, 20003), 20003),
        (raw(404, "<html>a proxy's page"), None),
    ],
)
async def test_c20_a_record_that_is_not_certainly_gone_is_an_error_with_its_code(
    carrier: Carrier, connect: Connect, answer: Answer, carrier_code: int | None
) -> None:
    """20009: not complete yet. A page that does not come from the carrier says nothing."""
    carrier.answers = [answer]
    with pytest.raises(CarrierError) as error:
        await connect().delete_message(MESSAGE)
    assert error.value.carrier_code == carrier_code
    assert MESSAGE not in str(error.value)


async def test_a_deletion_is_asked_for_again_when_no_answer_comes(
    carrier: Carrier, connect: Connect
) -> None:
    """Deleting twice does no harm."""
    carrier.answers = [breaks, refuses(404, 20404)]
    await connect().delete_call(CALL)
    assert len(carrier.requests) == 2


@pytest.mark.parametrize("sid", ["", "../Calls", "CA 1", "CA1.json?x", "C" * 65])
async def test_what_is_no_identifier_never_becomes_an_address(
    carrier: Carrier, connect: Connect, sid: str
) -> None:
    with pytest.raises(CarrierError):
        await connect().delete_call(sid)
    with pytest.raises(CarrierError):
        await connect().delete_message(sid)
    assert carrier.requests == []
