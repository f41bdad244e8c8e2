"""The tools that leave something for people, over the inbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from voice_agent.dialogue.flow import Kind, Slot
from voice_agent.dialogue.flow_value import MOST_TEXT, accept, clean
from voice_agent.dialogue.tool import AWAY, ToolAnswer
from voice_agent.tools.authorise import AuthorisedCall
from voice_agent.tools.inbox import MOST_NAME, Away, Entry, EntryKind, Filed, Inbox, TooFar
from voice_agent.tools.toolbox import Handler

_OPTION: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class InboxTools:
    """Makes entries of what a call may leave.

    What a caller said is cleaned and shortened here; of a value that is none of its kind only that
    value is left out. Without a name, or a number to call back, nothing is filed.

    Args:
        inbox: takes the entries.
    """

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By the tool's name in the catalogue."""
        return {
            "callback.request": self._callback,
            "message.leave": self._message,
            "complaint.file": self._complaint,
        }

    async def _callback(self, call: AuthorisedCall) -> ToolAnswer:
        filed = await self._file(call, EntryKind.CALLBACK, "reason")
        return _answer(call, "requested" if isinstance(filed, Filed) else filed)

    async def _message(self, call: AuthorisedCall) -> ToolAnswer:
        filed = await self._file(call, EntryKind.MESSAGE, "message")
        return _answer(call, "left" if isinstance(filed, Filed) else filed)

    async def _complaint(self, call: AuthorisedCall) -> ToolAnswer:
        filed = await self._file(call, EntryKind.COMPLAINT, "complaint")
        if isinstance(filed, Filed):
            return ToolAnswer(call.request, "filed", {"reference": filed.reference})
        return _answer(call, filed)

    async def _file(
        self, call: AuthorisedCall, kind: EntryKind, text: str
    ) -> Filed | TooFar | Away:
        """File an entry whose words are in this argument."""
        try:
            entry = _entry(call, kind, text)
        except ValueError:
            return Away()
        return await self._inbox.file(entry, call.key)


def _answer(call: AuthorisedCall, outcome: str | TooFar | Away) -> ToolAnswer:
    match outcome:
        case TooFar():
            return ToolAnswer(call.request, "too_far")
        case Away():
            return ToolAnswer(call.request, AWAY)
        case word:
            return ToolAnswer(call.request, word)


def _entry(call: AuthorisedCall, kind: EntryKind, text: str) -> Entry:
    """What is to be filed.

    Raises:
        ValueError: what cannot be done without is missing, or none of its kind.
    """
    said = call.request.arguments
    phone = _taken(Kind.PHONE, said.get("phone", "")) or None
    if kind is EntryKind.CALLBACK and phone is None:
        raise ValueError("nobody can be called back without a number")
    option = {name: said.get(name, "") for name in ("category", "wish")}
    return Entry(
        kind=kind,
        call_id=call.facts.call_id,
        language=call.request.language,
        name=clean(said.get("name", ""), MOST_NAME),
        phone=phone,
        text=clean(said.get(text, ""), MOST_TEXT),
        recipient=clean(said.get("recipient", ""), MOST_NAME),
        date=_taken(Kind.DATE, said.get("date", "")),
        time=_taken(Kind.TIME, said.get("time", "")),
        **{name: value for name, value in option.items() if _OPTION.fullmatch(value)},
    )


def _taken(kind: Kind, value: str) -> str:
    """The value if it is one of its kind, else nothing."""
    return (accept(Slot(kind, kind), value) or "") if value else ""
