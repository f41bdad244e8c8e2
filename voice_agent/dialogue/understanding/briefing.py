"""What a language model is told: ``prompts/<language>/understand.md``, and the caller's words.

Nothing else: no history, no name or number from elsewhere, no value of a slot, no tool.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Self

from voice_agent.dialogue.document import read_text
from voice_agent.dialogue.prompts import fill, placeholders
from voice_agent.dialogue.understanding.ports import Briefing, Said
from voice_agent.dialogue.understanding.vocabulary import Vocabulary
from voice_agent.errors import ConfigurationError

FILE: Final = "understand.md"

LONGEST: Final = 6000
"""Characters of the file; a model reads them anew for every utterance, or its server keeps them."""

LONGEST_UTTERANCE: Final = 600
"""Characters of an utterance that a model is told; half a minute of speech."""

_EXAMPLES: Final = 2
_NEEDED: Final = frozenset({"flows", "answers"})


class Briefings:
    """Makes them. The instructions are put together once, when the process starts.

    Args:
        instructions: by language.
    """

    def __init__(self, instructions: Mapping[str, str]) -> None:
        self._instructions = dict(instructions)

    @classmethod
    def load(cls, directory: Path, languages: Iterable[str], vocabulary: Vocabulary) -> Self:
        """Read the instructions of every language.

        Args:
            directory: the directory ``prompts``.
            languages: which languages must be there.
            vocabulary: what is put into the placeholders ``{flows}`` and ``{answers}``.

        Raises:
            ConfigurationError: a file is missing or wrong; the message names it.
        """
        return cls(
            {
                language: _instructions(directory / language / FILE, language, vocabulary)
                for language in languages
            }
        )

    def of(self, said: Said) -> Briefing:
        """What the model is told of these words."""
        text = said.text[:LONGEST_UTTERANCE]
        words = {
            "question": None if said.asked is None else said.asked.slot,
            "said": text.encode(errors="replace").decode(),  # half a character is no UTF-8
        }
        return Briefing(self._instructions[said.language], json.dumps(words, ensure_ascii=False))


def _instructions(path: Path, language: str, vocabulary: Vocabulary) -> str:
    text = read_text(path).strip()
    if len(text) > LONGEST:
        raise ConfigurationError(f"{path}: is longer than {LONGEST} characters. Shorten it")
    if placeholders(text) != _NEEDED:
        raise ConfigurationError(
            f"{path}: needs {{flows}} and {{answers}} and no other placeholder"
        )
    flows = "\n".join(
        f"- {name}: {' / '.join(examples.get(language, ())[:_EXAMPLES])}"
        for name, examples in vocabulary.flows.items()
    )
    answers = "\n".join(
        f"- {entry}: {titles.get(language, '')}" for entry, titles in vocabulary.answers.items()
    )
    return fill(text, {"flows": flows or "-", "answers": answers or "-"})
