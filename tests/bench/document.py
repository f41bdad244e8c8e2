"""The generated part of ``docs/performance.md``; what a person wrote around it stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tests.bench.section import Section, table

BEGIN: Final = "<!-- measured: written by `make bench`, do not edit -->"
END: Final = "<!-- /measured -->"


@dataclass(frozen=True, slots=True)
class Ran:
    """One section as it was run.

    Attributes:
        name: on the command line.
        found: what it found, or the fault that it failed with.
        seconds: how long it took.
    """

    name: str
    found: Section | str
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether it found something."""
        return isinstance(self.found, Section)


def put_between(document: str, generated: str) -> str:
    """The document with another generated part.

    Raises:
        ValueError: the two markers are not there, once each and in order.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in before or END in after:
        raise ValueError("the markers of the measured part must stand there once, in order")
    return f"{before}{BEGIN}\n\n{generated.strip()}\n\n{END}{after}"


def measured(ran: Iterable[Ran], facts: Iterable[tuple[str, str]], picture: str) -> str:
    """The generated part.

    Args:
        ran: every section, in order.
        facts: what is said of the machine and the day, name and value.
        picture: file of the picture, relative to the document; empty: there is none.
    """
    ran = list(ran)
    parts = [table(("", ""), facts)]
    goals = [goal for each in ran if isinstance(each.found, Section) for goal in each.found.goals]
    if goals:
        heading = ("what is wanted", "measured", "wanted", "met")
        parts.append(table(heading, [goal.row() for goal in goals]))
    if picture:
        parts.append(
            f"![What this page measures, as diagrams: its tables have the figures]({picture})"
        )
    parts += [part(each) for each in ran]
    return "\n\n".join(parts)


def part(ran: Ran) -> str:
    """One section in Markdown, with the command that repeats it."""
    repeat = f"`python -m tests.bench {ran.name}` ({ran.seconds:.0f} s)"
    if isinstance(ran.found, Section):
        return f"## {ran.found.title}\n\n{repeat}. {ran.found.text}"
    return f"## {ran.name}\n\n{repeat}. **Not measured**: {ran.found}"
