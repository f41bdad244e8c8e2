"""The portal with its real records in SQLite; the carrier, and the rights, are small fakes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
from fastapi import FastAPI

from consent.notice import Notice
from consent.purpose import Purpose
from consent.receipt import Clock, ConsentRecord, Means
from tests.runtime import sample_call
from tests.runtime.paper import Letters
from voice_agent.errors import ErasureIncomplete
from voice_agent.keyring import KeyRing
from voice_agent.notices import load_notice
from voice_agent.portal import PortalList
from voice_agent.privacy.opening import open_portal
from voice_agent.privacy.routes import privacy_router
from voice_agent.request_limit import RequestLimit
from voice_agent.runtime.limiter import Limiter
from voice_agent.runtime.place import Erased
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.rights import Asker, Erasure, Export
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.audit import AuditLog
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.database import Database
from voice_agent.storage.do_not_call import SqlDoNotCall
from voice_agent.storage.ledger import SqlConsentLedger
from voice_agent.storage.notices import NoticeArchive
from voice_agent.storage.portal import SqlPortalLinks

CALL = "CA" + "0123456789abcdef" * 2
NUMBER = "+4915112345678"
NOON = datetime(2026, 11, 24, 11, 5, tzinfo=UTC)
KEYS = KeyRing([b"r" * 32])
FORM = "application/x-www-form-urlencoded"


@dataclass
class PaperRights:
    """Access and erasure of a person whose only things are a message and a consent.

    Attributes:
        links: forgets the visitor's link, as erasing does.
        fault: raised by both.
        exported: calls asked about.
        erased: calls erased.
        pending: records the carrier still has to delete.
    """

    links: SqlPortalLinks
    fault: Exception | None = None
    exported: list[str] = field(default_factory=list)
    erased: list[tuple[str, Asker]] = field(default_factory=list)
    pending: int = 2

    async def export(self, call_id: str) -> Export:
        """See ``Rights``."""
        if self.fault is not None:
            raise self.fault
        self.exported.append(call_id)
        message = {
            "record": "messages",
            "call_id": call_id,
            "status": "delivered",
            "claimed_at": "2026-11-24T11:05:00.000Z",
            "told_at": None,
        }
        number = {"record": "number for a one-time code", "number": NUMBER}
        return Export(
            made_at=NOON,
            calls=1,
            places={"calls": [message, message], "contents": [number], "withdrawals": []},
        )

    async def erase(self, call_id: str, actor: Asker) -> Erasure:
        """See ``Rights``."""
        if self.fault is not None:
            raise self.fault
        self.erased.append((call_id, actor))
        await self.links.drop(call_id)
        return Erasure(
            done_at=NOON,
            calls=1,
            stopped=1,
            places={
                "carrier": Erased(pending=self.pending),
                "calls": Erased(erased=3),
                "consent": Erased(kept=1, why="proof"),
                "contents": Erased(erased=1),
            },
        )


def incomplete() -> ErasureIncomplete:
    """The fault of an erasure that stopped half way."""
    return ErasureIncomplete("calls")


@dataclass(kw_only=True)
class PortalHouse:
    """The portal.

    Attributes:
        database: where its records lie.
        limiter: counts tries.
        letters: text messages.
        now: the time.
        rings_up: people are reminded by telephone.
    """

    database: Database
    limiter: Limiter = field(default_factory=Limiter)
    letters: Letters = field(default_factory=Letters)
    now: datetime = NOON
    rings_up: bool = True

    def __post_init__(self) -> None:
        self.links = SqlPortalLinks(self.database, KEYS)
        self.ledger = SqlConsentLedger(self.database, KEYS, self.clock)
        self.archive = LedgerArchive(self.database, KEYS)
        self.notices = NoticeArchive(self.database)
        self.book = SqlCallBook(self.database)
        self.rights = PaperRights(self.links)
        self.notice: Notice = load_notice(sample_call.agent())
        company = sample_call.agent().company.name

        people = Pseudonyms([b"k" * 32])
        self.listed = SqlDoNotCall(self.database, people, self.clock)
        portal_list = PortalList(self.listed, AuditLog(self.database, self.clock))

        async def withdraw(call_id: str, means: Means) -> None:
            await self.ledger.withdraw(call_id, self.now, means)

        self.portal, self.renderer = open_portal(
            company=company,
            notice=self.notice,
            links=self.links,
            receipts=self.archive,
            notices=self.notices,
            withdraw=withdraw,
            rights=self.rights,
            messenger=self.letters,
            messages=self.book,
            pseudonym=people.of,
            limiter=self.limiter,
            clock=self.clock,
            listed=portal_list if self.rings_up else None,
        )
        self.app = FastAPI()
        self.app.add_middleware(RequestLimit)
        self.app.include_router(privacy_router(self.notice, company, (self.portal, self.renderer)))

    def clock(self) -> datetime:
        """The wall clock."""
        return self.now

    def pass_time(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    async def call(self, call_id: str = CALL) -> None:
        """A call comes in."""
        await self.book.begin(call_id, "de", self.now)

    async def consent(self, call_id: str = CALL, notice: Notice | None = None) -> ConsentRecord:
        """Its caller presses key 1."""
        notice = notice or self.notice
        await self.notices.keep(replace(notice, audio={}), {}, self.now)
        record = ConsentRecord(
            record_id=uuid4().hex,
            call_id=call_id,
            principal=Pseudonyms([b"k" * 32]).of(NUMBER),
            purposes=frozenset({Purpose.CONVERSATION}),
            notice_version=notice.version,
            language="de",
            heard="notice",
            heard_ms=12_345,
            heard_by=Clock.ELAPSED,
            key="1",
            requested_at=self.now,
            given_at=self.now + timedelta(seconds=12),
            software="0.1.0",
        )
        await self.ledger.commit(record)
        return record

    async def link(self, call_id: str = CALL, language: str = "de") -> str:
        """The token of a new link; its call has come in."""
        await self.call(call_id)
        return await self.links.mint(call_id, language, NUMBER, self.now)

    @property
    def code(self) -> str:
        """The one-time code in the last text message."""
        return code_in(self.letters.sent[-1][1])


def code_in(text: str) -> str:
    """The code in a text message."""
    (found,) = re.findall(r"\b[0-9]{6}\b", text)
    return str(found)


@dataclass
class Visitor:
    """A browser without script: fills in the form that is on the page.

    Attributes:
        http: the connection.
        page: the last page.
    """

    http: httpx.AsyncClient
    page: httpx.Response | None = None

    async def look(self, path: str = "/p", **headers: str) -> httpx.Response:
        """Get a page."""
        self.page = await self.http.get(path, headers=headers)
        return self.page

    async def enter(self, token: str) -> httpx.Response:
        """Paste a token, or the whole link, into the form."""
        await self.look()
        return await self.press("", token=token)

    async def press(self, step: str, **fields: str) -> httpx.Response:
        """Press the button of a step's form, with what is filled in."""
        assert self.page is not None
        path = f"/p/{step}" if step else "/p"
        self.page = await self.http.post(path, data=self.form(path) | fields)
        return self.page

    async def post(self, step: str, data: dict[str, str]) -> httpx.Response:
        """Post something of one's own making."""
        self.page = await self.http.post(f"/p/{step}", data=data)
        return self.page

    def form(self, path: str) -> dict[str, str]:
        """The hidden fields of the form with this action on the page."""
        assert self.page is not None
        form = rf'<form method="post" action="{re.escape(path)}".*?</form>'
        # The buttons for the other language stand in the header, before the page's own forms.
        main = self.page.text.partition("<main")[2]
        action = re.search(form, main, re.DOTALL)
        assert action is not None, f"no form for {path}"
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', action[0])
        return dict(fields)

    @property
    def text(self) -> str:
        """What the page says."""
        assert self.page is not None
        return self.page.text

    @property
    def session(self) -> str:
        """The session hidden on the page."""
        found = re.search(r'name="session" value="([^"]+)"', self.text)
        assert found is not None
        return found[1]


@contextlib.asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[PortalHouse]:
    """A portal with an empty database of its own."""
    database = Database.open(f"sqlite+aiosqlite:///{directory / 'portal.db'}")
    await database.upgrade()
    house = PortalHouse(database=database)
    try:
        yield house
    finally:
        await house.ledger.settle()
        await database.close()


@contextlib.asynccontextmanager
async def visiting(house: PortalHouse, address: str = "192.0.2.7") -> AsyncIterator[Visitor]:
    """A visitor."""
    transport = httpx.ASGITransport(house.app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="https://agent.example") as http:
        yield Visitor(http)


def records_away() -> RecordsUnavailable:
    """The fault of a database that is away."""
    return RecordsUnavailable("the records cannot be read or written")
