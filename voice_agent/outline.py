"""A YAML file as plain data, with the line of every value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from voice_agent.dialogue.document import Section, read_text
from voice_agent.errors import ConfigurationError

Place = tuple[str | int, ...]
"""The way to a value: keys of mappings and indexes of lists."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file says, and where.

    Attributes:
        path: the file.
        data: mappings, lists, texts, numbers, truth values and nulls.
        lines: the line of every value, from 1.
    """

    path: Path
    data: dict[str, Any]
    lines: dict[Place, int]

    @classmethod
    def read(cls, path: Path) -> Outline:
        """Read a file whose outermost value is a mapping.

        Raises:
            ConfigurationError: it cannot be read, or is no such file; the message names the line.
        """
        outline = cls(path, {}, {})
        try:
            fields = Section.parse(read_text(path), path).fields
            outline.data.update(outline._mapping(fields.items(), ()))
        except RecursionError as error:
            raise ConfigurationError(f"{path}: is nested too deeply") from error
        return outline

    def where(self, place: Place) -> str:
        """File, line and key of a value, or of the nearest around one that is not there."""
        nearest = (place[:length] for length in range(len(place), 0, -1))
        line = next((self.lines[each] for each in nearest if each in self.lines), 1)
        return f"{self.path}:{line}: {'.'.join(map(str, place))}".removesuffix(": ")

    def _mapping(self, fields: Iterable[tuple[str, yaml.Node]], place: Place) -> dict[str, Any]:
        return {key: self._plain(node, (*place, key)) for key, node in fields}

    def _plain(self, node: yaml.Node, place: Place) -> Any:
        self.lines[place] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(self._fields(node), place)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, (*place, index)) for index, item in enumerate(node.value)]
        if node.tag.rpartition(":")[2] not in {"int", "float", "bool", "null"}:
            return node.value  # a date is a text here; tags were refused before
        try:
            return yaml.constructor.SafeConstructor().construct_object(node)
        except (yaml.YAMLError, ValueError):
            return node.value

    def _fields(self, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
        seen: set[str] = set()
        for name, value in node.value:
            where = f"{self.path}:{name.start_mark.line + 1}"
            if not isinstance(name, yaml.ScalarNode):
                raise ConfigurationError(f"{where}: a key must be a word")
            if name.value in seen:
                raise ConfigurationError(f"{where}: {name.value}: written twice; delete one")
            seen.add(name.value)
            yield name.value, value
