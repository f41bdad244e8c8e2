from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from voice_agent.keyring import KeyMissing, KeyRing, SealDamaged
from voice_agent.live.snapshot import call_key
from voice_agent.retention import load_retention
from voice_agent.runtime.accounts import (
    IDLE,
    LONGEST,
    Account,
    LoginTaken,
    NoAccount,
    Secrets,
    Wanted,
    session_name,
)
from voice_agent.runtime.place import Subject
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.access_log import ConsolePlace, SqlAccessLog
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.database import Database
from voice_agent.storage.operators import SqlAccounts, SqlSessions
from voice_agent.storage.retention import Retention
from voice_agent.storage.rotation import Rotation
from voice_agent.storage.tables import access_log, data_keys, operator_sessions, operators

pytestmark = pytest.mark.integration  # a real database

CONFIG = Path(__file__).parents[2] / "config"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)
KEYS = KeyRing([b"r" * 32])
KEPT = Secrets(password_hash="$argon2id$made-up", totp_secret="JBSWY3DPEHPK3PXP")
ANNA = Account(
    account="a" * 32,
    login="anna",
    name="Anna Beispiel",
    role="operator",
    language="de",
    locked=False,
    created_at=NOON,
    used_at=NOON,
)


@pytest.fixture
async def accounts(database: Database) -> SqlAccounts:
    """Accounts, of which one is Anna's."""
    accounts = SqlAccounts(database, KEYS)
    assert not await accounts.any()
    await accounts.add(ANNA, KEPT)
    return accounts


@pytest.fixture
async def sessions(database: Database, accounts: SqlAccounts) -> SqlSessions:
    """Who is signed in: nobody yet."""
    del accounts
    return SqlSessions(database)


async def test_an_account_is_found_as_it_was_written(accounts: SqlAccounts) -> None:
    assert await accounts.any()
    assert await accounts.find("anna") == ANNA
    assert await accounts.find("berta") is None
    assert await accounts.all() == [ANNA]
    assert await accounts.secrets("anna") == (ANNA, KEPT)
    assert await accounts.secrets("nobody") is None


async def test_of_two_accounts_with_one_login_one_is_made(accounts: SqlAccounts) -> None:
    async def add(number: int) -> str:
        account = replace(ANNA, account=f"{number:032x}", login="berta")
        try:
            await accounts.add(account, KEPT)
        except (LoginTaken, RecordsUnavailable) as fault:
            return fault.code
        return "made"

    made = await asyncio.gather(*(add(number) for number in range(4)))
    assert made.count("made") == 1
    with pytest.raises(LoginTaken):
        await accounts.add(replace(ANNA, account="b" * 32), KEPT)


async def test_the_secret_of_codes_opens_with_the_key_and_in_its_place_alone(
    database: Database, accounts: SqlAccounts
) -> None:
    with pytest.raises(KeyMissing):
        await SqlAccounts(database, KeyRing([b"x" * 32])).secrets("anna")
    await accounts.add(replace(ANNA, account="b" * 32, login="berta"), KEPT)
    async with database.begin() as connection:
        sealed = select(operators.c.sealed_totp).where(operators.c.login == "anna")
        moved = await connection.scalar(sealed)
        await connection.execute(
            update(operators).where(operators.c.login == "berta").values(sealed_totp=moved)
        )
    with pytest.raises(SealDamaged):
        await accounts.secrets("berta")


async def test_c17_a_new_record_key_takes_the_secrets_along(
    database: Database, accounts: SqlAccounts
) -> None:
    assert await accounts.any()
    both = KeyRing([b"n" * 32, b"r" * 32])
    assert (await Rotation(database, both, Pseudonyms([b"k" * 32])).rewrap()).done == 1
    assert await SqlAccounts(database, KeyRing([b"n" * 32])).secrets("anna") == (ANNA, KEPT)


async def test_a_reset_replaces_the_secrets_and_their_key(
    database: Database, accounts: SqlAccounts
) -> None:
    async def key() -> object:
        async with database.begin() as connection:
            wanted = select(data_keys.c.wrapped).where(data_keys.c.call_id == ANNA.account)
            return (await connection.execute(wanted)).scalar_one()

    before = await key()
    other = Secrets(password_hash="$argon2id$other", totp_secret="KRSXG5CTMVRXEZLU")
    await accounts.reset(ANNA.account, other, NOON)
    assert await accounts.secrets("anna") == (ANNA, other)
    assert await key() != before


async def test_an_account_that_is_not_there_cannot_be_changed(
    database: Database, accounts: SqlAccounts
) -> None:
    for change in (
        accounts.lock("f" * 32, locked=True),
        accounts.change_role("f" * 32, "viewer"),
        accounts.reset("f" * 32, KEPT, NOON),
    ):
        with pytest.raises(NoAccount):
            await change
    async with database.begin() as connection:
        assert len((await connection.execute(select(data_keys))).all()) == 1


