"""Who must not be rung up (rule C28): how they said so, and the port of the list."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class ToldBy(StrEnum):
    """How somebody said that they do not want to be rung up."""

    KEY = "key"
    WORDS = "words"
    MESSAGE = "message"
    PORTAL = "portal"
    CONSOLE = "console"
    COMMAND = "command"


class DoNotCall(Protocol):
    """The list of those who must not be rung up."""

    async def add(self, number: str, told_by: ToldBy) -> bool:
        """Put a number (E.164) on the list at once; nobody is rung up at it from now on.

        Returns:
            False if it was there already.

        Raises:
            RecordsUnavailable: it is not on the list.
        """
        ...
