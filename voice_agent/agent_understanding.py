"""What understands callers, as the company has configured it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from voice_agent.agent import AgentConfig
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.comprehension import Comprehension
from voice_agent.dialogue.understanding.ports import Understander
from voice_agent.tools.plan import Plan


def open_understander(
    agent: AgentConfig, knowledge: Knowledge, plan: Plan | None, clock: Callable[[], datetime]
) -> Understander:
    """The understander of every call.

    Args:
        agent: what the company says.
        knowledge: what can be answered.
        plan: when it is open, and where it is; ``None``: nobody knows, and its clock is this one's.
        clock: the wall clock, timezone-aware.
    """
    zone = None if plan is None else plan.opening.zone
    return Comprehension(
        BuiltinUnderstander(knowledge),
        lambda: clock().astimezone(zone).replace(tzinfo=None),
        None if plan is None else plan.opening.hours,
        agent.controller.jurisdiction,
    )
