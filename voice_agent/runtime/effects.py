"""Does what a call asks and turns every result, good or bad, into an event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import uuid4

import structlog

from consent.ledger import ConsentLedger, LedgerUnavailable
from consent.purpose import Purpose
from consent.receipt import ConsentRecord
from consent.sealed import ConsentWithdrawn
from voice_agent import __version__
from voice_agent.call.actions import (
    Action,
    ClearAudio,
    CommitConsent,
    Ending,
    Finish,
    Observe,
    RecordWithdrawal,
    SendAudio,
    SendLink,
    SendMark,
    Synthesise,
    Transcribe,
    Understand,
)
from voice_agent.call.events import (
    CallerGone,
    ConsentCommitted,
    ConsentFailed,
    Event,
    LinkAnswered,
    SpeechFailed,
    SpeechReady,
    TranscriptFailed,
    TranscriptReady,
    UnderstandingFailed,
    Understood,
)
from voice_agent.live.hub import Hub
from voice_agent.runtime.engines import Engines
from voice_agent.runtime.link import MediaLink
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.pacer import Pacer
from voice_agent.runtime.privacy_link import PrivacyLink
from voice_agent.runtime.records import CallBook, Disposition, RecordsUnavailable, UnknownCall

log = structlog.get_logger(__name__)
T = TypeVar("T")

RECORD_LIMIT: Final = 4.0
"""Seconds a write may take before the call goes on without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the effects of all calls share.

    Attributes:
        engines: ears, mouth, understanding.
        ledger: where consent becomes durable.
        book: the list of calls.
        link: sends the privacy link.
        hub: onlookers.
        metrics: counters.
        notice_version: version of the notice being played.
        wall_clock: timezone-aware time, for records.
    """

    engines: Engines
    ledger: ConsentLedger
    book: CallBook
    link: PrivacyLink
    hub: Hub
    metrics: Metrics
    notice_version: str
    wall_clock: Callable[[], datetime]


class Effects:
    """The effects of one call.

    Args:
        desk: what all calls share.
        call_id: the call.
        number: the caller's number if it is known, for the privacy link; never stored here.
        media: the carrier's side of the stream.
        post: puts an event into the call's inbox.
    """

    def __init__(
        self,
        desk: Desk,
        call_id: str,
        number: str | None,
        media: MediaLink,
        post: Callable[[Event], None],
    ) -> None:
        self._desk = desk
        self._call_id = call_id
        self._number = number
        self._media = media
        self._post = post
        self._clock = asyncio.get_running_loop().time
        self._pacer = Pacer(media, self._clock, desk.metrics.sent_late)
        self._tasks: set[asyncio.Task[None]] = set()
        self._records = asyncio.Lock()  # a commit and a withdrawal of one call keep their order
        self._finished = asyncio.Event()
        self._start(self._send())

    def perform(self, action: Action) -> None:
        """Begin an action. Nothing blocks here and nothing raises."""
        match action:
            case SendAudio(mulaw=mulaw):
                self._pacer.play(mulaw)
            case SendMark(name=name):
                self._pacer.mark(name)
            case ClearAudio():
                self._pacer.clear()
            case Synthesise():
                self._synthesise(action)
            case Transcribe():
                self._start(self._transcribe(action))
            case Understand():
                self._start(self._understand(action))
            case CommitConsent():
                self._start(self._commit(action))
            case RecordWithdrawal():
                self._start(self._withdraw())
            case SendLink(language=language):
                self._start(self._send_link(language))
            case Observe(observation=observation):
                self._desk.metrics.observe(observation)
                self._desk.hub.publish(self._call_id, observation)
            case Finish(ending=ending):
                self._start(self._finish(ending))

    def abandon(self) -> None:
        """Close the stream without noting an end: the carrier's callback finds a human (C25)."""
        self._start(self._hang_up())

    async def finished(self) -> None:
        """Wait until the call's end is written down and the stream closed; then stop the rest."""
        await self._finished.wait()
        self._pacer.close()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("effect_fault", fault=type(fault).__name__)
            self._post(CallerGone())

    # -- the mouth -----------------------------------------------------------------------------

    async def _send(self) -> None:
        try:
            await self._pacer.run()
        except ConnectionError:
            self._post(CallerGone())

    def _synthesise(self, action: Synthesise) -> None:
        voice = self._desk.engines.voices.get(action.language)
        if voice is None:
            self._post(SpeechFailed(action.clip))
            return
        known = None if action.personal else voice.known(action.text, action.rate)
        if known is not None:
            self._post(SpeechReady(action.clip, known))
            return
        self._start(self._speak(action))

    async def _speak(self, action: Synthesise) -> None:
        voice = self._desk.engines.voices[action.language]
        started = self._clock()
        try:
            mulaw = await self._in_thread(
                self._desk.engines.mouths,
                lambda: voice.speak(action.text, action.rate, personal=action.personal),
            )
        except Exception as fault:  # noqa: BLE001 (whatever an engine raises, the call goes on)
            log.warning("synthesis_failed", fault=type(fault).__name__)
            self._desk.metrics.count("synthesis_failed")
            self._post(SpeechFailed(action.clip))
            return
        seconds = self._clock() - started
        self._desk.metrics.seconds("synthesis", seconds)
        self._post(SpeechReady(action.clip, mulaw, seconds))

    # -- the ears ------------------------------------------------------------------------------

    async def _transcribe(self, action: Transcribe) -> None:
        self._desk.metrics.count("recognitions")
        recogniser = self._desk.engines.recogniser
        try:
            transcript = await self._in_thread(
                self._desk.engines.ears,
                lambda: recogniser.transcribe(action.utterance, action.language),
            )
        except ConsentWithdrawn:
            return  # nobody waits for it any more
        except Exception as fault:  # noqa: BLE001 (whatever an engine raises, the call goes on)
            log.warning("recognition_failed", fault=type(fault).__name__)
            self._desk.metrics.count("recognition_failed")
            self._post(TranscriptFailed(action.take))
            return
        self._desk.metrics.seconds("recognition", transcript.seconds)
        self._post(TranscriptReady(action.take, transcript))

    async def _understand(self, action: Understand) -> None:
        understander = self._desk.engines.understander
        try:
            commands = await self._in_thread(
                None,
                lambda: understander.understand(action.text, action.language, action.question),
            )
        except Exception as fault:  # noqa: BLE001 (whatever an understander raises, the call goes on)
            log.warning("understanding_failed", fault=type(fault).__name__)
            self._post(UnderstandingFailed(action.take))
            return
        self._post(Understood(action.take, commands))

    # -- records -------------------------------------------------------------------------------

    async def _commit(self, action: CommitConsent) -> None:
        record = ConsentRecord(
            record_id=uuid4().hex,
            call_id=self._call_id,
            purposes=frozenset({Purpose.CONVERSATION}),
            notice_version=self._desk.notice_version,
            language=action.language,
            heard_ms=action.heard_ms,
            key=action.key,
            given_at=self._desk.wall_clock(),
            software=__version__,
        )
        try:
            async with self._records, asyncio.timeout(RECORD_LIMIT):
                receipt = await self._desk.ledger.commit(record)
        except (LedgerUnavailable, TimeoutError):
            log.error("consent_not_recorded")
            self._desk.metrics.count("consent_failed")
            self._post(ConsentFailed())
            return
        self._desk.metrics.count("consent_given")
        self._post(ConsentCommitted(receipt))

    async def _withdraw(self) -> None:
        self._desk.metrics.count("consent_withdrawn")
        try:
            async with self._records, asyncio.timeout(RECORD_LIMIT):
                await self._desk.ledger.withdraw(self._call_id, self._desk.wall_clock())
        except (LedgerUnavailable, TimeoutError):
            log.error("withdrawal_not_recorded")

    async def _send_link(self, language: str) -> None:
        outcome = await self._desk.link.send(self._call_id, self._number, language)
        self._post(LinkAnswered(outcome))

    async def _finish(self, ending: Ending) -> None:
        """Note the end before the stream closes: the carrier's callback comes right after (C16)."""
        handed_over = ending is Ending.HANDED_OVER
        disposition = Disposition.HANDOVER if handed_over else Disposition.ENDED
        try:
            async with self._records, asyncio.timeout(RECORD_LIMIT):
                await self._desk.book.set_disposition(self._call_id, disposition)
        except (RecordsUnavailable, UnknownCall, TimeoutError):
            log.error("ending_not_recorded")
        await self._hang_up()

    async def _hang_up(self) -> None:
        self._pacer.close()
        try:
            await self._media.close()
        except ConnectionError:
            log.info("stream_was_closed")
        self._finished.set()

    @staticmethod
    async def _in_thread(executor: Executor | None, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor, work)
