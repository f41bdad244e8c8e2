"""A company that reminds people, and situations drawn at random."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from consent.outreach import USUAL, CallingHours, Means, ReminderConsent
from voice_agent.outbound.plan import Known
from voice_agent.outbound.reminder import Policy, Reminder, State, Texting

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 10, tzinfo=BERLIN)  # a Thursday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
YEARS = frozenset(range(2026, 2029))
HOLIDAYS = frozenset({date(2026, 12, 25), date(2027, 1, 1), date(2027, 5, 1), date(2027, 3, 29)})
HOURS = CallingHours(zone=BERLIN, holidays=HOLIDAYS, years=YEARS)
GIVEN = ReminderConsent(given_at=NOW - 300 * DAY, means=Means.FORM, text="2026-01")
POLICY = Policy(hours=HOURS, countries=frozenset({"DE"}))

_ZONES: Final = (BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"))
_EVENINGS: Final = (((480, 720), (780, 1260)),) * 6 + ((),)
_ONE_MINUTE: Final = (((600, 601),),) * 6 + ((),)
_WEEKS: Final = (USUAL, USUAL, _EVENINGS, _EVENINGS, _ONE_MINUTE, ((),) * 7)
_EDGES: Final = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # the clock goes forward in Berlin
    datetime(2026, 10, 25, 1, tzinfo=UTC),  # and back
    datetime(2026, 12, 31, 23, tzinfo=UTC),  # a year ends
    datetime(2026, 12, 24, 18, tzinfo=UTC),  # before holidays and a weekend
    datetime(2027, 3, 26, 18, tzinfo=UTC),  # before Easter and a change of the clock
    datetime(2028, 12, 31, 17, tzinfo=UTC),  # before a year nobody knows the holidays of
)


def reminder(key: str = "r1", starts_in: timedelta = DAY, **changed: object) -> Reminder:
    """Somebody who agreed has an appointment."""
    plain = Reminder(
        key=key, person=f"p-{key}", starts_at=NOW + starts_in, consent=GIVEN, country="DE"
    )
    return replace(plain, **changed)  # type: ignore[arg-type]  # (fields of a reminder)


class Situations:
    """Situations drawn with a seed: mostly sound, and now and then with something wrong.

    Args:
        seed: the same for the same situations.
    """

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)  # noqa: S311 (the same every time)

    def hours(self) -> CallingHours:
        draw = self._draw
        return CallingHours(
            zone=draw.choice(_ZONES), days=draw.choice(_WEEKS), holidays=HOLIDAYS, years=YEARS
        )

    def policy(self) -> Policy:
        draw = self._draw
        first = draw.choice((6, 30, 48, 200))
        return Policy(
            hours=self.hours(),
            countries=frozenset({"DE", "AT"}),
            first=first * HOUR,
            last=draw.choice((0, 1, 3, 5)) * HOUR,
            attempts=draw.choice((1, 2, 2, 3)),
            spacing=draw.choice((0, 1, 4, 24)) * HOUR,
            together=draw.choice((0, 24, 72)) * HOUR,
            texting=draw.choice(tuple(Texting)),
            at_once=draw.choice((1, 2, 5)),
            per_second=draw.choice((0.1, 1.0, 3.0)),
        )

    def now(self) -> datetime:
        """Any time of two and a half years, and often one at which something changes."""
        draw = self._draw
        if draw.random() < 0.5:
            return draw.choice(_EDGES) + timedelta(seconds=draw.randrange(-200_000, 200_000))
        return datetime(2026, 6, 1, tzinfo=UTC) + timedelta(seconds=draw.randrange(79_000_000))

    def reminders(self, now: datetime, most: int = 4) -> list[Reminder]:
        return [self._reminder(str(number), now) for number in range(self._draw.randint(1, most))]

    def known(self, reminders: list[Reminder], now: datetime) -> Known:
        draw = self._draw
        people = [each.person for each in reminders]
        return Known(
            listed=frozenset(each for each in people if draw.random() < 0.1),
            starts={
                each.appointment: draw.choice((each.starts_at, None, each.starts_at + HOUR))
                for each in reminders
                if each.appointment is not None and draw.random() < 0.5
            },
            running=draw.choice((0, 0, 1, 6)),
            last_dial=draw.choice((None, now - timedelta(seconds=1))),
            paused=draw.random() < 0.05,
        )

    def later(self) -> timedelta:
        """How late a worker comes to a planned call."""
        return timedelta(seconds=self._draw.choice((0, 1, 59, 61, 3600, 40_000, 90_000)))

    def _reminder(self, key: str, now: datetime) -> Reminder:
        draw = self._draw

        def odd(chance: float = 0.05) -> bool:
            return draw.random() < chance

        given = ReminderConsent(
            given_at=now + HOUR if odd() else now - DAY,
            means=draw.choice(tuple(Means)),
            text="1",
            withdrawn_at=now if odd() else None,
        )
        return Reminder(
            key=key,
            person=draw.choice("ABCD"),
            starts_at=now + timedelta(seconds=draw.randrange(-7_200, 700_000)),
            consent=None if odd() else given,
            country=draw.choice(("DE", "DE", "DE", "AT", "FR", None)),
            special=odd(),
            textable=draw.random() < 0.7,
            appointment=f"a{key}" if odd(0.3) else None,
            attempts=draw.choice((0, 0, 0, 1, 2, 3)),
            last_at=now - timedelta(seconds=draw.randrange(90_000)) if odd(0.3) else None,
            state=draw.choice((State.OPEN,) * 12 + tuple(State)),
        )
