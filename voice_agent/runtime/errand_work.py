"""What is reached in a call that we made: seen in its tools' answers, written down at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from voice_agent.dialogue.tool import ToolAnswer
from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.errand import Errand, Errands
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.tasks import CallTasks
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.matter import Matter

log = structlog.get_logger(__name__)

PAUSES: Final = (0.5, 2.0, 8.0)
"""Seconds before an outcome that could not be written down is tried again."""

_SETTLES: Final = {
    ("reminder.confirm", "confirmed"): Outcome.CONFIRMED,
    ("calendar.move", "moved"): Outcome.MOVED,
    ("calendar.cancel", "cancelled"): Outcome.CANCELLED,
    # It is in no calendar of ours: people do what was asked for.
    ("reminder.call_back", "requested"): Outcome.TOLD,
}
_ENDS: Final = {
    ("calls.stop", "stopped_and_over"): Outcome.DECLINED,
    ("calls.wrong_person", "noted"): Outcome.WRONG_PERSON,
}
_TELLS: Final = frozenset({("reminder.appointments", "found"), ("reminder.others", "found")})
_GONE: Final = ("reminder.appointments", "gone")


class ErrandWork:
    """One call's errand.

    Args:
        errand: why somebody was rung up.
        errands: where it is written down what was reached.
        tasks: the call's tasks.
    """

    def __init__(self, errand: Errand, errands: Errands, tasks: CallTasks) -> None:
        self._errand = errand
        self._errands = errands
        self._tasks = tasks
        self._settled: set[str] = set()
        self._told: set[str] = set()
        self._order = asyncio.Lock()

    @property
    def number(self) -> str:
        """Who was rung up, E.164."""
        return self._errand.number

    @property
    def person(self) -> PersonKey | None:
        """Who proved to be the right person."""
        return self._errand.person

    @property
    def matters(self) -> tuple[Matter, ...]:
        """What is still to be talked about, the nearest first."""
        return tuple(
            Matter(
                reminder=each.reminder,
                starts_at=each.starts_at,
                appointment=each.appointment,
                is_theirs=each.person is not None,
            )
            for each in self._errand.appointments
            if each.reminder not in self._settled
        )

    def learn(self, answer: ToolAnswer, *, told: bool) -> None:
        """Take note of what an answer means for the errand.

        Args:
            answer: the answer.
            told: it is said to whoever was rung up, now. What was done counts without that, too.
        """
        came = (answer.request.tool, answer.outcome)
        about = [each for each in self.matters if _is_about(each, answer.request.arguments)]
        if (end := _ENDS.get(came)) is not None:
            self._reached(end, None)
        elif (outcome := _SETTLES.get(came)) is not None:
            for matter in about:
                self._settle(matter, outcome)
                if told and outcome is Outcome.CONFIRMED:
                    self._tell_next(matter)
        elif not told:
            return
        elif came in _TELLS:
            for matter in self.matters:
                if answer.rows and _is_about(matter, answer.rows[0]):  # the others come after it
                    self._tell(matter)
        elif came == _GONE:
            for matter in self.matters:
                if matter.appointment is not None and matter.is_theirs:
                    self._settle(matter, Outcome.TOLD)

    def _tell_next(self, settled: Matter) -> None:
        """The next appointment is told in the same breath, if it was found with this one."""
        kept = settled.appointment is not None
        alike = (each for each in self.matters if (each.appointment is not None) == kept)
        if (following := next(alike, None)) is not None:
            self._tell(following)

    def _tell(self, matter: Matter) -> None:
        if matter.reminder not in self._told:
            self._told.add(matter.reminder)
            self._reached(Outcome.TOLD, matter.reminder)

    def _settle(self, matter: Matter, outcome: Outcome) -> None:
        self._settled.add(matter.reminder)
        if outcome is Outcome.TOLD:
            self._tell(matter)
        else:
            self._reached(outcome, matter.reminder)

    def _reached(self, outcome: Outcome, reminder: str | None) -> None:
        self._tasks.owe(self._write(outcome, reminder))

    async def _write(self, outcome: Outcome, reminder: str | None) -> None:
        """Write it down, in the order in which it was reached; the caller does not wait for it."""
        async with self._order:
            for pause in (*PAUSES, None):
                try:
                    await self._errands.reached(self._errand.claim, outcome, reminder)
                except RecordsUnavailable:
                    if pause is None:
                        log.error("outcome_not_recorded", outcome=outcome.value)
                        return
                    await asyncio.sleep(pause)
                else:
                    return


def _is_about(matter: Matter, named: Mapping[str, str]) -> bool:
    """True if arguments, or a row, name this one."""
    if named.get("reminder") == matter.reminder:
        return True
    return matter.appointment is not None and named.get("appointment") == matter.appointment
