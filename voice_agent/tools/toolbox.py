"""The tools of one server: by name, what does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from voice_agent.dialogue.tool import ToolAnswer
from voice_agent.tools.authorise import AuthorisedCall, Policy

Handler = Callable[[AuthorisedCall], Awaitable[ToolAnswer]]
"""Does one thing that is permitted, in bounded time. What can be expected is an outcome."""


class Toolbox:
    """Every tool that can be run here.

    Args:
        handlers: by the tool's name in the catalogue.
        policy: what the company permits.
    """

    def __init__(self, *handlers: Mapping[str, Handler], policy: Policy | None = None) -> None:
        self.policy = policy or Policy()
        self._handlers = {name: each for group in handlers for name, each in group.items()}

    @property
    def names(self) -> frozenset[str]:
        """The tools that can be run."""
        return frozenset(self._handlers)

    async def use(self, call: AuthorisedCall) -> ToolAnswer:
        """Have done what is permitted."""
        return await self._handlers[call.request.tool](call)
