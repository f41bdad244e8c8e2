"""What the company wants of reminders: ``config/reminders.yaml``, checked, as a policy.

Without the file nobody is reminded.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

import holidays
from pydantic import Field, StringConstraints
from pydantic import model_validator as validator

from consent.outreach import MOST_ATTEMPTS, CallingHours
from voice_agent.agent import AgentConfig, Country, Language
from voice_agent.day_texts import CLOSED, Day, Hours, TimeZone, spans_of
from voice_agent.errors import ConfigurationError
from voice_agent.outbound.reminder import Policy, Texting
from voice_agent.part import Part, read
from voice_agent.schedule import PublicHolidays

FILE: Final = "reminders.yaml"
"""Name of the file within the configuration directory."""

YEARS: Final = range(2025, 2076)
"""Years the public holidays are told of; in another one nobody is rung up."""

_USUAL: Final = "09:00-19:00"

CallerName = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f{}]{1,60}$")
]


class CallingWeek(Part):
    """When people may be rung up, by weekday; never on Sundays."""

    mon: Hours = _USUAL
    tue: Hours = _USUAL
    wed: Hours = _USUAL
    thu: Hours = _USUAL
    fri: Hours = _USUAL
    sat: Hours = CLOSED


class ReminderRules(Part):
    """Everything ``config/reminders.yaml`` says.

    Attributes:
        caller_name: who is ringing, as whoever answers hears it before they have proved who they
            are: a name that tells nothing of what the company does.
        time_zone: where the company is, a name of the IANA list.
        public_holidays: on which nobody is rung up.
        hours: when people may be rung up on other days.
        no_calls: days on which nobody is either.
        countries: the countries people are rung up in, two capital letters each (ISO 3166); numbers
            without a prefix are of the first.
        first_h: so long before an appointment somebody is rung up at the earliest, hours.
        last_h: and at the latest.
        attempts: how often about one appointment.
        spacing_min: so long after an attempt at the earliest the next one, minutes.
        together_h: appointments of one person that begin so long after the first are told of in the
            same call, hours.
        text: when a text message is sent: never, instead of a call, after the last attempt.
        language: which one people are spoken to in whose reminder names none.
        at_once: calls at once.
        per_second: calls begun in a second.
        call_s: how long a call takes, for planning, seconds.
    """

    caller_name: CallerName
    time_zone: TimeZone = "Europe/Berlin"
    public_holidays: PublicHolidays
    hours: CallingWeek = CallingWeek()
    no_calls: Annotated[tuple[Day, ...], Field(max_length=100)] = ()
    countries: Annotated[tuple[Country, ...], Field(min_length=1, max_length=50)]
    first_h: int = Field(default=48, ge=1, le=336)
    last_h: int = Field(default=3, ge=0, le=168)
    attempts: int = Field(default=MOST_ATTEMPTS, ge=1, le=3)
    spacing_min: int = Field(default=240, ge=30, le=2880)
    together_h: int = Field(default=72, ge=0, le=336)
    text: Texting = Texting.NEVER
    language: Language = "de"
    at_once: int = Field(default=2, ge=1, le=50)
    per_second: float = Field(default=1.0, ge=0.05, le=10)
    call_s: int = Field(default=90, ge=10, le=900)

    @validator(mode="after")
    def _fits_together(self) -> Self:
        if self.last_h >= self.first_h:
            raise ValueError("last_h is not less than first_h: nobody could be rung up")
        try:
            self._calling_hours(frozenset())
        except ValueError as fault:
            raise ValueError(f"hours: {fault}") from None
        return self

    def policy(self) -> Policy:
        """The policy it makes."""
        kept = self.public_holidays
        named = holidays.country_holidays(
            kept.country, subdiv=kept.state or None, years=YEARS, language="en_US"
        )
        closed = frozenset(named) | {date.fromisoformat(day) for day in self.no_calls}
        return Policy(
            hours=self._calling_hours(closed),
            countries=frozenset(self.countries),
            first=timedelta(hours=self.first_h),
            last=timedelta(hours=self.last_h),
            attempts=self.attempts,
            spacing=timedelta(minutes=self.spacing_min),
            together=timedelta(hours=self.together_h),
            texting=self.text,
            at_once=self.at_once,
            per_second=self.per_second,
            call=timedelta(seconds=self.call_s),
        )

    def _calling_hours(self, closed: frozenset[date]) -> CallingHours:
        week = self.hours
        days = (week.mon, week.tue, week.wed, week.thu, week.fri, week.sat, CLOSED)
        return CallingHours(
            zone=ZoneInfo(self.time_zone),
            days=tuple(spans_of(text) for text in days),
            holidays=closed,
            years=frozenset(YEARS),
        )


def load_rules(config_dir: Path) -> ReminderRules | None:
    """The rules in this directory; ``None`` if there are none: nobody is reminded.

    Raises:
        ConfigurationError: one line per fault with file, line, key and mend.
    """
    path = config_dir / FILE
    return read(path, ReminderRules) if path.exists() else None


def load_rules_of(config_dir: Path, agent: AgentConfig) -> ReminderRules | None:
    """The rules of this company; ``None`` if there are none.

    Raises:
        ConfigurationError: as ``load_rules``; or the name that anybody hears tells what only the
            right person may know (C27).
    """
    rules = load_rules(config_dir)
    if rules is not None and agent.notice.health and tells(rules.caller_name, agent.company.name):
        raise ConfigurationError(
            f"{config_dir / FILE}: caller_name: holds company.name of agent.yaml, and where health "
            "is spoken of nobody may learn from it whose patient somebody is. Use a neutral name"
        )
    return rules


def tells(text: str, company: str) -> bool:
    """True if the company's name is in a text, however it is spaced and written."""
    said, name = ("".join(filter(str.isalnum, each.casefold())) for each in (text, company))
    return name in said
