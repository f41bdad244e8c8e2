"""Every notice that was ever played, word for word and sound for sound (C12, C13)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.notice import Notice
from voice_agent.errors import ConfigurationError, VoiceAgentError
from voice_agent.recordings import Recordings
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.database import FAULTS, Database
from voice_agent.storage.tables import notice_audio, notices
from voice_agent.texts import Texts


class NoticeDamaged(VoiceAgentError):
    """A kept notice is not the one its version names."""

    code = "notice_damaged"


class NoticeArchive:
    """Keeps notices by their version. Every method may raise ``RecordsUnavailable``.

    Args:
        database: where they lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, notice: Notice, audio: Mapping[str, bytes], at: datetime) -> None:
        """Keep a notice and its recordings; a version that is there already is only used again.

        Args:
            notice: the notice, its audio named in it.
            audio: WAV files by their SHA-256, hex; those the notice names.
            at: now.

        Raises:
            ValueError: the recordings are not those that the notice names.
        """
        if set(audio) != set(notice.audio.values()) or any(
            hashlib.sha256(wav).hexdigest() != name for name, wav in audio.items()
        ):
            raise ValueError("these are not the recordings that the notice names")
        version = notice.version
        again = update(notices).where(notices.c.version == version).values(last_used_at=at)
        try:
            async with self._transaction() as connection:
                if (await connection.execute(again)).rowcount:
                    return
                row = {
                    "version": version,
                    "content": notice.canonical(),
                    "first_used_at": at,
                    "last_used_at": at,
                }
                await connection.execute(insert(notices).values(row))
                wavs = [
                    {"version": version, "sha256": name, "wav": wav} for name, wav in audio.items()
                ]
                if wavs:
                    await connection.execute(insert(notice_audio), wavs)
        except IntegrityError:  # another worker keeps it at this moment
            async with self._transaction() as connection:
                await connection.execute(again)

    async def find(self, version: str) -> Notice | None:
        """The notice of this version.

        Raises:
            NoticeDamaged: what is there is another one.
        """
        wanted = select(notices.c.content).where(notices.c.version == version)
        async with self._transaction() as connection:
            content: bytes | None = await connection.scalar(wanted)
        if content is None:
            return None
        if hashlib.sha256(content).hexdigest() != version:
            raise NoticeDamaged("a kept notice is not the one its version names")
        try:
            return Notice.parse(content)
        except ValueError as error:
            raise NoticeDamaged("a kept notice cannot be read") from error

    async def audio(self, version: str) -> Mapping[str, bytes]:
        """The recordings of this version by their SHA-256, hex.

        Raises:
            NoticeDamaged: one is not what its name says.
        """
        wanted = select(notice_audio.c.sha256, notice_audio.c.wav)
        async with self._transaction() as connection:
            rows = (await connection.execute(wanted.where(notice_audio.c.version == version))).all()
        found: dict[str, bytes] = {row.sha256: row.wav for row in rows}
        if any(hashlib.sha256(wav).hexdigest() != name for name, wav in found.items()):
            raise NoticeDamaged("a kept recording of a notice is not what its name says")
        return found

    async def versions(self) -> tuple[str, ...]:
        """Every version kept, in the order of their first use."""
        wanted = select(notices.c.version).order_by(notices.c.first_used_at, notices.c.version)
        async with self._transaction() as connection:
            return tuple((await connection.scalars(wanted)).all())

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except FAULTS as error:
            raise RecordsUnavailable("the kept notices cannot be read or written") from error


async def keep_notice(
    archive: NoticeArchive, texts: Texts, recordings: Recordings, now: datetime
) -> None:
    """Keep the notice that is played from now on, before the first caller hears it (C13).

    Args:
        archive: where it is kept.
        texts: rendered, so that the notice names its recordings.
        recordings: where those are.
        now: timezone-aware.

    Raises:
        ConfigurationError: a recording is missing or was changed.
        RecordsUnavailable: the database is away.
    """
    names = set(texts.notice.audio.values())
    audio = {name: await asyncio.to_thread(recordings.read, name) for name in names}
    try:
        await archive.keep(texts.notice, {name: wav or b"" for name, wav in audio.items()}, now)
    except ValueError as error:
        raise ConfigurationError(
            "DATA_DIR: a recording of the notice was changed. Delete DATA_DIR/recordings and start"
            " again"
        ) from error
