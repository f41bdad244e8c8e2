"""Appointments made by voice: audio in, audio out, and the calendar looked at afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.service.conftest import Hear
from tests.service.server import ROOT, TOKEN, Server, running
from tests.service.test_calls import Call, ring, utterance
from voice_agent.audio import mulaw
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.script import conversation

pytestmark = pytest.mark.integration

HERE = Path(__file__).parent
ZONE = ZoneInfo("Europe/Berlin")
NUMBER = "+491723456789"
"""What callers say in the recordings; a number that is made up."""

KEYS = {"de": ("1",), "en": ("5", "1")}


@dataclass(frozen=True)
class Company:
    """A running company with one free hour a day.

    Attributes:
        server: its server.
        environment: what the server was started with.
    """

    server: Server
    environment: dict[str, str]

    async def call(self, language: str, *names: str) -> Call:
        """Ring, accept, say each recording when the agent has finished."""
        said = [utterance(ROOT / "tests" / "recordings" / f"{name}.wav") for name in names]
        async with Carrier(self.server.url, TOKEN) as carrier:
            return await ring(carrier, conversation(said, KEYS[language], key_after=0.5))

    def appointments(self) -> list[dict[str, Any]]:
        """What is in the calendar of whoever has this number."""
        words = ["subject", "export", "--json", "--number", NUMBER]
        done = subprocess.run(  # noqa: S603 (this program, and arguments of ours)
            [sys.executable, "-m", "voice_agent", *words],
            env=os.environ | self.environment,
            capture_output=True,
            check=True,
            text=True,
        )
        kept = json.loads(done.stdout)["places"]
        return [each for place in kept.values() for each in place if "starts_at" in each]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The example company, open for one hour every day."""
    home = tmp_path_factory.mktemp("company")
    config = home / "config"
    shutil.copytree(ROOT / "config", config)
    shutil.copy(HERE / "companies" / "afternoons.yaml", config / "calendar.yaml")
    environment = {"CONFIG_DIR": str(config), "DATA_DIR": str(home / "data")}
    with running(home, environment) as server:
        yield Company(server, environment)


def local(appointment: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(appointment["starts_at"]).astimezone(ZONE)


def today() -> date:
    return datetime.now(ZONE).date()


BOOKING = {
    "de": ("de02", "de06", "de12", "de14", "de09"),
    "en": ("en02", "en05", "en10", "en11", "en07"),
}
"""A tyre change, the day after tomorrow at half past two, the name, the number, yes."""

CORRECTED = {
    "de": ("de02", "de06", "de12", "de14", "de08", "de09"),
    "en": ("en02", "en05", "en10", "en11", "en06", "en07"),
}
"""The same, and before the yes: no, Friday is better."""


async def test_appointments_are_booked_in_german_and_in_english(
    company: Company, hear: Hear
) -> None:
    before, began = company.appointments(), today()
    german, english = await asyncio.gather(
        *(company.call(language, *BOOKING[language]) for language in ("de", "en"))
    )
    made = [each for each in company.appointments() if each not in before]
    wanted = {day + timedelta(2) for day in (began, today())}
    assert len(made) == 2
    for appointment in made:
        assert appointment["service"] == "tyre-change"
        assert local(appointment).date() in wanted
        assert f"{local(appointment):%H:%M}" == "14:30"
    assert {each["name"] for each in made} == {"Sabine Fischer", "Sarah Thompson"}
    assert "Termin" in hear(mulaw.decode(german.answer(5)), "de")
    told = hear(mulaw.decode(english.answer(5)), "en").lower()
    assert "appointment is booked" in told
    assert re.search(r"half past two|2[.:]30", told), told


async def test_a_day_that_was_wrong_is_corrected_in_german_and_in_english(
    company: Company,
) -> None:
    before = company.appointments()
    await asyncio.gather(
        *(company.call(language, *CORRECTED[language]) for language in ("de", "en"))
    )
    made = [each for each in company.appointments() if each not in before]
    friday = 4
    assert len(made) == 2
    for appointment in made:
        assert local(appointment).weekday() == friday
        assert f"{local(appointment):%H:%M}" == "14:30"
        assert local(appointment).date() - today() <= timedelta(8)
