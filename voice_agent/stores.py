"""The stores of one process, opened from its settings: what the server and the commands share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

import structlog

from consent.ledger import LedgerUnavailable
from consent.retention import RetentionTable
from voice_agent.caldav.calendar import CalDavCalendar
from voice_agent.caldav.diary import Diary
from voice_agent.caldav.place import CalDavPlace
from voice_agent.caldav.server import CalDavServer
from voice_agent.directory_file import load_form
from voice_agent.directory_http.directory import HttpDirectory
from voice_agent.directory_http.server import DirectoryServer
from voice_agent.keyring import KeyRing
from voice_agent.reminding import Reminding
from voice_agent.runtime.carrier import CarrierRecords
from voice_agent.runtime.deletions import Deletions
from voice_agent.runtime.jobs import Job, Jobs
from voice_agent.runtime.place import Place
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.rights import SubjectRights
from voice_agent.schedule import load_plan
from voice_agent.settings import Settings
from voice_agent.storage.access_log import SqlAccessLog
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.attempts import SqlAttempts
from voice_agent.storage.audit import AuditLog
from voice_agent.storage.calendar import SqlCalendar
from voice_agent.storage.confirmations import SqlConfirmations
from voice_agent.storage.contents import KeptContents
from voice_agent.storage.database import Database
from voice_agent.storage.deletions import SqlDeletionList
from voice_agent.storage.directory import SqlDirectory
from voice_agent.storage.do_not_call import SqlDoNotCall
from voice_agent.storage.inbox import SqlInbox
from voice_agent.storage.jobs import SqlJobBook
from voice_agent.storage.ledger import SqlConsentLedger
from voice_agent.storage.operators import SqlAccounts, SqlSessions
from voice_agent.storage.places import Ground, places
from voice_agent.storage.retention import Retention
from voice_agent.storage.summaries import SqlSummaries
from voice_agent.tools.calendar import Calendar
from voice_agent.tools.directory import Directory
from voice_agent.tools.plan import Plan

log = structlog.get_logger(__name__)

ZONE: Final = ZoneInfo("Europe/Berlin")
"""Where the company is, if no plan of appointments says so."""

LONGEST_CALL: Final = timedelta(hours=6)
"""No call lasts so long: four hours are the most that ``limits.call_s`` may be."""


def now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Everything that is kept, by who keeps it. Made by ``open``, ended by ``close``.

    Attributes:
        database: the pool of connections under all of them.
        keyring: encrypts and signs.
        pseudonyms: stand for numbers.
        ledger: where consent becomes durable.
        archive: reads the ledger.
        audit: who did what.
        contents: what is kept under a consent of its own.
        deletions: what the carrier is still to delete.
        jobs: which worker does which job.
        rights: access and erasure across all of it.
        people: customers in our own database.
        directory: who is known, and what may be told to them: those, or a system of the company's.
        system: that system, if there is one.
        calendar: appointments, in the database or on a calendar server; ``None`` where none are
            made.
        plan: when which appointments are made; ``None`` where none are.
        inbox: what callers leave for people.
        confirmations: what calls arranged, for whoever wants it in writing.
        accounts: who may use the console.
        sessions: who is signed in there.
        access: who looked at what there.
        summaries: what is left to tell of calls that are over.
        reminding: who is to be reminded; ``None`` where nobody is.
        do_not_call: who must not be rung up.
        server: the calendar server, if there is one.
        has_carrier: a carrier is configured, which keeps records of its own.
        clock: the wall clock, timezone-aware.
    """

    database: Database
    keyring: KeyRing
    pseudonyms: Pseudonyms
    ledger: SqlConsentLedger
    archive: LedgerArchive
    audit: AuditLog
    contents: KeptContents
    deletions: SqlDeletionList
    jobs: SqlJobBook
    rights: SubjectRights
    people: SqlDirectory
    directory: Directory
    system: DirectoryServer | None
    calendar: Calendar | None
    plan: Plan | None
    inbox: SqlInbox
    confirmations: SqlConfirmations
    accounts: SqlAccounts
    sessions: SqlSessions
    access: SqlAccessLog
    summaries: SqlSummaries
    reminding: Reminding | None
    do_not_call: SqlDoNotCall
    server: CalDavServer | None
    has_carrier: bool
    clock: Callable[[], datetime]

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], datetime] = now) -> Self:
        """Join them; a connection is made with the first use.

        Raises:
            ConfigurationError: no such database can be opened from here, or the plan of
                appointments, the rules of reminders or the form of the directory is wrong.
        """
        plan = load_plan(settings.config_dir)
        zone = ZONE if plan is None else plan.opening.zone
        database = Database.open(settings.database_url.get_secret_value())
        keyring = KeyRing([key.get_secret_value() for key in settings.record_key])
        pseudonyms = Pseudonyms([key.get_secret_value() for key in settings.pseudonym_key])
        ledger = SqlConsentLedger(database, keyring, clock)
        archive = LedgerArchive(database, keyring)
        audit = AuditLog(database, clock)
        has_carrier = settings.twilio_account_sid is not None
        server = None if plan is None else calendar_server(settings)
        calendar: Calendar | None = None
        elsewhere: tuple[Place, ...] = ()
        if plan is not None and server is not None:
            calendar = CalDavCalendar(server, pseudonyms.of, plan, clock)
            elsewhere = (CalDavPlace(server, Diary(server, plan), plan, clock),)
        elif plan is not None:
            calendar = SqlCalendar(database, keyring, pseudonyms.of, plan, clock)
        people = SqlDirectory(database, keyring, pseudonyms, clock)
        system: DirectoryServer | None = None
        directory: Directory = people
        if settings.directory_url is not None and settings.directory_key is not None:
            form = load_form(settings.config_dir)
            key = f"{form.prefix}{settings.directory_key.get_secret_value()}"
            system = DirectoryServer(settings.directory_url, {form.header: key})
            directory = HttpDirectory(system, form, SqlAttempts(database, pseudonyms, clock))
        ground = Ground(
            database=database,
            keyring=keyring,
            archive=archive,
            pseudonyms=pseudonyms,
            has_carrier=has_carrier,
            elsewhere=elsewhere,
        )
        return cls(
            database=database,
            keyring=keyring,
            pseudonyms=pseudonyms,
            ledger=ledger,
            archive=archive,
            audit=audit,
            contents=KeptContents(database, keyring, audit, clock),
            deletions=SqlDeletionList(database),
            jobs=SqlJobBook(database),
            rights=SubjectRights(
                places=places(ground),
                pseudonyms=pseudonyms,
                ledger=ledger,
                audit=audit,
                clock=clock,
            ),
            people=people,
            directory=directory,
            system=system,
            calendar=calendar,
            plan=plan,
            inbox=SqlInbox(database, keyring, pseudonyms.of, clock),
            confirmations=SqlConfirmations(database, clock),
            accounts=SqlAccounts(database, keyring),
            sessions=SqlSessions(database),
            access=SqlAccessLog(database, clock),
            summaries=SqlSummaries(database, keyring, zone, clock),
            reminding=Reminding.open(
                settings.config_dir, database, keyring, pseudonyms, clock, calendar=calendar
            ),
            do_not_call=SqlDoNotCall(database, pseudonyms, clock),
            server=server,
            has_carrier=has_carrier,
            clock=clock,
        )

    def retention(self, table: RetentionTable, current_notice: str | None = None) -> Retention:
        """What enforces the retention table.

        Raises:
            ConfigurationError: the table does not fit the database.
        """
        return Retention(
            self.database,
            self.archive,
            table,
            self.clock,
            has_carrier=self.has_carrier,
            current_notice=current_notice,
        )

    def background(
        self,
        retention: Retention,
        carrier: CarrierRecords | None,
        stamp: Callable[[], Awaitable[bool]] | None = None,
        reminders: Callable[[], Awaitable[None]] | None = None,
        look_seconds: float = 15.0,
    ) -> Jobs:
        """The jobs of a running server: ``start`` and ``stop`` them with it.

        Args:
            retention: deletes what is due, every hour.
            carrier: deletes its records of what was erased or kept long enough, looked after every
                minute; ``None`` where there is no carrier.
            stamp: has the ledger's newest head timestamped, looked after every ten minutes;
                ``None`` where no authority is configured.
            reminders: plans calls and sends text messages, every minute; ``None`` where nobody is
                reminded.
            look_seconds: between two looks at whether a job is due.
        """
        work = [
            Job(
                name="retention",
                every=timedelta(hours=1),
                longest=timedelta(minutes=30),
                work=retention.enforce,
            ),
            Job(
                name="consents",
                every=timedelta(minutes=10),
                longest=timedelta(minutes=5),
                work=self.finish_consents,
            ),
        ]
        if carrier is not None:
            deletions = Deletions(carrier, self.deletions, self.clock)
            work.append(
                Job(
                    name="carrier_deletions",
                    every=timedelta(minutes=1),
                    longest=timedelta(minutes=5),
                    work=deletions.run,
                )
            )
        if stamp is not None:
            work.append(
                Job(
                    name="timestamps",
                    every=timedelta(minutes=10),
                    longest=timedelta(minutes=2),
                    work=stamp,
                )
            )
        if reminders is not None:
            work.append(
                Job(
                    name="reminders",
                    every=timedelta(minutes=1),
                    longest=timedelta(minutes=5),
                    work=reminders,
                )
            )
        return Jobs(work, self.jobs, self.clock, look_seconds)

    async def finish_consents(self) -> None:
        """Write the last entry of consents that lack it: withdrawn, or of calls long over (C11).

        Raises:
            RecordsUnavailable: all of it is for the next time.
        """
        now = self.clock()
        for call_id in await self.archive.unfinished(now - LONGEST_CALL):
            try:
                await self.ledger.expire(call_id, now)
            except LedgerUnavailable:  # its record is damaged; the next one's need not be
                log.error("consent_not_finished", call_id=call_id)

    async def close(self) -> None:
        """Write what waits to be written, then let go of the database and the calendar server."""
        await self.ledger.settle()
        if self.server is not None:
            await self.server.close()
        if self.system is not None:
            await self.system.close()
        await self.database.close()


def calendar_server(settings: Settings) -> CalDavServer | None:
    """The calendar server, if one is configured; a connection is made with the first request."""
    if settings.caldav_url is None or settings.caldav_password is None:
        return None
    password = settings.caldav_password.get_secret_value()
    return CalDavServer(settings.caldav_url, settings.caldav_user or "", password)
