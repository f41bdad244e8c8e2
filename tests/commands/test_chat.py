from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from tests.commands.kept import Cli, cli, machine, on_machine
from voice_agent.storage.tables import appointments, audit_log, calls, reminder_consents
from voice_agent.stores import Stores

__all__ = ["cli", "machine"]

NOW = "2026-11-23T09:00"
BOOKING = (
    "Ich brauche einen Termin für einen Ölwechsel am Dienstag um zehn.\n"
    "Fischer\n"
    "0172 3456789\n"
    "Ja, das stimmt.\n"
)

Talk = Callable[..., tuple[int, str, str]]


@pytest.fixture
def talk(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Talk:
    """Holds a conversation of these lines; gives exit status and both outputs."""

    def run(given: bytes | str, *options: str) -> tuple[int, str, str]:
        raw = given.encode() if isinstance(given, str) else given
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
        return cli("chat", *options)

    return run


def records(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def count(table: Any) -> int:
    found: list[int] = []

    async def look(stores: Stores) -> None:
        async with stores.database.begin() as connection:
            found.append(len((await connection.execute(select(table))).all()))

    on_machine(look)
    return found[0]


def test_an_appointment_is_made_in_words_and_nothing_of_it_is_kept(talk: Talk) -> None:
    status, out, err = talk(BOOKING, "--memory", "--now", NOW, "--json")
    greeting, wish, name, phone, yes = records(out)
    assert status == 0
    assert "key 1" in err
    assert greeting["said"] is None
    assert [line["key"] for line in greeting["lines"]] == ["greeting"]
    assert wish["tools"] == [{"tool": "calendar.free", "outcome": "free"}]
    assert wish["slots"]["start"] == "2026-11-24T10:00"
    assert (wish["flow"], wish["question"]) == ("book_appointment", "name")
    assert name["commands"] == [{"command": "fill_slot", "slot": "name", "value": "Fischer"}]
    assert [line["key"] for line in phone["lines"]] == ["book_tell", "book_confirm"]
    assert yes["tools"] == [
        {"tool": "calendar.book", "outcome": "booked_with_pin"},
        {"tool": "reminder.check", "outcome": "possible"},
    ]
    assert [line["key"] for line in yes["lines"]] == ["book_booked_with_pin", "remind_wanted"]
    assert (yes["flow"], yes["then"], yes["language"]) == ("book_appointment", "listen", "de")
    assert all(each["ms"] >= 0 for each in records(out))
    assert [count(table) for table in (appointments, calls, audit_log)] == [0, 0, 0]


def test_what_is_booked_is_booked_in_the_database(talk: Talk) -> None:
    day = "Ich brauche einen Termin für einen Ölwechsel übermorgen.\nDer erste.\n"
    given = f"{day}{BOOKING.partition(chr(10))[2]}\nJa bitte.\n"
    status, out, _ = talk(given, "--json")
    assert status == 0
    tools = [each["tool"] for record in records(out) for each in record["tools"]]
    assert tools == ["calendar.free", "calendar.book", "reminder.check", "reminder.agree"]
    assert [count(table) for table in (appointments, calls, reminder_consents)] == [1, 1, 1]
    assert count(audit_log) >= len(tools)


def test_people_read_what_is_said(talk: Talk) -> None:
    status, out, err = talk("Wann haben Sie geöffnet?\nTschüss\nHallo?\n", "--memory")
    told = out.splitlines()
    assert status == 0
    assert [line[:2] for line in told] == ["< ", "> ", "< ", "< ", "> ", "< "]
    assert told[1] == "> Wann haben Sie geöffnet?"
    assert "8:00" in told[2]
    assert "The agent hangs up." in err


def test_a_trace_says_what_was_understood_and_done(talk: Talk) -> None:
    _, out, _ = talk(BOOKING, "--memory", "--now", NOW, "--trace")
    told = [" ".join(line.split()) for line in out.splitlines()]
    assert "command start_flow book_appointment" in told
    assert "flow book_appointment, asking name" in told
    assert "slot phone +491723456789" in told
    assert "tool calendar.book booked_with_pin" in told


@pytest.mark.parametrize(
    ("line", "then", "key"),
    [
        ("[0]", "hand_over", "connecting_human"),
        ("[*]", "withdraw", "withdrawn_offer_human"),
        ("[...]", "listen", "still_there"),
        ("[9]", "listen", "key_without_meaning"),
    ],
)
def test_keys_and_silences_are_lines_as_well(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, line: str, then: str, key: str
) -> None:
    monkeypatch.setenv("HANDOVER_NUMBER", "+493012345678")
    last = records(talk(f"{line}\n", "--memory", "--json")[1])[-1]
    assert (last["said"], last["then"]) == (line, then)
    assert [each["key"] for each in last["lines"]] == [key]


def test_without_a_person_to_connect_the_conversation_goes_on(talk: Talk) -> None:
    given = "Ich brauche einen Termin.\n[0]\nEine Inspektion.\n"
    _, asked, service = records(talk(given, "--memory", "--json")[1])[1:]
    assert [each["key"] for each in asked["lines"]] == ["human_unavailable_go_on"]
    assert (asked["then"], asked["flow"]) == ("listen", "book_appointment")
    assert service["slots"] == {"service": "inspection"}


def test_key_five_changes_the_language(talk: Talk) -> None:
    greeting, switched = records(talk("[5]\n", "-l", "en", "--memory", "--json")[1])
    assert (greeting["language"], switched["language"]) == ("en", "de")


def test_lines_that_are_none_are_told_and_the_others_answered(talk: Talk) -> None:
    given = b"\xff\xfe\n" + b"a" * 100_000 + b"\nKann ich parken?\n\n"
    status, out, _ = talk(given, "--memory", "--json")
    wrong, long, parking, empty = records(out)[1:]
    assert status == 1
    assert wrong == {"said": None, "error": "is not UTF-8"}
    assert "16384" in long["error"]
    assert parking["lines"][0]["key"] == "knowledge.parking"
    assert (empty["said"], empty["lines"]) == ("", [])


def test_what_a_terminal_would_obey_is_not_printed_for_people(talk: Talk) -> None:
    _, out, _ = talk("ja \x1b[31m\x07rot\n", "--memory", "--trace")
    assert "\x1b" not in out
    assert "\x07" not in out


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (("--memory", "--now", "tomorrow"), "--now tomorrow"),
        (("--now", NOW), "--memory"),
        (("--memory", "--language", "fr"), "de or en"),
    ],
)
def test_a_wrong_option_is_one_line_before_anything_is_said(
    talk: Talk, options: tuple[str, ...], fault: str
) -> None:
    status, out, err = talk("ja\n", *options)
    assert (status, out) == (2, "")
    assert fault in err
    assert err.count("\n") == 1


