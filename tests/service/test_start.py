"""How the server starts, and what it takes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import httpx
import psutil
import pytest

from tests.service.server import TOKEN, Server, running
from tests.service.test_calls import utterance
from voice_agent.errors import CarrierError
from voice_agent.phone.caller import SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.report import HandedOver, Report, StreamOpened
from voice_agent.phone.script import Listen, PressKey, Stay, Step, conversation

pytestmark = pytest.mark.integration

MOST_MEMORY = 900 * 1024 * 1024


def test_the_server_says_which_engines_speak_and_hear(server: Server) -> None:
    """Which one spoke is visible at start-up and in /readyz."""
    report = httpx.get(f"{server.url}/readyz").json()
    assert report["state"] == "ready"
    assert report["engines"]["recogniser"].startswith("whisper:")
    assert report["engines"]["end_of_turn"].startswith("smart-turn:")
    assert set(report["engines"]) == {"recogniser", "end_of_turn", "voice_de", "voice_en"}


def test_the_terminal_says_what_to_open(server: Server) -> None:
    """Two minutes after `make run` a newcomer talks to the agent."""
    assert f"{server.url}/phone" in server.log.read_text()


async def test_whisper_and_two_voices_take_less_than_900_mb(
    tmp_path: Path, recordings: Path
) -> None:
    """Resident memory of the process that holds all engines, after calls that used all of them."""
    with running(tmp_path) as server:
        async with Carrier(server.url, TOKEN) as carrier:
            german = conversation(
                [utterance(recordings / f"{name}.wav") for name in ("de17", "de18")]
            )
            english = conversation([utterance(recordings / "en14.wav")], ("5", "1"))
            calls = (SimulatedCall(carrier, steps) for steps in (german, english, german, english))
            await asyncio.gather(*(call.run() for call in calls))
        used = psutil.Process(server.process).memory_info().rss
        assert used < MOST_MEMORY


async def test_no_log_line_holds_a_telephone_number(server: Server) -> None:
    """The caller's number is in every webhook of a call and in no log line (C18)."""
    number = "+4915199887766"
    async with Carrier(server.url, TOKEN) as carrier:
        await SimulatedCall(carrier, [Listen(), PressKey("0"), Stay()], caller=number).run()
    assert number.removeprefix("+49") not in server.log.read_text()
    assert server.log.stat().st_size > 0


async def test_a_server_that_stops_hands_its_callers_to_a_human(tmp_path: Path) -> None:
    """The stream breaks off, the carrier asks, and while it asks there is still an answer."""
    told: list[Report] = []
    with running(tmp_path) as started:
        async with Carrier(started.url, TOKEN) as carrier:
            steps: list[Step] = [Listen(), PressKey("1"), Stay()]
            call = asyncio.create_task(SimulatedCall(carrier, steps, tell=told.append).run())
            while not any(isinstance(report, StreamOpened) for report in told):  # noqa: ASYNC110 (its report is all there is to wait for)
                await asyncio.sleep(0.1)
            os.kill(started.process, signal.SIGINT)
            with contextlib.suppress(CarrierError):  # the last status finds nobody any more
                await call
    assert any(isinstance(report, HandedOver) for report in told)
