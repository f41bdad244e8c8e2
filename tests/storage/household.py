"""A database with something in every table, about people one can look for."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, insert, select

from consent.outreach import Means, ReminderConsent
from consent.purpose import Purpose
from consent.receipt import Clock, ConsentRecord, Receipt
from tests.tools.garage import GARAGE
from voice_agent.keyring import KeyRing, seal
from voice_agent.live.snapshot import call_key
from voice_agent.live.summary import FlowSummary, Hold, Summary
from voice_agent.outbound.agreed import Agreed
from voice_agent.outbound.number import read_number
from voice_agent.outbound.reminder_file import WantedReminder
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.rights import SubjectRights
from voice_agent.storage.access_log import SqlAccessLog
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.audit import AuditLog
from voice_agent.storage.calendar import SqlCalendar
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.contents import KeptContents
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.database import Database
from voice_agent.storage.directory import SqlDirectory
from voice_agent.storage.inbox import SqlInbox
from voice_agent.storage.ledger import SqlConsentLedger
from voice_agent.storage.places import Ground, places
from voice_agent.storage.reminder_consent_rows import ConsentRows
from voice_agent.storage.reminder_rows import ReminderRows, key_of
from voice_agent.storage.summaries import SqlSummaries
from voice_agent.storage.tables import (
    calls,
    carrier_deletions,
    confirmations,
    do_not_call,
    identity_failures,
    message_counts,
    messages,
    metadata,
    notice_audio,
    notices,
    portal_links,
    reminder_attempts,
    sealed_numbers,
    stream_tokens,
)
from voice_agent.tools.appointment import (
    Person,
    PersonKey,
    Request,
    Window,
)
from voice_agent.tools.customer_file import Customer
from voice_agent.tools.directory import Entry as Order
from voice_agent.tools.directory import Record
from voice_agent.tools.inbox import Entry, EntryKind, Filed
from voice_agent.tools.outcomes import Booked, Free

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NUMBER, OTHER_NUMBER = "+4915112345678", "+4915198765432"
CANARY, NEIGHBOUR = "CA" + "c0ffee" * 5 + "00", "CA" + "beef" * 8
BERLIN = ZoneInfo("Europe/Berlin")
NOTICE = "ab" * 32
WORDS = "der Kanarienvogel singt"
NAME = "Kanari Vogel"
KEYS = KeyRing([b"r" * 32])
PEOPLE = Pseudonyms([b"new" * 11, b"old" * 11])


@dataclass
class Household:
    """The stores over one database, with a clock that can be set.

    Attributes:
        database: the database.
        now: what the clock says.
        has_carrier: a carrier is configured.
    """

    database: Database
    now: datetime = NOON
    has_carrier: bool = True
    keyring: KeyRing = field(default_factory=lambda: KEYS)

    def clock(self) -> datetime:
        return self.now

    @property
    def ledger(self) -> SqlConsentLedger:
        return SqlConsentLedger(self.database, self.keyring, self.clock)

    @property
    def archive(self) -> LedgerArchive:
        return LedgerArchive(self.database, self.keyring)

    @property
    def audit(self) -> AuditLog:
        return AuditLog(self.database, self.clock)

    @property
    def contents(self) -> KeptContents:
        return KeptContents(self.database, self.keyring, self.audit, self.clock)

    @property
    def calendar(self) -> SqlCalendar:
        return SqlCalendar(self.database, self.keyring, PEOPLE.of, GARAGE, self.clock)

    @property
    def directory(self) -> SqlDirectory:
        return SqlDirectory(self.database, self.keyring, PEOPLE, self.clock)

    @property
    def inbox(self) -> SqlInbox:
        return SqlInbox(self.database, self.keyring, PEOPLE.of, self.clock)

    @property
    def summaries(self) -> SqlSummaries:
        return SqlSummaries(self.database, self.keyring, BERLIN, self.clock)

    @property
    def ground(self) -> Ground:
        return Ground(
            database=self.database,
            keyring=self.keyring,
            archive=self.archive,
            pseudonyms=PEOPLE,
            has_carrier=self.has_carrier,
        )

    @property
    def rights(self) -> SubjectRights:
        return SubjectRights(
            places=places(self.ground),
            pseudonyms=PEOPLE,
            ledger=self.ledger,
            audit=self.audit,
            clock=self.clock,
            pauses=(0.05, 0.2, 0.2),
        )

    async def put(self, table: Table, **row: Any) -> None:
        async with self.database.begin() as connection:
            await connection.execute(insert(table).values(row))

    async def begin(self, call_id: str, number: str | None = None) -> None:
        """A call comes in."""
        await SqlCallBook(self.database).begin(
            call_id, "de", self.now, pseudonym=None if number is None else PEOPLE.of(number)
        )

    async def rows(self, table: Table) -> int:
        async with self.database.begin() as connection:
            return len((await connection.execute(select(table))).all())

    async def consent(self, call_id: str, principal: str, record_id: str | None = None) -> None:
        record = ConsentRecord(
            record_id=record_id or f"record-{call_id[-20:]}",
            call_id=call_id,
            principal=principal,
            purposes=frozenset({Purpose.CONVERSATION}),
            notice_version=NOTICE,
            language="de",
            heard="notice",
            heard_ms=14_200,
            heard_by=Clock.MARKS,
            key="1",
            requested_at=self.now,
            given_at=self.now,
            software="0.1.0",
        )
        await self.ledger.commit(record)

    async def plant(self, call_id: str, number: str, key: int = 0) -> None:
        """Write one call and everything that may hang on it, into every table there is.

        Args:
            call_id: the call.
            number: who rang.
            key: which of the keys the pseudonym was made with.
        """
        person = PEOPLE.all_of(number)[key]
        at = self.now
        await self.put(
            calls,
            call_id=call_id,
            language="de",
            direction="inbound",
            disposition="ended",
            created_at=at,
            ended_at=at + timedelta(minutes=3),
            pseudonym=person,
            dialled_id=leg_of(call_id),
        )
        await self.put(
            messages,
            call_id=call_id,
            kind="privacy_link",
            claimed_at=at,
            carrier_id=message_of(call_id),
            status="delivered",
            told_at=at,
        )
        await self.put(message_counts, pseudonym=person, day=at.date(), count=1)
        await self.put(stream_tokens, token_sha256=call_id[2:] * 2, call_id=call_id, expires_at=at)
        await self.put(
            portal_links,
            token_sha256=call_id[2:] * 2,
            call_id=call_id,
            language="de",
            made_at=at,
            expires_at=at + timedelta(hours=24),
            code_tries=0,
            codes_sent=0,
        )
        await self.consent(call_id, person)
        await self.contents.keep(transcript_receipt(call_id), Purpose.TRANSCRIPT, WORDS.encode())
        await self.put(
            confirmations,
            call_id=call_id,
            appointment_id=call_id[2:],
            service="inspection",
            starts_at=at + timedelta(days=7),
            ends_at=at + timedelta(days=7, hours=2),
            status="booked",
            version=1,
            noted_at=at,
            token_sha256=call_id[2:] * 2,
            until=at + timedelta(days=7, hours=2),
        )
        await self.summaries.keep(call_id, summary_from(at))
        access = SqlAccessLog(self.database, self.clock)
        await access.note("e" * 32, "operator", "call.read", call_key(call_id))
        await self._seal_number(call_id, number)
        await self.book(call_id, number)
        await self.know(call_id, number, person)
        await self.complain(call_id, number)
        await self.remind(call_id, number, person)
        await self.audit.note("portal", "portal_look", "done", call_id)

    async def know(self, call_id: str, number: str, pseudonym: str) -> None:
        """Somebody with this number is in the directory, with an order; and once gave no PIN."""
        order = Order(id="e1", kind="Auftrag", reference="A 1", status=WORDS, day=self.now.date())
        await self.directory.put(
            Customer(id=f"K-{call_id[-6:]}", phone=number, record=Record(NAME, (order,)))
        )
        failures = {"pseudonym": pseudonym, "day": self.now.date(), "count": 1}
        await self.put(identity_failures, **failures)

    async def book(self, call_id: str, number: str) -> None:
        """An appointment is booked in this call: the first that is free a week from now."""
        day = (self.now + timedelta(days=7)).date()
        free = await self.calendar.free("inspection", Window(day, day + timedelta(days=3)), 1)
        assert isinstance(free, Free)
        booked = await self.calendar.book(
            Request(
                service="inspection",
                start=free.slots[0].start,
                person=Person(key=PersonKey(f"K-{call_id[-6:]}"), name=NAME, phone=number),
                call_id=call_id,
                key="first",
                note=WORDS,
            )
        )
        assert isinstance(booked, Booked)

    async def remind(self, call_id: str, number: str, pseudonym: str) -> None:
        """Somebody is to be reminded, was rung up once, and wants no more of it."""
        at, known = self.now, read_number(number, "DE")
        assert known is not None
        wanted = WantedReminder(
            source=f"T-{call_id[-6:]}",
            number=known,
            starts_at=at + timedelta(days=7),
            consent=ReminderConsent(given_at=at, means=Means.FORM, text="2026-01"),
        )
        key = key_of(wanted)
        async with self.database.begin() as connection:
            rows = ReminderRows(self.keyring)
            await rows.write(connection, {key: wanted}, {key: pseudonym}, at)
        await self.put(
            reminder_attempts,
            reminder_id=key,
            attempt=1,
            lead_id=key,
            claim_id=call_id[2:],
            worker="w1",
            pseudonym=pseudonym,
            state="ended",
            claimed_at=at,
            until=at,
            dialled_at=at,
            call_id=call_id,
            verified="p1",
            reached="told",
            outcome="told",
            ended_at=at,
        )
        agreed = Agreed(
            person=PersonKey(f"K-{call_id[-6:]}"),
            number=number,
            language="de",
            consent=wanted.consent,
        )
        async with self.database.begin() as connection:
            await ConsentRows(self.keyring).write(connection, agreed, pseudonym, at)
        (listed,) = PEOPLE.listed_as([pseudonym])
        await self.put(do_not_call, pseudonym=listed, told_by="key", added_at=at)

    async def complain(self, call_id: str, number: str | None = None) -> str:
        """A complaint is filed in this call; gives its reference."""
        entry = Entry(
            kind=EntryKind.COMPLAINT,
            call_id=call_id,
            language="de",
            name=NAME,
            phone=number,
            text=WORDS,
            category="work",
            wish="repair",
        )
        filed = await self.inbox.file(entry, f"{call_id}:complaint:1:1")
        assert isinstance(filed, Filed)
        return filed.reference

    async def finish(self, call_id: str) -> None:
        await self.ledger.expire(call_id, self.now)

    async def _seal_number(self, call_id: str, number: str) -> None:
        async with self.database.begin() as connection:
            key = await DataKeys(self.keyring).get_or_make(
                connection, call_id, KeyKind.CONTENT, self.now
            )
            row = {
                "call_id": call_id,
                "sealed": seal(key, number.encode(), f"sealed_numbers/{call_id}"),
                "delete_at": self.now + timedelta(hours=24),
            }
            await connection.execute(insert(sealed_numbers).values(row))

    async def keep_notice(self, version: str, last_used_at: datetime) -> None:
        await self.put(
            notices,
            version=version,
            content=b"{}",
            first_used_at=last_used_at,
            last_used_at=last_used_at,
        )
        await self.put(notice_audio, version=version, sha256="cd" * 32, wav=b"RIFF")

    async def ask_carrier(self, call_id: str) -> None:
        await self.put(
            carrier_deletions,
            kind="call",
            carrier_id=call_id,
            asked_at=self.now,
            tries=0,
            next_at=self.now,
        )

    async def where(self, *needles: str) -> set[str]:
        """The tables in which any column of any row holds one of these, in whatever form."""
        found: set[str] = set()
        forms = [
            form
            for needle in needles
            for form in (needle, base64.b64encode(needle.encode()).decode())
        ]
        async with self.database.begin() as connection:
            for table in metadata.sorted_tables:
                for row in (await connection.execute(select(table))).all():
                    for value in row:
                        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                        if any(form in text for form in forms):
                            found.add(table.name)
        return found


def summary_from(at: datetime, **changed: Any) -> Summary:
    """What is left to tell of a call that an operator held."""
    began = at.timestamp() - 180
    told = Summary(
        began_at=began,
        language="de",
        ended_at=began + 180,
        ending="hung_up",
        consent="given",
        flows=(FlowSummary("callback", (("name", NAME), ("text", WORDS))),),
        reason="asked",
        holds=(Hold("0a" * 16, 20.0),),
        turns=3,
        latencies=(700, 900, 800),
    )
    return replace(told, **changed)


def message_of(call_id: str) -> str:
    """The carrier's identifier of the message sent in a call."""
    return "SM" + call_id[2:]


def leg_of(call_id: str) -> str:
    """The carrier's identifier of the leg to the human."""
    return "CA" + call_id[:1:-1]


def transcript_receipt(call_id: str) -> Receipt:
    """A consent no key gives today: to a transcript of its own."""
    return Receipt("r", call_id, frozenset({Purpose.CONVERSATION, Purpose.TRANSCRIPT}))


Clocked = Callable[[], datetime]
