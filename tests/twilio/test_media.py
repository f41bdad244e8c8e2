"""Media streams on a real server: whatever comes in, one call, one end, nothing left."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.runtime import sample_call
from tests.runtime.engines import Loudness, OneSentence
from tests.twilio.carrier import Carrier, SocketClient, conversing, obeyed, reached, streaming
from tests.twilio.house import House, serving
from voice_agent.audio import mulaw
from voice_agent.audio.frame import FRAME_BYTES
from voice_agent.call.actions import Action
from voice_agent.call.events import Event, KeyPressed
from voice_agent.call.phase import Phase
from voice_agent.call.session import CallSession
from voice_agent.call.terms import CallTerms
from voice_agent.runtime.records import Disposition
from voice_agent.twilio import wire
from voice_agent.twilio.media import Admission

pytestmark = pytest.mark.integration


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A served agent; every test ends with no call and no task left in it."""
    async with serving(tmp_path) as house:
        yield house
        await house.quiet()


@pytest.fixture
def question() -> bytes:
    """A spoken question, then a second of silence."""
    return sample_call.question()


# -- the upgrade -----------------------------------------------------------------------------------


@pytest.mark.parametrize("signature", [None, "", "forged", "BfZydh0z7+hmTQF5yxCX4cNljmU="])
async def test_a_socket_without_the_carriers_signature_is_refused_before_the_upgrade(
    house: House, signature: str | None
) -> None:
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    with pytest.raises(InvalidStatus) as refused:
        await connect(house.signatures.socket_url("/twilio/media"), additional_headers=headers)
    assert refused.value.response.status_code == 403
    assert house.metrics.counted("streams_accepted") == 0
    assert house.metrics.counted("signature_refused") == 1


async def test_a_webhooks_signature_does_not_open_a_socket(house: House) -> None:
    headers = {"X-Twilio-Signature": house.signatures.sign_form("/twilio/media")}
    with pytest.raises(InvalidStatus):
        await connect(house.signatures.socket_url("/twilio/media"), additional_headers=headers)


# -- the start -------------------------------------------------------------------------------------


async def accepted(house: House) -> tuple[str, str]:
    """A call whose caller pressed 1: its identifier and its stream's token."""
    async with Carrier(house) as carrier:
        await carrier.ring()
        await carrier.press("1")
        return carrier.call_id, carrier.parameters["token"]


async def refused(house: House, call_id: str, token: str, **parameters: str) -> int | None:
    async with streaming(house, call_id) as client:
        await client.connected()
        await client.start(token, **parameters)
        return await client.closed()


async def test_c4_a_stream_with_its_token_is_a_call(house: House) -> None:
    async with conversing(house) as client:
        await client.speaking()
        assert house.calls == 1
        await client.stop()
        assert await client.closed() == 1000


@pytest.mark.parametrize("token", ["", "x" * 43, "\u00fc" * 43, "a" * 400])
async def test_c4_a_wrong_token_closes_with_1008(house: House, token: str) -> None:
    call_id, _ = await accepted(house)
    assert await refused(house, call_id, token) == 1008
    assert house.metrics.counted("stream_refused_token") == 1


async def test_c4_a_token_works_once(house: House) -> None:
    call_id, token = await accepted(house)
    async with streaming(house, call_id) as client:
        await client.start(token)
        await client.speaking()
        assert await refused(house, call_id, token) == 1008
        await client.stop()


async def test_c4_another_calls_token_closes_with_1008_and_still_works_for_its_own(
    house: House,
) -> None:
    call_id, token = await accepted(house)
    other, _ = await accepted(house)
    assert await refused(house, other, token) == 1008
    async with streaming(house, call_id) as client:
        await client.start(token)
        await client.speaking()
        await client.stop()


async def test_c4_a_token_is_worth_nothing_after_ten_seconds(house: House) -> None:
    call_id, token = await accepted(house)
    house.clock.ahead = 10.5
    assert await refused(house, call_id, token) == 1008


