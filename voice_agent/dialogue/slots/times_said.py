"""Rules for times of day; patterns stand with the languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

from voice_agent.dialogue.slots import times
from voice_agent.dialogue.slots.dates import day
from voice_agent.dialogue.slots.dates_calendar import on
from voice_agent.dialogue.slots.moment_grammar import Action, Match, Scene
from voice_agent.dialogue.slots.times import IMPOSSIBLE, Clock, Times

APPROXIMATE: Final = 0.9
_AFTER_DAY: Final = 0.7
"""Confidence of an hour that only the day before it makes one."""


def number(match: Match, name: str, default: int = 1) -> int:
    """The number of a group; ``default`` where it is not in the match."""
    written = match.get(name)
    return default if written is None else int(written)


def at_clock(match: Match, scene: Scene) -> object:
    """As in "14 Uhr 30"; "25 Uhr" is an impossible time."""
    written = match.get("h") or "1"
    if match.get("i") is not None and not scene.free():
        return None
    return times.point(times.clock(int(written), number(match, "i", 0), written))


def at_digits(match: Match, _: Scene) -> object:
    """As in "14:30", "14.30"."""
    hour, minute = re.split("[:.]", match["v"])[:2]
    return times.point(times.clock(int(hour), int(minute), hour))


def dotted(match: Match, scene: Scene) -> object:
    """As in "14.30", with nothing that tells a time from a date: whole and half hours are times."""
    first, second = (int(part) for part in match["v"].split("."))
    clock = times.clock(first, second, match["v"].partition(".")[0])
    if clock is not None and (second % 5 == 0 or second > 12):  # noqa: PLR2004 (months)
        return times.point(clock, APPROXIMATE)
    return on(scene.today, first, second)


def at_block(match: Match, scene: Scene) -> object:
    """As in "0930", "930", "1500": four digits without a sign between."""
    written = match["v"]
    if not scene.free():
        return None
    found = times.clock(int(written[:-2]), int(written[-2:]), written[:-2])
    return None if found is None else times.point(found)


def at_early(match: Match, scene: Scene) -> object:
    """As in "oh nine thirty", "fifteen hundred hours": on the clock of 24 hours."""
    if not scene.free():
        return None
    found = times.clock(int(match["h"]), number(match, "i", 0))
    return times.point(None if found is None else Clock(found.minutes))


def at_pair(match: Match, scene: Scene) -> object:
    """As in "nine thirty": two numbers that are no part of a longer one and count nothing."""
    before = scene.precedes()
    if not scene.free() or (before is not None and before.symbol[:2] in {"#n", "#x"}):
        return None
    return times.point(times.clock(int(match["h"]), int(match["i"])), APPROXIMATE)


def hour_and_part(match: Match, _: Scene) -> object:
    """As in "seven in the morning"."""
    return times.point(times.clock(int(match["h"]), 0, match["h"])), times.part_of_day(match["p"])


def at_half(match: Match, _: Scene) -> object:
    """As in "3 pm", "nine thirty am"."""
    return _half(int(match["h"]), number(match, "i", 0), match["a"])


def digits_half(match: Match, _: Scene) -> object:
    """As in "3:30 pm"."""
    hour, minute = re.split("[:.]", match["v"])[:2]
    return _half(int(hour), int(minute), match["a"])


def block_half(match: Match, _: Scene) -> object:
    """As in "930 am"."""
    return _half(int(match["v"][:-2]), int(match["v"][-2:]), match["a"])


def _half(hour: int, minute: int, half: str) -> Times:
    found = times.clock(hour, minute)
    return IMPOSSIBLE if found is None else times.point(times.marked(found, half))


def exactly(hour: int, minute: int = 0) -> Action:
    """A time with a name of its own: noon, midnight."""
    return lambda _match, _scene: times.point(Clock(hour * 60 + minute))


def around_noon(before: int, after: int) -> Action:
    """As in "kurz vor Mittag"."""
    noon = Clock(times.HALF)
    return lambda _match, _scene: Times(noon, noon, widen=(before, after))


def to_hour(minutes: int) -> Action:
    """So many minutes before the hour: "halb drei", "drei viertel elf", "quarter to"."""

    def action(match: Match, _: Scene) -> object:
        return _from_hour(match, -minutes)

    return action


def past_hour(minutes: int) -> Action:
    """So many minutes after the hour."""
    return to_hour(-minutes)


def minutes_to(match: Match, _: Scene) -> object:
    """As in "zehn vor elf"."""
    return _from_hour(match, -number(match, "i"))


def minutes_past(match: Match, _: Scene) -> object:
    """As in "zehn nach elf"."""
    return _from_hour(match, number(match, "i"))


def minutes_to_half(match: Match, _: Scene) -> object:
    """As in "fünf vor halb acht"."""
    return _from_hour(match, -30 - number(match, "i"))


def minutes_past_half(match: Match, _: Scene) -> object:
    """As in "fünf nach halb acht"."""
    return _from_hour(match, -30 + number(match, "i"))


def _from_hour(match: Match, minutes: int) -> Times:
    written = match.get("h") or "1"
    hour = times.clock(int(written), 0, written)
    return IMPOSSIBLE if hour is None else times.point(times.earlier(hour, -minutes))


def bare(match: Match, scene: Scene) -> object:
    """An hour without "Uhr", after a word that makes a time of it."""
    found = hour_or_time(match, "x", scene)
    return None if found is None else found


def pair(match: Match, scene: Scene) -> object:
    """As in "um neun oder zehn": two times."""
    first, last = hour_or_time(match, "x", scene), hour_or_time(match, "x2", scene)
    return None if first is None or last is None else (first, last)


def hour_or_time(match: Match, name: str, scene: Scene) -> Times | None:
    """A time that a rule has made, or a number that may be an hour and counts nothing."""
    said = match
    if said.get(name) is not None:
        found = scene.found[int(said[name])]
        return found if isinstance(found, Times) else None
    written = said.get(f"{name}_h") or ""
    if not written or (f"{name}_h" in match.last and not scene.free()):
        return None
    return times.point(times.clock(int(written), 0, written))


def confident(confidence: float) -> Action:
    """An hour that may be no time."""

    def action(match: Match, scene: Scene) -> object:
        found = hour_or_time(match, "x", scene)
        return None if found is None else replace(found, confidence=confidence)

    return action


def day_and_hour(match: Match, scene: Scene) -> object:
    """As in "Donnerstag zehn": an hour after a day."""
    found = hour_or_time(match, "x", scene)
    if found is None:
        return None
    return scene.found[int(match["d"])], replace(found, confidence=_AFTER_DAY)


def hour_on_day(match: Match, scene: Scene) -> object:
    """As in "nine on Wednesday"."""
    written = match["x_h"]
    hour = times.clock(int(written), 0, written)
    return None if hour is None else (times.point(hour, _AFTER_DAY), scene.found[int(match["d"])])


def minutes_fixed(minutes: int) -> Action:
    """As in "in einer halben Stunde"."""
    return lambda _match, scene: _later(scene, minutes)


def hours_and_half(match: Match, scene: Scene) -> object:
    """As in "in two and a half hours"."""
    return _later(scene, 60 * number(match, "c") + 30)


def minutes_later(match: Match, scene: Scene) -> object:
    """As in "in zwanzig Minuten"."""
    return _later(scene, number(match, "c"))


def hours_counted(match: Match, scene: Scene) -> object:
    """As in "in zwei Stunden", "in einer Stunde"."""
    return _later(scene, 60 * number(match, "c"))


def _later(scene: Scene, minutes: int) -> object:
    try:
        then = scene.now + timedelta(minutes=minutes)
    except OverflowError:
        return None
    return day(then.date()), times.point(Clock(then.hour * 60 + then.minute), APPROXIMATE)


def any_time(_match: Match, _scene: Scene) -> object:
    """As in "um wie viel Uhr ist egal"."""
    return times.ANY
