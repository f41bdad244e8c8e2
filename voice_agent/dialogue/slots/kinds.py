"""The kinds of value a slot may have, and the parser of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from voice_agent.dialogue.slots import (
    answer,
    choice,
    codes,
    digits,
    email,
    numbers,
    person_name,
    phone,
    plate,
    secret,
    spelling,
)
from voice_agent.dialogue.slots.moments import read_moments
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.tokens import MAX_CHARACTERS
from voice_agent.errors import ConfigurationError

Parser = Callable[[str, Setting], tuple[Reading, ...]]
"""Reads every value of one kind out of a caller's words, the best first; never raises."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    Attributes:
        name: its name.
        asked: reads the answer to a question for it.
        offered: reads it out of words that answer something else; ``None``: nothing but a
            question makes a value of this kind of them. Dates and times are read together, by
            ``read_calendar``.
    """

    name: str
    asked: Parser
    offered: Parser | None = None


def read_calendar(text: str, setting: Setting) -> tuple[Reading, ...]:
    """The dates and times in the words, one reading a slot; several of one slot are a choice."""
    found: dict[str, Reading] = {}
    for reading in read_moments(text, setting):
        first = found.get(reading.slot)
        if first is None:
            found[reading.slot] = reading
        elif reading.fault is None and reading.value not in {first.value, *first.others}:
            sure = min(first.confidence, _CHOICE_OF_MOMENTS)
            others = (*first.others, reading.value)
            found[reading.slot] = replace(first, others=others, confidence=sure)
    return tuple(found.values())


_CHOICE_OF_MOMENTS: Final = 0.5


_ANSWER: Final = 0.6
"""Confidence of a date or time that answers a question: a number alone is an hour then."""


def _of(slot: str, text: str, setting: Setting) -> tuple[Reading, ...]:
    return tuple(
        replace(reading, confidence=max(reading.confidence, _ANSWER))
        for reading in read_calendar(text, setting)
        if reading.slot == slot
    )


def _whole(text: str, setting: Setting) -> tuple[Reading, ...]:  # noqa: ARG001 (as a parser is)
    value = " ".join(text[:MAX_CHARACTERS].split())
    return (Reading("text", value, 0, len(text)),) if value else ()


_CHOICE: Final = Kind(choice.SLOT, partial(choice.read_choice, options=()))

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("date", partial(_of, "date")),
        Kind("time", partial(_of, "time")),
        Kind(numbers.SLOT, numbers.read_numbers),
        Kind(digits.SLOT, digits.read_digits),
        Kind(codes.SLOT, codes.read_codes),
        Kind(spelling.SLOT, spelling.read_spelling),
        Kind(
            person_name.SLOT,
            person_name.read_names,
            partial(person_name.read_names, asked=False),
        ),
        Kind(phone.SLOT, phone.read_phones, partial(phone.read_phones, asked=False)),
        Kind(plate.SLOT, plate.read_plates, partial(plate.read_plates, asked=False)),
        Kind(email.SLOT, email.read_emails, email.read_emails),
        Kind(answer.SLOT, answer.read_answer),
        Kind(secret.SLOT, secret.read_secrets),
        _CHOICE,
        Kind("text", _whole),
    )
}
"""By name."""

_SLOTS: Final[Mapping[str, str]] = {
    "day": "date",
    "moment": "date",
    "appointment": "date",
    "hour": "time",
    "amount": "number",
    "count": "number",
    "quantity": "number",
    "first_name": "name",
    "last_name": "name",
    "caller": "name",
    "mobile": "phone",
    "phone_number": "phone",
    "callback_number": "phone",
    "licence_plate": "plate",
    "license_plate": "plate",
    "registration": "plate",
    "customer_number": "code",
    "order_number": "code",
    "reference": "code",
    "postcode": "digits",
    "pin": "digits",
    "mail": "email",
    "confirm": "yes_no",
    "connect": "yes_no",
    "anything_else": "yes_no",
    "reason": "text",
    "message": "text",
}
"""Slots whose name is not that of their kind."""


def kind_of(slot: str) -> Kind:
    """The kind of a slot: by its own name, or by the end of it ("pickup_date" is a date).

    Raises:
        ConfigurationError: there is no such slot or kind; the message names the kinds.
    """
    name = slot if slot in KINDS else _SLOTS.get(slot) or slot.rpartition("_")[2]
    if name not in KINDS:
        raise ConfigurationError(
            f"{slot!r}: there is no such slot or kind. Use one of {', '.join(KINDS)}"
        )
    return KINDS[name]


def with_options(kind: Kind, options: tuple[str, ...]) -> Kind:
    """The kind, reading a choice among these options if it is one."""
    if kind is not _CHOICE:
        return kind
    return Kind(kind.name, partial(choice.read_choice, options=options))
