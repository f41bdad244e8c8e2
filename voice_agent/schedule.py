"""The company's schedule: ``config/calendar.yaml``, checked, as a plan appointments are made by.

Without the file no appointments are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

import holidays
from pydantic import Field, StringConstraints
from pydantic import model_validator as validator

from voice_agent.agent import Country, Language, Slug, Words
from voice_agent.day_texts import CLOSED, Day, Hours, Length, TimeZone, spans_of
from voice_agent.part import Part, read
from voice_agent.tools.opening import Minutes, Names, Opening
from voice_agent.tools.plan import Plan, Resource, Service

FILE: Final = "calendar.yaml"
"""Name of the file within the configuration directory."""

MOST_EXCEPTION_DAYS: Final = 370

_HOLIDAY_LANGUAGES: Final = {"de": "de", "en": "en_US"}

Folder = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._-]{0,63}){0,3}$|^\.$"
    ),
]


class Week(Part):
    """Opening hours by weekday: ``08:00-12:00, 13:00-18:00`` or ``closed``."""

    mon: Hours
    tue: Hours
    wed: Hours
    thu: Hours
    fri: Hours
    sat: Hours = CLOSED
    sun: Hours = CLOSED


class OtherDays(Part):
    """Days that are otherwise than their weekday, public holidays among them.

    Attributes:
        first: the first of them.
        last: the last; the first if left out.
        hours: when the company is open then.
    """

    first: Day
    last: Day | None = None
    hours: Hours = CLOSED

    @validator(mode="after")
    def _in_order(self) -> Self:
        days = (date.fromisoformat(self.last or self.first) - date.fromisoformat(self.first)).days
        if not 0 <= days < MOST_EXCEPTION_DAYS:
            raise ValueError("last is before first, or more than a year after it")
        return self


class PublicHolidays(Part):
    """Whose public holidays the company keeps.

    Attributes:
        country: two capital letters (ISO 3166).
        state: the state's letters, in Germany those of the Land: ``BE``; empty for the country's.
    """

    country: Country
    state: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{0,20}$")] = ""

    @validator(mode="after")
    def _known(self) -> Self:
        try:
            self.names("en_US")
        except NotImplementedError:
            raise ValueError("nobody knows the holidays of this country or state") from None
        return self

    def names(self, language: str) -> holidays.HolidayBase:
        """The names of the holidays by day, in a language of the library's."""
        return holidays.country_holidays(self.country, subdiv=self.state or None, language=language)


class Title(Part):
    """What something is called in each language."""

    de: Words
    en: Words


class ServicePart(Part):
    """Something done by appointment.

    Attributes:
        id: its short name.
        name: what people call it.
        duration_min: how long it takes, minutes.
        buffer_min: how long its place stays taken afterwards, minutes.
    """

    id: Slug
    name: Title
    duration_min: Annotated[Length, Field(ge=5, le=1440)]
    buffer_min: Annotated[Length, Field(ge=0, le=480)] = 0


class ResourcePart(Part):
    """A place, a machine or a person that does one thing at a time.

    Attributes:
        id: its short name.
        services: what it can do.
        calendar: where its calendar lies below ``CALDAV_URL``; its ``id`` if left out, ``.`` for
            that address itself.
    """

    id: Slug
    services: Annotated[tuple[Slug, ...], Field(min_length=1)]
    calendar: Folder | None = None


