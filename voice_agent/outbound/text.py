"""A text message that one worker took upon itself to send, in the place of a call."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TextClaim:
    """A message that is to be sent now, by whoever has this and by nobody else.

    Attributes:
        reminder: which one it is about; the message does not say so.
        number: whom it is for, E.164.
        language: which one they are written to in.
    """

    reminder: str
    number: str = field(repr=False)
    language: str
