"""Which flow comes before which."""

from __future__ import annotations

from collections.abc import Mapping

from voice_agent.dialogue.document import Section
from voice_agent.dialogue.flow import Begin, First, Flow


def check_firsts(flow: Flow, places: Mapping[str, Section], flows: Mapping[str, Flow]) -> None:
    """Check which flows come before another, and which it begins.

    Args:
        flow: the flow.
        places: where its steps stand, by name.
        flows: all of them.

    Raises:
        ConfigurationError: there is no such flow, or callers ask for it, or others come before it.
    """
    for step in flow.steps.values():
        if isinstance(step, Begin) and not (step.flow in flows and flows[step.flow].is_asked_for):
            raise places[step.id].fault("begin", f"there is no flow {step.flow} with examples")
        if not isinstance(step, First):
            continue
        first = flows.get(step.flow)
        if first is None:
            raise places[step.id].fault("flow", f"there is no flow {step.flow}")
        if first.is_asked_for or first.before:
            raise places[step.id].fault(
                "flow", f"{step.flow} has examples, or begins with another flow"
            )
