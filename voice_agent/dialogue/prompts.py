"""Everything the agent can say, loaded from ``prompts/<language>/*.yaml``.

A company's own sentences lie in the same form in ``config/prompts/``: they replace those of the
same key, or add to them. A file maps keys to a text or to a list of variants. ``{company}`` and the
like are placeholders: plain names, filled by plain replacement, so that neither a file nor a value
can reach further.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voice_agent.dialogue.document import Section, read_text
from voice_agent.dialogue.line import Line, Personal
from voice_agent.errors import ConfigurationError

LANGUAGES: Final = ("de", "en")
"""Languages the agent is complete in."""

MAX_TEXT: Final = 600
"""Characters in one text; nobody listens to more on a telephone."""

_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z_]*)\}")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")


def placeholders(text: str) -> frozenset[str]:
    """Names of the placeholders in a text."""
    return frozenset(_PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values into a text's placeholders; those without a value stay as they are.

    A value is never searched for placeholders itself.
    """
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


@dataclass(frozen=True, slots=True)
class Prompts:
    """The texts of every language, checked against one another.

    Attributes:
        variants: texts by language and key; every language has the same keys and placeholders.
        about: values known for the whole company, for example its name.
    """

    variants: Mapping[str, Mapping[str, tuple[str, ...]]]
    about: Mapping[str, str]

    @classmethod
    def load(
        cls,
        directory: Path,
        languages: tuple[str, ...] = LANGUAGES,
        about: Mapping[str, str] | None = None,
        own: Path | None = None,
    ) -> Prompts:
        """Read ``directory/<language>/*.yaml`` for every language.

        Args:
            directory: the directory ``prompts``.
            languages: which languages must be there and complete.
            about: values of company-wide placeholders, for example ``{"company": "..."}``.
            own: a directory of the same form with the company's own sentences; nothing is its
                own if there is no such directory.

        Raises:
            ConfigurationError: a file is missing or wrong, or the languages differ; the message
                names file, line and key.
        """
        values = dict(about or {})
        read = {language: _read_language(directory / language) for language in languages}
        _compare(read)
        if own is not None and own.exists():
            added = {language: _read_language(own / language) for language in languages}
            _compare(added)
            for language, fields in added.items():
                _replace(read[language], fields, values)
        return cls({language: _texts(fields) for language, fields in read.items()}, values)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are texts in."""
        return tuple(self.variants)

    def require(self, keys: Iterable[str]) -> None:
        """Make sure at start-up that no call will miss one of these keys.

        Raises:
            ConfigurationError: one is missing; the message names it.
        """
        for language, texts in self.variants.items():
            for key in keys:
                if key not in texts:
                    raise ConfigurationError(f"prompts/{language}: {key}: is missing")

    def line(
        self, key: str, language: str, /, *, variant: int = 0, **values: str | Personal
    ) -> Line:
        """The line to speak.

        Args:
            key: the prompt's key.
            language: one of ``languages``.
            variant: which variant, counted round; give the turn's number for variety without
                chance.
            **values: what goes into the placeholders; wrap what is the caller's own in
                ``Personal``.

        Raises:
            ConfigurationError: there is no such text, or a placeholder has no value.
        """
        try:
            variants = self.variants[language][key]
        except KeyError as error:
            raise ConfigurationError(f"prompts/{language}: {key}: is missing") from error
        text = variants[variant % len(variants)]
        known = dict(self.about)
        for name, value in values.items():
            known[name] = value.value if isinstance(value, Personal) else value
        used = placeholders(text)
        if missing := sorted(used - known.keys()):
            raise ConfigurationError(f"prompts/{language}: {key}: no value for {missing[0]}")
        personal = any(isinstance(values.get(name), Personal) for name in used)
        return Line(key, fill(text, known), language, personal)

    def wants(self, key: str, language: str) -> frozenset[str]:
        """The placeholders of a prompt, the company's own among them; none if there is no such."""
        return placeholders(" ".join(self.variants[language].get(key, ())))

    def texts(self, language: str) -> Mapping[str, tuple[str, ...]]:
        """All texts of a language by key, as written, variants in order."""
        return self.variants[language]

    def static_lines(self, language: str) -> tuple[Line, ...]:
        """Every line that is the same in every call: these can be spoken once and kept."""
        return tuple(
            Line(key, fill(text, self.about), language)
            for key, variants in self.variants[language].items()
            for text in variants
            if placeholders(text) <= self.about.keys()
        )


_Fields = dict[str, tuple[Section, tuple[str, ...]]]


def _texts(fields: _Fields) -> dict[str, tuple[str, ...]]:
    return {key: texts for key, (_, texts) in fields.items()}


def _read_language(directory: Path) -> _Fields:
    if not directory.is_dir():
        raise ConfigurationError(f"{directory}: there is no such directory of prompts")
    paths = sorted(directory.glob("*.yaml"))
    if not paths:
        raise ConfigurationError(f"{directory}: holds no *.yaml file")
    fields: _Fields = {}
    for path in paths:
        section = Section.parse(read_text(path), path)
        for key in section.fields:
            if not _KEY.fullmatch(key):
                raise section.fault(key, "a key is lower-case letters, digits and _")
            if key in fields:
                raise section.fault(key, f"is also in {fields[key][0].path.name}")
            texts = section.texts(key)
            for text in texts:
                _check(text, key, section)
            fields[key] = (section, texts)
    return fields


def _replace(fields: _Fields, added: _Fields, about: Mapping[str, str]) -> None:
    """Put a company's own texts in; who says one of them gives it the values of the old one."""
    for key, (section, texts) in added.items():
        if key in fields:
            there = placeholders(" ".join(fields[key][1])) | about.keys()
            if missing := sorted(placeholders(" ".join(texts)) - there):
                raise section.fault(
                    key,
                    f"{missing[0]} is not known there; possible are "
                    f"{', '.join(sorted(there)) or 'none'}. Use another key for another sentence",
                )
        fields[key] = (section, texts)


def _check(text: str, key: str, section: Section) -> None:
    if len(text) > MAX_TEXT:
        raise section.fault(key, f"longer than {MAX_TEXT} characters")
    if "{" in (rest := _PLACEHOLDER.sub("", text)) or "}" in rest:
        raise section.fault(key, "a placeholder is {name} in lower-case letters, nothing else")
    if not all(character.isprintable() for character in text):
        raise section.fault(key, "holds a character that cannot be spoken or shown")


def _compare(read: Mapping[str, _Fields]) -> None:
    """Insist that every language has every key with the same placeholders."""
    for language, fields in read.items():
        for other, theirs in read.items():
            for key, (section, texts) in fields.items():
                if key not in theirs:
                    raise section.fault(key, f"is in {language} but missing in {other}")
                wanted = placeholders(" ".join(theirs[key][1]))
                if placeholders(" ".join(texts)) != wanted:
                    names = ", ".join(sorted(wanted)) or "none"
                    raise section.fault(key, f"placeholders differ from {other}: {names}")
