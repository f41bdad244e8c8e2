"""The ledger's heads are timestamped by an authority, and by nothing that only looks like one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from cryptography import x509
from sqlalchemy import select, update
from structlog.testing import capture_logs

from tests.authority import Authority, serving
from tests.databases import ON_SQLITE, address, database, file, kind
from tests.evidence import exhibit
from tests.storage.ledgers import Books
from tests.test_notices import configured
from voice_agent.errors import ConfigurationError
from voice_agent.evidence import timestamp
from voice_agent.evidence.bundle import read, write
from voice_agent.evidence.checking import check
from voice_agent.evidence.container import pack, unpack
from voice_agent.storage.database import Database
from voice_agent.storage.proving import collect
from voice_agent.storage.tables import tree_heads
from voice_agent.storage.verification import Against
from voice_agent.timestamps import HeadTimestamps

__all__ = ["address", "database", "file", "kind"]

pytestmark = pytest.mark.integration  # a real authority on a real socket


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def books(database: Database) -> Books:
    books = Books.of(database)
    await books.fill()
    return books


def now() -> datetime:
    return datetime.now(UTC)


def stamps(
    books: Books,
    url: str,
    authority: Authority,
    clock: Callable[[], datetime] = now,
    answer_limit: float = 10.0,
) -> HeadTimestamps:
    return HeadTimestamps(books.database, url, authority.roots, clock, answer_limit)


async def stamped(books: Books) -> list[int]:
    """Sizes of the heads that have a timestamp."""
    async with books.database.begin() as connection:
        wanted = select(tree_heads.c.size).where(tree_heads.c.timestamp_token.is_not(None))
        return list((await connection.scalars(wanted.order_by(tree_heads.c.size))).all())


async def verified(books: Books, authority: Authority) -> tuple[int, list[str]]:
    found = await books.verify(against=Against(roots=authority.roots))
    return found.timestamps, found.faults


async def test_c15_the_newest_head_is_timestamped_and_the_timestamp_verified(
    books: Books, authority: Authority
) -> None:
    with serving(lambda query: (200, authority.answer(query))) as url:
        assert await stamps(books, url, authority).stamp() is True
    assert await stamped(books) == [7]
    assert await verified(books, authority) == (1, [])


@ON_SQLITE
async def test_a_head_is_timestamped_once_and_another_an_hour_later(
    books: Books, authority: Authority
) -> None:
    asked: list[bytes] = []
    later = timedelta(minutes=50)

    def reply(query: bytes) -> tuple[int, bytes]:
        asked.append(query)
        return 200, authority.answer(query)

    with serving(reply) as url:
        ours = stamps(books, url, authority, lambda: now() + later)
        assert await ours.stamp() is True
        assert await ours.stamp() is False
        await books.give(8)
        assert await ours.stamp() is False
        later = timedelta(minutes=61)
        assert await ours.stamp() is True
        assert await ours.stamp() is False
    assert (await stamped(books), len(asked)) == ([7, 8], 2)


@ON_SQLITE
async def test_an_empty_ledger_is_not_timestamped(database: Database, authority: Authority) -> None:
    nobody = HeadTimestamps(database, "http://127.0.0.1:9/", authority.roots, now)
    assert await nobody.stamp() is False


@ON_SQLITE
async def test_the_authority_is_told_a_hash_and_nothing_else(
    books: Books, authority: Authority
) -> None:
    asked: list[bytes] = []

    def reply(query: bytes) -> tuple[int, bytes]:
        asked.append(query)
        return 500, b""

    with serving(reply) as url:
        await stamps(books, url, authority).stamp()
    assert len(asked[0]) < 100
    assert b"CA" not in asked[0]


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Another authority, which is not pinned."""
    return Authority(tmp_path_factory.mktemp("stranger"))


def other_nonce(query: bytes) -> bytes:
    """The same hash, asked by somebody else: a nonce of their own."""
    imprint = 5  # behind the outer header and the version; every length here has one byte
    nonce = imprint + 2 + query[imprint + 1]
    assert (query[imprint], query[nonce]) == (0x30, 0x02), "no request of the known shape"
    changed = bytearray(query)
    changed[nonce + 1 + query[nonce + 1]] ^= 1  # its last byte
    return bytes(changed)


