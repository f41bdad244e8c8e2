from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.flow import Flow, Kind, Slot
from voice_agent.dialogue.flow_value import (
    MOST_SPOKEN,
    MOST_TEXT,
    accept,
    admits,
    clean,
    named,
    narrowed,
    spoken,
)

TAKEN = [
    (Kind.DATE, "2026-12-01"),
    (Kind.DATE, "2026-12-01/2026-12-04"),
    (Kind.DATE, "/2026-12-04"),
    (Kind.DATE, "/"),
    (Kind.TIME, "09:30"),
    (Kind.TIME, "17:00/"),
    (Kind.NUMBER, "4"),
    (Kind.NUMBER, "-2.5"),
    (Kind.DIGITS, "10969"),
    (Kind.CODE, "A-12/3"),
    (Kind.NAME, "von der Müller-Lüdenscheidt"),
    (Kind.NAME, "O’Neill"),
    (Kind.PHONE, "+49301234567"),
    (Kind.PLATE, "B-AB 123"),
    (Kind.EMAIL, "a.b_c@example.org"),
    (Kind.TEXT, "Ja."),
]
REFUSED = [
    (Kind.DATE, ""),
    (Kind.DATE, "2026-02-30"),
    (Kind.DATE, "2026-12-01T09:00"),
    (Kind.DATE, "2026-12-01/2026-12-02/2026-12-03"),
    (Kind.TIME, "24:00"),
    (Kind.TIME, "9:30"),
    (Kind.TIME, "٠٩:٣٠"),
    (Kind.NUMBER, "viele"),
    (Kind.DIGITS, ""),
    (Kind.NAME, "<b>Fischer</b>"),
    (Kind.NAME, "Fischer\nBIC"),
    (Kind.NAME, "x" * 80),
    (Kind.PHONE, "0" * 30),
    (Kind.EMAIL, "a@b@c"),
    (Kind.TEXT, "\x00 {} "),
    (Kind.CHOICE, "anything"),
]


@pytest.mark.parametrize(("kind", "value"), TAKEN)
def test_a_value_in_its_form_is_taken_as_it_is(kind: Kind, value: str) -> None:
    assert accept(Slot("s", kind), value) == value


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_any_other_is_not(kind: Kind, value: str) -> None:
    assert accept(Slot("s", kind), value) is None


@pytest.mark.parametrize(("value", "fits"), [("0", False), ("1", True), ("8", True), ("9", False)])
def test_a_number_keeps_to_its_bounds(value: str, fits: bool) -> None:
    assert (accept(Slot("s", Kind.NUMBER, least=1, most=8), value) == value) is fits


@pytest.mark.parametrize("said", ["oil-change", "Ölwechsel", "OLWECHSEL", "oil change"])
def test_an_option_is_taken_by_value_or_name_in_any_language(said: str) -> None:
    slot = Slot("s", Kind.CHOICE, {"oil-change": {"de": "Ölwechsel", "en": "oil change"}})
    assert accept(slot, said) == "oil-change"


@pytest.mark.parametrize(
    ("kind", "value", "german", "english"),
    [
        (Kind.DATE, "2026-12-01", "Dienstag, 1. Dezember", "Tuesday, 1 December"),
        (Kind.DATE, "2026-12-01/", "ab Dienstag, 1. Dezember", "from Tuesday, 1 December"),
        (Kind.DATE, "/", "jeder Tag", "any day"),
        (Kind.TIME, "09:05", "9:05 Uhr", "9:05"),
        (Kind.TIME, "08:00/12:00", "8:00 Uhr bis 12:00 Uhr", "8:00 to 12:00"),
        (Kind.TIME, "/17:00", "bis 17:00 Uhr", "until 17:00"),
        (Kind.TEXT, "Ludwig  <i>II</i>", "Ludwig i II /i", "Ludwig i II /i"),
    ],
)
def test_a_value_is_written_so_that_it_can_be_said(
    kind: Kind, value: str, german: str, english: str
) -> None:
    assert (spoken(kind, value, "de"), spoken(kind, value, "en")) == (german, english)


@pytest.mark.parametrize(
    ("wish", "value", "fits"),
    [
        ("2026-12-01", "2026-12-01", True),
        ("2026-12-01", "2026-12-02", False),
        ("2026-12-01/2026-12-04", "2026-12-02", True),
        ("2026-12-01/2026-12-04", "2026-12-05", False),
        ("17:00/", "18:00", True),
        ("17:00/", "16:30", False),
        ("/", "16:30", True),
    ],
)
def test_a_wish_admits_what_lies_within_it(wish: str, value: str, fits: bool) -> None:
    assert admits(wish, value) is fits


@given(st.sampled_from(Kind), st.text(max_size=3000))
def test_whatever_is_given_what_is_kept_and_said_is_one_short_line(kind: Kind, text: str) -> None:
    kept = accept(Slot("s", kind), text)
    assert kept is None or len(kept) <= MOST_TEXT
    for said in (clean(text), spoken(kind, text, "de"), spoken(kind, text, "en")):
        assert len(said) <= MOST_SPOKEN
        assert said.isprintable()
        assert not set(said) & set("{}<>[]*#|~`\\^")


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("einen Termin für einen Reifenwechsel", "tyre-change"),
        ("einen Termin für einen reifen wechseln", "tyre-change"),
        ("I need a tire change next week", "tyre-change"),
        ("an oilchange please", "oil-change"),
        ("die Inspektionen", "inspection"),
        ("Ich brauche neue Reifen", None),
        ("Ich möchte den Termin wechseln", None),
        ("my tires are flat", None),
    ],
)
def test_an_option_is_named_in_the_words_even_if_they_were_written_by_ear(
    flows: Mapping[str, Flow], text: str, option: str | None
) -> None:
    service = flows["book_appointment"].slots["service"]
    assert named(service, text) == (() if option is None else (option,))


@pytest.mark.parametrize(
    ("wish", "excluded", "left"),
    [
        ("2026-11-30/2026-12-04", ["2026-11-30"], "2026-12-01/2026-12-04"),
        ("2026-11-30/2026-12-04", ["2026-12-04"], "2026-11-30/2026-12-03"),
        ("2026-11-30/2026-12-04", ["2026-12-02"], "2026-11-30/2026-12-04"),
        ("2026-11-30/2026-12-04", ["2026-11-30", "2026-12-01"], "2026-12-02/2026-12-04"),
        ("2026-11-30/2026-12-01", ["2026-11-30"], "2026-12-01"),
        ("2026-11-30/2026-12-01", ["2026-11-30/2026-12-01"], "2026-11-30/2026-12-01"),
        ("2026-11-30/", ["2026-11-30"], "2026-12-01/"),
        ("/2026-11-30", ["2026-11-30"], "/2026-11-30"),
        ("/", ["2026-11-30"], "/"),
        ("2026-11-30", ["2026-11-30"], "2026-11-30"),
        ("0001-01-01/9999-12-31", ["/"], "0001-01-01/9999-12-31"),
        ("9999-12-30/9999-12-31", ["/"], "9999-12-30/9999-12-31"),
    ],
)
def test_excluded_days_are_taken_off_the_ends_of_a_span(
    wish: str, excluded: list[str], left: str
) -> None:
    assert narrowed(wish, excluded) == left
