"""Rules for spans of times and parts of the day; patterns stand with the languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from voice_agent.dialogue.slots import times
from voice_agent.dialogue.slots.moment_grammar import Action, Match, Scene
from voice_agent.dialogue.slots.times import IMPOSSIBLE, Clock, Part, Times
from voice_agent.dialogue.slots.times_said import APPROXIMATE, hour_or_time

_NO_END: Final = frozenset({"#m", "#k", "#n", "#e", "uh"})
"""How symbols begin that belong to the number before them: it is not yet the end of a span."""

_SHORTLY: Final = 15
"""Minutes that "kurz nach" lasts."""


def between(match: Match, scene: Scene) -> object:
    """From one time to another."""
    first, last = hour_or_time(match, "x", scene), hour_or_time(match, "x2", scene)
    if scene.moving():
        return last
    if first is None or last is None or scene.follows()[:2] in _NO_END:
        return None
    if first.impossible or last.impossible:
        return IMPOSSIBLE
    return Times(first.first, last.last)


def hours(match: Match, scene: Scene) -> object:
    """As in "nine to five"."""
    first = times.clock(int(match["h"]), 0, match["h"])
    last = times.clock(int(match["h2"]), 0, match["h2"])
    if not scene.free() or first is None or last is None:
        return None
    return Times(first, last, APPROXIMATE)


def hours_half(match: Match, _: Scene) -> object:
    """As in "two to four pm": the half belongs to both unless the span goes over noon."""
    first = times.clock(int(match["h"]), 0, match["h"])
    last = times.clock(int(match["h2"]), 0, match["h2"])
    if first is None or last is None:
        return IMPOSSIBLE
    end, both = times.marked(last, match["a"]), times.marked(first, match["a"])
    if both.minutes < end.minutes:
        return Times(both, end)
    return Times(Clock((both.minutes + times.HALF) % times.DAY), end)


def hour_to_time(match: Match, scene: Scene) -> object:
    """As in "9 to 10:30"."""
    last = scene.found[int(match["x"])]
    first = times.clock(int(match["x_h"]), 0, match["x_h"])
    if not isinstance(last, Times) or first is None or last.last is None:
        return None
    return Times(first, last.last)


def moved(match: Match, scene: Scene) -> object:
    """As in "von neun auf zehn Uhr": where to."""
    return hour_or_time(match, "x2", scene)


def onwards(match: Match, scene: Scene) -> object:
    """As in "ab drei", "nach fünf"."""
    found = hour_or_time(match, "x", scene)
    if found is None or found.impossible:
        return found
    return Times(found.first, None)


def until(match: Match, scene: Scene) -> object:
    """As in "bis zehn", "vor zehn"."""
    found = hour_or_time(match, "x", scene)
    if found is None or found.impossible:
        return found
    return Times(None, found.last)


def shortly(before: int, after: int) -> Action:
    """As in "kurz vor vier", "kurz nach vier"."""

    def action(match: Match, scene: Scene) -> object:
        found = hour_or_time(match, "x", scene)
        if found is None or found.impossible:
            return found
        return replace(found, widen=(before, after))

    return action


shortly_before = shortly(_SHORTLY, 0)
shortly_after = shortly(0, _SHORTLY)


def part(match: Match, _: Scene) -> object:
    """A part of the day, or its early or late half."""
    return times.part_of_day(match["p"], match.get("e"))


def named_part(name: str) -> Action:
    """A part of the day, or its early or late half, by its name."""
    return lambda match, _scene: times.part_of_day(name, match.get("e"))


def first_thing(_match: Match, scene: Scene) -> object:
    """The first hour of the day that the company is open."""
    return times.first_thing(scene.setting.hours)


def span_from(hour: int) -> Action:
    """As in "nach Feierabend"."""
    return lambda _match, _scene: Times(Clock(hour * 60), None, APPROXIMATE)


def span_until(hour: int) -> Action:
    """As in "vor der Arbeit"."""
    return lambda _match, _scene: Times(None, Clock(hour * 60), APPROXIMATE)


def within(first: float, last: float) -> Action:
    """A part of the day with fixed ends."""
    made = Part(round(first * 60), round(last * 60), "pm" if first >= 12 else "morning")  # noqa: PLR2004
    return lambda _match, _scene: made


def after_part(match: Match, scene: Scene) -> object:
    """As in "nach dem Mittag"."""
    found = scene.found[int(match["s"])]
    return Times(Clock(found.last), None) if isinstance(found, Part) else None


def before_part(match: Match, scene: Scene) -> object:
    """As in "vor dem Mittag", "bis zum Abend"."""
    found = scene.found[int(match["s"])]
    return Times(None, Clock(found.first)) if isinstance(found, Part) else None
