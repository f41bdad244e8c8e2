"""Which reminder's call is next and when, and why the others are not rung up about.

Pure: reminders, what is known, the company's policy and the clock in; a plan out. The plan is no
permission. Whoever dials needs a permit of that moment (``consent.outreach``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import heapify, heappop, heappush, heapreplace
from typing import Final

from consent.outreach import Refusal, permit, refused_always
from voice_agent.outbound.reminder import Policy, Reminder, State, Texting


class Why(StrEnum):
    """Why nobody is rung up about a reminder, beside a refusal of the permit."""

    DONE = "done"
    TEXTED = "texted"
    RUNNING = "running"
    CANCELLED = "cancelled"
    """The appointment is off."""
    MOVED = "moved"
    """The appointment is at another time; there is a reminder of that one, or none."""
    TOO_LATE = "too_late"
    """There is no hour left in which somebody may be rung up about it, or no line."""
    WAITS = "waits"
    """The same person is being rung up, or is first rung up about another appointment."""
    PAUSED = "paused"
    """Somebody has stopped all of it for now."""


_TEXTING: Final[Mapping[Why | Refusal | None, Texting]] = {
    None: Texting.INSTEAD,
    Refusal.ATTEMPTS: Texting.AFTER,
}
"""What company sends a message about a reminder, by why nobody is rung up about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known at the moment, beside the reminders.

    Attributes:
        listed: who is on the do-not-call list, by pseudonym.
        starts: when appointments of the calendar begin now, by what it calls them; ``None``: it is
            off. One that is not there is taken as it stands in its reminder.
        running: calls that are going on.
        last_dial: when the last one was begun.
        paused: nothing is begun.
    """

    listed: frozenset[str] = frozenset()
    starts: Mapping[str, datetime | None] = field(default_factory=dict)
    running: int = 0
    last_dial: datetime | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """A call to come.

    Attributes:
        reminder: which one it is about.
        also: further ones of the same person that it tells of; none of anybody else who has the
            same number.
        at: when.
        attempt: which attempt it is, from 1.
    """

    reminder: str
    also: tuple[str, ...]
    at: datetime
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedText:
    """A text message to come.

    Attributes:
        reminder: which one it is about.
        at: when.
    """

    reminder: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundPlan:
    """Every reminder is in it once: in a call, in a text message, or with the reason why not.

    Attributes:
        calls: by time.
        texts: by time.
        left: why nothing happens, by reminder.
    """

    calls: tuple[PlannedCall, ...]
    texts: tuple[PlannedText, ...]
    left: Mapping[str, Why | Refusal]


@dataclass(frozen=True, slots=True)
class _Job:
    """A call that needs a line.

    Attributes:
        lead: the reminder it is about.
        also: those it also tells of.
        opens: when it may begin, within the calling hours.
        closes: when it may begin at the latest.
    """

    lead: Reminder
    also: tuple[Reminder, ...]
    opens: datetime
    closes: datetime


def plan(
    reminders: Sequence[Reminder], known: Known, policy: Policy, now: datetime
) -> OutboundPlan:
    """Plan all calls and text messages there are to be, as things stand.

    Who has their appointment first is rung up first. Of one person only the first call is planned:
    what comes of it changes the others.

    Args:
        reminders: all of them, also those that are done: they tell who was rung up lately.
        known: what is known beside them.
        policy: what the company wants.
        now: the present, timezone-aware.
    """
    return _Planner(known, policy, now).plan(reminders)


class _Planner:
    def __init__(self, known: Known, policy: Policy, now: datetime) -> None:
        self._known = known
        self._policy = policy
        self._now = now
        self._left: dict[str, Why | Refusal] = {}
        self._texts: list[PlannedText] = []

    def plan(self, reminders: Sequence[Reminder]) -> OutboundPlan:
        people: dict[str, list[Reminder]] = defaultdict(list)
        for each in reminders:
            people[each.person].append(each)
        jobs = [job for each in people.values() if (job := self._job(each)) is not None]
        calls = self._on_lines(jobs)
        texts = sorted(self._texts, key=lambda text: (text.at, text.reminder))
        return OutboundPlan(calls=tuple(calls), texts=tuple(texts), left=self._left)

    def _job(self, reminders: list[Reminder]) -> _Job | None:
        """The next call to one person."""
        waiting = [each for each in sorted(reminders, key=_nearest) if self._is_to_be_rung(each)]
        if any(each.state is State.RUNNING for each in reminders):
            self._leave(waiting, Why.WAITS)
            return None
        spoken = [each.last_at for each in reminders if each.last_at is not None]
        earliest = max([self._now, *(moment + self._policy.spacing for moment in spoken)])
        for number, lead in enumerate(waiting):
            opens = self._within_hours(max(earliest, lead.starts_at - self._policy.first))
            closes = lead.starts_at - self._policy.last
            if opens is None or opens > closes:
                self._left[lead.key] = Why.TOO_LATE
                continue
            last = lead.starts_at + self._policy.together
            # Whoever is told must be allowed to hear all of it: a household's calls are separate.
            theirs = {None, lead.customer}
            also, others = list[Reminder](), list[Reminder]()
            for each in waiting[number + 1 :]:
                fits = each.starts_at <= last and each.customer in theirs
                (also if fits else others).append(each)
            self._leave(others, Why.WAITS)
            return _Job(lead, tuple(also), opens, closes)
        return None

    def _is_to_be_rung(self, reminder: Reminder) -> bool:
        """True if somebody is to be rung up about it; else a message is planned, or it is left."""
        why = self._why_not(reminder)
        if self._policy.texting is _TEXTING.get(why) and reminder.textable:
            at = self._within_hours(max(self._now, reminder.starts_at - self._policy.first))
            if at is not None and at <= reminder.starts_at - self._policy.last:
                self._texts.append(PlannedText(reminder=reminder.key, at=at))
                return False
        if why is None:
            return True
        self._left[reminder.key] = why
        return False

    def _why_not(self, reminder: Reminder) -> Why | Refusal | None:
        """Why nothing happens about a reminder, whatever the hour."""
        match reminder.state:
            case State.DONE:
                return Why.DONE
            case State.TEXTED:
                return Why.TEXTED
            case State.RUNNING:
                return Why.RUNNING
        starts = reminder.starts_at
        if reminder.appointment is not None:
            current = self._known.starts.get(reminder.appointment, starts)
            if current != starts:
                return Why.CANCELLED if current is None else Why.MOVED
        listed = reminder.person in self._known.listed
        refusal = refused_always(self._policy.facts(reminder, self._now, listed=listed))
        if refusal not in {None, Refusal.ATTEMPTS}:
            return refusal
        return Why.PAUSED if self._known.paused else refusal

    def _within_hours(self, moment: datetime) -> datetime | None:
        """The first moment from this one on at which people may be rung up."""
        span = self._policy.hours.span(moment)
        return None if span is None else max(moment, span[0])

    def _leave(self, reminders: Sequence[Reminder], why: Why | Refusal) -> None:
        for each in reminders:
            self._left[each.key] = why

    def _on_lines(self, jobs: list[_Job]) -> list[PlannedCall]:
        """Give each call its time: as many at once and in a second as may be."""
        policy, known = self._policy, self._known
        coming = sorted(jobs, key=lambda job: (job.opens, _nearest(job.lead)), reverse=True)
        free = max(0, policy.at_once - known.running)
        lines = [self._now] * free + [self._now + policy.call] * (policy.at_once - free)
        heapify(lines)
        gap = timedelta(microseconds=math.ceil(1_000_000 / policy.per_second))
        dial = self._now if known.last_dial is None else max(self._now, known.last_dial + gap)
        ready: list[tuple[datetime, str, _Job]] = []
        calls: list[PlannedCall] = []
        while coming or ready:
            at = max(lines[0], dial)
            if not ready:
                at = max(at, coming[-1].opens)
            at = self._within_hours(at) or at  # outside, each is refused its permit below
            while coming and coming[-1].opens <= at:
                job = coming.pop()
                heappush(ready, (*_nearest(job.lead), job))
            *_, job = heappop(ready)
            if self._fits(job, at):
                calls.append(_call(job, at))
                heapreplace(lines, at + policy.call)
                dial = at + gap
        return calls

    def _fits(self, job: _Job, at: datetime) -> bool:
        """True if a call may begin then; else its reminders are left."""
        lead = job.lead
        listed = lead.person in self._known.listed
        why: Why | Refusal
        if at > job.closes:
            why = Why.TOO_LATE
        elif isinstance(refusal := permit(self._policy.facts(lead, at, listed=listed)), Refusal):
            why = refusal
        else:
            return True
        self._left[lead.key] = why
        self._leave(job.also, Why.WAITS)
        return False


def _call(job: _Job, at: datetime) -> PlannedCall:
    also = tuple(each.key for each in job.also)
    return PlannedCall(reminder=job.lead.key, also=also, at=at, attempt=job.lead.attempts + 1)


def _nearest(reminder: Reminder) -> tuple[datetime, str]:
    """By this, whose appointment is first comes first."""
    return reminder.starts_at, reminder.key