def test_a_database_that_is_not_there_is_told(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    status, out, err = talk("ja\n")
    assert (status, out) == (2, "")
    assert "voice-agent db upgrade" in err


REMINDED = ("--memory", "--now", NOW, "--remind", "2026-11-25T10:00", "--language", "de")


def test_somebody_whom_we_rang_up_confirms_their_appointment(talk: Talk) -> None:
    status, out, err = talk("Ja, ich komme.\n", *REMINDED, "--json")
    first, yes = records(out)
    assert status == 0
    assert [line["key"] for line in first["lines"]] == [
        *("greeting_outbound", "remind_tell", "remind_ask"),
    ]
    assert yes["tools"][0] == {"tool": "reminder.confirm", "outcome": "confirmed"}
    assert "Reached: told." in err
    assert "Reached: confirmed." in err


def test_somebody_whom_we_rang_up_wants_no_calls(talk: Talk) -> None:
    status, out, err = talk("Rufen Sie mich nie wieder an.\n", *REMINDED, "--json")
    last = records(out)[-1]
    assert status == 0
    assert last["tools"] == [{"tool": "calls.stop", "outcome": "stopped_and_over"}]
    assert last["then"] == "hang_up"
    assert "Reached: declined." in err


def test_nobody_is_rung_up_about_what_would_be_kept(talk: Talk) -> None:
    status, _, err = talk("", "--remind", "2026-11-25T10:00")
    assert status == 2
    assert "--memory" in err
