"""Which engine speaks which language: from what is configured and what is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from voice_agent.errors import ConfigurationError, ModelError
from voice_agent.models.catalogue import Model, find, of_kind
from voice_agent.models.store import ModelStore
from voice_agent.speech.espeak import EspeakSynthesiser
from voice_agent.speech.piper import PiperSynthesiser
from voice_agent.speech.ports import Synthesiser

AUTO: Final = "auto"
"""Piper where a voice of the language is there, else eSpeak NG."""

ESPEAK: Final = "espeak"
"""eSpeak NG, whatever else is there."""


def choose_voices(
    configured: Mapping[str, str], store: ModelStore, *, threads: int = 1
) -> dict[str, Synthesiser]:
    """Load one synthesiser for each language.

    Args:
        configured: language to ``auto``, ``espeak`` or the name of a voice in the catalogue.
        store: where the voices lie.
        threads: threads of one synthesis.

    Raises:
        ConfigurationError: one line for each language whose voice cannot be had, with the mend.
    """
    voices: dict[str, Synthesiser] = {}
    faults = []
    for language, choice in configured.items():
        try:
            voices[language] = choose_voice(language, choice, store, threads=threads)
        except (ConfigurationError, ModelError) as error:
            faults.append(f"voice for {language!r}: {error}")
    if faults:
        raise ConfigurationError("\n".join(faults))
    return voices


def choose_voice(language: str, choice: str, store: ModelStore, *, threads: int = 1) -> Synthesiser:
    """Load the synthesiser of one language; see ``choose_voices``.

    Raises:
        ConfigurationError: eSpeak NG is needed and not installed, or the voice speaks another
            language.
        ModelError: the voice is not in the catalogue, not there, or damaged.
    """
    if choice == ESPEAK:
        return EspeakSynthesiser(language)
    if choice != AUTO:
        voice = find(choice, "voice")
        if voice.language != language:
            raise ConfigurationError(f"{choice} speaks {voice.language!r}")
        return PiperSynthesiser(store.require(voice), threads=threads)
    present = _present(language, store)
    if present is not None:
        return PiperSynthesiser(store.path(present), threads=threads)
    try:
        return EspeakSynthesiser(language)
    except ConfigurationError as error:
        voices = " or ".join(model.name for model in _of(language))
        pull = f", or: voice-agent models pull {voices}" if voices else ""
        raise ConfigurationError(f"{error}{pull}") from error


def _of(language: str) -> list[Model]:
    return [model for model in of_kind("voice") if model.language == language]


def _present(language: str, store: ModelStore) -> Model | None:
    return next((model for model in _of(language) if store.is_present(model)), None)
