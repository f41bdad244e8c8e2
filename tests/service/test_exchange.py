"""The exchange itself, with a small server that orders calls and asks for keys."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.phone.fake_agent import tone, wav
from tests.service.exchange import (
    BUSY,
    NO_SUCH_NUMBER,
    SILENT,
    SWITCHED_OFF,
    Exchange,
    Telephone,
    exchange,
)
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.report import EndReason
from voice_agent.phone.script import HangUp, Listen, PressKey, Say, Stay, Step, Wait
from voice_agent.twilio.transport import Transport

pytestmark = pytest.mark.integration

TOKEN, OURS = "the-token", "+4930901828"
PERSON = "+4915112345678"
OPENER, PIN, GOODBYE = tone(4.0, 300.0), tone(2.0, 500.0), tone(1.0, 700.0)


class Server:
    """Orders calls, and answers what the carrier asks in them.

    Attributes:
        url: its origin.
        forms: what was posted, by path with its query.
    """

    def __init__(self) -> None:
        self.url = ""
        self.forms: list[tuple[str, dict[str, str]]] = []

    def app(self) -> FastAPI:
        """The server."""
        app = FastAPI()

        @app.post("/{path:path}")
        async def webhook(path: str, request: Request) -> Response:
            form = {name: str(value) for name, value in (await request.form()).items()}
            address = f"{self.url}/{path}" + (f"?{request.url.query}" if request.url.query else "")
            signature = request.headers["x-twilio-signature"]
            assert RequestValidator(TOKEN).validate(address, form, signature)
            self.forms.append((address.removeprefix(self.url), form))
            return Response(self.document(path, form), media_type="application/xml")

        @app.get("/{name}.wav")
        async def sound(name: str) -> Response:
            sounds = {"opener": OPENER, "pin": PIN, "goodbye": GOODBYE}
            return Response(wav(sounds[name]), media_type="audio/wav")

        return app

    @staticmethod
    def document(path: str, form: dict[str, str]) -> str:
        """TwiML, by what was posted where."""
        ask = '<Gather input="dtmf" numDigits="{}" finishOnKey="{}" timeout="12" action="/{}">'
        opener = ask.format(1, "", "key") + "<Play>/opener.wav</Play></Gather><Hangup/>"
        pin = (
            ask.format(12, "#", "pin") + "<Play>/pin.wav</Play></Gather><Redirect>/empty</Redirect>"
        )
        goodbye = "<Play>/goodbye.wav</Play><Hangup/>"
        key = pin if form.get("Digits") == "1" else goodbye
        return "<Response>{}</Response>".format(
            {"outbound": opener, "key": key, "pin": goodbye, "empty": goodbye}.get(path, "")
        )

    async def order(self, at: Exchange, to: str = PERSON, password: str = TOKEN) -> str:
        """Order a call as the product's client does, and return the carrier's name for it."""
        transport = Transport(at.url)
        client = Client(username=at.account, password=password, http_client=transport)
        try:
            made = await client.calls.create_async(
                to=to,
                from_=OURS,
                url=f"{self.url}/outbound?claim=c1",
                status_callback=f"{self.url}/status?claim=c1",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                timeout=25,
            )
        finally:
            await transport.close()
        return str(made.sid)

    def statuses(self) -> list[str]:
        """What the status callbacks said, one after the other."""
        return [form["CallStatus"] for path, form in self.forms if path == "/status?claim=c1"]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    config = uvicorn.Config(server.app(), port=0, log_level="error", ws="websockets-sansio")
    running = uvicorn.Server(config)
    socket = config.bind_socket()
    server.url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    task = asyncio.create_task(running.serve(sockets=[socket]))
    while not running.started:  # noqa: ASYNC110 (uvicorn offers a flag, no event)
        await asyncio.sleep(0.005)
    yield server
    running.should_exit = True
    await task
    socket.close()


@contextlib.asynccontextmanager
async def connected(server: Server, telephone: Telephone) -> AsyncIterator[Exchange]:
    """An exchange with one telephone."""
    async with Carrier(server.url, TOKEN) as carrier, exchange(carrier, {PERSON: telephone}) as it:
        yield it


def does(*steps: Step) -> Telephone:
    """Somebody who answers and does these things."""
    return Telephone(lambda: steps)


def keys(pressed: str) -> Iterator[Step]:
    """Each when what is playing has ended, the digits of a number one after the other."""
    for word in pressed.split():
        yield Listen()
        for key in word:
            yield PressKey(key)


async def test_somebody_is_rung_up_presses_keys_and_hears_each_file_at_its_time(
    server: Server,
) -> None:
    async with connected(server, does(*keys("1 4829#"), Stay())) as at:
        call_id = await server.order(at)
        (call,) = await at.over(PERSON)
    assert server.statuses() == ["initiated", "ringing", "in-progress", "completed"]
    asked = [(path, form.get("Digits")) for path, form in server.forms if "status" not in path]
    assert asked == [("/outbound?claim=c1", None), ("/key", "1"), ("/pin", "4829")]
    assert {form["CallSid"] for _, form in server.forms} == {call_id}
    first = server.forms[3][1]
    assert first == {
        "CallSid": call_id,
        "AccountSid": at.account,
        "From": OURS,
        "To": PERSON,
        "CallStatus": "in-progress",
        "Direction": "outbound-api",
        "ApiVersion": "2010-04-01",
    }
    assert call.heard() == [OPENER, PIN, GOODBYE]
    assert call.heard(call.pressed_at("#")) == [OPENER, PIN]
    assert call.keys == "14829#"
    assert call.result is not None
    assert call.result.ended.reason is EndReason.AGENT_HUNG_UP
    assert call.order["Timeout"] == "25"


@pytest.mark.parametrize(
    ("steps", "asked", "heard"),
    [
        ([Stay()], [], [OPENER]),
        ([Wait(1.0), HangUp()], [], [OPENER[:8000]]),
        ([Wait(1.0), PressKey("8"), Stay()], [("/key", "8")], [OPENER[:8000], GOODBYE]),
        # The key that ends the digits, alone: as if nothing had been pressed.
        ([*keys("1 #"), Stay()], [("/key", "1"), ("/empty", None)], [OPENER, PIN, GOODBYE]),
        # Twelve digits end by themselves.
        (
            [*keys("1 123456789012"), Stay()],
            [("/key", "1"), ("/pin", "123456789012")],
            [OPENER, PIN, GOODBYE],
        ),
        # So does waiting after fewer.
        ([*keys("1 48"), Stay()], [("/key", "1"), ("/pin", "48")], [OPENER, PIN, GOODBYE]),
        ([Say(tone(5.0)), Stay()], [], [OPENER]),
    ],
    ids=["silent", "hangs up", "eight", "hash alone", "twelve digits", "no hash", "voicemail"],
)
async def test_people_answer_and_do_what_people_do(
    server: Server, steps: Iterable[Step], asked: list[tuple[str, str | None]], heard: list[bytes]
) -> None:
    async with connected(server, does(*steps)) as at:
        await server.order(at)
        (call,) = await at.over(PERSON, seconds=5.0)
    found = [(path, form.get("Digits")) for path, form in server.forms if "status" not in path]
    assert found == [("/outbound?claim=c1", None), *asked]
    told = call.heard()
    assert [len(piece) for piece in told] == pytest.approx([len(piece) for piece in heard], abs=400)
    files = (OPENER, PIN, GOODBYE)
    assert all(any(file.startswith(piece) for file in files) for piece in told)


@pytest.mark.parametrize(
    ("telephone", "status", "sip"),
    [
        (BUSY, "busy", "486"),
        (SILENT, "no-answer", "487"),
        (SWITCHED_OFF, "failed", "480"),
    ],
)
async def test_nobody_answers_and_nothing_is_asked(
    server: Server, telephone: Telephone, status: str, sip: str
) -> None:
    async with connected(server, telephone) as at:
        await server.order(at)
        (call,) = await at.over(PERSON)
    assert server.statuses() == ["initiated", "ringing", status]
    assert server.forms[-1][1]["SipResponseCode"] == sip
    assert len(server.forms) == 3
    assert call.heard() == []


@pytest.mark.parametrize(
    ("to", "telephone", "code"),
    [
        (PERSON, NO_SUCH_NUMBER, 21211),
        (PERSON, Telephone(refused=(429, 20429)), 20429),
        ("+4915112345679", BUSY, 21211),
    ],
)
async def test_an_order_that_is_refused_rings_nobody_up(
    server: Server, to: str, telephone: Telephone, code: int
) -> None:
    async with connected(server, telephone) as at:
        with pytest.raises(TwilioRestException) as refused:
            await server.order(at, to)
    assert refused.value.code == code
    (call,) = await at.over(to)
    assert (call.call_id, call.heard(), server.forms) == ("", [], [])


@pytest.mark.parametrize("callbacks", [0, 2])
async def test_the_last_callback_may_be_lost_or_come_twice(server: Server, callbacks: int) -> None:
    async with connected(server, Telephone(lambda: [HangUp()], callbacks=callbacks)) as at:
        await server.order(at)
        await at.over(PERSON)
    assert server.statuses().count("completed") == callbacks


async def test_whoever_does_not_sign_in_may_order_nothing(server: Server) -> None:
    async with connected(server, BUSY) as at:
        with pytest.raises(TwilioRestException) as refused:
            await server.order(at, password="another")
    assert refused.value.status == 401
    assert at.calls == []
