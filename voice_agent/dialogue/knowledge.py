"""What the company lets the agent say: one written answer a file in ``config/knowledge/*.md``.

A file has YAML front matter (``id``, and for each language ``title``, ``examples`` of how people
ask, and ``keywords``) and a section ``## <language>`` for each language with the answer. Answers
are spoken as they are written; nothing is ever made up from them. With ``urgent: true`` the answer
comes first, whatever else is going on, as soon as one of its keywords is said in any language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voice_agent.dialogue.document import Section, read_text
from voice_agent.dialogue.flow_value import mentioned
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.prompts import LANGUAGES
from voice_agent.dialogue.retrieval import Index, Match
from voice_agent.errors import ConfigurationError

MAX_ANSWER: Final = 300
"""Characters of an answer, about 20 s of speech."""

_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
_FRONT_MATTER: Final = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_HEADING: Final = re.compile(r"##[ \t]+(\S+)[ \t]*")


@dataclass(frozen=True, slots=True)
class Wording:
    """An entry in one language.

    Attributes:
        title: what it is about, in a word or two.
        examples: questions it answers.
        keywords: further words people use for it.
        answer: what is said.
    """

    title: str
    examples: tuple[str, ...]
    keywords: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One written answer.

    Attributes:
        id: its identifier, the same in every language.
        wordings: by language.
        urgent: it is said at once, and a person is offered.
    """

    id: str
    wordings: Mapping[str, Wording]
    urgent: bool = False

    def is_called_for(self, text: str) -> bool:
        """True if the words hold one of its keywords, in any language."""
        return any(mentioned(wording.keywords, text) for wording in self.wordings.values())


class Knowledge:
    """All written answers, and the way to them."""

    def __init__(self, entries: tuple[Entry, ...], languages: tuple[str, ...] = LANGUAGES) -> None:
        self._entries = {entry.id: entry for entry in entries}
        self._indexes = {
            language: Index(
                {entry.id: _askable(entry.wordings[language]) for entry in entries}, language
            )
            for language in languages
        }

    @classmethod
    def load(cls, directory: Path, languages: tuple[str, ...] = LANGUAGES) -> Knowledge:
        """Read ``directory/*.md``; an empty directory is a company that answers nothing itself.

        Raises:
            ConfigurationError: a file is wrong; the message names file, line and key.
        """
        if not directory.is_dir():
            raise ConfigurationError(f"{directory}: there is no such directory of knowledge")
        entries: dict[str, Entry] = {}
        for path in sorted(directory.glob("*.md")):
            entry = _read(path, languages)
            if entry.id in entries:
                raise ConfigurationError(f"{path}: id: another file has the id {entry.id}")
            entries[entry.id] = entry
        return cls(tuple(entries.values()), languages)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, ordered by file name."""
        return tuple(self._entries.values())

    def questions(self, language: str) -> tuple[str, ...]:
        """How people ask, over all entries; none in a language it is not written in."""
        return tuple(
            example
            for entry in self._entries.values()
            if language in entry.wordings
            for example in entry.wordings[language].examples
        )

    def find(self, text: str, language: str) -> Match | None:
        """The entry that fits a question best and how well; the asker decides if that is enough."""
        return self._indexes[language].find(text)

    def answer(self, entry: str, language: str) -> Line | None:
        """The written answer, or ``None`` if there is no such entry."""
        known = self._entries.get(entry)
        if known is None:
            return None
        return Line(f"knowledge.{entry}", known.wordings[language].answer, language)

    def urgent(self, text: str) -> str | None:
        """The entry that has to be said at once because of these words, if there is one."""
        entries = self._entries.values()
        return next((e.id for e in entries if e.urgent and e.is_called_for(text)), None)

    def is_urgent(self, entry: str) -> bool:
        """True if this is such an entry."""
        known = self._entries.get(entry)
        return known is not None and known.urgent

    def static_lines(self, language: str) -> tuple[Line, ...]:
        """Every answer: they are the same in every call and can be spoken once and kept."""
        return tuple(
            Line(f"knowledge.{entry.id}", entry.wordings[language].answer, language)
            for entry in self._entries.values()
        )


def _askable(wording: Wording) -> tuple[str, ...]:
    return (wording.title, *wording.examples, *wording.keywords)


def _read(path: Path, languages: tuple[str, ...]) -> Entry:
    text = read_text(path)
    front = _FRONT_MATTER.match(text)
    if front is None:
        raise ConfigurationError(f"{path}:1: must begin with front matter between two lines ---")
    head = Section.parse("\n" + front[1], path)
    head.only(("id", "urgent", *languages))
    entry = head.text("id")
    if not _ID.fullmatch(entry):
        raise head.fault("id", "is lower-case letters, digits and _")
    urgent = "urgent" in head.fields and head.text("urgent") == "true"
    if "urgent" in head.fields and head.text("urgent") not in {"true", "false"}:
        raise head.fault("urgent", "is true or false")
    answers = _answers(text, front.end(), path, languages)
    wordings: dict[str, Wording] = {}
    for language in languages:
        section = head.section(language)
        section.only(("title", "examples", "keywords"))
        keywords = section.texts("keywords") if urgent or "keywords" in section.fields else ()
        wordings[language] = Wording(
            section.text("title"), section.texts("examples"), keywords, answers[language]
        )
    return Entry(entry, wordings, urgent)


def _answers(text: str, start: int, path: Path, languages: tuple[str, ...]) -> dict[str, str]:
    """The sections of the body by language, each on one line."""
    parts: dict[str, list[str]] = {}
    here: list[str] | None = None
    first = text.count("\n", 0, start) + 1
    for number, line in enumerate(text[start:].split("\n"), first):
        heading = _HEADING.fullmatch(line.rstrip())
        if heading is not None:
            language = heading[1]
            if language not in languages or language in parts:
                raise ConfigurationError(
                    f"{path}:{number}: ## {language}: expected each of {', '.join(languages)} once"
                )
            here = parts[language] = []
        elif here is not None:
            here.append(line)
        elif line.strip():
            raise ConfigurationError(f"{path}:{number}: text before the first ## heading")
    answers: dict[str, str] = {}
    for language in languages:
        answer = " ".join(" ".join(parts.get(language, [])).split())
        if not answer:
            raise ConfigurationError(f"{path}: ## {language}: is missing or empty")
        if len(answer) > MAX_ANSWER:
            raise ConfigurationError(
                f"{path}: ## {language}: longer than {MAX_ANSWER} characters, too long to listen to"
            )
        if not answer.isprintable():
            raise ConfigurationError(f"{path}: ## {language}: holds an unprintable character")
        answers[language] = answer
    return answers
