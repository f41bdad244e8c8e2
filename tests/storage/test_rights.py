"""Access and erasure over every store, on both databases (C20)."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, String, Table, delete, select, text

from consent.receipt import Means, State
from tests.databases import ON_POSTGRESQL, ON_SQLITE
from tests.postgresql import Cluster
from tests.storage.household import (
    CANARY,
    NEIGHBOUR,
    NUMBER,
    OTHER_NUMBER,
    PEOPLE,
    WORDS,
    Household,
    leg_of,
    message_of,
)
from voice_agent.errors import ErasureIncomplete
from voice_agent.keyring import SealDamaged
from voice_agent.runtime.place import Erased, Place
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.rights import SubjectRights, audit_name
from voice_agent.storage.database import Database
from voice_agent.storage.place import DatabasePlace
from voice_agent.storage.places import places, unanswered
from voice_agent.storage.tables import (
    audit_log,
    calls,
    carrier_deletions,
    data_keys,
    metadata,
)

pytestmark = pytest.mark.integration  # a real database on a real disk

PROOF = {"ledger_entries", "data_keys", "audit_log", "carrier_deletions"}
"""What still names an erased call: the proof and its key, who did it, what the carrier owes."""


@pytest.fixture
def household(database: Database) -> Household:
    return Household(database)


# -- access ----------------------------------------------------------------------------------------


async def test_c20_a_canary_planted_in_every_store_is_found_by_export(household: Household) -> None:
    await household.plant(CANARY, NUMBER)
    await household.plant(NEIGHBOUR, OTHER_NUMBER)
    await household.ledger.withdraw(CANARY, household.now, Means.PORTAL)
    export = await household.rights.export_number(NUMBER)
    document = json.dumps(export.as_fields(), ensure_ascii=False)
    held = {name for name, records in export.places.items() if records}
    assert held == {place.name for place in places(household.ground)}
    assert WORDS in document
    assert NUMBER in document
    assert message_of(CANARY) in document
    assert NEIGHBOUR not in document
    assert OTHER_NUMBER not in document
    assert export.calls == 1


async def test_c20_every_table_that_holds_the_canary_shows_in_the_export(
    household: Household,
) -> None:
    await household.plant(CANARY, NUMBER)
    await household.ledger.withdraw(CANARY, household.now)
    export = await household.rights.export_number(NUMBER)
    answering = {
        table
        for place in places(household.ground)
        if export.places[place.name]
        for table in place.tables
    }
    holding = await household.where(CANARY, *PEOPLE.all_of(NUMBER))
    assert holding <= answering
    assert len(holding) >= 8


async def test_c20_a_consent_is_exported_with_what_happened_to_it(household: Household) -> None:
    await household.plant(CANARY, NUMBER)
    await household.ledger.withdraw(CANARY, household.now, Means.PORTAL)
    (record,) = (await household.rights.export(CANARY)).places["consent"]
    assert record["call_id"] == CANARY
    assert record["state"] == State.WITHDRAWN
    assert [event["state"] for event in record["events"]] == ["requested", "given", "withdrawn"]
    assert record["evidence"]["heard_ms"] == 14_200


async def test_c17_a_number_is_found_under_every_key_it_was_written_down_with(
    household: Household,
) -> None:
    await household.plant(CANARY, NUMBER, key=1)
    await household.plant(NEIGHBOUR, NUMBER, key=0)
    assert (await household.rights.export_number(NUMBER)).calls == 2


async def test_the_portal_finds_the_other_calls_of_the_same_number(household: Household) -> None:
    """Under another key as well, while the number is there to be made a pseudonym of."""
    await household.plant(CANARY, NUMBER, key=1)
    await household.plant(NEIGHBOUR, NUMBER, key=0)
    assert (await household.rights.export(CANARY)).calls == 2


async def test_c11_a_withheld_number_leads_to_its_own_call_alone(household: Household) -> None:
    await household.consent(CANARY, "anonymous.1")
    await household.consent(NEIGHBOUR, "anonymous.2")
    export = await household.rights.export(CANARY)
    assert export.calls == 1
    assert [record["call_id"] for record in export.places["consent"]] == [CANARY]


async def test_a_number_nobody_rang_with_has_nothing(household: Household) -> None:
    await household.plant(NEIGHBOUR, OTHER_NUMBER)
    export = await household.rights.export_number(NUMBER)
    assert export.calls == 0
    assert [record["action"] for records in export.places.values() for record in records] == [
        "subject_export"
    ]


async def test_an_export_is_written_down_without_the_number(household: Household) -> None:
    await household.rights.export_number(NUMBER)
    await household.rights.export(CANARY)
    async with household.database.begin() as connection:
        rows = (await connection.execute(select(audit_log))).all()
    assert [(row.actor, row.action, row.object_id) for row in rows] == [
        ("command", "subject_export", audit_name(PEOPLE.of(NUMBER))),
        ("portal", "subject_export", CANARY),
    ]


async def test_half_an_export_is_none(household: Household) -> None:
    """Something damaged is told, not left out."""
    await household.plant(CANARY, NUMBER)
    async with household.database.begin() as connection:
        await connection.execute(
            text("update kept_contents set purpose = purpose, sealed = sealed")
        )
        await connection.execute(text("delete from data_keys where kind = 'content'"))
    with pytest.raises(SealDamaged):
        await household.rights.export_number(NUMBER)


# -- erasure ---------------------------------------------------------------------------------------


async def test_c20_after_erasure_only_the_proof_is_left(household: Household) -> None:
    await household.plant(CANARY, NUMBER)
    await household.finish(CANARY)
    await household.plant(NEIGHBOUR, OTHER_NUMBER)
    before = await household.where(NEIGHBOUR)
    erasure = await household.rights.erase_number(NUMBER, "command")
    needles = (
        CANARY, leg_of(CANARY), message_of(CANARY), WORDS, NUMBER, *PEOPLE.all_of(NUMBER),
    )  # fmt: skip
    assert await household.where(*needles) == PROOF
    assert await household.where(NEIGHBOUR) == before
    assert erasure.stopped == 0
    assert erasure.places["consent"] == Erased(kept=1, why="proof")
    assert erasure.places["calls"] == Erased(erased=3)
    assert erasure.places["contents"] == Erased(erased=2)
    assert erasure.places["appointments"] == Erased(erased=1)
    assert erasure.places["inbox"] == Erased(erased=1)
    assert erasure.places["summaries"] == Erased(erased=1)
    assert erasure.places["reminders"] == Erased(erased=3, kept=1, why="objection")
    assert erasure.places["carrier"] == Erased(pending=3)
    assert erasure.pending == 3
    held = await household.archive.held(CANARY)
    assert held is not None
    assert held.restricted
    json.dumps(erasure.as_fields())


async def test_c20_the_key_of_what_was_sealed_is_destroyed(household: Household) -> None:
    """So that a copy of the sealed bytes, in a backup, stays shut."""
    await household.plant(CANARY, NUMBER)
    await household.rights.erase(CANARY, "portal")
    async with household.database.begin() as connection:
        kinds = (await connection.scalars(select(data_keys.c.kind))).all()
    assert kinds == ["proof"]


async def test_c20_the_carrier_is_asked_to_delete_call_and_message(household: Household) -> None:
    await household.plant(CANARY, NUMBER)
    await household.rights.erase(CANARY, "portal")
    async with household.database.begin() as connection:
        rows = (await connection.execute(select(carrier_deletions))).all()
    assert {(row.kind, row.carrier_id) for row in rows} == {
        ("call", CANARY),
        ("call", leg_of(CANARY)),
        ("message", message_of(CANARY)),
    }


async def test_c20_what_is_gone_at_the_carrier_is_neither_shown_nor_asked_for_again(
    household: Household,
) -> None:
    """Though the proof of consent still names the call."""
    await household.plant(CANARY, NUMBER)
    await household.finish(CANARY)
    assert len((await household.rights.export_number(NUMBER)).places["carrier"]) == 3
    await household.rights.erase_number(NUMBER, "command")
    (shown,) = (await household.rights.export_number(NUMBER)).places["carrier"]
    assert (shown["carrier_id"], shown["deletion_pending"]) == (CANARY, True)
    assert (await household.rights.erase_number(NUMBER, "command")).pending == 1
    async with household.database.begin() as connection:
        await connection.execute(delete(carrier_deletions))  # the carrier has done it
    export = await household.rights.export_number(NUMBER)
    assert (export.places["carrier"], len(export.places["consent"])) == ([], 1)
    assert (await household.rights.erase_number(NUMBER, "command")).pending == 0
    assert await household.rows(carrier_deletions) == 0


@ON_SQLITE
async def test_c20_after_an_erasure_no_key_is_in_any_file_of_the_open_database(
    household: Household, file: Path
) -> None:
    await household.plant(CANARY, NUMBER)
    async with household.database.begin() as connection:
        content = data_keys.c.kind == "content"
        (wrapped,) = (await connection.scalars(select(data_keys.c.wrapped).where(content))).all()
    files = list(file.parent.glob(f"{file.name}*"))
    assert any(wrapped in each.read_bytes() for each in files)
    await household.rights.erase_number(NUMBER, "command")
    assert not any(wrapped in each.read_bytes() for each in files)


async def test_without_a_carrier_nobody_is_asked(household: Household) -> None:
    household.has_carrier = False
    await household.plant(CANARY, NUMBER)
    assert (await household.rights.erase(CANARY, "portal")).pending == 0
    assert await household.rows(carrier_deletions) == 0


async def test_c16_a_call_running_while_its_caller_is_erased_is_stopped(
    household: Household,
) -> None:
    """By a withdrawal, which every worker sees, and which stays."""
    await household.plant(CANARY, NUMBER)
    erasure = await household.rights.erase_number(NUMBER, "command")
    assert erasure.stopped == 1
    assert await household.ledger.withdrawn([CANARY]) == {CANARY}
    assert await household.ledger.find(CANARY) is None
    held = await household.archive.held(CANARY)
    assert held is not None
    assert held.later[-1].means is Means.ERASURE
    assert erasure.places["withdrawals"] == Erased(kept=1, why="proof")


async def test_erasing_again_changes_nothing(household: Household) -> None:
    await household.plant(CANARY, NUMBER)
    await household.rights.erase_number(NUMBER, "command")
    again = await household.rights.erase_number(NUMBER, "command")
    assert again.stopped == 0
    assert sum(place.erased for place in again.places.values()) == 0
    assert again.places["consent"] == Erased(kept=1, why="proof")


async def test_two_workers_erasing_the_same_person_at_once_both_end_well(
    household: Household, address: str
) -> None:
    await household.plant(CANARY, NUMBER)
    await household.plant(NEIGHBOUR, NUMBER, key=1)
    other = Household(Database.open(address))
    try:
        erasures = await asyncio.gather(
            *(each.rights.erase_number(NUMBER, "command") for each in (household, other) * 2)
        )
    finally:
        await other.database.close()
    assert sum(each.places["calls"].erased for each in erasures) >= 5  # one count was of both
    assert await household.where(NUMBER, WORDS) == set()
    assert await household.where(CANARY, *PEOPLE.all_of(NUMBER)) <= PROOF | {"consent_withdrawals"}
    held = await household.archive.of_pseudonyms(PEOPLE.all_of(NUMBER))
    assert [each.restricted for each in held] == [True, True]


class _Cut(DatabasePlace):
    """A place that fails at the first tries, as one whose database went away in the middle."""

    name = "cut"
    TABLES = ()

    def __init__(self, faults: int) -> None:
        self.faults = faults

    async def export(self, subject: Any) -> list[dict[str, Any]]:
        del subject
        return []

    async def erase(self, subject: Any, at: datetime) -> Erased:
        del subject, at
        self.faults -= 1
        if self.faults >= 0:
            raise RecordsUnavailable("away")
        return Erased()


@pytest.mark.parametrize("position", range(10))
async def test_a_database_away_in_the_middle_is_told_and_a_second_run_completes(
    household: Household, position: int
) -> None:
    """Wherever it happens, what was done stays done and what was not can still be found."""
    await household.plant(CANARY, NUMBER)
    cut = _Cut(faults=1)
    registered: list[Place] = list(places(household.ground))
    registered.insert(position, cut)
    rights = SubjectRights(
        places=registered,
        pseudonyms=PEOPLE,
        ledger=household.ledger,
        audit=household.audit,
        clock=household.clock,
        pauses=(),
    )
    with pytest.raises(ErasureIncomplete, match="cut"):
        await rights.erase_number(NUMBER, "command")
    await rights.erase_number(NUMBER, "command")
    assert await household.where(CANARY) == PROOF | {"consent_withdrawals"}
    assert await household.where(NUMBER, WORDS, message_of(CANARY)) == {"carrier_deletions"}


class _Falls(_Cut):
    """A place at whose turn the whole database goes away."""

    def __init__(self, fall: Callable[[], object]) -> None:
        super().__init__(faults=0)
        self._fall = fall

    async def erase(self, subject: Any, at: datetime) -> Erased:
        await asyncio.to_thread(self._fall)
        return await super().erase(subject, at)


@ON_POSTGRESQL
async def test_a_server_that_stops_in_the_middle_is_told_and_a_second_run_completes(
    household: Household, postgresql: Cluster
) -> None:
    await household.plant(CANARY, NUMBER)
    registered: list[Place] = list(places(household.ground))
    registered.insert(4, _Falls(lambda: postgresql.stop("immediate")))
    rights = SubjectRights(
        places=registered,
        pseudonyms=PEOPLE,
        ledger=household.ledger,
        audit=household.audit,
        clock=household.clock,
        pauses=(0.1,),
    )
    try:
        with pytest.raises(ErasureIncomplete, match="contents"):
            await rights.erase_number(NUMBER, "command")
    finally:
        await asyncio.to_thread(postgresql.start)
    await household.rights.erase_number(NUMBER, "command")
    assert await household.where(CANARY) == PROOF | {"consent_withdrawals"}


@ON_SQLITE
async def test_a_file_that_somebody_keeps_locked_is_told_and_a_second_run_completes(
    household: Household, file: Path
) -> None:
    await household.plant(CANARY, NUMBER)
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    registered: list[Place] = list(places(household.ground))
    registered.insert(4, _Falls(lambda: other.execute("begin immediate")))
    rights = SubjectRights(
        places=registered,
        pseudonyms=PEOPLE,
        ledger=household.ledger,
        audit=household.audit,
        clock=household.clock,
        pauses=(),
    )
    try:
        with pytest.raises(ErasureIncomplete, match="contents"):
            await rights.erase_number(NUMBER, "command")
    finally:
        other.close()
    await household.rights.erase_number(NUMBER, "command")
    assert await household.where(CANARY) == PROOF | {"consent_withdrawals"}


async def test_a_short_outage_is_waited_out(household: Household) -> None:
    await household.plant(CANARY, NUMBER)
    rights = SubjectRights(
        places=[_Cut(faults=2), *places(household.ground)],
        pseudonyms=PEOPLE,
        ledger=household.ledger,
        audit=household.audit,
        clock=household.clock,
        pauses=(0.01, 0.01),
    )
    await rights.erase_number(NUMBER, "command")
    assert await household.rows(calls) == 0


async def test_a_database_that_is_away_from_the_beginning_is_told(household: Household) -> None:
    async with household.database.begin() as connection:
        await connection.execute(text("drop table audit_log"))
    with pytest.raises(RecordsUnavailable):
        await household.rights.erase_number(NUMBER, "command")
    with pytest.raises(RecordsUnavailable):
        await household.rights.export_number(NUMBER)


async def test_a_damaged_ledger_entry_does_not_save_the_rest_from_erasure(
    household: Household,
) -> None:
    await household.plant(CANARY, NUMBER)
    async with household.database.begin() as connection:
        await connection.execute(text("delete from data_keys where kind = 'proof'"))
    with pytest.raises(ErasureIncomplete, match="ledger"):
        await household.rights.erase_number(NUMBER, "command")
    assert await household.where(NUMBER, WORDS) == set()
    assert await household.rows(calls) == 0


class _LateKey:
    """A ledger in which the caller presses key 1 while their erasure is going on."""

    def __init__(self, household: Household) -> None:
        self._household = household
        self._looks = 0

    async def find(self, call_id: str) -> object:
        self._looks += 1
        if self._looks == 2:
            await self._household.consent(call_id, PEOPLE.of(NUMBER))
        return await self._household.ledger.find(call_id)

    async def withdraw(self, call_id: str, at: datetime, means: Means) -> None:
        await self._household.ledger.withdraw(call_id, at, means)


async def test_a_consent_given_while_the_erasure_went_on_is_withdrawn_too(
    household: Household,
) -> None:
    rights = SubjectRights(
        places=places(household.ground),
        pseudonyms=PEOPLE,
        ledger=_LateKey(household),  # type: ignore[arg-type]  # (what erasing needs of a ledger)
        audit=household.audit,
        clock=household.clock,
    )
    erasure = await rights.erase(CANARY, "portal")
    assert erasure.stopped == 1
    assert await household.ledger.find(CANARY) is None
    assert (await household.archive.of_pseudonyms([PEOPLE.of(NUMBER)]))[0].restricted


async def test_an_erasure_is_written_down_from_beginning_to_end(household: Household) -> None:
    await household.rights.erase(CANARY, "portal")
    async with household.database.begin() as connection:
        rows = (await connection.execute(select(audit_log).order_by(audit_log.c.number))).all()
    assert [(row.actor, row.action, row.outcome, row.object_id) for row in rows] == [
        ("portal", "subject_erase", "begun", CANARY),
        ("portal", "subject_erase", "done", CANARY),
    ]


async def test_a_person_with_thousands_of_calls_is_erased(household: Household) -> None:
    """More than a statement takes at once."""
    person = PEOPLE.of(NUMBER)
    rows = [
        {
            "call_id": f"CA{number:032d}",
            "language": "de",
            "direction": "inbound",
            "disposition": "ended",
            "created_at": household.now,
            "pseudonym": person,
        }
        for number in range(2500)
    ]
    async with household.database.begin() as connection:
        await connection.execute(calls.insert(), rows)
    erasure = await household.rights.erase_number(NUMBER, "command")
    assert erasure.places["calls"].erased == erasure.pending == erasure.calls == 2500


# -- the registry ----------------------------------------------------------------------------------


@ON_SQLITE
def test_c20_a_store_that_does_not_register_is_found(household: Household) -> None:
    registered = places(household.ground)
    made_up = MetaData()
    Table("diaries", made_up, Column("call_id", String(64)))
    assert unanswered(made_up, registered) == {"diaries"}
    assert "calls" not in unanswered(metadata, registered)


@ON_SQLITE
def test_no_table_belongs_to_two_places(household: Household) -> None:
    registered = places(household.ground)
    tables = [table for place in registered for table in place.tables]
    assert len(tables) == len(set(tables))
    assert len({place.name for place in registered}) == len(registered)
