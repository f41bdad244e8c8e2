"""Rules for spans of days; patterns stand with the languages."""

from __future__ import annotations

from voice_agent.dialogue.slots import dates, dates_calendar
from voice_agent.dialogue.slots.dates import IMPOSSIBLE, WEEK, Days
from voice_agent.dialogue.slots.dates_named import day_number, month_of, year_of
from voice_agent.dialogue.slots.moment_grammar import Match, Scene


def period(match: Match, scene: Scene) -> object:
    """As in "nächste Woche", "this month"."""
    return _period(scene, match["u"], match["r"])


def week_after_next(_match: Match, scene: Scene) -> object:
    """As in "the week after next"."""
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


def new_year(_match: Match, scene: Scene) -> object:
    """As in "im neuen Jahr"."""
    return dates.year(scene.today, "next")


def phase_of_period(match: Match, scene: Scene) -> object:
    """As in "Ende nächster Woche", "Mitte des Monats"."""
    unit, relation = match["u"], match.get("r") or "this"
    found = _phase(scene, unit, relation, match["b"])
    if found is not None and match.get("r") is None and found.over(scene.today):
        return _phase(scene, unit, "next", match["b"])
    return found


def _phase(scene: Scene, unit: str, relation: str, phase: str) -> Days | None:
    whole = _period(scene, unit, relation)
    if whole is None:
        return None
    if unit == "week" and relation == "this":
        whole = Days(dates.monday(scene.today), whole.last)
    phases = {
        "week": dates_calendar.in_week,
        "month": dates_calendar.in_month,
        "year": dates_calendar.in_year,
    }
    return phases[unit](whole, phase)


def until_end_of_period(match: Match, scene: Scene) -> object:
    """As in "before the end of the month"."""
    found = phase_of_period(match, scene)
    return dates.before(found, itself=True) if isinstance(found, Days) else None


def until_end_of_month(match: Match, scene: Scene) -> object:
    """As in "vor Ende Januar"."""
    return dates.before(dates_calendar.in_month(month_of(match, scene), "end"), itself=True)


def phase_after_next(match: Match, scene: Scene) -> object:
    """As in "the end of the week after next"."""
    return dates_calendar.in_week(dates.week(scene.today, "afternext"), match["b"])


def phase_of_month(match: Match, scene: Scene) -> object:
    """As in "Anfang Dezember"."""
    found = dates_calendar.in_month(month_of(match, scene), match["b"])
    if found.last is not None and found.last < scene.today:
        first = dates.months_later(found.last.replace(day=1), 12)
        found = dates_calendar.in_month(dates.whole_month(first, scene.today), match["b"])
    return found


def phase_of_new_year(match: Match, scene: Scene) -> object:
    """As in "Anfang des neuen Jahres"."""
    return dates_calendar.in_year(dates.year(scene.today, "next"), match["b"])


def nth_week(match: Match, scene: Scene) -> object:
    """As in "in der ersten Dezemberwoche": seven days each, from the first of the month."""
    whole = month_of(match, scene)
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
    """As in "Kalenderwoche 50"."""
    return dates_calendar.calendar_week(scene.today, day_number(match))


def week_of(match: Match, scene: Scene) -> object:
    """As in "die Woche vom siebten Dezember"."""
    found = scene.found[int(match["d"])]
    if not isinstance(found, Days) or found.first is None:
        return None
    return dates.weekdays(dates.monday(found.first), scene.today)


def both(match: Match, scene: Scene) -> object:
    """From one date to another; an appointment is moved from one to another, too."""
    if scene.moving():
        return None
    first, last = (_days_of(match, name, scene) for name in ("d", "d2"))
    return None if first is None or last is None else dates.joined(first, last)


def days_of_month(match: Match, scene: Scene) -> object:
    """As in "vom dritten bis fünften Dezember": the month belongs to both."""
    month, year = int(match["m"]), year_of(match)
    last = dates_calendar.on(scene.today, int(match["o2"]), month, year)
    if last.last is None:
        return IMPOSSIBLE
    return dates.joined(
        dates_calendar.on(scene.today, int(match["o"]), month, last.last.year), last
    )


def days_alone(match: Match, scene: Scene) -> object:
    """As in "zwischen dem dritten und dem siebten"."""
    first = dates_calendar.day_of_month(scene.today, int(match["o"]))
    if first.first is None:
        return IMPOSSIBLE
    return dates.joined(first, dates_calendar.day_of_month(first.first, int(match["o2"])))


def onwards(match: Match, scene: Scene) -> object:
    """As in "ab Montag"."""
    found = _days_of(match, "d", scene)
    return None if found is None else dates.after(found, itself=True)


def after(match: Match, scene: Scene) -> object:
    """As in "nach Weihnachten"."""
    found = _days_of(match, "d", scene)
    return None if found is None else dates.after(found, itself=False)


def until(match: Match, scene: Scene) -> object:
    """As in "bis Freitag"."""
    found = _days_of(match, "d", scene)
    return None if found is None else dates.before(found, itself=True)


def before(match: Match, scene: Scene) -> object:
    """As in "vor Weihnachten"."""
    found = _days_of(match, "d", scene)
    return None if found is None else dates.before(found, itself=False)


def _days_of(match: Match, name: str, scene: Scene) -> Days | None:
    found = scene.found[int(match[name])]
    return found if isinstance(found, Days) else None