def wrong_answers(ours: Authority, other: Authority, query: bytes) -> dict[str, tuple[int, bytes]]:
    """What an authority may answer instead."""
    return {
        "refused": (503, b""),
        "redirected": (302, b""),
        "garbage": (200, b"\x30\x82garbage"),
        "empty": (200, b""),
        "page": (200, b"<html>"),
        "endless": (200, b"\x30" * 10**6),
        "rejection": (200, ours.answer(b"\x30\x00")),
        "stranger": (200, other.answer(query)),
        "hash": (200, ours.answer(timestamp.request(b"something else").as_bytes())),
        "nonce": (200, ours.answer(other_nonce(query))),
        "cut": (200, ours.answer(query)[:-1]),
    }


UNAVAILABLE = ("refused", "redirected")
WRONG = "garbage empty page endless rejection stranger hash nonce cut".split()


@ON_SQLITE
@pytest.mark.parametrize("name", [*UNAVAILABLE, *WRONG])
async def test_a_wrong_answer_is_not_kept_and_told_once(
    books: Books, authority: Authority, stranger: Authority, name: str
) -> None:
    code = "timestamp_unavailable" if name in UNAVAILABLE else "timestamp_wrong"

    def wrong(query: bytes) -> tuple[int, bytes]:
        return wrong_answers(authority, stranger, query)[name]

    with serving(wrong) as url, capture_logs() as logs:
        ours = stamps(books, url, authority)
        assert [await ours.stamp() for _ in range(3)] == [False] * 3
    assert await stamped(books) == []
    events = [(each["event"], each["code"]) for each in logs]
    assert events == [("head_not_timestamped", code)]
    await books.give(8)  # the ledger goes on
    assert (await books.verify()).faults == []


@ON_SQLITE
async def test_an_authority_that_is_down_or_slow_is_told_once_and_tried_again(
    books: Books, authority: Authority
) -> None:
    leave = Event()

    def slow(query: bytes) -> tuple[int, bytes]:
        leave.wait(20)
        return 200, authority.answer(query)

    with capture_logs() as logs:
        down = stamps(books, "http://127.0.0.1:9/", authority)
        assert [await down.stamp() for _ in range(2)] == [False] * 2
        with serving(slow) as url:
            assert await stamps(books, url, authority, answer_limit=0.1).stamp() is False
            leave.set()
    assert [each["code"] for each in logs] == ["timestamp_unavailable"] * 2
    with serving(lambda query: (200, authority.answer(query))) as url:
        assert await stamps(books, url, authority).stamp() is True


@ON_SQLITE
async def test_a_timestamp_from_the_future_is_not_kept(books: Books, authority: Authority) -> None:
    with serving(lambda query: (200, authority.answer(query))) as url:
        early = stamps(books, url, authority, lambda: now() - timedelta(hours=2))
        assert await early.stamp() is False
    assert await stamped(books) == []


async def test_of_two_workers_at_once_one_timestamp_stays(
    books: Books, authority: Authority
) -> None:
    with serving(lambda query: (200, authority.answer(query))) as url:
        done = [await stamps(books, url, authority).stamp()]
        done += await asyncio.gather(*(stamps(books, url, authority).stamp() for _ in range(2)))
    assert done == [True, False, False]
    assert await verified(books, authority) == (1, [])


async def test_c15_a_changed_timestamp_is_found_and_named(
    books: Books, authority: Authority
) -> None:
    with serving(lambda query: (200, authority.answer(query))) as url:
        await stamps(books, url, authority).stamp()
    async with books.database.begin() as connection:
        token = await connection.scalar(
            select(tree_heads.c.timestamp_token).where(tree_heads.c.size == 7)
        )
        assert token is not None
        for size, wrong in ((7, token[:-9]), (6, token)):
            await connection.execute(
                update(tree_heads).where(tree_heads.c.size == size).values(timestamp_token=wrong)
            )
    count, faults = await verified(books, authority)
    assert count == 0
    assert [fault[:22] for fault in faults] == ["head 6: its timestamp:", "head 7: its timestamp:"]


@ON_SQLITE
async def test_c15_without_a_certificate_a_timestamp_counts_as_not_checked(
    books: Books, authority: Authority
) -> None:
    with serving(lambda query: (200, authority.answer(query))) as url:
        await stamps(books, url, authority).stamp()
    found = await books.verify()
    assert (found.timestamps, found.unchecked_timestamps, found.faults) == (0, 1, [])
    assert found.newest_timestamp is None
    checked = await books.verify(against=Against(roots=authority.roots))
    assert checked.newest_timestamp is not None
    assert (checked.unchecked_timestamps, checked.newest_timestamp[0]) == (0, 7)


