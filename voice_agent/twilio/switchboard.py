"""What is answered to a carrier's webhook, and whose stream may begin.

The carrier keeps the state of the notice for us: language and repetitions stand in the signed
address it comes back to. So any worker can answer any request, and a repeated one harms nothing.
Every answer comes within the fifteen seconds the carrier waits, whatever the database does.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import structlog

from consent.ledger import LedgerUnavailable
from consent.receipt import Clock, Means
from voice_agent.call.notice_menu import Choice, choose
from voice_agent.call.offer import LINK_LINES
from voice_agent.errors import ConfigurationError, EngineError, VoiceAgentError
from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.errand import Errands
from voice_agent.runtime.legs import note_leg
from voice_agent.runtime.message import LOST, MessageStatus
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.owed import OwedWithdrawals
from voice_agent.runtime.privacy_link import PrivacyLink
from voice_agent.runtime.records import (
    Direction,
    Disposition,
    RecordsUnavailable,
    StreamTokens,
    UnknownCall,
)
from voice_agent.runtime.registrar import Heard, Registrar
from voice_agent.twilio.answers import Answers, Place
from voice_agent.twilio.media import Admission
from voice_agent.twilio.messages import Start
from voice_agent.twilio.signature import WebhookSignatures
from voice_agent.twilio.twiml import Document
from voice_agent.twilio.webhook import Webhook, known_number

log = structlog.get_logger(__name__)

MESSAGE_STATUSES: Final = frozenset(status.value for status in MessageStatus)
CALL_SID: Final = re.compile(r"CA[0-9a-fA-F]{32}")
MESSAGE_SID: Final = re.compile(r"[SM]M[0-9a-fA-F]{32}")
ERROR_CODE: Final = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)

OVER: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""The carrier's statuses of a call that is over."""

RENDER_LIMIT: Final = 10.0
"""Seconds the full notice may take to be rendered before the caller is asked to wait for it."""

