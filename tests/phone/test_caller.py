"""The simulated caller against a small agent over real sockets, in real time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.phone.fake_agent import HANDOVER, TOKEN, FakeAgent, serving, tone
from voice_agent.errors import CarrierError, ProtocolError
from voice_agent.live.observation import AgentSaid, CallEnded, Observation
from voice_agent.phone.caller import CallResult, SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.onlooker import observe
from voice_agent.phone.report import EndReason, Report
from voice_agent.phone.script import (
    HangUp,
    Listen,
    PressKey,
    Say,
    Stay,
    Step,
    Wait,
    conversation,
)
from voice_agent.twilio import wire

pytestmark = pytest.mark.integration

ACCEPT: list[Step] = [Listen(), PressKey("1")]
SPEECH = Say(tone(0.5, 700.0), "speech.wav")


@pytest.fixture
def agent() -> FakeAgent:
    return FakeAgent(answer=tone(0.5))


@pytest.fixture
async def carrier(agent: FakeAgent) -> AsyncIterator[Carrier]:
    async with serving(agent) as url, Carrier(url, TOKEN) as carrier:
        yield carrier


async def ring(carrier: Carrier, script: list[Step]) -> tuple[CallResult, list[Report]]:
    reports: list[Report] = []
    result = await SimulatedCall(carrier, script, tell=reports.append).run()
    return result, reports


async def test_a_call_from_the_notice_to_the_goodbye(
    agent: FakeAgent, carrier: Carrier, tmp_path: Path
) -> None:
    result, reports = await ring(carrier, conversation([SPEECH, SPEECH]))
    assert [report.type for report in reports] == [
        *("notice", "key", "stream", "heard"),
        *("said", "turn", "heard"),
        *("said", "turn", "heard"),
        "end",
    ]
    assert result.ended.reason is EndReason.CALLER_HUNG_UP
    assert agent.bad_signatures == 0
    assert [path for path, _ in agent.forms] == ["voice", "consent", "status/call"]
    assert agent.returned == ["0.1", "0.2", "0.3"]
    assert isinstance(agent.messages[-1], wire.Stop)
    result.recording.write(tmp_path / "call.wav", result.ended.seconds)
    assert (tmp_path / "call.wav").stat().st_size > 4 * 8000 * result.ended.seconds * 0.99


async def test_latency_is_measured_on_the_sound(agent: FakeAgent, carrier: Carrier) -> None:
    """The agent hears 200 ms of silence out and thinks for 300: half a second, voice to voice."""
    agent.thinks = 0.3
    result, _ = await ring(carrier, conversation([SPEECH]))
    assert result.turns[0].seconds == pytest.approx(0.5, abs=0.15)
    assert result.turns[0].overlap_seconds == 0.0


async def test_forms_are_the_carriers(agent: FakeAgent, carrier: Carrier) -> None:
    result, _ = await ring(carrier, [*ACCEPT, Wait(0.1), HangUp()])
    (_, voice), (_, consent), (_, status) = agent.forms
    assert voice == {
        "CallSid": result.call_id,
        "AccountSid": carrier.account_sid,
        "From": "+4915112345678",
        "To": "+4930901820",
        "CallStatus": "ringing",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
    }
    assert consent == voice | {"CallStatus": "in-progress", "Digits": "1"}
    assert status.keys() == voice.keys() | {"CallDuration"}
    assert status["CallStatus"] == "completed"


async def test_one_who_never_presses_a_key_hears_the_notice_and_no_stream_opens(
    agent: FakeAgent, carrier: Carrier
) -> None:
    result, reports = await ring(carrier, [Stay()])
    assert result.ended.reason is EndReason.AGENT_HUNG_UP
    assert [report.type for report in reports] == ["notice", "notice", "end"]
    assert result.ended.seconds > 4 + 3 + 4
    assert (agent.media, agent.messages) == (0, [])
    assert [path for path, _ in agent.forms] == ["voice", "again", "status/call"]


async def test_waiting_for_a_notice_takes_no_real_time(carrier: Carrier) -> None:
    async with asyncio.timeout(3):
        await asyncio.gather(*(ring(carrier, [Stay()]) for _ in range(30)))


async def test_speech_before_the_key_reaches_nobody(agent: FakeAgent, carrier: Carrier) -> None:
    result, _ = await ring(carrier, [SPEECH, *ACCEPT, Listen(), HangUp()])
    assert agent.media > 0
    assert agent.interrupted == 0
    assert len(agent.returned) == 1
    assert result.recording.caller.heard[0].end == pytest.approx(0.5, abs=0.1)


async def test_a_key_stops_the_notice(carrier: Carrier) -> None:
    result, reports = await ring(carrier, [Wait(1.5), PressKey("0")])
    assert reports[0].to_dict() | {"at": 0} == {
        "type": "notice",
        "at": 0,
        "seconds": 1.5,
        "complete": False,
    }
    assert result.ended.reason is EndReason.HANDED_OVER
    assert result.handover == HANDOVER


async def test_keys_in_the_stream_are_sent_and_talking_over_the_agent_gets_its_marks_back(
    agent: FakeAgent, carrier: Carrier
) -> None:
    agent.answer = tone(3.0)
    result, _ = await ring(carrier, [*ACCEPT, Wait(0.5), PressKey("*"), SPEECH, Listen(), HangUp()])
    assert [m.digit for m in agent.messages if isinstance(m, wire.Digit)] == ["*"]
    assert agent.interrupted == 1
    assert agent.returned == ["0.1", "0.2"]
    assert 0.0 < result.turns[0].overlap_seconds < 0.5
    assert result.turns[0].seconds is not None


@pytest.mark.parametrize("code", [1000, 1011])
async def test_after_the_agent_closes_the_call_goes_on_with_the_action(
    agent: FakeAgent, carrier: Carrier, code: int
) -> None:
    """Also if the stream breaks off."""
    agent.turns, agent.close_code = 1, code
    result, reports = await ring(carrier, [*ACCEPT, Listen(), SPEECH, Stay()])
    assert result.close_codes == (code,)
    assert [path for path, _ in agent.forms] == ["voice", "consent", "after", "status/call"]
    assert result.handover == HANDOVER
    assert [report.type for report in reports][-4:] == ["turn", "heard", "handover", "end"]


async def test_a_line_that_breaks_sends_no_stop(agent: FakeAgent, carrier: Carrier) -> None:
    result, _ = await ring(carrier, [*ACCEPT, Wait(0.3), HangUp(abrupt=True)])
    assert result.ended.reason is EndReason.LINE_BROKE
    assert not any(isinstance(message, wire.Stop) for message in agent.messages)


async def test_a_call_that_never_ends_is_ended_by_the_carrier(carrier: Carrier) -> None:
    result = await SimulatedCall(carrier, [*ACCEPT, Stay()], longest=6.0).run()
    assert result.ended.seconds == pytest.approx(6.0, abs=0.3)


@pytest.mark.parametrize(
    "rudeness",
    [
        b"\x00\x01",
        "not json",
        '{"event":"clear","streamSid":"MZ00000000000000000000000000000000"}',
        '{"event":"hello"}',
    ],
    ids=["binary", "no JSON", "another stream", "unknown event"],
)
async def test_what_the_carrier_would_not_take_is_an_error_not_silence(
    agent: FakeAgent, carrier: Carrier, rudeness: str | bytes
) -> None:
    agent.rudeness = rudeness
    with pytest.raises(ProtocolError):
        await ring(carrier, [*ACCEPT, Stay()])


async def test_a_wrong_token_is_refused(agent: FakeAgent) -> None:
    async with serving(agent) as url, Carrier(url, "wrong") as carrier:
        with pytest.raises(CarrierError) as raised:
            await ring(carrier, [Stay()])
    assert raised.value.carrier_code == 403
    assert agent.bad_signatures == 1


async def test_a_server_that_believes_in_another_origin_is_reached_and_signed_for(
    agent: FakeAgent,
) -> None:
    """As behind a proxy: what is signed and written in the TwiML is the public address."""
    public = "https://voice.example"
    async with serving(agent) as url, Carrier(url, TOKEN, public) as carrier:
        agent.public_url = public
        result, _ = await ring(carrier, [*ACCEPT, Listen(), HangUp()])
    assert result.ended.reason is EndReason.CALLER_HUNG_UP
    assert agent.returned == ["0.1"]
    assert agent.bad_signatures == 0


async def test_a_stream_that_is_refused_is_an_error_with_its_status(
    agent: FakeAgent, carrier: Carrier
) -> None:
    """The account's token changes between the acceptance and the upgrade."""

    def change(report: Report) -> None:
        if report.type == "key":
            agent.socket_token = "rotated"

    with pytest.raises(CarrierError) as raised:
        await SimulatedCall(carrier, [*ACCEPT, Stay()], tell=change).run()
    assert raised.value.carrier_code == 403
    assert agent.messages == []


async def test_a_server_that_is_not_there_is_an_error() -> None:
    async with Carrier("http://127.0.0.1:9", TOKEN) as carrier:
        with pytest.raises(CarrierError, match="no answer"):
            await ring(carrier, [Stay()])


async def test_many_calls_run_at_once(agent: FakeAgent, carrier: Carrier) -> None:
    results = await asyncio.gather(
        *(ring(carrier, conversation([SPEECH], key_after=0.0)) for _ in range(12))
    )
    assert all(len(result.turns) == 1 for result, _ in results)
    assert all(result.turns[0].seconds is not None for result, _ in results)
    assert len({result.call_id for result, _ in results}) == 12
    assert agent.bad_signatures == 0


async def test_an_onlooker_sees_the_words_from_another_process(
    agent: FakeAgent, carrier: Carrier
) -> None:
    call = SimulatedCall(carrier, conversation([SPEECH]))

    async def look() -> list[Observation]:
        return [seen async for seen in observe(carrier.url, call.call_id)]

    looking = asyncio.create_task(look())
    await call.run()
    async with asyncio.timeout(2):
        seen = await looking
    assert seen.count(AgentSaid("Beep.")) == 2
    assert isinstance(seen[-1], CallEnded)
    assert agent.interrupted == 0
