"""An operator signed in at one worker takes over a call that another worker holds."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyotp
import pytest
from playwright.async_api import Page, WebSocket

from tests.browser import chromium
from tests.console.voice_house import microphone
from tests.service.conftest import Hear
from tests.service.server import TOKEN
from tests.service.test_calls import rendered, utterance
from tests.service.workers import Workers, postgresql, redis_url, workers
from voice_agent.audio import mulaw, wav
from voice_agent.live.snapshot import call_key
from voice_agent.phone.caller import CallResult, SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.script import HangUp, Listen, PressKey, Step, Wait

__all__ = ["postgresql", "redis_url", "workers"]

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

PASSWORD = "a long password of the tests"
PATIENCE = 60.0
OF_CALLER = 0
"""First byte of a frame with the caller's voice."""
ANNOUNCEMENT = "One moment, from now on Ada Example is speaking with you, a human."
BACK = "This is Autowerkstatt Berger's AI assistant again."


@dataclass
class Moments:
    """What the caller waits for."""

    taking: asyncio.Event = field(default_factory=asyncio.Event)
    talking: asyncio.Event = field(default_factory=asyncio.Event)
    given_back: asyncio.Event = field(default_factory=asyncio.Event)


def until(event: asyncio.Event) -> Iterator[Step]:
    """The caller waits for it."""
    while not event.is_set():
        yield Wait(0.1)


def caller(recordings: Path, moments: Moments) -> Iterator[Step]:
    """Wants an appointment, is taken over while speaking, and goes on with the agent."""
    for key in "51":
        yield Listen()
        yield PressKey(key)
    yield Listen()
    yield utterance(recordings / "en02.wav")
    yield from until(moments.taking)
    yield utterance(recordings / "en14.wav")  # while the operator is being announced
    yield from until(moments.talking)
    yield Wait(0.5)
    yield utterance(recordings / "en20.wav")
    yield from until(moments.given_back)
    yield Listen(quiet=1.5)
    yield utterance(recordings / "en22.wav")
    yield Listen(quiet=1.5)
    yield HangUp()


@dataclass
class Earphone:
    """What the page receives of the call, in its order.

    Attributes:
        early: bytes of voices that came before the server said that the operator is heard.
        voices: what came after.
        talking: set once the server said so.
    """

    early: int = 0
    voices: list[bytes] = field(default_factory=list)
    talking: asyncio.Event = field(default_factory=asyncio.Event)

    def listen(self, socket: WebSocket) -> None:
        """Note what a websocket of the page receives."""
        socket.on("framereceived", self._receive)

    def _receive(self, payload: str | bytes) -> None:
        if isinstance(payload, str):
            if json.loads(payload).get("control") == "talking":
                self.talking.set()
        elif self.talking.is_set():
            assert payload[0] == OF_CALLER
            self.voices.append(payload[1:])
        else:
            self.early += len(payload)


async def shown(page: Page, selector: str, text: str) -> None:
    """Wait until an element says so."""
    async with asyncio.timeout(PATIENCE):
        while text not in (await page.locator(selector).first.inner_text()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def hire(workers: Workers, directory: Path) -> pyotp.TOTP:
    """Make an operator's account; returns what shows their codes."""
    command = [sys.executable, "-m", "voice_agent", "operator", "add", "ada", "--json"]
    command += ["--name", "Ada Example", "--role", "operator", "--language", "en"]
    done = subprocess.run(  # noqa: S603 (our own program)
        [*command, "--password-stdin"],
        input=PASSWORD,
        text=True,
        capture_output=True,
        check=False,
        cwd=directory,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(directory)} | workers.environment,
    )
    assert done.returncode == 0, done.stderr
    return pyotp.TOTP(json.loads(done.stdout)["totp_secret"])


async def sign_in(page: Page, url: str, codes: pyotp.TOTP) -> None:
    """From the console's first page to the overview."""
    await page.goto(f"{url}/console")
    await page.fill("#login", "ada")
    await page.fill("#password", PASSWORD)
    await page.fill("#code", codes.now())
    await page.click("main form button.main")
    await page.wait_for_selector("#available")


async def test_an_operator_takes_over_speaks_is_heard_and_gives_back(
    workers: Workers, recordings: Path, hear: Hear, tmp_path: Path
) -> None:
    """C7, C22: announced, then heard both ways; not a byte of the caller before; then the agent."""
    codes = hire(workers, tmp_path)
    sentence = wav.read((recordings / "en16.wav").read_bytes()).mono()
    microphone_file = microphone(tmp_path / "operator.wav", sentence)
    moments, earphone = Moments(), Earphone()
    async with (
        Carrier(workers.second.url, TOKEN, workers.first.url) as carrier,
        chromium(f"--use-file-for-fake-audio-capture={microphone_file}") as browser,
    ):
        page = await browser.new_page()
        page.on("websocket", earphone.listen)
        await sign_in(page, workers.first.url, codes)
        await page.click("#available")

        call = SimulatedCall(carrier, caller(recordings, moments), longest=180.0)
        running = asyncio.create_task(call.run())
        key = call_key(call.call_id)
        await page.click(f'[href="/console/calls/{key}"]', timeout=PATIENCE * 1000)
        await shown(page, "#words", "next week")
        await shown(page, "#flow", "appointment")
        await shown(page, "#question", question := "Appointment")

        await page.click('[data-verb="take_over"]')
        moments.taking.set()
        await asyncio.wait_for(earphone.talking.wait(), PATIENCE)
        assert earphone.early == 0
        moments.talking.set()
        await asyncio.sleep(12)  # the microphone says its sentence, the caller theirs
        assert await page.locator("#holder").inner_text() != ""

        await page.click('[data-verb="give_back"]')
        await page.fill("#text-give_back", "the tyres are in stock")
        await page.click("#ask-give_back button[type=submit]")
        await shown(page, "#words", BACK)
        moments.given_back.set()
        assert await page.locator("#question").inner_text() == question
        result: CallResult = await asyncio.wait_for(running, PATIENCE)

    heard = result.recording.heard_between(0.0, result.ended.seconds)
    announced = heard.find(rendered(ANNOUNCEMENT, "en"))
    resumed = heard.find(rendered(BACK, "en"))
    assert 0 < announced < resumed
    operator = hear(mulaw.decode(heard[announced:resumed]), "en").lower()
    assert "speak to a human being" in operator
    assert re.search(r"t[iy]res are in stock", hear(mulaw.decode(heard[resumed:]), "en").lower())
    received = hear(np.concatenate([mulaw.decode(each) for each in earphone.voices]), "en").lower()
    assert "robot" in received
    assert "opening hours" not in received
