"""Rules for days by their distance from today; patterns stand with the languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from voice_agent.dialogue.slots import dates, times
from voice_agent.dialogue.slots.dates import WEEK, Days
from voice_agent.dialogue.slots.moment_grammar import Action, Match, Scene
from voice_agent.dialogue.slots.times_said import number

_IDIOMS: Final = {8: 7, 14: 14}
"""Days as Germans count a week: today is one of the eight."""


def from_today(days: int) -> Action:
    """Today, tomorrow, yesterday."""
    return lambda _match, scene: dates.day(dates.shifted(scene.today, days))


def with_part(days: int, name: str) -> Action:
    """As in "heute Morgen", "tonight"."""
    return lambda _match, scene: (
        dates.day(dates.shifted(scene.today, days)),
        times.part_of_day(name),
    )


def today_part(match: Match, scene: Scene) -> object:
    """As in "this afternoon"."""
    return dates.day(scene.today), times.part_of_day(match["p"])


def weekday(match: Match, scene: Scene) -> object:
    """A weekday alone."""
    return dates.weekday_alone(scene.today, int(match["w"]), still=_open_still(scene))


def weekday_morning(match: Match, scene: Scene) -> object:
    """As in "Montag Morgen"."""
    days = dates.weekday_alone(scene.today, int(match["w"]), still=_open_still(scene))
    return days, times.part_of_day("morning")


def weekday_part(match: Match, scene: Scene) -> object:
    """As in "am späten Freitagvormittag"."""
    return weekday(match, scene), times.part_of_day(match["p"], match["e"])


def _open_still(scene: Scene) -> bool:
    """Whether the company is open later today."""
    minute = scene.now.hour * 60 + scene.now.minute
    return minute < times.hull(scene.setting.hours, scene.today)[1]


def late_weekday(match: Match, scene: Scene) -> object:
    """As in "late on Friday"."""
    return weekday(match, scene), times.part_of_day("late")


def first_thing_weekday(match: Match, scene: Scene) -> object:
    """As in "first thing on Monday morning"."""
    return weekday(match, scene), times.first_thing(scene.setting.hours)


def first_thing_tomorrow(_match: Match, scene: Scene) -> object:
    """As in "first thing tomorrow"."""
    return dates.day(dates.shifted(scene.today, 1)), times.first_thing(scene.setting.hours)


def coming_weekday(match: Match, scene: Scene) -> object:
    """As in "this coming Friday"."""
    return dates.day(dates.coming(scene.today, int(match["w"])))


def related_weekday(match: Match, scene: Scene) -> object:
    """As in "nächsten Freitag"."""
    language = scene.setting.language
    return dates.weekday_of(scene.today, int(match["w"]), match["r"], language)


def after_next(match: Match, scene: Scene) -> object:
    """As in "the Thursday after next"."""
    return dates.weekday_of(scene.today, int(match["w"]), "afternext", scene.setting.language)


def weekday_of_week(match: Match, scene: Scene) -> object:
    """As in "Dienstag nächster Woche"."""
    return dates.weekday_in_week(scene.today, int(match["w"]), match["r"])


def two_of_week(match: Match, scene: Scene) -> object:
    """As in "Dienstag oder Donnerstag nächste Woche"."""
    return tuple(
        dates.weekday_in_week(scene.today, int(match[name]), match["r"]) for name in ("w", "w2")
    )


def two_weeks(match: Match, scene: Scene) -> object:
    """As in "diese oder nächste Woche"."""
    return dates.week(scene.today, match["r"]), dates.week(scene.today, match["r2"])


def weekday_after_next_week(match: Match, scene: Scene) -> object:
    """As in "Tuesday the week after next"."""
    return dates.weekday_in_week(scene.today, int(match["w"]), "afternext")


def weekdays_hence(match: Match, scene: Scene) -> object:
    """As in "Monday week", "a week on Monday": so many weeks after the next Monday."""
    weeks = number(match, "c")
    return dates.day(dates.shifted(dates.coming(scene.today, int(match["w"])), WEEK * weeks))


def weekday_fortnight(match: Match, scene: Scene) -> object:
    """As in "a fortnight on Tuesday"."""
    return dates.day(dates.shifted(dates.coming(scene.today, int(match["w"])), 2 * WEEK))


def weekend(match: Match, scene: Scene) -> object:
    """The weekend, with or without "next"."""
    relation = match.get("r") or "coming"
    return dates.weekend(scene.today, relation, scene.setting.language)


def weekend_after_next(_match: Match, scene: Scene) -> object:
    """The weekend after next."""
    return dates.weekend(scene.today, "afternext", scene.setting.language)


def counted(match: Match, scene: Scene) -> object:
    """As in "in drei Wochen", also from another day than today: "morgen in einer Woche"."""
    return _counted(match, scene, scene.today)


def counted_from(days: int) -> Action:
    """As in "morgen in zwei Wochen"."""
    return lambda match, scene: _counted(match, scene, dates.shifted(scene.today, days))


def weekday_counted(match: Match, scene: Scene) -> object:
    """As in "Montag in zwei Wochen": from today if today is Monday, else from the next one."""
    count = _days(match, scene)
    if count is None or count % WEEK:
        return None
    weekday = int(match["w"])
    if weekday == scene.today.weekday():
        found = dates.shifted(scene.today, count)
        return dates.day(found, dates.shifted(found, WEEK), confidence=0.8)
    found = dates.shifted(dates.coming(scene.today, weekday), count)
    # Of two weeks some count the one that the weekday is in.
    if count > WEEK:
        return dates.day(found, dates.shifted(found, -WEEK), confidence=0.8)
    return dates.day(found)


def counted_weekday(match: Match, scene: Scene) -> object:
    """As in "in zwei Wochen am Dienstag": of the week that is then."""
    count = _days(match, scene)
    if count is None:
        return None
    then = dates.shifted(scene.today, count)
    return dates.day(dates.shifted(dates.monday(then), int(match["w"])))


def _days(match: Match, scene: Scene) -> int | None:
    unit = match.get("u") or "week"
    if unit not in {"day", "week"}:
        return None
    count = number(match, "c")
    if unit == "day" and scene.setting.language == "de":
        return _IDIOMS.get(count, count)
    return count * (WEEK if unit == "week" else 1)


def _counted(match: Match, scene: Scene, start: date) -> Days | None:
    count, unit = number(match, "c"), match.get("u") or "week"
    if unit == "day" and scene.setting.language == "de" and count == 8:  # noqa: PLR2004 (a week)
        return dates.day(dates.shifted(start, 7), dates.shifted(start, 8), confidence=0.8)
    return dates.day(_later(start, count, unit))


def _later(start: date, count: int, unit: str) -> date:
    match unit:
        case "day":
            return dates.shifted(start, count)
        case "week":
            return dates.shifted(start, count * WEEK)
        case "month":
            return dates.months_later(start, count)
    return dates.months_later(start, count * 12)


def months_later(months: int) -> Action:
    """As in "in einem halben Jahr"."""
    return lambda _match, scene: dates.day(dates.months_later(scene.today, months))


def days_later(days: int) -> Action:
    """As in "a fortnight today"."""

    def action(match: Match, scene: Scene) -> object:
        said = match.get("d")
        start = dates.day(scene.today) if said is None else scene.found[int(said)]
        if not isinstance(start, Days) or start.first is None:
            return None
        return dates.day(dates.shifted(start.first, days))

    return action


def span_later(first: int, last: int) -> Action:
    """As in "in den nächsten Tagen"."""
    return lambda _match, scene: Days(
        dates.shifted(scene.today, first), dates.shifted(scene.today, last)
    )


def counted_span(match: Match, scene: Scene) -> object:
    """As in "in ein, zwei Wochen"."""
    first = _later(scene.today, number(match, "c"), match["u"])
    last = _later(scene.today, number(match, "c2"), match["u"])
    return Days(min(first, last), max(first, last))


def within(match: Match, scene: Scene) -> object:
    """As in "in den nächsten zwei Wochen"."""
    end = _counted(match, scene, scene.today)
    return None if end is None else Days(scene.today, end.last)


def within_next(match: Match, scene: Scene) -> object:
    """As in "within two weeks"; "in two weeks" is a day."""
    if match.text.startswith("in ") and " next " not in match.text:
        return None
    return within(match, scene)


def ago(match: Match, scene: Scene) -> object:
    """As in "vor zwei Wochen"."""
    count = _days(match, scene)
    return None if count is None else dates.day(dates.shifted(scene.today, -count))


def workdays(_match: Match, scene: Scene) -> object:
    """As in "werktags": what is left of this week's working days, or next week's."""
    weekend = scene.today.weekday() > dates.FRIDAY
    return replace(dates.week(scene.today, "next" if weekend else "this"), confidence=dates.UNSURE)


def soon(_match: Match, scene: Scene) -> object:
    """As in "so bald wie möglich"."""
    return Days(scene.today, None, vague=True)


def any_day(_match: Match, _scene: Scene) -> object:
    """As in "egal welcher Tag"."""
    return dates.ANY


def any_moment(_match: Match, _scene: Scene) -> object:
    """As in "egal wann"."""
    return dates.ANY, times.ANY
