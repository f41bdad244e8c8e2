"""What the page of reminders shows, put into an operator's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from babel.dates import format_date, format_datetime

from voice_agent.console.day_of_calls import KINDS, day_of_calls
from voice_agent.console.texts import load, spoken
from voice_agent.outbound.campaign import Standing
from voice_agent.outbound.reminder import State


class ReminderView:
    """Makes the template's facts; everything in them is text that it escapes.

    Args:
        language: of the page; one we do not have is taken for German.
        zone: of the company's clock.
    """

    def __init__(self, language: str, zone: tzinfo) -> None:
        self._zone = zone
        self._texts: Mapping[str, Any] = load(spoken(language))["reminders"]

    def facts(self, standing: Standing) -> dict[str, Any]:
        """How things stand."""
        pause = standing.pause
        return {
            "at": f"{standing.at.astimezone(self._zone):%H:%M:%S}",
            "day": format_date(standing.day, self._texts["day"], locale=self._texts["locale"]),
            "running": standing.running,
            "open": standing.states.get(State.OPEN, 0),
            "done": standing.states.get(State.DONE, 0) + standing.states.get(State.TEXTED, 0),
            "calls": standing.calls,
            "texts": standing.texts,
            "following": [self._moment(each) for each in standing.following],
            "outcomes": self._counted("outcomes", standing.outcomes),
            "left": self._counted("whys", standing.left),
            "pause": None
            if pause is None
            else {
                "since": self._moment(pause.since),
                "reason": self._pause(pause.reason),
            },
            "picture": day_of_calls(standing.hours),
            "kinds": tuple(KINDS),
        }

    def _counted(self, group: str, counts: Mapping[str, int]) -> list[tuple[str, int]]:
        """Words with their numbers, the most first."""
        told = [(self._word(group, name), count) for name, count in counts.items()]
        return sorted(told, key=lambda each: (-each[1], each[0]))

    def _pause(self, reason: str) -> str:
        """Why all is stopped, with the carrier's code, if it gave one."""
        word, _, code = reason.rpartition("_")
        if code.isdecimal():
            return f"{self._word('pauses', word)} ({code})"
        return self._word("pauses", reason)

    def _word(self, group: str, name: str) -> str:
        """The word for a name, or the name itself."""
        words: Mapping[str, str] = self._texts[group]
        return words.get(name) or name.replace("_", " ")

    def _moment(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return format_datetime(local, self._texts["moment"], locale=self._texts["locale"])
