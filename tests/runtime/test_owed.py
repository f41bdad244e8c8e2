from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from consent.receipt import Clock, Means
from tests.runtime.paper import PaperBook, PaperLedger
from tests.runtime.sample_call import CALL
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.owed import OwedWithdrawals
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.registrar import Heard, Registrar

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def owed() -> tuple[OwedWithdrawals, PaperLedger, Registrar, Metrics]:
    ledger, metrics = PaperLedger(), Metrics()
    registrar = Registrar(
        ledger=ledger,
        book=PaperBook(),
        notice_version="a" * 64,
        pseudonyms=Pseudonyms([b"k" * 32]),
        wall_clock=lambda: NOON,
    )
    return OwedWithdrawals(registrar, metrics), ledger, registrar, metrics


@in_virtual_time
async def test_c16_a_withdrawal_outlasts_a_database_that_is_away_for_an_hour() -> None:
    debts, ledger, _, metrics = owed()
    ledger.faults = 360
    debts.owe(CALL, Means.PHRASE)
    debts.owe(CALL, Means.KEY)  # the first means counts
    await debts.settle()
    assert ledger.means == {CALL: Means.PHRASE}
    assert metrics.counted("withdrawal_late") == 1
    assert metrics.counted("withdrawal_not_recorded") == 0


@in_virtual_time
async def test_c11_what_the_caller_was_told_is_not_saved_is_withdrawn_once_the_ledger_is_back() -> (
    None
):
    debts, ledger, registrar, _ = owed()
    heard = Heard(part="notice", ms=None, by=Clock.ELAPSED)
    await registrar.accept(CALL, "1", "de", heard, None)  # it came through after all
    ledger.faults = 2
    debts.owe(CALL, Means.NOT_SAVED)
    await debts.settle()
    assert await registrar.consent(CALL) is None


@in_virtual_time
async def test_what_is_owed_at_the_stop_is_told_to_the_operator() -> None:
    debts, ledger, _, metrics = owed()
    ledger.faults = 10**6
    debts.owe(CALL, Means.KEY)
    await asyncio.sleep(60)
    await debts.release()
    assert metrics.counted("withdrawal_not_recorded") == 1
    await debts.settle()  # at once: nothing is left


@in_virtual_time
async def test_a_withdrawal_that_is_written_at_once_is_late_for_nobody() -> None:
    debts, ledger, _, metrics = owed()
    debts.owe(CALL, Means.KEY)
    await debts.settle()
    assert ledger.written == ["withdraw"]
    assert metrics.counted("withdrawal_late") == 0
