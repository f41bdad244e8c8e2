"""A call to remind somebody goes on at any worker: what it is about, and what it has reached."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.storage.remindings import Company, number_of, wanted
from voice_agent.outbound.claim import Claim, Outcome
from voice_agent.outbound.reminder import State
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_claims import UNHEARD_AFTER
from voice_agent.tools.appointment import PersonKey

pytestmark = pytest.mark.integration

CALL = "CA" + "1" * 32
OTHER = "CA" + "2" * 32
ANNA = PersonKey("c-1")


async def ringing(company: Company, *appointments: int) -> Claim:
    """One person is being rung up about appointments so many hours after tomorrow's."""
    await company.reminders.put(
        [
            wanted(
                source=f"T-{hours}",
                starts_at=wanted().starts_at + timedelta(hours=hours),
                appointment=f"a-{hours}",
                customer=ANNA,
            )
            for hours in appointments
        ]
    )
    await company.reminders.plan()
    claim = await company.claims.claim(company.now, "w1")
    assert claim is not None
    assert await company.claims.dial(claim, company.now)
    return claim


async def states(company: Company) -> tuple[dict[str, int], dict[str, int]]:
    overview = await company.reminders.overview()
    return dict(overview.states), dict(overview.outcomes)


async def test_whoever_answers_is_rung_up_about_their_appointments(database: Database) -> None:
    company = Company(database)
    claim = await ringing(company, 0, 1)
    errand = await company.errands.answered(claim.id, CALL)
    assert errand is not None
    assert errand.number == number_of(0)
    assert [each.appointment for each in errand.appointments] == ["a-0", "a-1"]
    assert errand.person is None
    assert errand.is_for(ANNA)
    assert not errand.is_for(PersonKey("c-2"))
    await company.errands.verified(claim.id, ANNA)
    found = await company.errands.of_call(CALL)
    assert found is not None
    assert found.person == ANNA
    assert await company.errands.answered(claim.id, CALL) == found  # a webhook that comes again


async def test_another_call_does_not_get_the_errand(database: Database) -> None:
    company = Company(database)
    claim = await ringing(company, 0)
    assert await company.errands.answered(claim.id, CALL) is not None
    assert await company.errands.answered(claim.id, OTHER) is None
    assert await company.errands.answered("nobody", OTHER) is None
    assert await company.errands.of_call(OTHER) is None
    await company.errands.ended(claim.id, Outcome.NO_ANSWER, company.now)
    assert await company.errands.answered(claim.id, CALL) is None
    assert await company.errands.of_call(CALL) is None


async def test_what_a_call_reached_is_how_it_ended_whatever_the_carrier_says(
    database: Database,
) -> None:
    company = Company(database)
    claim = await ringing(company, 0, 1)
    first, second = (each.reminder for each in claim.appointments)
    await company.errands.reached(claim.id, Outcome.TOLD)
    await company.errands.reached(claim.id, Outcome.MOVED, second)
    await company.errands.reached(claim.id, Outcome.TOLD, second)  # told again changes nothing
    assert await company.claims.ended(claim.id, Outcome.NO_ANSWER, company.now)
    assert await states(company) == ({State.DONE: 2}, {Outcome.TOLD: 1, Outcome.MOVED: 1})
    assert not await company.claims.ended(claim.id, Outcome.BUSY, company.now)
    assert first != second


async def test_talking_to_a_person_takes_the_place_of_nothing_that_was_reached(
    database: Database,
) -> None:
    company = Company(database)
    claim = await ringing(company, 0)
    await company.errands.reached(claim.id, Outcome.MOVED)
    await company.errands.reached(claim.id, Outcome.CONNECTED)
    await company.claims.ended(claim.id, Outcome.NO_ANSWER, company.now)
    assert await states(company) == ({State.DONE: 1}, {Outcome.MOVED: 1})


@pytest.mark.parametrize("last", [Outcome.DECLINED, Outcome.WRONG_PERSON])
async def test_no_more_calls_is_the_last_word(database: Database, last: Outcome) -> None:
    company = Company(database)
    claim = await ringing(company, 0)
    await company.errands.reached(claim.id, Outcome.CONFIRMED)
    await company.errands.reached(claim.id, last)
    await company.errands.reached(claim.id, Outcome.CONFIRMED)
    await company.claims.ended(claim.id, Outcome.NO_ANSWER, company.now)
    assert await states(company) == ({State.DONE: 1}, {last: 1})


async def test_what_is_written_down_after_the_carriers_word_counts(database: Database) -> None:
    company = Company(database)
    claim = await ringing(company, 0)
    await company.claims.ended(claim.id, Outcome.NO_ANSWER, company.now)
    assert (await states(company))[0] == {State.OPEN: 1}
    await company.errands.reached(claim.id, Outcome.CONFIRMED)
    assert await states(company) == ({State.DONE: 1}, {Outcome.CONFIRMED: 1})


async def test_a_call_nobody_heard_of_again_ends_with_what_it_reached(database: Database) -> None:
    company = Company(database)
    claim = await ringing(company, 0)
    await company.errands.reached(claim.id, Outcome.CANCELLED)
    company.now += timedelta(hours=2)
    assert await company.claims.settle(company.now) == 1
    assert await states(company) == ({State.DONE: 1}, {Outcome.CANCELLED: 1})


@pytest.mark.parametrize("is_named", [True, False])
async def test_a_call_the_carrier_never_named_holds_its_line_for_minutes_and_not_for_an_hour(
    database: Database, is_named: bool
) -> None:
    company = Company(database)
    claim = await ringing(company, 0)
    if is_named:
        await company.claims.dialled(claim, CALL)
    company.now += UNHEARD_AFTER
    assert await company.claims.settle(company.now) == (not is_named)


async def test_all_calls_are_stopped_for_a_reason(database: Database) -> None:
    company = Company(database)
    assert await company.reminders.pause("carrier_refused")
    assert not await company.reminders.pause()
    assert (await company.reminders.overview()).reason == "carrier_refused"
    assert await company.reminders.resume()
    assert (await company.reminders.overview()).reason is None
