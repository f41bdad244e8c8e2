"""Does what a call asks and turns every result, good or bad, into an event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from consent.ledger import LedgerUnavailable
from consent.receipt import Clock, Means
from voice_agent.call.actions import (
    Action,
    AskCallback,
    ClearAudio,
    CommitConsent,
    DropTake,
    Ending,
    Finish,
    Hurry,
    JudgeEndOfTurn,
    Observe,
    PassOn,
    RecordWithdrawal,
    SendAudio,
    SendLink,
    SendMark,
    Synthesise,
    Transcribe,
    Understand,
    UseTool,
)
from voice_agent.call.control import ControlView
from voice_agent.call.events import (
    CallbackNoted,
    CallerGone,
    ConsentCommitted,
    ConsentFailed,
    Event,
    LinkAnswered,
    LinkOutcome,
)
from voice_agent.call.phase import Phase
from voice_agent.live.hub import Hub
from voice_agent.live.observation import CallEnded, Observation, PhaseChanged
from voice_agent.outbound.errand import Errand, Errands
from voice_agent.runtime.audit import Audit
from voice_agent.runtime.engine_work import EngineWork
from voice_agent.runtime.engines import Engines
from voice_agent.runtime.errand_work import ErrandWork
from voice_agent.runtime.link import MediaLink
from voice_agent.runtime.live_calls import LiveCalls
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.owed import OwedWithdrawals
from voice_agent.runtime.pacer import Pacer
from voice_agent.runtime.privacy_link import PrivacyLink
from voice_agent.runtime.records import Disposition, RecordsUnavailable, UnknownCall
from voice_agent.runtime.registrar import Heard, Registrar
from voice_agent.runtime.tasks import CallTasks
from voice_agent.runtime.tool_work import ToolWork
from voice_agent.runtime.withdrawals import WithdrawalWatch
from voice_agent.tools.inbox import Entry, EntryKind, Filed, Inbox
from voice_agent.tools.toolbox import Toolbox

log = structlog.get_logger(__name__)

DEAF: Final = frozenset({Phase.WITHDRAWN, Phase.HANDING_OVER, Phase.CLOSING, Phase.ENDED})
"""Phases in which nobody waits any more for what the caller said before."""

NAMELESS: Final = "–"
"""The name of whoever left nothing but their number."""

DISPOSITIONS: Final = {
    Ending.HUNG_UP: Disposition.ENDED,
    Ending.HANDED_OVER: Disposition.HANDOVER,
    Ending.CALLER_LEFT: Disposition.LEFT,
}
"""What the carrier's callback after the stream finds."""

Transfer = Callable[[str, str, str], Awaitable[bool]]
"""Dials for a call, by the carrier's identifier, a number, in a language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the effects of all calls share.

    Attributes:
        engines: ears, mouth, understanding.
        registrar: writes the records.
        link: sends the privacy link.
        hub: onlookers.
        metrics: counters.
        watch: sees consents that are withdrawn beside their call.
        owed: withdrawals that the ledger has not taken yet.
        toolbox: what can be done for callers.
        audit: where it is written down that something was asked for.
        live: shows calls to consoles.
        inbox: takes the callbacks that are asked for by key.
        transfer: has the carrier dial a number in place of the stream; false if it would not.
        errands: the calls we make; ``None`` where none are made.
    """

    engines: Engines
    registrar: Registrar
    link: PrivacyLink
    hub: Hub
    metrics: Metrics
    watch: WithdrawalWatch
    owed: OwedWithdrawals
    toolbox: Toolbox
    audit: Audit
    live: LiveCalls
    inbox: Inbox
    transfer: Transfer
    errands: Errands | None = None


