"""Consents to be reminded, as callers give them and as they are kept, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from consent.outreach import Means, ReminderConsent
from tests.storage.household import KEYS, NUMBER, OTHER_NUMBER, PEOPLE, Household
from voice_agent.dialogue.tool import AWAY, DENIED, ToolAnswer, ToolRequest
from voice_agent.keyring import KeyRing
from voice_agent.outbound.agreed import Agreed
from voice_agent.outbound.agreement import Agreement
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.storage.database import Database
from voice_agent.storage.do_not_call import SqlDoNotCall
from voice_agent.storage.reminder_consents import SqlReminderConsents
from voice_agent.storage.rotation import Rotation
from voice_agent.storage.tables import data_keys, reminder_consents
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.authorise import AuthorisedCall, CallFacts, authorise
from voice_agent.tools.customer_file import Customer
from voice_agent.tools.directory import Record

pytestmark = pytest.mark.integration  # a real database on a real disk

NOW = datetime(2026, 12, 7, 9, tzinfo=UTC)
ANNA, BERT = PersonKey("K-1001"), PersonKey("K-1002")


class Desk:
    """Somebody on the telephone, and the tools that ask them."""

    def __init__(self, database: Database) -> None:
        self.now = NOW
        self.database = database
        self.consents = SqlReminderConsents(database, KEYS, PEOPLE, lambda: self.now)
        self.list = SqlDoNotCall(database, PEOPLE, lambda: self.now)
        self.agreement = Agreement(
            self.consents, ("DE",), "Soll ich? ({})".format, lambda: self.now
        )
        self.tries = 0

    async def ask(
        self, tool: str, person: PersonKey | None = ANNA, call_id: str = "CA1", **given: str
    ) -> ToolAnswer:
        self.tries += 1
        asked = ToolRequest(tool, given, "de", "flow", 1, self.tries, frozenset(given))
        facts = CallFacts(
            call_id, consented=True, tools=frozenset(self.agreement.handlers), person=person
        )
        permitted = authorise(asked, facts)
        assert isinstance(permitted, AuthorisedCall), permitted
        return await self.agreement.handlers[tool](permitted)

    async def outcome(self, tool: str, person: PersonKey | None = ANNA, **given: str) -> str:
        return (await self.ask(tool, person, **given)).outcome

    async def knows(self, person: PersonKey, number: str) -> None:
        household = Household(self.database)
        await household.directory.put(Customer(id=person, phone=number, record=Record("Anna")))


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def agreed(given_at: datetime = NOW, number: str = NUMBER) -> Agreed:
    consent = ReminderConsent(given_at=given_at, means=Means.FORM, text="2026-01")
    return Agreed(person=ANNA, number=number, language="de", consent=consent)


async def test_a_caller_who_says_yes_has_agreed_to_these_words_by_telephone(desk: Desk) -> None:
    assert await desk.outcome("reminder.check", phone=NUMBER) == "possible"
    assert await desk.consents.of([ANNA]) == {}  # asking is not agreeing
    assert await desk.outcome("reminder.agree") == "agreed"
    (found,) = (await desk.consents.of([ANNA, BERT])).values()
    assert (found.person, found.number, found.language) == (ANNA, NUMBER, "de")
    assert (found.consent.means, found.consent.given_at) == (Means.CALL, NOW)
    assert len(found.consent.text) == 64
    assert await desk.outcome("reminder.check", phone=NUMBER) == "impossible"  # not again


async def test_a_yes_is_for_the_number_that_was_looked_at_and_for_one_time(desk: Desk) -> None:
    assert await desk.outcome("reminder.agree") == DENIED
    await desk.outcome("reminder.check", phone=NUMBER)
    assert await desk.outcome("reminder.agree", BERT) == DENIED
    assert await desk.outcome("reminder.agree") == DENIED
    await desk.outcome("reminder.check", phone=NUMBER)
    assert (await desk.ask("reminder.agree", call_id="CA2")).outcome == DENIED
    assert await desk.consents.of([ANNA, BERT]) == {}


@pytest.mark.parametrize("number", ["+4990012345678", "+14155552671", "+491", "abc", ""])
async def test_nobody_is_asked_at_a_number_that_is_not_rung_up(desk: Desk, number: str) -> None:
    asked = ToolRequest("reminder.check", {"phone": number}, "de", "flow", 1, 1)
    facts = CallFacts("CA1", consented=True, tools=frozenset({"reminder.check"}), person=ANNA)
    permitted = authorise(asked, facts)
    if isinstance(permitted, AuthorisedCall):
        assert (await desk.agreement.check(permitted)).outcome == "impossible"


async def test_who_is_not_known_is_not_asked(desk: Desk) -> None:
    assert await desk.outcome("reminder.check", None, phone=NUMBER) == "impossible"
    assert await desk.outcome("reminder.agree", None) == DENIED


async def test_c23_only_the_number_somebody_is_known_by_can_be_agreed_to(desk: Desk) -> None:
    """Whoever answers at another could not prove who they are, or would be somebody else."""
    await desk.knows(ANNA, NUMBER)
    assert await desk.outcome("reminder.check", phone=OTHER_NUMBER) == "impossible"
    assert not await desk.consents.put(agreed(number=OTHER_NUMBER))
    assert await desk.consents.put(agreed())


async def test_who_is_on_the_do_not_call_list_is_not_asked(desk: Desk) -> None:
    await desk.list.add(NUMBER, ToldBy.WORDS)
    assert await desk.outcome("reminder.check", phone=NUMBER) == "impossible"


async def test_an_older_consent_does_not_come_back_after_a_withdrawal(desk: Desk) -> None:
    assert await desk.consents.put(agreed(NOW - timedelta(days=300)))
    assert await desk.consents.withdraw(ANNA)
    assert not await desk.consents.withdraw(ANNA)
    assert not await desk.consents.put(agreed(NOW - timedelta(days=300)))
    assert not await desk.consents.put(agreed(NOW))
    assert await desk.consents.of([ANNA]) == {}
    desk.now += timedelta(days=1)
    assert await desk.consents.put(agreed(desk.now))
    assert set(await desk.consents.of([ANNA])) == {ANNA}


async def test_c17_the_number_lies_there_sealed_and_goes_with_the_consent(desk: Desk) -> None:
    await desk.consents.put(agreed())
    household = Household(desk.database)
    assert await household.where(NUMBER) == set()
    assert await household.rows(data_keys) == 1
    await desk.list.add(NUMBER, ToldBy.KEY)
    assert await household.rows(data_keys) == 0
    async with desk.database.begin() as connection:
        (row,) = (await connection.execute(select(reminder_consents))).all()
    assert (row.sealed_number, row.withdrawn_at) == (None, NOW)


async def test_c17_a_number_is_opened_with_the_new_key_alone_after_a_rotation(desk: Desk) -> None:
    await desk.consents.put(agreed())
    new = b"n" * 32
    await Rotation(desk.database, KeyRing([new, b"r" * 32]), PEOPLE).rewrap()
    after = SqlReminderConsents(desk.database, KeyRing([new]), PEOPLE, lambda: NOW)
    assert (await after.of([ANNA]))[ANNA].number == NUMBER


async def test_several_at_once_leave_one_consent_that_opens(desk: Desk) -> None:
    await asyncio.gather(*(desk.consents.put(agreed()) for _ in range(8)))
    assert (await desk.consents.of([ANNA]))[ANNA].number == NUMBER


async def test_c20_a_consent_is_exported_and_erased(desk: Desk) -> None:
    await desk.consents.put(agreed())
    household = Household(desk.database, now=NOW)
    (record,) = (await household.rights.export_number(NUMBER)).places["reminders"]
    assert (record["record"], record["number"], record["person_key"]) == (
        "reminder_consents", NUMBER, ANNA,
    )  # fmt: skip
    assert (record["means"], record["text"]) == ("form", "2026-01")
    await household.rights.erase_number(NUMBER, "command")
    assert await household.rows(reminder_consents) == 0
    assert await household.rows(data_keys) == 0


async def test_a_database_that_is_away_is_told_as_such(desk: Desk) -> None:
    await desk.outcome("reminder.check", phone=NUMBER)
    async with desk.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE reminder_consents RENAME TO gone")
    assert await desk.outcome("reminder.agree") == AWAY
    assert await desk.outcome("reminder.check", phone=NUMBER) == AWAY
