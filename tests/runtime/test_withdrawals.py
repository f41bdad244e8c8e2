from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime

from consent.ledger import LedgerUnavailable
from tests.runtime.paper import PaperBook, PaperLedger
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.call.events import CallerGone, WithdrawnElsewhere
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.registrar import Registrar
from voice_agent.runtime.withdrawals import BLIND_LIMIT, INTERVAL, WithdrawalWatch

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class CountedLedger(PaperLedger):
    """Counts how often it is asked."""

    asked = 0

    async def withdrawn(self, call_ids: Collection[str]) -> frozenset[str]:
        self.asked += 1
        return await super().withdrawn(call_ids)


def watch() -> tuple[WithdrawalWatch, CountedLedger]:
    ledger = CountedLedger()
    registrar = Registrar(
        ledger=ledger,
        book=PaperBook(),
        notice_version="a" * 64,
        pseudonyms=Pseudonyms([b"k" * 32]),
        wall_clock=lambda: NOON,
    )
    return WithdrawalWatch(registrar), ledger


@in_virtual_time
async def test_c16_a_withdrawal_in_another_process_reaches_the_call_within_half_a_second() -> None:
    looking, ledger = watch()
    told: list[WithdrawnElsewhere | CallerGone] = []
    with looking.over("CA1", told.append):
        await asyncio.sleep(10)
        assert told == []
        await ledger.withdraw("CA1", NOON)
        await asyncio.sleep(0.5)
        assert told == [WithdrawnElsewhere()]
        await asyncio.sleep(10)
    assert told == [WithdrawnElsewhere()]  # once
    await looking.stop()


@in_virtual_time
async def test_all_running_calls_cost_one_question_and_no_call_none() -> None:
    looking, ledger = watch()
    with looking.over("CA1", print), looking.over("CA2", print), looking.over("CA3", print):
        await asyncio.sleep(10.1)
    assert ledger.asked == round(10 / INTERVAL)
    await asyncio.sleep(60)
    assert ledger.asked <= round(10 / INTERVAL) + 1


@in_virtual_time
async def test_another_calls_withdrawal_is_not_ours() -> None:
    looking, ledger = watch()
    told: list[WithdrawnElsewhere | CallerGone] = []
    with looking.over("CA1", told.append):
        await ledger.withdraw("CA2", NOON)
        await asyncio.sleep(5)
    assert told == []
    await looking.stop()


@in_virtual_time
async def test_a_ledger_that_is_away_for_a_while_is_asked_again() -> None:
    looking, ledger = watch()
    told: list[WithdrawnElsewhere | CallerGone] = []
    with looking.over("CA1", told.append):
        ledger.reading_fault = LedgerUnavailable("away")
        await asyncio.sleep(5)
        ledger.reading_fault = None
        await ledger.withdraw("CA1", NOON)
        await asyncio.sleep(0.5)
        assert told == [WithdrawnElsewhere()]
    await looking.stop()


@in_virtual_time
async def test_a_call_that_begins_after_the_last_one_ended_is_watched_as_well() -> None:
    looking, ledger = watch()
    told: list[WithdrawnElsewhere | CallerGone] = []
    with looking.over("CA1", told.append):
        await asyncio.sleep(1)
    await asyncio.sleep(1)
    with looking.over("CA2", told.append):
        await ledger.withdraw("CA2", NOON)
        await asyncio.sleep(0.5)
    assert told == [WithdrawnElsewhere()]
    await looking.stop()


@in_virtual_time
async def test_c16_a_worker_that_cannot_look_for_long_lets_go_of_its_calls() -> None:
    """A human takes over, rather than that a withdrawal somewhere else goes unseen."""
    looking, ledger = watch()
    told: list[WithdrawnElsewhere | CallerGone] = []
    with looking.over("CA1", told.append):
        ledger.reading_fault = LedgerUnavailable("away")
        await asyncio.sleep(BLIND_LIMIT - 1)
        assert told == []
        await asyncio.sleep(2)
        assert told == [CallerGone()]
    await looking.stop()


@in_virtual_time
async def test_c16_a_fault_nobody_expected_does_not_end_the_watch() -> None:
    looking, ledger = watch()
    told: list[WithdrawnElsewhere | CallerGone] = []
    with looking.over("CA1", told.append):
        ledger.reading_fault = RuntimeError("strange")
        await asyncio.sleep(1)
        ledger.reading_fault = None
        await ledger.withdraw("CA1", NOON)
        await asyncio.sleep(0.5)
    assert told == [WithdrawnElsewhere()]
    await looking.stop()
