"""The generated part of ``docs/performance.md``; what a person wrote around it stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tests.bench.section import Goal, Section, table

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


def put_between(document: str, generated: str, begin: str = BEGIN, end: str = END) -> str:
    """The document with another generated part.

    Args:
        document: all of it.
        generated: Markdown.
        begin: the mark before the part.
        end: the mark behind it.

    Raises:
        ValueError: the two markers are not there, once each and in order.
    """
    before, begun, rest = document.partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended or begin in rest or end in before or end in after:
        raise ValueError("the markers of the measured part must stand there once, in order")
    return f"{before}{begin}\n\n{generated.strip()}\n\n{end}{after}"


def measured(ran: Iterable[Ran], facts: Iterable[tuple[str, str]], picture: str) -> str:
    """The generated part.

    Args:
        ran: every section, in order.
        facts: what is said of the machine and the day, name and value.
        picture: file of the picture, relative to the document; empty: there is none.
    """
    ran = list(ran)
    parts = [table(("", ""), facts)]
    if goals := [g for each in ran if isinstance(each.found, Section) for g in each.found.goals]:
        parts.append(wanted(goals))
    if picture:
        parts.append(
            f"![What this page measures, as diagrams: its tables have the figures]({picture})"
        )
    parts += [part(each) for each in ran]
    return "\n\n".join(parts)


def wanted(goals: Iterable[Goal]) -> str:
    """What is wanted, and whether it is met, as a table."""
    return table(("what is wanted", "measured", "wanted", "met"), [goal.row() for goal in goals])


def part(ran: Ran) -> str:
    """One section in Markdown, with the command that repeats it."""
    repeat = f"`python -m tests.bench {ran.name}` ({ran.seconds:.0f} s)"
    if isinstance(ran.found, Section):
        return f"## {ran.found.title}\n\n{repeat}. {ran.found.text}"
    return f"## {ran.name}\n\n{repeat}. **Not measured**: {ran.found}"
