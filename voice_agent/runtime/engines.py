"""The engines of one process, loaded once and shared by its calls."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

from voice_agent.dialogue.understanding.ports import Understander
from voice_agent.speech.ports import Recogniser
from voice_agent.speech.voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Ears, mouth and understanding. Each has threads of its own, so that none starves another.

    Attributes:
        recogniser: speech to text.
        voices: text to speech, by language.
        understander: words to commands.
        ears: threads recognition runs in.
        mouths: threads synthesis runs in.
        minds: threads understanding runs in; it may wait for a language model.
    """

    recogniser: Recogniser
    voices: Mapping[str, Voice]
    understander: Understander
    ears: Executor = field(default_factory=lambda: ThreadPoolExecutor(2, "ears"))
    mouths: Executor = field(default_factory=lambda: ThreadPoolExecutor(2, "mouth"))
    minds: Executor = field(default_factory=lambda: ThreadPoolExecutor(4, "mind"))

    def close(self) -> None:
        """Let go of the threads; work that is running is finished, waiting work is dropped."""
        for threads in (self.ears, self.mouths, self.minds):
            threads.shutdown(wait=False, cancel_futures=True)