ACCEPT_LIMIT: Final = 5.0
"""Seconds record and token together may take; looking before and noting after take time too."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Switchboard:
    """What the webhooks work with.

    Attributes:
        answers: builds the documents.
        signatures: checks who asks.
        registrar: writes the records.
        tokens: authorise streams.
        link: sends the privacy link.
        metrics: counters.
        languages: languages spoken, in the order of key 5.
        default_language: language a call begins in.
        repetitions: short repetitions of the notice on silence.
        in_stream: the notice plays inside the stream (mode ``stream``).
        trusts_numbers: a stream's word on the caller's number is taken; true of carriers only.
        is_stopping: the server stops, so nobody would serve a new stream or the next key.
        owed: takes withdrawals of what the caller was told had not been saved.
        errands: the calls that we make; ``None`` where we make none.
    """

    answers: Answers
    signatures: WebhookSignatures
    registrar: Registrar
    tokens: StreamTokens
    link: PrivacyLink
    metrics: Metrics
    owed: OwedWithdrawals
    languages: tuple[str, ...]
    default_language: str
    repetitions: int
    in_stream: bool
    trusts_numbers: bool = True
    is_stopping: Callable[[], bool] = _never
    errands: Errands | None = None

    # -- the notice ----------------------------------------------------------------------------

    async def voice(self, hook: Webhook) -> Document:
        """A call comes in."""
        self.metrics.count("calls_received")
        return await self.offer(hook, self.default_language, Direction.INBOUND)

    async def offer(self, hook: Webhook, language: str, direction: Direction) -> Document:
        """Begin a call with the notice.

        Whoever we rang up has just pressed keys, and key 8 has to work at any time (C28): they
        hear it before any stream, whatever the mode.

        Args:
            hook: the webhook of a call that is in no notice yet.
            language: language it begins in.
            direction: who rang whom.
        """
        if self.is_stopping():
            return self.answers.human(hook.language, "technical_connecting")
        try:
            await self.registrar.begin(hook.call_id, language, hook.number, direction)
            if self.in_stream and direction is Direction.INBOUND:
                return await self._stream(hook)
        except RecordsUnavailable as fault:
            log.error("call_not_recorded", call_id=hook.call_id, code=fault.code)
            return self.answers.human(hook.language, "technical_connecting")
        return self._notice(language)

    async def call_human(self, hook: Webhook, direction: Direction) -> Document:
        """Dial a human before any notice; no later key opens a stream (C6).

        Args:
            hook: the webhook of a call that is in no notice yet.
            direction: who rang whom.
        """
        try:
            await self.registrar.begin(hook.call_id, hook.language, hook.number, direction)
        except RecordsUnavailable as fault:
            log.error("call_not_recorded", call_id=hook.call_id, code=fault.code)
        return await self._hand_over(hook, "connecting_human")

    async def consent(self, hook: Webhook) -> Document:
        """A key was pressed, or none; bad news of the text message comes first (C21)."""
        document = await self._follow(hook)
        if hook.digits and choose(hook.digits) is Choice.ACCEPT:
            return document  # whoever has accepted hears it in the conversation
        loss = await self.link.late_loss(hook.call_id)
        if loss is None:
            return document
        return self.answers.preceded(document, LINK_LINES[loss], hook.language)

    async def _follow(self, hook: Webhook) -> Document:
        """A key was pressed, or none (C5, C8)."""
        choice = choose(hook.digits) if hook.digits else None
        if choice is Choice.HUMAN:
            self.metrics.count("consent_declined")
            return await self._hand_over(hook, "connecting_human")
        if self.is_stopping():
            return await self._hand_over(hook, "technical_connecting")
        match choice:
            case None:
                return await self._silence(hook)
            case Choice.ACCEPT:
                return await self._accept(hook)
            case Choice.SEND_LINK:
                outcome = await self.link.send(hook.call_id, hook.number, hook.language)
                return self.answers.remark(hook.place, LINK_LINES[outcome])
            case Choice.READ_FULL:
                return await self._read_full(hook.place)
            case Choice.OTHER_LANGUAGE:
                return self._notice(self.next_language(hook.language), hook.place.asked_ms)
            case Choice.REPEAT:
                return self._notice(hook.language, hook.place.asked_ms)
            case Choice.WITHDRAW:
                return self.answers.remark(hook.place, "nothing_to_withdraw")
            case Choice.UNKNOWN:
                return self.answers.repetition(hook.place)

    def _notice(self, language: str, asked_ms: int = 0) -> Document:
        return self.answers.notice(language, self.registrar.notice_version, asked_ms)

    async def _read_full(self, place: Place) -> Document:
        """Layer 2 takes minutes to hear and seconds to render: once, when it is first wanted."""
        full = self.answers.script.full_notice(place.language)
        try:
            async with asyncio.timeout(RENDER_LIMIT):
                await self.answers.recordings.make(full)
        except (EngineError, ConfigurationError, TimeoutError) as fault:
            log.error("full_notice_not_rendered", fault=type(fault).__name__)
            return self.answers.remark(place, "full_notice_not_ready")
        return self.answers.offer(place, "full_notice", full)

    def next_language(self, language: str) -> str:
        """The language key 5 leads to."""
        return self.languages[(self.languages.index(language) + 1) % len(self.languages)]

    async def _silence(self, hook: Webhook) -> Document:
        if hook.place.attempt < self.repetitions:
            return self.answers.repetition(replace(hook.place, attempt=hook.place.attempt + 1))
        self.metrics.count("consent_no_choice")
        # Whoever was rung up and does nothing is let go; nobody else is called to them.
        if hook.is_outbound or self.answers.handover_number is None:
            await self.note(hook.call_id, Disposition.ENDED)
            return self.answers.goodbye(hook.language, "no_choice_goodbye")
        return await self._hand_over(hook, "connecting_human")

    async def _hand_over(
        self, hook: Webhook, key: str | None, language: str | None = None
    ) -> Document:
        """Dial the human. First it is noted, so that no later key opens a stream (C6, C11)."""
        language = language or hook.language
        await self.note(hook.call_id, Disposition.HANDOVER, language)
        return self.answers.human(language, key)

    async def _accept(self, hook: Webhook) -> Document:
        """Record, then open the stream; without the record there is no stream (C4)."""
        try:
            disposition = await self.registrar.disposition(hook.call_id)
        except RecordsUnavailable:
            return await self._not_recorded(hook)
        if disposition is not Disposition.IN_NOTICE:
            return await self._too_late(hook, disposition)
        if hook.place.notice != self.registrar.notice_version:
            # The program was replaced meanwhile; nobody agrees to what they have not heard (C12).
            self.metrics.count("notice_outdated")
            return self._notice(hook.language)
        try:
            async with asyncio.timeout(ACCEPT_LIMIT):
                await self.registrar.accept(
                    hook.call_id, hook.digits, hook.language, self._heard(hook.place), hook.number
                )
                document = await self._stream(hook)
        except (LedgerUnavailable, RecordsUnavailable, TimeoutError):
            # A record may be there, or come yet, though the caller hears the contrary.
            self.owed.owe(hook.call_id, Means.NOT_SAVED)
            return await self._not_recorded(hook)
        self.metrics.count("consent_given")
        return document

    def _heard(self, place: Place) -> Heard:
        """What the caller had heard by now; the carrier does not tell, so at most (C13)."""
        now = self.registrar.wall_clock()
        elapsed = round(now.timestamp() * 1000) - place.since_ms
        known = place.since_ms > 0
        return Heard(
            part=place.part or "unknown",
            ms=max(0, min(elapsed, place.played_ms)) if known else None,
            by=Clock.ELAPSED,
            since=datetime.fromtimestamp(place.asked_ms / 1000, UTC) if place.asked_ms else None,
        )

    async def _not_recorded(self, hook: Webhook) -> Document:
        log.error("consent_not_recorded", call_id=hook.call_id)
        self.metrics.count("consent_failed")
        return await self._hand_over(hook, "ledger_failed_connecting")

    async def _too_late(self, hook: Webhook, disposition: Disposition | None) -> Document:
        """Key 1 after the notice: a webhook that comes again, and opens no stream (C4, C11)."""
        log.warning("consent_too_late", call_id=hook.call_id, disposition=disposition)
        match disposition:
            case None:  # nobody wrote down that the call began
                return await self._not_recorded(hook)
            case Disposition.ENDED:
                return self.answers.goodbye(hook.language)
            case Disposition.HANDOVER | Disposition.WITHDRAWN:
                return await self._hand_over(hook, "connecting_human")
            case _:  # its stream has begun: were it alive, the carrier would not ask
                return await self._hand_over(hook, "technical_connecting")

    async def _stream(self, hook: Webhook) -> Document:
        token = await self.registrar.mint(self.tokens, hook.call_id)
        parameters = {"token": token, "language": hook.language}
        if hook.number is not None:
            parameters["caller"] = hook.number
        return self.answers.stream(hook.language, parameters)

    # -- afterwards ----------------------------------------------------------------------------

    async def after(self, hook: Webhook) -> Document:
        """The stream, or the dialled human, is gone."""
        if hook.dialled:
            return await self._after_dial(hook)
        try:
            disposition = await self.registrar.disposition(hook.call_id)
        except RecordsUnavailable as fault:
            log.error("disposition_unknown", call_id=hook.call_id, code=fault.code)
            disposition = None
        if disposition is Disposition.ENDED or hook.fields.get("CallStatus") in OVER:
            return self.answers.goodbye(hook.language)
        language = await self._language(hook, disposition)
        if disposition is Disposition.HANDOVER:
            return self.answers.human(language, None)  # the agent has announced it
        # The stream broke, or a worker died: nobody is left in silence.
        self.metrics.count("stream_broken")
        if disposition is Disposition.IN_NOTICE:  # it was refused; let no key 1 open another
            return await self._hand_over(hook, "technical_connecting", language)
        return self.answers.human(language, "technical_connecting")

    async def _language(self, hook: Webhook, disposition: Disposition | None) -> str:
        """The language the caller talked in last; where no stream began, the address's."""
        if disposition is None or disposition is Disposition.IN_NOTICE:
            return hook.language
        try:
            noted = await self.registrar.language(hook.call_id)
        except RecordsUnavailable as fault:
            log.warning("language_unknown", call_id=hook.call_id, code=fault.code)
            return hook.language
        return noted if noted in self.languages else hook.language

    async def _after_dial(self, hook: Webhook) -> Document:
        await self.note(hook.call_id, Disposition.ENDED)
        leg_id = hook.fields.get("DialCallSid", "")
        if CALL_SID.fullmatch(leg_id):  # none where nobody was rung
            await note_leg(self.registrar.book, hook.call_id, leg_id, self.registrar.wall_clock())
        if hook.fields.get("DialCallStatus") in {"completed", "answered"}:
            await self._connected(hook.call_id)
            return self.answers.goodbye(hook.language)
        self.metrics.count("human_unreachable")
        return self.answers.goodbye(hook.language, "human_unavailable")

    async def _connected(self, call_id: str) -> None:
        """Whom we rang up has talked to a person: they are not rung up again about the same."""
        if self.errands is None:
            return
        try:
            errand = await self.errands.of_call(call_id)
            if errand is not None:
                await self.errands.reached(errand.claim, Outcome.CONNECTED)
        except RecordsUnavailable as fault:
            log.error("outcome_not_recorded", call_id=call_id, code=fault.code)

    async def call_status(self, hook: Webhook) -> None:
        """The carrier says how the call stands; repeated and late reports change nothing."""
        if hook.fields.get("CallStatus") in OVER:
            try:
                await self.registrar.end(hook.call_id)
            except UnknownCall:
                log.info("status_of_unknown_call")

    async def message_status(self, hook: Webhook) -> None:
        """The carrier says what became of a text message; what is no such report is dropped.

        Raises:
            RecordsUnavailable: it was not noted.
        """
        written, code = hook.fields.get("MessageStatus", ""), hook.fields.get("ErrorCode", "")
        carrier_id = hook.fields.get("MessageSid", "")
        if written not in MESSAGE_STATUSES or not MESSAGE_SID.fullmatch(carrier_id):
            self.metrics.count("message_unread")
            return
        status = MessageStatus(written)
        self.metrics.count(f"message_{'failed' if status in LOST else 'reported'}")
        error_code = int(code) if ERROR_CODE.fullmatch(code) else None
        if not await self.link.report(carrier_id, status, error_code, hook.message):
            log.info("report_of_unknown_message")

    async def note(
        self, call_id: str, disposition: Disposition, language: str | None = None
    ) -> None:
        """Note where a call stands, if that can be noted: what is answered does not hang on it."""
        try:
            await self.registrar.note(call_id, disposition, language)
        except (RecordsUnavailable, UnknownCall) as fault:
            log.warning("disposition_not_recorded", call_id=call_id, code=fault.code)

    # -- the stream ----------------------------------------------------------------------------

    async def admit(self, start: Start) -> Admission | None:
        """Redeem the stream's token. Every doubt refuses it, and a second stream (C4)."""
        parameters = start.custom_parameters
        language = self.spoken(parameters.get("language", ""))
        try:
            token = parameters.get("token", "")
            if not await self.registrar.redeem(self.tokens, token, start.call_sid):
                return None
            receipt = await self.registrar.consent(start.call_sid)
            if receipt is None and not self.in_stream:
                return None
            errand = None if self.errands is None else await self.errands.of_call(start.call_sid)
            if errand is not None and errand.person is None:
                return None  # nobody has proved to be the right person (C23)
            if not await self.registrar.connect(start.call_sid, language):
                return None
        except (VoiceAgentError, LedgerUnavailable) as fault:
            log.error("stream_not_admitted", call_id=start.call_sid, fault=type(fault).__name__)
            return None
        return Admission(
            call_id=start.call_sid,
            language=language,
            receipt=receipt,
            number=known_number(parameters.get("caller", "")) if self.trusts_numbers else None,
            errand=errand,
        )

    def broken(self, hook: Webhook, fault: Exception) -> Document:
        """The answer to a webhook that met a fault of ours: a human, not silence."""
        log.error("webhook_fault", call_id=hook.call_id, fault=type(fault).__name__)
        self.metrics.count("webhook_fault")
        if hook.dialled:  # the human was there already
            return self.answers.goodbye(hook.language)
        return self.answers.human(hook.language, "technical_connecting")

    def spoken(self, language: str) -> str:
        """The language if it is spoken here, else the default."""
        return language if language in self.languages else self.default_language
