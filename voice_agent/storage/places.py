"""Every place in the database where personal data lies (C20). A new table belongs to one of them.

A place answers for tables; ``unanswered`` says for which ones none does, and a test insists that
those hold nothing personal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import MetaData, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing
from voice_agent.runtime.deletions import RecordKind
from voice_agent.runtime.place import Erased, Place, Subject
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.rights import audit_name
from voice_agent.storage.access_log import ConsolePlace
from voice_agent.storage.appointments_place import AppointmentsPlace, remove_appointments
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.call_lock import hold_to_remove
from voice_agent.storage.consent_places import LedgerPlace, WithdrawalsPlace
from voice_agent.storage.contents_place import ContentsPlace, remove_contents
from voice_agent.storage.customers_place import CustomersPlace, remove_customers
from voice_agent.storage.database import Database
from voice_agent.storage.deletions import queue
from voice_agent.storage.inbox_place import InboxPlace, remove_entries
from voice_agent.storage.place import DatabasePlace, count, fields, known, look_up, remove
from voice_agent.storage.reminders_place import RemindersPlace
from voice_agent.storage.summaries_place import SummariesPlace
from voice_agent.storage.tables import (
    audit_log,
    call_summaries,
    calls,
    carrier_deletions,
    confirmations,
    ledger_entries,
    message_counts,
    messages,
    portal_links,
    reminder_attempts,
    stream_tokens,
)
from voice_agent.storage.transaction import scrub


class CarrierPlace(DatabasePlace):
    """What the carrier keeps of calls and messages, under its own identifiers.

    Args:
        database: where it is written down what the carrier is still to delete.
        has_carrier: a carrier is configured; without one nothing lies there.
    """

    name = "carrier"
    TABLES = (carrier_deletions,)

    def __init__(self, database: Database, *, has_carrier: bool) -> None:
        super().__init__(database)
        self._has_carrier = has_carrier

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """The carrier's identifiers, and whether it was asked to delete what is under them."""
        if not self._has_carrier:
            return []
        async with self._transaction() as connection:
            found = await _at_carrier(connection, subject)
            pending = await _asked_for(connection, subject, found)
        return [
            {
                "record": f"{kind} at the carrier",
                "carrier_id": carrier_id,
                "deletion_pending": (kind, carrier_id) in pending,
            }
            for kind, carrier_id in sorted(found | pending)
        ]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Have the carrier asked to delete them; see ``voice_agent.runtime.deletions``."""
        if not self._has_carrier:
            return Erased()
        async with self._transaction() as connection:
            found = await _at_carrier(connection, subject)
            await queue(connection, found, at)
            pending = await _asked_for(connection, subject, found)
        return Erased(pending=len(pending))


_Records = set[tuple[RecordKind, str]]


async def _at_carrier(connection: AsyncConnection, subject: Subject) -> _Records:
    """What lies there: of calls that are in our list. Whoever takes one off it asks for the rest.

    The ledger names calls for years of which the carrier has long deleted everything.
    """
    columns = (
        (RecordKind.CALL, calls.c.call_id, calls.c.call_id),
        (RecordKind.CALL, calls.c.dialled_id, calls.c.call_id),
        (RecordKind.CALL, reminder_attempts.c.call_id, reminder_attempts.c.call_id),
        (RecordKind.MESSAGE, messages.c.carrier_id, messages.c.call_id),
    )
    return {
        (kind, carrier_id)
        for kind, column, of_call in columns
        for carrier_id in await known(connection, column, of_call, subject.call_ids)
    }


async def _asked_for(connection: AsyncConnection, subject: Subject, found: _Records) -> _Records:
    """What the carrier still has to delete of these, and of calls that are off the list."""
    ids = {carrier_id for _, carrier_id in found} | subject.call_ids
    table = carrier_deletions
    rows = await look_up(connection, select(table), table.c.carrier_id, ids)
    return {(RecordKind(row.kind), row.carrier_id) for row in rows}


class _OfCalls(DatabasePlace):
    """One table with a call's identifier and nothing that outlives an erasure."""

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """Its rows."""
        (table,) = self.TABLES
        async with self._transaction() as connection:
            rows = await look_up(connection, select(table), table.c.call_id, subject.call_ids)
        return [fields(table, row) for row in rows]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Delete its rows."""
        del at
        (table,) = self.TABLES
        async with self._transaction() as connection:
            return Erased(erased=await remove(connection, table.c.call_id, subject.call_ids))


class TokensPlace(_OfCalls):
    """Tokens of media streams, by their hash."""

    name = "stream_tokens"
    TABLES = (stream_tokens,)


class PortalPlace(_OfCalls):
    """Links to the portal, their session and one-time code, by their hashes."""

    name = "portal"
    TABLES = (portal_links,)


class ConfirmationsPlace(_OfCalls):
    """What a person's calls arranged, noted for a text message, and the hash of its link."""

    name = "confirmations"
    TABLES = (confirmations,)


