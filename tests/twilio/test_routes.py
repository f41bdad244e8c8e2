"""The webhooks' front door: who asks, and with what."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.twilio.carrier import CALLER, Carrier
from tests.twilio.house import HUMAN, House, opened
from voice_agent.call.events import LinkOutcome
from voice_agent.runtime.privacy_link import PrivacyLink
from voice_agent.runtime.records import Disposition
from voice_agent.storage.calls import SqlCallBook
from voice_agent.twilio.signature import WebhookSignatures

pytestmark = pytest.mark.integration  # a real database on a real disk

# -- who asks --------------------------------------------------------------------------------------

ADDRESSES = [
    "/twilio/voice",
    "/twilio/consent",
    "/twilio/after",
    "/twilio/status/call",
    "/twilio/status/message",
    "/twilio/status/stream",
]


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("signature", [None, "", "forged", "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
async def test_whoever_has_not_signed_is_turned_away(
    carrier: Carrier, path: str, signature: str | None
) -> None:
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    response = await carrier._client.post(path, data=carrier.form(), headers=headers)
    assert response.status_code == 403
    assert carrier.house.metrics.counted("signature_refused") == 1
    assert carrier.house.metrics.counted("calls_received") == 0


async def test_a_signature_of_another_address_or_other_fields_is_worth_nothing(
    carrier: Carrier,
) -> None:
    sign = carrier.house.signatures.sign_form
    form = carrier.form(Digits="1")
    stolen = [
        sign("/twilio/voice", form.items()),
        sign("/twilio/consent?language=de&attempt=0", form.items()),
        sign("/twilio/consent", carrier.form(Digits="0").items()),
        sign("/twilio/consent"),
    ]
    for signature in stolen:
        headers = {"X-Twilio-Signature": signature}
        response = await carrier._client.post("/twilio/consent", data=form, headers=headers)
        assert response.status_code == 403
    assert await carrier.house.ledger.find(carrier.call_id) is None


async def test_language_and_repetition_cannot_be_changed_without_the_carrier(
    carrier: Carrier,
) -> None:
    form = carrier.form()
    signed = carrier.house.signatures.sign_form(
        "/twilio/consent?language=de&attempt=2", form.items()
    )
    response = await carrier._client.post(
        "/twilio/consent?language=de&attempt=0",
        data=form,
        headers={"X-Twilio-Signature": signed},
    )
    assert response.status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?attempt=",
        "?attempt=-1",
        "?attempt=99",
        "?attempt=x",
        "?attempt=\u0663",
        "?language=",
        "?language=xx",
        "?language=../../etc",
        "?language=de&language=en&attempt=1",
    ],
)
async def test_a_strange_query_even_signed_harms_nothing(carrier: Carrier, query: str) -> None:
    await carrier.ring()
    path = "/twilio/consent" + query
    request = carrier._client.build_request("POST", path)
    spelt = request.url.raw_path.decode()
    response = await carrier.post(spelt)
    assert response.status_code == 200


async def test_while_tokens_rotate_both_are_accepted(tmp_path: Path) -> None:
    async with opened(tmp_path, auth_tokens=("new", "old")) as house, Carrier(house) as carrier:
        for token, status in (("new", 200), ("old", 200), ("older", 403)):
            form = carrier.form()
            signer = WebhookSignatures([token], house.public_url)
            signature = signer.sign_form("/twilio/voice", form.items())
            response = await carrier._client.post(
                "/twilio/voice", data=form, headers={"X-Twilio-Signature": signature}
            )
            assert response.status_code == status


async def test_a_get_is_nothing(carrier: Carrier) -> None:
    for path in ADDRESSES:
        assert (await carrier.get(path)).status_code == 405


# -- what is posted --------------------------------------------------------------------------------


async def raw(carrier: Carrier, content: bytes, kind: str, **headers: str) -> httpx.Response:
    return await carrier._client.post(
        "/twilio/voice",
        content=content,
        headers={"content-type": kind, "X-Twilio-Signature": "forged"} | headers,
    )


FORM = "application/x-www-form-urlencoded"


async def test_a_body_above_64_kib_is_refused_whatever_it_says_of_its_length(
    carrier: Carrier,
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"a" * 1024

    assert (await raw(carrier, b"a" * 70_000, FORM)).status_code == 413
    response = await carrier._client.post(
        "/twilio/voice", content=endless(), headers={"content-type": FORM}
    )
    assert response.status_code == 413


BODIES = {
    "ten thousand fields": (b"&".join([b"f=x"] * 10_000), FORM),
    "nothing": (b"", FORM),
    "no form": (b"\x00\xff\xfe", FORM),
    "JSON": (b'{"CallSid":"CA1"}', "application/json"),
    "a multipart form": (
        b'--b\r\nContent-Disposition: form-data; name="CallSid"\r\n\r\nCA1\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    "a file": (
        b'--b\r\nContent-Disposition: form-data; name="CallSid"; filename="x"\r\n\r\nCA1\r\n--b--',
        "multipart/form-data; boundary=b",
    ),
    "a broken multipart form": (b"--x", "multipart/form-data; boundary=b"),
    "a multipart form without boundary": (b"--x", "multipart/form-data"),
    "no kind": (b"CallSid=CA1", ""),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_a_strange_body_is_refused(carrier: Carrier, body: tuple[bytes, str]) -> None:
    response = await raw(carrier, *body)
    assert response.status_code in {400, 403}


@pytest.mark.parametrize("call_id", ["", "CA", "CA" + "g" * 32, "CA" + "0" * 33, "../x", "%00"])
async def test_a_signed_webhook_without_a_call_is_refused(house: House, call_id: str) -> None:
    async with Carrier(house, call_id=call_id) as carrier:
        assert (await carrier.post("/twilio/voice")).status_code == 400


# -- faults of ours --------------------------------------------------------------------------------


class _Broken(PrivacyLink):
    async def send(self, call_id: str, number: str | None, language: str) -> LinkOutcome:
        raise RuntimeError(f"{call_id} {number} {language}")


class _BrokenBook(SqlCallBook):
    async def set_disposition(
        self, call_id: str, disposition: Disposition, language: str | None = None
    ) -> None:
        raise RuntimeError(f"{call_id} {disposition} {language}")


async def test_c25_a_fault_of_ours_is_answered_with_a_human_and_logged_without_the_caller(
    carrier: Carrier, logged: io.StringIO
) -> None:
    house = carrier.house
    link = _Broken(
        messenger=None, book=house.book, links=house.links, text="{} {}".format, clock=house.clock
    )
    house.board = replace(house.board, link=link)
    carrier._client._transport = httpx.ASGITransport(house._app())
    await carrier.ring()
    await carrier.press("2")
    assert await carrier.said("technical_connecting")
    assert carrier.number_dialled == HUMAN
    assert house.metrics.counted("webhook_fault") == 1
    assert "RuntimeError" in logged.getvalue()
    assert CALLER[1:] not in logged.getvalue()


async def test_a_fault_after_the_human_was_dialled_does_not_dial_again(carrier: Carrier) -> None:
    """Else a fault that stays would ring the human for ever."""
    await carrier.ring()
    await carrier.press("0")
    house = carrier.house
    registrar = replace(house.registrar, book=_BrokenBook(house.database))
    house.board = replace(house.board, registrar=registrar)
    carrier._client._transport = httpx.ASGITransport(house._app())
    await carrier.dialled("busy")
    assert carrier.verbs == ["Hangup"]