# -- sessions --------------------------------------------------------------------------------------


async def test_a_session_ends_after_half_an_hour_or_ten_hours(sessions: SqlSessions) -> None:
    assert await sessions.begin(ANNA, KEPT, 1, "t", NOON)
    assert await sessions.use("t", NOON + IDLE - MOMENT)
    at = NOON + IDLE - MOMENT
    assert await sessions.use("t", at + IDLE) is None
    while at < NOON + LONGEST - IDLE:
        at += timedelta(minutes=29)
        assert await sessions.use("t", at) is not None
    assert await sessions.lasts(session_name("t"), NOON + LONGEST - MOMENT)
    assert await sessions.use("t", NOON + LONGEST) is None
    assert not await sessions.lasts(session_name("t"), NOON + LONGEST)


async def test_a_session_is_known_without_being_prolonged(sessions: SqlSessions) -> None:
    assert await sessions.begin(ANNA, KEPT, 1, "t", NOON)
    assert await sessions.use("t", NOON + IDLE - MOMENT, prolongs=False)
    assert await sessions.use("t", NOON + IDLE, prolongs=False) is None
    assert await sessions.use("t", NOON + IDLE) is None


async def test_of_ten_sign_ins_with_one_code_one_begins(sessions: SqlSessions) -> None:
    tokens = [secrets.token_urlsafe() for _ in range(10)]
    begun = await asyncio.gather(*(sessions.begin(ANNA, KEPT, 7, t, NOON) for t in tokens))
    assert begun.count(True) == 1
    alive = [await sessions.use(token, NOON) is not None for token in tokens]
    assert alive == begun
    assert not await sessions.begin(ANNA, KEPT, 6, "an earlier code", NOON)
    assert await sessions.begin(ANNA, KEPT, 8, "a later code", NOON)


async def test_whoever_was_changed_while_they_signed_in_is_not_in(
    accounts: SqlAccounts, sessions: SqlSessions
) -> None:
    await accounts.lock(ANNA.account, locked=True)
    assert not await sessions.begin(ANNA, KEPT, 1, "t", NOON)
    await accounts.lock(ANNA.account, locked=False)
    await accounts.reset(ANNA.account, replace(KEPT, password_hash="other"), NOON)
    assert not await sessions.begin(ANNA, KEPT, 1, "t", NOON)
    assert await sessions.use("t", NOON) is None


@pytest.mark.parametrize("change", ["lock", "role", "reset", "end"])
async def test_a_change_of_the_account_ends_its_sessions_and_no_others(
    accounts: SqlAccounts, sessions: SqlSessions, change: str
) -> None:
    berta = replace(ANNA, account="b" * 32, login="berta")
    await accounts.add(berta, KEPT)
    assert await sessions.begin(ANNA, KEPT, 1, "t", NOON)
    assert await sessions.begin(berta, KEPT, 1, "u", NOON)
    if change == "lock":
        await accounts.lock(ANNA.account, locked=True)
    elif change == "role":
        await accounts.change_role(ANNA.account, "viewer")
    elif change == "reset":
        await accounts.reset(ANNA.account, KEPT, NOON)
    else:
        await sessions.end("t")
    assert await sessions.use("t", NOON) is None
    assert not await sessions.lasts(session_name("t"), NOON)
    assert await sessions.use("u", NOON) is not None


async def test_a_token_is_nowhere_in_the_database(
    database: Database, sessions: SqlSessions
) -> None:
    token = secrets.token_urlsafe()
    assert await sessions.begin(ANNA, KEPT, 1, token, NOON)
    async with database.begin() as connection:
        rows = (await connection.execute(select(operator_sessions))).all()
    assert len(rows) == 1
    assert token not in str(rows)


@pytest.mark.parametrize("wrong", ["", "\x00", "\ud800", "ü" * 10_000, "' or 1=1 --"])
async def test_a_wrong_token_opens_nothing(sessions: SqlSessions, wrong: str) -> None:
    assert await sessions.begin(ANNA, KEPT, 1, "t", NOON)
    assert await sessions.use(wrong, NOON) is None
    await sessions.end(wrong)
    assert await sessions.use("t", NOON) is not None


