"""One CalDAV server, spoken to in four requests. Whatever it answers is outside input.

Over ``httpx``, which the program has anyway, and not the ``caldav`` library: that one waits in
threads that cannot be called back, takes answers of any size, and its HTTP library puts itself in
the place of ``urllib3`` for the whole process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from voice_agent.errors import VoiceAgentError
from voice_agent.tools.opening import Span

REQUEST_LIMIT_S: Final = 4.0
"""Seconds one request may take between two pieces of its answer."""

MOST_BYTES: Final = 4 * 1024 * 1024
"""No answer is longer: some thousand events."""

MOST_ITEMS: Final = 5000

_DAV: Final = "{DAV:}"
_CAL: Final = "{urn:ietf:params:xml:ns:caldav}"
_OK: Final = frozenset({200, 201, 204})
_MISSING: Final = 404
_CHANGED: Final = 412
_MULTISTATUS: Final = 207
_CALENDAR: Final = "text/calendar; charset=utf-8"

_QUERY: Final = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><D:getetag/><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{start:%Y%m%dT%H%M%SZ}" end="{end:%Y%m%dT%H%M%SZ}"/>
</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"""

_KIND: Final = """<?xml version="1.0" encoding="utf-8"?>
<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/></D:prop></D:propfind>"""


class CalendarUnavailable(VoiceAgentError):
    """The calendar server is away, slow, refuses us, or answers what it may not."""

    code = "calendar"


@dataclass(frozen=True, slots=True)
class Item:
    """One resource of a calendar.

    Attributes:
        path: where it lies on the server.
        etag: which state of it this is.
        text: iCalendar, as the server sent it.
    """

    path: str
    etag: str
    text: str = field(repr=False)


class CalDavServer:
    """The requests. Each raises ``CalendarUnavailable`` when it was not answered as it should be.

    Args:
        url: below this address the calendars lie.
        user: who we are there.
        password: and the password.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self._root = f"{url.rstrip('/')}/"
        self._client = httpx.AsyncClient(
            auth=httpx.BasicAuth(user, password),
            timeout=REQUEST_LIMIT_S,
            trust_env=False,
            headers={"User-Agent": "voice-agent"},
        )

    def path(self, calendar: str) -> str:
        """The address of a calendar: a folder below ours, or ``.`` for ours itself."""
        return self._root if calendar == "." else urljoin(self._root, f"{calendar}/")

    async def check(self, calendar: str) -> None:
        """Insist that a calendar is there and that we may read it."""
        body = await self._answered(
            "PROPFIND", self.path(calendar), _KIND, {"Depth": "0"}, frozenset({_MULTISTATUS})
        )
        if next(_parsed(body[1]).iter(f"{_CAL}calendar"), None) is None:
            raise CalendarUnavailable("the address is no calendar")

    async def items(self, calendar: str, span: Span) -> list[Item]:
        """What lies in a calendar in this time."""
        query = _QUERY.format(start=span.start.astimezone(UTC), end=span.end.astimezone(UTC))
        _, body = await self._answered(
            "REPORT", self.path(calendar), query, {"Depth": "1"}, frozenset({_MULTISTATUS})
        )
        found = list(_items(_parsed(body)))
        if len(found) > MOST_ITEMS:
            raise CalendarUnavailable("the calendar is too full")
        return found

    async def put_new(self, calendar: str, name: str, text: str) -> bool:
        """Write a resource; False if there is one of this name (RFC 9110, If-None-Match)."""
        address = urljoin(self.path(calendar), name)
        return await self._change("PUT", address, text, {"If-None-Match": "*"})

    async def put(self, item: Item, text: str) -> bool:
        """Write another state of a resource; False if it is not in the state we know."""
        return await self._change("PUT", self._of(item), text, {"If-Match": item.etag})

    async def delete(self, item: Item) -> bool:
        """Delete a resource; False if it is not in the state we know, or is gone."""
        return await self._change("DELETE", self._of(item), "", {"If-Match": item.etag})

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _of(self, item: Item) -> str:
        """The address of a resource: on our server, whatever the server says of others."""
        return urljoin(self._root, urlsplit(item.path).path)

    async def _change(
        self, method: str, address: str, text: str, condition: dict[str, str]
    ) -> bool:
        headers = condition | ({"Content-Type": _CALENDAR} if text else {})
        status, _ = await self._answered(method, address, text, headers, _OK | {_MISSING, _CHANGED})
        return status in _OK

    async def _answered(
        self, method: str, address: str, body: str, headers: dict[str, str], wanted: frozenset[int]
    ) -> tuple[int, bytes]:
        sent = {"Content-Type": "application/xml; charset=utf-8"} | headers
        received = bytearray()
        try:
            async with self._client.stream(
                method, address, content=body.encode(), headers=sent
            ) as answer:
                if answer.status_code not in wanted:
                    raise CalendarUnavailable(f"{method} was answered {answer.status_code}")
                async for piece in answer.aiter_bytes():
                    received += piece
                    if len(received) > MOST_BYTES:
                        raise CalendarUnavailable("the answer is too long")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise CalendarUnavailable(type(error).__name__) from error
        return answer.status_code, bytes(received)


def name_of(path: str) -> str:
    """The last part of a resource's path."""
    return unquote(path.rstrip("/").rpartition("/")[2])


def resource_name(start: datetime) -> str:
    """What an appointment of ours is called that begins then: the same for whoever books it."""
    return f"voice-agent-{start.astimezone(UTC):%Y%m%dT%H%M%SZ}.ics"


def _parsed(body: bytes) -> Element:
    try:
        found: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise CalendarUnavailable("the answer is no XML") from error
    if found.tag != f"{_DAV}multistatus":
        raise CalendarUnavailable("the answer is none of WebDAV")
    return found


def _items(answer: Element) -> Iterator[Item]:
    for response in answer.iter(f"{_DAV}response"):
        path, text = response.findtext(f"{_DAV}href"), None
        etag = ""
        for prop in response.iter(f"{_DAV}prop"):
            text = prop.findtext(f"{_CAL}calendar-data") or text
            etag = prop.findtext(f"{_DAV}getetag") or etag
        if path and text:
            yield Item(path.strip(), etag.strip(), text)
