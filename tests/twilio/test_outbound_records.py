"""Calls that we make on the records of a database: from the claim to what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import httpx
import pytest
from sqlalchemy import select

from tests.outbound.company import NOW
from tests.storage.remindings import ALL_AT_ONCE, wanted
from tests.twilio.rung_up import ANNA, BERT, NUMBER, PIN, WRONG, RungUp, is_refused
from tests.twilio.test_outbound import start
from voice_agent.keyring import KeyRing
from voice_agent.outbound.claim import Claim, Outcome
from voice_agent.outbound.number import read_number
from voice_agent.runtime.punctual_errands import PunctualErrands
from voice_agent.storage.reminder_claims import SqlClaims
from voice_agent.storage.reminder_errands import SqlErrands
from voice_agent.storage.reminder_rows import ReminderRows
from voice_agent.storage.reminders import SqlReminders
from voice_agent.storage.tables import reminder_attempts

pytestmark = pytest.mark.integration  # a real database on a real disk

KEYS = KeyRing([b"r" * 32])


@dataclass
class Reminded:
    """A call that a worker has dialled, and who answers it."""

    call: RungUp
    claim: Claim
    claims: SqlClaims
    errands: SqlErrands

    async def outcome(self) -> tuple[str, str | None]:
        """How far the attempt is, and what came of it."""
        async with self.call.house.database.begin() as connection:
            (row,) = (await connection.execute(select(reminder_attempts))).all()
            return row.state, row.outcome


@pytest.fixture
async def reminded(call: RungUp) -> Reminded:
    """Anna has an appointment tomorrow, and her number is being dialled."""
    house = call.house
    number = read_number(NUMBER, "DE")
    assert number is not None
    reminders = SqlReminders(
        house.database, ReminderRows(KEYS), house.pseudonyms, ALL_AT_ONCE, lambda: NOW
    )
    await reminders.put([wanted(number=number, appointment="a-1", customer=ANNA)])
    await reminders.plan()
    claims = SqlClaims(house.database, KEYS, house.pseudonyms, ALL_AT_ONCE)
    claim = await claims.claim(NOW, "w1")
    assert claim is not None
    assert await claims.dial(claim, NOW)
    errands = SqlErrands(house.database, KEYS)
    house.board = replace(house.board, errands=PunctualErrands(errands))
    house.outbound = replace(house.outbound, errands=PunctualErrands(errands))
    call._client._transport = httpx.ASGITransport(house._app())
    return Reminded(call, claim, claims, errands)


async def test_a_call_goes_from_the_claim_to_a_stream_that_knows_its_errand(
    reminded: Reminded,
) -> None:
    """Its worker was killed after dialling: ``dialled`` was never written."""
    call = reminded.call
    await call.pick_up(reminded.claim.id)
    await call.press_all("1", PIN)
    assert await call.hears_notice()
    await call.press("1")
    admission = await call.house.board.admit(start(call))
    assert admission is not None
    errand = admission.errand
    assert errand is not None
    assert (errand.claim, errand.person, errand.number) == (reminded.claim.id, ANNA, NUMBER)
    assert [each.appointment for each in errand.appointments] == ["a-1"]
    await reminded.errands.reached(reminded.claim.id, Outcome.CONFIRMED)
    assert await call.over(claim=reminded.claim.id) == 204
    assert await reminded.outcome() == ("ended", Outcome.CONFIRMED)
    await call.pick_up(reminded.claim.id)
    assert call.is_silent_end()


async def test_c23_nobody_who_proved_to_be_somebody_else_is_told(reminded: Reminded) -> None:
    call = reminded.call
    await call.pick_up(reminded.claim.id)
    await call.press_all("1", WRONG, "777777")
    assert await call.said_goodbye("outbound_not_proved")
    found = await reminded.errands.of_call(call.call_id)
    assert found is not None
    assert found.person is None
    assert not found.is_for(BERT)
    await call.over(claim=reminded.claim.id)
    assert await reminded.outcome() == ("ended", Outcome.NO_ANSWER)


async def test_c28_after_key_8_nobody_is_rung_up_about_anything(reminded: Reminded) -> None:
    call = reminded.call
    await call.pick_up(reminded.claim.id)
    await call.press("8")
    assert await call.said_goodbye("outbound_refusal_noted")
    await call.over(claim=reminded.claim.id)
    assert await reminded.outcome() == ("ended", Outcome.DECLINED)
    assert await is_refused(call.house)
    assert await reminded.claims.claim(NOW, "w2") is None


@pytest.mark.parametrize(
    ("status", "outcome"), [("busy", Outcome.BUSY), ("no-answer", Outcome.NO_ANSWER)]
)
async def test_reports_of_the_end_come_late_doubled_and_out_of_order(
    reminded: Reminded, status: str, outcome: Outcome
) -> None:
    for each in ("ringing", status, "initiated", status, "completed", "ringing"):
        assert await reminded.call.over(each, claim=reminded.claim.id) == 204
    assert await reminded.outcome() == ("ended", outcome)


async def test_c27_a_number_that_cannot_be_opened_is_a_goodbye(reminded: Reminded) -> None:
    """Its key is gone."""
    house = reminded.call.house
    errands = PunctualErrands(SqlErrands(house.database, KeyRing([b"x" * 32])))
    house.outbound = replace(house.outbound, errands=errands)
    reminded.call._client._transport = httpx.ASGITransport(house._app())
    await reminded.call.pick_up(reminded.claim.id)
    assert await reminded.call.said_goodbye()


@pytest.mark.parametrize("keys", [[], ["1"]])
async def test_c27_a_database_that_is_gone_is_a_goodbye(
    reminded: Reminded, keys: list[str]
) -> None:
    call = reminded.call
    await call.pick_up(reminded.claim.id)
    await call.press_all(*keys)
    async with call.house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE reminder_attempts RENAME TO gone")
    await call.press("1")
    assert await call.said_goodbye()
    assert await call.over(claim=reminded.claim.id) == 503
