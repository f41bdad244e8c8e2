"""The engines of one process, loaded once and shared by its calls."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from voice_agent.dialogue.understanding.ports import Understander
from voice_agent.speech.ports import Recogniser
from voice_agent.speech.voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Ears, mouth and understanding.

    Attributes:
        recogniser: speech to text.
        voices: text to speech, by language.
        understander: words to commands.
        ears: threads recognition runs in.
        mouths: threads synthesis runs in.
    """

    recogniser: Recogniser
    voices: Mapping[str, Voice]
    understander: Understander
    ears: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="ears")
    )
    mouths: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="mouth")
    )

    def close(self) -> None:
        """Let go of the threads; work that is running is finished, waiting work is dropped."""
        self.ears.shutdown(wait=False, cancel_futures=True)
        self.mouths.shutdown(wait=False, cancel_futures=True)
