"""Running calls in the terminal: a real Redis, a worker that holds calls, real accounts."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from redis import Redis
from sqlalchemy import select

from tests.commands.kept import Cli, cli, machine, on_machine
from tests.redis_server import redis_url
from voice_agent.console.one_time_code import new_secret
from voice_agent.console.password import Passwords
from voice_agent.console.role import Role
from voice_agent.live import redis_orders
from voice_agent.live.command import Answer, Command, Outcome, Verb
from voice_agent.live.observation import (
    AgentSaid,
    CallEnded,
    CallerSaid,
    ConsentSeen,
    ControlChanged,
    Observation,
    PhaseChanged,
)
from voice_agent.live.redis import RedisLive
from voice_agent.live.snapshot import CallSnapshot, call_key
from voice_agent.runtime.accounts import Account, Secrets
from voice_agent.storage.tables import access_log, operator_sessions
from voice_agent.stores import Stores

__all__ = ["cli", "machine", "redis_url"]

pytestmark = pytest.mark.integration  # a real Redis, a real database

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
WAITING = 2
"""Readers that wait on Redis once a call is read: the worker, for orders, and the onlooker."""
KEY = call_key("CA1")
CALL = CallSnapshot(
    call=KEY,
    worker="worker-1",
    language="de",
    began_at=1_790_000_000.0,
    phase="conversing",
    consent="given",
    flow="book_appointment",
)
OTHER = CallSnapshot(
    call="f" * 32, worker="worker-1", language="en", began_at=1_790_000_100.0, consent="none"
)


@dataclass
class Worker:
    """A worker that holds calls; answers commands as it is told, done if not.

    Attributes:
        address: of Redis.
        calls: what it holds.
        seen: what happened in the first of them; the end of it once somebody watches.
        answers: what becomes of commands, by verb.
        ends_on: the call ends when this was asked.
        asked: the commands that came.
    """

    address: str
    calls: Sequence[CallSnapshot] = (CALL,)
    seen: Sequence[Observation] = ()
    answers: dict[Verb, Outcome] = field(default_factory=dict)
    ends_on: Verb | None = None
    asked: list[Command] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        ready, over = threading.Event(), threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._work(ready, over)))
        thread.start()
        assert ready.wait(20)
        try:
            yield
        finally:
            over.set()
            thread.join(20)

    async def _work(self, ready: threading.Event, over: threading.Event) -> None:
        live = RedisLive(self.address, "worker-1")
        await live.show(self.calls)
        before = [each for each in self.seen if not isinstance(each, CallEnded)]
        if before:
            await live.publish(self.calls[0].call, before)
        obeying = asyncio.create_task(self._obey(live, ready))
        ends, redis = self.seen[len(before) :], Redis.from_url(self.address)
        while not over.is_set():
            await live.show(self.calls)
            if ends and redis.info("clients")["blocked_clients"] >= WAITING:
                await live.publish(self.calls[0].call, ends)
                ends = ()
            await asyncio.sleep(0.05)
        redis.close()
        obeying.cancel()
        await live.close()

    async def _obey(self, live: RedisLive, ready: threading.Event) -> None:
        async with live.orders() as orders:
            ready.set()
            async for command in orders:
                self.asked.append(command)
                outcome = self.answers.get(command.verb, Outcome.DONE)
                await live.answer(command, Answer(outcome, command.operator))
                if command.verb is self.ends_on:
                    await live.publish(command.call, [CallEnded("caller_left")])

    def verbs(self) -> list[tuple[str, str]]:
        return [(command.verb, command.text) for command in self.asked]


@dataclass
class Terminal:
    """Runs ``voice-agent calls`` for somebody."""

    cli: Cli
    monkeypatch: pytest.MonkeyPatch
    made: list[str] = field(default_factory=list)

    def account(self, role: Role = Role.SUPERVISOR) -> tuple[str, str]:
        """A new account; gives its login and the secret of its codes."""
        login, secret = f"op{len(self.made)}", new_secret()

        async def work(stores: Stores) -> None:
            now = stores.clock()
            account = Account(
                account=uuid4().hex,
                login=login,
                name="Anna Acker",
                role=role,
                language="de",
                locked=False,
                created_at=now,
                used_at=now,
            )
            self.made.append(account.account)
            kept = await Passwords(passes=1, memory_kib=1024).hash(PASSWORD)
            await stores.accounts.add(account, Secrets(password_hash=kept, totp_secret=secret))

        on_machine(work)
        return login, secret

    def run(
        self, *arguments: str, role: Role = Role.SUPERVISOR, typed: Sequence[str] = ()
    ) -> tuple[int, str, str]:
        """Run it with a new account, which types these lines."""
        login, secret = self.account(role)
        return self.sign_in(login, PASSWORD, pyotp.TOTP(secret).now(), *arguments, typed=typed)

    def sign_in(
        self, login: str, password: str, code: str, *arguments: str, typed: Sequence[str] = ()
    ) -> tuple[int, str, str]:
        self._stdin(io.BytesIO("".join(f"{each}\n" for each in (password, code, *typed)).encode()))
        return self.cli("calls", *arguments, "--operator", login, "--password-stdin")

    def _stdin(self, buffer: io.BytesIO) -> None:
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(buffer))


@pytest.fixture
def redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty Redis, which the commands use."""
    with Redis.from_url(redis_url) as client:
        client.flushall()
    monkeypatch.setenv("REDIS_URL", redis_url)
    return redis_url


