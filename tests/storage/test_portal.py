from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from voice_agent.keyring import KeyRing, SealDamaged
from voice_agent.runtime.portal import (
    CODE_LIFETIME,
    CODE_PAUSE,
    LINK_LIFETIME,
    MOST_CODES,
    MOST_TRIES,
    SESSION_LIFETIME,
    CodeCheck,
    CodeSetting,
    Refusal,
)
from voice_agent.runtime.records import RecordsUnavailable, UnknownCall
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.database import Database
from voice_agent.storage.portal import SqlPortalLinks
from voice_agent.storage.tables import data_keys, portal_links, sealed_numbers

pytestmark = pytest.mark.integration  # a real database

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)
NUMBER = "+4915112345678"
SECRET = "s" * 43
CODE = "012345"


@pytest.fixture
async def links(database: Database) -> SqlPortalLinks:
    """Links of twenty calls, ``CA0`` to ``CA19``."""
    book = SqlCallBook(database)
    for number in range(20):
        await book.begin(f"CA{number}", "de", NOON)
    return SqlPortalLinks(database, KeyRing([b"r" * 32]))


async def entered(links: SqlPortalLinks, call_id: str = "CA1", secret: str = SECRET) -> str:
    """Make a link and open its session at noon; the token."""
    token = await links.mint(call_id, "de", NUMBER, NOON)
    assert await links.exchange(token, secret, NOON) is None
    return token


# -- the link --------------------------------------------------------------------------------------