async def test_c1_a_token_without_a_consent_record_opens_no_stream(house: House) -> None:
    """As the browser telephone's would be on the carrier's socket."""
    async with Carrier(house) as carrier:
        await carrier.ring()
        token = await house.tokens.mint(carrier.call_id, house.clock())
        assert await refused(house, carrier.call_id, token) == 1008
    assert house.ear.heard == []


async def test_c11_a_withdrawn_consent_opens_no_stream(house: House) -> None:
    call_id, token = await accepted(house)
    await house.ledger.withdraw(call_id, house.clock())
    assert await refused(house, call_id, token) == 1008


async def test_a_stream_that_does_not_start_in_time_is_closed(tmp_path: Path) -> None:
    async with serving(tmp_path, start_s=0.2) as house:
        async with streaming(house, "CA" + "0" * 32) as client:
            await client.connected()
            assert await client.closed() == 1008
        await house.quiet()


async def test_streams_that_wait_for_their_start_are_limited_in_number(tmp_path: Path) -> None:
    async with serving(tmp_path, most_waiting=2) as house:
        call_id, token = await accepted(house)
        async with streaming(house, "CA1"), streaming(house, "CA2"):
            with pytest.raises(InvalidStatus):
                async with streaming(house, "CA3"):
                    pass
        await house.quiet()
        assert house.metrics.counted("stream_refused_waiting") == 1
        async with streaming(house, call_id) as client:  # there is room again
            await client.start(token)
            await client.speaking()
            await client.stop()
        await house.quiet()


async def test_one_call_too_many_is_closed_and_goes_to_a_human(tmp_path: Path) -> None:
    async with serving(tmp_path, most_calls=1) as house:
        async with conversing(house) as first, Carrier(house) as carrier:
            await first.speaking()
            await carrier.ring()
            await carrier.press("1")
            token = carrier.parameters["token"]
            assert await refused(house, carrier.call_id, token) == 1013
            await carrier.stream_ended()
            assert carrier.verbs == ["Play", "Dial"]
            await first.stop()
        await house.quiet()


BEFORE_START = {
    "media": lambda client: client.send(client.media(b"\x00" * 160)),
    "a key": lambda client: client.press("1"),
    "stop": lambda client: client.stop(),
    "no JSON": lambda client: client.socket.send("hello"),
    "an unknown event": lambda client: client.socket.send('{"event":"transcription"}'),
    "binary": lambda client: client.socket.send(b"\x00\x01"),
    "sound that is not mu-law": lambda client: client.socket.send(
        start_text(client).replace("audio/x-mulaw", "audio/l16")
    ),
    "sound at 16 kHz": lambda client: client.socket.send(
        start_text(client).replace("8000", "16000")
    ),
    "two streams in one start": lambda client: client.socket.send(
        start_text(client).replace(client.stream_sid, "MZother", 1)
    ),
    "no call": lambda client: client.socket.send(start_text(client).replace("callSid", "callsid")),
}


def start_text(client: SocketClient) -> str:
    return wire.encode_inbound(
        wire.Start(
            stream_sid=client.stream_sid, sequence=1, account_sid="AC1", call_sid=client.call_id
        )
    )


@pytest.mark.parametrize("rude", BEFORE_START.values(), ids=BEFORE_START.keys())
async def test_whatever_comes_before_a_proper_start_closes_with_1002(
    house: House, rude: Callable[[SocketClient], Any]
) -> None:
    async with streaming(house, "CA" + "0" * 32) as client:
        await client.connected()
        await rude(client)
        assert await client.closed() == 1002
    assert house.calls == 0


async def test_a_socket_that_closes_before_its_start_leaves_nothing(house: House) -> None:
    async with streaming(house, "CA" + "0" * 32) as client:
        await client.connected()
        await client.vanish()


# -- during the call -------------------------------------------------------------------------------