@pytest.fixture
def terminal(cli: Cli, redis: str, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    del redis
    # A machine that does too much at once is not what is tested here.
    monkeypatch.setattr(redis_orders, "PATIENCE_S", 20.0)
    return Terminal(cli, monkeypatch)


def noted() -> list[tuple[str | None, str, str]]:
    """What the access log says: who, what, about which call."""
    rows: list[Any] = []

    async def work(stores: Stores) -> None:
        async with stores.database.begin() as connection:
            found = await connection.execute(select(access_log).order_by(access_log.c.number))
            rows.extend(found.all())

    on_machine(work)
    return [(row.account, row.action, row.object_id) for row in rows]


def sessions() -> int:
    """How many are signed in."""
    counts: list[int] = []

    async def work(stores: Stores) -> None:
        async with stores.database.begin() as connection:
            counts.append(len((await connection.execute(select(operator_sessions))).all()))

    on_machine(work)
    return counts[0]


def objects(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


# -- who it is -------------------------------------------------------------------------------------


def test_without_redis_it_is_said_in_one_line_why_it_is_needed(cli: Cli) -> None:
    status, out, error = cli("calls", "list", "--operator", "anna")
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert "REDIS_URL" in error
    assert "own memory" in error


@pytest.mark.parametrize(
    ("password", "code"), [(PASSWORD, "000000"), ("wrong", ""), (PASSWORD, "x" * 5000), ("", "")]
)
def test_who_proves_nothing_sees_nothing_and_the_try_is_noted(
    terminal: Terminal, redis: str, password: str, code: str
) -> None:
    login, secret = terminal.account()
    given = code or pyotp.TOTP(secret).now()
    with Worker(redis).running():
        status, out, error = terminal.sign_in(login, password, given, "list")
    assert (status, out) == (2, "")
    assert "is wrong" in error
    assert PASSWORD not in error
    assert noted() == [(terminal.made[0], "sign_in.refused", "")]


def test_an_account_that_there_is_not_is_refused_alike(terminal: Terminal) -> None:
    status, _, error = terminal.sign_in("nobody", PASSWORD, "123456", "list")
    assert status == 2
    assert "is wrong" in error


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMINISTRATOR])
@pytest.mark.parametrize("arguments", [["list"], ["watch", KEY], ["end", KEY], ["take", KEY]])
def test_a_role_without_the_right_sees_and_does_nothing(
    terminal: Terminal, redis: str, role: Role, arguments: list[str]
) -> None:
    worker = Worker(redis)
    with worker.running():
        status, out, error = terminal.run(*arguments, role=role)
    assert (status, out) == (2, "")
    assert "right" in error
    assert worker.asked == []


