"""A written sentence, ready to be spoken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Personal:
    """Marks a value put into a line as this caller's own.

    Attributes:
        value: what will be spoken.
    """

    value: str

    def __repr__(self) -> str:
        return "Personal(<hidden>)"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing the agent says.

    Attributes:
        key: where the text was written: a prompt's key, or ``knowledge.<entry>``.
        text: as written, one or more sentences, placeholders filled.
        language: ISO 639-1 code.
        personal: holds something of this caller; its audio is never cached, its text never logged.
        rate: speed it is meant to be said at; 1.0 is the voice's own.
        secret: holds a PIN: the caller hears it, onlookers and the conversation's memory do not.
    """

    key: str
    text: str
    language: str
    personal: bool = False
    rate: float = 1.0
    secret: bool = False

    def __repr__(self) -> str:
        shown = "<personal>" if self.personal else repr(self.text)
        return f"Line({self.key!r}, {shown}, {self.language!r})"
