"""Where the server connects to (rule C30)."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from voice_agent.egress import (
    MOST_ADDRESSES,
    Destination,
    Egress,
    EgressRefused,
    Why,
    allowed_hosts,
)
from voice_agent.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]
SID = "AC" + "1" * 32
LISTED = Destination("api.dublin.ie1.twilio.com", Why.CARRIER)


def configured(tmp_path: Path, **variables: str) -> Settings:
    return load_settings({"DATA_DIR": str(tmp_path), **variables})


def names(settings: Settings, timestamp_authority: str | None = None) -> list[tuple[str, str]]:
    return [(each.host, each.why) for each in allowed_hosts(settings, timestamp_authority)]


def connect(egress: Egress, *address: Any) -> None:
    egress.hear("socket.connect", (None, address))


# -- the list --------------------------------------------------------------------------------------


def test_c30_with_nothing_configured_nothing_leaves_the_machine(tmp_path: Path) -> None:
    assert names(configured(tmp_path)) == []


def test_c29_the_carriers_host_is_the_one_of_the_region_and_its_edge(tmp_path: Path) -> None:
    settings = configured(tmp_path, TWILIO_ACCOUNT_SID=SID)
    assert names(settings) == [("api.dublin.ie1.twilio.com", "carrier")]


def test_c30_everything_the_configuration_names_is_on_the_list(tmp_path: Path) -> None:
    settings = configured(
        tmp_path,
        TWILIO_ACCOUNT_SID=SID,
        TWILIO_API_BASE_URL="https://Proxy.Internal.example",
        LLM_BASE_URL="https://models.example/v1",
        LLM_MODEL="m",
        DATABASE_URL="postgresql://someone:secret@db.internal.example:5432/agent",
        REDIS_URL="rediss://:secret@live.internal.example:6379/0",
        CALDAV_URL="https://Calendar.example/dav/garage",
        CALDAV_USER="agent",
        CALDAV_PASSWORD="secret",
        DIRECTORY_URL="https://CRM.example/api",
        DIRECTORY_KEY="secret",
        OIDC_ISSUER="https://Login.example/realms/staff",
        OIDC_CLIENT_ID="voice-agent",
        OIDC_CLIENT_SECRET="secret",
    )
    assert names(settings, "https://tsa.example/tsr") == [
        ("proxy.internal.example", "carrier"),
        ("models.example", "language_model"),
        ("db.internal.example", "database"),
        ("live.internal.example", "live_state"),
        ("calendar.example", "calendar"),
        ("crm.example", "directory"),
        ("login.example", "sign_in"),
        ("tsa.example", "timestamps"),
    ]


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        ("postgresql://u@/agent?host=/var/run/postgresql", []),
        ("postgresql://u@/agent?host=db1.example:5432&host=db2.example:5433", ["db1", "db2"]),
        ("postgresql://u@/agent?host=db1.example", ["db1"]),
        ("postgresql://u@127.0.0.1/agent", []),
        ("postgresql://u@localhost/agent", []),
    ],
)
def test_c30_a_database_is_on_the_list_when_it_is_on_another_machine(
    tmp_path: Path, address: str, hosts: list[str]
) -> None:
    expected = [(f"{host}.example", "database") for host in hosts]
    assert names(configured(tmp_path, DATABASE_URL=address)) == expected


def test_c30_what_runs_on_this_machine_is_no_destination(tmp_path: Path) -> None:
    settings = configured(
        tmp_path,
        LLM_BASE_URL="http://127.0.0.1:11434/v1",
        LLM_MODEL="m",
        REDIS_URL="unix:///run/redis.sock",
    )
    assert names(settings) == []


# -- keeping to it ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "twilio.com", "xapi.dublin.ie1.twilio.com", b"elsewhere.example"]
)
def test_c30_another_name_is_refused_before_it_is_looked_up(host: object) -> None:
    egress = Egress([LISTED])
    with pytest.raises(EgressRefused):
        egress.hear("socket.getaddrinfo", (host, 443, 0, 1, 0))
    assert egress.refused == 1


@pytest.mark.parametrize(
    "host", [LISTED.host, LISTED.host.upper(), f"{LISTED.host}.", LISTED.host.encode(), None, ""]
)
def test_c30_a_listed_name_is_looked_up_however_it_is_written(host: object) -> None:
    egress = Egress([LISTED])
    egress.hear("socket.getaddrinfo", (host, 443, 0, 1, 0))
    egress.hear("socket.gethostbyname", (host,))
    assert egress.refused == 0


@pytest.mark.parametrize(
    "address",
    [
        ("203.0.113.9", 443),
        ("2001:db8::1", 443, 0, 0),
        ("elsewhere.example", 443),
        ("10.0.0.1", 80),
        ("169.254.169.254", 80),
        ("<broadcast>", 9),
        ("::ffff:203.0.113.9", 443, 0, 0),
    ],
)
@pytest.mark.parametrize("event", ["socket.connect", "socket.sendto", "socket.sendmsg"])
def test_c30_another_address_is_refused_before_a_packet_leaves(
    event: str, address: tuple[Any, ...]
) -> None:
    egress = Egress([LISTED])
    with pytest.raises(EgressRefused):
        egress.hear(event, (None, address))


@pytest.mark.parametrize(
    "address",
    [
        ("127.0.0.1", 80),
        ("127.8.9.10", 80),
        ("::1", 80, 0, 0),
        ("::ffff:127.0.0.1", 80, 0, 0),
        ("localhost", 80),
        ("", 80),
        ("0.0.0.0", 80),  # noqa: S104 (connected to, not listened on: this machine)
    ],
)
def test_c30_this_machine_may_be_connected_to(address: tuple[Any, ...]) -> None:
    connect(Egress([]), *address)


@pytest.mark.parametrize("address", ["/run/postgresql/.s.PGSQL.5432", b"\0abstract", None])
def test_c30_so_may_a_socket_in_the_file_system(address: object) -> None:
    Egress([]).hear("socket.connect", (None, address))


def test_c30_what_a_listed_name_was_resolved_to_may_be_connected_to() -> None:
    egress = Egress([LISTED])
    egress.remember("elsewhere.example", ["203.0.113.9"])
    with pytest.raises(EgressRefused):
        connect(egress, "203.0.113.9", 443)
    egress.remember(LISTED.host, ["203.0.113.9", "2001:DB8::1"])
    connect(egress, "203.0.113.9", 443)
    connect(egress, "2001:db8:0::1", 443, 0, 0)


def test_c30_an_address_on_the_list_may_be_connected_to() -> None:
    connect(Egress([Destination("10.1.2.3", Why.DATABASE)]), "10.1.2.3", 5432)


def test_c30_only_so_many_addresses_are_remembered() -> None:
    egress = Egress([LISTED])
    many = [f"10.0.{number // 256}.{number % 256}" for number in range(MOST_ADDRESSES + 1)]
    egress.remember(LISTED.host, many)
    connect(egress, many[-1], 443)
    with pytest.raises(EgressRefused):
        connect(egress, many[0], 443)


def test_c30_reverse_lookups_of_strangers_are_refused() -> None:
    for event, arguments in (
        ("socket.gethostbyaddr", ("203.0.113.9",)),
        ("socket.getnameinfo", (("203.0.113.9", 443),)),
    ):
        with pytest.raises(EgressRefused):
            Egress([LISTED]).hear(event, arguments)


def test_c30_a_refusal_looks_like_a_failed_connection_and_names_no_host() -> None:
    told: list[None] = []
    egress = Egress([])
    egress.report_to(lambda: told.append(None))
    with pytest.raises(OSError, match="no destination") as refused:
        egress.hear("socket.getaddrinfo", ("elsewhere.example", 443, 0, 1, 0))
    assert refused.value.errno == errno.EACCES
    assert "elsewhere" not in str(refused.value)
    assert len(told) == 1


def test_c30_other_events_are_nobody_s_business() -> None:
    Egress([]).hear("socket.bind", (None, ("203.0.113.9", 80)))
    Egress([]).hear("open", ("/etc/passwd", "r", 0))


# -- in a process of its own, because an audit hook stays ------------------------------------------


def in_a_process(program: str) -> str:
    """What a program prints that keeps to a list."""
    done = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-W", "error", "-c", dedent(program)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.integration
def test_c30_a_request_to_the_configured_carrier_works_and_one_to_another_host_is_refused() -> None:
    """The carrier's client itself, guarded, against a carrier on this machine."""
    told = in_a_process(
        """
        import asyncio
        from aiohttp import web
        from voice_agent.egress import guard
        from voice_agent.errors import CarrierError
        from voice_agent.runtime.message import MessageName
        from voice_agent.twilio.client import TwilioClient

        async def answer(request):
            return web.json_response({"sid": "SM1", "status": "queued"}, status=201)

        async def no_pause(seconds):
            pass

        def client(base_url):
            return TwilioClient(account_sid="AC" + "1" * 32, secret="s", number="+4930111111",
                                base_url=base_url, sleep=no_pause)

        async def main():
            app = web.Application()
            app.router.add_route("*", "/{tail:.*}", answer)
            runner = web.AppRunner(app)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = site._server.sockets[0].getsockname()[1]
            egress = guard([])
            ours = client(f"http://127.0.0.1:{port}")
            print(await ours.send("+4930222222", "text", MessageName("CA1", "privacy_link")))
            await ours.close()
            theirs = client(None)
            try:
                await theirs.send("+4930222222", "text", MessageName("CA1", "privacy_link"))
            except CarrierError as refused:
                print(type(refused).__name__, egress.refused > 0)
            await theirs.close()
            await runner.cleanup()

        asyncio.run(main())
        """
    )
    lines = told.splitlines()
    assert (lines[0], lines[-1]) == ("SM1", "NotProcessed True")


