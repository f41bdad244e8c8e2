"""A grammar as a table of patterns, and the one interpreter of it.

A pattern is a regular expression over symbols with one blank between them
(``moment_words``), in which ``{name}`` stands for a kind of symbol. Passes run one after the
other; what a rule makes of its words takes their place as a symbol of its own, which the patterns
of later passes refer to: ``@D`` days, ``@T`` times, ``@P`` a part of the day, ``@N`` what is no
moment at all. In every pass the longest match wins, and of equally long ones the first rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from voice_agent.dialogue.slots.moment_words import Token
from voice_agent.dialogue.slots.reading import Setting

_MACROS: Final = {
    "n": r"#[ne](?P<NAME>\d{1,4})",
    "h": r"#[ne](?P<NAME>0?\d|1\d|2[0-4])",
    "i": r"#[ne](?P<NAME>[0-5]?\d)",
    "o": r"#[oe](?P<NAME>\d{1,2})",
    "w": r"#w(?P<NAME>\d)",
    "m": r"#[mk](?P<NAME>\d{1,2})",
    "p": r"#p(?P<NAME>[a-z_]+)",
    "f": r"#f(?P<NAME>[a-z_]+)",
    "y": r"#n(?P<NAME>(?:19|20)\d\d)",
    "c": r"(?:#[ne](?P<NAME>\d{1,3})|ein)",
    "d": r"@D(?P<NAME>\d+)",
    "t": r"@T(?P<NAME>\d+)",
    "x": r"(?:@T(?P<NAME>\d+)|#[ne](?P<NAME_h>0?\d|1\d|2[0-4]))",
    "s": r"@P(?P<NAME>\d+)",
    "r": r"(?P<NAME>next|this|coming|last|afternext)",
    "u": r"(?P<NAME>day|week|month|year)",
    "b": r"(?P<NAME>begin|early|middle|late|end)",
}
_GROUP: Final = re.compile(r"\(\?P<(\w+)>")
_MOVING: Final = frozenset(
    "move moving moved reschedule rescheduled rescheduling change changing shift push swap".split()
)
_SHELF: Final = 10
_SLOT: Final = re.compile(r"\{([a-z])(\d?)\}")


@dataclass(frozen=True, slots=True)
class Item:
    """A symbol of the text, and what a rule made of it."""

    symbol: str
    start: int
    end: int
    noun: bool = False
    value: object = None


@dataclass(slots=True)
class Scene:
    """What an action may know.

    Attributes:
        setting: language, wall clock, opening hours.
        found: what rules have made so far; ``@D3`` is ``found[3]``.
        items: the items of this pass.
        after: index of the first item after the match.
        before: index of the first item of the match.
        counts: whether a number before this item counts it ("zwei Reifen").
    """

    setting: Setting
    counts: Callable[[Item], bool]
    found: list[object]
    items: Sequence[Item] = ()
    before: int = 0
    after: int = 0

    @property
    def now(self) -> datetime:
        """The company's wall clock."""
        return self.setting.now

    @property
    def today(self) -> date:
        """The company's calendar."""
        return self.setting.now.date()

    def free(self) -> bool:
        """Whether the number at the end of the match stands alone and counts nothing."""
        return self.after >= len(self.items) or not self.counts(self.items[self.after])

    def moving(self) -> bool:
        """Whether an appointment is being moved: "from ... to ..." is no span then."""
        return any(item.symbol in _MOVING for item in self.items)

    def follows(self) -> str:
        """The symbol after the match, empty at the end."""
        return self.items[self.after].symbol if self.after < len(self.items) else ""

    def precedes(self) -> Item | None:
        """The item before the match."""
        return self.items[self.before - 1] if self.before else None


@dataclass(frozen=True, slots=True)
class Match:
    """Words that a pattern fits.

    Attributes:
        text: the symbols.
        groups: what its kinds of symbols hold, by the name in the pattern.
        last: name of the group that the match ends with, if it ends with one.
    """

    text: str
    groups: Mapping[str, str]
    last: frozenset[str]

    def __getitem__(self, name: str) -> str:
        return self.groups[name]

    def get(self, name: str) -> str | None:
        """What a group holds, ``None`` if it had no part in the match."""
        return self.groups.get(name)


def _match(match: re.Match[str]) -> Match:
    names = {name: name.partition("__")[0] for name, held in match.groupdict().items() if held}
    return Match(
        match[0],
        {short: match[name] for name, short in names.items()},
        frozenset(short for name, short in names.items() if match.end(name) == match.end()),
    )


