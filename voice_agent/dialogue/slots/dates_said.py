"""What the rules for dates make of the words; patterns stand with the languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from voice_agent.dialogue.slots import dates, times
from voice_agent.dialogue.slots.dates import IMPOSSIBLE, WEEK, Days
from voice_agent.dialogue.slots.dates_feasts import feast
from voice_agent.dialogue.slots.moment_grammar import Action, Match, Scene
from voice_agent.dialogue.slots.times_said import number

_IDIOMS: Final = {8: 7, 14: 14}
"""Days as Germans count a week: today is one of the eight."""


_MOVES: Final = frozenset(
    "move moving reschedule rescheduled change changing shift push swap".split()
)


def from_today(days: int) -> Action:
    """Today, tomorrow, yesterday."""
    return lambda _match, scene: dates.day(dates.shifted(scene.today, days))


def with_part(days: int, name: str) -> Action:
    """ "heute Morgen", "tonight"."""
    return lambda _match, scene: (
        dates.day(dates.shifted(scene.today, days)),
        times.part_of_day(name),
    )


def today_part(match: Match, scene: Scene) -> object:
    """ "this afternoon"."""
    return dates.day(scene.today), times.part_of_day(match["p"])


def coming_weekday(match: Match, scene: Scene) -> object:
    """ "this coming Friday"."""
    return dates.day(dates.coming(scene.today, int(match["w"])))


def weekdays_hence(match: Match, scene: Scene) -> object:
    """ "Monday week", "a week on Monday": so many weeks after the next Monday."""
    weeks = number(match, "c")
    return dates.day(dates.shifted(dates.coming(scene.today, int(match["w"])), WEEK * weeks))


def weekday_fortnight(match: Match, scene: Scene) -> object:
    """ "a fortnight on Tuesday"."""
    return dates.day(dates.shifted(dates.coming(scene.today, int(match["w"])), 2 * WEEK))


def within_next(match: Match, scene: Scene) -> object:
    """ "within two weeks"; "in two weeks" is a day."""
    if match.text.startswith("in ") and " next " not in match.text:
        return None
    return within(match, scene)


def weekday(match: Match, scene: Scene) -> object:
    """A weekday alone."""
    return dates.weekday_alone(scene.today, int(match["w"]), still=_open_still(scene))


def weekday_morning(match: Match, scene: Scene) -> object:
    """ "Montag Morgen"."""
    days = dates.weekday_alone(scene.today, int(match["w"]), still=_open_still(scene))
    return days, times.part_of_day("morning")


def weekday_part(match: Match, scene: Scene) -> object:
    """ "am späten Freitagvormittag"."""
    return weekday(match, scene), times.part_of_day(match["p"], match["e"])


def _open_still(scene: Scene) -> bool:
    """Whether the company is open later today."""
    minute = scene.now.hour * 60 + scene.now.minute
    return minute < times.hull(scene.setting.hours, scene.today)[1]


def related_weekday(match: Match, scene: Scene) -> object:
    """ "nächsten Freitag"."""
    language = scene.setting.language
    return dates.weekday_of(scene.today, int(match["w"]), match["r"], language)


def after_next(match: Match, scene: Scene) -> object:
    """ "the Thursday after next"."""
    return dates.weekday_of(scene.today, int(match["w"]), "afternext", scene.setting.language)


def weekday_of_week(match: Match, scene: Scene) -> object:
    """ "Dienstag nächster Woche"."""
    return dates.weekday_in_week(scene.today, int(match["w"]), match["r"])


def weekday_after_next_week(match: Match, scene: Scene) -> object:
    """ "Tuesday the week after next"."""
    return dates.weekday_in_week(scene.today, int(match["w"]), "afternext")


def period(match: Match, scene: Scene) -> object:
    """ "nächste Woche", "this month"."""
    return _period(scene, match["u"], match["r"])


def week_after_next(_match: Match, scene: Scene) -> object:
    """ "the week after next"."""
    return dates.week(scene.today, "afternext")


def _period(scene: Scene, unit: str, relation: str) -> Days | None:
    match unit:
        case "week":
            return dates.week(scene.today, relation)
        case "month":
            return dates.month(scene.today, relation)
        case "year":
            return dates.year(scene.today, relation)
    return None


def weekend(match: Match, scene: Scene) -> object:
    """The weekend, with or without "next"."""
    relation = match.get("r") or "coming"
    return dates.weekend(scene.today, relation, scene.setting.language)


def phase_of_period(match: Match, scene: Scene) -> object:
    """ "Ende nächster Woche", "Mitte des Monats"."""
    unit, relation = match["u"], match.get("r") or "this"
    whole = _period(scene, unit, relation)
    if whole is None:
        return None
    if unit == "week" and relation == "this":
        whole = Days(dates.monday(scene.today), whole.last)
    phases = {"week": dates.in_week, "month": dates.in_month, "year": dates.in_year}
    return phases[unit](whole, match["b"])


def until_end_of_period(match: Match, scene: Scene) -> object:
    """ "before the end of the month"."""
    found = phase_of_period(match, scene)
    return dates.before(found, itself=True) if isinstance(found, Days) else None


def until_end_of_month(match: Match, scene: Scene) -> object:
    """ "vor Ende Januar"."""
    return dates.before(dates.in_month(_month(match, scene), "end"), itself=True)


def phase_after_next(match: Match, scene: Scene) -> object:
    """ "the end of the week after next"."""
    return dates.in_week(dates.week(scene.today, "afternext"), match["b"])


def phase_of_month(match: Match, scene: Scene) -> object:
    """ "Anfang Dezember"."""
    found = dates.in_month(_month(match, scene), match["b"])
    if found.last is not None and found.last < scene.today:
        first = dates.months_later(found.last.replace(day=1), 12)
        found = dates.in_month(dates.whole_month(first, scene.today), match["b"])
    return found


def _month(match: Match, scene: Scene) -> Days:
    return dates.month_named(scene.today, int(match["m"]), _year(match))


def month(match: Match, scene: Scene) -> object:
    """A month by its name."""
    return _month(match, scene)


def half_of_month(match: Match, scene: Scene) -> object:
    """ "in der zweiten Januarhälfte"."""
    whole = _month(match, scene)
    if whole.last is None or match["o"] not in {"1", "2"}:
        return None
    first = whole.last.replace(day=1 if match["o"] == "1" else 16)
    return Days(first, whole.last if match["o"] == "2" else first.replace(day=15))


def month_of_year(match: Match, scene: Scene) -> object:
    """ "im März nächsten Jahres"."""
    year = dates.year(scene.today, match["r"]).last
    return None if year is None else dates.month_named(scene.today, int(match["m"]), year.year)


def of_month_of_year(match: Match, scene: Scene) -> object:
    """ "am dritten März nächsten Jahres"."""
    year = dates.year(scene.today, match["r"]).last
    if year is None:
        return None
    return dates.on(scene.today, _number(match), int(match["m"]), year.year)


def of_related_month(match: Match, scene: Scene) -> object:
    """ "am fünfzehnten nächsten Monats"."""
    month = dates.month(scene.today, match["r"]).last
    if month is None:
        return None
    return dates.on(scene.today, _number(match), month.month, month.year)


def new_year(_match: Match, scene: Scene) -> object:
    """ "im neuen Jahr"."""
    return dates.year(scene.today, "next")


def phase_of_new_year(match: Match, scene: Scene) -> object:
    """ "Anfang des neuen Jahres"."""
    return dates.in_year(dates.year(scene.today, "next"), match["b"])


def weekend_after_next(_match: Match, scene: Scene) -> object:
    """The weekend after next."""
    return dates.weekend(scene.today, "afternext", scene.setting.language)


def _year(match: Match) -> int | None:
    said = match
    if written := said.get("y"):
        return int(written)
    if written := said.get("z"):
        return 2000 + int(written)
    return None


def counted(match: Match, scene: Scene) -> object:
    """ "in drei Wochen", also from another day than today: "morgen in einer Woche"."""
    return _counted(match, scene, scene.today)


def counted_from(days: int) -> Action:
    """ "morgen in zwei Wochen"."""
    return lambda match, scene: _counted(match, scene, dates.shifted(scene.today, days))


def weekday_counted(match: Match, scene: Scene) -> object:
    """ "Montag in zwei Wochen": from today if today is Monday, else from the next one."""
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
    """ "in zwei Wochen am Dienstag": of the week that is then."""
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
    """ "in einem halben Jahr"."""
    return lambda _match, scene: dates.day(dates.months_later(scene.today, months))


def days_later(days: int) -> Action:
    """ "a fortnight today"."""

    def action(match: Match, scene: Scene) -> object:
        said = match.get("d")
        start = dates.day(scene.today) if said is None else scene.found[int(said)]
        if not isinstance(start, Days) or start.first is None:
            return None
        return dates.day(dates.shifted(start.first, days))

    return action


def span_later(first: int, last: int) -> Action:
    """ "in den nächsten Tagen"."""
    return lambda _match, scene: Days(
        dates.shifted(scene.today, first), dates.shifted(scene.today, last)
    )


def counted_span(match: Match, scene: Scene) -> object:
    """ "in ein, zwei Wochen"."""
    first = _later(scene.today, number(match, "c"), match["u"])
    last = _later(scene.today, number(match, "c2"), match["u"])
    return Days(min(first, last), max(first, last))


def within(match: Match, scene: Scene) -> object:
    """ "in den nächsten zwei Wochen"."""
    end = _counted(match, scene, scene.today)
    return None if end is None else Days(scene.today, end.last)


def ago(match: Match, scene: Scene) -> object:
    """ "vor zwei Wochen"."""
    count = _days(match, scene)
    return None if count is None else dates.day(dates.shifted(scene.today, -count))


def workdays(_match: Match, scene: Scene) -> object:
    """ "werktags": what is left of this week's working days, or next week's."""
    weekend = scene.today.weekday() > dates.FRIDAY
    return replace(dates.week(scene.today, "next" if weekend else "this"), confidence=dates.UNSURE)


def soon(_match: Match, scene: Scene) -> object:
    """ "so bald wie möglich"."""
    return Days(scene.today, None)


def any_day(_match: Match, _scene: Scene) -> object:
    """ "egal welcher Tag"."""
    return dates.ANY


def any_moment(_match: Match, _scene: Scene) -> object:
    """ "egal wann"."""
    return dates.ANY, times.ANY


def of_month(match: Match, scene: Scene) -> object:
    """ "am dritten Dezember", "December 3rd", "am dritten zwölften"."""
    said = match
    numbered = said.get("m") or said.get("o2") or said["n2"]
    found = dates.on(scene.today, _number(match), int(numbered), _year(match))
    return _with_weekday(match, scene, found)


def day_only(match: Match, scene: Scene) -> object:
    """ "am zwölften", "Donnerstag, der zwölfte"."""
    written = match.get("w")
    if not scene.free() or scene.follows().startswith(("#m", "#k")):
        return None
    return dates.day_of_month(
        scene.today, _number(match), None if written is None else int(written)
    )


def day_only_kept(match: Match, scene: Scene) -> object:
    """ "on the second", "after the second": what goes before the day is looked at again."""
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


def _number(match: Match) -> int:
    said = match
    return int(said.get("o") or said["n"])


def _with_weekday(match: Match, scene: Scene, found: Days) -> Days:
    written = match.get("w")
    return found if written is None else dates.with_weekday(scene.today, found, int(written))


def dotted(match: Match, scene: Scene) -> object:
    """ "3.12.", "3.12.2026": day first."""
    numbers = [int(part) for part in match["v"].split(".")]
    return _with_weekday(match, scene, _by_numbers(scene, numbers[0], numbers[1], numbers[2:]))


def slashed(match: Match, scene: Scene) -> object:
    """ "12/3": day first, as everywhere but in America; month first is the other reading."""
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
    return dates.on(scene.today, number, month, year)


def iso(match: Match, _: Scene) -> object:
    """ "2026-12-03"."""
    try:
        return dates.day(date.fromisoformat(match["v"]))
    except ValueError:
        return IMPOSSIBLE


def nth_of_month(match: Match, scene: Scene) -> object:
    """ "der erste Montag im Januar", "letzter Freitag im Monat"."""
    count = -1 if match.get("o") is None else int(match["o"])
    wanted = int(match["w"])
    said = match
    if said.get("m") is None:
        relation = said.get("r") or "this"
        first = (dates.month(scene.today, relation).last or scene.today).replace(day=1)
        step = 1 if relation == "this" else 0
    else:
        first = (_month(match, scene).last or scene.today).replace(day=1)
        step = 12
    found = dates.nth_weekday(first, wanted, count)
    if step and not found.impossible and found.over(scene.today):
        return dates.nth_weekday(dates.months_later(first, step), wanted, count)
    return found


def nth_week(match: Match, scene: Scene) -> object:
    """ "in der ersten Dezemberwoche": seven days each, from the first of the month."""
    whole = _month(match, scene)
    if whole.last is None:
        return None
    count = match.get("o")
    if count is None:
        return Days(dates.shifted(whole.last, 1 - WEEK), whole.last)
    begins = dates.shifted(whole.last.replace(day=1), WEEK * (int(count) - 1))
    if begins > whole.last or int(count) < 1:
        return IMPOSSIBLE
    return Days(begins, min(dates.shifted(begins, WEEK - 1), whole.last))


def numbered_week(match: Match, scene: Scene) -> object:
    """ "Kalenderwoche 50"."""
    return dates.calendar_week(scene.today, _number(match))


def week_of(match: Match, scene: Scene) -> object:
    """ "die Woche vom siebten Dezember"."""
    found = scene.found[int(match["d"])]
    if not isinstance(found, Days) or found.first is None:
        return None
    return dates.weekdays(dates.monday(found.first), scene.today)


def feast_named(match: Match, scene: Scene) -> object:
    """A feast."""
    return feast(scene.today, match["f"])


def feast_named_as(name: str) -> Action:
    """A feast that is said in several words."""
    return lambda _match, scene: feast(scene.today, name)


def beside_feast(days: int) -> Action:
    """ "am Tag nach Weihnachten"."""

    def action(match: Match, scene: Scene) -> object:
        found = feast(scene.today, match["f"])
        beside = found.last if days > 0 else found.first
        return None if beside is None else dates.day(dates.shifted(beside, days))

    return action


def week_by_feast(weeks: int) -> Action:
    """ "in der Woche nach Weihnachten"."""

    def action(match: Match, scene: Scene) -> object:
        found = feast(scene.today, match["f"])
        beside = found.last if weeks > 0 else found.first
        if beside is None:
            return None
        return dates.weekdays(dates.shifted(dates.monday(beside), WEEK * weeks), scene.today)

    return action


def weekday_by_feast(days: int) -> Action:
    """ "der Freitag vor Weihnachten"."""

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


def both(match: Match, scene: Scene) -> object:
    """From one date to another; an appointment is moved from one to another, too."""
    if any(item.symbol in _MOVES for item in scene.items):
        return None
    first, last = (_days_of(match, name, scene) for name in ("d", "d2"))
    return None if first is None or last is None else dates.joined(first, last)


def days_of_month(match: Match, scene: Scene) -> object:
    """ "vom dritten bis fünften Dezember": the month belongs to both."""
    month, year = int(match["m"]), _year(match)
    last = dates.on(scene.today, int(match["o2"]), month, year)
    if last.last is None:
        return IMPOSSIBLE
    return dates.joined(dates.on(scene.today, int(match["o"]), month, last.last.year), last)


def onwards(match: Match, scene: Scene) -> object:
    """ "ab Montag"."""
    found = _days_of(match, "d", scene)
    return None if found is None else dates.after(found, itself=True)


def after(match: Match, scene: Scene) -> object:
    """ "nach Weihnachten"."""
    found = _days_of(match, "d", scene)
    return None if found is None else dates.after(found, itself=False)


def until(match: Match, scene: Scene) -> object:
    """ "bis Freitag"."""
    found = _days_of(match, "d", scene)
    return None if found is None else dates.before(found, itself=True)


def before(match: Match, scene: Scene) -> object:
    """ "vor Weihnachten"."""
    found = _days_of(match, "d", scene)
    return None if found is None else dates.before(found, itself=False)


def _days_of(match: Match, name: str, scene: Scene) -> Days | None:
    found = scene.found[int(match[name])]
    return found if isinstance(found, Days) else None
