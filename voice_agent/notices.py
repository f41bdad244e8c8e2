"""Loads the privacy notice from ``consent/notices/<language>.yaml`` and fills in the company."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final

from consent.notice import Notice, NoticeText, Spoken
from consent.purpose import Purpose
from voice_agent.agent import AgentConfig
from voice_agent.call.notice_menu import KEYS
from voice_agent.dialogue.document import Section, read_text
from voice_agent.dialogue.prompts import fill, placeholders

_FIELDS: Final = (
    "language",
    "name",
    "layer1",
    "health",
    "other_language",
    "repetition",
    "no_recipients",
    "keys",
    "full",
)


DISCLOSURE: Final = {"de": "KI-Assistent", "en": "AI assistant"}
"""The words that tell a caller that a machine speaks (C7)."""

DISCLOSED_WITHIN: Final = 60
"""Characters of the notice in which the disclosure must be complete: about four seconds."""


def notices_directory() -> Path:
    """Where the notices lie: inside the package ``consent``, also when installed."""
    return Path(str(resources.files("consent"))) / "notices"


def load_notice(agent: AgentConfig, directory: Path | None = None) -> Notice:
    """Read the notice in every language of the agent.

    Raises:
        ConfigurationError: a file is missing or wrong; the message names file and key.
    """
    directory = directory or notices_directory()
    languages: tuple[str, ...] = agent.languages
    texts = {
        language: _read(directory / f"{language}.yaml", language, agent) for language in languages
    }
    return Notice(
        texts=texts,
        purposes=frozenset({Purpose.CONVERSATION}),
        recipients=tuple(f"{each.name}: {each.purpose}" for each in agent.recipients),
    )


def _read(path: Path, language: str, agent: AgentConfig) -> NoticeText:
    section = Section.parse(read_text(path), path)
    section.only(_FIELDS)
    if section.text("language") != language:
        raise section.fault("language", f"must be {language}")
    values = _values(section, agent)
    keys = _keys(section)
    first = _filled(section, "layer1", section.text("layer1"), values)
    if DISCLOSURE[language] not in first[:DISCLOSED_WITHIN]:
        raise section.fault(
            "layer1",
            f"callers hear too late that they talk to an AI: {DISCLOSURE[language]!r} must stand in"
            f" the first {DISCLOSED_WITHIN} characters; shorten company.name in agent.yaml",
        )
    layer1 = [Spoken(first, language)]
    other = section.section("other_language")
    other.only(("language", "text"))
    if other.text("language") in agent.languages:
        layer1.append(Spoken(other.text("text"), other.text("language")))
    return NoticeText(
        language=language,
        name=section.text("name"),
        layer1=tuple(layer1),
        repetitions=section.texts("repetition"),
        full=tuple(
            (
                _filled(each, "title", each.text("title"), values),
                _filled(each, "text", each.text("text"), values),
            )
            for each in section.sections("full")
        ),
        keys=keys,
    )


def _keys(section: Section) -> Mapping[str, str]:
    """The keys as the file names them must be the keys the program obeys (C8)."""
    written = section.section("keys")
    obeyed = {choice.value: key for key, choice in KEYS.items()}
    written.only(obeyed)
    for name, key in obeyed.items():
        if written.text(name) != key:
            raise written.fault(name, f"the program obeys key {key}")
    return obeyed


def _values(section: Section, agent: AgentConfig) -> dict[str, str]:
    controller = agent.controller
    recipients = ", ".join(each.name for each in agent.recipients)
    return {
        "company": agent.company.name,
        "controller": controller.name,
        "address": controller.address,
        "contact": controller.contact,
        "privacy_contact": controller.privacy_contact or controller.contact,
        "authority": controller.authority,
        "recipients": recipients or section.text("no_recipients"),
        "health": section.text("health") if agent.notice.health else "",
    }


def _filled(section: Section, key: str, text: str, values: Mapping[str, str]) -> str:
    missing = sorted(placeholders(text) - values.keys())
    if missing:
        raise section.fault(key, f"no value for {missing[0]}")
    return " ".join(fill(text, values).split())
