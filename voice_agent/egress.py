"""Where the server may connect to: a list derived from its configuration, and kept (rule C30).

What ``guard`` catches: every lookup of a name, connection and datagram made through Python's
``socket`` module in this process, and so what asyncio, aiohttp, httpx, asyncpg, redis and twilio
do. A name that is not on the list is refused before it is looked up. An address is refused before
it is connected to, unless it is this machine's, stands on the list itself, or is what a listed
name was resolved to in this process.

What it does not catch: machine code that opens sockets of its own, other programs that are started,
data sent to a listed host for another reason, and the name lookup (not the connection) of code that
hands a name, not an address, to ``socket.connect`` itself; no library here does. It is a tripwire
for mistakes and for libraries that report home; beside it the company's firewall takes the same
list (``voice-agent records``).
"""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from sqlalchemy.engine import make_url

from voice_agent.settings import Settings
from voice_agent.values import is_loopback

log = structlog.get_logger(__name__)

MOST_ADDRESSES: Final = 1024
"""Addresses of listed names that are remembered; the oldest go first."""

_LOOKUPS: Final = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_SENDINGS: Final = frozenset(
    {
        "socket.connect",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getnameinfo",
        "socket.gethostbyaddr",
    }
)


class Why(StrEnum):
    """What a destination is for."""

    CARRIER = "carrier"
    LANGUAGE_MODEL = "language_model"
    DATABASE = "database"
    LIVE_STATE = "live_state"
    TIMESTAMPS = "timestamps"
    CALENDAR = "calendar"
    DIRECTORY = "directory"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class Destination:
    """A host on another machine that the server connects to.

    Attributes:
        host: its name or address, lower case.
        why: what for.
    """

    host: str
    why: Why


class EgressRefused(OSError):
    """The server does not connect there. For libraries this is a connection that failed."""

    def __init__(self) -> None:
        # Without the host: an address a library was led to may hold somebody's data.
        super().__init__(errno.EACCES, "this is no destination of the configuration")


def allowed_hosts(
    settings: Settings, timestamp_authority: str | None = None
) -> tuple[Destination, ...]:
    """Every host the configuration names, in a fixed order; this machine itself is not among them.

    Args:
        settings: the settings.
        timestamp_authority: address of the authority that timestamps the ledger, if there is one.
    """
    found: dict[tuple[str, Why], Destination] = {}
    for host, why in _configured(settings, timestamp_authority):
        name = _plain(host)
        if name and not is_loopback(name):
            found.setdefault((name, why), Destination(name, why))
    return tuple(found.values())


def _configured(
    settings: Settings, timestamp_authority: str | None
) -> Iterator[tuple[str | None, Why]]:
    if settings.twilio_api_base_url is not None:
        yield urlsplit(settings.twilio_api_base_url).hostname, Why.CARRIER
    elif settings.twilio_account_sid is not None:
        yield f"api.{settings.twilio_edge}.{settings.twilio_region}.twilio.com", Why.CARRIER
    if settings.llm_base_url is not None:
        yield urlsplit(settings.llm_base_url).hostname, Why.LANGUAGE_MODEL
    for host in _database_hosts(settings.database_url.get_secret_value()):
        yield host, Why.DATABASE
    if settings.redis_url is not None:
        url = urlsplit(settings.redis_url.get_secret_value())
        if url.scheme != "unix":
            yield url.hostname, Why.LIVE_STATE
    if settings.caldav_url is not None:
        yield urlsplit(settings.caldav_url).hostname, Why.CALENDAR
    if settings.directory_url is not None:
        yield urlsplit(settings.directory_url).hostname, Why.DIRECTORY
    if settings.oidc_issuer is not None:
        yield urlsplit(settings.oidc_issuer).hostname, Why.SIGN_IN
    if timestamp_authority is not None:
        yield urlsplit(timestamp_authority).hostname, Why.TIMESTAMPS


def _database_hosts(address: str) -> Iterator[str | None]:
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        return
    yield url.host
    named: str | tuple[str, ...] = url.query.get("host", ())
    for given in (named,) if isinstance(named, str) else named:
        if not given.startswith("/"):  # a directory: a socket on this machine
            yield given if given.count(":") > 1 else given.partition(":")[0]


class Egress:
    """The list, as one process keeps it.

    Args:
        destinations: where it may connect to.
    """

    def __init__(self, destinations: Iterable[Destination]) -> None:
        self._hosts = frozenset(_plain(each.host) for each in destinations)
        self._resolved: dict[str, None] = {}
        self._told: Callable[[], None] = _unheard
        self.refused = 0

    def report_to(self, told: Callable[[], None]) -> None:
        """Call this for every refusal from now on; it must not connect anywhere."""
        self._told = told

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook (PEP 578).

        Raises:
            EgressRefused: what is about to happen would leave for a host that is not listed.
        """
        if event in _LOOKUPS:
            self._require(arguments[0], looked_up=True)
        elif event in _SENDINGS:
            address = arguments[-1]
            # A path is a socket on this machine; nothing is a datagram of a connected socket.
            if isinstance(address, tuple) and address:
                self._require(address[0], looked_up=False)
            elif event == "socket.gethostbyaddr":
                self._require(address, looked_up=False)

    def remember(self, host: object, addresses: Iterable[str]) -> None:
        """Note what a listed name was resolved to, so that it may be connected to."""
        if _plain(host) not in self._hosts:
            return
        for address in addresses:
            self._resolved.pop(_plain(address), None)
            self._resolved[_plain(address)] = None
        while len(self._resolved) > MOST_ADDRESSES:
            self._resolved.pop(next(iter(self._resolved)), None)

    def _require(self, host: object, *, looked_up: bool) -> None:
        name = _plain(host)
        numeric = _is_numeric(name)
        permitted = (
            name in self._hosts
            or not name
            or is_loopback(name)
            or (numeric and (looked_up or name in self._resolved or _is_unspecified(name)))
        )
        if not permitted:
            self.refused += 1
            self._told()
            log.warning("egress_refused")
            raise EgressRefused


def guard(destinations: Iterable[Destination]) -> Egress:
    """Keep this process to the list, for good: an audit hook cannot be taken away again."""
    egress = Egress(destinations)
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
        found = resolve(host, *arguments, **named)
        egress.remember(host, (str(each[4][0]) for each in found))
        return found

    socket.getaddrinfo = getaddrinfo
    sys.addaudithook(egress.hear)
    return egress


def _unheard() -> None:
    """Nobody counts refusals yet."""


def _plain(host: object) -> str:
    """A host in one form: text, lower case, an address as the system writes it."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return ""
    name = host.lower().removesuffix(".").strip("[]")
    try:
        address = ip_address(name)
    except ValueError:
        return _ascii(name)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _ascii(name: str) -> str:
    """A name as it is looked up: ``xn--``, if it has letters beyond ASCII."""
    try:
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return name  # no name of a host; it stands on no list


def _is_numeric(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_unspecified(name: str) -> bool:
    """``0.0.0.0`` and ``::``: on Linux, this machine."""
    return ip_address(name).is_unspecified