class Effects:
    """The effects of one call.

    Engines' work is dropped when the call ends. What is to be written down or sent in the caller's
    name is not: it is brought to its end, which is bounded in time.

    Args:
        desk: what all calls share.
        call_id: the call.
        number: the caller's number if it is known, for the privacy link; never stored here.
        language: language the call begins in.
        media: the carrier's side of the stream.
        post: puts an event into the call's inbox.
        control: who speaks for us.
        errand: why we made the call, if we did.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        call_id: str,
        number: str | None,
        language: str,
        media: MediaLink,
        post: Callable[[Event], None],
        control: Callable[[], ControlView],
        errand: Errand | None = None,
    ) -> None:
        self._desk = desk
        self._registrar = desk.registrar
        self._call_id = call_id
        self._number = number
        self._media = media
        self._post = post
        self._log = log.bind(call_id=call_id)
        self._since = desk.registrar.wall_clock()
        clock = asyncio.get_running_loop().time
        self._pacer = Pacer(media, clock, desk.metrics.sent_late)
        self._tasks = CallTasks(self._fault)
        self._engines = EngineWork(desk.engines, desk.metrics, call_id, self._tasks, post)
        work = None
        if errand is not None and desk.errands is not None:
            work = ErrandWork(errand, desk.errands, self._tasks)
        self._tools = ToolWork(
            toolbox=desk.toolbox,
            audit=desk.audit,
            metrics=desk.metrics,
            call_id=call_id,
            number=number if work is None else work.number,
            tasks=self._tasks,
            post=post,
            errand=work,
        )
        self._records = asyncio.Lock()  # a commit and a withdrawal of one call keep their order
        self._finished = asyncio.Event()
        self._live = desk.live.begin(call_id, language)
        self._live.attach(post, control)
        self._tasks.start(self._send())
        if number is not None:  # key 2 may have been pressed before the stream began
            self._tasks.start(self._watch_link())

    def perform(self, action: Action) -> None:
        """Begin an action. Nothing blocks here and nothing raises."""
        match action:
            case SendAudio(mulaw=mulaw):
                self._pacer.play(mulaw)
            case SendMark(name=name):
                self._pacer.mark(name)
            case ClearAudio(for_good=for_good):
                self._pacer.clear()
                if for_good:
                    self._engines.hush()
            case Synthesise():
                self._engines.speak(action)
            case Transcribe():
                self._engines.recognise(action)
            case JudgeEndOfTurn():
                self._engines.judge(action)
            case Hurry(take=take):
                self._engines.hurry(take)
            case DropTake(take=take):
                self._engines.drop(take)
            case Understand():
                self._engines.understand(action)
            case UseTool(request=request):
                self._tools.use(request)
            case CommitConsent():
                self._tasks.owe(self._commit(action))
            case RecordWithdrawal(means=means):
                self._engines.stop()
                self._tools.stop()
                self._desk.hub.forget_words(self._call_id)
                self._live.forget_words()
                self._tasks.owe(self._withdraw(means))
            case SendLink(language=language):
                self._tasks.owe(self._send_link(language))
            case Observe(observation=observation):
                self._observe(observation)
            case PassOn(frame=frame):
                self._live.pass_on(frame)
            case AskCallback(language=language):
                self._tasks.owe(self._ask_callback(language))
            case Finish(ending=ending, language=language, number=number):
                self._engines.stop()
                self._engines.hush()
                self._tasks.owe(self._finish(ending, language, number))

    def abandon(self) -> None:
        """Close the stream without noting an end: the carrier's callback finds a human (C25)."""
        self._engines.stop()
        self._engines.hush()
        self._observe(CallEnded("abandoned"))
        self._tasks.owe(self._expire())
        self._tasks.owe(self._hang_up())

    async def finished(self) -> None:
        """Wait until the stream is closed and everything owed to the caller is done."""
        await self._finished.wait()
        await self._tasks.settle()

    async def release(self) -> None:
        """Stop whatever still runs; afterwards no task of this call is left."""
        self._pacer.close()
        self._live.release()
        await self._tasks.release()

    def _fault(self, fault: BaseException) -> None:
        self._log.error("effect_fault", fault=type(fault).__name__)
        self._desk.metrics.count("effect_fault")
        self._post(CallerGone())

    def _observe(self, observation: Observation) -> None:
        match observation:
            case PhaseChanged(phase=Phase.CONVERSING):
                self._tools.open()
            case PhaseChanged(phase=phase) if phase in DEAF:
                self._engines.stop()
                # A withdrawal elsewhere is recorded already, and stops as much as any other.
                (self._tools.stop if phase is Phase.WITHDRAWN else self._tools.close)()
            case _:
                pass
        self._desk.metrics.observe(observation)
        self._desk.hub.publish(self._call_id, observation)
        self._live.observe(observation)

    async def _send(self) -> None:
        try:
            await self._pacer.run()
        except ConnectionError:
            self._post(CallerGone())

    # -- what is owed --------------------------------------------------------------------------

    async def _commit(self, action: CommitConsent) -> None:
        try:
            async with self._records:
                heard = Heard(part="notice", ms=action.heard_ms, by=Clock.MARKS, since=self._since)
                receipt = await self._registrar.accept(
                    self._call_id, action.key, action.language, heard, self._number
                )
        except LedgerUnavailable:
            self._log.error("consent_not_recorded")
            self._desk.metrics.count("consent_failed")
            self._post(ConsentFailed())
            # A commit that took too long may reach the disk all the same: it must not stand.
            self._tasks.owe(self._write_withdrawal(Means.NOT_SAVED))
            return
        self._desk.metrics.count("consent_given")
        self._post(ConsentCommitted(receipt))

    async def _withdraw(self, means: Means) -> None:
        """The call has stopped listening already; what cannot be written now is owed."""
        self._desk.metrics.count("consent_withdrawn")
        await self._write_withdrawal(means)

    async def _write_withdrawal(self, means: Means) -> None:
        try:
            async with self._records:
                await self._registrar.withdraw(self._call_id, means)
        except LedgerUnavailable:
            self._desk.owed.owe(self._call_id, means)

    async def _send_link(self, language: str) -> None:
        outcome = await self._desk.link.send(self._call_id, self._number, language)
        self._post(LinkAnswered(outcome))
        if outcome is LinkOutcome.SENT:
            self._tasks.start(self._watch_link())

    async def _watch_link(self) -> None:
        """A message that the carrier took may turn out not to have arrived (C21)."""
        loss = await self._desk.link.watch(self._call_id)
        if loss is not None:
            self._post(LinkAnswered(loss))

    async def _ask_callback(self, language: str) -> None:
        """By keys alone, so that nothing is known but the number that rang."""
        if self._number is None:
            self._post(CallbackNoted(noted=False))
            return
        entry = Entry(
            kind=EntryKind.CALLBACK,
            call_id=self._call_id,
            language=language,
            name=NAMELESS,
            phone=self._number,
        )
        answer = await self._desk.inbox.file(entry, f"{self._call_id} queue")
        self._post(CallbackNoted(noted=isinstance(answer, Filed)))

    async def _finish(self, ending: Ending, language: str, number: str | None) -> None:
        """Note the end before the stream closes: the carrier's callback comes right after (C16)."""
        try:
            async with self._records:
                await self._registrar.note(self._call_id, DISPOSITIONS[ending], language)
            if number is not None and not await self._desk.transfer(
                self._call_id, number, language
            ):
                self._log.warning("not_transferred")  # the company's own number is dialled instead
        except (RecordsUnavailable, UnknownCall) as fault:
            self._log.error("ending_not_recorded", code=fault.code)
        finally:
            self._tasks.owe(self._expire())
            await self._hang_up()

    async def _expire(self) -> None:
        """The consent ends with the stream (C11); if not now, with the carrier's last report."""
        try:
            async with self._records:
                await self._registrar.expire(self._call_id)
        except LedgerUnavailable:
            self._log.warning("expiry_not_recorded")

    async def _hang_up(self) -> None:
        self._pacer.close()
        try:
            await self._media.close()
        except ConnectionError:
            self._log.info("stream_was_closed")
        finally:
            self._finished.set()
