from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from tests.runtime.line import now
from tests.runtime.paper import Letters, PaperBook, PaperLinks, records_away
from tests.runtime.sample_call import CALL
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.call.events import LinkOutcome
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.message import MessageStatus
from voice_agent.runtime.privacy_link import (
    KIND,
    LINK_LIMIT,
    MOST_A_DAY,
    RELEASE_LIMIT,
    REPORT_PAUSE,
    UNREACHABLE,
    WATCH_LIMIT,
    PrivacyLink,
)
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.records import Disposition

NUMBER = "+491700000001"


PSEUDONYM = Pseudonyms([b"k" * 32]).of


def link(
    book: PaperBook, letters: Messenger | None, day: int = 23, links: PaperLinks | None = None
) -> PrivacyLink:
    def clock() -> datetime:
        return datetime(2026, 11, day, tzinfo=UTC)

    return PrivacyLink(
        messenger=letters,
        book=book,
        links=links or PaperLinks(),
        text="link {} {}".format,
        clock=clock,
        pseudonym=PSEUDONYM,
    )


@pytest.fixture
def book() -> PaperBook:
    return PaperBook(calls={CALL: Disposition.IN_NOTICE})


@in_virtual_time
async def test_c21_the_link_is_sent_once_a_call(book: PaperBook) -> None:
    letters = Letters()
    sender = link(book, letters)
    assert await sender.send(CALL, NUMBER, "de") is LinkOutcome.SENT
    assert await sender.send(CALL, NUMBER, "en") is LinkOutcome.ALREADY_SENT
    assert letters.sent == [(NUMBER, "link de token-1")]


@in_virtual_time
async def test_without_number_or_carrier_nothing_is_sent_or_claimed(book: PaperBook) -> None:
    assert await link(book, Letters()).send(CALL, None, "de") is LinkOutcome.NO_NUMBER
    assert await link(book, None).send(CALL, NUMBER, "de") is LinkOutcome.FAILED
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


@in_virtual_time
async def test_c21_a_message_that_may_have_gone_out_is_not_sent_again(book: PaperBook) -> None:
    """The carrier took it and the answer was lost; key 2 is pressed again."""
    letters = Letters(unanswered=True)
    assert await link(book, letters).send(CALL, NUMBER, "de") is LinkOutcome.FAILED
    assert await link(book, letters).send(CALL, NUMBER, "de") is LinkOutcome.ALREADY_SENT
    assert len(letters.sent) == 1


@in_virtual_time
async def test_c21_a_send_cut_short_by_the_time_limit_is_not_repeated(book: PaperBook) -> None:
    letters = Letters(seconds=3600)
    assert await link(book, letters).send(CALL, NUMBER, "de") is LinkOutcome.FAILED
    assert await link(book, Letters()).send(CALL, NUMBER, "de") is LinkOutcome.ALREADY_SENT


@in_virtual_time
async def test_c21_when_the_time_was_up_before_sending_key_2_may_be_pressed_again(
    book: PaperBook,
) -> None:
    """Claimed after six seconds, not yet counted after ten: nothing went to the carrier."""
    book.seconds = 6.0
    letters = Letters()
    sender = link(book, letters)
    sending = asyncio.create_task(sender.send(CALL, NUMBER, "de"))
    await asyncio.sleep(LINK_LIMIT - 1)
    book.seconds = 1.0
    assert await sending is LinkOutcome.FAILED
    book.seconds = 0.0
    assert await sender.send(CALL, NUMBER, "de") is LinkOutcome.SENT
    assert len(letters.sent) == 1


@in_virtual_time
async def test_a_claim_that_cannot_be_given_back_holds_nobody_up(book: PaperBook) -> None:
    began = now()
    sending = asyncio.create_task(link(book, Letters(refusal=1)).send(CALL, NUMBER, "de"))
    await asyncio.sleep(0)
    book.seconds = 3600
    assert await sending is LinkOutcome.FAILED
    assert now() - began <= LINK_LIMIT + RELEASE_LIMIT


@in_virtual_time
async def test_c21_a_number_gets_three_messages_a_day_however_many_calls(book: PaperBook) -> None:
    """And the caller who gets none is told so, each time they ask."""
    letters = Letters()
    calls = [f"CA{number}" for number in range(MOST_A_DAY + 1)]
    book.calls |= dict.fromkeys(calls, Disposition.IN_NOTICE)
    outcomes = [await link(book, letters).send(call, NUMBER, "de") for call in calls]
    assert outcomes == [LinkOutcome.SENT] * 3 + [LinkOutcome.FAILED]
    assert await link(book, letters).send(calls[-1], NUMBER, "de") is LinkOutcome.FAILED
    assert await link(book, letters).send(calls[-1], NUMBER + "1", "de") is LinkOutcome.SENT
    assert len(letters.sent) == 4
    assert await link(book, letters, day=24).send(CALL, NUMBER, "de") is LinkOutcome.SENT


@in_virtual_time
async def test_c17_the_number_is_counted_by_its_pseudonym(book: PaperBook) -> None:
    await link(book, Letters()).send(CALL, NUMBER, "de")
    assert {pseudonym for pseudonym, _ in book.counted} == {PSEUDONYM(NUMBER)}
    assert book.claimed == {(CALL, KIND)}


