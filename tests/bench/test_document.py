from __future__ import annotations

import pytest

from tests.bench import console
from tests.bench.document import BEGIN, END, Ran, measured, part, put_between
from tests.bench.section import Goal, Section
from tests.service.server import ROOT

WRITTEN = f"# Title\n\nby hand\n\n{BEGIN}\n\nold\n\n{END}\n\nby hand too\n"
FOUND = Section(title="Calls", text="a table", goals=(Goal("p50", 500.0, 600.0, "ms"),))


def test_what_was_written_by_hand_survives() -> None:
    again = put_between(WRITTEN, "new")
    assert again == WRITTEN.replace("old", "new")


def test_the_same_measurement_written_twice_changes_nothing() -> None:
    once = put_between(WRITTEN, "new\n")
    assert put_between(once, "new\n") == once


@pytest.mark.parametrize(
    "document",
    [
        "",
        f"{BEGIN}",
        f"{END}",
        f"{END}\n{BEGIN}",
        f"{BEGIN}{END}{BEGIN}{END}",
        f"{BEGIN}{BEGIN}{END}",
    ],
)
def test_a_document_without_its_two_marks_is_left_alone(document: str) -> None:
    with pytest.raises(ValueError, match="markers"):
        put_between(document, "new")


def test_the_performance_document_has_its_marks() -> None:
    document = (ROOT / "docs" / "performance.md").read_text("utf-8")
    assert "new figures" in put_between(document, "new figures")


def test_each_part_of_the_performance_document_has_marks_of_its_own() -> None:
    document = (ROOT / "docs" / "performance.md").read_text("utf-8")
    written = put_between(document, "of the console", console.BEGIN, console.END)
    both = put_between(written, "all of the others")
    assert "of the console" in both
    assert "all of the others" in put_between(both, "again", console.BEGIN, console.END)


def test_a_section_stands_with_the_command_that_repeats_it() -> None:
    text = part(Ran("calls", FOUND, 61.4))
    assert text == "## Calls\n\n`python -m tests.bench calls` (61 s). a table"


def test_a_section_that_failed_says_why_and_has_no_figures() -> None:
    text = part(Ran("media", "RuntimeError: the server does not start", 3.0))
    assert "**Not measured**: RuntimeError: the server does not start" in text


def test_the_report_has_the_machine_every_goal_and_every_section() -> None:
    ran = [Ran("calls", FOUND, 1.0), Ran("media", "OSError: full", 1.0)]
    text = measured(ran, [("machine", "two cores")], "picture.svg")
    assert "| machine | two cores |" in text
    assert "| p50 | 500 ms | at most 600 ms | yes |" in text
    assert "(picture.svg)" in text
    assert text.index("## Calls") < text.index("## media")


def test_a_report_without_a_picture_shows_none() -> None:
    assert "![" not in measured([Ran("media", "OSError: full", 1.0)], [("a", "b")], "")
