"""The portal's page of calls that we make: "do not call me any more", and that taken back (C28)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from voice_agent.privacy.codes import OneTimeCodes
from voice_agent.privacy.ports import DoNotCall, Links
from voice_agent.privacy.view import View
from voice_agent.privacy.visitor import Visitor


class Objection:
    """The steps. They concern the number of the call, so whoever takes them enters a code first.

    Args:
        links: know the number.
        listed: who must not be rung up.
        codes: one-time codes.
        clock: the wall clock, timezone-aware.
    """

    AIM = "calls"
    """What a one-time code is wanted for."""

    def __init__(
        self,
        links: Links,
        listed: DoNotCall,
        codes: OneTimeCodes,
        clock: Callable[[], datetime],
    ) -> None:
        self._links = links
        self._listed = listed
        self._codes = codes
        self._clock = clock
        self.steps = {
            self.AIM: self.look,
            "calls.stop": self.stop,
            "calls.allow": self.allow,
        }

    async def look(self, visitor: Visitor, form: Mapping[str, str]) -> View:
        """Whether they are rung up."""
        del form
        return await self._done(visitor, _nothing, "")

    async def stop(self, visitor: Visitor, form: Mapping[str, str]) -> View:
        """Ring them up no more; once or many times, the page says the same."""
        del form
        return await self._done(visitor, self._listed.add, "stopped")

    async def allow(self, visitor: Visitor, form: Mapping[str, str]) -> View:
        """They may be rung up again, as far as they agreed to it."""
        del form
        return await self._done(visitor, self._listed.remove, "allowed")

    async def _done(
        self, visitor: Visitor, work: Callable[[str], Awaitable[None]], done: str
    ) -> View:
        if not self._codes.is_fresh(visitor.visit):
            return visitor.ask_code(self.AIM)
        number = await self._links.number(visitor.visit.call_id, self._clock())
        if number is None:  # its time has passed since the code was sent
            return visitor.ask_code(self.AIM, trouble="no_number")
        await work(number)
        listed = await self._listed.holds(number)
        return visitor.view("calls", step=self.AIM, listed=listed, done=done)


async def _nothing(number: str) -> None:
    del number
