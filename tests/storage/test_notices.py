"""Every notice that was ever played is kept, byte for byte."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.evidence import exhibit
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.database import Database
from voice_agent.storage.notices import NoticeArchive, NoticeDamaged
from voice_agent.storage.tables import notice_audio, notices

pytestmark = pytest.mark.integration  # a real database on a real disk

NOON = exhibit.NOON


@pytest.fixture
def archive(database: Database) -> NoticeArchive:
    return NoticeArchive(database)


async def test_c13_a_notice_and_its_audio_come_back_byte_for_byte(archive: NoticeArchive) -> None:
    notice = exhibit.notice()
    await archive.keep(notice, exhibit.audio(), NOON)
    found = await archive.find(notice.version)
    assert found == notice
    assert found is not None
    assert found.canonical() == notice.canonical()
    assert await archive.audio(notice.version) == exhibit.audio()


async def test_c12_every_version_stays(archive: NoticeArchive) -> None:
    first = exhibit.notice()
    second = replace(first, recipients=("Another",))
    await archive.keep(first, exhibit.audio(), NOON)
    await archive.keep(second, exhibit.audio(), NOON + timedelta(days=1))
    assert await archive.versions() == (first.version, second.version)
    assert await archive.find(first.version) == first
    assert await archive.audio(second.version) == exhibit.audio()


async def test_a_version_that_is_there_is_used_again(
    archive: NoticeArchive, database: Database
) -> None:
    later = NOON + timedelta(days=3)
    await archive.keep(exhibit.notice(), exhibit.audio(), NOON)
    await archive.keep(exhibit.notice(), exhibit.audio(), later)
    async with database.begin() as connection:
        row = (await connection.execute(select(notices))).one()
    assert (row.first_used_at, row.last_used_at) == (NOON, later)


async def test_many_workers_that_start_at_once_keep_one(
    archive: NoticeArchive, address: str
) -> None:
    other = Database.open(address)
    both = (archive, NoticeArchive(other))
    await asyncio.gather(
        *(both[n % 2].keep(exhibit.notice(), exhibit.audio(), NOON) for n in range(8))
    )
    await other.close()
    assert await archive.versions() == (exhibit.notice().version,)
    assert await archive.audio(exhibit.notice().version) == exhibit.audio()


async def test_an_unknown_version_is_none_and_has_no_audio(archive: NoticeArchive) -> None:
    assert await archive.find("ab" * 32) is None
    assert await archive.audio("ab" * 32) == {}


async def test_recordings_that_the_notice_does_not_name_are_refused(
    archive: NoticeArchive,
) -> None:
    first, second = exhibit.audio().items()
    for audio in ({}, dict([first]), {first[0]: second[1], second[0]: first[1]}):
        with pytest.raises(ValueError, match="recordings"):
            await archive.keep(exhibit.notice(), audio, NOON)
    assert await archive.versions() == ()


async def test_c13_a_changed_notice_is_noticed(archive: NoticeArchive, database: Database) -> None:
    notice = exhibit.notice()
    await archive.keep(notice, exhibit.audio(), NOON)
    wrong = bytearray(notice.canonical())
    wrong[100] ^= 1
    async with database.begin() as connection:
        await connection.execute(update(notices).values(content=bytes(wrong)))
        await connection.execute(update(notice_audio).values(wav=exhibit.sound(3)))
    with pytest.raises(NoticeDamaged):
        await archive.find(notice.version)
    with pytest.raises(NoticeDamaged):
        await archive.audio(notice.version)


async def test_a_database_that_is_damaged_is_told(damaged: Path) -> None:
    away = Database.open(f"sqlite+aiosqlite:///{damaged}")
    with pytest.raises(RecordsUnavailable):
        await NoticeArchive(away).find("ab" * 32)
    await away.close()