def changed(client: SocketClient, **changes: Any) -> str:
    message = json.loads(wire.encode_inbound(client.media(b"\x00" * 160)))
    message["media"] |= changes.pop("media", {})
    return json.dumps(message | changes)


RUDE: dict[str, Callable[[SocketClient], str | bytes]] = {
    "nothing": lambda _: "",
    "no JSON": lambda _: "{",
    "a list": lambda _: "[]",
    "a number": lambda _: "5",
    "deep JSON": lambda _: "[" * 30_000,
    "no event": lambda _: "{}",
    "an event that is no word": lambda _: '{"event":{}}',
    "media without sound": lambda _: '{"event":"media"}',
    "a key that is none": lambda c: json.dumps(
        {"event": "dtmf", "streamSid": c.stream_sid, "sequenceNumber": "9", "dtmf": {"digit": "A"}}
    ),
    "a mark without a name": lambda c: json.dumps(
        {"event": "mark", "streamSid": c.stream_sid, "sequenceNumber": "9", "mark": {}}
    ),
    "a number for a string": lambda c: changed(c, sequenceNumber=7),
    "a string for an object": lambda c: changed(c, media={"payload": {}}),
    "base64 that is none": lambda c: changed(c, media={"payload": "!!!!"}),
    "half a base64": lambda c: changed(c, media={"payload": "AAAAA"}),
    "our own track": lambda c: changed(c, media={"track": "outbound"}),
    "another stream's": lambda c: changed(c, streamSid="MZ" + "f" * 32),
    "time that never comes": lambda c: changed(c, media={"timestamp": "9" * 5000}),
    "a second start": start_text,
    "a second connected": lambda _: wire.encode_inbound(wire.Connected()),
    "binary": lambda _: b"\x00\x01\x02",
}


@pytest.mark.parametrize("rude", RUDE.values(), ids=RUDE.keys())
async def test_an_unreadable_message_is_counted_and_the_call_goes_on(
    house: House, rude: Callable[[SocketClient], str | bytes]
) -> None:
    async with conversing(house) as client:
        await client.speaking()
        await client.socket.send(rude(client))
        await obeyed(house, client, "#")
        assert client.code is None
        assert house.metrics.counted("unreadable_messages") == 1
        await client.stop()


async def test_an_event_the_carrier_may_have_added_is_passed_over_however_often(
    house: House,
) -> None:
    async with conversing(house) as client:
        await client.speaking()
        for _ in range(300):
            await client.socket.send('{"event":"sunshine","streamSid":"MZ1"}')
        await obeyed(house, client, "#")
        assert house.metrics.counted("unknown_events") == 300
        await client.stop()


async def test_a_hundred_unreadable_messages_end_the_stream(house: House) -> None:
    async with conversing(house) as client:
        for _ in range(100):
            await client.socket.send("{")
        assert await client.closed() == 1000
        assert await house.book.disposition(client.call_id) is Disposition.LEFT


@pytest.mark.parametrize("size", [0, 1, 159, 161, 4000, 40_000])
async def test_sound_of_any_length_is_taken(house: House, size: int) -> None:
    async with conversing(house) as client:
        await client.speaking()
        await client.send(client.media(b"\xff" * size))
        await obeyed(house, client, "#")
        assert house.metrics.counted("unreadable_messages") == 0
        await client.stop()


async def test_a_message_of_a_megabyte_closes_the_socket_with_1009(house: House) -> None:
    async with conversing(house) as client:
        await client.speaking()
        await client.socket.send("x" * 1_000_000)
        assert await client.closed() == 1009


async def test_gaps_and_repetitions_in_the_sound_harm_nothing(
    house: House, question: bytes
) -> None:
    """Every seventh packet is lost, every eleventh comes twice; the turn still ends."""
    async with conversing(house) as client:
        await client.speaking()
        for number, at in enumerate(range(0, len(question), 160)):
            message = client.media(question[at : at + 160])
            if number % 7:
                await client.send(message)
            if not number % 11:
                await client.send(message)
        await client.until(lambda _: bool(house.ear.heard))
        await client.stop()


