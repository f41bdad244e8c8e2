"""Does what a call asks and turns every result, good or bad, into an event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import structlog

from consent.ledger import ConsentLedger, LedgerUnavailable
from consent.sealed import ConsentWithdrawn
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
from voice_agent.live.observation import CallEnded, Observation
from voice_agent.runtime.engines import Engines
from voice_agent.runtime.link import MediaLink
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.pacer import Pacer
from voice_agent.runtime.privacy_link import PrivacyLink
from voice_agent.runtime.records import CallBook, Disposition, RecordsUnavailable, UnknownCall
from voice_agent.runtime.registrar import Registrar

log = structlog.get_logger(__name__)
T = TypeVar("T")

WITHDRAWAL_PAUSES: Final = (1.0, 4.0)
"""Seconds before a withdrawal that could not be written down is tried again."""

DISPOSITIONS: Final = {
    Ending.HUNG_UP: Disposition.ENDED,
    Ending.HANDED_OVER: Disposition.HANDOVER,
    Ending.CALLER_LEFT: Disposition.LEFT,
}
"""What the carrier's callback after the stream finds."""


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

    def registrar(self) -> Registrar:
        """Who writes the records."""
        return Registrar(
            ledger=self.ledger,
            book=self.book,
            notice_version=self.notice_version,
            wall_clock=self.wall_clock,
        )


