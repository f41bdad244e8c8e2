"""How calls that we made end, as the carrier reports it and as it is written down."""

from __future__ import annotations

import pytest

from tests.twilio.rung_up import CLAIM, PIN, RungUp
from voice_agent.outbound.claim import Outcome
from voice_agent.runtime.records import Disposition

pytestmark = pytest.mark.integration  # a real database on a real disk

ENDS: dict[str, tuple[dict[str, str], Outcome]] = {
    "hung up": ({"status": "completed"}, Outcome.NO_ANSWER),
    "busy": ({"status": "busy"}, Outcome.BUSY),
    "nobody": ({"status": "no-answer"}, Outcome.NO_ANSWER),
    "taken back": ({"status": "canceled"}, Outcome.FAILED),
    "failed": ({"status": "failed"}, Outcome.FAILED),
    "no such number": ({"status": "failed", "SipResponseCode": "404"}, Outcome.UNREACHABLE),
}


@pytest.mark.parametrize(("fields", "outcome"), ENDS.values(), ids=ENDS.keys())
async def test_the_first_report_of_the_end_counts_however_late_and_often_others_come(
    call: RungUp, fields: dict[str, str], outcome: Outcome
) -> None:
    for status in ("initiated", "ringing", "in-progress"):
        assert await call.over(status) == 204
        assert call.house.errands.outcome(CLAIM) is None
    assert await call.over(**fields) == 204
    for status in ("completed", "busy", "ringing", "initiated", "strange", ""):
        assert await call.over(status) == 204
    assert call.house.errands.outcome(CLAIM) is outcome
    assert call.house.metrics.counted(f"outbound_ended_{outcome}") == 1


async def test_what_was_reached_is_the_outcome_whatever_the_carrier_says(call: RungUp) -> None:
    await call.pick_up()
    await call.press_all("1", PIN)
    await call.house.errands.reached(CLAIM, Outcome.CONFIRMED)
    await call.over("failed")
    assert call.house.errands.outcome(CLAIM) is Outcome.CONFIRMED


async def test_c11_the_end_of_a_call_we_made_ends_its_consent(call: RungUp) -> None:
    await call.pick_up()
    await call.press_all("1", PIN, "1")
    await call.over()
    assert await call.house.book.disposition(call.call_id) is Disposition.ENDED
    assert await call.house.ledger.find(call.call_id) is None


@pytest.mark.parametrize("claim", ["", "unknown", "c" * 65, "%2e%2e"])
async def test_a_report_of_a_claim_nobody_has_changes_nothing(call: RungUp, claim: str) -> None:
    assert await call.over("completed", claim=claim) == 204
    assert call.house.errands.outcome(CLAIM) is None


async def test_an_end_that_cannot_be_written_down_is_asked_for_again(call: RungUp) -> None:
    call.house.errands.away = True
    assert await call.over() == 503
    call.house.errands.away = False
    assert await call.over() == 204
    assert call.house.errands.outcome(CLAIM) is Outcome.NO_ANSWER


async def test_an_end_is_written_down_though_the_book_of_calls_is_away(call: RungUp) -> None:
    async with call.house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE calls RENAME TO gone")
    assert await call.over() == 503
    assert call.house.errands.outcome(CLAIM) is Outcome.NO_ANSWER
