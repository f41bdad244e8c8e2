"""Small honest engines: one hears the same words always, one speaks in tones."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

import numpy as np

from consent.sealed import Consented
from voice_agent.audio import mulaw as codec
from voice_agent.audio.frame import Frame, Utterance
from voice_agent.dialogue.commands import Command, Goodbye
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.runtime.engines import Engines, WorkerPool
from voice_agent.speech.cache import SpeechCache
from voice_agent.speech.ports import NoLongerWanted, Transcript, always
from voice_agent.speech.voice import Voice

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class OneSentence:
    """A recogniser that understands every utterance as the same words.

    Attributes:
        text: the words.
        fault: raised instead.
        heard: what it was given to hear.
        expected: the words it was told to expect, each time it was asked.
        given_up: how often nobody wanted to know any more.
    """

    text: str = "Wann haben Sie geöffnet?"
    fault: Exception | None = None
    heard: list[bytes] = field(default_factory=list)
    expected: list[tuple[str, ...]] = field(default_factory=list)
    given_up: int = 0

    def transcribe(
        self,
        utterance: Consented[Utterance],
        language: str,
        expected: tuple[str, ...] = (),
        *,
        wanted: Callable[[], bool] = always,
    ) -> Transcript:
        """See ``Recogniser``."""
        sound = utterance.reveal()
        self.expected.append(expected)
        self.heard.append(sound.mulaw)
        if not wanted():
            self.given_up += 1
            raise NoLongerWanted
        if self.fault is not None:
            raise self.fault
        return Transcript(
            text=self.text,
            language=language,
            seconds=0.01,
            audio_seconds=sound.duration_ms / 1000,
            window=30.0,
        )


@dataclass
class Tones:
    """A synthesiser that hums: so many milliseconds for each character.

    Attributes:
        ms: milliseconds for a character.
        fault: raised instead.
        spoken: what it was given to say.
    """

    ms: float = 1.0
    fault: Exception | None = None
    spoken: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """See ``Synthesiser``."""
        return f"tones:{self.ms}"

    def speak(self, text: str, rate: float = 1.0) -> bytes:
        """See ``Synthesiser``. Different texts sound different."""
        self.spoken.append(text)
        if self.fault is not None:
            raise self.fault
        time = np.arange(round(len(text) * self.ms * 8 / rate)) / 8000
        hertz = 200 + sum(map(ord, text)) % 800
        return codec.encode(np.round(8000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16))


@dataclass
class Verdict:
    """A judge to whom every turn sounds the same.

    Attributes:
        likely: how.
        fault: raised instead.
        heard: what it was given to hear.
    """

    likely: float = 0.9
    fault: Exception | None = None
    heard: list[bytes] = field(default_factory=list)

    @property
    def name(self) -> str:
        """See ``EndOfTurn``."""
        return f"verdict:{self.likely}"

    def judge(self, utterance: Consented[Utterance], language: str) -> float:
        """See ``EndOfTurn``."""
        del language
        self.heard.append(utterance.reveal().mulaw)
        if self.fault is not None:
            raise self.fault
        return self.likely


@dataclass
class Farewell:
    """An understander that takes everything for a goodbye."""

    fault: Exception | None = None

    def understand(self, said: Said) -> tuple[Command, ...]:
        """See ``Understander``."""
        del said
        if self.fault is not None:
            raise self.fault
        return (Goodbye(),)


class Loudness:
    """Voice activity: everything but digital silence is speech."""

    def is_speech(self, frame: Consented[Frame]) -> bool:
        """See ``Vad``."""
        return frame.reveal().mulaw[:1] != b"\xff"


class Threads(Executor):
    """Threads that begin when the test says so; until then work waits, as behind a stuck engine.

    Args:
        idle: whether they wait.
        stuck: whether work that waits counts as begun, so that it cannot be cancelled.
    """

    def __init__(self, *, idle: bool = False, stuck: bool = False) -> None:
        self.idle = idle or stuck
        self._stuck = stuck
        self._waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Take work."""
        future: Future[T] = Future()
        if self._stuck:
            future.set_running_or_notify_cancel()
        self._waiting.append((future, lambda: fn(*args, **kwargs)))
        if not self.idle:
            self.work()
        return future

    def work(self) -> None:
        """Do what waits and was not cancelled."""
        waiting, self._waiting = self._waiting, []
        for future, work in waiting:
            if future.running() or future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except Exception as fault:  # noqa: BLE001 (as a thread pool does)
                    future.set_exception(fault)


def engines(
    recogniser: OneSentence | None = None,
    synthesiser: Tones | None = None,
    understander: Farewell | None = None,
    *,
    judge: Verdict | None = None,
    threads: Executor | None = None,
    places: int = 8,
) -> Engines:
    """Engines for German and English, all in the same threads; the test's own by default.

    Each engine has so many places there.
    """
    threads = threads or Threads()
    synthesiser = synthesiser or Tones()
    cache = SpeechCache()
    return Engines(
        recogniser=recogniser or OneSentence(),
        voices={language: Voice(language, synthesiser, cache) for language in ("de", "en")},
        understander=understander or Farewell(),
        judge=judge,
        judges=WorkerPool(threads, places),
        ears=WorkerPool(threads, places),
        mouths=WorkerPool(threads, places),
        minds=WorkerPool(threads, places),
    )
