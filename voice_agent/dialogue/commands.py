"""The closed vocabulary between understanding and deciding.

An understander, with or without a language model behind it, can produce these and nothing else.
A command is a proposal: the engine decides what follows from it. No commands at all mean that the
words were not understood.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from voice_agent.dialogue.slots.reading import Fault


class Topic(StrEnum):
    """What a caller may ask about the agent itself; answered from ``prompts/``, in any trade."""

    ROBOT = "robot"
    IDENTITY = "identity"
    DATA = "data"
    ABILITIES = "abilities"
    OFFERS = "offers"


@dataclass(frozen=True, slots=True)
class StartFlow:
    """The caller wants something done.

    Attributes:
        name: the flow, for example ``book_appointment``; the engine may not have it.
    """

    name: str


@dataclass(frozen=True, slots=True)
class FillSlot:
    """The caller gave a value that a flow may be asking for.

    Attributes:
        name: the slot.
        value: as the slot's parser wrote it (dates ``YYYY-MM-DD``, times ``HH:MM``).
        others: what the words may mean as well, likeliest first; not empty: it has to be asked.
        sure: false if it may have been misheard: it has to be asked whether it is right.
    """

    name: str
    value: str
    others: tuple[str, ...] = ()
    sure: bool = True

    def __repr__(self) -> str:
        return f"FillSlot(name={self.name!r}, value=<personal>)"


@dataclass(frozen=True, slots=True)
class Impossible:
    """The caller gave a value that there cannot be: the 31st of February, yesterday.

    Attributes:
        slot: the slot.
        fault: why it cannot be taken.
    """

    slot: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Affirm:
    """Yes, to the open question."""


@dataclass(frozen=True, slots=True)
class Hesitate:
    """Yes and something else, or half a yes, where only a clear one counts (C25).

    Not for understanders: it is what becomes of ``Affirm`` where something is to be done.
    """


@dataclass(frozen=True, slots=True)
class Deny:
    """No, to the open question."""


@dataclass(frozen=True, slots=True)
class Correct:
    """A value given before was wrong, this one is right.

    Attributes:
        slot: the slot.
        value: as in ``FillSlot``.
    """

    slot: str
    value: str

    def __repr__(self) -> str:
        return f"Correct(slot={self.slot!r}, value=<personal>)"


@dataclass(frozen=True, slots=True)
class Cancel:
    """Never mind: what is being done is not to be done."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Say the last thing again."""


@dataclass(frozen=True, slots=True)
class Slower:
    """Say the last thing again, slower, and stay slower."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The caller needs a moment."""


@dataclass(frozen=True, slots=True)
class AskKnowledge:
    """A question to the company.

    Attributes:
        entry: identifier of the written answer, or ``None`` when it is a question and none fits.
    """

    entry: str | None


@dataclass(frozen=True, slots=True)
class AskAgent:
    """A question about the agent itself."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class Greet:
    """Hello, or "is anybody there?"."""


@dataclass(frozen=True, slots=True)
class Thank:
    """Thanks, and nothing more."""


@dataclass(frozen=True, slots=True)
class HumanPlease:
    """The caller wants a person."""


@dataclass(frozen=True, slots=True)
class SendPrivacyLink:
    """The caller wants the privacy notice as a text message, as with key 2 (rule C21)."""


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """The caller no longer wants to be listened to (rule C16)."""


@dataclass(frozen=True, slots=True)
class SwitchLanguage:
    """Go on in another language.

    Attributes:
        language: ISO 639-1 code; the agent may not speak it.
    """

    language: str


@dataclass(frozen=True, slots=True)
class Frustrated:
    """The caller has had enough: of saying things again, of not being understood, of the agent."""


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The caller is done."""


Command = (
    StartFlow
    | FillSlot
    | Impossible
    | Affirm
    | Hesitate
    | Deny
    | Correct
    | Cancel
    | Repeat
    | Slower
    | Wait
    | AskKnowledge
    | AskAgent
    | Greet
    | Thank
    | HumanPlease
    | SendPrivacyLink
    | WithdrawConsent
    | SwitchLanguage
    | Frustrated
    | Goodbye
)
