"""Reminders by text message, each taken once, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.outbound.company import DAY, HOUR, NOW
from tests.storage.household import KEYS, PEOPLE
from tests.storage.remindings import ALL_AT_ONCE, Company, number_of, wanted
from voice_agent.errors import CarrierError
from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.outbound.number import read_number
from voice_agent.outbound.reminder import Policy, State, Texting
from voice_agent.outbound.text import TextClaim
from voice_agent.runtime.message import MessageName
from voice_agent.runtime.reminder_texts import LONGEST, OPTED_OUT, ReminderTexts
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_rows import key_of
from voice_agent.storage.reminder_texts import SqlReminderTexts
from voice_agent.storage.tables import carrier_deletions
from voice_agent.twilio.transport import NotProcessed, Unanswered

pytestmark = pytest.mark.integration  # a real database on a real disk

INSTEAD = replace(ALL_AT_ONCE, texting=Texting.INSTEAD)
AFTER = replace(ALL_AT_ONCE, texting=Texting.AFTER, attempts=1)
KEY = key_of(wanted(0))
TEXT = "Please call us back: STOP"


@dataclass
class Post:
    """A carrier of text messages.

    Attributes:
        refusal: what it answers instead.
        sent: to whom it sent what.
    """

    refusal: CarrierError | None = None
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, to: str, text: str, name: MessageName | None) -> str:
        assert name is None
        await asyncio.sleep(0)
        if self.refusal is not None:
            raise self.refusal
        self.sent.append((to, text))
        return f"SM{len(self.sent):032d}"


def book(database: Database, policy: Policy = INSTEAD) -> SqlReminderTexts:
    return SqlReminderTexts(database, KEYS, PEOPLE, policy)


@pytest.fixture
def company(database: Database) -> Company:
    return Company(database, INSTEAD)


async def send(company: Company, post: Post) -> int:
    """Plan, and send what is due."""
    texts = ReminderTexts(
        book(company.database, company.policy),
        post,
        lambda language: f"{TEXT} {language}",
        lambda number: company.list.add(number, ToldBy.MESSAGE),
        company.clock,
    )
    made = await company.reminders.plan()
    return await texts.send_due(made.texts)


async def states(company: Company) -> dict[str, int]:
    return dict((await company.reminders.overview()).states)


async def test_a_message_is_sent_once_and_nobody_is_rung_up_about_it(company: Company) -> None:
    await company.fill(1)
    post = Post()
    assert await send(company, post) == 1
    assert post.sent == [(number_of(0), f"{TEXT} de")]
    assert await send(company, post) == 0
    assert await states(company) == {State.TEXTED: 1}
    assert await company.claims.claim(NOW, "w1") is None
    async with company.database.begin() as connection:
        queued = (await connection.execute(select(carrier_deletions))).one()
    assert (queued.kind, queued.carrier_id) == ("message", f"SM{1:032d}")


async def test_of_several_workers_one_takes_a_message(company: Company) -> None:
    await company.fill(1)
    texts = book(company.database)
    found = await asyncio.gather(*(texts.claim(KEY, NOW) for _ in range(6)))
    assert [each for each in found if each] == [
        TextClaim(reminder=KEY, number=number_of(0), language="de")
    ]


async def test_a_worker_that_is_killed_before_it_sent_leaves_the_message_unsent(
    company: Company,
) -> None:
    """Sent twice would be worse than not at all."""
    await company.fill(1)
    assert await book(company.database).claim(KEY, NOW) is not None  # and then it is gone
    assert await send(company, post := Post()) == 0
    assert post.sent == []


async def test_a_landline_gets_none_and_is_rung_up(company: Company) -> None:
    landline = read_number("030 23125 101", "DE")
    assert landline is not None
    await company.reminders.put([wanted(0, number=landline)])
    assert await send(company, Post()) == 0
    assert await book(company.database).claim(KEY, NOW) is None
    assert await company.claims.claim(NOW, "w1") is not None


async def test_a_message_comes_after_the_last_attempt_and_not_before(database: Database) -> None:
    company = Company(database, AFTER)
    await company.fill(1)
    assert await book(database, AFTER).claim(KEY, NOW) is None
    claim = await company.claims.claim(NOW, "w1")
    assert claim is not None
    assert await company.claims.dial(claim, NOW)
    assert await send(company, Post()) == 0  # somebody may be talking
    await company.claims.ended(claim.id, Outcome.NO_ANSWER, NOW)
    assert await send(company, Post()) == 1
    assert await states(company) == {State.TEXTED: 1}


@pytest.mark.parametrize(
    "what", ["never", "stopped", "listed", "over", "too late", "night", "done"]
)
async def test_c26_whatever_was_planned_a_message_needs_what_a_call_needs(
    company: Company, what: str
) -> None:
    await company.fill(1)
    policy, now = INSTEAD, NOW
    match what:
        case "never":
            policy = replace(INSTEAD, texting=Texting.NEVER)
        case "stopped":
            await company.reminders.pause()
        case "listed" | "done":
            await company.list.add(number_of(0), ToldBy.COMMAND)
        case "over":
            now = NOW + 2 * DAY
        case "too late":
            now = NOW + 21 * HOUR + timedelta(hours=2)
        case "night":
            now = NOW + 10 * HOUR
    assert await book(company.database, policy).claim(KEY, now) is None


# -- refusals --------------------------------------------------------------------------------------


async def test_c28_whoever_answered_stop_is_on_the_do_not_call_list(company: Company) -> None:
    await company.fill(2)
    assert await send(company, Post(CarrierError("refused", OPTED_OUT, 400))) == 2
    assert await company.list.count() == 2
    assert (await company.reminders.overview()).outcomes == {"listed": 2}


async def test_c28_whoever_answers_a_message_with_stop_is_forgotten(company: Company) -> None:
    """A number that was written to is deleted as well, and nothing is sent to it again."""
    await company.reminders.put([wanted(0)])
    await company.reminders.plan()
    claim = await book(company.database).claim(KEY, company.now)
    assert claim is not None
    assert await company.list.add(number_of(0), ToldBy.MESSAGE)
    overview = await company.reminders.overview()
    assert dict(overview.states) == {State.DONE: 1}
    assert dict(overview.outcomes) == {"listed": 1}
    await book(company.database).release(KEY)  # the carrier says late that it was not sent
    assert dict((await company.reminders.overview()).states) == {State.DONE: 1}


async def test_a_number_that_receives_none_is_rung_up_instead(company: Company) -> None:
    await company.fill(1)
    assert await send(company, Post(CarrierError("refused", 21614, 400))) == 1
    assert await send(company, post := Post()) == 0
    assert post.sent == []
    assert await company.claims.claim(NOW, "w1") is not None


@pytest.mark.parametrize(
    "refusal",
    [NotProcessed("too many", 20429, 429), CarrierError("the account is not active", 20005, 403)],
)
async def test_what_was_certainly_not_sent_is_sent_later_and_no_other_is_tried_now(
    company: Company, refusal: CarrierError
) -> None:
    await company.fill(3)
    post = Post(refusal)
    assert await send(company, post) == 0
    assert await states(company) == {State.OPEN: 3}
    post.refusal = None
    assert await send(company, post) == 3
    assert {number for number, _ in post.sent} == {number_of(person) for person in range(3)}


async def test_what_may_have_been_sent_is_not_sent_again(company: Company) -> None:
    await company.fill(1)
    assert await send(company, Post(Unanswered("the carrier did not answer in time"))) == 0
    assert await send(company, post := Post()) == 0
    assert post.sent == []
    assert await states(company) == {State.TEXTED: 1}


async def test_calls_are_planned_again_before_very_many_are_sent(company: Company) -> None:
    class Slow(Post):
        async def send(self, to: str, text: str, name: MessageName | None) -> str:
            company.now += LONGEST / 2
            return await super().send(to, text, name)

    await company.fill(3)
    assert await send(company, post := Slow()) == 2
    assert await send(company, post) == 1
    assert len({number for number, _ in post.sent}) == 3


async def test_what_is_planned_for_later_is_not_sent_now(company: Company) -> None:
    far: datetime = NOW + timedelta(days=5)
    await company.reminders.put([wanted(0, starts_at=far)])
    assert await send(company, post := Post()) == 0
    assert post.sent == []
