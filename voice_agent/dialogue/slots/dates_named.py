"""Rules for days that are told by a day, a month or a feast; patterns stand with the languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from voice_agent.dialogue.slots import dates, dates_calendar
from voice_agent.dialogue.slots.dates import IMPOSSIBLE, WEEK, Days
from voice_agent.dialogue.slots.dates_feasts import feast
from voice_agent.dialogue.slots.moment_grammar import Action, Match, Scene
from voice_agent.dialogue.slots.times_said import number


def month(match: Match, scene: Scene) -> object:
    """A month by its name."""
    return month_of(match, scene)


def month_of(match: Match, scene: Scene) -> Days:
    """The month that a pattern has found."""
    return dates_calendar.month_named(scene.today, int(match["m"]), year_of(match))


def year_of(match: Match) -> int | None:
    """The year that was said, or ``None``."""
    said = match
    if written := said.get("y"):
        return int(written)
    if written := said.get("z"):
        return 2000 + int(written)
    return None


def half_of_month(match: Match, scene: Scene) -> object:
    """As in "in der zweiten Januarhälfte"."""
    whole = month_of(match, scene)
    if whole.last is None or match["o"] not in {"1", "2"}:
        return None
    first = whole.last.replace(day=1 if match["o"] == "1" else 16)
    return Days(first, whole.last if match["o"] == "2" else first.replace(day=15))


def month_of_year(match: Match, scene: Scene) -> object:
    """As in "im März nächsten Jahres"."""
    year = dates.year(scene.today, match["r"]).last
    return (
        None
        if year is None
        else dates_calendar.month_named(scene.today, int(match["m"]), year.year)
    )


def of_month_of_year(match: Match, scene: Scene) -> object:
    """As in "am dritten März nächsten Jahres"."""
    year = dates.year(scene.today, match["r"]).last
    if year is None:
        return None
    return dates_calendar.on(scene.today, day_number(match), int(match["m"]), year.year)


def of_related_month(match: Match, scene: Scene) -> object:
    """As in "am fünfzehnten nächsten Monats"."""
    month = dates.month(scene.today, match["r"]).last
    if month is None:
        return None
    return dates_calendar.on(scene.today, day_number(match), month.month, month.year)


def of_month(match: Match, scene: Scene) -> object:
    """As in "am dritten Dezember", "December 3rd", "am dritten zwölften"."""
    said = match
    numbered = said.get("m") or said.get("o2") or said["n2"]
    found = dates_calendar.on(scene.today, day_number(match), int(numbered), year_of(match))
    return _with_weekday(match, scene, found)


def two_days(match: Match, scene: Scene) -> object:
    """As in "am fünften oder sechsten Januar"."""
    month = int(match["m"])
    first = dates_calendar.on(scene.today, int(match["o"]), month)
    return first, dates_calendar.on(scene.today, int(match["o2"]), month)


def day_only(match: Match, scene: Scene) -> object:
    """As in "am zwölften", "Donnerstag, der zwölfte"."""
    written = match.get("w")
    if not scene.free() or scene.follows().startswith(("#m", "#k")):
        return None
    return dates_calendar.day_of_month(
        scene.today, day_number(match), None if written is None else int(written)
    )


def day_only_kept(match: Match, scene: Scene) -> object:
    """As in "on the second", "after the second": what goes before the day is looked at again."""
    found = day_only(match, scene)
    if not isinstance(found, Days) or found.impossible:
        return found
    match match.text.partition(" ")[0]:
        case "from":
            return dates.after(found, itself=True)
        case "after":
            return dates.after(found, itself=False)
        case "by" | "until":
            return dates.before(found, itself=True)
        case "before":
            return dates.before(found, itself=False)
    return found


def day_number(match: Match) -> int:
    """The day of a month, said as an ordinal or not."""
    said = match
    return int(said.get("o") or said["n"])


def _with_weekday(match: Match, scene: Scene, found: Days) -> Days:
    written = match.get("w")
    return (
        found if written is None else dates_calendar.with_weekday(scene.today, found, int(written))
    )


def dotted(match: Match, scene: Scene) -> object:
    """As in "3.12.", "3.12.2026": day first."""
    numbers = [int(part) for part in match["v"].split(".")]
    return _with_weekday(match, scene, _by_numbers(scene, numbers[0], numbers[1], numbers[2:]))


def slashed(match: Match, scene: Scene) -> object:
    """As in "12/3": day first, as everywhere but in America; month first is the other reading."""
    first, second, *rest = (int(part) for part in match["v"].split("/"))
    readings = [
        found
        for found in (
            _by_numbers(scene, first, second, rest),
            _by_numbers(scene, second, first, rest),
        )
        if not found.impossible
    ]
    if not readings:
        return IMPOSSIBLE
    if len(readings) > 1 and readings[0] != readings[1]:
        best = replace(readings[0], others=(readings[1],), confidence=dates.SPLIT)
    else:
        best = readings[0]
    return _with_weekday(match, scene, best)


def _by_numbers(scene: Scene, number: int, month: int, rest: list[int]) -> Days:
    year = None if not rest else rest[0] + (2000 if rest[0] < 100 else 0)  # noqa: PLR2004
    return dates_calendar.on(scene.today, number, month, year)


def iso(match: Match, _: Scene) -> object:
    """As in "2026-12-03"."""
    try:
        return dates.day(date.fromisoformat(match["v"]))
    except ValueError:
        return IMPOSSIBLE


def nth_of_new_year(match: Match, scene: Scene) -> object:
    """As in "der erste Montag im neuen Jahr"."""
    first = dates.year(scene.today, "next").first
    if first is None:
        return None
    return dates_calendar.nth_weekday(first, int(match["w"]), int(match["o"]))


def nth_of_month(match: Match, scene: Scene) -> object:
    """As in "der erste Montag im Januar", "letzter Freitag im Monat"."""
    count = -1 if match.get("o") is None else int(match["o"])
    wanted = int(match["w"])
    said = match
    if said.get("m") is None:
        relation = said.get("r") or "this"
        first = (dates.month(scene.today, relation).last or scene.today).replace(day=1)
        step = 1 if relation == "this" else 0
    else:
        first = (month_of(match, scene).last or scene.today).replace(day=1)
        step = 12
    found = dates_calendar.nth_weekday(first, wanted, count)
    if step and not found.impossible and found.over(scene.today):
        return dates_calendar.nth_weekday(dates.months_later(first, step), wanted, count)
    return found


def feast_named(match: Match, scene: Scene) -> object:
    """A feast."""
    return feast(scene.today, match["f"])


def feast_named_as(name: str) -> Action:
    """A feast that is said in several words."""
    return lambda _match, scene: feast(scene.today, name)


def beside_feast(days: int) -> Action:
    """As in "am Tag nach Weihnachten"."""

    def action(match: Match, scene: Scene) -> object:
        found = feast(scene.today, match["f"])
        beside = found.last if days > 0 else found.first
        return None if beside is None else dates.day(dates.shifted(beside, days))

    return action


def counted_by_feast(sign: int) -> Action:
    """As in "zwei Tage nach Weihnachten"."""

    def action(match: Match, scene: Scene) -> object:
        found = feast(scene.today, match["f"])
        beside = found.last if sign > 0 else found.first
        if beside is None:
            return None
        count = number(match, "c") * (WEEK if match["u"] == "week" else 1)
        return dates.day(dates.shifted(beside, sign * count))

    return action


def week_by_feast(weeks: int) -> Action:
    """As in "in der Woche nach Weihnachten"."""

    def action(match: Match, scene: Scene) -> object:
        found = feast(scene.today, match["f"])
        beside = found.last if weeks > 0 else found.first
        if beside is None:
            return None
        return dates.weekdays(dates.shifted(dates.monday(beside), WEEK * weeks), scene.today)

    return action


def weekday_by_feast(days: int) -> Action:
    """As in "der Freitag vor Weihnachten"."""

    def action(match: Match, scene: Scene) -> object:
        found = feast(scene.today, match["f"])
        beside = found.last if days > 0 else found.first
        if beside is None:
            return None
        ahead = dates.coming(beside, int(match["w"]))
        if days > 0:
            return dates.day(ahead)
        return dates.day(
            dates.shifted(ahead, -WEEK if ahead.weekday() != beside.weekday() else -2 * WEEK)
        )

    return action
