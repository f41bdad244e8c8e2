"""A command that the console itself gives for an operator."""

from __future__ import annotations

import time
import uuid

from voice_agent.console.role import Operator
from voice_agent.live.command import Command, Verb


def order(verb: Verb, operator: Operator, call: str) -> Command:
    """A new command without a text, as of now."""
    return Command(
        id=uuid.uuid4().hex,
        call=call,
        operator=operator.account,
        name=operator.name,
        verb=verb,
        issued_at=time.time(),
    )