class Schedule(Part):
    """Everything ``config/calendar.yaml`` says.

    Attributes:
        time_zone: where the company is, a name of the IANA list.
        public_holidays: on which it is closed; none if left out.
        hours: opening hours by weekday.
        exceptions: days that are otherwise.
        lead_min: an appointment is booked so long before it at the latest, minutes.
        horizon_days: and at most so many days ahead.
        step_min: appointments begin at multiples of so many minutes from midnight.
        titles: language of what is written into a calendar server.
        services: what is done.
        resources: who or what does it, in the order they are filled.
    """

    time_zone: TimeZone = "Europe/Berlin"
    public_holidays: PublicHolidays | None = None
    hours: Week
    exceptions: Annotated[tuple[OtherDays, ...], Field(max_length=100)] = ()
    lead_min: int = Field(default=120, ge=0, le=20_160)
    horizon_days: int = Field(default=90, ge=1, le=400)
    step_min: Annotated[Length, Field(ge=5, le=240)] = 30
    titles: Language = "de"
    services: Annotated[tuple[ServicePart, ...], Field(min_length=1, max_length=50)]
    resources: Annotated[tuple[ResourcePart, ...], Field(min_length=1, max_length=50)]

    @validator(mode="after")
    def _fits_together(self) -> Self:
        services = [each.id for each in self.services]
        resources = [each.id for each in self.resources]
        calendars = [each.calendar or each.id for each in self.resources]
        for what, names in (("services", services), ("resources", resources)):
            if len(set(names)) != len(names):
                raise ValueError(f"{what}: two have the same id")
        if len(set(calendars)) != len(calendars):
            raise ValueError("resources: two have the same calendar")
        done = {name for each in self.resources for name in each.services}
        if done - set(services):
            raise ValueError(
                f"resources: no such service: {', '.join(sorted(done - set(services)))}"
            )
        for each in self.services:
            if each.id not in done:
                raise ValueError(f"services: {each.id}: no resource does it")
            if not any(end - begin >= each.duration_min for begin, end in self._all_spans()):
                raise ValueError(f"services: {each.id}: takes longer than the company is ever open")
        return self

    def _all_spans(self) -> Iterator[Minutes]:
        for text in (*self._week(), *(each.hours for each in self.exceptions)):
            yield from spans_of(text)

    def _week(self) -> tuple[str, ...]:
        week = self.hours
        return week.mon, week.tue, week.wed, week.thu, week.fri, week.sat, week.sun

    def plan(self) -> Plan:
        """The plan it makes."""
        return Plan(
            opening=Opening(
                zone=ZoneInfo(self.time_zone),
                days=tuple(spans_of(text) for text in self._week()),
                exceptions=dict(self._exceptions()),
                holidays=_Names(self.public_holidays),
            ),
            services={
                each.id: Service(
                    id=each.id,
                    names=each.name.model_dump(),
                    duration=timedelta(minutes=each.duration_min),
                    buffer=timedelta(minutes=each.buffer_min),
                )
                for each in self.services
            },
            resources=tuple(
                Resource(
                    id=each.id,
                    services=frozenset(each.services),
                    calendar=each.calendar or each.id,
                )
                for each in self.resources
            ),
            lead=timedelta(minutes=self.lead_min),
            horizon=timedelta(days=self.horizon_days),
            step=timedelta(minutes=self.step_min),
            titles=self.titles,
        )

    def _exceptions(self) -> Iterator[tuple[date, tuple[Minutes, ...]]]:
        for each in self.exceptions:
            first = date.fromisoformat(each.first)
            for number in range((date.fromisoformat(each.last or each.first) - first).days + 1):
                yield first + timedelta(number), spans_of(each.hours)


class _Names:
    """What a day's public holiday is called, by language."""

    def __init__(self, kept: PublicHolidays | None) -> None:
        self._by_language = (
            {}
            if kept is None
            else {ours: kept.names(theirs) for ours, theirs in _HOLIDAY_LANGUAGES.items()}
        )

    def __call__(self, day: date) -> Names | None:
        names = {
            language: name
            for language, days in self._by_language.items()
            if (name := days.get(day)) is not None
        }
        return names or None


def load_plan(config_dir: Path) -> Plan | None:
    """The plan in this directory; ``None`` if there is none: no appointments are made.

    Raises:
        ConfigurationError: one line per fault with file, line, key and mend.
    """
    path = config_dir / FILE
    return read(path, Schedule).plan() if path.exists() else None
