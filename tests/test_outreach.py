"""Reminders as a server dials them: joined as the server joins them, to a carrier that listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.databases import setting, upgrade
from tests.outbound.carrier import ACCOUNT, OURS, Carrier, listening
from tests.outbound.company import NOW
from tests.outbound.ringing import running_clock
from tests.storage.remindings import number_of, wanted
from voice_agent.outbound.claim import Outcome
from voice_agent.outreach import Outreach, outbound_calls
from voice_agent.settings import Settings, load_settings
from voice_agent.storage.reminders import Overview, SqlReminders
from voice_agent.stores import Stores
from voice_agent.twilio.client import TwilioClient

pytestmark = pytest.mark.integration  # a database, sockets, seconds of real time

CARRIER = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": "2" * 32,
    "TWILIO_NUMBER": OURS,
    "PUBLIC_URL": "https://agent.example",
}


@dataclass
class Server:
    """What a server has of reminders.

    Attributes:
        settings: its settings.
        stores: where reminders lie.
        outreach: rings people up; ``None``: nobody.
        carrier: the carrier.
    """

    settings: Settings
    stores: Stores
    outreach: Outreach | None
    carrier: Carrier

    @property
    def reminders(self) -> SqlReminders:
        assert self.stores.reminding is not None
        return self.stores.reminding.reminders

    async def begin(self, people: int) -> None:
        """So many are to be reminded, and the dialler begins."""
        assert self.outreach is not None
        await self.reminders.put([wanted(number) for number in range(people)])
        await self.outreach.planning.run()
        self.outreach.dialler.start()

    async def standing(self) -> Overview:
        return await self.reminders.overview()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    url = setting(f"sqlite:///{tmp_path / 'voice-agent.db'}")
    await upgrade(url)
    begun = running_clock(time.time(), NOW)
    stores: list[Stores] = []

    async def over(claim: str) -> None:
        assert stores[0].reminding is not None
        await stores[0].reminding.errands.ended(claim, Outcome.CONFIRMED, NOW)

    async with listening(over) as carrier:
        settings = load_settings(
            {
                **CARRIER,
                "TWILIO_API_BASE_URL": carrier.url,
                "DATA_DIR": str(tmp_path),
                "DATABASE_URL": f"sqlite:///{tmp_path / 'voice-agent.db'}",
            }
        )
        stores.append(Stores.open(settings, begun))
        client = TwilioClient(
            account_sid=ACCOUNT,
            secret="s3cret",
            number=OURS,
            base_url=carrier.url,
            calls=outbound_calls(settings, 900.0),
        )
        outreach = Outreach.open(stores[0], client, settings, lambda language: language)
        yield Server(settings, stores[0], outreach, carrier)
        if outreach is not None:
            await outreach.dialler.stop()
        await client.close()
        await carrier.settle()
        await stores[0].close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 (of what a carrier is asked)
            await asyncio.sleep(0.02)


async def test_whoever_is_due_is_rung_up_once_each(server: Server) -> None:
    await server.begin(3)
    await until(lambda: len(server.carrier.forms) == 2)
    await server.carrier.settle()
    assert server.outreach is not None
    await server.outreach.planning.run()  # the two lines are free again, sooner than was planned
    await until(lambda: len(server.carrier.forms) == 3)
    assert server.carrier.dialled == {number_of(person): 1 for person in range(3)}
    form = server.carrier.forms[0]
    assert form["From"] == OURS
    assert form["Url"].startswith("https://agent.example/twilio/outbound?claim=")
    assert form["events"] == "initiated,ringing,answered,completed"
    assert "MachineDetection" not in form
    assert int(form["TimeLimit"]) > 900 + 600  # a human who takes over is not cut off
    await server.carrier.settle()
    assert (await server.standing()).outcomes == {"confirmed": 3}
    assert server.carrier.most_in(1.0) == 1
    assert server.carrier.at_once <= 2


async def test_a_carrier_that_refuses_all_stops_all_and_says_why(server: Server) -> None:
    server.carrier.refusal = (401, 20003)
    await server.begin(3)
    await until(lambda: len(server.carrier.forms) == 1)
    assert server.outreach is not None
    await server.outreach.dialler.drain()
    standing = await server.standing()
    assert (standing.paused, standing.reason) == (True, "carrier_refused_20003")
    assert standing.states == {"open": 3}
    assert len(server.carrier.forms) == 1
    # Mended, and resumed: it cost nobody an attempt.
    server.carrier.refusal = None
    assert await server.reminders.resume()
    assert [call.attempt for call in (await server.standing()).plan.calls] == [1, 1, 1]


async def test_nobody_is_rung_up_after_somebody_stopped_it(server: Server) -> None:
    await server.begin(5)
    await until(lambda: len(server.carrier.forms) == 1)
    assert await server.reminders.pause()
    asked = len(server.carrier.forms)
    await asyncio.sleep(2.5)  # time for two more
    assert len(server.carrier.forms) <= asked + 1  # one may have been dialled just then
    await server.carrier.settle()
    states = (await server.standing()).states
    assert states["open"] >= 3


async def test_without_a_carrier_nobody_is_rung_up_and_the_log_says_what_is_missing(
    server: Server,
) -> None:
    settings = server.settings.model_copy(
        update={
            "twilio_account_sid": None,
            "twilio_api_base_url": None,
            "public_url": "http://127.0.0.1:8080",
        }
    )
    with capture_logs() as lines:
        assert Outreach.open(server.stores, None, settings, lambda language: language) is None
    told = [line["reason"] for line in lines if line["event"] == "reminders_not_dialled"]
    assert told == ["TWILIO_ACCOUNT_SID", "PUBLIC_URL"]
