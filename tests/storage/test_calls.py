from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from voice_agent.runtime.message import MessageStatus, SentMessage
from voice_agent.runtime.records import (
    CallBook,
    Direction,
    Disposition,
    RecordsUnavailable,
    UnknownCall,
)
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.database import Database
from voice_agent.storage.tables import calls, message_counts

pytestmark = pytest.mark.integration  # a real database on a real disk

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def book(database: Database) -> CallBook:
    return SqlCallBook(database)


async def test_a_call_begins_in_its_notice(book: CallBook) -> None:
    assert await book.begin("CA1", "de", NOON)
    assert await book.disposition("CA1") is Disposition.IN_NOTICE


async def test_a_repeated_webhook_does_not_begin_the_call_again(book: CallBook) -> None:
    await book.begin("CA1", "de", NOON)
    await book.set_disposition("CA1", Disposition.CONNECTED)
    assert not await book.begin("CA1", "en", NOON, Direction.OUTBOUND)
    assert await book.disposition("CA1") is Disposition.CONNECTED


@pytest.mark.parametrize("disposition", Disposition)
async def test_a_disposition_is_remembered(book: CallBook, disposition: Disposition) -> None:
    await book.begin("CA1", "de", NOON)
    await book.set_disposition("CA1", disposition)
    assert await book.disposition("CA1") is disposition


async def test_an_unknown_call_has_no_disposition_and_takes_none(book: CallBook) -> None:
    assert await book.disposition("CA9") is None
    with pytest.raises(UnknownCall):
        await book.set_disposition("CA9", Disposition.CONNECTED)
    with pytest.raises(UnknownCall):
        await book.end("CA9", NOON)
    with pytest.raises(UnknownCall):
        await book.claim_message("CA9", "privacy", NOON)


async def test_a_call_that_has_ended_stays_ended(book: CallBook, database: Database) -> None:
    """A late callback changes neither where it stands nor when it ended."""
    await book.begin("CA1", "de", NOON)
    await book.end("CA1", NOON + timedelta(minutes=1))
    await book.end("CA1", NOON + timedelta(minutes=2))
    await book.set_disposition("CA1", Disposition.CONNECTED)
    assert await book.disposition("CA1") is Disposition.ENDED
    async with database.begin() as connection:
        rows = await connection.scalars(select(calls.c.ended_at))
    assert rows.all() == [NOON + timedelta(minutes=1)]


async def test_a_call_gets_one_message_of_a_kind(book: CallBook) -> None:
    await book.begin("CA1", "de", NOON)
    await book.begin("CA2", "de", NOON)
    claims = await asyncio.gather(*(book.claim_message("CA1", "privacy", NOON) for _ in range(9)))
    assert sorted(claims) == [False] * 8 + [True]
    assert await book.claim_message("CA1", "other", NOON)
    assert await book.claim_message("CA2", "privacy", NOON)


async def test_a_fault_has_a_code(empty_address: str) -> None:
    """A database without tables stands for one that is away."""
    database = Database.open(empty_address)
    book = SqlCallBook(database)
    for attempt in (
        book.begin("CA1", "de", NOON),
        book.set_disposition("CA1", Disposition.CONNECTED),
        book.connect("CA1", "de"),
        book.disposition("CA1"),
        book.language("CA1"),
        book.count_message("f" * 64, NOON, 3),
        book.end("CA1", NOON),
        book.claim_message("CA1", "privacy", NOON),
    ):
        with pytest.raises(RecordsUnavailable):
            await attempt
    await database.close()


async def test_a_time_without_a_zone_is_refused(book: CallBook) -> None:
    """It could be any moment; a mistake of ours, not of the database."""
    with pytest.raises(RecordsUnavailable) as caught:
        await book.begin("CA1", "de", datetime(2026, 11, 23, 12))  # noqa: DTZ001 (that is the point)
    assert "time zone" in str(caught.value.__cause__)


async def test_a_claim_that_was_given_back_can_be_taken_again(book: SqlCallBook) -> None:
    """The carrier refused the message: key 2 may be pressed once more (C21)."""
    await book.begin("CA1", "de", NOON)
    assert await book.claim_message("CA1", "privacy", NOON)
    await book.release_message("CA1", "privacy")
    await book.release_message("CA1", "privacy")
    assert await book.claim_message("CA1", "privacy", NOON)


