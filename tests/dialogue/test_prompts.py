from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.line import Personal
from voice_agent.dialogue.prompts import Prompts, fill, placeholders
from voice_agent.errors import ConfigurationError


def write(directory: Path, german: str, english: str) -> Path:
    """Write one file a language and return the directory."""
    for language, text in (("de", german), ("en", english)):
        (directory / language).mkdir(exist_ok=True)
        (directory / language / "lines.yaml").write_text(text, encoding="utf-8")
    return directory


def test_a_line_is_the_written_sentence_with_its_values(tmp_path: Path) -> None:
    directory = write(tmp_path, "hi: Hallo {name} bei {company}.", "hi: Hi {name} at {company}.")
    prompts = Prompts.load(directory, about={"company": "Berger"})
    line = prompts.line("hi", "de", name="Welt")
    assert (line.key, line.text, line.language) == ("hi", "Hallo Welt bei Berger.", "de")
    assert not line.personal


def test_a_line_is_personal_when_a_personal_value_is_in_it(tmp_path: Path) -> None:
    prompts = Prompts.load(
        write(tmp_path, "hi: Hallo {name}.\nbye: Aus.", "hi: '{name}'\nbye: Off.")
    )
    assert prompts.line("hi", "de", name=Personal("Fischer")).personal
    assert not prompts.line("bye", "de", name=Personal("Fischer")).personal


def test_variants_follow_the_turn_and_come_round(tmp_path: Path) -> None:
    prompts = Prompts.load(write(tmp_path, "a: [eins, zwei]", "a: one"))
    assert [prompts.line("a", "de", variant=n).text for n in range(3)] == ["eins", "zwei", "eins"]


def test_static_lines_are_those_that_are_the_same_in_every_call(tmp_path: Path) -> None:
    text = "a: [eins, zwei]\nb: Bei {company}.\nc: Hallo {name}."
    prompts = Prompts.load(write(tmp_path, text, text), about={"company": "Berger"})
    assert [line.text for line in prompts.static_lines("de")] == ["eins", "zwei", "Bei Berger."]


def test_a_value_is_never_searched_for_placeholders(tmp_path: Path) -> None:
    prompts = Prompts.load(
        write(tmp_path, "a: Hallo {name}.", "a: Hi {name}."), about={"company": "Berger"}
    )
    assert prompts.line("a", "de", name="{company}").text == "Hallo {company}."


@pytest.mark.parametrize(
    ("german", "english", "message"),
    [
        ("a: x\nb: y", "a: x", r"de/lines\.yaml:2: b: is in de but missing in en"),
        ("a: x", "a: x\nb: y", r"en/lines\.yaml:2: b: is in en but missing in de"),
        ("a: x {n}", "a: x", r"a: placeholders differ"),
        ("a: ''", "a: x", r"de/lines\.yaml:1: a: is empty"),
        ("a: [x, '']", "a: x", r"de/lines\.yaml:1: a: is empty"),
        ("a: {b: c}", "a: x", r"a: expected a text"),
        ("a: 'x {b.c}'", "a: x", r"a: a placeholder is"),
        ("a: 'x {0}'", "a: x", r"a: a placeholder is"),
        ("a: 'x {n!r:>9}'", "a: x", r"a: a placeholder is"),
        ("A-b: x", "A-b: x", r"A-b: a key is lower-case"),
        (f"a: {'x' * 601}", "a: x", r"a: longer than 600"),
        ('a: "x\\u202ey"', "a: x", r"a: holds a character"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_key(
    tmp_path: Path, german: str, english: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Prompts.load(write(tmp_path, german, english))


def test_a_key_in_two_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a: x", "a: x")
    (tmp_path / "de" / "more.yaml").write_text("a: y", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"more\.yaml:1: a: is also in lines\.yaml"):
        Prompts.load(tmp_path)


def test_a_companys_own_sentences_replace_the_shipped_ones_and_add_to_them(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    shipped = write(tmp_path, "a: Worum geht es?\nb: Gut.", "a: What is it?\nb: Fine.")
    own = write(tmp_path / "own", "a: Weshalb?\nc: Neu.", "a: ['Why?', 'What for?']\nc: New.")
    prompts = Prompts.load(shipped, own=own)
    assert prompts.texts("de") == {"a": ("Weshalb?",), "b": ("Gut.",), "c": ("Neu.",)}
    assert prompts.texts("en")["a"] == ("Why?", "What for?")
    assert Prompts.load(shipped, own=tmp_path / "nothing").texts("de")["a"] == ("Worum geht es?",)


@pytest.mark.parametrize(
    ("german", "english", "message"),
    [
        ("a: x", "b: x", r"own/de/lines\.yaml:1: a: is in de but missing in en"),
        ("a: x\nb: y", "a: x", r"own/de/lines\.yaml:2: b: is in de but missing in en"),
        ("a: x {company} {n}", "a: x {n}", r"own/de/lines\.yaml:1: a: placeholders differ"),
        ("b: y\na: x {m}", "b: y\na: x {m}", r"own/de/lines\.yaml:2: a: m is not known there"),
        ("a: {b: c}", "a: x", r"own/de/lines\.yaml:1: a: expected a text"),
    ],
)
def test_a_companys_own_file_is_read_as_strictly(
    tmp_path: Path, german: str, english: str, message: str
) -> None:
    (tmp_path / "own").mkdir()
    shipped = write(tmp_path, "a: x {n}", "a: x {n}")
    with pytest.raises(ConfigurationError, match=message):
        Prompts.load(
            shipped,
            about={"company": "Berger"},
            own=write(tmp_path / "own", german, english),
        )


def test_a_companys_own_sentences_are_there_in_every_language(tmp_path: Path) -> None:
    shipped = write(tmp_path, "a: x", "a: x")
    (tmp_path / "own" / "de").mkdir(parents=True)
    (tmp_path / "own" / "de" / "lines.yaml").write_text("a: y", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="own/en: there is no such directory"):
        Prompts.load(shipped, own=tmp_path / "own")


def test_missing_directories_keys_and_values_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such directory"):
        Prompts.load(tmp_path)
    (tmp_path / "de").mkdir()
    with pytest.raises(ConfigurationError, match=r"holds no \*\.yaml"):
        Prompts.load(tmp_path)
    prompts = Prompts.load(write(tmp_path, "a: x {n}", "a: x {n}"))
    with pytest.raises(ConfigurationError, match="de: b: is missing"):
        prompts.require(["a", "b"])
    with pytest.raises(ConfigurationError, match="fr: a: is missing"):
        prompts.line("a", "fr")
    with pytest.raises(ConfigurationError, match="a: no value for n"):
        prompts.line("a", "de")


def test_what_is_shipped_is_short_enough_to_be_heard(prompts: Prompts) -> None:
    for language in prompts.languages:
        for line in prompts.static_lines(language):
            assert len(line.text) <= 240, line.key


@given(st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,5}", fullmatch=True), st.text(max_size=20)))
def test_filling_leaves_no_placeholder_that_has_a_value(values: dict[str, str]) -> None:
    text = "Anfang " + " ".join(f"{{{name}}}" for name in values)
    assert fill(text, values) == "Anfang " + " ".join(values.values())
    assert placeholders(text) == values.keys()
