"""What tools have told in a call: what others may be asked about, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from voice_agent.dialogue.flow_answer import read_answer
from voice_agent.dialogue.tool import APPOINTMENT, CATALOGUE, SHAPES, START, ToolAnswer

_SERVICE: Final = "service"


@dataclass(frozen=True, slots=True)
class Told:
    """Something that was told.

    Attributes:
        argument: the argument it can be given as.
        value: its value.
        about: what it was asked for, by name and value: a free time is one for this service, or
            for this appointment. ``None``: it stands for itself.
    """

    argument: str
    value: str = field(repr=False)
    about: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def is_anybodys(self) -> bool:
        """True for a free time of a service, which is the same for whoever asks."""
        return self.about is not None and self.about[0] == _SERVICE


def told_by(answer: ToolAnswer) -> Iterator[Told]:
    """What an answer tells, as far as a flow gets to see it."""
    ending = CATALOGUE[answer.request.tool].endings.get(answer.outcome)
    if ending is None or not ending.rows:
        return
    key = SHAPES[ending.rows].key
    for row in read_answer("", answer).rows:
        yield as_told(key, row[key], answer.request.arguments)


def as_told(argument: str, value: str, arguments: Mapping[str, str]) -> Told:
    """A value among the arguments of a request, as it must have been told for it."""
    about = None
    if argument == START:
        name = _SERVICE if _SERVICE in arguments else APPOINTMENT
        about = (name, arguments.get(name, ""))
    return Told(argument, value, about)
