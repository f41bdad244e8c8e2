"""The retention table as data (C19)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.retention import UNLIMITED, Period, RetentionTable, Rule, UnsoundRule

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (the strategy adds the time zone)

CREATED = Rule(
    table="calls",
    column="created_at",
    purpose={"de": "Zeitpunkt", "en": "moment"},
    basis="Art. 6(1)(b) GDPR",
    period=Period("P90D"),
    after="created_at",
)
NUMBER = replace(CREATED, column="pseudonym", period=Period("PT72H"))
VERSION = replace(CREATED, column="software", period=Period(UNLIMITED), after=None, personal=False)


def months_later(start: datetime, months: int) -> datetime:
    """A calendar's months on; on the month's last day where it lacks that day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


# -- periods ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("PT0S", NOON),
        ("PT10S", NOON - timedelta(seconds=10)),
        ("PT24H", NOON - timedelta(hours=24)),
        ("P1DT1H1M1S", NOON - timedelta(days=1, hours=1, minutes=1, seconds=1)),
        ("P90D", NOON - timedelta(days=90)),
        ("P6M", datetime(2026, 5, 24, 12, tzinfo=UTC)),
        ("P14M", datetime(2025, 9, 24, 12, tzinfo=UTC)),
        ("P11M", datetime(2025, 12, 24, 12, tzinfo=UTC)),
        ("P3Y", datetime(2023, 11, 24, 12, tzinfo=UTC)),
        ("P1Y1M1D", datetime(2025, 10, 23, 12, tzinfo=UTC)),
        (UNLIMITED, None),
    ],
)
def test_c19_a_period_says_what_has_been_kept_long_enough(
    text: str, before: datetime | None
) -> None:
    assert Period(text).before(NOON) == before
    assert Period(text).is_unlimited is (before is None)
    assert str(Period(text)) == text


@pytest.mark.parametrize(
    ("text", "now", "before"),
    [
        ("P3Y", datetime(2027, 2, 28, 12, tzinfo=UTC), datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("P3Y", datetime(2027, 2, 27, 12, tzinfo=UTC), datetime(2024, 2, 27, 12, tzinfo=UTC)),
        ("P4Y", datetime(2028, 2, 28, 12, tzinfo=UTC), datetime(2024, 2, 28, 12, tzinfo=UTC)),
        ("P4Y", datetime(2028, 2, 29, 12, tzinfo=UTC), datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("P1M", datetime(2026, 2, 28, 12, tzinfo=UTC), datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (
            "P1M",
            datetime(2026, 3, 31, 12, tzinfo=UTC),
            datetime.max.replace(2026, 2, 28, tzinfo=UTC),
        ),
    ],
)
def test_c19_a_period_that_would_end_on_a_day_there_is_not_ends_on_the_months_last(
    text: str, now: datetime, before: datetime
) -> None:
    assert Period(text).before(now) == before


@settings(deadline=None)
@given(moments, st.integers(1, 120), moments)
def test_c19_nothing_is_kept_longer_than_its_period_nor_given_up_a_day_early(
    start: datetime, months: int, now: datetime
) -> None:
    before = Period(f"P{months}M").before(now)
    assert before is not None
    if months_later(start, months) <= now:
        assert start <= before
    if start <= before:
        assert start + timedelta(days=28 * months) <= now
        assert months_later(start, months) < now + timedelta(days=1)


@settings(deadline=None)
@given(moments, st.integers(0, 10**5), st.integers(0, 10**6), st.integers(0, 10**9))
def test_c19_a_length_that_is_no_calendars_is_exact(
    now: datetime, days: int, hours: int, seconds: int
) -> None:
    before = Period(f"P{days % 10**5}DT{hours % 10**6}H{seconds % 10**9}S").before(now)
    length = timedelta(days=days % 10**5, hours=hours % 10**6, seconds=seconds % 10**9)
    beginning = datetime.min.replace(tzinfo=UTC)
    assert before == (now - length if length <= now - beginning else beginning)


@settings(deadline=None)
@given(moments, moments, st.sampled_from(["P1M", "P13M", "P3Y", "P1M10D", "PT72H"]))
def test_c19_what_was_old_enough_stays_old_enough(one: datetime, two: datetime, text: str) -> None:
    earlier, later = (Period(text).before(now) for now in sorted((one, two)))
    assert earlier is not None
    assert later is not None
    assert earlier <= later


@settings(deadline=None)
@given(moments, st.integers(0, 98), st.integers(0, 9999))
def test_c19_a_longer_period_never_ends_earlier(now: datetime, years: int, days: int) -> None:
    shorter = Period(f"P{years}Y{days}D").before(now)
    longer = Period(f"P{years + 1}Y{days}D").before(now)
    assert shorter is not None
    assert longer is not None
    assert longer <= shorter <= now


@pytest.mark.parametrize("text", ["P99Y", "P999M", "P99999D", "P99Y9999M99999DT999999H"])
def test_c19_a_period_longer_than_time_reaches_its_beginning(text: str) -> None:
    early = datetime(60, 1, 1, tzinfo=UTC)
    assert Period(text).before(early) == datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1", "P1DT", "90d", "3y", "P-1D", "P1.5D", "p1d", "P1D ", "P1D\n", "P1H"),
        *("PT1D", "P1D1Y", "P1Y2T", "P1W", "P٣D", "P100Y", "P999999D"),
        *("Unlimited", "forever", "call"),
    ],
)
def test_c19_what_is_no_period_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no period; write for example P3Y"):
        Period(text)


# -- rules -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"purpose": {}}, "needs a purpose"),
        ({"purpose": {"de": "Zeitpunkt", "en": " "}}, "needs a purpose"),
        ({"basis": ""}, "needs a legal basis"),
        ({"basis": "\t"}, "needs a legal basis"),
        ({"after": None}, "after is missing: from when does P90D count"),
        ({"after": ""}, "after is missing"),
        ({"period": Period(UNLIMITED), "after": None}, "not kept without limit"),
    ],
    ids=str,
)
def test_c19_a_rule_that_says_nothing_is_refused_and_named(
    wrong: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UnsoundRule, match=rf"^calls\.created_at: .*{sentence}") as refused:
        replace(CREATED, **wrong)  # type: ignore[arg-type]  # wrong on purpose
    assert (refused.value.table, refused.value.column) == ("calls", "created_at")
    assert isinstance(refused.value, ValueError)


