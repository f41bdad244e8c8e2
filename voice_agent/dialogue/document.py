"""Configuration files in YAML, read as hostile input: every fault names file, line and key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from voice_agent.errors import ConfigurationError

MAX_BYTES: Final = 256 * 1024
"""No file of sentences is longer; a longer one is a mistake or an attack."""

MAX_DEPTH: Final = 16
"""Levels of lists and mappings; the parser takes quadratic time in it."""

_OPENING: Final = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSING: Final = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


def read_text(path: Path) -> str:
    """The file's text.

    Raises:
        ConfigurationError: it cannot be read, is too long, or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error
    if len(data) > MAX_BYTES:
        raise ConfigurationError(f"{path}: longer than {MAX_BYTES // 1024} KiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{path}:{line}: is not UTF-8 text") from error


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping in a file, with the place of every key.

    Attributes:
        path: the file.
        key: dotted name of the mapping within the file, empty for the file itself.
        line: where it begins, from 1.
        fields: the mapping's nodes by key, in the order written.
    """

    path: Path
    key: str
    line: int
    fields: dict[str, yaml.Node]

    @classmethod
    def parse(cls, text: str, path: Path) -> Section:
        """Read a YAML mapping.

        Only plain mappings, lists and texts are allowed: no tags, no anchors (an alias can blow a
        small file up into gigabytes), no key twice (YAML would silently keep the last).

        Args:
            text: the YAML; for a part of a file, with as many empty lines before it as there are
                lines before it in the file.
            path: the file it stands in, for messages.

        Raises:
            ConfigurationError: not such a mapping.
        """
        try:
            depth = 0
            for token in yaml.scan(text, Loader=yaml.SafeLoader):
                depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
                if depth > MAX_DEPTH:
                    line = token.start_mark.line + 1
                    raise ConfigurationError(f"{path}:{line}: nested too deeply")
                if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
                    line = token.start_mark.line + 1
                    raise ConfigurationError(f"{path}:{line}: anchors and tags are not allowed")
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise ConfigurationError(f"{path}:{line}: {error.problem or error.context}") from error
        except yaml.YAMLError as error:
            raise ConfigurationError(f"{path}: holds a character YAML does not allow") from error
        if node is None:
            raise ConfigurationError(f"{path}:1: is empty")
        return cls._of(node, path, "")

    @classmethod
    def _of(cls, node: yaml.Node, path: Path, key: str) -> Section:
        here = node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            raise ConfigurationError(f"{path}:{here}: {key or 'file'}: expected keys with values")
        fields: dict[str, yaml.Node] = {}
        for name, value in node.value:
            line = name.start_mark.line + 1
            if not isinstance(name, yaml.ScalarNode) or not name.value:
                raise ConfigurationError(f"{path}:{line}: a key must be a word")
            if name.value in fields:
                raise ConfigurationError(f"{path}:{line}: {name.value}: written twice")
            fields[name.value] = value
        return cls(path, key, here, fields)

    def name(self, key: str) -> str:
        """The key as messages call it, with the sections it stands in."""
        return f"{self.key}.{key}" if self.key else key

    def fault(self, key: str, problem: str) -> ConfigurationError:
        """The error to raise about a key."""
        node = self.fields.get(key)
        line = node.start_mark.line + 1 if node is not None else self.line
        return ConfigurationError(f"{self.path}:{line}: {self.name(key)}: {problem}")

    def only(self, keys: Iterable[str]) -> None:
        """Insist on exactly these keys being possible.

        Raises:
            ConfigurationError: there is another one.
        """
        allowed = list(keys)
        for key in self.fields:
            if key not in allowed:
                raise self.fault(key, f"unknown key; possible are {', '.join(allowed)}")

    def text(self, key: str) -> str:
        """A text that is not empty, with runs of white space made one space.

        Raises:
            ConfigurationError: missing, empty, or not a text.
        """
        return self._scalar(self._node(key), key)

    def texts(self, key: str) -> tuple[str, ...]:
        """One text, or a list of at least one.

        Raises:
            ConfigurationError: missing, empty, or something else.
        """
        node = self._node(key)
        if isinstance(node, yaml.SequenceNode):
            if not node.value:
                raise self.fault(key, "is an empty list")
            return tuple(self._scalar(item, key) for item in node.value)
        return (self._scalar(node, key),)

    def section(self, key: str) -> Section:
        """A mapping within this one.

        Raises:
            ConfigurationError: missing or not a mapping.
        """
        return Section._of(self._node(key), self.path, self.name(key))

    def sections(self, key: str) -> tuple[Section, ...]:
        """A list of at least one mapping.

        Raises:
            ConfigurationError: missing, empty, or something else.
        """
        node = self._node(key)
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.fault(key, "expected a list")
        return tuple(
            Section._of(item, self.path, f"{self.name(key)}.{index}")
            for index, item in enumerate(node.value)
        )

    def _node(self, key: str) -> yaml.Node:
        if key not in self.fields:
            raise self.fault(key, "is missing")
        return self.fields[key]

    def _scalar(self, node: yaml.Node, key: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.fault(key, "expected a text")
        text = " ".join(node.value.split())
        if not text:
            raise self.fault(key, "is empty")
        return text
