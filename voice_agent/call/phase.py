"""Where a call stands, and which ways lead on: the whole table in one place."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from voice_agent.errors import IllegalEvent


class Phase(StrEnum):
    """A call's phase."""

    CREATED = "created"
    """No stream yet."""
    NOTICE = "notice"
    """The notice plays inside the stream; nothing the caller says is looked at."""
    COMMITTING = "committing"
    """Key 1 was pressed; the ledger writes."""
    CONVERSING = "conversing"
    """The caller accepted and is heard."""
    WAITING = "waiting"
    """The agent has no answer; the caller waits in the stream for an operator. Nobody listens."""
    OPERATED = "operated"
    """An operator holds the call; nothing the caller says is recognised (C22)."""
    WITHDRAWN = "withdrawn"
    """The caller withdrew; the agent has stopped listening and offers a human."""
    HANDING_OVER = "handing_over"
    """The handover is being announced."""
    CLOSING = "closing"
    """The last words are being said."""
    ENDED = "ended"
    """Over. Nothing is sent any more."""


_WAYS_OUT: Final = frozenset({Phase.WITHDRAWN, Phase.HANDING_OVER, Phase.CLOSING, Phase.ENDED})

TRANSITIONS: Final[dict[Phase, frozenset[Phase]]] = {
    Phase.CREATED: frozenset({Phase.NOTICE, Phase.CONVERSING, Phase.ENDED}),
    Phase.NOTICE: frozenset({Phase.COMMITTING, Phase.HANDING_OVER, Phase.CLOSING, Phase.ENDED}),
    Phase.COMMITTING: frozenset(
        {Phase.CONVERSING, Phase.WITHDRAWN, Phase.HANDING_OVER, Phase.CLOSING, Phase.ENDED}
    ),
    Phase.CONVERSING: _WAYS_OUT | {Phase.WAITING, Phase.OPERATED},
    Phase.WAITING: _WAYS_OUT | {Phase.OPERATED, Phase.CONVERSING},
    Phase.OPERATED: _WAYS_OUT | {Phase.CONVERSING, Phase.WAITING},
    Phase.WITHDRAWN: frozenset({Phase.HANDING_OVER, Phase.CLOSING, Phase.ENDED}),
    Phase.HANDING_OVER: frozenset({Phase.ENDED}),
    # A key pressed during the goodbye still counts: a human (C6), or a withdrawal (C16).
    Phase.CLOSING: frozenset({Phase.WITHDRAWN, Phase.HANDING_OVER, Phase.ENDED}),
    Phase.ENDED: frozenset(),
}


def step(here: Phase, there: Phase) -> Phase:
    """Return ``there`` if the table has the way.

    Raises:
        IllegalEvent: it has not.
    """
    if there not in TRANSITIONS[here]:
        raise IllegalEvent(f"no way leads from {here} to {there}")
    return there