def test_an_operator_ends_no_call_of_somebody_elses(terminal: Terminal, redis: str) -> None:
    worker = Worker(redis)
    with worker.running():
        assert terminal.run("end", KEY, role=Role.OPERATOR)[0] == 2
    assert worker.asked == []


def test_nobody_stays_signed_in(terminal: Terminal) -> None:
    assert terminal.run("list")[0] == 0
    assert sessions() == 0


# -- looking ---------------------------------------------------------------------------------------


def test_calls_of_every_worker_are_listed_and_the_look_is_noted(
    terminal: Terminal, redis: str
) -> None:
    with Worker(redis, calls=(CALL, OTHER)).running():
        status, out, _ = terminal.run("list", role=Role.VIEWER)
        _, as_json, _ = terminal.run("list", "--json", role=Role.VIEWER)
    assert status == 0
    first, second = out.splitlines()
    assert first.startswith(f"{KEY[:8]}  ")
    assert "conversing, de, inbound, consent given, book_appointment" in first
    assert second.startswith("ffffffff  ")
    assert objects(as_json) == [CALL.to_dict(), OTHER.to_dict()]
    assert [entry[1:] for entry in noted()] == [("sign_in", ""), ("calls.list", "")] * 2


@pytest.mark.parametrize(
    ("role", "consent", "shown"),
    [
        (Role.VIEWER, "given", {"flow"}),
        (Role.OPERATOR, "given", {"flow", "question", "receipt"}),
        (Role.OPERATOR, "none", set()),
        (Role.SUPERVISOR, "withdrawn", set()),
    ],
)
def test_c22_what_a_call_is_about_is_listed_as_on_the_pages(
    terminal: Terminal, redis: str, role: Role, consent: str, shown: set[str]
) -> None:
    told = {"flow": "canary_flow", "question": "canary_question", "receipt": "canary_receipt"}
    call = CallSnapshot(**(CALL.to_dict() | told | {"consent": consent}))
    with Worker(redis, calls=[call]).running():
        _, out, _ = terminal.run("list", role=role)
        _, as_json, _ = terminal.run("list", "--json", role=role)
    [found] = objects(as_json)
    assert {name for name in told if found[name]} == shown
    assert ("canary_flow" in out) == ("flow" in shown)


def test_that_there_is_no_call_is_told(terminal: Terminal) -> None:
    assert terminal.run("list") == (0, "", "No call is running.\n")


@pytest.mark.parametrize("arguments", [[KEY[:4].upper()], [KEY, "--json"]], ids=["text", "json"])
def test_a_call_is_watched_to_its_end_from_any_beginning_of_its_key(
    terminal: Terminal, redis: str, arguments: list[str]
) -> None:
    seen: list[Observation] = [
        ConsentSeen("given", "r1"),
        CallerSaid(1, "Guten\x1b[31m Tag"),
        AgentSaid("Hallo."),
        ControlChanged("talking", "a" * 32),
        CallEnded("hung_up"),
    ]
    with Worker(redis, calls=(CALL, OTHER), seen=seen).running():
        status, out, _ = terminal.run("watch", *arguments)
    assert status == 0
    assert "\x1b" not in out
    if "--json" in arguments:
        assert objects(out) == [each.to_dict() for each in seen]
    else:
        assert "> Hallo." in out
        assert "[ended] reason hung_up" in out
    assert ("call.read", KEY) in [entry[1:] for entry in noted()]


