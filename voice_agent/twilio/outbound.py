"""What happens when somebody answers whom we rang up, until they have proved who they are.

Whoever answers may be anybody: a child, a neighbour, a voicemail. Nobody's words are listened to
and nothing is said of what the call is about (C27). After that it is a call like every other, with
the same notice. The carrier keeps the state: claim, language and stage stand in the signed address
it comes back to, so any worker can answer, and a repeated webhook harms nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from voice_agent.errors import VoiceAgentError
from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.outbound.errand import Errand, Errands
from voice_agent.runtime.records import Direction, Disposition
from voice_agent.runtime.refusals import Refusals
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.directory import Directory, Verified
from voice_agent.twilio.call_result import result_of
from voice_agent.twilio.keyed import secrets_of
from voice_agent.twilio.outbound_answers import OutboundAnswers, Stage
from voice_agent.twilio.switchboard import Switchboard
from voice_agent.twilio.twiml import Document
from voice_agent.twilio.webhook import Webhook

log = structlog.get_logger(__name__)

EXPECTED, REFUSED, HUMAN, OTHER_LANGUAGE = "1", "8", "0", "5"
"""Keys of the opener; all but the first are obeyed in every stage."""

ANSWER_LIMIT: Final = 12.0
"""Seconds an answer may take, of the fifteen the carrier waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundBoard:
    """What the webhooks of calls that we make work with.

    Attributes:
        switchboard: goes on once somebody has proved who they are.
        answers: builds the documents before that.
        errands: what each call is about.
        directory: knows who can prove what.
        refusals: takes those who do not want to be rung up.
    """

    switchboard: Switchboard
    answers: OutboundAnswers
    errands: Errands
    directory: Directory
    refusals: Refusals

    async def answered(self, hook: Webhook) -> Document:
        """Somebody, or something, answers."""
        return await self._in_time(hook, self._open(hook))

    async def key(self, hook: Webhook) -> Document:
        """Keys were pressed."""
        return await self._in_time(hook, self._follow(hook))

    async def consent(self, hook: Webhook) -> Document:
        """A key in the notice; in a call that we make key 8 refuses there as well."""
        if not (hook.is_outbound and hook.digits == REFUSED):
            return await self.switchboard.consent(hook)
        document = await self._in_time(hook, self._refuse(hook))
        await self.switchboard.note(hook.call_id, Disposition.ENDED)  # no later key opens a stream
        return document

    async def call_status(self, hook: Webhook) -> None:
        """The carrier says how the call stands; repeated and late reports change nothing.

        Raises:
            RecordsUnavailable: it was not noted.
        """
        try:
            await self.switchboard.call_status(hook)
        finally:
            await self._end(hook)

    def broken(self, hook: Webhook, fault: Exception) -> Document:
        """The answer to a webhook that met a fault of ours."""
        log.error("webhook_fault", call_id=hook.call_id, fault=type(fault).__name__)
        self._count("webhook_fault")
        return self.answers.goodbye(hook.language)

    # -- the opener ----------------------------------------------------------------------------

    async def _open(self, hook: Webhook) -> Document:
        errand = await self.errands.answered(hook.claim, hook.call_id) if hook.claim else None
        if errand is None:
            self._count("outbound_without_errand")
            return self.answers.silence()
        self._count("outbound_answered")
        if self.switchboard.is_stopping():  # as below
            return self.answers.goodbye(hook.language)
        return self._ask(hook, Stage.OPENER)

    async def _follow(self, hook: Webhook) -> Document:
        if hook.digits == REFUSED:
            return await self._refuse(hook)
        if hook.digits == HUMAN:
            self._count("outbound_human")
            return await self.switchboard.call_human(hook, Direction.OUTBOUND)
        if self.switchboard.is_stopping():  # nobody would answer the next key
            return self.answers.goodbye(hook.language)
        errand = await self._errand(hook)
        if errand is None or hook.stage is None:
            self._count("outbound_without_errand")
            return self.answers.silence()
        if hook.digits == OTHER_LANGUAGE:
            language = self.switchboard.next_language(hook.language)
            return self._ask(replace(hook, place=replace(hook.place, language=language)))
        if hook.stage in {Stage.IDENTITY, Stage.SECOND}:
            return await self._prove(hook, errand)
        return self._expected(hook)

    def _expected(self, hook: Webhook) -> Document:
        """A key after the opener that is obeyed nowhere else."""
        if not hook.digits:
            return self.answers.silence()
        if hook.digits == EXPECTED:
            self._count("outbound_expected")
            return self._ask(hook, Stage.IDENTITY)
        if hook.stage is Stage.OPENER:
            return self._ask(hook, Stage.AGAIN)
        self._count("outbound_key_without_meaning")
        return self.answers.goodbye(hook.language)

    def _ask(self, hook: Webhook, stage: Stage | None = None) -> Document:
        """Put the question of a stage; by default once more that of this one."""
        asked = stage or hook.stage
        if asked is Stage.OPENER or asked is Stage.AGAIN:
            others = tuple(each for each in self.switchboard.languages if each != hook.language)
            return self.answers.opener(hook.claim, hook.language, others, asked)
        return self.answers.identity(hook.claim, hook.language, asked or Stage.SECOND)

    async def _refuse(self, hook: Webhook) -> Document:
        """No more calls: at once, whatever stage this is and whatever else is away (C28)."""
        self._count("outbound_refused")
        number, claim = hook.number if hook.is_outbound else None, hook.claim
        if number is None or not claim:
            errand = await self._look_up(hook)
            if errand is not None:
                number, claim = number or errand.number, claim or errand.claim
        if number is None:
            return self.answers.silence()
        noted = await self.refusals.note(number, ToldBy.KEY)
        if claim:
            try:
                await self.errands.reached(claim, Outcome.DECLINED)
            except VoiceAgentError as fault:  # the list keeps them from being rung up again
                log.error("outcome_not_recorded", call_id=hook.call_id, code=fault.code)
        return self.answers.goodbye(hook.language, *(["outbound_refusal_noted"] if noted else []))

    async def _look_up(self, hook: Webhook) -> Errand | None:
        """The errand of this call, if that can be known."""
        try:
            return await self.errands.of_call(hook.call_id)
        except VoiceAgentError as fault:
            log.error("errand_unknown", call_id=hook.call_id, fault=type(fault).__name__)
            return None

    # -- identity ------------------------------------------------------------------------------

    async def _prove(self, hook: Webhook, errand: Errand) -> Document:
        """Compare; whatever was wrong, it sounds the same (C23)."""
        person = await self._person(errand, hook.digits)
        if person is not None:
            await self.errands.verified(errand.claim, person)
            self._count("outbound_proved")
            return await self.switchboard.offer(
                replace(hook, number=errand.number), hook.language, Direction.OUTBOUND
            )
        self._count("outbound_not_proved")
        if hook.stage is Stage.IDENTITY:
            return self._ask(hook, Stage.SECOND)
        return self.answers.goodbye(hook.language, "outbound_not_proved")

    async def _person(self, errand: Errand, keys: str) -> PersonKey | None:
        """Who knows this of the number that was dialled, if the call is for them."""
        for secret in secrets_of(keys, self.switchboard.answers.clock().date()):
            found = await self.directory.verify(errand.number, secret)
            if isinstance(found, Verified) and errand.is_for(found.person):
                return found.person
        return None

    # -- what both need ------------------------------------------------------------------------

    async def _errand(self, hook: Webhook) -> Errand | None:
        """The errand of this call, if the address names it."""
        errand = await self.errands.of_call(hook.call_id)
        return errand if errand is not None and errand.claim == hook.claim else None

    async def _end(self, hook: Webhook) -> None:
        outcome = result_of(hook.fields)
        if hook.claim and outcome is not None:
            now = self.switchboard.answers.clock()
            if await self.errands.ended(hook.claim, outcome, now):
                self._count(f"outbound_ended_{outcome}")

    async def _in_time(self, hook: Webhook, answer: Awaitable[Document]) -> Document:
        """Nobody is left in silence, and nobody is told anything, while the records are away."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT):
                return await answer
        except (VoiceAgentError, TimeoutError) as fault:
            log.error("errand_unknown", call_id=hook.call_id, fault=type(fault).__name__)
            self._count("outbound_records_away")
            return self.answers.goodbye(hook.language)

    def _count(self, kind: str) -> None:
        self.switchboard.metrics.count(kind)
