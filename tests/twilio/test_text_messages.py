"""Text messages that people send us: a refusal counts, everything else is dropped unread."""

from __future__ import annotations

import io

import pytest

from tests.twilio.house import OURS
from tests.twilio.rung_up import NUMBER, RungUp, is_refused
from voice_agent.twilio.text_messages import TextMessage

pytestmark = pytest.mark.integration  # a real database on a real disk

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response />'


async def sends(call: RungUp, text: str, number: str = NUMBER, **fields: str) -> None:
    """Somebody sends us a message; it is answered by nothing."""
    form = {
        "MessageSid": "SM" + "1" * 32,
        "SmsMessageSid": "SM" + "1" * 32,
        "AccountSid": "AC" + "0" * 32,
        "From": number,
        "To": OURS,
        "Body": text,
        "NumMedia": "0",
        "FromCity": "CANARY CITY",
    } | fields
    signature = call.house.signatures.sign_form("/twilio/message", form.items())
    response = await call._client.post(
        "/twilio/message", data=form, headers={"X-Twilio-Signature": signature}
    )
    assert (response.status_code, response.text) == (200, EMPTY)
    assert response.headers["content-type"].startswith("application/xml")


@pytest.mark.parametrize("text", ["STOP", "stopp bitte", "Ende.", "UNSUBSCRIBE", "abmelden"])
async def test_c28_a_refusal_by_text_message_is_on_the_list_at_once(
    call: RungUp, text: str
) -> None:
    await sends(call, text)
    assert await is_refused(call.house)
    await sends(call, text)
    assert await call.house.list.count() == 1
    assert call.house.metrics.counted("message_refused") == 2


async def test_c28_what_the_carrier_takes_for_a_refusal_is_one(call: RungUp) -> None:
    await sends(call, "ARRET", OptOutType="STOP")
    assert await is_refused(call.house)


@pytest.mark.parametrize("kind", ["START", "HELP", ""])
async def test_another_word_of_the_carriers_is_none(call: RungUp, kind: str) -> None:
    await sends(call, "ja", OptOutType=kind)
    assert not await is_refused(call.house)


async def test_any_other_message_is_dropped_and_counted(call: RungUp, logged: io.StringIO) -> None:
    await sends(call, "CANARY-TEXT: Ich habe Rückenschmerzen")
    assert await call.house.list.count() == 0
    assert call.house.metrics.counted("message_dropped") == 1
    files = b"".join(each.read_bytes() for each in call.house.directory.iterdir() if each.is_file())
    for trace in ("CANARY", NUMBER[1:], "Rücken"):
        assert trace not in logged.getvalue()
        assert trace.encode() not in files


@pytest.mark.parametrize(
    "number", ["", "anonymous", "whatsapp:+493012340042", "12345", "Berger", "+266696687", "+0049"]
)
async def test_a_refusal_from_no_number_is_dropped(call: RungUp, number: str) -> None:
    await sends(call, "STOP", number=number)
    assert await call.house.list.count() == 0
    assert call.house.metrics.counted("message_dropped") == 1


async def test_c28_a_refusal_the_list_does_not_take_is_tried_again(call: RungUp) -> None:
    async with call.house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE do_not_call RENAME TO gone")
    await sends(call, "STOP")
    async with call.house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO do_not_call")
    await call.house.refusals.settle()
    assert await is_refused(call.house)


def test_c18_a_message_shows_neither_number_nor_text() -> None:
    shown = repr(TextMessage(number=NUMBER, text="CANARY"))
    assert NUMBER not in shown
    assert "CANARY" not in shown
