from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from consent.ledger import LedgerUnavailable
from consent.purpose import Purpose
from consent.receipt import Clock
from tests.runtime.line import now
from tests.runtime.paper import PaperBook, PaperLedger
from tests.runtime.sample_call import CALL
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.records import Disposition, RecordsUnavailable
from voice_agent.runtime.registrar import RECORD_LIMIT, Heard, Registrar

HEARD = Heard(part="notice", ms=None, by=Clock.ELAPSED)
NUMBER = "+491700000001"


def registrar(seconds: float = 0.0) -> tuple[Registrar, PaperLedger, PaperBook]:
    ledger, book = PaperLedger(seconds), PaperBook(seconds)

    def clock() -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    found = Registrar(
        ledger=ledger,
        book=book,
        notice_version="a" * 64,
        pseudonyms=Pseudonyms([b"k" * 32]),
        wall_clock=clock,
    )
    return found, ledger, book


@in_virtual_time
async def test_c10_an_acceptance_grants_the_conversation_and_nothing_else() -> None:
    writes, ledger, _ = registrar()
    receipt = await writes.accept(CALL, "1", "en", HEARD, NUMBER)
    assert receipt.purposes == {Purpose.CONVERSATION}
    record = ledger.records[CALL]
    assert (record.language, record.heard_ms, record.notice_version) == ("en", None, "a" * 64)


@in_virtual_time
async def test_c11_after_a_withdrawal_no_consent_holds() -> None:
    writes, _, _ = registrar()
    await writes.accept(CALL, "1", "de", HEARD, NUMBER)
    assert await writes.consent(CALL) is not None
    await writes.withdraw(CALL)
    assert await writes.consent(CALL) is None


@in_virtual_time
async def test_a_call_begins_is_noted_and_ends() -> None:
    writes, _, _ = registrar()
    assert await writes.disposition(CALL) is None
    await writes.begin(CALL, "de")
    await writes.note(CALL, Disposition.LEFT)
    assert await writes.disposition(CALL) is Disposition.LEFT
    await writes.end(CALL)
    await writes.note(CALL, Disposition.CONNECTED)  # too late
    assert await writes.disposition(CALL) is Disposition.ENDED


@in_virtual_time
async def test_c4_a_call_is_connected_once_and_only_from_its_notice() -> None:
    writes, _, _ = registrar()
    assert not await writes.connect(CALL, "de")
    await writes.begin(CALL, "de")
    assert await writes.connect(CALL, "en")
    assert not await writes.connect(CALL, "de")
    assert await writes.language(CALL) == "en"


@in_virtual_time
async def test_the_language_is_kept_until_another_is_noted() -> None:
    writes, _, _ = registrar()
    assert await writes.language(CALL) is None
    await writes.begin(CALL, "de")
    await writes.note(CALL, Disposition.CONNECTED)
    assert await writes.language(CALL) == "de"
    await writes.note(CALL, Disposition.HANDOVER, "en")
    assert await writes.language(CALL) == "en"


LEDGER: list[Callable[[Registrar], Awaitable[object]]] = [
    lambda writes: writes.accept(CALL, "1", "de", HEARD, NUMBER),
    lambda writes: writes.withdraw(CALL),
]
BOOK: list[Callable[[Registrar], Awaitable[object]]] = [
    lambda writes: writes.begin(CALL, "de"),
    lambda writes: writes.note(CALL, Disposition.ENDED),
    lambda writes: writes.connect(CALL, "de"),
    lambda writes: writes.disposition(CALL),
    lambda writes: writes.language(CALL),
    lambda writes: writes.end(CALL),
]


@pytest.mark.parametrize(
    ("write", "fault"),
    [
        *((each, LedgerUnavailable) for each in LEDGER),
        *((each, RecordsUnavailable) for each in BOOK),
    ],
)
@in_virtual_time
async def test_a_database_that_hangs_counts_as_away(
    write: Callable[[Registrar], Awaitable[object]], fault: type[Exception]
) -> None:
    writes, _, _ = registrar(seconds=3600)
    began = now()
    with pytest.raises(fault):
        await write(writes)
    assert now() - began == pytest.approx(RECORD_LIMIT)