class Effects:
    """The effects of one call.

    Engines' work is dropped when the call ends. What is to be written down or sent in the caller's
    name is not: it is brought to its end, which is bounded in time.

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
        self._registrar = desk.registrar()
        self._call_id = call_id
        self._number = number
        self._media = media
        self._post = post
        self._log = log.bind(call_id=call_id)
        self._clock = asyncio.get_running_loop().time
        self._pacer = Pacer(media, self._clock, desk.metrics.sent_late)
        self._work: set[asyncio.Task[None]] = set()
        self._duties: set[asyncio.Task[None]] = set()
        self._recognition: tuple[int, asyncio.Task[None]] | None = None
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
                self._recognise(action)
            case Understand():
                self._start(self._understand(action))
            case CommitConsent():
                self._owe(self._commit(action))
            case RecordWithdrawal():
                self._owe(self._withdraw())
            case SendLink(language=language):
                self._owe(self._send_link(language))
            case Observe(observation=observation):
                self._observe(observation)
            case Finish(ending=ending):
                self._owe(self._finish(ending))

    def abandon(self) -> None:
        """Close the stream without noting an end: the carrier's callback finds a human (C25)."""
        self._observe(CallEnded("abandoned"))
        self._owe(self._hang_up())

    async def finished(self) -> None:
        """Wait until the stream is closed and everything owed to the caller is done."""
        await self._finished.wait()
        while self._duties:
            await asyncio.wait(self._duties)

    async def release(self) -> None:
        """Stop whatever still runs; afterwards no task of this call is left."""
        self._pacer.close()
        tasks = self._work | self._duties
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._run(work, self._work)

    def _owe(self, work: Coroutine[Any, Any, None]) -> None:
        self._run(work, self._duties)

    def _run(
        self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]
    ) -> asyncio.Task[None]:
        def done(task: asyncio.Task[None]) -> None:
            among.discard(task)
            if not task.cancelled() and (fault := task.exception()) is not None:
                self._log.error("effect_fault", fault=type(fault).__name__)
                self._desk.metrics.count("effect_fault")
                self._post(CallerGone())

        task = asyncio.get_running_loop().create_task(work)
        among.add(task)
        task.add_done_callback(done)
        return task

    def _observe(self, observation: Observation) -> None:
        self._desk.metrics.observe(observation)
        self._desk.hub.publish(self._call_id, observation)

    # -- the mouth -----------------------------------------------------------------------------

    async def _send(self) -> None:
        try:
            await self._pacer.run()
        except ConnectionError:
            self._post(CallerGone())

    def _synthesise(self, action: Synthesise) -> None:
        voice = self._desk.engines.voices.get(action.language)
        if voice is None:
            self._unspoken(action, "NoVoice")
            return
        try:
            known = None if action.personal else voice.known(action.text, action.rate)
        except Exception as fault:  # noqa: BLE001 (a sentence that cannot be read out costs that sentence)
            self._unspoken(action, type(fault).__name__)
            return
        if known is not None:
            self._post(SpeechReady(action.clip, known))
            return
        self._start(self._speak(action))

    async def _speak(self, action: Synthesise) -> None:
        voice = self._desk.engines.voices[action.language]
        started = self._clock()
        try:
            mulaw = await _in_thread(
                self._desk.engines.mouths,
                lambda: voice.speak(action.text, action.rate, personal=action.personal),
            )
        except Exception as fault:  # noqa: BLE001 (whatever an engine raises, the call goes on)
            self._unspoken(action, type(fault).__name__)
            return
        seconds = self._clock() - started
        self._desk.metrics.seconds("synthesis", seconds)
        self._post(SpeechReady(action.clip, mulaw, seconds))

    def _unspoken(self, action: Synthesise, fault: str) -> None:
        self._log.warning("synthesis_failed", fault=fault)
        self._desk.metrics.count("synthesis_failed")
        self._post(SpeechFailed(action.clip))

    # -- the ears ------------------------------------------------------------------------------

    def _recognise(self, action: Transcribe) -> None:
        """A longer take of a turn makes the shorter ones stale: those still waiting are dropped."""
        turn = action.take.turn
        if self._recognition is not None and self._recognition[0] == turn:
            self._recognition[1].cancel()
        self._recognition = turn, self._start(self._transcribe(action))

    async def _transcribe(self, action: Transcribe) -> None:
        self._desk.metrics.count("recognitions")
        recogniser = self._desk.engines.recogniser
        try:
            transcript = await _in_thread(
                self._desk.engines.ears,
                lambda: recogniser.transcribe(action.utterance, action.language),
            )
        except ConsentWithdrawn:
            return  # nobody waits for it any more
        except Exception as fault:  # noqa: BLE001 (whatever an engine raises, the call goes on)
            self._log.warning("recognition_failed", fault=type(fault).__name__)
            self._desk.metrics.count("recognition_failed")
            self._post(TranscriptFailed(action.take))
            return
        self._desk.metrics.seconds("recognition", transcript.seconds)
        self._post(TranscriptReady(action.take, transcript))

    async def _understand(self, action: Understand) -> None:
        understander = self._desk.engines.understander
        try:
            commands = await _in_thread(
                self._desk.engines.minds,
                lambda: understander.understand(action.text, action.language, action.question),
            )
        except Exception as fault:  # noqa: BLE001 (whatever an understander raises, the call goes on)
            self._log.warning("understanding_failed", fault=type(fault).__name__)
            self._desk.metrics.count("understanding_failed")
            self._post(UnderstandingFailed(action.take))
            return
        self._post(Understood(action.take, commands))

    # -- what is owed --------------------------------------------------------------------------

    async def _commit(self, action: CommitConsent) -> None:
        try:
            async with self._records:
                receipt = await self._registrar.accept(
                    self._call_id, action.key, action.language, action.heard_ms
                )
        except LedgerUnavailable:
            self._log.error("consent_not_recorded")
            self._desk.metrics.count("consent_failed")
            self._post(ConsentFailed())
            return
        self._desk.metrics.count("consent_given")
        self._post(ConsentCommitted(receipt))

    async def _withdraw(self) -> None:
        """The call has stopped listening already; the record is tried for as long as is sensible."""
        self._desk.metrics.count("consent_withdrawn")
        for pause in (*WITHDRAWAL_PAUSES, None):
            try:
                async with self._records:
                    await self._registrar.withdraw(self._call_id)
            except LedgerUnavailable:
                if pause is not None:
                    await asyncio.sleep(pause)
            else:
                return
        self._log.error("withdrawal_not_recorded")
        self._desk.metrics.count("withdrawal_not_recorded")

    async def _send_link(self, language: str) -> None:
        outcome = await self._desk.link.send(self._call_id, self._number, language)
        self._post(LinkAnswered(outcome))

    async def _finish(self, ending: Ending) -> None:
        """Note the end before the stream closes: the carrier's callback comes right after (C16)."""
        try:
            async with self._records:
                await self._registrar.note(self._call_id, DISPOSITIONS[ending])
        except (RecordsUnavailable, UnknownCall) as fault:
            self._log.error("ending_not_recorded", code=fault.code)
        finally:
            await self._hang_up()

    async def _hang_up(self) -> None:
        self._pacer.close()
        try:
            await self._media.close()
        except ConnectionError:
            self._log.info("stream_was_closed")
        finally:
            self._finished.set()


async def _in_thread(executor: Executor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, work)
