"""A morning on which a company rings people up about their appointments: all of it is real.

The server claims, dials, speaks and listens by itself; the carrier is our own, and so are the
people who are rung up.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

import yaml
from sqlalchemy import select

from tests.service.exchange import Exchange, Rung, Telephone, exchange
from tests.service.people import BIRTH_DATE, PIN
from tests.service.server import ROOT, TOKEN, free_port, running
from tests.service.wall_clock import AHEAD, MORNING, Ahead, ahead
from voice_agent.agent import AgentConfig
from voice_agent.agent_voices import open_voices
from voice_agent.outbound.claim import Outcome
from voice_agent.phone.carrier import Carrier
from voice_agent.settings import load_settings
from voice_agent.speech.voice import Voice
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.do_not_call import is_listed
from voice_agent.storage.tables import reminder_attempts
from voice_agent.storage.transaction import transaction
from voice_agent.stores import Stores
from voice_agent.texts import Texts
from voice_agent.tools.appointment import Appointment, Person, PersonKey, Request
from voice_agent.tools.outcomes import Booked, Found

ACCOUNT: Final = "AC" + "0" * 32
OURS: Final = "+4930901828"

CALLER_NAME: Final = "Kontor Linden"
"""What the company calls itself to whoever answers."""

NAME: Final = "Erika Beispiel"
"""What all of them are called, with a number."""

STARTS: Final = datetime.combine(MORNING.date() + timedelta(1), time(14, 30), MORNING.tzinfo)
"""When everybody's appointment begins: on Wednesday, at half past two."""


@dataclass(frozen=True)
class Invited:
    """Somebody with an appointment.

    Attributes:
        name: of their kind, a word or two.
        telephone: what happens when they are rung up.
        comes: what has to come of the first attempt.
        language: which one they are spoken to in.
        knows: they prove who they are.
    """

    name: str
    telephone: Telephone
    comes: Outcome
    language: str = "de"
    knows: bool = False


@dataclass(frozen=True)
class Morning:
    """What there is once everybody has been rung up.

    Attributes:
        calls: the call to each, by name.
        outcomes: what the database says came of it.
        appointments: what the calendar says they have.
        status: what ``voice-agent reminders status`` says.
        orders: every order for a call, in order.
        listed: who is on the do-not-call list.
        texts: the sentences that are said, as the server has them.
        voices: who says them, as the server has them.
        log: what the server wrote.
    """

    calls: Mapping[str, Rung]
    outcomes: Mapping[str, Outcome]
    appointments: Mapping[str, Sequence[Appointment]]
    status: Mapping[str, Any]
    orders: Sequence[Rung]
    listed: frozenset[str]
    texts: Texts
    voices: Mapping[str, Voice]
    log: str


