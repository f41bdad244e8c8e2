"""The privacy notice and its version: one hash over everything a caller agrees to (rule C12)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from consent.purpose import Purpose


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of the notice in one language.

    Attributes:
        text: what is said.
        language: language it is said in; the hint to the other language is in that language.
    """

    text: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeText:
    """The notice in one language, placeholders filled.

    Attributes:
        language: its language.
        name: the language's own name.
        layer1: what is played first; at most 20 s (C9).
        repetitions: short repetitions of the choice, in order.
        full: layer 2, title and text of each section.
        keys: what each key means, by name.
    """

    language: str
    name: str
    layer1: tuple[Spoken, ...]
    repetitions: tuple[str, ...]
    full: tuple[tuple[str, str], ...]
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """Who answers for the data (Art. 4(7) GDPR).

    Attributes:
        name: full name.
        address: street, postal code and town.
        contact: where to write or ring.
        privacy_contact: who answers questions about data protection.
        authority: the supervisory authority.
        jurisdiction: country whose law applies, two letters (ISO 3166).
    """

    name: str = ""
    address: str = ""
    contact: str = ""
    privacy_contact: str = ""
    authority: str = ""
    jurisdiction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """What a caller agrees to besides the words they hear: the terms every record names (C14).

    Attributes:
        controller: who answers for the data.
        data: kinds of personal data, by name in the program: ``voice``, ``words``, ``keys``, ...
        storage: where it is kept.
        retention: how long, by kind of data, as ``consent.retention`` writes periods.
        legal_basis: of each purpose.
        withdrawal: ways to withdraw.
    """

    controller: Controller = Controller()
    data: tuple[str, ...] = ()
    storage: tuple[str, ...] = ()
    retention: Mapping[str, str] = field(default_factory=dict)
    legal_basis: Mapping[str, str] = field(default_factory=dict)
    withdrawal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The notice as a whole.

    Attributes:
        texts: by language.
        purposes: what key 1 grants.
        recipients: who else gets personal data.
        processing: the terms of the processing.
        audio: SHA-256, hex, of the rendered layer 1 by language.
    """

    texts: Mapping[str, NoticeText]
    purposes: frozenset[Purpose]
    recipients: tuple[str, ...]
    processing: Processing = Processing()
    audio: Mapping[str, str] = field(default_factory=dict)

    def canonical(self) -> bytes:
        """Everything that matters, in one form only; what ``version`` hashes."""
        content = {
            "texts": {
                language: {
                    "name": text.name,
                    "layer1": [[part.language, part.text] for part in text.layer1],
                    "repetitions": list(text.repetitions),
                    "full": [list(section) for section in text.full],
                    "keys": dict(text.keys),
                }
                for language, text in self.texts.items()
            },
            "purposes": sorted(self.purposes),
            "recipients": list(self.recipients),
            "processing": asdict(self.processing),
            "audio": dict(self.audio),
        }
        return json.dumps(content, sort_keys=True, ensure_ascii=False).encode()

    @property
    def version(self) -> str:
        """SHA-256 of ``canonical``, hex. One changed recipient is another version."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @classmethod
    def parse(cls, content: bytes) -> Notice:
        """Read what ``canonical`` wrote.

        Raises:
            ValueError: it is not a notice in its one form.
        """
        try:
            fields = json.loads(content)
            notice = cls(
                texts={
                    language: _text(language, text) for language, text in fields["texts"].items()
                },
                purposes=frozenset(map(Purpose, fields["purposes"])),
                recipients=_list(fields["recipients"]),
                processing=_processing(fields["processing"]),
                audio=_strings(fields["audio"]),
            )
            same = notice.canonical() == content
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
            raise ValueError("this is no privacy notice") from fault
        if not same:
            raise ValueError("this privacy notice is not in its one form")
        return notice


def _text(language: str, fields: Mapping[str, Any]) -> NoticeText:
    return NoticeText(
        language=language,
        name=_string(fields["name"]),
        layer1=tuple(
            Spoken(_string(text), _string(spoken_in)) for spoken_in, text in fields["layer1"]
        ),
        repetitions=_list(fields["repetitions"]),
        full=tuple((_string(title), _string(text)) for title, text in fields["full"]),
        keys=_strings(fields["keys"]),
    )


def _processing(fields: Mapping[str, Any]) -> Processing:
    return Processing(
        controller=Controller(**_strings(fields["controller"])),
        data=_list(fields["data"]),
        storage=_list(fields["storage"]),
        retention=_strings(fields["retention"]),
        legal_basis=_strings(fields["legal_basis"]),
        withdrawal=_list(fields["withdrawal"]),
    )


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("this is no text")
    return value


def _list(values: object) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError("this is no list of texts")
    return tuple(map(_string, values))


def _strings(values: object) -> dict[str, str]:
    if not isinstance(values, dict):
        raise TypeError("this is no mapping of texts")
    return {_string(name): _string(value) for name, value in values.items()}