@pytest.mark.integration
@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('elsewhere.example', 443), timeout=30)",
        "socket.create_connection(('192.0.2.1', 443), timeout=30)",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))",
        "socket.gethostbyname('elsewhere.example')",
        "urllib.request.urlopen('http://elsewhere.example/', timeout=30)",
        "httpx.get('http://elsewhere.example/', timeout=30)",
        "asyncio.run(asyncio.open_connection('192.0.2.1', 443))",
    ],
)
def test_c30_whatever_way_it_is_tried_another_host_is_refused(attempt: str) -> None:
    told = in_a_process(
        f"""
        import asyncio, socket, urllib.request, warnings
        import httpx
        from voice_agent.egress import EgressRefused, guard

        warnings.simplefilter("ignore", ResourceWarning)  # the refused socket has no owner
        egress = guard([])
        try:
            {attempt}
        except Exception as fault:
            seen = fault
            while seen is not None and not isinstance(seen, EgressRefused):
                reason = getattr(seen, "reason", None)  # urllib's way to name a cause
                cause = seen.__cause__ or seen.__context__
                seen = reason if isinstance(reason, Exception) else cause
            print(type(seen).__name__, egress.refused)
        """
    )
    assert told.splitlines()[-1] == "EgressRefused 1"


@pytest.mark.integration
def test_c30_a_listed_name_is_connected_to_where_it_was_resolved() -> None:
    """A name whose resolver answers with an address of this machine that is not loopback's own."""
    told = in_a_process(
        """
        import socket
        from voice_agent.egress import Destination, EgressRefused, Why, guard

        answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 443))]
        socket.getaddrinfo = lambda host, *rest, **named: answer
        guard([Destination("listed.example", Why.CARRIER)])

        def attempt(timeout):
            with socket.socket() as one:
                one.settimeout(timeout)
                try:
                    one.connect(("192.0.2.7", 443))
                except EgressRefused:
                    return "refused"
                except OSError:
                    return "tried"

        before = attempt(0.01)
        socket.getaddrinfo("listed.example", 443)
        print(before, attempt(0.01))
        """
    )
    assert told.splitlines()[-1] == "refused tried"


def test_c30_no_event_loop_is_installed_that_connects_past_the_guard() -> None:
    """``uvloop`` and resolvers in C open sockets without Python's ``socket`` module."""
    wanted = (ROOT / "requirements.txt").read_text().lower()
    assert not any(f"\n{name}==" in wanted for name in ("uvloop", "aiodns", "pycares", "psycopg"))


def test_c30_a_name_with_umlauts_is_the_same_in_both_forms() -> None:
    for listed in ("bücher.example", "xn--bcher-kva.example"):
        egress = Egress([Destination(listed, Why.CARRIER)])
        for asked in ("Bücher.example", "xn--bcher-kva.example"):
            egress.hear("socket.getaddrinfo", (asked, 443, 0, 0, 0))
        with pytest.raises(EgressRefused):
            egress.hear("socket.getaddrinfo", ("bucher.example", 443, 0, 0, 0))
