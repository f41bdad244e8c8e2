from __future__ import annotations

import re

import pytest

from voice_agent.errors import ModelError
from voice_agent.models.catalogue import (
    CATALOGUE,
    HubFile,
    ModelFile,
    WheelMember,
    defaults,
    find,
    of_kind,
)

FILES = [(model, file) for model in CATALOGUE.values() for file in model.files]


def test_pinned_hashes_are_sha256_and_come_with_a_size() -> None:
    for _, file in FILES:
        if file.sha256 is not None:
            assert re.fullmatch("[0-9a-f]{64}", file.sha256)
            assert file.size


def test_no_name_can_leave_its_directory() -> None:
    for model, file in FILES:
        assert re.fullmatch(r"[A-Za-z0-9][\w.-]*", model.name)
        assert re.fullmatch(r"[A-Za-z0-9][\w.-]*", file.name)


def test_a_file_that_a_wheel_may_give_is_pinned() -> None:
    """Anybody may publish a wheel; the hub's own address is what an unpinned file hangs on."""
    with pytest.raises(ValueError, match="pinned"):
        ModelFile(name="x", hub=HubFile("a/b", "x"), wheels=(WheelMember("p", "1", "x"),))


def test_the_defaults_are_a_recogniser_a_voice_for_each_language_and_a_judge_of_turns() -> None:
    assert [(model.kind, model.language) for model in defaults()] == [
        ("recogniser", None),
        ("voice", "en"),
        ("voice", "de"),
        ("turn", None),
    ]


def test_only_a_model_that_can_be_done_without_is_optional_by_default() -> None:
    """German has espeak-ng, and turns end by silence and words; nothing else has a substitute."""
    assert [model.name for model in defaults() if model.optional] == [
        "de_DE-thorsten-medium",
        "smart-turn-v3.2",
    ]


def test_a_model_is_found_by_its_name() -> None:
    assert find("whisper-base").kind == "recogniser"
    assert find("en_US-joe-medium", "voice").language == "en"


@pytest.mark.parametrize("kind", [None, "voice"])
def test_a_name_that_is_not_there_is_answered_with_those_that_are(kind: None) -> None:
    with pytest.raises(ModelError, match=r"'whisper-huge'.*en_US-joe-medium"):
        find("whisper-huge", kind)


def test_a_voice_is_not_a_recogniser() -> None:
    with pytest.raises(ModelError, match="no recogniser 'en_US-joe-medium'"):
        find("en_US-joe-medium", "recogniser")


def test_every_kind_has_a_model() -> None:
    assert {model.kind for model in of_kind()} == {"recogniser", "voice", "turn"}
