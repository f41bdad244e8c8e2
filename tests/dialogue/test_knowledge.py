from __future__ import annotations

import re
from pathlib import Path

import pytest

from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.understanding.builtin import SURE
from voice_agent.errors import ConfigurationError

GOOD = """---
id: hours
de:
  title: Öffnungszeiten
  examples: Wann haben Sie geöffnet?
en:
  title: Opening hours
  examples: When are you open?
  keywords: [hours]
---

## de

Von 8:00 bis
18:00 Uhr.

## en

From 8:00 to 18:00.
"""


def load(directory: Path, text: str, name: str = "hours.md") -> Knowledge:
    """Load a directory with one file."""
    (directory / name).write_text(text, encoding="utf-8")
    return Knowledge.load(directory)


def test_the_answer_is_the_written_sentence(tmp_path: Path) -> None:
    knowledge = load(tmp_path, GOOD)
    line = knowledge.answer("hours", "de")
    assert line is not None
    assert (line.key, line.text, line.personal) == (
        "knowledge.hours", "Von 8:00 bis 18:00 Uhr.", False,
    )  # fmt: skip
    assert knowledge.answer("nothing", "de") is None
    assert knowledge.static_lines("de") == (line,)


def test_windows_line_ends_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "hours.md").write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert len(Knowledge.load(tmp_path).entries) == 1


def test_a_company_may_know_nothing(tmp_path: Path) -> None:
    assert Knowledge.load(tmp_path).find("Wann haben Sie offen?", "de") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"hours\.md:1: must begin with front matter"),
        ("## de\nx", r"hours\.md:1: must begin with front matter"),
        (GOOD.replace("id: hours\n", ""), r"id: is missing"),
        (GOOD.replace("id: hours", "id: Hours!"), r"hours\.md:2: id: is lower-case"),
        (GOOD.replace("id: hours", "id: hours\nfr: x"), r"hours\.md:3: fr: unknown key"),
        (GOOD.replace("  title: Öffnungszeiten\n", ""), r"de\.title: is missing"),
        (GOOD.replace("When are you open?", "[]"), r"hours\.md:8: en\.examples: is an empty"),
        (GOOD.replace("keywords", "keyword"), r"hours\.md:9: en\.keyword: unknown key"),
        (GOOD.replace("id: hours", "id: hours\nurgent: yes"), r"hours\.md:3: urgent: is true or"),
        (GOOD.replace("id: hours", "id: hours\nurgent: true"), r"de\.keywords: is missing"),
        (GOOD.replace("## en", "## fr"), r"hours\.md:17: ## fr: expected"),
        (GOOD.replace("## en", "## de"), r"hours\.md:17: ## de: expected"),
        (GOOD.replace("From 8:00 to 18:00.", ""), r"## en: is missing or empty"),
        (GOOD.replace("From", "From " * 90), r"## en: longer than 300"),
        (GOOD.replace("From", "From\x00"), r"## en: holds an unprintable"),
        (GOOD.replace("## de", "Hallo\n## de"), r"hours\.md:12: text before the first"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load(tmp_path, text)


def test_two_files_with_one_id_and_a_missing_directory_are_refused(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    with pytest.raises(ConfigurationError, match=r"more\.md: id: another file has the id hours"):
        load(tmp_path, GOOD, "more.md")
    with pytest.raises(ConfigurationError, match="no such directory"):
        Knowledge.load(tmp_path / "nothing")


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_shipped_example_finds_its_own_entry(knowledge: Knowledge, language: str) -> None:
    for entry in knowledge.entries:
        for example in entry.wordings[language].examples:
            match = knowledge.find(example, language)
            assert match is not None, example
            assert match.entry == entry.id, example
            assert match.coverage >= SURE, example


@pytest.mark.parametrize("language", ["de", "en"])
def test_shipped_answers_are_at_most_two_short_sentences(
    knowledge: Knowledge, language: str
) -> None:
    for line in knowledge.static_lines(language):
        assert len(line.text) <= 200, line.key
        assert len(re.findall(r"(?<!\d)[.?!](?: |$)", line.text)) <= 2, line.key
