"""What signing in comes to, without a database: small fakes stand for the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.console.access_routes import Search
from voice_agent.console.cookie import csrf_of, new_token
from voice_agent.console.entrance import ZONE
from voice_agent.console.one_time_code import STEP_S, new_secret, step_of
from voice_agent.console.password import Passwords
from voice_agent.console.sign_in import Entered, Refused, SignIn, Throttled
from voice_agent.errors import ProtocolError
from voice_agent.runtime.accounts import (
    AccessEntry,
    Account,
    Secrets,
    Wanted,
    WrongAccount,
    checked_login,
    checked_name,
    session_name,
)
from voice_agent.runtime.limiter import Limiter
from voice_agent.runtime.records import RecordsUnavailable

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECRET = new_secret()
PASSWORD = "correct horse battery"
ANNA = Account(
    account="a" * 32,
    login="anna",
    name="Anna",
    role="operator",
    language="de",
    locked=False,
    created_at=NOON,
    used_at=NOON,
)


@dataclass
class Paper:
    """Accounts, sessions and log of one account, on paper.

    Attributes:
        secrets: of the account.
        order: what was done, in order.
        last_step: of the last code that was used.
        writes: the log can be written.
    """

    secrets: Secrets
    order: list[str] = field(default_factory=list)
    last_step: int = 0
    writes: bool = True

    async def of(self, login: str) -> tuple[Account, Secrets] | None:
        self.order.append("look")
        return (ANNA, self.secrets) if login == "anna" else None

    async def begin(
        self, found: Account, secrets: Secrets, step: int, token: str, at: datetime
    ) -> bool:
        del found, secrets, token, at
        if step <= self.last_step:
            return False
        self.last_step = step
        self.order.append("begin")
        return True

    async def end(self, token: str) -> None:
        self.order.append(f"end {token}")

    async def note(self, account: str | None, role: str, action: str, object_id: str) -> None:
        del role, object_id
        if not self.writes:
            raise RecordsUnavailable("the access log cannot be read or written")
        self.order.append(f"{action} {account}")

    async def entries(self, wanted: Wanted) -> Sequence[AccessEntry]:
        raise AssertionError(wanted)


class Counted(Passwords):
    """Counts how often a password is compared."""

    def __init__(self) -> None:
        super().__init__(passes=1, memory_kib=8)
        self.compared = 0

    async def fits(self, kept: str | None, password: str) -> bool:
        self.compared += 1
        return await super().fits(kept, password)


@dataclass
class Desk:
    """Somebody who signs in."""

    paper: Paper
    passwords: Counted
    limiter: Limiter
    now: datetime = NOON

    async def enter(
        self, login: str = "anna", password: str = PASSWORD, code: str | None = None
    ) -> Entered | Refused | Throttled:
        sign_in = SignIn(
            accounts=_Accounts(self.paper),  # type: ignore[arg-type]  # as much of it as is used
            sessions=self.paper,  # type: ignore[arg-type]  # likewise
            access=self.paper,
            passwords=self.passwords,
            limiter=self.limiter,
            keyed=lambda text: f"k{len(text)}{text[-4:]}",
            clock=lambda: self.now,
            least_s=0.0,
        )
        shown = pyotp.TOTP(SECRET).at(self.now) if code is None else code
        return await sign_in.enter(login, password, shown, "192.0.2.7", "old")


@dataclass
class _Accounts:
    paper: Paper

    async def secrets(self, login: str) -> tuple[Account, Secrets] | None:
        return await self.paper.of(login)


@pytest.fixture
async def desk() -> Desk:
    """Anna's account, and nobody signed in."""
    passwords = Counted()
    kept = Secrets(password_hash=await passwords.hash(PASSWORD), totp_secret=SECRET)
    return Desk(Paper(kept), passwords, Limiter())


async def test_the_session_is_begun_then_written_down_then_the_old_one_ends(desk: Desk) -> None:
    entered = await desk.enter(" Anna ")
    assert isinstance(entered, Entered)
    assert desk.paper.order == ["look", "begin", f"sign_in {ANNA.account}", "end old"]
    assert entered.token not in repr(entered)


@pytest.mark.parametrize(
    ("login", "account"), [("anna", ANNA.account), ("nobody", None), ("no login!", None)]
)
async def test_an_unknown_login_costs_what_a_wrong_password_costs(
    desk: Desk, login: str, account: str | None
) -> None:
    assert await desk.enter(login, "wrong") == Refused()
    assert desk.passwords.compared == 1
    assert desk.paper.order[-1] == f"sign_in.refused {account}"