Action = Callable[[Match, Scene], object]
"""Makes days, times, parts of the day or a tuple of them; ``None``: the rule does not apply."""


class Nothing:
    """Words that look like a moment and are none."""


NOTHING: Final = Nothing()


def nothing(_match: Match, _scene: Scene) -> object:
    """The action of rules for what is no moment."""
    return NOTHING


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one pass, compiled.

    Attributes:
        gate: finds the next place where any rule may apply.
        shelves: a few rules each, pattern and action, behind a gate of their own: of many rules
            hardly any applies at a place, and this finds out which with few questions.
    """

    gate: re.Pattern[str]
    shelves: tuple[tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], Action], ...]], ...]


def rules(table: Sequence[tuple[str, Action]], words: Mapping[str, str]) -> Rules:
    """Compile a table.

    Args:
        table: pattern and action.
        words: sets of words by name: ``<name>`` in a pattern is any of them.
    """
    patterns = [(_expand(pattern, words), action) for pattern, action in table]
    shelves = [patterns[at : at + _SHELF] for at in range(0, len(patterns), _SHELF)]
    return Rules(
        re.compile(rf"(?<![^ ])(?:{_any(patterns)})(?= )"),
        tuple(
            (
                re.compile(rf"(?:{_any(shelf)})(?= )"),
                tuple((re.compile(rf"(?:{pattern})(?= )"), action) for pattern, action in shelf),
            )
            for shelf in shelves
        ),
    )


def _any(patterns: Sequence[tuple[str, Action]]) -> str:
    """One pattern for any of these, without their groups."""
    return "|".join(_GROUP.sub("(?:", pattern) for pattern, _ in patterns)


def _expand(pattern: str, words: Mapping[str, str]) -> str:
    for name, alternatives in words.items():
        pattern = pattern.replace(f"<{name}>", f"(?:{alternatives})")
    pattern = _SLOT.sub(lambda slot: _MACROS[slot[1]].replace("NAME", slot[1] + slot[2]), pattern)
    seen: dict[str, int] = {}
    # Alternatives may name the same group; a regular expression may not.
    return _GROUP.sub(lambda group: f"(?P<{_unique(group[1], seen)}>", pattern)


def _unique(name: str, seen: dict[str, int]) -> str:
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}__{seen[name]}"


def start(found: Sequence[Token]) -> list[Item]:
    """The items of the first pass."""
    return [Item(token.symbol, token.start, token.end, token.noun) for token in found]


def rewrite(items: list[Item], rules: Rules, scene: Scene) -> list[Item]:
    """One pass over the items."""
    text = " ".join(item.symbol for item in items) + " "
    index: dict[int, int] = {}
    position = 0
    for number, item in enumerate(items):
        index[position] = number
        position += len(item.symbol) + 1
    index[position] = len(items)
    scene.items = items
    made: list[Item] = []
    at = 0
    while gate := rules.gate.search(text, at):
        begin = index[gate.start()]
        made.extend(items[index[at] : begin])
        values, end = _apply(text, gate.start(), rules, scene, index)
        if end == gate.start():
            made.append(items[begin])
            at = gate.start() + len(items[begin].symbol) + 1
            continue
        last = items[index[end] - 1]
        for value in values:
            scene.found.append(value)
            symbol = f"@{_letter(value)}{len(scene.found) - 1}"
            made.append(Item(symbol, items[begin].start, last.end, value=value))
        at = end
    made.extend(items[index[at] :])
    return made


def _letter(value: object) -> str:
    return type(value).__name__[0]


def _apply(
    text: str, at: int, rules: Rules, scene: Scene, index: Mapping[int, int]
) -> tuple[tuple[object, ...], int]:
    """The value of the longest match here whose action takes it, and where it ends."""
    matches = [
        (match, action)
        for gate, shelf in rules.shelves
        if gate.match(text, at)
        for pattern, action in shelf
        if (match := pattern.match(text, at))
    ]
    matches.sort(key=lambda pair: -pair[0].end())
    for match, action in matches:
        if match.end() + 1 not in index:
            continue
        scene.before, scene.after = index[at], index[match.end() + 1]
        value = action(_match(match), scene)
        if value is not None:
            return (value if isinstance(value, tuple) else (value,)), match.end() + 1
    return (), at


def moved(item: Item, value: object) -> Item:
    """The same place with another value."""
    return replace(item, value=value)
