"""Where it is written down who did what: never what it was about."""

from __future__ import annotations

from typing import Literal, Protocol

Actor = Literal["system", "caller", "portal", "command", "operator"]
"""Who does something."""


class Audit(Protocol):
    """The port of the audit log."""

    async def note(
        self, actor: Actor, action: str, outcome: str, object_id: str | None = None
    ) -> None:
        """Write down that it happened.

        Raises:
            RecordsUnavailable: it was not written down.
        """
        ...