async def test_c15_without_a_certificate_it_is_still_seen_what_a_timestamp_is_about(
    books: Books, authority: Authority
) -> None:
    with serving(lambda query: (200, authority.answer(query))) as url:
        await stamps(books, url, authority).stamp()
    async with books.database.begin() as connection:
        token = await connection.scalar(
            select(tree_heads.c.timestamp_token).where(tree_heads.c.size == 7)
        )
        for size, wrong in ((6, token), (5, b"garbage")):
            await connection.execute(
                update(tree_heads).where(tree_heads.c.size == size).values(timestamp_token=wrong)
            )
    assert (await books.verify()).faults == [
        "head 5: its timestamp: this is no timestamp",
        "head 6: its timestamp: the timestamp is one of something else",
    ]


@ON_SQLITE
async def test_c13_a_bundle_holds_the_timestamp_and_the_certificate_it_is_verified_with(
    books: Books, authority: Authority, stranger: Authority
) -> None:
    with serving(lambda query: (200, authority.answer(query))) as url:
        await stamps(books, url, authority).stamp()
    held = await books.archive.held("CA0")
    assert held is not None
    roots: tuple[x509.Certificate, ...] = (*stranger.roots, *authority.roots)
    made, _ = await collect(books.archive, books.notices, held, roots)
    found = check(read(write(made)))
    assert found.faults == []
    assert found.timestamped_at is not None
    assert abs(found.timestamped_at - now()) < timedelta(minutes=5)
    assert found.authority == timestamp.fingerprint(authority.roots[0])
    without, _ = await collect(books.archive, books.notices, held, stranger.roots)
    assert without.token is None  # nobody could verify it
    assert (
        "timestamp.tsr" in check(replace(made, authority=without.authority)).faults
        or check(replace(made, authority=timestamp.written(stranger.roots[0]))).faults
    )
    assert check(without).faults == []
    unproved = replace(made, authority=None)
    assert (check(unproved).faults, check(unproved).timestamped_at) == ([], None)
    moved = replace(unproved, head=made.head.replace(b'"size":7', b'"size":8'))
    assert "timestamp.tsr: the timestamp is one of something else" in check(moved).faults


@ON_SQLITE
async def test_c13_a_byte_of_a_timestamp_that_is_changed_is_noticed_or_changes_nothing(
    books: Books, authority: Authority
) -> None:
    """Some bytes of the format mean nothing; whatever means something is signed."""
    with serving(lambda query: (200, authority.answer(query))) as url:
        await stamps(books, url, authority).stamp()
    held = await books.archive.held("CA0")
    assert held is not None
    made, _ = await collect(books.archive, books.notices, held, authority.roots)
    files, right = unpack(write(made)), check(made)
    noticed = 0
    for name in ("timestamp.tsr", "timestamp.pem"):
        for at in range(len(files[name])):
            changed = bytearray(files[name])
            changed[at] ^= 1
            found = check(read(pack(files | {name: bytes(changed)})))
            noticed += not found.is_right
            if found.is_right:
                assert (found.timestamped_at, found.authority) == (
                    right.timestamped_at,
                    right.authority,
                )
            else:
                assert found.faults[0].startswith("timestamp.")
    assert noticed > 0.97 * (len(files["timestamp.tsr"]) + len(files["timestamp.pem"]))


def test_certificates_that_cannot_be_read_are_told_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="timestamp_certificate"):
        timestamp.load_roots(tmp_path / "none.pem")
    (tmp_path / "wrong.pem").write_text("nothing")
    with pytest.raises(ConfigurationError, match="root certificate"):
        timestamp.load_roots(tmp_path / "wrong.pem")
    assert timestamp.load_roots(None) == ()


def test_c13_a_bundle_with_half_a_timestamp_is_refused() -> None:
    made = exhibit.bundle()
    files = unpack(write(made)) | {"timestamp.tsr": b"x"}
    with pytest.raises(Exception, match="one of them is missing"):
        read(pack(files))


HALF = {"timestamp_authority": "https://timestamp.example/tsr"}


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        (HALF, "set together"),
        ({"timestamp_certificate": "ca.pem"}, "set together"),
        ({"timestamp_authority": "ftp://timestamp.example"}, "timestamp_authority"),
        ({"timestamp_authority": "https://a b"}, "timestamp_authority"),
    ],
)
def test_an_authority_and_its_certificate_are_configured_together(
    ledger: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        configured(ledger=ledger)


def test_the_certificate_lies_beside_the_configuration() -> None:
    assert configured().ledger.certificate(Path("/etc/agent")) is None
    both = configured(ledger=HALF | {"timestamp_certificate": "ca.pem"}).ledger
    assert both.certificate(Path("/etc/agent")) == Path("/etc/agent/ca.pem")