async def test_c4_of_many_streams_of_a_call_one_is_connected(book: CallBook) -> None:
    await book.begin("CA1", "de", NOON)
    connected = await asyncio.gather(*(book.connect("CA1", "en") for _ in range(9)))
    assert sorted(connected) == [False] * 8 + [True]
    assert await book.disposition("CA1") is Disposition.CONNECTED
    assert await book.language("CA1") == "en"


@pytest.mark.parametrize("disposition", sorted(set(Disposition) - {Disposition.IN_NOTICE}))
async def test_c11_a_call_that_left_its_notice_is_not_connected(
    book: CallBook, disposition: Disposition
) -> None:
    await book.begin("CA1", "de", NOON)
    await book.set_disposition("CA1", disposition)
    assert not await book.connect("CA1", "en")
    assert await book.disposition("CA1") is disposition
    assert await book.language("CA1") == "de"
    assert not await book.connect("CA9", "de")


async def test_a_language_is_noted_with_the_disposition_or_stays(book: CallBook) -> None:
    assert await book.language("CA1") is None
    await book.begin("CA1", "de", NOON)
    await book.set_disposition("CA1", Disposition.LEFT, "en")
    await book.set_disposition("CA1", Disposition.HANDOVER)
    assert await book.language("CA1") == "en"


async def test_c21_a_number_gets_three_messages_a_day(book: CallBook) -> None:
    """However many ask at once; another number and the next day have their own three."""
    one, other = "1" * 64, "2" * 64
    counts = await asyncio.gather(*(book.count_message(one, NOON, 3) for _ in range(9)))
    assert sorted(counts) == [False] * 6 + [True] * 3
    assert await book.count_message(other, NOON, 3)
    assert await book.count_message(one, NOON + timedelta(days=1), 3)


async def test_c21_c17_what_was_counted_yesterday_is_forgotten(
    book: CallBook, database: Database
) -> None:
    await book.count_message("1" * 64, NOON, 3)
    await book.count_message("2" * 64, NOON + timedelta(days=1), 3)
    async with database.begin() as connection:
        rows = (await connection.execute(select(message_counts))).all()
    assert rows == [("2" * 64, date(2026, 11, 24), 1)]


async def test_a_day_is_one_of_utc_wherever_the_clock_is(book: CallBook) -> None:
    east = datetime(2026, 11, 24, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert await book.count_message("1" * 64, NOON, 1)
    assert not await book.count_message("1" * 64, east, 1)


# -- what became of a message ----------------------------------------------------------------------

SID = f"SM{7:032d}"


async def sent(book: CallBook) -> None:
    """A message that the carrier has taken."""
    await book.begin("CA1", "de", NOON)
    await book.claim_message("CA1", "privacy_link", NOON)
    await book.message_sent("CA1", "privacy_link", SID, NOON)


async def test_a_report_finds_its_message_by_the_carriers_identifier(book: CallBook) -> None:
    await sent(book)
    assert not await book.message_reported("SM" + "0" * 32, MessageStatus.SENT, None)
    assert await book.message_reported(SID, MessageStatus.UNDELIVERED, 30006)
    assert await book.message("CA1", "privacy_link") == SentMessage(
        status=MessageStatus.UNDELIVERED, error_code=30006, told=False
    )
    assert await book.message("CA1", "other") is None


async def test_reports_late_twice_and_out_of_order_change_nothing_wrongly(book: CallBook) -> None:
    await sent(book)
    for status in ("sent", "queued", "delivered", "delivered", "undelivered", "sending"):
        assert await book.message_reported(SID, MessageStatus(status), None)
    found = await book.message("CA1", "privacy_link")
    assert found is not None
    assert found.status is MessageStatus.DELIVERED


async def test_c21_of_several_who_would_tell_of_a_loss_one_does(book: CallBook) -> None:
    await sent(book)
    assert not await book.tell_loss("CA1", "privacy_link", NOON)
    await book.message_reported(SID, MessageStatus.FAILED, None)
    told = await asyncio.gather(*(book.tell_loss("CA1", "privacy_link", NOON) for _ in range(4)))
    assert sorted(told) == [False, False, False, True]
    found = await book.message("CA1", "privacy_link")
    assert found is not None
    assert found.told
