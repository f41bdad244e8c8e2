"""One language's voice: a sentence as written in, audio as heard out."""

from __future__ import annotations

from typing import Final

import structlog

from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.audio.mulaw import SILENCE
from voice_agent.speech.cache import SpeechCache
from voice_agent.speech.ports import Synthesiser
from voice_agent.speech.spoken import speakable

BREATH: Final = SILENCE * (TELEPHONE_RATE * 15 // 100)
"""150 ms between two sentences: people wait for it, and synthesisers leave it out."""

_MAKE: Final = "2"
"""Part of the cache's key: another way of making the audio must not find the old one."""

log = structlog.get_logger(__name__)


class Voice:
    """Normalises, speaks and remembers what is not personal.

    Args:
        language: ISO 639-1 code.
        synthesiser: the engine.
        cache: where audio that is not personal is kept.
    """

    def __init__(self, language: str, synthesiser: Synthesiser, cache: SpeechCache) -> None:
        self.language = language
        self._synthesiser = synthesiser
        self._cache = cache

    @property
    def name(self) -> str:
        """Engine and voice."""
        return self._synthesiser.name

    def known(self, text: str, rate: float = 1.0) -> bytes | None:
        """The audio of a sentence that was spoken before; quick, never blocks on the disk."""
        return self._cache.get(self._key, self._said(text), rate)

    def speak(self, text: str, rate: float = 1.0, *, personal: bool) -> bytes:
        """Speak one sentence; blocks, so call it in a worker thread.

        Returns:
            mu-law, 8 kHz, with a short silence after it; empty if nothing in the text can be said.

        Raises:
            EngineError: the engine failed.
        """
        said = self._said(text)
        if not said:
            return b""
        if personal:
            return _with_breath(self._synthesiser.speak(said, rate))
        known = self._cache.load(self._key, said, rate)
        if known is not None:
            return known
        audio = _with_breath(self._synthesiser.speak(said, rate))
        try:
            self._cache.put(self._key, said, rate, audio)
        except OSError as full:
            log.warning("speech_not_kept", fault=type(full).__name__)  # in memory it is
        return audio

    def seconds(self, text: str, rate: float = 1.0) -> float:
        """How long a sentence that is not personal takes to say, seconds; blocks."""
        return len(self.speak(text, rate, personal=False)) / TELEPHONE_RATE

    @property
    def _key(self) -> str:
        return f"{self.name} {_MAKE}"

    def _said(self, text: str) -> str:
        return speakable(text, self.language)


def _with_breath(audio: bytes) -> bytes:
    return audio + BREATH if audio else audio
