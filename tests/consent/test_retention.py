from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.retention import UNLIMITED, Period, RetentionTable, Rule

NOW = datetime(2028, 2, 29, 12, 30, tzinfo=UTC)
PURPOSE = {"de": "Nachweis", "en": "proof"}


def rule(
    column: str = "sealed", period: str = "P3Y", after: str | None = "at", **more: bool
) -> Rule:
    return Rule(
        table="entries",
        column=column,
        purpose=PURPOSE,
        basis="Art. 6(1)(c) GDPR",
        period=Period(period),
        after=after,
        **more,
    )


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("P3Y", datetime(2025, 2, 28, 12, 30, tzinfo=UTC)),
        ("P4Y", datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
        ("P1M", datetime(2028, 1, 29, 12, 30, tzinfo=UTC)),
        ("P14M", datetime(2026, 12, 29, 12, 30, tzinfo=UTC)),
        ("P90D", NOW - timedelta(days=90)),
        ("PT24H", NOW - timedelta(hours=24)),
        ("PT10S", NOW - timedelta(seconds=10)),
        ("PT0S", NOW),
        ("P1DT2H3M4S", NOW - timedelta(days=1, hours=2, minutes=3, seconds=4)),
        (UNLIMITED, None),
    ],
)
def test_c19_a_period_says_what_has_been_kept_long_enough(
    period: str, before: datetime | None
) -> None:
    assert Period(period).before(NOW) == before


@pytest.mark.parametrize("period", ["P99Y", "P999M", "P99999D"])
def test_a_period_longer_than_time_reaches_to_its_beginning(period: str) -> None:
    early = datetime(60, 1, 1, tzinfo=UTC)
    assert Period(period).before(early) == datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "3Y", "P3", "P-3Y", "P1.5Y", "p3y", "P3Y ", "P1Y2T", "forever", "P٣Y"]
)
def test_c19_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no period"):
        Period(text)


@given(
    now=st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (Hypothesis adds the zone)
    years=st.integers(0, 98),
    days=st.integers(0, 9999),
)
def test_c19_a_longer_period_never_ends_earlier(now: datetime, years: int, days: int) -> None:
    shorter = Period(f"P{years}Y{days}D").before(now)
    longer = Period(f"P{years + 1}Y{days}D").before(now)
    assert shorter is not None
    assert longer is not None
    assert longer <= shorter <= now


def test_c19_what_is_personal_is_not_kept_without_limit() -> None:
    with pytest.raises(ValueError, match=r"entries\.sealed: what is personal"):
        rule(period=UNLIMITED, after=None)
    assert rule(period=UNLIMITED, after=None, personal=False).cutoff(NOW) is None


def test_c19_a_period_counts_from_something() -> None:
    with pytest.raises(ValueError, match=r"entries\.sealed: after is missing"):
        rule(after=None)
    with pytest.raises(ValueError, match=r"entries\.sealed: counts from at, which has no rule"):
        RetentionTable([rule()])


@pytest.mark.parametrize("empty", [{"purpose": {}}, {"purpose": {"de": ""}}, {"basis": ""}])
def test_c19_a_rule_names_its_purpose_and_its_legal_basis(empty: dict[str, object]) -> None:
    given_: dict[str, object] = {"purpose": PURPOSE, "basis": "Art. 6 GDPR"} | empty
    with pytest.raises(ValueError, match="purpose and a legal basis"):
        Rule(table="t", column="c", period=Period("P1D"), after="c", **given_)  # type: ignore[arg-type]  # wrong on purpose


def test_c19_a_column_has_one_rule() -> None:
    with pytest.raises(ValueError, match=r"entries\.at: has two rules"):
        RetentionTable([rule("at"), rule("at", "P1D")])


def test_c19_a_column_without_a_rule_and_a_rule_without_a_column_are_found() -> None:
    table = RetentionTable([rule("at"), rule("sealed")])
    assert table.missing({"entries": ["at", "sealed", "new"], "other": ["x"]}) == (
        "entries.new",
        "other.x",
    )
    assert table.unknown({"entries": ["at"]}) == ("entries.sealed",)
    assert (len(table), list(table), set(table["entries"])) == (1, ["entries"], {"at", "sealed"})


def test_a_table_is_impersonal_if_all_its_columns_are() -> None:
    nothing = rule("at", personal=False)
    assert RetentionTable([nothing]).impersonal("entries")
    assert not RetentionTable([nothing, rule()]).impersonal("entries")
