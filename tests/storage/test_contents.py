"""Contents are kept under a consent of their own, or not at all (C10, C17, C18)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from consent.purpose import Purpose
from consent.receipt import Receipt
from tests.storage.household import CANARY, NUMBER, WORDS, Household, transcript_receipt
from voice_agent.errors import PurposeNotGranted
from voice_agent.storage.contents import KEEPING
from voice_agent.storage.database import Database
from voice_agent.storage.tables import audit_log, kept_contents, metadata

pytestmark = pytest.mark.integration  # a real database on a real disk


@pytest.fixture
def household(database: Database) -> Household:
    return Household(database)


async def audited(household: Household) -> list[tuple[str, str, str, str]]:
    async with household.database.begin() as connection:
        rows = (await connection.execute(select(audit_log))).all()
    return [(row.actor, row.action, row.outcome, row.object_id) for row in rows]


@pytest.mark.parametrize("purpose", sorted(Purpose))
async def test_c10_key_1_lets_nothing_be_kept_and_the_attempt_is_audited(
    household: Household, purpose: Purpose
) -> None:
    """Not under any purpose: what key 1 grants, a conversation, keeps nothing either."""
    await household.consent(CANARY, "anonymous.1")
    receipt = await household.ledger.find(CANARY)
    assert receipt is not None
    with pytest.raises(PurposeNotGranted):
        await household.contents.keep(receipt, purpose, WORDS.encode())
    assert await household.rows(kept_contents) == 0
    assert await audited(household) == [("system", f"keep_{purpose}", "refused", CANARY)]


@pytest.mark.parametrize("purpose", sorted(KEEPING))
async def test_c10_a_purpose_of_its_own_lets_its_own_content_be_kept(
    household: Household, purpose: Purpose
) -> None:
    await household.begin(CANARY)
    receipt = Receipt("r", CANARY, frozenset({Purpose.CONVERSATION, purpose}))
    await household.contents.keep(receipt, purpose, WORDS.encode())
    assert await household.rows(kept_contents) == 1
    for other in KEEPING - {purpose}:
        with pytest.raises(PurposeNotGranted):
            await household.contents.keep(receipt, other, WORDS.encode())
    assert await household.rows(kept_contents) == 1


async def test_c10_what_was_withdrawn_lets_nothing_more_be_kept(household: Household) -> None:
    await household.begin(CANARY)
    await household.ledger.withdraw(CANARY, household.now)
    with pytest.raises(PurposeNotGranted):
        await household.contents.keep(
            transcript_receipt(CANARY), Purpose.TRANSCRIPT, WORDS.encode()
        )
    assert await household.rows(kept_contents) == 0
    assert len(await audited(household)) == 1


async def test_c20_of_a_call_that_was_erased_nothing_more_is_kept(household: Household) -> None:
    """Its consent was not withdrawn, but over: the receipt alone is not enough."""
    await household.plant(CANARY, NUMBER)
    await household.finish(CANARY)
    await household.rights.erase_number(NUMBER, "command")
    with pytest.raises(PurposeNotGranted):
        await household.contents.keep(
            transcript_receipt(CANARY), Purpose.TRANSCRIPT, WORDS.encode()
        )
    assert await household.rows(kept_contents) == 0
    assert await household.where(WORDS, NUMBER) == set()


async def test_c10_it_is_refused_even_where_the_refusal_cannot_be_audited(
    household: Household,
) -> None:
    async with household.database.begin() as connection:
        await connection.execute(text("drop table audit_log"))
    with pytest.raises(PurposeNotGranted):
        await household.contents.keep(Receipt("r", CANARY), Purpose.TRANSCRIPT, b"")
    assert await household.rows(kept_contents) == 0


async def test_c18_c17_neither_words_nor_number_can_be_read_in_the_database(
    household: Household,
) -> None:
    await household.plant(CANARY, NUMBER)
    assert await household.where(WORDS, NUMBER, NUMBER[1:]) == set()


async def test_c17_a_number_is_kept_as_a_pseudonym_or_sealed(household: Household) -> None:
    """No column is named after anything a number could be kept in."""
    names = {column.name for table in metadata.sorted_tables for column in table.columns}
    assert names.isdisjoint({"phone", "caller", "from_number", "to_number", "telephone"})
    await household.plant(CANARY, NUMBER)
    export = await household.rights.export(CANARY)
    assert NUMBER in str(export.places["contents"])


async def test_c18_two_transcripts_of_one_call_share_its_key(household: Household) -> None:
    await household.begin(CANARY)
    for _ in range(2):
        await household.contents.keep(
            transcript_receipt(CANARY), Purpose.TRANSCRIPT, WORDS.encode()
        )
    records = (await household.rights.export(CANARY)).places["contents"]
    assert [record["text"] for record in records] == [WORDS, WORDS]
