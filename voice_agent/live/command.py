"""What an operator asks of a running call, and what becomes of it.

A command goes to the worker that holds the call. It carries an identifier of its own, so that one
that is sent twice is carried out once, and a time after which nobody wants it any more.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, Self

from voice_agent.errors import ProtocolError
from voice_agent.live.observation import fits

MOST_TEXT: Final = 500
"""Characters of a sentence, a note or what was agreed."""

VALID_S: Final = 5.0
"""Seconds after which a command that was not carried out is not carried out any more."""

_ID: Final = re.compile(r"[0-9a-f]{32}")
_KEYS: Final = re.compile(r"[0-9*#]{1,32}")
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")


class Verb(StrEnum):
    """What is asked."""

    TAKE_OVER = "take_over"
    """Announce the operator; they speak once it was heard."""
    GIVE_BACK = "give_back"
    """The agent goes on; ``text`` says what was agreed, in one line, and may be empty."""
    SAY = "say"
    """Have ``text`` spoken; by the agent, or for an operator without a microphone."""
    SUGGEST = "suggest"
    """Take ``text`` for what the caller wants."""
    TONES = "tones"
    """Send the key tones of ``text``."""
    HOLD = "hold"
    """Music for the caller; the operator does not hear them."""
    RESUME = "resume"
    """No music any more."""
    TRANSFER = "transfer"
    """Dial ``text``, E.164, or with an empty text the company's own number."""
    END = "end"
    """Say goodbye and hang up."""
    ERASE = "erase"
    """End the call and erase what is kept of it."""
    LISTEN = "listen"
    """Listen to a call that another operator holds."""
    LEAVE = "leave"
    """Listen no more."""
    GONE = "gone"
    """The operator's page is gone; the caller is told, and the agent or the queue takes back.

    Sent by the server that had the page's voice, never by a page.
    """


SPOKEN: Final = frozenset({Verb.SAY, Verb.SUGGEST})
"""Verbs that need a text."""


class Outcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    """It is being carried out."""
    TAKEN = "taken"
    """Another operator holds the call: ``Answer.holder``."""
    NO_CALL = "no_call"
    """The call is over, or its worker is gone."""
    NO_CONSENT = "no_consent"
    """The caller has not consented, or does not any more (C22)."""
    NOT_NOW = "not_now"
    """It makes no sense as the call stands, for example giving back what one does not hold."""
    REFUSED = "refused"
    """It can't be done: a number that may not be dialled, a text that may not be said."""
    UNANSWERED = "unanswered"
    """Nobody said in time what became of it; the live store may be away."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command.

    Attributes:
        outcome: what.
        holder: account of the operator who holds the call now; empty if the agent does.
    """

    outcome: Outcome
    holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What an operator asks of a call.

    Attributes:
        id: 32 hexadecimal digits, the same for every try of the same.
        call: stands for the call, see ``voice_agent.live.snapshot.call_key``.
        operator: the operator's account.
        name: what the operator is called when they are announced.
        verb: what is asked.
        text: see ``Verb``.
        senior: they may end a call that another operator holds.
        issued_at: seconds since 1970.

    Raises:
        ValueError: something is none of its kind.
    """

    id: str
    call: str
    operator: str
    name: str = field(default="", repr=False)
    verb: Verb
    text: str = field(default="", repr=False)
    senior: bool = False
    issued_at: float

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id) or not _ID.fullmatch(self.call):
            raise ValueError("a command and its call are named by 32 hexadecimal digits")
        if not self.operator or len(self.operator) > 64 or len(self.name) > 80:  # noqa: PLR2004
            raise ValueError("an operator has an account and a short name")
        if len(self.text) > MOST_TEXT or not self.text.isprintable():
            raise ValueError("a text is one short line")
        if self.verb in SPOKEN and not self.text.strip():
            raise ValueError("there is nothing to say")
        if self.verb is Verb.TONES and not _KEYS.fullmatch(self.text):
            raise ValueError("tones are keys of a telephone")
        if self.verb is Verb.TRANSFER and self.text and not _NUMBER.fullmatch(self.text):
            raise ValueError("a number is written as +49...")

    def is_stale(self, now: float) -> bool:
        """True if nobody wants it any more at ``now``, seconds since 1970."""
        return not -VALID_S <= now - self.issued_at <= VALID_S

    def to_dict(self) -> dict[str, Any]:
        """The stable dictionary form."""
        return asdict(self)

    @classmethod
    def parse(cls, record: object) -> Self:
        """Read the dictionary form back.

        Raises:
            ProtocolError: it is none. The message never holds the content.
        """
        if not isinstance(record, dict):
            raise ProtocolError("a command is an object")
        verb = record.get("verb")
        if not isinstance(verb, str) or verb not in set(Verb):
            raise ProtocolError("a command with an unknown verb")
        names = {each.name for each in fields(cls)}
        values = fits(cls, "command", record | {"verb": Verb(verb)}, names)
        try:
            return cls(**values)
        except ValueError as fault:
            raise ProtocolError(f"a command: {fault}") from None
