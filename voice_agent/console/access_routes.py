"""``/console/access``: who looked at what, for the data-protection officer alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from consent.receipt import moment
from voice_agent.console.ports import Guard
from voice_agent.console.role import Right
from voice_agent.console.view import HEADERS, Renderer
from voice_agent.errors import ProtocolError
from voice_agent.runtime.accounts import AccessEntry, AccessLog, Accounts, Wanted
from voice_agent.spreadsheet import cell

PAGE: Final = 50
"""Entries on a page."""

PART: Final = 500
"""Entries that an export reads at once."""

_IDENTIFIER: Final = re.compile(r"[0-9a-f]{32}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_COLUMNS: Final = ("number", "at", "account", "name", "role", "action", "object_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What the officer asked for, as it was typed; empty is everything.

    Attributes:
        account: identifier of an account.
        call: stands for a call, or is the account that something was done to.
        day: as in 2026-11-25, where the company is.
        before: number of the entry that the page before ended with.
    """

    account: str = ""
    call: str = ""
    day: str = ""
    before: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Search:
        """What stands in an address."""
        given = {name: query.get(name, "").strip() for name in ("account", "call", "day", "before")}
        return cls(**given)

    def wanted(self, zone: ZoneInfo) -> Wanted:
        """The same for the log.

        Raises:
            ProtocolError: it cannot be looked for.
        """
        for text, form in (
            (self.account, _IDENTIFIER),
            (self.call, _IDENTIFIER),
            (self.day, _DAY),
            (self.before, _NUMBER),
        ):
            if text and not form.fullmatch(text):
                raise ProtocolError("this cannot be looked for")
        since, until = self._span(zone)
        return Wanted(
            account=self.account or None,
            object_id=self.call or None,
            since=since,
            until=until,
            before=int(self.before) if self.before else None,
        )

    def _span(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        if not self.day:
            return None, None
        try:
            day = date.fromisoformat(self.day)
            return tuple(datetime.combine(each, time(), zone) for each in (day, day + _ONE))  # type: ignore[return-value]  # two
        except (ValueError, OverflowError):
            raise ProtocolError("there is no such day") from None

    def query(self, before: int | None = None) -> str:
        """An address's query for the same search, from here on or from the beginning."""
        fields = {"account": self.account, "call": self.call, "day": self.day}
        given = {name: text for name, text in fields.items() if text}
        return urlencode(given if before is None else given | {"before": str(before)})


_ONE: Final = timedelta(days=1)


def add_access(
    router: APIRouter,
    guard: Guard,
    *,
    access: AccessLog,
    accounts: Accounts,
    renderer: Renderer,
    zone: ZoneInfo,
) -> None:
    """Add the page and its file to a router with the prefix ``/console``.

    Args:
        router: whose route class answers refusals.
        guard: lets the officer in, and writes down that they looked.
        access: the log.
        accounts: whose names can be chosen.
        renderer: writes the page out.
        zone: where the company is.
    """

    @router.api_route("/access", methods=["GET", "HEAD"])
    async def page(request: Request) -> Response:
        officer = await guard.operator(request, Right.ACCESS_LOG)
        search = Search.of(request.query_params)
        try:
            wanted = search.wanted(zone)
        except ProtocolError:
            facts: dict[str, Any] = {"rows": [], "older": "", "same": "", "trouble": "wrong"}
            facts |= {"filter": search, "accounts": await accounts.all()}
            return renderer.page("access", officer.language, officer, 400, **facts)
        await guard.note(officer, "access_log.read", search.call)
        found = await access.entries(replace(wanted, most=PAGE + 1))
        rows = found[:PAGE]
        return renderer.page(
            "access",
            officer.language,
            officer,
            rows=[_row(each, zone) for each in rows],
            older=search.query(rows[-1].number) if len(found) > PAGE else "",
            same=search.query(),
            filter=search,
            accounts=await accounts.all(),
            trouble="",
        )

    @router.get("/access.csv")
    async def file(request: Request) -> Response:
        officer = await guard.operator(request, Right.ACCESS_LOG)
        search = Search.of(request.query_params)
        try:
            wanted = search.wanted(zone)
        except ProtocolError:
            return renderer.trouble("form", officer.language, 400, officer)
        await guard.note(officer, "access_log.export", search.call)
        first = await access.entries(replace(wanted, most=PART))
        saved = {"Content-Disposition": 'attachment; filename="access.csv"'}
        lines = _lines(access, wanted, first)
        return StreamingResponse(lines, media_type="text/csv", headers=HEADERS | saved)


def _row(entry: AccessEntry, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "at": moment(entry.at),
        "told_at": f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "account": entry.account,
        "name": entry.name,
        "role": entry.role,
        "action": entry.action,
        "object_id": entry.object_id,
    }


async def _lines(
    access: AccessLog, wanted: Wanted, first: Sequence[AccessEntry]
) -> AsyncIterator[str]:
    """The file, read a part at a time however long the log is."""
    yield ",".join(_COLUMNS) + "\r\n"
    found = first
    while found:
        written = io.StringIO()
        csv.writer(written).writerows(map(_cells, found))
        yield written.getvalue()
        if len(found) < PART:
            return
        found = await access.entries(replace(wanted, before=found[-1].number, most=PART))


def _cells(entry: AccessEntry) -> list[str]:
    values = (
        str(entry.number),
        moment(entry.at),
        entry.account or "",
        entry.name,
        entry.role,
        entry.action,
        entry.object_id,
    )
    return [cell(each) for each in values]
