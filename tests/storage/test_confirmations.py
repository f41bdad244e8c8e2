"""Appointments by text message, from the booking to the file in the telephone, on both of them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from tests.runtime.paper import Letters
from tests.storage.household import (
    CANARY,
    KEYS,
    NEIGHBOUR,
    NOON,
    NUMBER,
    OTHER_NUMBER,
    PEOPLE,
    Household,
)
from tests.tools.garage import GARAGE
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.tool import CATALOGUE, ToolAnswer, ToolRequest
from voice_agent.retention import load_retention
from voice_agent.runtime.confirmation import KIND, Confirmation, Wording
from voice_agent.runtime.records import RecordsUnavailable, UnknownCall
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.confirmations import LINK_LIFETIME, OFFERED, SqlConfirmations
from voice_agent.storage.database import Database
from voice_agent.storage.directory import SqlDirectory
from voice_agent.storage.retention import Retention
from voice_agent.storage.tables import confirmations
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.authorise import AuthorisedCall, CallFacts, authorise
from voice_agent.tools.calendar_tools import CalendarTools
from voice_agent.tools.told import as_told
from voice_agent.tools.toolbox import Toolbox

pytestmark = pytest.mark.integration  # a real database on a real disk

ROOT = Path(__file__).parents[2]
PROMPTS = Prompts.load(ROOT / "prompts", about={"company": "Autowerkstatt Berger"})
ANNA = PersonKey("K-1001")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
SEVEN_BIT = re.compile(
    r"[A-Za-z0-9 \n@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,\-./:;<=>?¡ÄÖÑÜ§¿äöñüà]*"
)
"""What fits into a text message of 160 characters (3GPP TS 23.038, without the second table)."""


def message(language: str, service: str, when: str, token: str) -> str:
    link = f"https://telefon.werkstatt-berger.example/a/{token}"
    line = PROMPTS.line("sms_appointment", language, service=service, when=when, link=link)
    return line.text


@dataclass
class Counter:
    """The tools of a server, and the calls that use them."""

    household: Household
    letters: Letters
    number: int = 0

    def __post_init__(self) -> None:
        self.noted = SqlConfirmations(self.household.database, self.household.clock)
        self.confirmation = Confirmation(
            messenger=self.letters,
            book=SqlCallBook(self.household.database),
            confirmations=self.noted,
            plan=GARAGE,
            wording=Wording(title="Berger", place="Lindenstraße 12, Berlin", message=message),
            clock=self.household.clock,
            pseudonym=PEOPLE.of,
        )
        home = self.household
        directory = SqlDirectory(home.database, KEYS, PEOPLE, home.clock)
        calendar = CalendarTools(home.calendar, directory, GARAGE, self.noted)
        self.toolbox = Toolbox(calendar.handlers, self.confirmation.handlers)

    async def ask(
        self,
        tool: str,
        *,
        call_id: str = CANARY,
        caller: str | None = NUMBER,
        language: str = "de",
        **given: str,
    ) -> ToolAnswer:
        """Have something done for whoever calls."""
        self.number += 1
        request = ToolRequest(tool, given, language, "flow", 1, self.number, frozenset(given))
        facts = CallFacts(
            call_id,
            consented=True,
            tools=self.toolbox.names,
            person=ANNA,
            number=caller,
            told=frozenset(as_told(name, given[name], given) for name in given),
        )
        permitted = authorise(request, facts)
        assert isinstance(permitted, AuthorisedCall), permitted
        answer = await self.toolbox.use(permitted)
        assert answer.outcome in {*CATALOGUE[tool].endings, "away", "denied"}
        return answer

    async def book(self, start: str = "2026-12-01T09:00", **more: Any) -> ToolAnswer:
        """An appointment; the number that is said is another than the one that rings."""
        said = {"service": "inspection", "name": "Anna Beispiel", "phone": OTHER_NUMBER}
        answer = await self.ask("calendar.book", start=start, **said, **more)
        assert answer.outcome == "booked"
        return answer

    async def appointment(self) -> str:
        found = await self.ask("calendar.appointments")
        return found.rows[0]["appointment"]

    async def event(self, token: str) -> tuple[str, Any]:
        """Method and event of the file a link leads to."""
        text = await self.confirmation.file(token)
        assert text is not None
        calendar = Calendar.from_ical(text)
        (event,) = calendar.walk("VEVENT")
        return str(calendar["METHOD"]), event

    @property
    def token(self) -> str:
        """The token of the link that was sent last."""
        return self.letters.sent[-1][1].rpartition("/a/")[2]


@pytest.fixture
async def counter(database: Database) -> Counter:
    household = Household(database)
    await household.begin(CANARY, NUMBER)
    await household.begin(NEIGHBOUR, NUMBER)
    return Counter(household, Letters())


async def outcome(counter: Counter, tool: str = "confirmation.send", **more: Any) -> str:
    return (await counter.ask(tool, **more)).outcome


# -- the message -----------------------------------------------------------------------------------


async def test_c21_it_goes_to_the_number_that_rang_and_not_to_one_that_was_said(
    counter: Counter,
) -> None:
    await counter.book()
    assert await outcome(counter, "confirmation.check") == "possible"
    assert await outcome(counter) == "sent"
    ((number, text),) = counter.letters.sent
    assert number == NUMBER
    assert text.startswith(
        "Autowerkstatt Berger: Inspektion am Di 01.12.2026 um 09:00 Uhr. Kalender: https://"
    )
    assert all(word not in text for word in ("Anna", "+49", CANARY))


@pytest.mark.parametrize(
    ("language", "words"),
    [("de", "Inspektion am Di 01.12.2026 um 09:00 Uhr"), ("en", "inspection, Tue 1 Dec 2026 at")],
)
async def test_it_is_one_message_in_the_language_of_the_call(
    counter: Counter, language: str, words: str
) -> None:
    await counter.book()
    await counter.ask("confirmation.send", language=language)
    ((_, text),) = counter.letters.sent
    assert words in text
    assert SEVEN_BIT.fullmatch(text)
    assert len(text) <= 160


async def test_c21_a_call_has_one_and_a_number_three_a_day(counter: Counter) -> None:
    await counter.book()
    assert await outcome(counter) == "sent"
    assert await outcome(counter, "confirmation.check") == "impossible"
    assert await outcome(counter) == "already_sent"
    for number, told in enumerate(("sent", "sent", "failed")):
        call_id = f"CA{number:032d}"
        await counter.household.begin(call_id, NUMBER)
        await counter.book(f"2026-12-0{number + 2}T09:00", call_id=call_id)
        assert await outcome(counter, call_id=call_id) == told
    assert len(counter.letters.sent) == 3


async def test_asked_for_at_once_it_is_sent_once(counter: Counter) -> None:
    await counter.book()
    outcomes = await asyncio.gather(*(outcome(counter) for _ in range(4)))
    assert sorted(outcomes) == ["already_sent"] * 3 + ["sent"]
    assert len(counter.letters.sent) == 1


async def test_a_withheld_number_is_not_asked_and_gets_nothing(counter: Counter) -> None:
    await counter.book()
    assert await outcome(counter, "confirmation.check", caller=None) == "impossible"
    assert await outcome(counter, caller=None) == "no_number"
    assert counter.letters.sent == []


@pytest.mark.parametrize(("code", "told"), [(21635, "unreachable"), (20003, "failed")])
async def test_what_the_carrier_refuses_leaves_no_link_and_may_be_asked_for_again(
    counter: Counter, code: int, told: str
) -> None:
    await counter.book()
    counter.letters.refusal = code
    assert await outcome(counter) == told
    async with counter.household.database.begin() as connection:
        (row,) = (await connection.execute(select(confirmations))).all()
    assert (row.token_sha256, row.until) == (None, NOON + OFFERED)
    counter.letters.refusal = None
    assert await outcome(counter) == "sent"


async def test_of_a_call_that_arranged_nothing_nothing_is_sent(counter: Counter) -> None:
    await counter.book()
    assert await outcome(counter, "confirmation.check", call_id=NEIGHBOUR) == "impossible"
    assert await outcome(counter, call_id=NEIGHBOUR) == "failed"
    await counter.ask("calendar.cancel", appointment=await counter.appointment())
    assert await outcome(counter, "confirmation.check") == "impossible"
    assert counter.letters.sent == []
    assert await SqlCallBook(counter.household.database).message(CANARY, KIND) is None


# -- the link --------------------------------------------------------------------------------------


async def test_the_link_leads_to_the_appointment_and_to_nobody(counter: Counter) -> None:
    await counter.book()
    await outcome(counter)
    assert len(counter.token) == 22  # 128 bits
    method, event = await counter.event(counter.token)
    assert (method, event["SUMMARY"]) == ("PUBLISH", "Berger")
    assert event["LOCATION"] == "Lindenstraße 12, Berlin"
    assert event["DTSTART"].dt.isoformat() == "2026-12-01T08:00:00+00:00"
    text = await counter.confirmation.file(counter.token)
    assert text is not None
    assert all(word not in text for word in ("Anna", "+49", CANARY, ANNA, "nspection"))
    assert await counter.household.where(counter.token) == set()


async def test_after_a_move_in_another_call_it_leads_to_the_new_time(counter: Counter) -> None:
    await counter.book()
    await outcome(counter)
    first, mine = counter.token, await counter.appointment()
    moved = await counter.ask(
        "calendar.move", call_id=NEIGHBOUR, appointment=mine, start="2026-12-02T13:00"
    )
    assert moved.outcome == "moved"
    assert await outcome(counter, call_id=NEIGHBOUR) == "sent"
    for token in (first, counter.token):
        _, event = await counter.event(token)
        assert event["DTSTART"].dt.isoformat() == "2026-12-02T12:00:00+00:00"
        assert event["SEQUENCE"] == 1
    assert first != counter.token


async def test_after_a_cancellation_it_takes_the_appointment_out_again(counter: Counter) -> None:
    await counter.book()
    await outcome(counter)
    _, before = await counter.event(counter.token)
    mine = await counter.appointment()
    for _ in range(2):
        await counter.ask("calendar.cancel", appointment=mine)
    _, event = await counter.event(counter.token)
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    assert event["UID"] == before["UID"]


async def test_a_link_is_good_until_the_appointment_is_over(counter: Counter) -> None:
    await counter.book()
    await outcome(counter)
    end = datetime.fromisoformat("2026-12-01T11:00:00+01:00")
    counter.household.now = end - SECOND
    assert await counter.confirmation.file(counter.token) is not None
    counter.household.now = end
    assert await counter.confirmation.file(counter.token) is None


async def test_a_link_is_good_for_no_more_than_90_days(counter: Counter) -> None:
    await counter.book("2027-02-19T09:00")
    async with counter.household.database.begin() as connection:
        await connection.execute(
            confirmations.update().values(ends_at=NOON + LINK_LIFETIME + 9 * DAY)
        )
    await outcome(counter)
    counter.household.now = NOON + LINK_LIFETIME - SECOND
    assert await counter.confirmation.file(counter.token) is not None
    counter.household.now = NOON + LINK_LIFETIME
    assert await counter.confirmation.file(counter.token) is None


@pytest.mark.parametrize(
    "token", ["", "x", "A" * 22, "A" * 10_000, "\udcff", "' OR 1=1 --", "../a", "\0", "é"]
)
async def test_a_token_that_was_not_sent_leads_nowhere(counter: Counter, token: str) -> None:
    await counter.book()
    assert await counter.confirmation.file(token) is None  # one row has no link at all
    await outcome(counter)
    assert await counter.confirmation.file(token) is None


async def test_a_link_of_a_call_that_is_not_there_is_not_made(counter: Counter) -> None:
    with pytest.raises(UnknownCall):
        await counter.noted.mint("CAnobody", "de", NUMBER, NOON)
    with pytest.raises(UnknownCall):
        await counter.noted.mint(CANARY, "de", NUMBER, NOON)


# -- how long, and when it goes --------------------------------------------------------------------


async def test_c20_an_erasure_takes_note_and_link_with_it(counter: Counter) -> None:
    await counter.book()
    await outcome(counter)
    erasure = await counter.household.rights.erase_number(NUMBER, "command")
    assert erasure.places["appointments"].erased == 1
    assert await counter.household.rows(confirmations) == 0
    assert await counter.confirmation.file(counter.token) is None


@pytest.mark.parametrize("sent", [False, True])
async def test_c19_the_sweep_removes_it_when_it_is_of_no_more_use(
    counter: Counter, sent: bool
) -> None:
    await counter.book()
    if sent:
        await outcome(counter)
    end = datetime.fromisoformat("2026-12-01T11:00:00+01:00") if sent else NOON + OFFERED
    household = counter.household
    for now, left in ((end - SECOND, 1), (end, 0)):
        household.now = now
        rules = load_retention(ROOT / "config")
        await Retention(
            household.database, household.archive, rules, household.clock, has_carrier=False
        ).enforce()
        assert await household.rows(confirmations) == left


async def test_an_appointment_stands_where_it_cannot_be_noted(
    counter: Counter, capsys: pytest.CaptureFixture[str]
) -> None:
    async with counter.household.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE confirmations RENAME TO gone")
    await counter.book()
    assert await outcome(counter, "confirmation.check") == "away"
    assert await outcome(counter) == "failed"
    await counter.ask("calendar.cancel", appointment=await counter.appointment())
    with pytest.raises(RecordsUnavailable):
        await counter.confirmation.file("A" * 22)
    seen = capsys.readouterr()
    text = seen.out + seen.err
    assert "confirmation_not_noted" in text
    assert all(word not in text for word in ("Anna", NUMBER, OTHER_NUMBER))