async def test_marks_that_never_come_back_do_not_stop_the_call(tmp_path: Path) -> None:
    async with serving(tmp_path, terms={"mark_s": 0.1, "no_input_s": 0.1}) as house:
        async with conversing(house) as client:
            client.returns_marks = False
            assert await client.closed(20) == 1000  # greeting, reprompts, goodbye: by the clock
            assert await house.book.disposition(client.call_id) is Disposition.ENDED
        await house.quiet()


async def test_marks_nobody_asked_for_are_passed_over(house: House) -> None:
    async with conversing(house) as client:
        await client.speaking()
        for name in ("nobody", "0.99999", "-1.1", "0.1"):
            await client.send(wire.Mark(stream_sid=client.stream_sid, sequence=1, name=name))
        await obeyed(house, client, "#")
        assert client.code is None
        await client.stop()


# -- the conversation ------------------------------------------------------------------------------


async def test_a_question_is_heard_and_answered(house: House, question: bytes) -> None:
    async with conversing(house) as client:
        await client.heard()
        await client.speak(question)
        await client.until(lambda _: bool(house.ear.heard))
        marks = client.marks
        await client.until(lambda self: self.marks > marks)
        assert house.metrics.counted("recognitions") >= 1
        await client.stop()


async def test_a_goodbye_is_heard_to_its_end_and_then_hung_up(
    tmp_path: Path, question: bytes
) -> None:
    async with serving(tmp_path, ear=OneSentence("Auf Wiederhören.")) as house:
        async with conversing(house) as client:
            await client.heard()
            await client.speak(question)
            assert await client.closed() == 1000
            assert isinstance(client.received[-1], wire.OutboundMark)
            assert await house.book.disposition(client.call_id) is Disposition.ENDED
        await house.quiet()


async def test_key_0_announces_the_human_and_hands_over(house: House) -> None:
    async with Carrier(house) as carrier:
        await carrier.ring()
        await carrier.press("1")
        async with streaming(house, carrier.call_id) as client:
            await client.start(**carrier.parameters)
            await client.speaking()
            await client.press("0")
            assert await client.closed() == 1000
        await carrier.stream_ended()
        assert carrier.verbs == ["Dial"]  # the agent has announced it


async def test_c16_within_half_a_second_of_the_star_the_agent_is_silent_and_deaf(
    house: House, question: bytes
) -> None:
    """Clear comes at once, the withdrawal is in the ledger, and nothing is recognised any more."""
    async with conversing(house) as client:
        client.returns_marks = False
        await client.press("3")  # the long notice: something to interrupt
        await client.until(lambda self: len(self.audio) > 1600)
        clears, pressed = client.clears, time.monotonic()
        await client.press("*")
        await client.until(lambda self: self.clears > clears)
        assert time.monotonic() - pressed < 0.5
        async with asyncio.timeout(0.5 - (time.monotonic() - pressed)):
            while await house.ledger.find(client.call_id) is not None:  # noqa: ASYNC110 (a row)
                await asyncio.sleep(0.01)
        heard = len(house.ear.heard)
        await client.speak(question)
        client.returns_marks = True
        await client.press("0")
        await client.closed()
        assert len(house.ear.heard) == heard


# -- ends ------------------------------------------------------------------------------------------


async def gone_by_stop(client: SocketClient) -> None:
    await client.stop()
    assert await client.closed() == 1000  # stop without a close: we close


async def gone_by_close(client: SocketClient) -> None:
    await client.socket.close()


async def gone_without_a_word(client: SocketClient) -> None:
    await client.vanish()


async def gone_twice(client: SocketClient) -> None:
    await client.stop()
    await client.stop()
    await client.vanish()


LEAVING = [gone_by_stop, gone_by_close, gone_without_a_word, gone_twice]


