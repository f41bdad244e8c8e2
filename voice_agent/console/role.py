"""Who may do what in the console."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What an account is for."""

    VIEWER = "viewer"
    """Sees that there are calls and how they go, not what is said."""
    OPERATOR = "operator"
    """Reads along, takes calls over, works through what was left."""
    SUPERVISOR = "supervisor"
    """The same, ends or erases calls of others, and stops reminder calls."""
    OFFICER = "officer"
    """The data-protection officer: reads who looked at what, and nothing else of a call."""
    ADMINISTRATOR = "administrator"
    """Manages accounts, and nothing else."""


class Right(StrEnum):
    """What may be done."""

    SEE_CALLS = "see_calls"
    """Tiles, the queue, numbers of the day."""
    READ_WORDS = "read_words"
    """The call view: what is said, as far as the caller's consent goes."""
    TAKE_OVER = "take_over"
    """Take over, speak, have something said, transfer, end one's own call."""
    END_ANY = "end_any"
    """End a call that one does not hold, or that another operator holds."""
    ERASE = "erase"
    """End a call and erase what is kept of it."""
    WORK = "work"
    """Callbacks, messages and complaints."""
    REMINDERS = "reminders"
    """Stop reminder calls and go on with them; have the list of them."""
    ACCESS_LOG = "access_log"
    """Who looked at what."""
    ACCOUNTS = "accounts"
    """Make, change and lock accounts."""


_VIEWER: Final = frozenset({Right.SEE_CALLS})
_OPERATOR: Final = _VIEWER | {Right.READ_WORDS, Right.TAKE_OVER, Right.WORK}

RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.VIEWER: _VIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.SUPERVISOR: _OPERATOR | {Right.END_ANY, Right.ERASE, Right.REMINDERS},
    Role.OFFICER: frozenset({Right.ACCESS_LOG}),
    Role.ADMINISTRATOR: frozenset({Right.ACCOUNTS}),
}
"""The whole table in one place. Nobody reads calls and the log of who read them."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who is signed in.

    Attributes:
        account: identifier of the account, 32 hexadecimal digits.
        name: what they are called, to callers as well.
        role: what they may do.
        language: ISO 639-1 code of the pages they see.
        csrf: what a form or request of theirs must carry, see ``Guard``.
        session: names the session they came in by; nobody gets in by it.
    """

    account: str
    name: str
    role: Role
    language: str = "de"
    csrf: str = field(default="", repr=False)
    session: str = field(default="", repr=False)

    def may(self, right: Right) -> bool:
        """True if their role has this right."""
        return right in RIGHTS[self.role]
