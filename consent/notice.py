"""The privacy notice and its version: one hash over everything a caller agrees to (rule C12)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

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
class Notice:
    """The notice as a whole.

    Attributes:
        texts: by language.
        purposes: what key 1 grants.
        recipients: who else gets personal data.
        audio: SHA-256, hex, of the rendered layer 1 by language.
    """

    texts: Mapping[str, NoticeText]
    purposes: frozenset[Purpose]
    recipients: tuple[str, ...]
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
            "audio": dict(self.audio),
        }
        return json.dumps(content, sort_keys=True, ensure_ascii=False).encode()

    @property
    def version(self) -> str:
        """SHA-256 of ``canonical``, hex. One changed recipient is another version."""
        return hashlib.sha256(self.canonical()).hexdigest()
