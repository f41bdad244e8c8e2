"""From the telephone to the browser and back: a link by text message ends the listening (C16, C21).

Everything is real: the server, its engines, the browser. The carrier's REST interface, which the
message goes to, is the test's own.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser import page
from tests.service.letterbox import letterbox
from tests.service.server import TOKEN, running
from tests.service.test_calls import rendered
from voice_agent.phone.caller import SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.report import EndReason, Report, StreamOpened
from voice_agent.phone.script import Listen, PressKey, Stay, Step, Wait

__all__ = ["page"]

pytestmark = pytest.mark.integration

CALLER = "+4915199887766"
STOPPED = "Ich höre nicht mehr zu."
LAST_OF_THE_NOTICE = "Was bis dahin geschehen ist, bleibt rechtmäßig."


async def test_c16_a_caller_withdraws_in_the_browser_and_hears_the_call_stop(
    tmp_path: Path, page: Page
) -> None:
    """Key 2, the message, its link, the page, its button: then the agent falls silent at once."""
    told: list[Report] = []
    # The agent is reading the whole notice aloud, which takes minutes, when the consent goes.
    steps: list[Step] = [
        *(Listen(), PressKey("2"), Listen(), PressKey("1"), Listen(), PressKey("3"), Wait(3.0)),
        Stay(),
    ]
    async with letterbox() as box:
        account = {
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_NUMBER": "+4930901828",
            "TWILIO_API_BASE_URL": box.url,
        }
        with running(tmp_path, account) as server:
            async with Carrier(server.url, TOKEN) as carrier:
                call = SimulatedCall(carrier, steps, caller=CALLER, tell=told.append)
                running_call = asyncio.create_task(call.run())
                message = await box.first()
                link = re.search(r"http\S+", message["Body"])
                assert link is not None
                assert message["To"] == CALLER
                assert CALLER[1:] not in message["Body"]
                while not any(isinstance(report, StreamOpened) for report in told):  # noqa: ASYNC110 (its report is all there is to wait for)
                    await asyncio.sleep(0.1)
                await asyncio.sleep(10)  # the greeting has been heard, the notice is being read
                await page.goto(link[0])
                if await page.locator("#enter").count():
                    await page.click("#enter button")
                await expect(page.locator(".badge")).to_have_class(re.compile("given"))
                await page.click('form[action="/p/withdraw"] button')
                await expect(page.locator(".badge")).to_have_class(re.compile("withdrawn"))
                result = await running_call
        assert CALLER[1:] not in server.log.read_text()
    heard = result.recording.heard_between(0.0, result.ended.seconds)
    assert rendered(STOPPED, "de") in heard
    assert rendered(LAST_OF_THE_NOTICE, "de") not in heard
    assert result.ended.reason is EndReason.AGENT_HUNG_UP
