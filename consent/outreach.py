"""Whether a person may be rung up: one pure function, and nothing else makes the permit (rule C26).

A permit is for one reminder, one attempt and one short moment. It is made from facts, checked again
at the dialler's door, and of no use a second time. Advertising is not a reminder: there is no
permit for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NoReturn, final
from zoneinfo import ZoneInfo

REMINDER: Final = "reminder"
"""The one purpose somebody is rung up for."""

VALID: Final = timedelta(seconds=60)
"""So long a permit holds; never beyond the calling hours it was made in."""

MOST_ATTEMPTS: Final = 2
"""How often somebody is rung up about one reminder, where nothing else is configured."""

EARLIEST, LATEST = 8 * 60, 21 * 60
"""Whatever is configured: nobody is rung up before 8 or after 21, minutes from midnight."""

USUAL: Final = (((9 * 60, 19 * 60),),) * 5 + ((),) * 2
"""Monday to Friday, 9 to 19."""

_SUNDAY: Final = 6
_LOOK_AHEAD_DAYS: Final = 40
_MINT: Final = object()
_TEXT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


class Refusal(StrEnum):
    """Why nobody is rung up."""

    PURPOSE = "purpose"
    """It is something else than a reminder: advertising is never rung up about."""
    LISTED = "listed"
    """The number is on the do-not-call list."""
    NO_CONSENT = "no_consent"
    """Nobody recorded that this person wants to be reminded, or they have withdrawn it."""
    SPECIAL_NUMBER = "special_number"
    """The number is none of a person's, or costs more than a usual call."""
    COUNTRY = "country"
    """The number is in a country that nobody is rung up in."""
    ATTEMPTS = "attempts"
    """This person was rung up about it as often as may be."""
    OVER = "over"
    """There is nothing to remind of any more."""
    HOURS = "hours"
    """Not at this hour, or not on this day."""


