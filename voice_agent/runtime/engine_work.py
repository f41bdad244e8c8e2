"""One call's work for the engines: in their threads, and every outcome an event."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Final, TypeVar

import structlog

from consent.sealed import ConsentWithdrawn
from voice_agent.call.actions import JudgeEndOfTurn, Synthesise, Transcribe, Understand
from voice_agent.call.events import (
    EndOfTurnJudged,
    Event,
    SpeechFailed,
    SpeechReady,
    Take,
    TranscriptFailed,
    TranscriptReady,
    UnderstandingFailed,
    Understood,
)
from voice_agent.runtime.engines import Engines, Ticket, WorkerPool
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.tasks import CallTasks
from voice_agent.speech.ports import EndOfTurn, NoLongerWanted

log = structlog.get_logger(__name__)
T = TypeVar("T")

PATIENCE: Final = 8.0
"""Seconds a take or its words wait for a thread: as long as a call waits for either to be done."""

JUDGEMENT_PATIENCE: Final = 1.0
"""Seconds a pause waits to be judged: after that it is over or the silence has decided."""


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
        self._takes: dict[Take, asyncio.Task[None]] = {}
        self._judgements: dict[Take, asyncio.Task[None]] = {}
        self._tickets: dict[Take, Ticket] = {}
        self._thoughts: set[asyncio.Task[None]] = set()
        self._speaking: set[asyncio.Task[None]] = set()
        self._generation = ""

    def speak(self, action: Synthesise) -> None:
        """Speak a sentence: at once if its audio is known.

        A clip's name begins with its generation. Those of an earlier one were cut off, even if
        nothing of them was playing and so nothing had to be cleared.
        """
        generation, _, _ = action.clip.partition(".")
        if generation != self._generation:
            self.hush()
            self._generation = generation
        try:
            voice = self._engines.voices[action.language]
            known = None if action.personal else voice.known(action.text, action.rate)
        except Exception as fault:  # noqa: BLE001 (a sentence that cannot be read out costs only itself)
            self._failed("synthesis", fault, SpeechFailed(action.clip))
            return
        if known is not None:
            self._post(SpeechReady(action.clip, known))
            return
        _keep(self._tasks.start(self._speak(action)), self._speaking)

    def recognise(self, action: Transcribe) -> None:
        """Recognise a take. A longer take of the same turn makes the shorter one stale.

        The caller may go on, so until ``hurry`` it lets those go first whose turn is over.
        """
        for take in [*self._takes]:
            if take.turn == action.take.turn:
                self.drop(take)
        self._tickets[action.take] = Ticket(urgent=False)
        self._look_into(action.take, self._recognise(action), self._takes)

    def judge(self, action: JudgeEndOfTurn) -> None:
        """Say how the end of a take sounds, if there is who can."""
        if (judge := self._engines.judge) is not None:
            self._look_into(action.take, self._judge(action, judge), self._judgements)

    def hurry(self, take: Take) -> None:
        """This take's turn is over: its words are waited for, its sound is of no interest."""
        if (ticket := self._tickets.get(take)) is not None:
            ticket.urgent = True
        _cancel(self._judgements.get(take))

    def drop(self, take: Take) -> None:
        """Nobody wants to know any more what was said in this take, or how."""
        _cancel(self._takes.get(take), self._judgements.get(take))

    def _look_into(
        self,
        take: Take,
        work: Coroutine[object, object, None],
        among: dict[Take, asyncio.Task[None]],
    ) -> None:
        def done(task: asyncio.Task[None]) -> None:
            if among.get(take) is task:
                del among[take]  # a cancelled task holds on to what it was about
                if among is self._takes:
                    self._tickets.pop(take, None)

        task = among[take] = self._tasks.start(work)
        task.add_done_callback(done)

    def understand(self, action: Understand) -> None:
        """Turn words into commands."""
        _keep(self._tasks.start(self._understand(action)), self._thoughts)

    def stop(self) -> None:
        """Recognise and understand nothing more of what was said (C16); speaking goes on."""
        _cancel(*self._takes.values(), *self._judgements.values(), *self._thoughts)

    def hush(self) -> None:
        """Speak nothing of what was asked for so far; a sentence half made is kept for later."""
        _cancel(*self._speaking)

    async def _speak(self, action: Synthesise) -> None:
        voice = self._engines.voices[action.language]
        clock = asyncio.get_running_loop().time
        started = clock()
        try:
            mulaw = await self._run(
                "synthesis",
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
        given_up = threading.Event()
        try:
            transcript = await self._run(
                "recognition",
                self._engines.ears,
                lambda: recogniser.transcribe(
                    action.utterance,
                    action.language,
                    action.expected,
                    wanted=lambda: not given_up.is_set(),
                ),
                PATIENCE,
                self._tickets.get(action.take),
            )
        except (ConsentWithdrawn, NoLongerWanted):
            return  # nobody waits for it any more
        except Exception as fault:  # noqa: BLE001 (see the class)
            self._failed("recognition", fault, TranscriptFailed(action.take))
            return
        finally:
            given_up.set()  # cancelled, for one: the thread stops at its next step
        self._metrics.seconds("recognition", transcript.seconds)
        self._post(TranscriptReady(action.take, transcript))

    async def _judge(self, action: JudgeEndOfTurn, judge: EndOfTurn) -> None:
        clock = asyncio.get_running_loop().time
        started = clock()
        try:
            probability = await self._run(
                "judgement",
                self._engines.judges,
                lambda: judge.judge(action.utterance, action.language),
                JUDGEMENT_PATIENCE,
            )
        except ConsentWithdrawn:
            return
        except Exception as fault:  # noqa: BLE001 (see the class)
            self._failed("judgement", fault, EndOfTurnJudged(action.take, None))
            return
        self._metrics.seconds("judgement", clock() - started)
        self._post(EndOfTurnJudged(action.take, probability))

    async def _understand(self, action: Understand) -> None:
        understander = self._engines.understander
        try:
            commands = await self._run(
                "understanding",
                self._engines.minds,
                lambda: understander.understand(action.said),
                PATIENCE,
            )
        except Exception as fault:  # noqa: BLE001 (see the class)
            self._failed("understanding", fault, UnderstandingFailed(action.take))
            return
        self._post(Understood(action.take, commands))

    async def _run(
        self,
        engine: str,
        pool: WorkerPool,
        work: Callable[[], T],
        patience: float | None = None,
        ticket: Ticket | None = None,
    ) -> T:
        def stuck() -> None:
            log.error("engine_stuck", engine=engine)  # of every call, so without this one's name
            metrics.count(f"{engine}_stuck")

        metrics = self._metrics
        return await pool.run(work, patience=patience, on_stuck=stuck, ticket=ticket)

    def _failed(self, engine: str, fault: Exception, event: Event) -> None:
        self._log.warning(f"{engine}_failed", fault=type(fault).__name__)
        self._metrics.count(f"{engine}_failed")
        self._post(event)


def _cancel(*tasks: asyncio.Task[None] | None) -> None:
    for task in tasks:
        if task is not None:
            task.cancel()


def _keep(task: asyncio.Task[None], among: set[asyncio.Task[None]]) -> None:
    among.add(task)
    task.add_done_callback(among.discard)
