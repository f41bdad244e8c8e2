from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.slots.reading import Fault, Setting
from voice_agent.dialogue.slots.secret import read_secrets
from voice_agent.dialogue.slots.utterance import read_slots

NOW = datetime(2026, 11, 25, 12)  # noqa: DTZ001 (the company's own clock)
SETTINGS = {language: Setting(language, NOW) for language in ("de", "en")}

READ = [
    ("de", "zwölfter Mai neunzehnhundertachtzig", "1980-05-12"),
    (
        "de",
        "Ich habe keine PIN, ich bin am zwölften fünften neunzehnhundertachtzig geboren",
        "1980-05-12",
    ),
    ("de", "12.5.1980", "1980-05-12"),
    ("de", "12. 05. 80", "1980-05-12"),
    ("de", "12 5 1980", "1980-05-12"),
    ("de", "zwölfter fünfter achtzig", "1980-05-12"),
    ("de", "dritter vierter zweitausendeins", "2001-04-03"),
    ("de", "dritter vierter null fünf", "2005-04-03"),
    ("de", "geboren am fünften März neunzehnhundert fünfundsiebzig", "1975-03-05"),
    ("de", "siebenundzwanzigster zwölfter neunundneunzig", "1999-12-27"),
    ("de", "erster Jänner sechsundzwanzig", "2026-01-01"),
    ("de", "erster Dezember sechsundzwanzig", "1926-12-01"),
    ("de", "1980-05-12", "1980-05-12"),
    ("en", "May 12th 1980", "1980-05-12"),
    ("en", "the twelfth of May nineteen eighty", "1980-05-12"),
    ("en", "I was born on the twelfth of May, nineteen hundred and eighty", "1980-05-12"),
    ("en", "May 12, 1980", "1980-05-12"),
    ("en", "12/5/1980", "1980-05-12"),
    ("en", "5/28/1980", "1980-05-28"),
    ("en", "third of April two thousand one", "2001-04-03"),
    ("en", "third of April twenty oh one", "2001-04-03"),
    ("en", "January first nineteen oh eight", "1908-01-01"),
    ("en", "seventh of August twenty twelve", "2012-08-07"),
]


@pytest.mark.parametrize(("language", "text", "value"), READ)
def test_a_birth_date_is_read(language: str, text: str, value: str) -> None:
    (found,) = read_secrets(text, SETTINGS[language])
    assert (found.value, found.fault, found.others) == (value, None, ())


@pytest.mark.parametrize(
    "text",
    [
        *("", "vier acht zwei neun eins drei", "482913", "meine PIN ist 4829", "4 8 2 9 1 3"),
        *(
            "zwölfter Mai",
            "neunzehnhundertachtzig",
            "im Mai 1980",
            "48 29 13",
            "ja",
            "keine Ahnung",
        ),
        *("eins zwei null drei", "1 2 0 3", "one two oh three"),
        *("030 23125 101", "null drei null zwei drei eins"),
    ],
)
def test_c23_a_pin_is_typed_and_never_read_out_of_words(text: str) -> None:
    assert read_secrets(text, SETTINGS["de"]) == ()


@pytest.mark.parametrize("text", ["31. Februar 1980", "12.5.2030", "1. Mai 1850", "29.2.1981"])
def test_a_day_nobody_was_born_on_is_a_fault(text: str) -> None:
    (found,) = read_secrets(text, SETTINGS["de"])
    assert (found.value, found.fault) == ("", Fault.IMPOSSIBLE)


@given(st.dates(date(1908, 1, 1), date(2026, 11, 25)))
def test_every_birth_date_is_read_as_it_is_written(day: date) -> None:
    for text in (f"{day:%d.%m.%Y}", f"{day.day}.{day.month}.{day.year}", day.isoformat()):
        (found,) = read_secrets(text, SETTINGS["de"])
        assert found.value == day.isoformat()
    (found,) = read_secrets(f"{day:%B} {day.day}, {day.year}", SETTINGS["en"])
    assert found.value == day.isoformat()


@given(st.text(max_size=60), st.sampled_from(["de", "en"]))
def test_whatever_is_said_comes_to_an_end(text: str, language: str) -> None:
    for found in read_secrets(text, SETTINGS[language]):
        assert found.fault is not None or date.fromisoformat(found.value) <= NOW.date()


def test_a_birth_date_nobody_asked_for_is_none() -> None:
    assert "secret" not in read_slots("am 12.5.1980", SETTINGS["de"])
    assert "secret" in read_slots("am 12.5.1980", SETTINGS["de"], "secret")


def test_a_birth_date_is_in_no_repr() -> None:
    assert "1980" not in repr(read_secrets("12.5.1980", SETTINGS["de"]))