def test_c22_nothing_that_was_said_is_shown_without_a_consent_that_stands(
    terminal: Terminal, redis: str
) -> None:
    seen: list[Observation] = [
        CallerSaid(1, "Kanarienvogel"),
        PhaseChanged("withdrawn"),
        AgentSaid("Kanarienvogel"),
        CallEnded("hung_up"),
    ]
    with Worker(redis, calls=(OTHER,), seen=seen).running():
        status, out, _ = terminal.run("watch", "f")
    assert status == 0
    assert "Kanarienvogel" not in out
    assert "withdrawn" in out


@pytest.mark.parametrize(
    ("beginning", "told"),
    [("e", "no running call"), ("f", "2 calls"), ("", "no beginning"), ("g*", "no beginning")],
)
def test_a_beginning_of_no_call_or_of_several_is_told(
    terminal: Terminal, redis: str, beginning: str, told: str
) -> None:
    calls = [CallSnapshot(**(OTHER.to_dict() | {"call": "f" * 31 + end})) for end in "01"]
    with Worker(redis, calls=calls).running():
        status, out, error = terminal.run("watch", beginning)
    assert (status, out) == (2, "")
    assert told in error


# -- doing -----------------------------------------------------------------------------------------


def test_c22_a_call_is_taken_over_by_typed_sentences_and_given_back(
    terminal: Terminal, redis: str
) -> None:
    worker = Worker(redis)
    typed = [
        "Guten Tag, hier ist Anna.",
        "",
        "/hold",
        "/resume",
        "/back Termin am Montag",
        "zu spät",
    ]
    with worker.running():
        status, out, notes = terminal.run("take", KEY[:6], role=Role.OPERATOR, typed=typed)
    assert status == 0
    assert worker.verbs() == [
        ("take_over", ""),
        ("say", "Guten Tag, hier ist Anna."),
        ("hold", ""),
        ("resume", ""),
        ("give_back", "Termin am Montag"),
    ]
    assert {(each.operator, each.name) for each in worker.asked} == {
        (terminal.made[0], "Anna Acker")
    }
    assert "not recognised while you hold the call" in notes.replace("\n", " ")
    assert "[take_over] done" in out
    doing = [(action, call) for _, action, call in noted()]
    assert doing.index(("call.take_over", KEY)) < doing.index(("call.say", KEY))
    assert ("call.read", KEY) in doing
    assert sessions() == 0


def test_every_answer_is_one_object_for_a_program(terminal: Terminal, redis: str) -> None:
    worker = Worker(redis, answers={Verb.SAY: Outcome.NOT_NOW})
    with worker.running():
        _, out, _ = terminal.run("take", KEY, "--json", typed=["Hallo", "/end"])
    told = [record for record in objects(out) if "verb" in record]
    holder = terminal.made[0]
    assert told == [
        {"verb": "take_over", "outcome": "done", "holder": holder},
        {"verb": "say", "outcome": "not_now", "holder": holder},
        {"verb": "end", "outcome": "done", "holder": holder},
    ]


def test_who_holds_a_call_may_end_it(terminal: Terminal, redis: str) -> None:
    worker = Worker(redis)
    with worker.running():
        assert terminal.run("take", KEY, role=Role.OPERATOR, typed=["/end"])[0] == 0
    assert worker.verbs() == [("take_over", ""), ("end", "")]


def test_the_end_of_the_input_gives_the_call_back(terminal: Terminal, redis: str) -> None:
    worker = Worker(redis)
    with worker.running():
        assert terminal.run("take", KEY, typed=["Hallo"])[0] == 0
    assert worker.verbs() == [("take_over", ""), ("say", "Hallo"), ("give_back", "")]


