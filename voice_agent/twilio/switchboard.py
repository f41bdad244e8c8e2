"""What is answered to a carrier's webhook, and whose stream may begin.

The carrier keeps the state of the notice for us: language and repetitions stand in the signed
address it comes back to. So any worker can answer any request, and a repeated one harms nothing.
Every answer comes within the fifteen seconds the carrier waits, whatever the database does.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Final

import structlog

from consent.ledger import LedgerUnavailable
from voice_agent.call.notice_menu import Choice, choose
from voice_agent.call.offer import LINK_LINES
from voice_agent.errors import ConfigurationError, EngineError
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.privacy_link import PrivacyLink
from voice_agent.runtime.records import (
    Disposition,
    RecordsUnavailable,
    StreamTokens,
    UnknownCall,
)
from voice_agent.runtime.registrar import Registrar
from voice_agent.twilio.answers import Answers
from voice_agent.twilio.media import Admission
from voice_agent.twilio.messages import Start
from voice_agent.twilio.signature import WebhookSignatures
from voice_agent.twilio.twiml import Document

log = structlog.get_logger(__name__)

WITHHELD: Final = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
"""What Twilio writes for a number it does not know: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and
UNAVAILABLE, spelt on the keys of a telephone."""

OVER: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""The carrier's statuses of a call that is over."""

RENDER_LIMIT: Final = 10.0
"""Seconds the full notice may take to be rendered before the caller is asked to wait for it."""

_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")