@dataclass(frozen=True)
class Company:
    """The example company, where everybody has an appointment at the same time.

    Attributes:
        home: its directory.
        invited: who has one.
        environment: what its commands and its server are started with.
        lists: it lists whom to remind in a file; else they agreed to be, and the calendar says of
            what.
    """

    home: Path
    invited: Sequence[Invited]
    environment: dict[str, str]
    lists: bool

    @classmethod
    def found(cls, home: Path, invited: Sequence[Invited], *, lists: bool = True) -> Self:
        """Write its configuration down.

        Args:
            home: where.
            invited: who has an appointment.
            lists: see the attribute.
        """
        config = home / "config"
        shutil.copytree(ROOT / "config", config)
        hours = (Path(__file__).parent / "companies" / "afternoons.yaml").read_text()
        every = "[inspection, main-inspection, oil-change, tyre-change]"
        more = [f"  - id: more-{n}\n    services: {every}\n" for n in range(len(invited))]
        (config / "calendar.yaml").write_text(hours + "".join(more))
        rules = yaml.safe_load((config / "reminders.yaml").read_text())
        rules |= {"caller_name": CALLER_NAME, "at_once": 6, "per_second": 2.0, "call_s": 10}
        (config / "reminders.yaml").write_text(yaml.safe_dump(rules, allow_unicode=True))
        port = free_port()
        return cls(
            home,
            invited,
            {
                "PORT": str(port),
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
                "CONFIG_DIR": str(config),
                "DATA_DIR": str(home / "data"),
                "MODELS_DIR": str(ROOT / "models"),
                "PYTHONPATH": str(ROOT),
                "TWILIO_ACCOUNT_SID": ACCOUNT,
                "TWILIO_AUTH_TOKEN": TOKEN,
                "TWILIO_NUMBER": OURS,
                **ahead(),
            },
            lists,
        )

    @property
    def resources(self) -> list[str]:
        """What its calendar has to have a calendar of its own for, one for each."""
        plan = yaml.safe_load((self.home / "config" / "calendar.yaml").read_text())
        return [each["id"] for each in plan["resources"]]

    async def morning(self) -> Morning:
        """Ring everybody up, and look at what came of it."""
        url = self.environment["PUBLIC_URL"]
        telephones = {number_of(n): each.telephone for n, each in enumerate(self.invited)}
        async with (
            Carrier(url, TOKEN, account_sid=ACCOUNT) as carrier,
            exchange(carrier, telephones) as at,
        ):
            self.environment["TWILIO_API_BASE_URL"] = at.url
            port = int(self.environment["PORT"])
            server = running(self.home, self.environment, port, "tests.service.wall_clock")
            await self._invite()
            with ExitStack() as stack:
                started = await asyncio.to_thread(stack.enter_context, server)
                calls = await at.over(*telephones, seconds=200.0)
                names = [each.name for each in self.invited]
                found = await self._look(dict(zip(names, calls, strict=True)), at)
                await asyncio.to_thread(stack.close)
            return replace(found, log=started.log.read_text())

    async def command(self, *words: str) -> str:
        """Run a command of the company's, and return what it prints."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.service.wall_clock", *words),
            env=os.environ | self.environment,
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0, words
        return printed.decode()

    @asynccontextmanager
    async def stores(self) -> AsyncIterator[Stores]:
        """What the company keeps."""
        settings = load_settings(self._settings())
        seconds = timedelta(seconds=float(self.environment[AHEAD]))
        stores = Stores.open(settings, lambda: Ahead(seconds).now(UTC))
        try:
            yield stores
        finally:
            await stores.close()

    def _settings(self) -> dict[str, str]:
        mine = {name: value for name, value in self.environment.items() if name != AHEAD}
        return mine | {"HOME": os.environ["HOME"]}

    async def _invite(self) -> None:
        """Write down who is a customer, what they have booked, and that they be reminded."""
        await self.command("db", "upgrade")
        agreed = "2026-11-02,form,2026-01"
        people = ["customer,name,phone,pin,birth_date,remind_at,remind_how,remind_text"]
        listed = ["reminder,phone,starts,consent_at,consent_how,consent_text,appointment,language"]
        said = ",," if self.lists else agreed
        people += [
            f"{key_of(n)},{NAME} {n},{number_of(n)},{PIN},{BIRTH_DATE},{said}"
            for n in range(len(self.invited))
        ]
        await self._import("customers", people)
        async with self.stores() as stores:
            for n, each in enumerate(self.invited):
                appointment = await _book(stores, n)
                listed.append(
                    f"R-{n},{number_of(n)},{STARTS:%Y-%m-%d %H:%M},{agreed},"
                    f"{appointment},{each.language}"
                )
        if self.lists:
            await self._import("reminders", listed)

    async def _import(self, what: str, lines: Sequence[str]) -> None:
        file = self.home / f"{what}.csv"
        file.write_text("\n".join(lines) + "\n")
        await self.command(what, "import", str(file))

    async def _look(self, calls: Mapping[str, Rung], at: Exchange) -> Morning:
        settings = load_settings(self._settings())
        agent = AgentConfig.for_settings(settings)
        async with self.stores() as stores:
            return Morning(
                calls=calls,
                outcomes=await self._outcomes(stores),
                appointments={
                    each.name: await _appointments(stores, n) for n, each in enumerate(self.invited)
                },
                status=json.loads(await self.command("reminders", "status", "--json")),
                orders=tuple(at.calls),
                listed=await self._listed(stores),
                texts=Texts(settings, agent),
                voices=open_voices(settings, agent),
                log="",
            )

    async def _outcomes(self, stores: Stores) -> dict[str, Outcome]:
        """What came of the first attempt to reach each, once all of it is written down."""
        people = {stores.pseudonyms.of(number_of(n)): n for n in range(len(self.invited))}
        wanted = select(reminder_attempts.c.pseudonym, reminder_attempts.c.outcome)
        first = wanted.where(reminder_attempts.c.attempt == 1)
        rows: Sequence[Any] = ()
        for _ in range(40):
            async with transaction(stores.database, "") as connection:
                rows = (await connection.execute(first)).all()
            if len(rows) == len(people) and all(row.outcome for row in rows):
                break
            await asyncio.sleep(0.25)
        return {
            self.invited[people[row.pseudonym]].name: Outcome(row.outcome or Outcome.UNKNOWN)
            for row in rows
        }

    async def _listed(self, stores: Stores) -> frozenset[str]:
        async with transaction(stores.database, "") as connection:
            return frozenset(
                [
                    each.name
                    for n, each in enumerate(self.invited)
                    if await is_listed(
                        connection,
                        stores.pseudonyms.listed_as(stores.pseudonyms.all_of(number_of(n))),
                    )
                ]
            )


def number_of(n: int) -> str:
    """The number of the n-th of them; made up."""
    return f"+491511234{5000 + n}"


def key_of(n: int) -> PersonKey:
    """What the directory calls the n-th of them."""
    return PersonKey(f"K-{2000 + n}")


async def _book(stores: Stores, n: int) -> str:
    """Book their appointment, and return what the calendar calls it."""
    assert stores.calendar is not None
    call = f"CA{uuid4().hex}"
    await SqlCallBook(stores.database).begin(call, "de", stores.clock())
    person = Person(key=key_of(n), name=f"{NAME} {n}", phone=number_of(n))
    request = Request(service="tyre-change", start=STARTS, person=person, call_id=call, key=call)
    booked = await stores.calendar.book(request)
    assert isinstance(booked, Booked), booked
    return booked.appointment.id


async def _appointments(stores: Stores, n: int) -> Sequence[Appointment]:
    assert stores.calendar is not None
    found = await stores.calendar.appointments(key_of(n))
    assert isinstance(found, Found)
    return found.appointments