@pytest.mark.parametrize("leave", LEAVING)
async def test_a_caller_may_leave_during_the_greeting(
    house: House, leave: Callable[[SocketClient], Any]
) -> None:
    async with conversing(house) as client:
        client.returns_marks = False
        await client.speaking()
        await leave(client)
        await house.quiet()
        assert await house.book.disposition(client.call_id) is Disposition.LEFT


@pytest.mark.parametrize("leave", LEAVING)
async def test_a_caller_may_leave_while_being_recognised(
    house: House, question: bytes, leave: Callable[[SocketClient], Any]
) -> None:
    async with conversing(house) as client:
        await client.heard()
        await client.speak(question)
        await leave(client)
        await house.quiet()


@pytest.mark.parametrize("leave", LEAVING)
async def test_a_caller_may_leave_during_the_notice(
    tmp_path: Path, leave: Callable[[SocketClient], Any]
) -> None:
    async with serving(tmp_path, in_stream=True) as house:
        async with Carrier(house) as carrier:
            await carrier.ring()
            async with streaming(house, carrier.call_id) as client:
                client.returns_marks = False
                await client.start(**carrier.parameters)
                await client.speaking()
                await leave(client)
                await house.quiet()
        assert house.ear.heard == []


async def test_a_stream_that_broke_goes_to_a_human_and_a_caller_who_hung_up_does_not(
    house: House,
) -> None:
    """Our socket closes the same way; only the carrier knows whether the caller is still there."""
    async with Carrier(house) as carrier:
        await carrier.ring()
        await carrier.press("1")
        connect = carrier.documents[-1]
        async with streaming(house, carrier.call_id) as client:
            await client.start(**carrier.parameters)
            await client.speaking()
            await client.vanish()
        await house.quiet()
        await carrier.stream_ended(CallStatus="in-progress")
        assert carrier.verbs == ["Play", "Dial"]
        carrier.documents.append(connect)
        await carrier.stream_ended(CallStatus="completed")
        assert carrier.verbs == ["Hangup"]


class Breaking(CallSession):
    """A call with a fault of ours: key 3 breaks it."""

    def receive(self, event: Event, now: float) -> list[Action]:
        """Break, or go on."""
        if event == KeyPressed("3"):
            raise ZeroDivisionError
        return super().receive(event, now)


async def test_a_fault_of_ours_closes_the_stream_and_the_caller_reaches_a_human(
    tmp_path: Path,
) -> None:
    def open_call(admission: Admission) -> CallSession:
        terms = CallTerms(call_id=admission.call_id, language=admission.language)
        return Breaking(terms, Loudness(), sample_call.engine(), sample_call.script())

    async with serving(tmp_path, open_call=open_call) as house, Carrier(house) as carrier:
        await carrier.ring()
        await carrier.press("1")
        async with streaming(house, carrier.call_id) as client:
            await client.start(**carrier.parameters)
            await client.speaking()
            await client.press("3")
            assert await client.closed() == 1000
        await house.quiet()
        assert await house.book.disposition(carrier.call_id) is Disposition.CONNECTED
        await carrier.stream_ended()
        assert carrier.number_dialled == house.human


async def test_a_call_that_cannot_be_opened_closes_the_stream_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    def open_call(admission: Admission) -> CallSession:
        raise ZeroDivisionError(admission.language)

    async with serving(tmp_path, open_call=open_call) as house, Carrier(house) as carrier:
        await carrier.ring()
        await carrier.press("1")
        async with streaming(house, carrier.call_id) as client:
            await client.start(**carrier.parameters)
            await client.closed()
        await house.quiet()
        await carrier.stream_ended()
        assert carrier.number_dialled == house.human


# -- before the server stops -----------------------------------------------------------------------


