from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from voice_agent.cli import main
from voice_agent.commands.understand import LONGEST, lines

NOW = "2026-11-23T09:00"


@pytest.fixture(autouse=True)
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the program writes stays with the test."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command over bytes on standard input; gives what it printed."""

    def run(given: bytes | str, *options: str, status: int = 0) -> tuple[str, str]:
        raw = given.encode() if isinstance(given, str) else given
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
        with pytest.raises(SystemExit) as left:
            main(["understand", *options])
        assert (left.value.code or 0) == status
        told = capsys.readouterr()
        return told.out, told.err

    return run


def records(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_every_line_gives_an_object_with_commands_and_slots(said: Any) -> None:
    text = "Ich heiße Mia Lang, geht es morgen um zehn?\nWas kostet ein Reifenwechsel?\n"
    first, second = records(said(text, "--now", NOW, "--json")[0])
    assert first == {
        "text": "Ich heiße Mia Lang, geht es morgen um zehn?",
        "commands": first["commands"],
        "slots": {"name": "Mia Lang", "date": "2026-11-24", "time": "10:00"},
        "faults": {},
        "confidence": 0.9,
    }
    assert first["commands"][:3] == [
        {"command": "fill_slot", "slot": "name", "value": "Mia Lang"},
        {"command": "fill_slot", "slot": "date", "value": "2026-11-24"},
        {"command": "fill_slot", "slot": "time", "value": "10:00"},
    ]
    assert second["commands"] == [{"command": "ask_knowledge", "entry": "tyre_change"}]
    assert (second["slots"], second["confidence"]) == ({}, 1.0)


def test_a_question_says_what_the_words_answer(said: Any) -> None:
    asked = ("--question", "customer_number", "--json")
    assert records(said("A wie Anton 4711\n", *asked)[0])[0]["slots"] == {
        "customer_number": "A4711"
    }
    assert records(said("Schneider\n", "--json")[0])[0]["slots"] == {}
    named = records(said("Schneider\n", "--question", "name", "--json")[0])[0]
    assert named["slots"] == {"name": "Schneider"}


def test_a_yes_is_a_command_and_a_slot(said: Any) -> None:
    given = "Auf keinen Fall.\nja nein\n"
    no, unclear = records(said(given, "--question", "yes_no", "--json")[0])
    assert no["commands"] == [{"command": "deny"}]
    assert no["slots"] == {"yes_no": "deny"}
    assert unclear["commands"] == []
    assert unclear["slots"] == {"yes_no": "unclear"}


def test_a_choice_is_made_among_the_options(said: Any) -> None:
    options = ("--question", "choice", "--option", "Reifen", "--option", "Bremsen", "--json")
    assert records(said("das zweite\n", *options)[0])[0]["slots"] == {"choice": "Bremsen"}


def test_a_value_that_cannot_be_is_told_with_the_reason(said: Any) -> None:
    (record,) = records(said("am 31. Februar\n", "--now", NOW, "--json")[0])
    told = {"command": "impossible", "slot": "date", "fault": "impossible"}
    assert (record["commands"], record["slots"]) == ([told], {})
    assert record["faults"] == {"date": "impossible"}


def test_english_is_understood_where_the_agent_speaks_it(said: Any) -> None:
    out, _ = said("Tomorrow at half past two, please.\n", "-l", "en", "--now", NOW, "--json")
    assert records(out)[0]["slots"] == {"date": "2026-11-24", "time": "14:30"}


def test_an_empty_line_gives_an_object_without_commands(said: Any) -> None:
    given = "\nja\n\n"
    empty, yes, last = records(said(given, "--json")[0])
    assert empty == last == {
        "text": "", "commands": [], "slots": {}, "faults": {}, "confidence": 0.0
    }  # fmt: skip
    assert yes["commands"] == [{"command": "affirm"}]


def test_no_input_gives_no_output(said: Any) -> None:
    assert said("", "--json") == ("", "")


def test_lines_that_are_none_are_told_and_the_others_understood(said: Any) -> None:
    given = b"ja\n\xff\xfe\n" + b"a" * 1_000_000 + b"\nnein\0doch\nnein"
    out, err = said(given, "--json", status=1)
    yes, wrong, long, null, no = records(out)
    assert yes["commands"] == [{"command": "affirm"}]
    assert (wrong["text"], wrong["error"], wrong["commands"]) == (None, "is not UTF-8", [])
    assert (long["text"], long["commands"]) == (None, [])
    assert str(LONGEST) in long["error"]
    assert null["text"] == "nein\0doch"
    assert no["commands"] == [{"command": "deny"}]
    assert err == "2 lines could not be read\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_a_line_is_as_long_as_it_may_be(ending: str) -> None:
    longest = "a" * LONGEST
    assert [line.text for line in lines(io.BytesIO((longest + ending).encode()))] == [longest]
    longer = [line.text for line in lines(io.BytesIO((longest + "aaa" + ending).encode()))]
    assert longer == [None]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (("--now", "tomorrow"), "--now tomorrow"),
        (("--now", "2026-11-23T09:00+01:00"), "time zone"),
        (("--language", "fr"), "de or en"),
        (("--question", "colour"), "yes_no"),
    ],
)
def test_a_wrong_option_is_one_line_before_anything_is_read(
    said: Any, options: tuple[str, ...], fault: str
) -> None:
    out, err = said("ja\n", *options, status=2)
    assert out == ""
    assert fault in err
    assert err.count("\n") == 1


def test_the_agent_decides_which_languages_there_are(
    said: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The company's own configuration counts, its written answers, too."""
    shipped = Path(__file__).parents[2] / "config"
    config = tmp_path / "config"
    (config / "knowledge").mkdir(parents=True)
    text = (shipped / "agent.yaml").read_text(encoding="utf-8")
    (config / "agent.yaml").write_text(
        text.replace("languages: [de, en]", "languages: [de]"), encoding="utf-8"
    )
    monkeypatch.setenv("CONFIG_DIR", str(config))
    assert "--language en" in said("yes\n", "-l", "en", status=2)[1]
    (record,) = records(said("Was kostet ein Reifenwechsel?\n", "--json")[0])
    assert record["commands"] == [{"command": "ask_knowledge", "entry": None}]


def test_a_person_reads_lines(said: Any) -> None:
    out, _ = said(
        "Ich heiße Mia Lang\n\nam 31. Februar\nDienstag oder Mittwoch\nja\n", "--now", NOW
    )
    told = [line.split() for line in out.splitlines()]
    assert told == [
        ["Ich", "heiße", "Mia", "Lang"],
        ["name", "Mia", "Lang", "0.90"],
        ["(nothing)"],
        ["not", "understood"],
        ["am", "31.", "Februar"],
        ["date", "impossible"],
        ["Dienstag", "oder", "Mittwoch"],
        ["date", "2026-11-24", "(or", "2026-11-25)", "0.50"],
        ["ja"],
        ["affirm", "1.00"],
    ]


def test_what_a_terminal_would_obey_is_not_printed_for_people(said: Any) -> None:
    out, _ = said("ja \x1b[31m\x07rot\n")
    assert "\x1b" not in out
    assert "\x07" not in out