class AuditPlace(DatabasePlace):
    """What was done with a person's records; kept, because somebody must answer for it."""

    name = "audit"
    TABLES = (audit_log,)

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """Every entry about the person, a call or a record."""
        async with self._transaction() as connection:
            objects = await self._objects(connection, subject)
            rows = await look_up(connection, select(audit_log), audit_log.c.object_id, objects)
        return [_entry(row) for row in sorted(rows, key=lambda row: row.number)]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Keep it (Art. 5(2) GDPR)."""
        del at
        async with self._transaction() as connection:
            objects = await self._objects(connection, subject)
            kept = await count(connection, audit_log.c.object_id, objects)
        return Erased(kept=kept, why="accountability")

    @staticmethod
    async def _objects(connection: Any, subject: Subject) -> set[str]:
        records = await known(
            connection, ledger_entries.c.record_id, ledger_entries.c.call_id, subject.call_ids
        )
        return {*subject.call_ids, *records, *map(audit_name, subject.pseudonyms)}


def _entry(row: Row[Any]) -> dict[str, Any]:
    """An entry of the log, whose number is not to be taken for a telephone's."""
    entry = fields(audit_log, row)
    return {"entry_number" if name == "number" else name: value for name, value in entry.items()}


class CallsPlace(DatabasePlace):
    """The list of calls, the messages sent in them, and how many messages a number had.

    Args:
        database: where they lie.
        has_carrier: a carrier is configured.
    """

    name = "calls"
    TABLES = (calls, messages, message_counts)

    def __init__(self, database: Database, *, has_carrier: bool) -> None:
        super().__init__(database)
        self._has_carrier = has_carrier

    async def find_calls(self, pseudonyms: Collection[str]) -> frozenset[str]:
        """This person's calls."""
        async with self._transaction() as connection:
            return await known(connection, calls.c.call_id, calls.c.pseudonym, pseudonyms)

    async def find_pseudonyms(self, call_ids: Collection[str]) -> frozenset[str]:
        """Who rang in these calls."""
        async with self._transaction() as connection:
            return await known(connection, calls.c.pseudonym, calls.c.call_id, call_ids)

    async def export(self, subject: Subject) -> list[dict[str, Any]]:
        """The rows of all three tables."""
        async with self._transaction() as connection:
            return [
                fields(table, row)
                for table, column, identifiers in self._chosen(subject)
                for row in await look_up(connection, select(table), column, identifiers)
            ]

    async def erase(self, subject: Subject, at: datetime) -> Erased:
        """Delete them, and what was written about the calls since the other places were erased.

        A link that was just made, an appointment, a complaint, a message whose identifier the
        carrier has just told: whoever writes them holds the call. Then nothing of it can be read in
        the database's files.
        """
        async with self._transaction() as connection:
            await hold_to_remove(connection, subject.call_ids)
            if self._has_carrier:
                await queue(connection, await _at_carrier(connection, subject), at)
            await remove(connection, call_summaries.c.call_id, subject.call_ids)
            await remove_contents(connection, subject.call_ids)
            await remove_appointments(connection, subject)
            await remove_customers(connection, subject)
            await remove_entries(connection, subject)
            await remove(connection, portal_links.c.call_id, subject.call_ids)
            await remove(connection, confirmations.c.call_id, subject.call_ids)
            gone = [
                await remove(connection, column, identifiers)
                for _, column, identifiers in reversed(self._chosen(subject))
            ]
        await scrub(self._database)
        return Erased(erased=sum(gone))

    @staticmethod
    def _chosen(subject: Subject) -> list[Any]:
        return [
            (calls, calls.c.call_id, subject.call_ids),
            (messages, messages.c.call_id, subject.call_ids),
            (message_counts, message_counts.c.pseudonym, subject.pseudonyms),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the places stand on.

    Attributes:
        database: where everything lies.
        keyring: opens what is sealed.
        archive: reads the ledger.
        pseudonyms: stand for numbers.
        has_carrier: a carrier is configured.
        elsewhere: places that are not in the database.
    """

    database: Database
    keyring: KeyRing
    archive: LedgerArchive
    pseudonyms: Pseudonyms
    has_carrier: bool
    elsewhere: tuple[Place, ...] = ()


def places(ground: Ground) -> tuple[Place, ...]:
    """All places, in the order they are erased.

    What the carrier is to delete is written down before we forget how it is called there. The
    portal comes late, so that whoever asked there can ask again after a fault; the list of calls
    comes last: it is what a second run finds the rest by.
    """
    database = ground.database
    return (
        CarrierPlace(database, has_carrier=ground.has_carrier),
        LedgerPlace(database, ground.archive),
        WithdrawalsPlace(database),
        SummariesPlace(database, ground.keyring),  # before the keys they are sealed with
        ContentsPlace(database, ground.keyring, ground.pseudonyms),
        AppointmentsPlace(database, ground.keyring, ground.pseudonyms),
        CustomersPlace(database, ground.keyring),
        InboxPlace(database, ground.keyring, ground.pseudonyms),
        RemindersPlace(database, ground.keyring, ground.pseudonyms),
        ConfirmationsPlace(database),
        TokensPlace(database),
        AuditPlace(database),
        ConsolePlace(database),
        *ground.elsewhere,
        PortalPlace(database),
        CallsPlace(database, has_carrier=ground.has_carrier),
    )


def unanswered(tables: MetaData, registered: Iterable[Place]) -> frozenset[str]:
    """Tables no place answers for; nothing personal may lie in them."""
    return frozenset(tables.tables).difference(*(place.tables for place in registered))