async def test_c19_a_session_goes_at_its_end_an_account_a_year_after_its_last_use(
    database: Database, accounts: SqlAccounts, sessions: SqlSessions
) -> None:
    assert await sessions.begin(ANNA, KEPT, 1, "t", NOON)
    access = SqlAccessLog(database, lambda: NOON)
    await access.note(ANNA.account, "operator", "sign_in", "")

    async def left(at: datetime) -> tuple[int, int, int, int]:
        archive, table = LedgerArchive(database, KEYS), load_retention(CONFIG)
        await Retention(database, archive, table, lambda: at, has_carrier=False).enforce()
        async with database.begin() as connection:
            found = [
                len((await connection.execute(select(each))).all())
                for each in (operator_sessions, operators, data_keys, access_log)
            ]
        return found[0], found[1], found[2], found[3]

    assert await left(NOON + IDLE - MOMENT) == (1, 1, 1, 1)
    assert await left(NOON + IDLE) == (0, 1, 1, 1)
    assert await left(NOON + timedelta(days=364)) == (0, 1, 1, 1)
    assert await left(NOON + timedelta(days=365)) == (0, 0, 0, 0)
    assert not await accounts.any()


async def test_a_link_to_a_provider_is_one_persons_and_ends_with_a_reset(
    accounts: SqlAccounts, sessions: SqlSessions
) -> None:
    assert await accounts.linked("1" * 64, []) is None
    assert await accounts.linked("1" * 64, ["nobody", "anna"]) == ANNA
    assert await accounts.linked("1" * 64, []) == ANNA
    assert await accounts.linked("2" * 64, ["anna"]) is None
    assert not await sessions.begin_linked(ANNA, "2" * 64, "u", NOON)
    assert await sessions.begin_linked(ANNA, "1" * 64, "t", NOON)
    await accounts.reset(ANNA.account, KEPT, NOON)
    assert await sessions.use("t", NOON) is None
    assert not await sessions.begin_linked(ANNA, "1" * 64, "t", NOON)
    assert await accounts.linked("2" * 64, ["anna"]) == ANNA


# -- the access log --------------------------------------------------------------------------------


async def test_c22_entries_come_newest_first_and_as_they_are_wanted(
    database: Database, accounts: SqlAccounts
) -> None:
    del accounts
    times = iter(NOON + timedelta(hours=number) for number in range(10))
    access = SqlAccessLog(database, lambda: next(times))
    for number in range(4):
        await access.note(ANNA.account, "operator", f"call.{number}", call_key(f"CA{number % 2}"))
    await access.note(None, "", "sign_in.refused", "")

    async def found(**wanted: object) -> list[str]:
        entries = await access.entries(Wanted(**wanted))  # type: ignore[arg-type]  # its fields
        return [entry.action for entry in entries]

    assert await found() == ["sign_in.refused", "call.3", "call.2", "call.1", "call.0"]
    assert await found(account=ANNA.account, most=2) == ["call.3", "call.2"]
    assert await found(object_id=call_key("CA1")) == ["call.3", "call.1"]
    since, until = NOON + timedelta(hours=1), NOON + timedelta(hours=3)
    assert await found(since=since, until=until) == ["call.2", "call.1"]
    (newest, *_) = await access.entries(Wanted(most=1))
    assert await found(before=newest.number, most=1) == ["call.3"]
    assert (newest.account, newest.name, newest.at) == (None, "", NOON + timedelta(hours=4))
    (entry,) = await access.entries(Wanted(before=newest.number, most=1))
    assert entry.name == "Anna Beispiel"


async def test_c20_c22_a_person_is_told_who_looked_by_role_and_the_looks_stay(
    database: Database,
) -> None:
    access = SqlAccessLog(database, lambda: NOON)
    await access.note(ANNA.account, "operator", "call.read", call_key("CA1"))
    await access.note(ANNA.account, "operator", "call.read", call_key("CA2"))
    place, person = (
        ConsolePlace(database),
        Subject(pseudonyms=frozenset(), call_ids=frozenset({"CA1"})),
    )
    (told,) = await place.export(person)
    assert told == {
        "record": "access_log",
        "at": "2026-11-25T12:00:00.000Z",
        "role": "operator",
        "action": "call.read",
        "object_id": call_key("CA1"),
    }
    erased = await place.erase(person, NOON)
    assert (erased.erased, erased.kept, erased.why) == (0, 1, "accountability")
    assert len(await access.entries(Wanted())) == 2


async def test_a_database_that_is_away_says_so(database: Database, accounts: SqlAccounts) -> None:
    async with database.begin() as connection:
        for name in ("access_log", "operator_sessions", "operators"):
            await connection.exec_driver_sql(f"DROP TABLE {name}")
    sessions, access = SqlSessions(database), SqlAccessLog(database, lambda: NOON)
    for work in (
        accounts.any(),
        accounts.secrets("anna"),
        sessions.use("t", NOON),
        sessions.lasts("t", NOON),
        sessions.begin(ANNA, KEPT, 1, "t", NOON),
        access.note(None, "", "sign_in.refused", ""),
        access.entries(Wanted()),
    ):
        with pytest.raises(RecordsUnavailable):
            await work