# -- the link itself -------------------------------------------------------------------------------


@in_virtual_time
async def test_c21_the_message_carries_a_token_of_its_own_and_no_number(book: PaperBook) -> None:
    letters, links = Letters(), PaperLinks()
    await link(book, letters, links=links).send(CALL, NUMBER, "en")
    assert links.made == [(CALL, "en", NUMBER, "token-1")]
    assert letters.sent == [(NUMBER, "link en token-1")]


@in_virtual_time
async def test_a_link_whose_message_was_refused_is_dropped(book: PaperBook) -> None:
    links = PaperLinks()
    await link(book, Letters(refusal=21635), links=links).send(CALL, NUMBER, "de")
    assert links.made == []
    await link(book, Letters(unanswered=True), links=links).send(CALL, NUMBER, "de")
    assert len(links.made) == 1  # it may have arrived


@in_virtual_time
async def test_without_a_link_no_message_is_sent(book: PaperBook) -> None:
    letters, links = Letters(), PaperLinks(fault=records_away())
    assert await link(book, letters, links=links).send(CALL, NUMBER, "de") is LinkOutcome.FAILED
    assert letters.sent == []
    links.fault = None
    assert await link(book, letters, links=links).send(CALL, NUMBER, "de") is LinkOutcome.SENT


# -- what became of it -----------------------------------------------------------------------------

SENT_AS = f"SM{1:032d}"


async def sent(book: PaperBook) -> PrivacyLink:
    """A call whose message the carrier has taken."""
    sender = link(book, Letters())
    assert await sender.send(CALL, NUMBER, "de") is LinkOutcome.SENT
    return sender


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (30006, LinkOutcome.UNREACHABLE),
        (30003, LinkOutcome.UNREACHABLE),
        (30005, LinkOutcome.UNREACHABLE),
        (21610, LinkOutcome.UNREACHABLE),
        (30008, LinkOutcome.FAILED),
        (None, LinkOutcome.FAILED),
    ],
)
@in_virtual_time
async def test_c21_a_loss_reported_late_is_told_once(
    book: PaperBook, code: int | None, outcome: LinkOutcome
) -> None:
    sender = await sent(book)
    assert await sender.late_loss(CALL) is None
    assert await sender.report(SENT_AS, MessageStatus.UNDELIVERED, code)
    assert await sender.late_loss(CALL) is outcome
    assert await sender.late_loss(CALL) is None
    assert await sender.watch(CALL) is None


@in_virtual_time
async def test_c21_a_running_call_hears_of_a_loss_within_two_seconds(book: PaperBook) -> None:
    sender = await sent(book)
    watching = asyncio.create_task(sender.watch(CALL))
    await asyncio.sleep(20)
    reported = now()
    await sender.report(SENT_AS, MessageStatus.FAILED, 30006)
    assert await watching is LinkOutcome.UNREACHABLE
    assert now() - reported <= 2


@in_virtual_time
async def test_a_call_waits_a_minute_for_bad_news_and_not_at_all_without_a_message(
    book: PaperBook,
) -> None:
    began = now()
    assert await link(book, Letters()).watch(CALL) is None
    assert now() == began
    sender = await sent(book)
    assert await sender.watch(CALL) is None
    assert now() - began == pytest.approx(WATCH_LIMIT)
    await sender.report(SENT_AS, MessageStatus.DELIVERED, None)
    again = now()
    assert await sender.watch(CALL) is None
    assert now() == again


@in_virtual_time
async def test_c21_key_2_after_a_loss_says_what_went_wrong_and_sends_nothing(
    book: PaperBook,
) -> None:
    sender = await sent(book)
    await sender.report(SENT_AS, MessageStatus.UNDELIVERED, 30006)
    assert await sender.send(CALL, NUMBER, "de") is LinkOutcome.UNREACHABLE
    assert await sender.late_loss(CALL) is None  # it was told


@in_virtual_time
async def test_a_report_that_overtakes_our_own_note_is_not_lost(book: PaperBook) -> None:
    sender = link(book, Letters())
    reporting = asyncio.create_task(sender.report(SENT_AS, MessageStatus.UNDELIVERED, 30006))
    await asyncio.sleep(REPORT_PAUSE / 2)
    await sender.send(CALL, NUMBER, "de")
    assert await reporting
    assert await sender.late_loss(CALL) is LinkOutcome.UNREACHABLE


@in_virtual_time
async def test_a_report_of_a_message_nobody_sent_is_told_apart(book: PaperBook) -> None:
    assert not await link(book, Letters()).report(SENT_AS, MessageStatus.SENT, None)


@pytest.mark.parametrize("hangs", [False, True])
@in_virtual_time
async def test_without_the_records_nobody_waits_for_bad_news(
    book: PaperBook, *, hangs: bool
) -> None:
    sender = await sent(book)
    await sender.report(SENT_AS, MessageStatus.UNDELIVERED, 30006)
    book.fault, book.seconds = (None, 3600) if hangs else (records_away(), 0)
    began = now()
    assert await sender.late_loss(CALL) is None
    assert await sender.watch(CALL) is None
    assert now() - began <= 2 * RELEASE_LIMIT
    book.fault, book.seconds = None, 0
    assert await sender.late_loss(CALL) is LinkOutcome.UNREACHABLE
