"""What one call has done for the caller: asked for by a flow, permitted or not, answered always."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog

from voice_agent.call.events import Event, ToolAnswered
from voice_agent.dialogue.tool import AWAY, BAD_NUMBER, CATALOGUE, DENIED, ToolAnswer, ToolRequest
from voice_agent.runtime.audit import Audit
from voice_agent.runtime.errand_work import ErrandWork
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.tasks import CallTasks
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.authorise import (
    AuthorisedCall,
    CallFacts,
    Deed,
    Refusal,
    authorise,
    deed_of,
)
from voice_agent.tools.told import Told, told_by
from voice_agent.tools.toolbox import Toolbox

log = structlog.get_logger(__name__)

PATIENCE: Final = 9.0
"""Seconds a tool may take, its note in the audit log included: longer than the calendar or the
directory gives itself, and a little less than the call waits. A booking for somebody new asks both,
and is given up where both are slow: whether it was made is not known then, and that is said."""


_MAKES_ANOTHER: Final = frozenset({"calendar.move", "calendar.cancel"})
"""Tools after which an appointment that was booked is another."""


class ToolWork:
    """The tools of one call.

    What changes something is done only if the decision could be written down; whoever wants no
    calls is believed without (C28).

    Args:
        toolbox: the tools.
        audit: where decisions are written down.
        metrics: counts and times.
        call_id: the call.
        number: the caller's number if it is known.
        tasks: the call's tasks.
        post: puts an event into the call's inbox.
        errand: why we made the call, if we did: it begins with the person who was verified.
    """

    def __init__(
        self,
        *,
        toolbox: Toolbox,
        audit: Audit,
        metrics: Metrics,
        call_id: str,
        number: str | None,
        tasks: CallTasks,
        post: Callable[[Event], None],
        errand: ErrandWork | None = None,
    ) -> None:
        self._toolbox = toolbox
        self._audit = audit
        self._metrics = metrics
        self._call_id = call_id
        self._number = number
        self._tasks = tasks
        self._post = post
        self._log = log.bind(call_id=call_id)
        self._consented = False
        self._errand = errand
        self._person: PersonKey | None = None if errand is None else errand.person
        self._used: Counter[str] = Counter()
        self._told: frozenset[Told] = frozenset()
        self._permitted: frozenset[str] = frozenset()
        self._unsure: dict[Deed, str] = {}
        self._running: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """The caller has accepted and is talked to."""
        self._consented = True

    def close(self) -> None:
        """Nothing further is permitted; what is being done is done."""
        self._consented = False

    def stop(self) -> None:
        """The consent is withdrawn: nothing is permitted, and what runs stops (C16)."""
        self.close()
        self._person, self._told, self._unsure = None, frozenset(), {}
        for task in self._running:
            task.cancel()

    def use(self, request: ToolRequest) -> None:
        """Have it done, if this call may; even if the caller hangs up meanwhile."""
        task = self._tasks.owe(self._use(request))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    @property
    def _facts(self) -> CallFacts:
        errand = self._errand
        theirs = errand is not None and self._person == errand.person
        return CallFacts(
            call_id=self._call_id,
            consented=self._consented,
            tools=self._toolbox.names,
            person=self._person,
            number=self._number,
            outbound=errand is not None,
            matters=errand.matters if errand is not None and theirs else (),
            used=dict(self._used),
            told=self._told,
            permitted=self._permitted,
            unsure=dict(self._unsure),
            policy=self._toolbox.policy,
        )

    async def _use(self, request: ToolRequest) -> None:
        permitted = authorise(request, self._facts)
        if isinstance(permitted, AuthorisedCall):
            # At once: whatever is asked for meanwhile is judged with this in mind.
            self._used[request.tool] += 1
            self._permitted |= {permitted.facts.key(request)}
        answer = await self._answer(request, permitted)
        if isinstance(permitted, AuthorisedCall) and CATALOGUE[request.tool].changes:
            self._settle(permitted, answer)
        if self._errand is not None:
            self._errand.learn(answer, told=self._consented)  # else nobody listens any more
        if permitted is not Refusal.REPEATED:  # the first of them is answered
            self._post(ToolAnswered(answer))

    async def _answer(
        self, request: ToolRequest, permitted: AuthorisedCall | Refusal
    ) -> ToolAnswer:
        decision = permitted.value if isinstance(permitted, Refusal) else "permitted"
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._audit.note("caller", request.tool, decision, self._call_id)
        except (RecordsUnavailable, TimeoutError):
            self._log.error("decision_not_recorded")
            if isinstance(permitted, Refusal) or not CATALOGUE[request.tool].at_once:
                return ToolAnswer(request, AWAY)
            began = clock()  # a refusal counts all the same: whoever takes it keeps trying
        if isinstance(permitted, Refusal):
            self._log.warning("tool_refused", tool=request.tool, reason=decision)
            self._metrics.count("tool_refused")
            outcome = BAD_NUMBER if permitted is Refusal.NUMBER else DENIED
            return ToolAnswer(request, outcome)
        try:
            async with asyncio.timeout_at(began + PATIENCE):
                answer = await self._toolbox.use(permitted)
            self._learn(answer)
        except Exception as fault:  # noqa: BLE001 (whatever fails, the caller is told that it did)
            self._log.error("tool_failed", tool=request.tool, fault=type(fault).__name__)
            self._metrics.count("tool_failed")
            return ToolAnswer(request, AWAY)
        self._metrics.seconds(request.tool, clock() - began)
        self._log.info("tool_used", tool=request.tool, outcome=answer.outcome)
        return answer

    def _settle(self, tried: AuthorisedCall, answer: ToolAnswer) -> None:
        """Remember what may have been done although nobody knows: tried again, it is that one."""
        if answer.outcome == AWAY:
            self._unsure.setdefault(deed_of(tried.request), tried.key)
        elif tried.request.tool in _MAKES_ANOTHER:
            self._unsure.clear()  # what was booked may be moved or cancelled: it is another now
        else:
            self._unsure.pop(deed_of(tried.request), None)

    def _learn(self, answer: ToolAnswer) -> None:
        """Remember who was verified, and what was told: other tools may be asked about it."""
        if answer.person is not None:
            self._person = PersonKey(answer.person)
            # What was told to whoever was verified before is not this person's.
            self._told = frozenset(each for each in self._told if each.is_anybodys)
        self._told |= frozenset(told_by(answer))