async def test_before_the_server_stops_calls_are_let_go_and_reach_a_human(house: House) -> None:
    async with Carrier(house) as carrier:
        await carrier.ring()
        await carrier.press("1")
        async with streaming(house, carrier.call_id) as client:
            await client.start(**carrier.parameters)
            await client.speaking()
            await house.streams.drain(5.0)
            assert await client.closed() == 1000
        await carrier.stream_ended()
        assert carrier.number_dialled == house.human


async def test_before_the_server_stops_last_words_are_said_to_their_end(house: House) -> None:
    async with conversing(house) as client:
        client.returns_marks = False
        await client.speaking()
        await client.press("0")
        await reached(house, client, Phase.HANDING_OVER)
        marks = client.marks
        draining = asyncio.create_task(house.streams.drain(10.0))
        await client.until(lambda self: self.marks > marks)
        assert not draining.done()
        for message in client.received:
            if isinstance(message, wire.OutboundMark):
                await client.send(
                    wire.Mark(stream_sid=client.stream_sid, sequence=9, name=message.name)
                )
        await draining
        await client.closed()
        assert await house.book.disposition(client.call_id) is Disposition.HANDOVER


async def test_while_the_server_stops_no_stream_begins(house: House) -> None:
    call_id, _ = await accepted(house)
    await house.streams.drain(0.0)
    with pytest.raises(InvalidStatus):
        async with streaming(house, call_id):
            pass


async def test_a_stream_about_to_start_counts_among_the_calls_of_a_server_that_stops(
    house: House,
) -> None:
    """Its caller is to reach a human too, so webhooks must be answered a little longer."""
    call_id, token = await accepted(house)
    async with streaming(house, call_id) as client:
        await client.connected()
        assert await house.streams.drain(0.0) == 1
        await client.start(token)
        assert await client.closed() is not None


# -- the notice inside the stream ------------------------------------------------------------------


async def test_c2_what_was_said_before_the_key_never_surfaces_and_is_never_decoded(
    tmp_path: Path, question: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even after a later yes; the codec is watched."""
    decoded: list[bytes] = []
    decode = mulaw.decode

    def watched(sound: bytes) -> Any:
        decoded.append(sound)
        return decode(sound)

    async with serving(tmp_path, in_stream=True) as house, Carrier(house) as carrier:
        monkeypatch.setattr(mulaw, "decode", watched)
        await carrier.ring()
        async with streaming(house, carrier.call_id) as client:
            await client.start(**carrier.parameters)
            await client.speaking()
            before = b"\x01\x02\x03\x04" * 40 * 200
            await client.speak(before)
            await obeyed(house, client, "#")
            assert decoded == []
            await client.press("1")
            await reached(house, client, Phase.CONVERSING)
            await client.speak(question)
            await client.until(lambda _: bool(house.ear.heard))
            assert not any(b"\x01\x02\x03\x04" in sound for sound in house.ear.heard)
            # A frame is filtered with the one before it, so each is decoded twice, and no more.
            heard = len(question) + 20 * FRAME_BYTES
            assert 0 < sum(map(len, decoded)) <= 2 * heard
            assert not any(b"\x01\x02\x03\x04" in sound for sound in decoded)
            await client.stop()
        await house.quiet()


async def test_c4_in_the_stream_a_ledger_that_is_away_means_a_human_and_no_ears(
    tmp_path: Path, question: bytes
) -> None:
    async with serving(tmp_path, in_stream=True) as house, Carrier(house) as carrier:
        await carrier.ring()
        async with streaming(house, carrier.call_id) as client:
            await client.start(**carrier.parameters)
            await client.speaking()
            async with house.database.engine.connect() as other:
                await other.exec_driver_sql("BEGIN IMMEDIATE")
                await client.press("1")
                await client.until(lambda _: house.metrics.counted("consent_failed") == 1)
                await other.rollback()
            await client.speak(question)
            assert await client.closed() == 1000
        await carrier.stream_ended()
        assert carrier.number_dialled == house.human
        assert house.ear.heard == []
        await house.quiet()
