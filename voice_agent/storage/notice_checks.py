"""Checks the kept notices and their recordings (rules C12, C15)."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent.notice import Notice
from voice_agent.storage.tables import notice_audio, notices


class NoticeChecks:
    """What was found of the notices.

    Attributes:
        count: how many there are.
        right: versions of those that are what their version says.
        faults: what is wrong, a sentence each.
    """

    def __init__(self) -> None:
        self.count = 0
        self.right: set[str] = set()
        self.faults: list[str] = []

    async def read(self, connection: AsyncConnection) -> None:
        """Check them all."""
        audio: dict[str, set[str]] = {}
        async for row in await connection.stream(select(notice_audio)):
            audio.setdefault(row.version, set()).add(row.sha256)
            if hashlib.sha256(row.wav).hexdigest() != row.sha256:
                self.faults.append(f"notice {row.version}: its recording {row.sha256} was changed")
        async for row in await connection.stream(select(notices.c.version, notices.c.content)):
            self.count += 1
            self._check(row.version, row.content, audio.get(row.version, set()))

    def _check(self, version: str, content: bytes, audio: set[str]) -> None:
        if hashlib.sha256(content).hexdigest() != version:
            self.faults.append(f"notice {version}: is not what its version says")
            return
        self.right.add(version)
        try:
            named = set(Notice.parse(content).audio.values())
        except ValueError as fault:
            self.faults.append(f"notice {version}: {fault}")
            return
        self.faults += [
            f"notice {version}: its recording {name} is missing" for name in sorted(named - audio)
        ]
