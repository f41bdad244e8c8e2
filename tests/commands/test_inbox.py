from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from tests.commands.kept import CANARY, NUMBER, Cli, cli, machine, on_machine, read
from tests.storage.household import NAME, WORDS
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.tables import audit_log
from voice_agent.stores import Stores
from voice_agent.tools.inbox import Entry, EntryKind, Filed

pytestmark = pytest.mark.integration  # a real database on a real disk

__all__ = ["cli", "machine"]

CALLBACK = Entry(
    kind=EntryKind.CALLBACK,
    call_id=CANARY,
    language="de",
    name=NAME,
    phone=NUMBER,
    text=WORDS,
    time="08:00/12:00",
)
COMPLAINT = replace(CALLBACK, kind=EntryKind.COMPLAINT, category="work", wish="repair", time="")


def leave(*entries: Entry) -> list[str]:
    """Callers leave these; gives their references."""
    references = []

    async def work(stores: Stores) -> None:
        await SqlCallBook(stores.database).begin(CANARY, "de", stores.clock())
        for number, entry in enumerate(entries):
            answer = await stores.inbox.file(entry, str(number))
            assert isinstance(answer, Filed)
            references.append(answer.reference)

    on_machine(work)
    return references


def noted() -> list[tuple[str, str, str, str | None]]:
    """What the audit log says."""
    rows: list[Any] = []

    async def work(stores: Stores) -> None:
        async with stores.database.begin() as connection:
            found = await connection.execute(select(audit_log).order_by(audit_log.c.number))
            rows.extend(found.all())

    on_machine(work)
    return [(row.actor, row.action, row.outcome, row.object_id) for row in rows]


def test_an_empty_inbox_is_told_and_the_look_is_noted(cli: Cli) -> None:
    assert cli("inbox", "list") == (0, "", "The inbox is empty.\n")
    assert cli("inbox", "list", "--open", "--json") == (0, "", "Nothing is open.\n")
    assert noted() == [("command", "inbox_list", "done", None)] * 2


def test_what_was_left_is_listed_without_who_left_it_and_what_they_said(cli: Cli) -> None:
    callback, complaint = leave(CALLBACK, COMPLAINT)
    status, out, _ = cli("inbox", "list")
    assert status == 0
    first, second = out.splitlines()
    assert first.startswith(f"{callback}  ")
    assert first.endswith("open  callback, 08:00/12:00")
    assert second.startswith(f"{complaint}  ")
    assert second.endswith("open  complaint, work, repair")
    _, as_json, _ = cli("inbox", "list", "--json")
    records = [json.loads(line) for line in as_json.splitlines()]
    assert [record["reference"] for record in records] == [callback, complaint]
    assert (records[1]["category"], records[1]["wish"]) == ("work", "repair")
    assert all(word not in out + as_json for word in (NAME, NUMBER, WORDS, CANARY))


def test_c22_one_entry_is_shown_as_a_whole_and_the_look_is_noted(cli: Cli) -> None:
    (reference,) = leave(COMPLAINT)
    spaced = f"{reference[0].lower()} {reference[1:4]}-{reference[4:]}"
    status, out, _ = cli("inbox", "show", spaced)
    assert status == 0
    assert all(word in out for word in (reference, NAME, NUMBER, WORDS, CANARY, "repair"))
    record = read(cli("inbox", "show", reference, "--json")[1])
    assert (record["name"], record["number"], record["text"]) == (NAME, NUMBER, WORDS)
    assert noted() == [("command", "inbox_show", "done", CANARY)] * 2


def test_c17_done_deletes_the_number_at_once(cli: Cli) -> None:
    references = leave(CALLBACK, COMPLAINT)
    status, out, _ = cli("inbox", "done", references[0])
    assert (status, out) == (0, f"{references[0]} is done. Its telephone number is deleted.\n")
    again = read(cli("inbox", "done", references[0], "--json")[1])
    assert again.keys() == {"reference", "done_at"}
    shown = read(cli("inbox", "show", references[0], "--json")[1])
    assert (shown["number"], shown["done_at"]) == (None, again["done_at"])
    listed = cli("inbox", "list", "--open", "--json")[1]
    assert [json.loads(line)["reference"] for line in listed.splitlines()] == [references[1]]
    assert noted()[:2] == [("command", "inbox_done", "done", CANARY)] * 2


@pytest.mark.parametrize("command", ["show", "done"])
def test_a_number_with_a_slip_in_it_is_told_and_not_looked_for(cli: Cli, command: str) -> None:
    (reference,) = leave(CALLBACK)
    slip = reference[:-1] + str((int(reference[-1]) + 1) % 10)
    for wrong in (slip, "+4915112345678", "'; --"):
        status, out, err = cli("inbox", command, wrong)
        assert (status, out) == (2, "")
        assert "REF: is no number of an entry" in err
        assert wrong not in err
    assert noted() == []


@pytest.mark.parametrize("command", ["show", "done"])
def test_an_entry_that_is_not_there_is_told_and_the_look_is_noted(cli: Cli, command: str) -> None:
    status, out, err = cli("inbox", command, "X000009")
    assert (status, out) == (2, "")
    assert "the inbox has no such entry" in err
    assert noted() == [("command", f"inbox_{command}", "none", None)]


def test_what_callers_said_does_nothing_to_the_terminal(cli: Cli) -> None:
    """Markup of the library that prints is text like any other."""
    text = "[red]Hallo[/red] [link=x]hier[/link] <script>"
    (reference,) = leave(replace(CALLBACK, text=text))
    _, out, _ = cli("inbox", "show", reference)
    assert text in out
    assert "\x1b" not in out