async def test_the_password_is_compared_though_the_code_is_wrong(desk: Desk) -> None:
    assert await desk.enter(code="abc") == Refused()
    assert desk.passwords.compared == 1
    assert await desk.enter() != Refused()  # a wrong try spends no code


async def test_a_code_is_spent_by_its_use_and_so_are_those_before_it(desk: Desk) -> None:
    before = pyotp.TOTP(SECRET).at(desk.now - timedelta(seconds=STEP_S))
    assert isinstance(await desk.enter(), Entered)
    assert await desk.enter() == Refused()
    assert await desk.enter(code=before) == Refused()


async def test_when_the_log_is_away_there_is_no_token(desk: Desk) -> None:
    desk.paper.writes = False
    with pytest.raises(RecordsUnavailable):
        await desk.enter()


async def test_tries_are_counted_before_anything_is_looked_up(desk: Desk) -> None:
    for _ in range(10):
        assert await desk.enter(password="wrong") == Refused()
    looked = desk.paper.order.count("look")
    assert isinstance(await desk.enter(), Throttled)
    assert desk.paper.order.count("look") == looked
    assert isinstance(await desk.enter("somebody else"), Refused)


# -- one-time codes --------------------------------------------------------------------------------


@given(st.integers(-300, 300), st.integers(0, 2**31))
def test_a_code_is_good_in_its_half_minute_and_in_the_ones_beside_it(
    off_s: int, moment: int
) -> None:
    at = datetime.fromtimestamp(moment + 600, UTC)
    shown = at + timedelta(seconds=off_s)
    code = pyotp.TOTP(SECRET).at(shown)
    steps = int(shown.timestamp()) // STEP_S - int(at.timestamp()) // STEP_S
    found = step_of(SECRET, code, at)
    if abs(steps) <= 1:
        assert found is not None
    if found is not None:  # now and then another half minute has the same code
        assert pyotp.HOTP(SECRET).at(found) == code
        assert abs(found - int(at.timestamp()) // STEP_S) <= 1


@given(st.text(max_size=12))
def test_whatever_is_typed_as_a_code_is_judged(typed: str) -> None:
    step = step_of(SECRET, typed, NOON)
    assert step is None or pyotp.HOTP(SECRET).at(step) == "".join(typed.split())


def test_a_code_may_be_typed_with_a_space() -> None:
    code = pyotp.TOTP(SECRET).at(NOON)
    assert step_of(SECRET, f" {code[:3]} {code[3:]} ", NOON) is not None


# -- passwords, logins, tokens ---------------------------------------------------------------------


@given(st.text(max_size=40))
async def test_a_password_fits_itself_however_the_keyboard_writes_it(password: str) -> None:
    passwords = Passwords(passes=1, memory_kib=8)
    kept = await passwords.hash(password.encode("utf-8", "ignore").decode())
    assert await passwords.fits(kept, password.encode("utf-8", "ignore").decode())
    assert not await passwords.fits(kept, password + "x")
    assert not await passwords.fits(None, password)


async def test_two_ways_to_write_an_umlaut_are_one_password() -> None:
    passwords = Passwords(passes=1, memory_kib=8)
    assert await passwords.fits(await passwords.hash("Tür" * 4), "Tu\u0308r" * 4)


@pytest.mark.parametrize("wrong", ["", "\udcff", "x" * 100_000])
async def test_no_strange_text_is_a_password(wrong: str) -> None:
    passwords = Passwords(passes=1, memory_kib=8)
    assert not await passwords.fits(await passwords.hash(PASSWORD), wrong)


@given(st.text(max_size=80))
def test_a_login_has_one_form_or_is_refused(text: str) -> None:
    try:
        login = checked_login(text)
    except WrongAccount:
        return
    assert login == checked_login(login) == login.lower()
    assert login.isascii()


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\x00b", "a\u202eb"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(WrongAccount):
        checked_name(name)


def test_what_a_form_carries_is_the_sessions_own_and_tells_nothing_of_its_token() -> None:
    one, other = new_token(), new_token()
    assert csrf_of(one) == csrf_of(one) != csrf_of(other)
    assert len({csrf_of(one), session_name(one), one}) == 3


@given(
    st.fixed_dictionaries({}, optional={k: st.text() for k in ("account", "call", "day", "before")})
)
def test_whatever_stands_in_an_address_is_looked_for_or_refused(query: dict[str, str]) -> None:
    try:
        wanted = Search.of(query).wanted(ZONE)
    except ProtocolError:
        return
    assert wanted.account is None or len(wanted.account) == 32
