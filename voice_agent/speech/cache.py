"""Audio of sentences that are the same in every call, kept in memory and on disk.

A sentence with anything of a caller in it never gets here (``Voice`` sees to that). On disk the
audio outlives the process, so that a start renders only what changed, and the notice that callers
heard stays the very same bytes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from threading import Lock

import structlog

from voice_agent import atomic_file

log = structlog.get_logger(__name__)


class SpeechCache:
    """Audio by voice, text and rate. Safe from threads.

    Args:
        directory: where it is kept; ``None`` keeps it in memory only.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._lock = Lock()
        self._audio: dict[str, bytes] = {}

    def get(self, voice: str, text: str, rate: float) -> bytes | None:
        """The audio, if it is in memory; never touches the disk."""
        with self._lock:
            return self._audio.get(_name(voice, text, rate))

    def load(self, voice: str, text: str, rate: float) -> bytes | None:
        """The audio, from memory or disk."""
        name = _name(voice, text, rate)
        with self._lock:
            known = self._audio.get(name)
        if known is not None or self._directory is None:
            return known
        try:
            audio = (self._directory / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as fault:
            log.warning("speech_unreadable", fault=type(fault).__name__)
            return None  # it can be spoken again
        if not audio:
            return None
        with self._lock:
            self._audio[name] = audio
        return audio

    def put(self, voice: str, text: str, rate: float, audio: bytes) -> None:
        """Keep it; ``OSError`` if it cannot be written, but it is in memory all the same."""
        name = _name(voice, text, rate)
        with self._lock:
            self._audio[name] = audio
        if self._directory is None:
            return
        atomic_file.write(self._directory / name, audio)


def _name(voice: str, text: str, rate: float) -> str:
    key = f"{voice}\0{rate:.2f}\0{text}".encode()
    return hashlib.sha256(key).hexdigest() + ".ulaw"
