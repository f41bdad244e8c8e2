"""How an operator is there who has pages at more than one worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from voice_agent.live.ports import OnDuty


def renewed(before: OnDuty | None, duty: OnDuty) -> OnDuty:
    """What one worker shows of an operator from now on.

    Args:
        before: what it showed so far.
        duty: what it is told; it may repeat a word that is not the newest any more.
    """
    if before is None or duty.said_at >= before.said_at:
        return duty
    return replace(duty, available=before.available, said_at=before.said_at)


def merged(shown: Iterable[OnDuty]) -> tuple[OnDuty, ...]:
    """The operators who are there, each once, by account.

    Args:
        shown: what each worker shows of each operator.

    Returns:
        Their newest word counts; nobody is available who holds a call.
    """
    there: dict[str, list[OnDuty]] = {}
    for each in shown:
        there.setdefault(each.operator, []).append(each)
    return tuple(_one(there[operator]) for operator in sorted(there))


def _one(shown: list[OnDuty]) -> OnDuty:
    newest = max(shown, key=lambda each: (each.said_at, each.name))
    call = max(each.call for each in shown)
    words = (each.available for each in shown if each.said_at == newest.said_at)
    return replace(newest, available=any(words) and not call, call=call)
