"""The console's server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from tests.console.console_house import ANNA, BEN, ConsoleHouse, opened
from voice_agent.console.attendance import Attendance
from voice_agent.console.board import Board
from voice_agent.console.streams import Streams
from voice_agent.errors import VoiceAgentError
from voice_agent.live.observation import (
    AgentSaid,
    CallEnded,
    CallerSaid,
    ConsentSeen,
    ControlChanged,
    FlowMoved,
)


@pytest.fixture
async def house() -> AsyncIterator[ConsoleHouse]:
    async with opened() as house:
        yield house


@pytest.fixture
def streams(house: ConsoleHouse) -> Streams:
    return Streams(Board(house.live), Attendance(house.live), house.guard)


def read(event: str) -> tuple[str, Any]:
    """An event's name and data."""
    lines = [line for line in event.splitlines() if line and not line.startswith(":")]
    fields = dict(line.split(": ", 1) for line in lines)
    return fields.get("event", ""), json.loads(fields["data"]) if "data" in fields else None


async def take(events: AsyncIterator[str], *names: str) -> Any:
    """The data of the next event of one of these names."""
    async for event in events:
        name, data = read(event)
        if data is not None and name in names:
            return data
    raise AssertionError(f"no event {names}")


async def test_the_overview_begins_with_everything_and_tells_what_changes(
    house: ConsoleHouse, streams: Streams
) -> None:
    call = await house.begin()
    async with aclosing(streams.overview(ANNA)) as events:
        first = await take(events, "all")
        assert [each["call"] for each in first["calls"]] == [call]
        await house.consent(call)
        await house.wait(call)
        news = await take(events, "some")
        while "calls" not in news or news["calls"][0]["state"] != "waiting":
            news = await take(events, "some")
        assert news["calls"][0]["reason"] == "Möchte einen Menschen"
        await house.end(call)
        news = await take(events, "some")
        while "gone" not in news:
            news = await take(events, "some")
        assert news["gone"] == [call]


async def test_an_open_page_is_a_sign_of_life_of_its_operator(
    house: ConsoleHouse, streams: Streams
) -> None:
    house.guard.who = BEN
    async with aclosing(streams.overview(BEN)) as events:
        assert (await take(events, "all"))["duty"] == []
        news = await take(events, "some")
        expected = {"account": BEN.account, "name": BEN.name, "available": False, "call": ""}
        assert news["duty"] == [expected]


async def test_a_stream_ends_with_its_session(
    house: ConsoleHouse, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice_agent.console.pulse.SESSION_S", 0.0)
    monkeypatch.setattr("voice_agent.console.streams.HEARTBEAT_S", 0.02)
    call = await house.begin()
    for stream in (streams.overview(ANNA), streams.call(ANNA, call)):
        house.guard.who = ANNA
        async with aclosing(stream) as events:
            await take(events, "all", "begin")
            house.guard.who = None
            assert await take(events, "over") == {}
            with pytest.raises(StopAsyncIteration):
                await anext(events)


async def test_a_stream_ends_quietly_when_nobody_knows_of_the_session(
    house: ConsoleHouse, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(_: object) -> bool:
        raise VoiceAgentError("the records are away")

    monkeypatch.setattr(house.guard, "still", unknown)
    assert len([event async for event in streams.overview(ANNA)]) == 1


async def test_a_silent_line_shows_that_it_lives(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice_agent.console.pulse.COMMENT_S", 0.0)
    async with aclosing(streams.overview(ANNA)) as events:
        await anext(events)
        assert (await anext(events)).startswith(": ")


async def test_a_call_is_told_from_its_beginning_to_its_end(
    house: ConsoleHouse, streams: Streams
) -> None:
    call = await house.begin()
    await house.consent(call)
    await house.see(call, AgentSaid("Guten Tag"), CallerSaid(1, "Hallo"))
    async with aclosing(streams.call(ANNA, call)) as events:
        begins = await take(events, "begin")
        assert begins["snapshot"]["receipt"] == "7f3c2a90"
        told = [await take(events, "") for _ in range(5)]
        assert told[3:] == [
            {"type": "agent_said", "text": "Guten Tag"},
            {"type": "caller_said", "turn": 1, "text": "Hallo"},
        ]
        await house.see(call, ControlChanged("announcing", ANNA.account), CallEnded("hangup"))
        assert (await take(events, ""))["holder"] == ANNA.account
        assert (await take(events, ""))["type"] == "ended"
        with pytest.raises(StopAsyncIteration):
            await anext(events)


async def test_c22_before_consent_and_after_a_withdrawal_no_word_is_sent(
    house: ConsoleHouse, streams: Streams
) -> None:
    call = await house.begin(flow="complaint", question="reason")
    await house.see(call, AgentSaid("Geheimes eins"))
    async with aclosing(streams.call(ANNA, call)) as events:
        begins = await take(events, "begin")
        assert begins["snapshot"]["flow"] == begins["snapshot"]["question"] == ""
        await house.consent(call)
        await house.see(call, CallerSaid(1, "Offenes"))
        await house.withdraw(call)
        await house.see(call, FlowMoved("complaint", "", {"name": "Geheimes zwei"}))
        await house.see(call, CallerSaid(2, "Geheimes drei"), CallEnded("hangup"))
        rest = "".join([event async for event in events])
        assert "Geheimes" not in rest
        assert '"withdrawn"' in rest


@pytest.mark.parametrize("ends", [True, False], ids=["ended", "never shown"])
async def test_c18_who_comes_when_a_call_is_not_there_gets_no_words(
    house: ConsoleHouse, streams: Streams, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    monkeypatch.setattr("voice_agent.console.streams.HEARTBEAT_S", 0.05)
    call = await house.begin()
    await house.consent(call)
    await house.see(call, AgentSaid("Geheimes eins"), FlowMoved("complaint", "reason", {}))
    await house.end(call)
    if not ends:
        call = "0" * 32
        await house.live.publish(call, [ConsentSeen("given", "r"), CallerSaid(1, "Geheimes zwei")])
    rest = "".join([event async for event in streams.call(ANNA, call)])
    assert '"given"' in rest
    assert "Geheimes" not in rest
    assert "complaint" not in rest


async def test_a_call_that_vanishes_is_told(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice_agent.console.streams.HEARTBEAT_S", 0.02)
    async with aclosing(streams.call(ANNA, "0" * 32)) as events:
        assert (await take(events, "begin"))["snapshot"] is None
        assert await take(events, "gone") == {}