class Means(StrEnum):
    """How somebody agreed to be reminded by telephone."""

    FORM = "form"
    """On paper, signed."""
    ONLINE = "online"
    """On the company's own pages."""
    COUNTER = "counter"
    """At the counter, said and written down."""
    CALL = "call"
    """In a call, said and written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderConsent:
    """A recorded consent to be reminded by telephone.

    Attributes:
        given_at: when it was given; with a time zone.
        means: how.
        text: what was agreed to: the text's version or SHA-256; 1 to 64 letters, digits, ``._:-``.
        withdrawn_at: when it was withdrawn.

    Raises:
        ValueError: it does not say when, or what was agreed to.
    """

    given_at: datetime
    means: Means
    text: str
    withdrawn_at: datetime | None = None

    def __post_init__(self) -> None:
        _insist_zone(self.given_at)
        if self.withdrawn_at is not None:
            _insist_zone(self.withdrawn_at)
        if not _TEXT.fullmatch(self.text):
            raise ValueError("a consent names the text that was agreed to")

    def holds(self, at: datetime) -> bool:
        """True if it has been given by then, and not withdrawn at all."""
        return self.given_at <= at and self.withdrawn_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingHours:
    """When people may be rung up, by the clock on the company's wall.

    Attributes:
        zone: its time zone.
        days: for each weekday, Monday first, spans of minutes from midnight, in order.
        holidays: days on which nobody is rung up, the public holidays of the Land among them.
        years: the years these days are known of; in another one nobody is rung up.

    Raises:
        ValueError: there are not seven days, or there is a span on Sunday, or one that is out of
            order or goes beyond ``EARLIEST`` and ``LATEST``.
    """

    zone: ZoneInfo
    days: tuple[tuple[tuple[int, int], ...], ...] = USUAL
    holidays: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if len(self.days) != len(USUAL):
            raise ValueError("a week has seven days")
        if self.days[_SUNDAY]:
            raise ValueError("nobody is rung up on Sundays")
        for spans in self.days:
            minutes = [minute for span in spans for minute in span]
            if sorted(set(minutes)) != minutes:
                raise ValueError("the spans of a day are out of order")
            if minutes and not EARLIEST <= minutes[0] < minutes[-1] <= LATEST:
                raise ValueError("nobody is rung up before 8 or after 21")

    def allow(self, moment: datetime) -> bool:
        """True if people may be rung up at this moment."""
        span = self.span(moment)
        return span is not None and span[0] <= moment

    def span(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """The span a moment lies in or, if it lies in none, the next one: begin and end, UTC.

        The end is outside. ``None`` where there is none in the next weeks.
        """
        today = moment.astimezone(self.zone).date()
        for number in range(_LOOK_AHEAD_DAYS):
            for opens, closes in self._of(today + timedelta(number)):
                if moment < closes:
                    return opens, closes
        return None

    def _of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day in self.holidays or day.year not in self.years:
            return
        for begin, end in self.days[day.weekday()]:
            yield self._moment(day, begin), self._moment(day, end)

    def _moment(self, day: date, minutes: int) -> datetime:
        hour, minute = divmod(minutes, 60)
        return datetime.combine(day, time(hour, minute), self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutreachFacts:
    """What is known when somebody is about to be rung up.

    Attributes:
        reminder: which reminder it is about.
        purpose: what for; anything but ``REMINDER`` is refused.
        consent: the recorded consent to be reminded.
        listed: the number is on the do-not-call list.
        attempts: how often this person was rung up about it.
        most_attempts: how often they may be.
        country: ISO 3166 code of the country the number is in; ``None``: nobody can tell.
        countries: the countries people are rung up in.
        special: the number is a premium or another special one.
        due: when what they are reminded of begins.
        hours: when people may be rung up.
        now: the present.

    Raises:
        ValueError: a moment has no time zone, or a count is negative.
    """

    reminder: str
    purpose: str
    consent: ReminderConsent | None
    listed: bool
    attempts: int
    most_attempts: int = MOST_ATTEMPTS
    country: str | None
    countries: frozenset[str]
    special: bool
    due: datetime
    hours: CallingHours
    now: datetime

    def __post_init__(self) -> None:
        _insist_zone(self.due)
        _insist_zone(self.now)
        if self.attempts < 0 or not self.reminder:
            raise ValueError("a permit is for one reminder and one attempt")


class NotPermitted(Exception):
    """A permit was shown for something it is not for, too late, or a second time."""


@final
class OutreachPermit:
    """The permission to ring up one person about one reminder, now. Only ``permit`` makes one.

    Attributes:
        reminder: which reminder.
        attempt: which attempt at it, from 1.
        made_at: since when it holds.
        until: until when, that moment excluded.
    """

    __slots__ = ("_attempt", "_made_at", "_reminder", "_spent", "_until")

    def __init__(
        self, reminder: str, attempt: int, made_at: datetime, until: datetime, mint: object
    ) -> None:
        if mint is not _MINT:
            raise TypeError("only permit makes a permit")
        self._reminder = reminder
        self._attempt = attempt
        self._made_at = made_at
        self._until = until
        self._spent = False

    @property
    def reminder(self) -> str:
        """Which reminder it is for."""
        return self._reminder

    @property
    def attempt(self) -> int:
        """Which attempt it is for, from 1."""
        return self._attempt

    @property
    def until(self) -> datetime:
        """Until when it holds, that moment excluded."""
        return self._until

    def spend(self, reminder: str, attempt: int, now: datetime) -> None:
        """Use it up, at the dialler's door: whoever dials asks, and dials if this returns.

        Raises:
            NotPermitted: it is for another reminder or attempt, does not hold now, or was used.
        """
        if (reminder, attempt) != (self._reminder, self._attempt):
            raise NotPermitted("the permit is for another call")
        if not self._made_at <= now < self._until:
            raise NotPermitted("the permit does not hold at this moment")
        if self._spent:
            raise NotPermitted("the permit was used already")
        self._spent = True

    def __repr__(self) -> str:
        return f"OutreachPermit(attempt={self._attempt}, spent={self._spent})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a permit does not leave the process, and there are no two of it")


def permit(facts: OutreachFacts) -> OutreachPermit | Refusal:
    """Permit one call, or say why there is none.

    Args:
        facts: what is known now.
    """
    refusal = refused_always(facts)
    if refusal is not None:
        return refusal
    span = facts.hours.span(facts.now)
    if span is None or facts.now < span[0]:
        return Refusal.HOURS
    until = min(facts.now + VALID, span[1], facts.due)
    return OutreachPermit(facts.reminder, facts.attempts + 1, facts.now, until, _MINT)


def refused_always(facts: OutreachFacts) -> Refusal | None:
    """Why nobody may be rung up at any hour of any day to come, as far as is known now."""
    if facts.purpose != REMINDER:
        return Refusal.PURPOSE
    if facts.listed:
        return Refusal.LISTED
    if facts.consent is None or not facts.consent.holds(facts.now):
        return Refusal.NO_CONSENT
    if facts.special:
        return Refusal.SPECIAL_NUMBER
    if facts.country is None or facts.country not in facts.countries:
        return Refusal.COUNTRY
    if facts.attempts >= facts.most_attempts:
        return Refusal.ATTEMPTS
    if facts.now >= facts.due:
        return Refusal.OVER
    return None


def _insist_zone(moment: datetime) -> None:
    if moment.utcoffset() is None:
        raise ValueError("a moment needs a time zone")
