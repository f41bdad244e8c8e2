"""The company's wall clock set to an hour of the test's own: people are rung up by daylight only.

``python -m tests.service.wall_clock COMMAND ...`` is the command ``voice-agent`` with that clock.
It runs on from there as every clock does.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from voice_agent import cli, stores

AHEAD: Final = "TEST_CLOCK_AHEAD_S"
"""Name of the setting: by how much the clock is ahead, seconds."""

MORNING: Final = datetime(2027, 3, 2, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
"""A Tuesday at ten, and no holiday anywhere in Germany."""


def ahead() -> dict[str, str]:
    """The setting with which it is ``MORNING`` now."""
    return {AHEAD: str((MORNING - datetime.now(UTC)).total_seconds())}


@dataclass(frozen=True)
class Ahead:
    """A clock that is ahead of the real one.

    Attributes:
        by: how far.
    """

    by: timedelta

    def now(self, zone: tzinfo | None = None) -> datetime:
        """The hour it shows."""
        return datetime.now(zone) + self.by


def main() -> None:
    """Run the command."""
    clock = Ahead(timedelta(seconds=float(os.environ.pop(AHEAD))))
    stores.datetime = clock  # type: ignore[attr-defined,assignment]  # where the wall clock is looked at
    cli.main()


if __name__ == "__main__":
    main()
