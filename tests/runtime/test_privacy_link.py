from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.runtime.line import now
from tests.runtime.paper import Letters, PaperBook, records_away
from tests.runtime.sample_call import CALL
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.call.events import LinkOutcome
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.privacy_link import LINK_LIMIT, UNREACHABLE, PrivacyLink
from voice_agent.runtime.records import Disposition

NUMBER = "+491700000001"


def link(book: PaperBook, letters: Messenger | None) -> PrivacyLink:
    def clock() -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    return PrivacyLink(letters, book, lambda language: f"link {language}", clock)


@pytest.fixture
def book() -> PaperBook:
    return PaperBook(calls={CALL: Disposition.IN_NOTICE})


@in_virtual_time
async def test_c21_the_link_is_sent_once_a_call(book: PaperBook) -> None:
    letters = Letters()
    sender = link(book, letters)
    assert await sender.send(CALL, NUMBER, "de") is LinkOutcome.SENT
    assert await sender.send(CALL, NUMBER, "en") is LinkOutcome.ALREADY_SENT
    assert letters.sent == [(NUMBER, "link de")]


@in_virtual_time
async def test_without_number_or_carrier_nothing_is_sent_or_claimed(book: PaperBook) -> None:
    assert await link(book, Letters()).send(CALL, None, "de") is LinkOutcome.UNREACHABLE
    assert await link(book, None).send(CALL, NUMBER, "de") is LinkOutcome.UNREACHABLE
    assert book.claimed == set()


@pytest.mark.parametrize("code", sorted(UNREACHABLE))
@in_virtual_time
async def test_c21_a_number_that_takes_no_message_is_told_apart(book: PaperBook, code: int) -> None:
    letters = Letters(refusal=code)
    assert await link(book, letters).send(CALL, NUMBER, "de") is LinkOutcome.UNREACHABLE


@pytest.mark.parametrize("code", [None, 20003, 20429])
@in_virtual_time
async def test_other_refusals_are_failures(book: PaperBook, code: int | None) -> None:
    letters = Letters(refusal=code or 0)
    assert await link(book, letters).send(CALL, NUMBER, "de") is LinkOutcome.FAILED


@in_virtual_time
async def test_without_the_records_it_is_better_not_sent(book: PaperBook) -> None:
    """Nobody knows whether it was sent before."""
    letters = Letters()
    book.fault = records_away()
    assert await link(book, letters).send(CALL, NUMBER, "de") is LinkOutcome.FAILED
    book.fault = None
    assert await link(book, letters).send("CAunknown", NUMBER, "de") is LinkOutcome.FAILED
    assert letters.sent == []


@pytest.mark.parametrize("slow", ["book", "letters"])
@in_virtual_time
async def test_a_carrier_or_database_that_hangs_is_a_failure_in_time(
    book: PaperBook, slow: str
) -> None:
    """The webhook has fifteen seconds for its answer."""
    letters = Letters(seconds=3600 if slow == "letters" else 0)
    book.seconds = 3600 if slow == "book" else 0
    began = now()
    assert await link(book, letters).send(CALL, NUMBER, "de") is LinkOutcome.FAILED
    assert now() - began == pytest.approx(LINK_LIMIT)


@in_virtual_time
async def test_c21_a_refused_message_may_be_asked_for_again(book: PaperBook) -> None:
    """Only what may have been sent is never sent twice."""
    refusing = Letters(refusal=30003)
    assert await link(book, refusing).send(CALL, NUMBER, "de") is LinkOutcome.UNREACHABLE
    assert await link(book, Letters()).send(CALL, NUMBER, "de") is LinkOutcome.SENT
