"""What is written about a call at the moment its caller is erased (C20). On both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, select

from consent.purpose import Purpose
from tests.databases import ON_POSTGRESQL
from tests.storage.household import (
    CANARY,
    KEYS,
    NUMBER,
    PEOPLE,
    WORDS,
    Household,
    leg_of,
    message_of,
    transcript_receipt,
)
from voice_agent.call.events import LinkOutcome
from voice_agent.errors import PurposeNotGranted
from voice_agent.retention import load_retention
from voice_agent.runtime.message import MessageName, MessageStatus
from voice_agent.runtime.privacy_link import KIND, PrivacyLink
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.contents import KeptContents
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.database import Database
from voice_agent.storage.portal import SqlPortalLinks
from voice_agent.storage.retention import Retention
from voice_agent.storage.tables import (
    calls,
    carrier_deletions,
    data_keys,
    kept_contents,
    messages,
    portal_links,
    sealed_numbers,
)

pytestmark = pytest.mark.integration  # a real database on a real disk

RULES = load_retention(Path(__file__).parents[2] / "config")
SID = message_of(CANARY)
MESSAGE = MessageName(CANARY, KIND)


@pytest.fixture
def household(database: Database) -> Household:
    return Household(database)


@pytest.fixture
async def other(address: str) -> AsyncIterator[Household]:
    """Another worker on the same database."""
    other = Household(Database.open(address))
    yield other
    await other.database.close()


async def asked(household: Household) -> set[tuple[str, str]]:
    """What the carrier is to delete."""
    table = carrier_deletions
    async with household.database.begin() as connection:
        rows = await connection.execute(select(table.c.kind, table.c.carrier_id))
    return {(row.kind, row.carrier_id) for row in rows}


# -- a text message --------------------------------------------------------------------------------


class Erasing:
    """A carrier at which a message takes as long as an erasure."""

    def __init__(self, household: Household) -> None:
        self.household = household

    async def send(self, to: str, text: str, name: MessageName | None) -> str:
        del to, text, name
        await self.household.rights.erase_number(NUMBER, "command")
        return SID


async def test_c20_a_message_in_flight_while_its_caller_is_erased_is_deleted_at_the_carrier(
    household: Household,
) -> None:
    await household.begin(CANARY, NUMBER)
    link = PrivacyLink(
        messenger=Erasing(household),
        book=SqlCallBook(household.database),
        links=SqlPortalLinks(household.database, KEYS),
        text="link {} {}".format,
        clock=household.clock,
        pseudonym=PEOPLE.of,
    )
    assert await link.send(CANARY, NUMBER, "de") is LinkOutcome.SENT
    assert await asked(household) == {("call", CANARY), ("message", SID)}
    assert await household.where(NUMBER) == set()
    for table in (messages, portal_links, sealed_numbers, data_keys):
        assert await household.rows(table) == 0


async def test_c20_an_identifier_told_in_the_middle_of_an_erasure_is_not_lost(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the carrier's place was erased, before the list of calls is."""
    await household.begin(CANARY, NUMBER)
    book = SqlCallBook(household.database)
    await book.claim_message(CANARY, KIND, household.now)
    destroy = DataKeys.destroy

    async def told(*arguments: object) -> None:
        monkeypatch.setattr(DataKeys, "destroy", destroy)
        if household.database.is_embedded:  # it has one writer, who is us
            task = asyncio.create_task(book.message_sent(CANARY, KIND, SID, household.now))
            waiting.append(task)
        else:
            await book.message_sent(CANARY, KIND, SID, household.now)
        await destroy(*arguments)  # type: ignore[arg-type]  # (handed on as they came)

    waiting: list[asyncio.Task[None]] = []
    monkeypatch.setattr(DataKeys, "destroy", told)
    await household.rights.erase_number(NUMBER, "command")
    await asyncio.gather(*waiting)
    assert await asked(household) == {("call", CANARY), ("message", SID)}


async def test_c21_a_report_under_its_name_finds_a_message_without_identifier(
    household: Household,
) -> None:
    """The request that sent it timed out; the report is the first we hear of it."""
    await household.begin(CANARY, NUMBER)
    book = SqlCallBook(household.database)
    await book.claim_message(CANARY, KIND, household.now)
    await book.message_reported_of(MESSAGE, SID, MessageStatus.UNDELIVERED, 30006, household.now)
    found = await book.message(CANARY, KIND)
    assert found is not None
    assert (found.status, found.error_code) == (MessageStatus.UNDELIVERED, 30006)
    assert await asked(household) == set()
    await household.rights.erase_number(NUMBER, "command")
    assert await asked(household) == {("call", CANARY), ("message", SID)}


@pytest.mark.parametrize("status", [MessageStatus.SENT, MessageStatus.DELIVERED])
async def test_c20_a_report_of_a_message_that_was_erased_has_it_deleted(
    household: Household, status: MessageStatus
) -> None:
    book = SqlCallBook(household.database)
    for _ in range(2):
        await book.message_reported_of(MESSAGE, SID, status, None, household.now)
    assert await asked(household) == {("message", SID)}


async def test_a_report_never_takes_another_messages_place(household: Household) -> None:
    """Of the two one is unknown here, and goes."""
    await household.plant(CANARY, NUMBER)
    book = SqlCallBook(household.database)
    stray = "SM" + "5" * 32
    await book.message_reported_of(MESSAGE, stray, MessageStatus.SENT, None, household.now)
    async with household.database.begin() as connection:
        assert (await connection.scalars(select(messages.c.carrier_id))).all() == [SID]
    assert await asked(household) == {("message", stray)}


# -- the leg to the human --------------------------------------------------------------------------


