"""Keys are replaced while everything stays readable (C17)."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text, update

from consent.ledger import LedgerUnavailable
from tests.storage.household import (
    CANARY,
    KEYS,
    NEIGHBOUR,
    NUMBER,
    OTHER_NUMBER,
    PEOPLE,
    WORDS,
    Household,
)
from voice_agent.keyring import KeyMissing, KeyRing
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage import rotation as rotation_module
from voice_agent.storage.database import Database
from voice_agent.storage.rotation import Rewrapped, Rotation
from voice_agent.storage.tables import data_keys

pytestmark = pytest.mark.integration  # a real database on a real disk

OLD, NEW = b"r" * 32, b"n" * 32
BOTH, ALONE = KeyRing([NEW, OLD]), KeyRing([NEW])


@pytest.fixture
def household(database: Database) -> Household:
    return Household(database)


def rotation(household: Household, keyring: KeyRing = BOTH) -> Rotation:
    return Rotation(household.database, keyring, PEOPLE)


async def test_c17_after_a_rotation_the_new_key_opens_everything_alone(
    household: Household,
) -> None:
    await household.plant(CANARY, NUMBER)
    assert await rotation(household).rewrap() == Rewrapped(done=8, missing=0, damaged=0)
    household.keyring = ALONE
    assert WORDS in str((await household.rights.export(CANARY)).places["contents"])
    assert await household.archive.held(CANARY) is not None


async def test_c17_without_a_rotation_it_opens_nothing(household: Household) -> None:
    await household.plant(CANARY, NUMBER)
    household.keyring = ALONE
    with pytest.raises(KeyMissing):
        await household.archive.held(CANARY)


async def test_a_rotation_can_be_repeated(household: Household) -> None:
    await household.plant(CANARY, NUMBER)
    await rotation(household).rewrap()
    assert await rotation(household).rewrap() == Rewrapped(done=0, missing=0, damaged=0)


async def test_a_rotation_goes_through_as_many_keys_as_there_are(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation_module, "BATCH", 2)
    for number in range(7):
        await household.consent(f"CA{number:032d}", "anonymous.1")
    assert (await rotation(household).rewrap()).done == 7
    assert set((await rotation(household).use()).data_keys) == {BOTH.present}


async def test_two_rotations_at_once_and_calls_meanwhile_both_end_well(
    household: Household,
) -> None:
    await household.plant(CANARY, NUMBER)
    after = Household(household.database, keyring=BOTH)
    await asyncio.gather(
        rotation(household).rewrap(),
        rotation(household).rewrap(),
        after.plant(NEIGHBOUR, OTHER_NUMBER),
    )
    await rotation(household).rewrap()
    household.keyring = ALONE
    for call_id in (CANARY, NEIGHBOUR):
        assert await household.archive.held(call_id) is not None


async def test_the_report_says_when_the_old_key_may_go(household: Household) -> None:
    await household.plant(CANARY, NUMBER)
    before = await rotation(household).use()
    assert before.data_keys == {KEYS.present: 8}
    assert before.idle_record_keys == ()
    await rotation(household).rewrap()
    after = await rotation(household).use()
    assert after.data_keys == {BOTH.present: 8}
    assert (after.head_key, after.idle_record_keys) == (KEYS.present, ())
    await Household(household.database, keyring=BOTH).consent(NEIGHBOUR, "anonymous.1")
    at_last = await rotation(household).use()
    assert (at_last.head_key, at_last.idle_record_keys) == (BOTH.present, (KEYS.present,))


async def test_c15_a_key_that_signed_the_newest_head_is_missed_when_it_was_taken_out(
    household: Household,
) -> None:
    await household.plant(CANARY, NUMBER)
    await rotation(household).rewrap()
    use = await rotation(household, ALONE).use()
    assert use.missing_record_keys == (KEYS.present,)
    with pytest.raises(LedgerUnavailable, match="KeyMissing"):
        await Household(household.database, keyring=ALONE).consent(NEIGHBOUR, "anonymous.1")


async def test_the_report_says_who_is_still_named_by_an_old_pseudonym_key(
    household: Household,
) -> None:
    await household.plant(CANARY, NUMBER, key=1)
    await household.consent(NEIGHBOUR, "anonymous.0123456789abcdef")
    new, old = PEOPLE.known
    use = await rotation(household).use()
    assert use.pseudonyms == {
        "appointments": {new: 1},
        "calls": {old: 1},
        "customers": {new: 1},
        "do_not_call": {old: 1},
        "identity_failures": {old: 1},
        "inbox_entries": {new: 1},
        "ledger_entries": {old: 1},
        "message_counts": {old: 1},
        "reminder_attempts": {old: 1},
        "reminder_consents": {old: 1},
        "reminders": {old: 1},
    }
    assert use.idle_pseudonym_keys == ()
    assert use.needed_pseudonym_keys == {new, old}
    empty = await Rotation(household.database, BOTH, Pseudonyms([b"x" * 32, b"y" * 32])).use()
    assert len(empty.idle_pseudonym_keys) == 1


async def test_a_key_that_is_missing_or_damaged_is_told_and_stops_nothing(
    household: Household,
) -> None:
    await household.plant(CANARY, NUMBER)
    await household.consent(NEIGHBOUR, "anonymous.1")
    async with household.database.begin() as connection:
        await connection.execute(
            update(data_keys)
            .where(data_keys.c.call_id == NEIGHBOUR)
            .values(wrapped=bytes.fromhex(KEYS.present) + b"\0" * 60)
        )
        await connection.execute(
            update(data_keys)
            .where(data_keys.c.call_id == CANARY, data_keys.c.kind == "content")
            .values(wrapped=b"\1\2\3\4" + b"\0" * 60)
        )
    assert await rotation(household).rewrap() == Rewrapped(done=7, missing=1, damaged=1)
    use = await rotation(household).use()
    assert use.missing_record_keys == ("01020304",)
    assert use.idle_record_keys == ()  # the damaged one still names it


async def test_a_key_destroyed_meanwhile_stays_destroyed(household: Household) -> None:
    await household.plant(CANARY, NUMBER)
    async with household.database.begin() as connection:
        await connection.execute(text("delete from data_keys"))
    await rotation(household).rewrap()
    async with household.database.begin() as connection:
        assert (await connection.execute(select(data_keys))).all() == []
