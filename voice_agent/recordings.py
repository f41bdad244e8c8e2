"""The recordings a carrier plays: rendered at start-up, named by the SHA-256 of their bytes.

Only texts of ``prompts/`` and of the notice are ever rendered here, never anything personal. A
recording stays on disk under its name, so that what a caller heard can be shown later (C13).
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Header, HTTPException, Response

from voice_agent import atomic_file
from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.dialogue.line import Line
from voice_agent.errors import ConfigurationError, EngineError
from voice_agent.speech.spoken import sentences
from voice_agent.speech.voice import Voice

log = structlog.get_logger(__name__)

_NAME: Final = re.compile(r"[0-9a-f]{64}")


class Recordings:
    """WAV files, 8 kHz mono, by their SHA-256.

    Args:
        directory: where they are kept.
        voices: who speaks, by language.
    """

    def __init__(self, directory: Path, voices: Mapping[str, Voice]) -> None:
        self._directory = directory
        self._voices = voices
        self._rendered: dict[tuple[Line, ...], str] = {}
        self._seconds: dict[str, float] = {}
        self._data: dict[str, bytes] = {}
        # One at a time: two callers who ask for the same long text get one rendering of it.
        self._rendering = Lock()
        self._renderer = ThreadPoolExecutor(1, thread_name_prefix="recordings")

    def render(self, lines: Iterable[Line]) -> str:
        """Speak lines one after the other into one recording and return its SHA-256; blocks.

        Raises:
            EngineError: the synthesiser failed, or made no sound.
            ConfigurationError: the recording cannot be written.
            ValueError: a line is personal; its audio is never kept.
        """
        lines = tuple(lines)
        if any(line.personal for line in lines):
            raise ValueError("what is personal is never recorded")
        with self._rendering:
            return self._rendered.get(lines) or self._render(lines)

    async def make(self, lines: Iterable[Line]) -> str:
        """``render`` in a thread of its own, so that files are still served meanwhile."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._renderer, self.render, tuple(lines))

    def close(self) -> None:
        """Let go of the thread; what waits to be rendered is dropped."""
        self._renderer.shutdown(wait=False, cancel_futures=True)

    def _render(self, lines: tuple[Line, ...]) -> str:
        audio = b"".join(
            self._voices[line.language].speak(text, line.rate, personal=False)
            for line in lines
            for text in sentences(line.text, line.language)
        )
        if not audio:
            raise EngineError("the synthesiser made no sound of what a caller must hear")
        data = wav.write(mulaw.decode(audio), TELEPHONE_RATE)
        name = hashlib.sha256(data).hexdigest()
        self._keep(name, data)
        self._data[name] = data
        self._rendered[lines] = name
        self._seconds[name] = len(audio) / TELEPHONE_RATE
        return name

    def name(self, lines: Iterable[Line]) -> str:
        """The SHA-256 of lines that were rendered; ``KeyError`` if they were not."""
        return self._rendered[tuple(lines)]

    def seconds(self, name: str) -> float:
        """Length of a recording rendered by this process, seconds."""
        return self._seconds[name]

    def read(self, name: str) -> bytes | None:
        """The WAV file of this SHA-256, or ``None``; blocks. Any text may be asked for."""
        if (data := self.known(name)) is not None:
            return data
        if not _NAME.fullmatch(name):
            return None
        try:
            return (self._directory / f"{name}.wav").read_bytes()
        except FileNotFoundError:
            return None
        except OSError as fault:
            log.error("recording_unreadable", fault=type(fault).__name__)
            return None

    def known(self, name: str) -> bytes | None:
        """The WAV file, if this process rendered it; quick."""
        return self._data.get(name)

    def _keep(self, name: str, data: bytes) -> None:
        if self.read(name) == data:
            return
        try:
            atomic_file.write(self._directory / f"{name}.wav", data)
        except OSError as fault:
            raise ConfigurationError(
                f"{self._directory}: a recording cannot be written ({fault.strerror}); "
                "make room or point DATA_DIR elsewhere"
            ) from fault


def recordings_router(recordings: Recordings) -> APIRouter:
    """``GET /audio/{sha256}.wav``."""
    router = APIRouter(prefix="/audio", include_in_schema=False)

    @router.api_route("/{name}.wav", methods=["GET", "HEAD"])
    async def recording(name: str, if_none_match: Annotated[str, Header()] = "") -> Response:
        data = recordings.known(name) or await asyncio.to_thread(recordings.read, name)
        if data is None:
            raise HTTPException(404)
        tag = f'"{name}"'
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "ETag": tag,
            "X-Content-Type-Options": "nosniff",
        }
        if if_none_match == tag:
            return Response(status_code=304, headers=headers)
        return Response(data, media_type="audio/wav", headers=headers)

    return router
