"""What the configuration says of turns, as the detector takes it, and who judges their sound."""

from __future__ import annotations

import structlog

from voice_agent.agent import Turn
from voice_agent.errors import ModelError
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.speech.endpointing import EndRules
from voice_agent.speech.smart_turn import SmartTurn
from voice_agent.speech.turns import TurnRules

log = structlog.get_logger(__name__)


def turn_rules(turn: Turn) -> TurnRules:
    """When a turn begins and pauses."""
    return TurnRules(
        start_ms=turn.start_ms,
        confirm_ms=turn.confirm_ms,
        pause_ms=turn.pause_ms,
        end_ms=turn.end_ms,
        pre_roll_ms=turn.pre_roll_ms,
        max_turn_ms=turn.max_turn_ms,
    )


def end_rules(turn: Turn) -> EndRules:
    """How long a silence ends it."""
    return EndRules(
        finished_ms=turn.finished_ms,
        likely_ms=turn.likely_ms,
        unlikely_ms=turn.unlikely_ms,
        unfinished_ms=turn.unfinished_ms,
        spelling_ms=turn.spelling_ms,
        end_ms=turn.end_ms,
        ceiling_ms=turn.ceiling_ms,
    )


def open_judge(store: ModelStore) -> SmartTurn | None:
    """Load what judges a turn's sound; without its model silence and words decide alone.

    Loads a model, so call it at start-up.
    """
    model = find("smart-turn-v3.2", "turn")
    try:
        return SmartTurn(store.require(model) / model.files[0].name)
    except ModelError as fault:
        log.warning("end_of_turn_not_judged", code=fault.code)
        return None
