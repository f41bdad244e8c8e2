from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.document import MAX_BYTES, Section, read_text
from voice_agent.errors import ConfigurationError

PATH = Path("some.yaml")


def test_texts_sections_and_lists_are_read_with_their_places() -> None:
    section = Section.parse("a: one\nb:\n  - two\n  - three\nc:\n  d: four\n", PATH)
    assert section.text("a") == "one"
    assert section.texts("b") == ("two", "three")
    assert section.texts("a") == ("one",)
    assert section.section("c").text("d") == "four"
    assert section.section("c").line == 6


def test_a_scalar_is_the_text_as_written() -> None:
    """YAML would make a boolean of ``no`` and a number of ``0``; a sentence file means words."""
    section = Section.parse("a: no\nb: 0\n", PATH)
    assert (section.text("a"), section.text("b")) == ("no", "0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"some\.yaml:1: is empty"),
        ("- a\n", r"some\.yaml:1: file: expected keys"),
        ("a: 1\nb: 2\na: 3\n", r"some\.yaml:3: a: written twice"),
        ("a: &x 1\nb: *x\n", r"some\.yaml:1: anchors and tags"),
        ("a: 1\nb: !!python/object:os.system x\n", r"some\.yaml:2: anchors and tags"),
        ("a: 1\nb: [1\n", r"some\.yaml:3: "),
        ("a: 1\n? [b]\n: 2\n", r"some\.yaml:2: a key must be a word"),
        ("a: \x07\n", r"some\.yaml: holds a character"),
        ("a: " + "[" * 200_000, r"some\.yaml:1: nested too deeply"),
        ("---\na: 1\n---\nb: 2\n", r"some\.yaml:3: "),
    ],
)
def test_what_is_not_a_plain_mapping_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Section.parse(text, PATH)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("b: 1\n", r"some\.yaml:1: a: is missing"),
        ("a:\n", r"some\.yaml:1: a: is empty"),
        ("a: '  '\n", r"some\.yaml:1: a: is empty"),
        ("b: 1\na: [x]\n", r"some\.yaml:2: a: expected a text"),
    ],
)
def test_a_wrong_text_is_named(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Section.parse(text, PATH).text("a")


def test_an_empty_list_an_unknown_key_and_a_missing_section_are_named() -> None:
    section = Section.parse("a: []\nb:\n  c: 1\n", PATH)
    with pytest.raises(ConfigurationError, match=r":1: a: is an empty list"):
        section.texts("a")
    with pytest.raises(ConfigurationError, match=r":3: b\.c: unknown key; possible are d"):
        section.section("b").only(["d"])
    with pytest.raises(ConfigurationError, match=r":2: b|:1: x: is missing"):
        section.section("x")


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_text(tmp_path / "missing.yaml")
    long = tmp_path / "long.yaml"
    long.write_bytes(b"a" * (MAX_BYTES + 1))
    with pytest.raises(ConfigurationError, match="longer than 256 KiB"):
        read_text(long)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("a: b\nc: geöffnet\n".encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"latin\.yaml:2: is not UTF-8"):
        read_text(latin)


@given(st.text(max_size=200))
def test_any_text_is_a_mapping_or_a_configuration_error(text: str) -> None:
    try:
        section = Section.parse(text, PATH)
    except ConfigurationError:
        return
    for key in section.fields:
        assert key