def test_c19_what_is_not_said_to_be_harmless_is_personal() -> None:
    assert CREATED.personal
    assert not VERSION.personal


def test_c19_a_rule_cuts_off_where_its_period_does() -> None:
    assert CREATED.cutoff(NOON) == Period("P90D").before(NOON)
    assert VERSION.cutoff(NOON) is None
    assert CREATED.name == "calls.created_at"


# -- the table -------------------------------------------------------------------------------------


def test_c19_rules_are_found_by_table_and_column_in_the_order_written() -> None:
    audit = replace(VERSION, table="audit")
    table = RetentionTable([NUMBER, CREATED, audit, VERSION])
    assert list(table) == ["calls", "audit"]
    assert len(table) == 2
    assert table["calls"]["pseudonym"] is NUMBER
    assert table.rules == (NUMBER, CREATED, VERSION, audit)
    assert table.impersonal("audit")
    assert not table.impersonal("calls")


def test_c19_a_column_without_a_rule_and_a_rule_without_a_column_are_named() -> None:
    table = RetentionTable([CREATED, NUMBER])
    columns = {"calls": ["created_at", "mood"], "diaries": ["text"]}
    assert table.missing(columns) == ("calls.mood", "diaries.text")
    assert table.unknown(columns) == ("calls.pseudonym",)
    exact = {"calls": ["created_at", "pseudonym"]}
    assert table.missing(exact) == table.unknown(exact) == ()


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ([CREATED, CREATED], r"calls\.created_at: has two rules"),
        ([NUMBER], r"calls\.pseudonym: counts from created_at, which has no rule"),
        (
            [replace(CREATED, table="other"), NUMBER],
            r"calls\.pseudonym: counts from created_at, which has no rule",
        ),
        (
            [replace(CREATED, period=Period("P1D")), NUMBER],
            r"calls\.pseudonym: counts PT72H from created_at, which is emptied after P1D",
        ),
    ],
    ids=["two", "none", "another table's", "emptied"],
)
def test_c19_rules_that_contradict_each_other_are_refused(rules: list[Rule], sentence: str) -> None:
    """A column that is emptied too early would leave others that never become due."""
    with pytest.raises(UnsoundRule, match=sentence):
        RetentionTable(rules)


def test_c19_a_moment_that_is_kept_without_limit_can_be_counted_from() -> None:
    harmless = replace(CREATED, period=Period(UNLIMITED), after=None, personal=False)
    assert len(RetentionTable([harmless, NUMBER]).rules) == 2
