"""An appointment made by voice, sent by text message, and its link opened: everything is real.

The carrier's REST interface, which the message goes to, is the test's own.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from icalendar import Calendar

from tests.service.letterbox import letterbox
from tests.service.server import ROOT, TOKEN, running
from tests.service.test_calls import utterance
from voice_agent.phone.caller import SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.script import conversation

pytestmark = pytest.mark.integration

HERE = Path(__file__).parent
CALLER = "+4915199887766"
SAID = "+491723456789"
"""The number that is said is another than the one that rings."""

WORDS = ("de02", "de06", "de12", "de14", "de09", "de09")
"""A tyre change, the day after tomorrow at half past two, the name, the number, yes, and yes."""


async def test_a_caller_gets_the_appointment_by_text_message(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(ROOT / "config", config)
    shutil.copy(HERE / "companies" / "afternoons.yaml", config / "calendar.yaml")
    said = [utterance(ROOT / "tests" / "recordings" / f"{name}.wav") for name in WORDS]
    async with letterbox() as box:
        environment = {
            "CONFIG_DIR": str(config),
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_NUMBER": "+4930901828",
            "TWILIO_API_BASE_URL": box.url,
        }
        with running(tmp_path, environment) as server:
            async with Carrier(server.url, TOKEN) as carrier:
                call = SimulatedCall(carrier, conversation(said, key_after=0.5), caller=CALLER)
                ringing = asyncio.create_task(call.run())
                message = await box.first(240.0)
                await ringing
            assert message["To"] == CALLER
            assert "Reifenwechsel am " in message["Body"]
            assert all(number[1:] not in message["Body"] for number in (CALLER, SAID))
            link = re.search(r"http\S+", message["Body"])
            assert link is not None
            async with aiohttp.ClientSession() as telephone:
                async with telephone.get(server.url + urlsplit(link[0]).path) as answer:
                    assert answer.content_type == "text/calendar"
                    calendar = Calendar.from_ical(await answer.text())
                async with telephone.get(f"{server.url}/a/{'A' * 22}") as answer:
                    assert answer.status == 404
        log = server.log.read_text()
    event: Any = calendar.walk("VEVENT")[0]
    assert event["SUMMARY"] == "Autowerkstatt Berger"
    assert f"{event['DTSTART'].dt:%M}" == "30"
    token = link[0].rpartition("/")[2]
    assert all(secret not in log for secret in (CALLER[1:], SAID[1:], token))
