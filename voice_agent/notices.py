"""Loads the privacy notice from ``consent/notices/<language>.yaml`` and fills in the company."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Final

from consent.notice import Controller, Notice, NoticeText, Processing, Spoken
from consent.purpose import Purpose
from voice_agent.agent import AgentConfig
from voice_agent.call.notice_menu import KEYS
from voice_agent.dialogue.document import Section, read_text
from voice_agent.dialogue.prompts import fill, placeholders
from voice_agent.periods import period

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

PERIODS: Final[Mapping[str, str]] = {
    "proof": "P3Y",
    "call": "P90D",
    "appointment": "P30D",
    "message": "P30D",
    "summary": "P7D",
    "audit": "P3Y",
}
"""How long what the notice tells of is kept where no retention table says it."""

DISCLOSED_WITHIN: Final = 60
"""Characters of the notice in which the disclosure must be complete: about four seconds."""


DATA: Final = ("voice", "words", "keys", "number", "call_id")
"""Kinds of personal data in every call; see ``processing``."""

WITHDRAWAL: Final = ("key *", "phrase", "link")
"""Ways to withdraw: in the call, in words, and on the page behind the link (C16)."""


def notices_directory() -> Path:
    """Where the notices lie: inside the package ``consent``, also when installed."""
    return Path(str(resources.files("consent"))) / "notices"


def load_notice(
    agent: AgentConfig,
    directory: Path | None = None,
    retention: Mapping[str, str] = MappingProxyType({}),
) -> Notice:
    """Read the notice in every language of the agent.

    Args:
        agent: the company, its recipients, places of storage.
        directory: where the texts lie; inside the package when it is left out.
        retention: how long each kind of data is kept, from the retention table.

    Raises:
        ConfigurationError: a file is missing or wrong; the message names file and key.
    """
    directory = directory or notices_directory()
    languages: tuple[str, ...] = agent.languages
    texts = {
        language: _read(directory / f"{language}.yaml", language, agent, retention)
        for language in languages
    }
    return Notice(
        texts=texts,
        purposes=frozenset({Purpose.CONVERSATION}),
        recipients=tuple(f"{each.name}: {each.purpose}" for each in agent.recipients),
        processing=processing(agent, retention),
    )


def processing(agent: AgentConfig, retention: Mapping[str, str]) -> Processing:
    """The terms every record names (C14), as they are configured.

    Kinds of data: ``voice`` in memory alone, the recognised ``words``, the ``keys`` pressed, the
    ``number``, the identifier of the call, and ``health`` where the trade speaks of it.
    """
    controller, health = agent.controller, agent.notice.health
    return Processing(
        controller=Controller(
            name=controller.name,
            address=controller.address,
            contact=controller.contact,
            privacy_contact=controller.privacy_contact or controller.contact,
            authority=controller.authority,
            jurisdiction=controller.jurisdiction,
        ),
        data=(*DATA, "health") if health else DATA,
        storage=agent.storage_locations,
        retention=dict(retention),
        legal_basis={
            Purpose.CONVERSATION.value: (
                "Art. 6(1)(a), 9(2)(a) GDPR" if health else "Art. 6(1)(a) GDPR"
            ),
            "call": "Art. 6(1)(b), (f) GDPR",
            "proof": "Art. 6(1)(c), 7(1) GDPR",
        },
        withdrawal=WITHDRAWAL,
    )


def _read(
    path: Path, language: str, agent: AgentConfig, retention: Mapping[str, str]
) -> NoticeText:
    section = Section.parse(read_text(path), path)
    section.only(_FIELDS)
    if section.text("language") != language:
        raise section.fault("language", f"must be {language}")
    values = _values(section, agent) | {
        f"{kind}_period": period(retention.get(kind, usual), language)
        for kind, usual in PERIODS.items()
    }
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
