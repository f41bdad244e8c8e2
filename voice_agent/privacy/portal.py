"""The portal: what stands behind the link in the text message (C16, C20, C21).

Every step is a form that is posted with the session's secret in a hidden field. So there is no
cookie, nothing in an address that could be passed on, and following a link changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

import structlog

from consent import jsonld
from consent.notice import Notice
from consent.receipt import HeldRecord, Means, State
from voice_agent.errors import ErasureIncomplete, VoiceAgentError
from voice_agent.privacy.codes import OneTimeCodes, Sent
from voice_agent.privacy.objection import Objection
from voice_agent.privacy.ports import Links, Notices, Receipts, Rights, Withdraw
from voice_agent.privacy.rates import FROM_ADDRESS, FROM_ALL
from voice_agent.privacy.records import Paper
from voice_agent.privacy.texts import LANGUAGES
from voice_agent.privacy.view import Download, View, json_file
from voice_agent.privacy.visitor import Visitor, away, chosen, gone, limited, refused, secret_of
from voice_agent.runtime.limiter import Limiter
from voice_agent.runtime.portal import CodeCheck, Refusal
from voice_agent.runtime.records import RecordsUnavailable

log = structlog.get_logger(__name__)

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
Answer = View | Download
Step = Callable[[Visitor, Mapping[str, str]], Awaitable[Answer]]


class Portal:
    """The steps. Each may raise what its ports raise; the routes make a page of it.

    Args:
        links: links and sessions.
        receipts: the consent ledger.
        notices: notices that records name.
        notice: the notice played at present, for whoever has not consented.
        withdraw: writes withdrawals.
        rights: access and erasure.
        codes: one-time codes.
        limiter: counts tries.
        paper: puts receipts and what is kept into words.
        clock: the wall clock, timezone-aware.
        objection: to being rung up; ``None`` where nobody is.
    """

    def __init__(
        self,
        *,
        links: Links,
        receipts: Receipts,
        notices: Notices,
        notice: Notice,
        withdraw: Withdraw,
        rights: Rights,
        codes: OneTimeCodes,
        limiter: Limiter,
        paper: Paper,
        clock: Callable[[], datetime],
        objection: Objection | None = None,
    ) -> None:
        self._links = links
        self._receipts = receipts
        self._notices = notices
        self._notice = notice
        self._withdraw = withdraw
        self._rights = rights
        self._codes = codes
        self._limiter = limiter
        self._paper = paper
        self._clock = clock
        self._aims: dict[str, Step] = {"access": self._access, "erase": self._erase}
        self.steps: dict[str, tuple[Step, tuple[str, ...]]] = {
            "overview": (self._overview, ()),
            "receipt": (self._receipt, ()),
            "receipt.jsonld": (self._receipt_file, ()),
            "notice": (self._full_notice, ()),
            "withdraw": (self._withdrawn, ()),
            "access": (self._access, ()),
            "access.json": (self._access_file, ()),
            "erase": (self._erase, ()),
            "erased": (self._erased, ()),
            "code": (self._send_code, ("aim",)),
            "verify": (self._verify, ("aim", "code")),
        }
        if objection is not None:
            self._aims[objection.AIM] = objection.look
            self.steps |= {name: (step, ()) for name, step in objection.steps.items()}

    # -- coming in -----------------------------------------------------------------------------

    async def enter(self, form: Mapping[str, str], language: str, address: str) -> View:
        """Exchange a link for a session.

        Args:
            form: ``token``, which may be the whole link; ``nonce``, of the page it was entered on;
                ``language``, if one was chosen there.
            language: of the answer, if the visitor stays outside.
            address: of the client.
        """
        waits = await self._limiter.attempt(FROM_ADDRESS, address)
        if waits is not None:
            return limited(language, waits)
        token, nonce = form["token"].strip().rpartition("#")[2], form["nonce"]
        if not _TOKEN.fullmatch(token) or not _TOKEN.fullmatch(nonce):
            return refused(language, Refusal.UNKNOWN)
        # A double click comes from the same page and gets the same session; the same link on
        # another page gets none.
        secret = secret_of(token, nonce)
        refusal = await self._links.exchange(token, secret, self._clock())
        if refusal is not None:
            log.info("portal_refused", reason=refusal)
            waits = await self._limiter.hit(FROM_ALL)
            return refused(language, refusal) if waits is None else limited(language, waits)
        visitor = await self._visitor(secret, form["language"])
        if visitor is None:
            return refused(language, Refusal.EXPIRED)
        return await self._overview(visitor, form)

    async def take(self, name: str, form: Mapping[str, str], address: str) -> Answer:
        """Do a step for whoever is in.

        Args:
            name: of the step.
            form: ``session``, ``language``, and the step's own fields.
            address: of the client.
        """
        language = chosen(form["language"])
        visitor = await self._visitor(form["session"], form["language"])
        if visitor is None:
            # Whoever guesses at sessions is slowed down like whoever guesses at links.
            waits = await self._limiter.attempt(FROM_ADDRESS, address)
            waits = waits or await self._limiter.hit(FROM_ALL)
            return gone(language) if waits is None else limited(language, waits)
        step, _ = self.steps[name]
        return await step(visitor, form)

    async def _visitor(self, secret: str, language: str) -> Visitor | None:
        if not _SECRET.fullmatch(secret):
            return None
        visit = await self._links.visit(secret, self._clock())
        if visit is None:
            return None
        spoken = language if language in LANGUAGES else chosen(visit.language)
        return Visitor(visit=visit, secret=secret, language=spoken)

    # -- looking -------------------------------------------------------------------------------

    async def _overview(self, visitor: Visitor, form: Mapping[str, str]) -> View:
        del form
        try:
            held = await self._receipts.held(visitor.visit.call_id)
        except RecordsUnavailable:
            raise
        except VoiceAgentError as fault:
            return self._unread(visitor, fault)
        return self._standing(visitor, held)

    def _unread(self, visitor: Visitor, fault: VoiceAgentError, done: str = "") -> View:
        """The record is damaged; it can be withdrawn all the same."""
        log.error("record_unreadable", code=fault.code)
        standing = self._paper.unreadable(visitor.language, is_withdrawn=bool(done))
        return visitor.overview(standing, self._aims, done)

    def _standing(self, visitor: Visitor, held: HeldRecord | None, done: str = "") -> View:
        standing = self._paper.standing(held, visitor.language)
        return visitor.overview(standing, self._aims, done)

    async def _receipt(self, visitor: Visitor, form: Mapping[str, str]) -> View:
        held = await self._receipts.held(visitor.visit.call_id)
        if held is None:
            return await self._overview(visitor, form)
        notice = await self._notices.find(held.record.notice_version)
        parts = self._paper.receipt(held, notice, visitor.language)
        standing = self._paper.standing(held, visitor.language)
        return visitor.view("receipt", step="receipt", parts=parts, standing=standing)

    async def _receipt_file(self, visitor: Visitor, form: Mapping[str, str]) -> Answer:
        held = await self._receipts.held(visitor.visit.call_id)
        if held is None:
            return await self._overview(visitor, form)
        notice = await self._notices.find(held.record.notice_version)
        if notice is None:
            log.error("notice_missing")
            return away(visitor.language)
        name = f"receipt-{held.record.record_id[:8]}.jsonld"
        return Download(name=name, kind="application/ld+json", content=jsonld.receipt(held, notice))

    async def _full_notice(self, visitor: Visitor, form: Mapping[str, str]) -> View:
        del form
        held = await self._receipts.held(visitor.visit.call_id)
        notice = self._notice
        if held is not None:
            found = await self._notices.find(held.record.notice_version)
            if found is None:
                log.error("notice_missing")
                return away(visitor.language)
            notice = found
        language = visitor.language if visitor.language in notice.texts else min(notice.texts)
        text = notice.texts[language]
        return visitor.view(
            "notice",
            step="notice",
            text=text,
            version=notice.version,
            heard=held is not None,
        )

    # -- withdrawing ---------------------------------------------------------------------------

    async def _withdrawn(self, visitor: Visitor, form: Mapping[str, str]) -> View:
        """Once or many times: afterwards the page says the same."""
        del form
        call_id = visitor.visit.call_id
        try:
            held = await self._receipts.held(call_id)
        except RecordsUnavailable:
            raise
        except VoiceAgentError as fault:
            # The record cannot be opened. Whatever it says, it does not hold any more.
            await self._withdraw(call_id, Means.PORTAL)
            return self._unread(visitor, fault, done="withdrawn")
        if held is None or held.state is State.EXPIRED:
            return self._standing(visitor, held)
        if held.state is State.GIVEN:
            await self._withdraw(call_id, Means.PORTAL)
            held = await self._receipts.held(call_id)
        withdrawn = held is not None and held.state is State.WITHDRAWN
        return self._standing(visitor, held, done="withdrawn" if withdrawn else "")

    # -- rights --------------------------------------------------------------------------------

    async def _access(self, visitor: Visitor, form: Mapping[str, str]) -> View:
        del form
        if not self._codes.is_fresh(visitor.visit):
            return visitor.ask_code("access")
        export = await self._rights.export(visitor.visit.call_id)
        kept = self._paper.kept(export, visitor.language)
        return visitor.view("access", step="access", kept=kept, made_at=export.made_at)

    async def _access_file(self, visitor: Visitor, form: Mapping[str, str]) -> Answer:
        del form
        if not self._codes.is_fresh(visitor.visit):
            return visitor.ask_code("access")
        export = await self._rights.export(visitor.visit.call_id)
        return Download(
            name="data.json", kind="application/json", content=json_file(export.as_fields())
        )

    async def _erase(self, visitor: Visitor, form: Mapping[str, str]) -> View:
        """Ask whether they are sure; nothing is erased yet."""
        del form
        if not self._codes.is_fresh(visitor.visit):
            return visitor.ask_code("erase")
        return visitor.view("erase", step="erase")

    async def _erased(self, visitor: Visitor, form: Mapping[str, str]) -> View:
        """Erase. The session goes with everything else."""
        del form
        if not self._codes.is_fresh(visitor.visit):
            return visitor.ask_code("erase")
        try:
            erasure = await self._rights.erase(visitor.visit.call_id, "portal")
        except ErasureIncomplete as fault:
            log.error("portal_erasure_incomplete", where=fault.place)
            return visitor.view("incomplete", step="erase", status=503)
        report = self._paper.erasure(erasure, visitor.language)
        return View(name="erased", language=visitor.language, facts={"report": report})

    # -- the one-time code ---------------------------------------------------------------------

    async def _send_code(self, visitor: Visitor, form: Mapping[str, str]) -> View:
        aim = form["aim"] if form["aim"] in self._aims else "access"
        outcome = await self._codes.send(visitor.visit, visitor.secret, visitor.language)
        if outcome is Sent.SENT:
            return visitor.ask_code(aim, sent=True)
        return visitor.ask_code(aim, trouble=outcome)

    async def _verify(self, visitor: Visitor, form: Mapping[str, str]) -> Answer:
        aim = form["aim"] if form["aim"] in self._aims else "access"
        go_on = self._aims[aim]
        if self._codes.is_fresh(visitor.visit):  # a double click
            return await go_on(visitor, form)
        key = hashlib.sha256(visitor.secret.encode()).hexdigest()
        check = await self._codes.check(visitor.secret, form["code"], key)
        if isinstance(check, int):
            return limited(visitor.language, check)
        if check is not CodeCheck.RIGHT:
            can_retry = check is CodeCheck.WRONG
            return visitor.ask_code(aim, trouble=f"code_{check}", sent=can_retry)
        verified = await self._visitor(visitor.secret, visitor.language)
        return gone(visitor.language) if verified is None else await go_on(verified, form)
