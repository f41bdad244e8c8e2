"""A running call as the overview shows it: in words, with nothing that was said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from voice_agent.console.texts import Words
from voice_agent.live.snapshot import CallSnapshot, Standing


def urgency(snapshot: CallSnapshot) -> tuple[bool, float, str]:
    """The place among tiles: who waits for a person first and longest, then the longest calls."""
    waits = snapshot.waiting_since
    return (waits is None, snapshot.began_at if waits is None else waits, snapshot.call)


def in_order(snapshots: Iterable[CallSnapshot]) -> list[CallSnapshot]:
    """The snapshots as their tiles stand, see ``urgency``."""
    return sorted(snapshots, key=urgency)


def tile(
    snapshot: CallSnapshot, words: Words, names: Mapping[str, str], reader: str
) -> dict[str, Any]:
    """What a tile shows, as texts and as numbers that tick on in the page.

    Args:
        snapshot: the call.
        words: of the reader's language.
        names: what operators are called, by account.
        reader: the account of who looks at it.
    """
    holder = snapshot.holder
    given = snapshot.consent == Standing.GIVEN
    return {
        "call": snapshot.call,
        "began_at": snapshot.began_at,
        "waiting_since": snapshot.waiting_since,
        "state": _state(snapshot),
        "phase": words.word("phase", snapshot.phase),
        "direction": words.word("direction", snapshot.direction),
        "language": words.word("language", snapshot.language),
        "consent": snapshot.consent,
        "consent_words": words.word("consent", snapshot.consent),
        "control": snapshot.control,
        "control_words": words.word("control", snapshot.control),
        "holder": holder,
        "holder_name": named(holder, words, names, reader),
        "reason": words.word("reason", snapshot.reason) if snapshot.reason else "",
        "place": snapshot.place,
        "latency": "" if snapshot.latency_ms is None else f"{snapshot.latency_ms} ms",
        "flow": words.word("flow", snapshot.flow) if snapshot.flow and given else "",
    }


def named(account: str, words: Words, names: Mapping[str, str], reader: str) -> str:
    """What somebody is called: an operator who is not on duty any more has no name here."""
    if not account:
        return words.word("who", "agent")
    if account == reader:
        return words.word("who", "you")
    return names.get(account) or words.word("who", "operator")


def _state(snapshot: CallSnapshot) -> str:
    """What the tile's colour tells."""
    if snapshot.waiting_since is not None:
        return "waiting"
    if snapshot.holder:
        return "held"
    return "closed" if snapshot.consent != Standing.GIVEN else "open"
