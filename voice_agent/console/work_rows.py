"""What the page of work shows of entries and calls, put into an operator's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from babel.dates import format_datetime

from voice_agent.console.texts import load, spoken
from voice_agent.live.snapshot import call_key
from voice_agent.runtime.summaries import KeptSummary
from voice_agent.tools.inbox import Held


class WorkRows:
    """Makes rows for the template; everything in them is text that it escapes.

    Args:
        language: of the page; one we do not have is taken for German.
        zone: of the company's clock.
        names: what accounts are called, by account.
    """

    def __init__(self, language: str, zone: tzinfo, names: Mapping[str, str]) -> None:
        self._zone = zone
        self._names = names
        self._texts: Mapping[str, Any] = load(spoken(language))["work"]

    def entry(self, held: Held) -> dict[str, Any]:
        """An entry of the inbox, with its number as long as that is kept."""
        entry = held.entry
        about = [_plain(each) for each in (entry.category, entry.wish) if each]
        when = [_span(each) for each in (entry.date, entry.time) if each]
        return {
            "reference": held.reference,
            "kind": self._word("kinds", entry.kind),
            "filed": self._moment(held.filed_at),
            "name": entry.name,
            "phone": entry.phone,
            "until": self._moment(held.number_until),
            "recipient": entry.recipient,
            "about": ", ".join(about),
            "wished": ", ".join(when),
            "text": entry.text,
            "lang": entry.language,
            "language": self._word("languages", entry.language),
            "call": call_key(entry.call_id),
        }

    def call(self, kept: KeptSummary) -> dict[str, Any]:
        """A call that is over."""
        told = kept.summary
        began = datetime.fromtimestamp(told.began_at, UTC)
        return {
            "call": kept.call,
            "began": began.astimezone(self._zone).strftime("%H:%M"),
            "length": _length(told.seconds),
            "direction": self._word("directions", told.direction),
            "language": self._word("languages", told.language),
            "ending": self._word("endings", told.ending),
            "consent": self._word("consents", told.consent),
            "reason": self._word("reasons", told.reason) if told.reason else "",
            "turns": told.turns,
            "latency": None if told.latency_ms is None else f"{told.latency_ms} ms",
            "holds": [
                f"{self._names.get(hold.holder) or self._texts['somebody']} "
                f"({_length(hold.seconds)})"
                for hold in told.holds
            ],
            "flows": [
                {
                    "flow": self._word("flows", each.flow),
                    "slots": [(self._word("slots", name), value) for name, value in each.slots],
                }
                for each in told.flows
            ],
        }

    def _word(self, group: str, name: str) -> str:
        """The word for a name, or the name itself: a company's own flow has no word here."""
        words: Mapping[str, str] = self._texts[group]
        return words.get(name) or _plain(name)

    def _moment(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return format_datetime(local, self._texts["moment"], locale=self._texts["locale"])


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _span(value: str) -> str:
    """A day or time, or a span of them, one side of which may be open."""
    first, parted, last = value.partition("/")
    return f"{first} – {last}".strip() if parted else first


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min"
