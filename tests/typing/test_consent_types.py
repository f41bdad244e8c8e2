"""The type checker is the first gate: it must refuse what these lines try, and nothing more."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from mypy import api

from consent.sealed import Consented, SealBroken

ROOT: Final = Path(__file__).parents[2]

HEAD: Final = """
from collections.abc import Callable
from consent.gate import ConsentGate
from consent.ledger import ConsentLedger
from consent.sealed import Consented, join
from voice_agent.audio.frame import Frame, Utterance
from voice_agent.speech.ports import Recogniser, Transcript, Vad

def attempt(
    recogniser: Recogniser,
    vad: Vad,
    gate: ConsentGate,
    frame: Frame,
    utterance: Utterance,
    sealed_frame: Consented[Frame],
    sealed: Consented[Utterance],
) -> object:
    return """

REFUSED: Final = {
    "raw bytes at the recogniser's door": (
        'recogniser.transcribe(b"sound", "de")',
        "arg-type",
    ),
    "an utterance that did not pass the gate": (
        'recogniser.transcribe(utterance, "de")',
        "arg-type",
    ),
    "a frame in place of an utterance": (
        'recogniser.transcribe(sealed_frame, "de")',
        "arg-type",
    ),
    "what a gate may have refused": (
        'recogniser.transcribe(gate.admit(utterance), "de")',
        "arg-type",
    ),
    "a raw frame before the voice activity detection": (
        "vad.is_speech(frame)",
        "arg-type",
    ),
    "a sealed utterance before the voice activity detection": (
        "vad.is_speech(sealed)",
        "arg-type",
    ),
    "a seal that was left out": (
        "Consented(utterance, gate)",
        "call-arg",
    ),
    "looking into a sealed value without opening it": (
        "sealed.mulaw",
        "attr-defined",
    ),
    "opening a sealed value of one kind as another": (
        "sealed_frame.reveal().speech_ms",
        "attr-defined",
    ),
    "joining what was not sealed": (
        'join([utterance], lambda parts: b"")',
        "arg-type",
    ),
    "a seal of one's own making": (
        'type("Open", (Forged,), {})',
        "misc",
    ),
}
"""What is tried, and the code of the error it must meet."""

FORGED: Final = """
class Forged(Consented[Utterance]):
    def reveal(self) -> Utterance:
        return Utterance(b"", 0)
"""

ALLOWED: Final = """[
        recogniser.transcribe(sealed, "de"),
        recogniser.transcribe(sealed, "en", expected=("Termin",)),
        vad.is_speech(sealed_frame),
        join([sealed_frame], lambda frames: Utterance(frames[0].mulaw, 20)).reveal().speech_ms,
        recogniser.transcribe(admitted, "de") if (admitted := gate.admit(utterance)) else None,
    ]
"""

ERROR: Final = re.compile(r"^(?P<file>\S+?)\.py:\d+: error: .*\[(?P<code>[\w-]+)\]$", re.MULTILINE)


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The codes of mypy's errors by the name of the snippet."""
    directory = tmp_path_factory.mktemp("snippets")
    sources = {name: code for name, (code, _) in REFUSED.items()} | {"allowed": ALLOWED}
    files = {f"snippet_{number}": name for number, name in enumerate(sources)}
    for file, name in files.items():
        forged = FORGED if "Forged" in sources[name] else ""
        head = HEAD.replace("\ndef attempt", f"{forged}\ndef attempt")
        (directory / f"{file}.py").write_text(f"{head}{sources[name]}\n", encoding="utf-8")
    paths = [str(directory / f"{file}.py") for file in files]
    config = str(ROOT / "pyproject.toml")
    cache = str(directory / "cache")
    report, faults, _ = api.run(["--config-file", config, "--cache-dir", cache, *paths])
    assert faults == ""
    found: dict[str, list[str]] = {name: [] for name in sources}
    for error in ERROR.finditer(report):
        found[files[Path(error["file"]).name]].append(error["code"])
    return found


@pytest.mark.parametrize("attempt", REFUSED)
def test_the_type_checker_refuses(errors: dict[str, list[str]], attempt: str) -> None:
    assert errors[attempt] == [REFUSED[attempt][1]]


def test_the_type_checker_lets_the_right_way_pass(errors: dict[str, list[str]]) -> None:
    assert errors["allowed"] == []


def test_a_seal_of_ones_own_is_refused_when_it_is_tried_all_the_same() -> None:
    """Without a type checker, at run time."""
    with pytest.raises(SealBroken):
        Consented("sound", None, object())  # type: ignore[arg-type]  # refused twice
