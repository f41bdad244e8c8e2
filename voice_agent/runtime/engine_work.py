"""One call's work for the engines: in their threads, and every outcome an event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

import structlog

from consent.sealed import ConsentWithdrawn
from voice_agent.call.actions import Synthesise, Transcribe, Understand
from voice_agent.call.events import (
    Event,
    SpeechFailed,
    SpeechReady,
    TranscriptFailed,
    TranscriptReady,
    UnderstandingFailed,
    Understood,
)
from voice_agent.runtime.engines import Engines
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.tasks import CallTasks

log = structlog.get_logger(__name__)
T = TypeVar("T")


class EngineWork:
    """Speaks, recognises and understands for one call. Whatever an engine raises, the call goes on.

    Args:
        engines: shared by all calls.
        metrics: counts failures, times the work.
        call_id: the call, for the log.
        tasks: the call's tasks.
        post: puts an event into the call's inbox.
    """

    def __init__(
        self,
        engines: Engines,
        metrics: Metrics,
        call_id: str,
        tasks: CallTasks,
        post: Callable[[Event], None],
    ) -> None:
        self._engines = engines
        self._metrics = metrics
        self._log = log.bind(call_id=call_id)
        self._tasks = tasks
        self._post = post
        self._take: tuple[int, asyncio.Task[None]] | None = None

    def speak(self, action: Synthesise) -> None:
        """Speak a sentence: at once if its audio is known."""
        try:
            voice = self._engines.voices[action.language]
            known = None if action.personal else voice.known(action.text, action.rate)
        except Exception as fault:  # noqa: BLE001 (a sentence that cannot be read out costs only itself)
            self._failed("synthesis", fault, SpeechFailed(action.clip))
            return
        if known is not None:
            self._post(SpeechReady(action.clip, known))
            return
        self._tasks.start(self._speak(action))

    def recognise(self, action: Transcribe) -> None:
        """Recognise a take. A longer take of the same turn makes the shorter one stale."""
        turn = action.take.turn
        if self._take is not None and self._take[0] == turn:
            self._take[1].cancel()
        self._take = turn, self._tasks.start(self._recognise(action))

    def understand(self, action: Understand) -> None:
        """Turn words into commands."""
        self._tasks.start(self._understand(action))

    async def _speak(self, action: Synthesise) -> None:
        voice = self._engines.voices[action.language]
        clock = asyncio.get_running_loop().time
        started = clock()
        try:
            mulaw = await _in_thread(
                self._engines.mouths,
                lambda: voice.speak(action.text, action.rate, personal=action.personal),
            )
        except Exception as fault:  # noqa: BLE001 (see the class)
            self._failed("synthesis", fault, SpeechFailed(action.clip))
            return
        seconds = clock() - started
        self._metrics.seconds("synthesis", seconds)
        self._post(SpeechReady(action.clip, mulaw, seconds))

    async def _recognise(self, action: Transcribe) -> None:
        self._metrics.count("recognitions")
        recogniser = self._engines.recogniser
        try:
            transcript = await _in_thread(
                self._engines.ears,
                lambda: recogniser.transcribe(action.utterance, action.language),
            )
        except ConsentWithdrawn:
            return  # nobody waits for it any more
        except Exception as fault:  # noqa: BLE001 (see the class)
            self._failed("recognition", fault, TranscriptFailed(action.take))
            return
        self._metrics.seconds("recognition", transcript.seconds)
        self._post(TranscriptReady(action.take, transcript))

    async def _understand(self, action: Understand) -> None:
        understander = self._engines.understander
        try:
            commands = await _in_thread(
                self._engines.minds,
                lambda: understander.understand(action.text, action.language, action.question),
            )
        except Exception as fault:  # noqa: BLE001 (see the class)
            self._failed("understanding", fault, UnderstandingFailed(action.take))
            return
        self._post(Understood(action.take, commands))

    def _failed(self, engine: str, fault: Exception, event: Event) -> None:
        self._log.warning(f"{engine}_failed", fault=type(fault).__name__)
        self._metrics.count(f"{engine}_failed")
        self._post(event)


async def _in_thread(executor: Executor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, work)
