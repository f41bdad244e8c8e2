"""How the reminders stand, for ``voice-agent reminders status``: as a record and as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from voice_agent.outbound.campaign import HourOfCalls, Standing

WIDEST: Final = 40
"""Characters of the longest bar."""


def record_of(standing: Standing, zone: tzinfo) -> dict[str, Any]:
    """All of it: numbers, and times with the offset of the company's clock."""

    def told(moment: datetime) -> str:
        return moment.astimezone(zone).isoformat(timespec="seconds")

    pause = standing.pause
    return {
        "paused": pause is not None,
        "pause": None if pause is None else {"since": told(pause.since), "reason": pause.reason},
        "states": dict(standing.states),
        "outcomes": dict(standing.outcomes),
        "running": standing.running,
        "calls": standing.calls,
        "texts": standing.texts,
        "left": dict(standing.left),
        "next": [told(each) for each in standing.following],
        "hours": [
            {"begins": told(hour.begins), "calls": dict(hour.calls)} for hour in standing.hours
        ],
    }


def lines_of(standing: Standing, zone: tzinfo) -> list[str]:
    """The same for people, with a picture of the day."""
    pause, lines = standing.pause, list[str]()
    if pause is not None:
        since = pause.since.astimezone(zone)
        lines.append(f"All reminders are stopped since {since:%Y-%m-%d %H:%M} ({pause.reason}).")
    lines.append(f"reminders: {_counted(standing.states) or 'none'}")
    lines += [f"done, {outcome}: {count}" for outcome, count in sorted(standing.outcomes.items())]
    lines.append(f"calls going on: {standing.running}")
    lines.append(f"calls planned: {standing.calls}; text messages planned: {standing.texts}")
    lines += [f"next: {each.astimezone(zone):%Y-%m-%d %H:%M}" for each in standing.following]
    lines += [f"not rung up, {why}: {count}" for why, count in standing.left.items()]
    return [*lines, *_picture(standing.hours)]


def _picture(hours: tuple[HourOfCalls, ...]) -> list[str]:
    """A bar for each hour of today."""
    most = max((sum(hour.calls.values()) for hour in hours), default=0)
    lines = ["calls today, by hour:"] if most else []
    for hour in hours:
        count = sum(hour.calls.values())
        bar = "#" * (-(-count * WIDEST // most) if most > WIDEST else count)
        told = f"{hour.begins:%H:%M} {bar} {count} ({_counted(hour.calls)})"
        lines.append(told if count else f"{hour.begins:%H:%M}")
    return lines


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
