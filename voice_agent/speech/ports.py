"""What the program asks of its speech engines. Adapters beside this file implement it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from consent.sealed import Consented
from voice_agent.audio.frame import Frame, Utterance


class Vad(Protocol):
    """Voice activity detection on frames of one call. One object per call; it may keep state."""

    def is_speech(self, frame: Consented[Frame]) -> bool:
        """True if this frame of exactly 20 ms holds speech.

        Raises:
            ConsentWithdrawn: the consent it was heard under no longer holds.
        """
        ...


class EchoJudge(Protocol):
    """Tells the agent's own voice, come back over the caller's line, from the caller's."""

    def is_echo(self, heard: Consented[Utterance], played: bytes) -> bool:
        """True if what was heard last is an echo of what was played.

        Args:
            heard: the last fifth of a second or less.
            played: what the caller's telephone played in the time before, mu-law 8 kHz, up to now;
                longer than ``heard``.

        Raises:
            ConsentWithdrawn: the consent it was heard under no longer holds.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What the recogniser heard.

    Attributes:
        text: the words, or the empty string when nothing trustworthy was heard.
        language: language it was recognised in, ``de`` or ``en``.
        seconds: time the recognition took, seconds, without loading a model.
        audio_seconds: length of the audio, seconds.
        window: seconds of features the encoder saw in the pass that gave this text.
        passes: how many decoding passes it took.
        log_probability: mean log probability of the tokens; ``None`` when nothing was decoded.
        no_speech: the model's probability that there is no speech, 0 to 1.
        compression: length of the text over its zlib-compressed length; above about 2.4 it loops.
        rejected: why a text was thrown away (``no_speech``, ``low_probability``, ``repetition``,
            ``phrase``, ``too_little_speech``), or ``None``.
    """

    text: str
    language: str
    seconds: float
    audio_seconds: float
    window: float
    passes: int = 1
    log_probability: float | None = None
    no_speech: float = 0.0
    compression: float = 0.0
    rejected: str | None = None


class NoLongerWanted(Exception):
    """Nobody waits for the words any more; the recogniser stopped where it was."""


def always() -> bool:
    """True: whoever asked waits to the end."""
    return True


class Recogniser(Protocol):
    """Speech to text. One object per process, shared by all calls, safe to call from threads."""

    def transcribe(
        self,
        utterance: Consented[Utterance],
        language: str,
        expected: tuple[str, ...] = (),
        *,
        wanted: Callable[[], bool] = always,
    ) -> Transcript:
        """Recognise one utterance; blocks, so call it in a worker thread.

        Args:
            utterance: sealed audio; revealed here and nowhere before.
            language: ``de`` or ``en``, as the caller chose.
            expected: words likely in this place of the dialogue, the likeliest first; they help
                where the sound alone leaves doubt and change nothing where it does not.
            wanted: asked between two steps, in this thread; once false, nothing more is done.

        Raises:
            ConsentWithdrawn: the consent was withdrawn before recognition began.
            NoLongerWanted: ``wanted`` said no.
            EngineError: the engine failed.
        """
        ...


class EndOfTurn(Protocol):
    """Whether a turn sounds finished. One object per process, safe to call from threads."""

    @property
    def name(self) -> str:
        """Engine and model; shown in ``/readyz``."""
        ...

    def judge(self, utterance: Consented[Utterance], language: str) -> float:
        """How likely it is that nothing more comes, 0 to 1; blocks.

        Args:
            utterance: the whole turn so far, sealed, with the pause it ends in.
            language: ``de`` or ``en``, as the caller chose.

        Raises:
            ConsentWithdrawn: the consent was withdrawn before the judgement was made.
            EngineError: the engine failed.
        """
        ...


class Synthesiser(Protocol):
    """Text to speech for one or more languages. One object per process, safe from threads."""

    @property
    def name(self) -> str:
        """Engine and voice, for example ``piper:en_US-joe-medium``; shown in ``/readyz``."""
        ...

    def speak(self, text: str, rate: float = 1.0) -> bytes:
        """Speak text that is already normalised for speech; blocks.

        Args:
            text: one sentence or clause, in the synthesiser's language.
            rate: 1.0 is the voice's own speed, 0.8 is slower.

        Returns:
            G.711 mu-law, 8 kHz, mono, without leading silence beyond 30 ms.

        Raises:
            EngineError: the engine failed.
        """
        ...