@pytest.mark.parametrize(
    "line", ["x" * 501, "x" * 20_000, "/transfer 110", "/transfer", "/erase", "a\tb", "/"]
)
def test_what_cannot_be_said_is_told_and_the_call_goes_on(
    terminal: Terminal, redis: str, line: str
) -> None:
    worker = Worker(redis, answers={Verb.TRANSFER: Outcome.REFUSED})
    with worker.running():
        status, out, _ = terminal.run("take", KEY, typed=[line, "Hallo", "/back"])
    assert status == 0, out
    assert [each for each in worker.verbs() if each[0] != "transfer"] == [
        ("take_over", ""),
        ("say", "Hallo"),
        ("give_back", ""),
    ]


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Outcome.TAKEN, "Another operator"),
        (Outcome.NO_CONSENT, "does not consent"),
        (Outcome.NOT_NOW, "Not as the call stands"),
    ],
)
def test_a_call_that_cannot_be_taken_is_left_alone(
    terminal: Terminal, redis: str, outcome: Outcome, told: str
) -> None:
    worker = Worker(redis, answers={Verb.TAKE_OVER: outcome})
    with worker.running():
        status, out, _ = terminal.run("take", KEY, typed=["Hallo"])
    assert status == 1
    assert told in out
    assert worker.verbs() == [("take_over", "")]


def test_a_caller_who_hangs_up_ends_the_command_though_nobody_types(
    terminal: Terminal, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(io.BytesIO):
        """Gives its lines, and then nothing for as long as the process lives."""

        def readline(self, size: int | None = -1, /) -> bytes:
            line = super().readline(size)
            while not line:
                time.sleep(60)
            return line

    monkeypatch.setattr(terminal, "_stdin", _silent(terminal, Silent))
    worker = Worker(redis, ends_on=Verb.SAY)
    with worker.running():
        status, out, _ = terminal.run("take", KEY, typed=["Hallo"])
    assert status == 0
    assert "[ended] reason caller_left" in out


def _silent(
    terminal: Terminal, kind: Callable[[bytes], io.BytesIO]
) -> Callable[[io.BytesIO], None]:
    def stdin(buffer: io.BytesIO) -> None:
        wrapped = io.TextIOWrapper(kind(buffer.getvalue()))
        terminal.monkeypatch.setattr(sys, "stdin", wrapped)

    return stdin


def test_a_call_is_ended(terminal: Terminal, redis: str) -> None:
    worker = Worker(redis)
    with worker.running():
        status, out, _ = terminal.run("end", KEY[:5], "--json")
    assert status == 0
    assert objects(out) == [{"verb": "end", "outcome": "done", "holder": terminal.made[0]}]
    assert ("call.end", KEY) in [entry[1:] for entry in noted()]


def test_a_call_that_ends_meanwhile_cannot_be_ended(terminal: Terminal, redis: str) -> None:
    with Worker(redis, answers={Verb.END: Outcome.NO_CALL}).running():
        status, out, _ = terminal.run("end", KEY)
    assert status == 1
    assert "The call is over." in out


def test_that_redis_is_away_is_told(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    status, out, error = terminal.run("list")
    assert (status, out) == (2, "")
    assert "Traceback" not in error


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_c22_a_terminal_that_is_closed_gives_the_call_back(
    terminal: Terminal, redis: str, ending: signal.Signals
) -> None:
    login, secret = terminal.account()
    worker = Worker(redis)
    command = [sys.executable, "-m", "voice_agent", "calls", "take", KEY]
    options = ["--operator", login, "--password-stdin"]
    with worker.running():
        process = subprocess.Popen(  # noqa: S603 (ourselves)
            [*command, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdin is not None
        process.stdin.write(f"{PASSWORD}\n{pyotp.TOTP(secret).now()}\nHallo\n".encode())
        process.stdin.flush()
        until = time.monotonic() + 60
        while ("say", "Hallo") not in worker.verbs():
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(ending)
        process.wait(60)  # with its input still open: nobody typed an end
        _, error = process.communicate()
    assert worker.verbs() == [("take_over", ""), ("say", "Hallo"), ("give_back", "")]
    assert b"Traceback" not in error
    assert sessions() == 0
