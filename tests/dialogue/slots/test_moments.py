"""What holds for every text, and for every date and time that is said."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.slots.dates_feasts import easter
from voice_agent.dialogue.slots.moments import read_moments
from voice_agent.dialogue.slots.reading import OpeningHours, Reading, Setting
from voice_agent.speech.spoken import speakable

NOW = datetime.fromisoformat("2026-11-23T09:00")
HOURS = OpeningHours((((time(8), time(18)),),) * 5 + ((), ()))
LANGUAGES = ["de", "en"]
VALUE = re.compile(
    r"\d{4}-\d\d-\d\d|\d\d:\d\d"
    r"|(?:\d{4}-\d\d-\d\d)?/(?:\d{4}-\d\d-\d\d)?|(?:\d\d:\d\d)?/(?:\d\d:\d\d)?"
)

words = st.lists(
    st.sampled_from(
        "um halb viertel drei 3 14:30 14.30 Uhr vor nach bis zwischen und oder nein nicht am Montag"
        " Dienstag nächste Woche in zwei Tagen Dezember 3. 3.12. 12/3 2026-12-03 heute morgen früh"
        " Abend der erste , . ? - kurz ab von Weihnachten at half past to quarter the of Monday"
        " next week after before between pm a.m. noon fortnight from today twenty oh hundred May"
        " 31. Februar 25 99 2027 halbdrei ein letzten Ende kein any time half ² ½ ٣".split()
    ),
    max_size=14,
).map(" ".join)


def read(text: str, language: str, hours: OpeningHours | None = HOURS) -> tuple[Reading, ...]:
    return read_moments(text, Setting(language, NOW, hours))


def values(text: str, language: str, slot: str) -> list[str]:
    return [reading.value for reading in read(text, language) if reading.slot == slot]


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_any_text_is_read(text: str, language: str) -> None:
    check(text, read(text, language))


@given(
    words,
    st.sampled_from(LANGUAGES),
    st.datetimes(),
    st.sampled_from([HOURS, None, OpeningHours()]),
)
def test_any_order_of_the_words_of_dates_is_read_at_any_time(
    text: str, language: str, now: datetime, hours: OpeningHours | None
) -> None:
    check(text, read_moments(text, Setting(language, now, hours)))


def check(text: str, readings: tuple[Reading, ...]) -> None:
    for reading in readings:
        assert 0 <= reading.start < reading.end <= len(text)
        assert 0 < reading.confidence <= 1
        for value in (reading.value, *reading.others):
            assert VALUE.fullmatch(value) or reading.fault
            for part in value.split("/"):
                if part:
                    assert (date if "-" in part else time).fromisoformat(part) is not None


@given(words, st.sampled_from(LANGUAGES))
def test_the_same_words_have_the_same_readings(text: str, language: str) -> None:
    assert read(text, language) == read(text, language)


@pytest.mark.parametrize("language", LANGUAGES)
@given(when=st.dates(NOW.date(), NOW.date() + timedelta(days=364)))
def test_a_spoken_date_without_its_year_is_read_back(language: str, when: date) -> None:
    written = f"am {when.day}.{when.month}." if language == "de" else f"{when.day} {when:%B}"
    assert values(speakable(written, language), language, "date") == [when.isoformat()]


@pytest.mark.parametrize("language", LANGUAGES)
@given(when=st.dates(date(2021, 1, 1), date(2049, 12, 31)))
def test_a_spoken_date_is_read_back(language: str, when: date) -> None:
    assert values(speakable(when.isoformat(), language), language, "date") == [when.isoformat()]


@pytest.mark.parametrize("language", LANGUAGES)
@given(minute=st.integers(8 * 60, 18 * 60 - 1))
def test_a_spoken_time_in_opening_hours_is_read_back(language: str, minute: int) -> None:
    clock = f"{minute // 60:02}:{minute % 60:02}"
    text = f"um {clock} Uhr" if language == "de" else f"at {clock}"
    assert values(speakable(text, language), language, "time") == [clock]


@pytest.mark.parametrize("language", LANGUAGES)
@given(minute=st.integers(0, 24 * 60 - 1))
def test_a_written_time_is_read_back(language: str, minute: int) -> None:
    clock = f"{minute // 60:02}:{minute % 60:02}"
    assert values(clock, language, "time") == [clock] or 10 <= minute // 60 <= 12


@given(minute=st.integers(0, 24 * 60 - 1))
def test_a_spoken_english_time_is_read_back_at_any_hour(minute: int) -> None:
    clock = f"{minute // 60:02}:{minute % 60:02}"
    assert values(speakable(f"at {clock}", "en"), "en", "time") == [clock]


@given(minute=st.integers(0, 24 * 60 - 1))
def test_a_spoken_german_time_is_read_back_but_for_its_half_of_the_day(minute: int) -> None:
    (value,) = values(speakable(f"um {minute // 60:02}:{minute % 60:02} Uhr", "de"), "de", "time")
    read_back = time.fromisoformat(value)
    assert (read_back.hour * 60 + read_back.minute - minute) % (12 * 60) == 0
    assert minute < 12 * 60 or read_back.hour >= 12 or minute < 13 * 60


@pytest.mark.parametrize("language", LANGUAGES)
@given(when=st.datetimes(NOW + timedelta(days=1), NOW + timedelta(days=300)))
def test_a_spoken_appointment_is_read_back(language: str, when: datetime) -> None:
    when = when.replace(hour=8 + when.hour % 10, second=0, microsecond=0)
    said = speakable(when.isoformat(timespec="minutes"), language)
    assert values(said, language, "date") == [f"{when:%Y-%m-%d}"]
    assert values(said, language, "time") == [f"{when:%H:%M}"]


def test_spans_say_where_the_words_are() -> None:
    text = "Am Dienstag, bitte um halb drei."
    assert [text[r.start : r.end] for r in read(text, "de")] == ["Dienstag", "um halb drei"]


def test_without_opening_hours_the_day_is_assumed() -> None:
    (reading,) = read("um sechs", "de", None)
    assert (reading.value, reading.others) == ("18:00", ())


def test_the_hours_of_the_day_that_was_said_decide() -> None:
    hours = OpeningHours((((time(8), time(12)),), ((time(14), time(22)),), (), (), (), (), ()))
    assert [r.value for r in read("Dienstag um neun", "de", hours)][1] == "21:00"
    assert [r.value for r in read("Montag um neun", "de", hours)][1] == "09:00"


def test_what_is_ambiguous_is_less_certain() -> None:
    (reading,) = read("12/3", "en")
    assert reading.confidence < 1
    assert reading.others


def test_a_language_without_a_grammar_has_no_readings() -> None:
    assert read("demain à dix heures", "fr") == ()


def test_readings_do_not_show_what_was_said() -> None:
    assert "14:30" not in repr(read("halb drei", "de"))


def test_a_very_long_text_is_read_to_its_limit() -> None:
    assert read("halb drei " * 5000, "de")


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25), (2049, 4, 18)],
)
def test_easter_is_when_the_calendar_has_it(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)
