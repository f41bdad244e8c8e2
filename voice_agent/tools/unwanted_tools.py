"""No more calls, and calls that reached somebody else: said by whoever is on the line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from voice_agent.dialogue.tool import ToolAnswer
from voice_agent.tools.authorise import AuthorisedCall
from voice_agent.tools.toolbox import Handler


class DoNotCall(Protocol):
    """Who must not be rung up."""

    async def stop(self, number: str) -> None:
        """Put a number on the list at once, for good. May raise ``RecordsUnavailable``.

        Args:
            number: the number, E.164.
        """
        ...


class UnwantedTools:
    """The tools of people who do not want to be rung up. Nobody has to prove who they are.

    Args:
        do_not_call: who must not be rung up.
    """

    def __init__(self, do_not_call: DoNotCall) -> None:
        self._do_not_call = do_not_call

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By the tool's name."""
        return {"calls.stop": self.stop, "calls.wrong_person": self.wrong_person}

    async def stop(self, call: AuthorisedCall) -> ToolAnswer:
        """Never ring up this call's number again."""
        number = call.facts.number
        if number is None:
            return ToolAnswer(call.request, "no_number")
        await self._do_not_call.stop(number)
        return ToolAnswer(call.request, "stopped_and_over" if call.facts.outbound else "stopped")

    async def wrong_person(self, call: AuthorisedCall) -> ToolAnswer:
        """Whoever is on the line is not who was rung up; that is written down of the call."""
        return ToolAnswer(call.request, "noted" if call.facts.outbound else "not_ours")
