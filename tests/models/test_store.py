from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.models.samples import CONTENT, WEIGHTS, digest, model
from voice_agent.errors import ModelError
from voice_agent.models.catalogue import Model
from voice_agent.models.store import LOCK, ModelStore


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store with nothing in it."""
    return ModelStore(tmp_path)


def put(store: ModelStore, wanted: Model) -> None:
    store.path(wanted).mkdir()
    for name, content in CONTENT.items():
        (store.path(wanted) / name).write_bytes(content)


def test_an_empty_store_misses_every_file(store: ModelStore) -> None:
    assert [path.name for path in store.missing([model()])] == ["weights.bin", "words.txt"]
    assert not store.is_present(model())
    assert not store.has_any(model())


def test_a_complete_model_is_present(store: ModelStore) -> None:
    put(store, model())
    assert store.missing([model()]) == []
    assert store.require(model()) == store.path(model())


def test_a_file_cut_short_is_missing(store: ModelStore) -> None:
    """A crash in the middle of somebody's own copying must not start a server."""
    put(store, model())
    (store.path(model()) / "weights.bin").write_bytes(WEIGHTS[:-1])
    assert [path.name for path in store.missing([model()])] == ["weights.bin"]
    assert store.has_any(model())


def test_what_is_required_and_missing_is_named_with_the_mend(store: ModelStore) -> None:
    with pytest.raises(ModelError, match=r"weights\.bin.*voice-agent models pull small"):
        store.require(model())


def test_verification_tells_right_from_wrong_and_missing(store: ModelStore) -> None:
    put(store, model())
    (store.path(model()) / "weights.bin").write_bytes(WEIGHTS[::-1])
    (store.path(model()) / "words.txt").unlink()
    wrong, missing = store.verify([model()])
    assert (wrong.state, wrong.expected, wrong.found) == (
        "wrong",
        digest(WEIGHTS),
        digest(WEIGHTS[::-1]),
    )
    assert (missing.state, missing.found) == ("missing", None)


def test_a_right_file_verifies(store: ModelStore) -> None:
    put(store, model())
    assert [verdict.state for verdict in store.verify([model()])] == ["ok", "ok"]


def test_a_file_without_pin_is_unpinned_until_its_hash_is_recorded(store: ModelStore) -> None:
    wanted = model(pinned=False)
    put(store, wanted)
    assert {verdict.state for verdict in store.verify([wanted])} == {"unpinned"}
    for file in wanted.files:
        store.record(wanted, file, digest(CONTENT[file.name]))
    assert {verdict.state for verdict in store.verify([wanted])} == {"ok"}
    (store.path(wanted) / "words.txt").write_bytes(b"other words")
    assert [verdict.state for verdict in store.verify([wanted])] == ["ok", "wrong"]


def test_a_recorded_hash_cannot_overrule_a_pinned_one(store: ModelStore) -> None:
    file = model().files[0]
    store.record(model(), file, digest(b"something else"))
    assert store.expected(model(), file) == digest(WEIGHTS)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"a": 1}', b"\xff"])
def test_a_damaged_list_of_recorded_hashes_is_an_error(store: ModelStore, content: bytes) -> None:
    """Were it read as empty, anything would be trusted as if for the first time."""
    (store.directory / LOCK).write_bytes(content)
    with pytest.raises(ModelError, match=LOCK):
        list(store.verify([model(pinned=False)]))


def test_recorded_hashes_are_readable_by_a_person(store: ModelStore) -> None:
    wanted = model(pinned=False)
    store.record(wanted, wanted.files[1], digest(b"x"))
    assert json.loads((store.directory / LOCK).read_text()) == {"small/words.txt": digest(b"x")}


def test_a_file_that_cannot_be_read_is_an_error(store: ModelStore) -> None:
    (store.path(model()) / "weights.bin").mkdir(parents=True)
    with pytest.raises(ModelError, match="cannot be read"):
        list(store.verify([model()]))
