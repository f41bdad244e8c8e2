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
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.service.conftest import Hear
from tests.service.server import ROOT, TOKEN, Server, running
from tests.service.test_calls import Call, rendered, ring, utterance
from voice_agent.audio import mulaw
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.report import CallerSpoke
from voice_agent.phone.script import HangUp, Listen, PressKey, Step, Wait
from voice_agent.settings import load_settings
from voice_agent.storage.calls import SqlCallBook
from voice_agent.stores import Stores
from voice_agent.tools.appointment import Appointment, Person, PersonKey, Request
from voice_agent.tools.outcomes import Booked, Found

pytestmark = pytest.mark.integration

HERE = Path(__file__).parent
ZONE = ZoneInfo("Europe/Berlin")
NUMBER = "+491723456789"
"""What callers say in the recordings; a number that is made up."""

KEYS = {"de": ("1",), "en": ("5", "1")}


PIN = "482913"
ANNA = PersonKey("K-1001")


@dataclass(frozen=True)
class Company:
    """A running company with one free hour a day.

    Attributes:
        server: its server.
        environment: what the server was started with.
        directory: for files of the test.
    """

    server: Server
    environment: dict[str, str]
    directory: Path

    async def call(self, language: str, *said: str) -> Call:
        """Ring, accept, do each thing when the agent has finished.

        Args:
            language: of the call.
            *said: names of recordings, or keys with a ``#`` at the end.
        """
        steps: list[Step] = []
        for key in KEYS[language]:
            steps += [Wait(0.5), PressKey(key)]
        for each in said:
            steps.append(Listen())
            if each.endswith("#"):
                steps += [PressKey(key) for key in each]
            else:
                steps.append(utterance(ROOT / "tests" / "recordings" / f"{each}.wav"))
        async with Carrier(self.server.url, TOKEN) as carrier:
            return await ring(carrier, [*steps, Listen(), HangUp()])

    def command(self, *words: str) -> str:
        """Run a command where the company's data is, and return what it prints."""
        done = subprocess.run(  # noqa: S603 (this program, and arguments of ours)
            [sys.executable, "-m", "voice_agent", *words],
            env=os.environ | self.environment,
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout

    def appointments(self) -> list[dict[str, Any]]:
        """What is in the calendar of whoever has this number."""
        kept = json.loads(self.command("subject", "export", "--json", "--number", NUMBER))
        return [each for place in kept["places"].values() for each in place if "starts_at" in each]

    async def book(self, days: int) -> str:
        """An appointment of the customer's, so many days ahead; returns its identifier."""
        file = self.directory / "customers.csv"
        file.write_text(f"customer,name,phone,pin\n{ANNA},Anna Beispiel,{NUMBER},{PIN}\n")
        self.command("customers", "import", str(file))
        stores = Stores.open(load_settings(self.environment | {"HOME": os.environ["HOME"]}))
        try:
            assert stores.calendar is not None
            call = f"CA{uuid4().hex}"
            await SqlCallBook(stores.database).begin(call, "de", datetime.now(ZONE))
            start = datetime.combine(today() + timedelta(days), time(14, 30), ZONE)
            person = Person(key=ANNA, name="Anna Beispiel", phone=NUMBER)
            request = Request(
                service="tyre-change", start=start, person=person, call_id=call, key=call
            )
            booked = await stores.calendar.book(request)
            assert isinstance(booked, Booked)
            return booked.appointment.id
        finally:
            await stores.close()

    async def appointments_of_customer(self) -> list[Appointment]:
        """What is still to come of the customer's."""
        stores = Stores.open(load_settings(self.environment | {"HOME": os.environ["HOME"]}))
        try:
            assert stores.calendar is not None
            found = await stores.calendar.appointments(ANNA)
            assert isinstance(found, Found)
            return list(found.appointments)
        finally:
            await stores.close()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The example company, open for one hour every day."""
    home = tmp_path_factory.mktemp("company")
    config = home / "config"
    shutil.copytree(ROOT / "config", config)
    shutil.copy(HERE / "companies" / "afternoons.yaml", config / "calendar.yaml")
    environment = {"CONFIG_DIR": str(config), "DATA_DIR": str(home / "data")}
    with running(home, environment) as server:
        yield Company(server, environment, home)


def local(appointment: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(appointment["starts_at"]).astimezone(ZONE)


def today() -> date:
    return datetime.now(ZONE).date()


def at_last(call: Call) -> bytes:
    """Everything the caller heard after they had spoken for the last time, mu-law."""
    said = [
        report.at + report.seconds for report in call.reports if isinstance(report, CallerSpoke)
    ]
    return call.result.recording.heard_between(said[-1], call.result.ended.seconds)


BOOKING = {
    "de": ("de02", "de06", "de12", "de14", "de09"),
    "en": ("en02", "en05", "en10", "en11", "en07"),
}
"""A tyre change, the day after tomorrow at half past two, the name, the number, yes."""

THURSDAY, FRIDAY = 3, 4
LATER = {"de": "de06", "en": "en05"}
"""The day after tomorrow at half past two."""


def corrected(language: str) -> tuple[str, ...]:
    """The same, and before the yes: no, Friday is better; so the first wish is no Friday.

    On a Friday the agent asks which one is meant, and it is neither. One yes more, where the time
    was vague and what is free is offered first; else it is one to "anything else?".
    """
    begins_on_friday = (today() + timedelta(2)).weekday() == FRIDAY
    first = {"de": ("de06", "de05"), "en": ("en05", "en04")}[language][begins_on_friday]
    service, _, name, number, yes = BOOKING[language]
    no = {"de": "de08", "en": "en06"}[language]
    neither = (LATER[language],) if today().weekday() == FRIDAY else ()
    return (service, first, name, number, no, *neither, yes, yes)


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
    # German is spoken by espeak-ng, which the recogniser hardly understands: the exact bytes.
    assert rendered("Auf welchen Namen bitte?", "de") in german.heard()
    assert at_last(german)
    told = hear(mulaw.decode(at_last(english)), "en").lower()
    assert "booked" in told
    assert re.search(r"half past two|2[.: ]?30", told), told


async def test_a_day_that_was_wrong_is_corrected_in_german_and_in_english(
    company: Company,
) -> None:
    before = company.appointments()
    await asyncio.gather(
        *(company.call(language, *corrected(language)) for language in ("de", "en"))
    )
    made = [each for each in company.appointments() if each not in before]
    assert len(made) == 2
    for appointment in made:
        day = local(appointment).date()
        if today().weekday() == FRIDAY:
            assert day == today() + timedelta(2)
        else:
            assert (day.weekday(), day - today() <= timedelta(8)) == (FRIDAY, True)
        assert f"{local(appointment):%H:%M}" == "14:30"


def moving(language: str) -> tuple[str, ...]:
    """To Thursday; the number, the PIN, yes to which one, to what is free then, to the change.

    On a Thursday the agent asks which one is meant, and it is neither.
    """
    wish, number, yes = {"de": ("de16", "de14", "de10"), "en": ("en13", "en11", "en08")}[language]
    free = LATER[language] if today().weekday() == THURSDAY else yes
    return (wish, number, f"{PIN}#", yes, free, yes)


CANCELLING = {
    "de": ("de15", "de14", f"{PIN}#", "de10", "de10"),
    "en": ("en12", "en11", f"{PIN}#", "en08", "en08"),
}
"""The number, the PIN, yes to which one, yes to the change."""


@pytest.mark.parametrize("language", ["de", "en"])
async def test_an_appointment_is_moved_and_then_cancelled(company: Company, language: str) -> None:
    """Both after the number and the PIN (C23); the second call finds what the first one left."""
    taken = {THURSDAY, (today() + timedelta(2)).weekday()}
    ahead = next(n for n in range(8, 16) if (today() + timedelta(n)).weekday() not in taken)
    appointment = await company.book(ahead)
    await company.call(language, *moving(language))
    (moved,) = await company.appointments_of_customer()
    assert moved.id == appointment
    day = moved.start.astimezone(ZONE).date()
    if today().weekday() == THURSDAY:
        assert day == today() + timedelta(2)
    else:
        assert day.weekday() == THURSDAY
    assert f"{moved.start.astimezone(ZONE):%H:%M}" == "14:30"
    await company.call(language, *CANCELLING[language])
    assert await company.appointments_of_customer() == []