async def test_c21_a_token_has_128_bits_and_only_its_hash_is_kept(
    links: SqlPortalLinks, database: Database
) -> None:
    tokens = {await links.mint(f"CA{number}", "de", NUMBER, NOON) for number in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {22}
    async with database.begin() as connection:
        kept = (await connection.execute(select(portal_links))).all()
        sealed = (await connection.execute(select(sealed_numbers))).all()
    assert not any(token in str(row) for token in tokens for row in kept)
    assert NUMBER[1:] not in str(sealed)  # C17


async def test_c21_a_link_is_exchanged_once(links: SqlPortalLinks) -> None:
    token = await entered(links)
    assert await links.exchange(token, "o" * 43, NOON) is Refusal.USED
    visit = await links.visit(SECRET, NOON)
    assert visit is not None
    assert (visit.call_id, visit.language) == ("CA1", "de")
    assert await links.visit("o" * 43, NOON) is None


async def test_c21_of_several_exchanges_at_once_one_wins(links: SqlPortalLinks) -> None:
    token = await links.mint("CA1", "de", NUMBER, NOON)
    session = [secrets.token_urlsafe(32) for _ in range(8)]
    outcomes = await asyncio.gather(*(links.exchange(token, each, NOON) for each in session))
    assert sorted(map(str, outcomes)) == ["None"] + ["used"] * 7
    alive = [await links.visit(each, NOON) is not None for each in session]
    assert alive == [outcome is None for outcome in outcomes]


async def test_a_double_click_of_the_same_page_is_answered_as_the_first_time(
    links: SqlPortalLinks,
) -> None:
    token = await links.mint("CA1", "de", NUMBER, NOON)
    assert (
        await asyncio.gather(*(links.exchange(token, SECRET, NOON) for _ in range(4))) == [None] * 4
    )


async def test_c21_a_link_holds_24_hours(links: SqlPortalLinks) -> None:
    late = await links.mint("CA1", "de", NUMBER, NOON)
    just = await links.mint("CA2", "de", NUMBER, NOON)
    assert await links.exchange(late, SECRET, NOON + LINK_LIFETIME) is Refusal.EXPIRED
    assert await links.exchange(just, SECRET, NOON + LINK_LIFETIME - MOMENT) is None


@pytest.mark.parametrize("wrong", ["", "x", "\x00", "\ud800", "ü" * 10_000, "' or 1=1 --"])
async def test_c21_a_wrong_token_session_or_code_opens_nothing(
    links: SqlPortalLinks, wrong: str
) -> None:
    token = await entered(links)
    assert await links.exchange(wrong, SECRET, NOON) is Refusal.UNKNOWN
    assert await links.exchange(token[:-1], SECRET, NOON) is Refusal.UNKNOWN
    assert await links.visit(wrong, NOON) is None
    assert await links.check_code(SECRET, wrong, NOON) is CodeCheck.MISSING
    await links.set_code(SECRET, CODE, NOON)
    assert await links.check_code(SECRET, wrong, NOON) is CodeCheck.WRONG
    assert await links.check_code(wrong, CODE, NOON) is CodeCheck.MISSING


async def test_c20_no_link_is_made_of_a_call_that_is_not_there(
    links: SqlPortalLinks, database: Database
) -> None:
    """It was erased a moment ago, or never began: neither number nor key is written down."""
    with pytest.raises(UnknownCall):
        await links.mint("CA20", "de", NUMBER, NOON)
    async with database.begin() as connection:
        for table in (portal_links, sealed_numbers, data_keys):
            assert (await connection.execute(select(table))).all() == []


async def test_a_message_that_was_not_sent_leaves_neither_link_nor_number(
    links: SqlPortalLinks,
) -> None:
    token = await links.mint("CA1", "de", NUMBER, NOON)
    await links.drop("CA1")
    assert await links.exchange(token, SECRET, NOON) is Refusal.UNKNOWN
    assert await links.number("CA1", NOON) is None


# -- the session -----------------------------------------------------------------------------------


async def test_a_session_ends_half_an_hour_after_its_last_use(links: SqlPortalLinks) -> None:
    await entered(links)
    now = NOON
    for _ in range(4):
        now += SESSION_LIFETIME - MOMENT
        assert await links.visit(SECRET, now) is not None
    assert await links.visit(SECRET, now + SESSION_LIFETIME) is None


async def test_c21_no_session_outlives_its_link(links: SqlPortalLinks) -> None:
    token = await links.mint("CA1", "de", NUMBER, NOON)
    end = NOON + LINK_LIFETIME
    assert await links.exchange(token, SECRET, end - timedelta(minutes=1)) is None
    assert await links.visit(SECRET, end - MOMENT) is not None
    assert await links.visit(SECRET, end) is None


async def test_a_session_that_has_ended_is_not_opened_again(links: SqlPortalLinks) -> None:
    token = await entered(links)
    later = NOON + SESSION_LIFETIME
    assert await links.exchange(token, SECRET, later) is Refusal.USED
    assert await links.set_code(SECRET, CODE, later) is CodeSetting.TOO_MANY


# -- the number ------------------------------------------------------------------------------------


async def test_c17_the_number_is_sealed_and_gone_with_the_link(
    links: SqlPortalLinks, database: Database
) -> None:
    await entered(links)
    assert await links.number("CA1", NOON) == NUMBER
    assert await links.number("CA2", NOON) is None
    assert await links.number("CA1", NOON + LINK_LIFETIME) is None
    await links.mint("CA2", "de", NUMBER, NOON + LINK_LIFETIME)
    async with database.begin() as connection:
        assert (await connection.scalars(select(sealed_numbers.c.call_id))).all() == ["CA2"]
        assert (await connection.scalars(select(portal_links.c.call_id))).all() == ["CA2"]


async def test_c17_a_number_opens_under_its_own_call_only(
    links: SqlPortalLinks, database: Database
) -> None:
    await links.mint("CA1", "de", NUMBER, NOON)
    await links.mint("CA2", "de", NUMBER + "9", NOON)
    async with database.begin() as connection:
        sealed = await connection.scalar(
            select(sealed_numbers.c.sealed).where(sealed_numbers.c.call_id == "CA1")
        )
        await connection.execute(
            sealed_numbers.update().where(sealed_numbers.c.call_id == "CA2").values(sealed=sealed)
        )
    with pytest.raises(SealDamaged):
        await links.number("CA2", NOON)


# -- the one-time code -----------------------------------------------------------------------------


async def test_c21_a_right_code_verifies_once(links: SqlPortalLinks) -> None:
    await entered(links)
    assert await links.set_code(SECRET, CODE, NOON) is CodeSetting.SET
    outcomes = await asyncio.gather(*(links.check_code(SECRET, CODE, NOON) for _ in range(4)))
    assert sorted(outcomes) == [CodeCheck.MISSING] * 3 + [CodeCheck.RIGHT]
    visit = await links.visit(SECRET, NOON)
    assert visit is not None
    assert visit.verified_at == NOON


async def test_c21_a_code_holds_ten_minutes(links: SqlPortalLinks) -> None:
    await entered(links)
    await links.set_code(SECRET, CODE, NOON)
    assert await links.check_code(SECRET, CODE, NOON + CODE_LIFETIME) is CodeCheck.EXPIRED
    assert await links.check_code(SECRET, CODE, NOON + CODE_LIFETIME - MOMENT) is CodeCheck.RIGHT


async def test_c21_after_five_tries_the_right_code_is_wrong_as_well(
    links: SqlPortalLinks,
) -> None:
    await entered(links)
    await links.set_code(SECRET, CODE, NOON)
    tries = [await links.check_code(SECRET, f"{number:06d}", NOON) for number in range(MOST_TRIES)]
    assert tries == [CodeCheck.WRONG] * 4 + [CodeCheck.SPENT]
    assert await links.check_code(SECRET, CODE, NOON) is CodeCheck.SPENT
    assert await links.set_code(SECRET, CODE, NOON + CODE_PAUSE) is CodeSetting.SET
    assert await links.check_code(SECRET, CODE, NOON + CODE_PAUSE) is CodeCheck.RIGHT


async def test_c21_guesses_at_once_are_counted_one_by_one(links: SqlPortalLinks) -> None:
    await entered(links)
    await links.set_code(SECRET, CODE, NOON)
    guesses = [f"{number:06d}" for number in range(20)]
    outcomes = await asyncio.gather(*(links.check_code(SECRET, each, NOON) for each in guesses))
    assert outcomes.count(CodeCheck.WRONG) == MOST_TRIES - 1
    assert outcomes.count(CodeCheck.RIGHT) == 0


async def test_c21_a_session_has_three_codes(links: SqlPortalLinks) -> None:
    await entered(links)
    now = NOON
    for _ in range(MOST_CODES):
        assert await links.set_code(SECRET, CODE, now) is CodeSetting.SET
        assert await links.set_code(SECRET, CODE, now) is CodeSetting.RECENT
        now += CODE_PAUSE
    assert await links.set_code(SECRET, CODE, now) is CodeSetting.TOO_MANY


async def test_c21_a_new_code_takes_the_place_of_the_last(links: SqlPortalLinks) -> None:
    await entered(links)
    await links.set_code(SECRET, CODE, NOON)
    await links.set_code(SECRET, "999999", NOON + CODE_PAUSE)
    assert await links.check_code(SECRET, CODE, NOON + CODE_PAUSE) is CodeCheck.WRONG
    assert await links.check_code(SECRET, "999999", NOON + CODE_PAUSE) is CodeCheck.RIGHT


async def test_a_code_that_was_not_sent_is_forgotten_but_counted(links: SqlPortalLinks) -> None:
    await entered(links)
    for _ in range(MOST_CODES):
        assert await links.set_code(SECRET, CODE, NOON) is CodeSetting.SET
        await links.drop_code(SECRET)
        assert await links.check_code(SECRET, CODE, NOON) is CodeCheck.MISSING
    assert await links.set_code(SECRET, CODE, NOON) is CodeSetting.TOO_MANY


async def test_c21_a_code_is_of_no_use_in_another_session(
    links: SqlPortalLinks, database: Database
) -> None:
    """Nor does the database show it, though it has only six digits."""
    await entered(links)
    await entered(links, "CA2", "o" * 43)
    await links.set_code(SECRET, CODE, NOON)
    await links.set_code("o" * 43, "999999", NOON)
    assert await links.check_code("o" * 43, CODE, NOON) is CodeCheck.WRONG
    async with database.begin() as connection:
        macs = (await connection.scalars(select(portal_links.c.code_mac))).all()
    assert len(set(macs)) == 2
    assert not any(CODE in str(mac) for mac in macs)


# -- without the database --------------------------------------------------------------------------


async def test_without_its_tables_every_step_says_so(
    links: SqlPortalLinks, database: Database
) -> None:
    token = await entered(links)
    async with database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE portal_links RENAME TO gone")
        await connection.exec_driver_sql("ALTER TABLE sealed_numbers RENAME TO gone_too")
    for step in (
        links.mint("CA3", "de", NUMBER, NOON),
        links.drop("CA1"),
        links.exchange(token, SECRET, NOON),
        links.visit(SECRET, NOON),
        links.number("CA1", NOON),
        links.set_code(SECRET, CODE, NOON),
        links.drop_code(SECRET),
        links.check_code(SECRET, CODE, NOON),
    ):
        with pytest.raises(RecordsUnavailable):
            await step


async def test_a_link_is_made_whole_or_not_at_all(
    links: SqlPortalLinks, database: Database
) -> None:
    async with database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE portal_links RENAME TO gone")
        await connection.exec_driver_sql("CREATE TABLE portal_links (expires_at TEXT)")
    with pytest.raises(RecordsUnavailable):
        await links.mint("CA1", "de", NUMBER, NOON)
    async with database.begin() as connection:
        assert (await connection.scalars(select(sealed_numbers.c.call_id))).all() == []