async def test_c20_the_leg_to_the_human_is_deleted_at_the_carrier_too(
    household: Household,
) -> None:
    await household.begin(CANARY, NUMBER)
    book = SqlCallBook(household.database)
    await book.dialled(CANARY, leg_of(CANARY), household.now)
    assert await asked(household) == set()
    await household.rights.erase_number(NUMBER, "command")
    assert await asked(household) == {("call", CANARY), ("call", leg_of(CANARY))}


async def test_c20_a_leg_that_ends_after_the_erasure_is_deleted_at_once(
    household: Household,
) -> None:
    await SqlCallBook(household.database).dialled(CANARY, leg_of(CANARY), household.now)
    assert await asked(household) == {("call", leg_of(CANARY))}


# -- what is sealed: one worker writes it, another erases, withdraws or tidies up ------------------


class Pausing(DataKeys):
    """The keys of a worker that is slow between getting a key and using it."""

    def __init__(self) -> None:
        super().__init__(KEYS)
        self.has_key = asyncio.Event()
        self.go_on = asyncio.Event()

    async def get_or_make(self, *arguments: object) -> bytes:
        key = await super().get_or_make(*arguments)  # type: ignore[arg-type]  # (handed on)
        self.has_key.set()
        await self.go_on.wait()
        return key


def slow_links(household: Household, keys: Pausing) -> SqlPortalLinks:
    links = SqlPortalLinks(household.database, KEYS)
    links._keys = keys
    return links


def slow_contents(household: Household, keys: Pausing) -> KeptContents:
    contents = household.contents
    contents._keys = keys
    return contents


async def blocked(work: asyncio.Task[object]) -> None:
    """Give it the time to do what it can; a lock is what it waits for."""
    done, _ = await asyncio.wait([work], timeout=0.3)
    assert not done


@ON_POSTGRESQL
@pytest.mark.parametrize("known", [True, False], ids=["with a key", "the first"])
@pytest.mark.parametrize("what", ["link", "content"])
async def test_c20_an_erasure_waits_for_what_is_being_sealed_and_takes_it_along(
    household: Household, other: Household, what: str, *, known: bool
) -> None:
    await household.begin(CANARY, NUMBER)
    if known:
        await SqlPortalLinks(household.database, KEYS).mint(CANARY, "de", NUMBER, household.now)
    keys = Pausing()
    if what == "link":
        writing = asyncio.create_task(
            slow_links(household, keys).mint(CANARY, "de", NUMBER, household.now)
        )
    else:
        writing = asyncio.create_task(
            slow_contents(household, keys).keep(
                transcript_receipt(CANARY), Purpose.TRANSCRIPT, WORDS.encode()
            )
        )
    await keys.has_key.wait()
    erasing: asyncio.Task[object] = asyncio.create_task(
        other.rights.erase_number(NUMBER, "command")
    )
    await blocked(erasing)
    keys.go_on.set()
    await asyncio.gather(writing, erasing)
    for table in (calls, kept_contents, sealed_numbers, portal_links, data_keys):
        assert await household.rows(table) == 0
    with pytest.raises(PurposeNotGranted):
        await household.contents.keep(
            transcript_receipt(CANARY), Purpose.TRANSCRIPT, WORDS.encode()
        )


@ON_POSTGRESQL
async def test_c19_a_key_that_is_just_being_used_is_not_tidied_away(
    household: Household, other: Household
) -> None:
    """It has lain unused for hours, and this is its first use."""
    await household.begin(CANARY, NUMBER)
    async with household.database.begin() as connection:
        await DataKeys(KEYS).get_or_make(connection, CANARY, KeyKind.CONTENT, household.now)
    household.now += timedelta(hours=2)
    other.now = household.now
    keys = Pausing()
    keeping = asyncio.create_task(
        slow_contents(household, keys).keep(
            transcript_receipt(CANARY), Purpose.TRANSCRIPT, WORDS.encode()
        )
    )
    await keys.has_key.wait()
    await tidy(other)
    keys.go_on.set()
    await keeping
    await tidy(other)
    assert await household.rows(data_keys) == 1
    (kept,) = (await household.rights.export(CANARY)).places["contents"]
    assert kept["text"] == WORDS


@ON_POSTGRESQL
async def test_c10_what_was_kept_while_its_consent_was_being_withdrawn_goes(
    household: Household, other: Household
) -> None:
    await household.begin(CANARY, NUMBER)
    keys = Pausing()
    keeping = asyncio.create_task(
        slow_contents(household, keys).keep(
            transcript_receipt(CANARY), Purpose.TRANSCRIPT, WORDS.encode()
        )
    )
    await keys.has_key.wait()
    await other.ledger.withdraw(CANARY, other.now)
    keys.go_on.set()
    await keeping
    assert await household.rows(kept_contents) == 1
    await tidy(other)
    assert await rows(household, kept_contents, data_keys) == [0, 1]
    household.now += timedelta(hours=1)
    await tidy(household)
    assert await rows(household, kept_contents, data_keys) == [0, 0]


async def test_c10_a_withdrawal_takes_what_was_kept_under_the_consent_along(
    household: Household,
) -> None:
    await household.plant(CANARY, NUMBER)
    await tidy(household)
    assert await household.rows(kept_contents) == 1
    await household.ledger.withdraw(CANARY, household.now)
    await tidy(household)
    assert await household.rows(kept_contents) == 0


async def rows(household: Household, *tables: Table) -> list[int]:
    return [await household.rows(table) for table in tables]


async def tidy(household: Household) -> None:
    """The hourly job."""
    await Retention(
        household.database,
        household.archive,
        RULES,
        household.clock,
        has_carrier=household.has_carrier,
    ).enforce()