def known_number(text: str) -> str | None:
    """A caller's number as the carrier gives it, or ``None`` if it is withheld or strange."""
    return text if _NUMBER.fullmatch(text) and text not in WITHHELD else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A webhook whose signature is right: the few fields that are read, the rest is dropped.

    Attributes:
        call_id: the call.
        number: the caller's number, or ``None`` if it is withheld or strange.
        digits: the key pressed, or empty.
        fields: the statuses among the form's fields; everything else is dropped unread.
        language: language the offer is made in.
        attempt: short repetitions so far.
        dialled: a human was dialled before.
    """

    call_id: str
    number: str | None
    digits: str
    fields: dict[str, str]
    language: str
    attempt: int
    dialled: bool


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
    """

    answers: Answers
    signatures: WebhookSignatures
    registrar: Registrar
    tokens: StreamTokens
    link: PrivacyLink
    metrics: Metrics
    languages: tuple[str, ...]
    default_language: str
    repetitions: int
    in_stream: bool

    # -- the notice ----------------------------------------------------------------------------

    async def voice(self, hook: Webhook) -> Document:
        """A call comes in."""
        self.metrics.count("calls_received")
        try:
            await self.registrar.begin(hook.call_id, self.default_language)
            if self.in_stream:
                return await self._stream(hook)
        except RecordsUnavailable as fault:
            log.error("call_not_recorded", call_id=hook.call_id, code=fault.code)
            return self.answers.human(hook.language, "technical_connecting")
        return self.answers.notice(self.default_language)

    async def consent(self, hook: Webhook) -> Document:
        """A key was pressed, or none (C5, C8)."""
        if not hook.digits:
            return self._silence(hook)
        language = hook.language
        match choose(hook.digits):
            case Choice.ACCEPT:
                return await self._accept(hook)
            case Choice.HUMAN:
                return await self._human(hook)
            case Choice.SEND_LINK:
                outcome = await self.link.send(hook.call_id, hook.number, language)
                return self.answers.remark(language, hook.attempt, LINK_LINES[outcome])
            case Choice.READ_FULL:
                return await self._read_full(language, hook.attempt)
            case Choice.OTHER_LANGUAGE:
                return self.answers.notice(self._next(language))
            case Choice.REPEAT:
                return self.answers.notice(language)
            case Choice.WITHDRAW:
                return self.answers.remark(language, hook.attempt, "nothing_to_withdraw")
            case Choice.UNKNOWN:
                return self.answers.repetition(language, hook.attempt)

    async def _read_full(self, language: str, attempt: int) -> Document:
        """Layer 2 takes minutes to hear and seconds to render: once, when it is first wanted."""
        full = self.answers.script.full_notice(language)
        try:
            async with asyncio.timeout(RENDER_LIMIT):
                await asyncio.to_thread(self.answers.recordings.render, full)
        except (EngineError, ConfigurationError, TimeoutError) as fault:
            log.error("full_notice_not_rendered", fault=type(fault).__name__)
            return self.answers.remark(language, attempt, "full_notice_not_ready")
        return self.answers.offer(language, attempt, full)

    def _next(self, language: str) -> str:
        return self.languages[(self.languages.index(language) + 1) % len(self.languages)]

    def _silence(self, hook: Webhook) -> Document:
        if hook.attempt < self.repetitions:
            return self.answers.repetition(hook.language, hook.attempt + 1)
        self.metrics.count("consent_no_choice")
        if self.answers.handover_number is None:
            return self.answers.goodbye(hook.language, "no_choice_goodbye")
        return self.answers.human(hook.language)

    async def _human(self, hook: Webhook) -> Document:
        self.metrics.count("consent_declined")
        await self._note(hook.call_id, Disposition.HANDOVER)
        return self.answers.human(hook.language)

    async def _accept(self, hook: Webhook) -> Document:
        """Record, then open the stream; without the record there is no stream (C4)."""
        try:
            await self.registrar.accept(hook.call_id, hook.digits, hook.language, None)
            document = await self._stream(hook)
        except (LedgerUnavailable, RecordsUnavailable):
            log.error("consent_not_recorded", call_id=hook.call_id)
            self.metrics.count("consent_failed")
            return self.answers.human(hook.language, "ledger_failed_connecting")
        self.metrics.count("consent_given")
        return document

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
        if disposition is Disposition.HANDOVER:
            return self.answers.human(hook.language, None)  # the agent has announced it
        # The stream broke, or a worker died: nobody is left in silence.
        self.metrics.count("stream_broken")
        return self.answers.human(hook.language, "technical_connecting")

    async def _after_dial(self, hook: Webhook) -> Document:
        await self._note(hook.call_id, Disposition.ENDED)
        if hook.fields.get("DialCallStatus") in {"completed", "answered"}:
            return self.answers.goodbye(hook.language)
        self.metrics.count("human_unreachable")
        return self.answers.goodbye(hook.language, "human_unavailable")

    async def call_status(self, hook: Webhook) -> None:
        """The carrier says how the call stands; repeated and late reports change nothing."""
        if hook.fields.get("CallStatus") in OVER:
            try:
                await self.registrar.end(hook.call_id)
            except UnknownCall:
                log.info("status_of_unknown_call")

    async def _note(self, call_id: str, disposition: Disposition) -> None:
        try:
            await self.registrar.note(call_id, disposition)
        except (RecordsUnavailable, UnknownCall) as fault:
            log.warning("disposition_not_recorded", call_id=call_id, code=fault.code)

    # -- the stream ----------------------------------------------------------------------------

    async def admit(self, start: Start) -> Admission | None:
        """Redeem the stream's token. Every doubt refuses it (C4)."""
        parameters = start.custom_parameters
        try:
            token = parameters.get("token", "")
            if not await self.registrar.redeem(self.tokens, token, start.call_sid):
                return None
            receipt = await self.registrar.consent(start.call_sid)
            if receipt is None and not self.in_stream:
                return None
            await self.registrar.note(start.call_sid, Disposition.CONNECTED)
        except (RecordsUnavailable, LedgerUnavailable, UnknownCall) as fault:
            log.error("stream_not_admitted", call_id=start.call_sid, fault=type(fault).__name__)
            return None
        return Admission(
            call_id=start.call_sid,
            language=self.spoken(parameters.get("language", "")),
            receipt=receipt,
            number=known_number(parameters.get("caller", "")),
        )

    def spoken(self, language: str) -> str:
        """The language if it is spoken here, else the default."""
        return language if language in self.languages else self.default_language
