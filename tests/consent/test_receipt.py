from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta

import pytest

from consent.purpose import Purpose
from consent.receipt import (
    Clock,
    ConsentEvent,
    ConsentRecord,
    HeldRecord,
    Means,
    Receipt,
    State,
    canonical,
    later_events,
    parse,
    read_later_events,
)

RECORD = ConsentRecord(
    record_id="r1",
    call_id="CA1",
    principal="0011aabb." + "c" * 64,
    purposes=frozenset({Purpose.CONVERSATION}),
    notice_version="a" * 64,
    language="de",
    heard="notice",
    heard_ms=1200,
    heard_by=Clock.MARKS,
    key="1",
    requested_at=datetime(2026, 11, 23, 11, 59, 48, tzinfo=UTC),
    given_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
    software="0.1.0",
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"record_id": ""},
        {"record_id": ["r1"]},
        {"call_id": 1},
        {"principal": {"a": "b"}},
        {"language": ["de"]},
        {"heard": None},
        {"key": ["1"]},
        {"software": 1.0},
        {"notice_version": 5},
        {"heard_ms": True},
        {"heard_ms": 12.0},
        {"heard_ms": float("nan")},
        {"heard_ms": "12"},
        {"heard_ms": 24 * 60 * 60 * 1000 + 1},
        {"call_id": ""},
        {"purposes": frozenset()},
        {"key": ""},
        {"key": "11"},
        {"notice_version": "a" * 63},
        {"notice_version": "A" * 64},
        {"notice_version": "a" * 64 + "\n"},
        {"given_at": datetime(2026, 11, 23, 12)},  # noqa: DTZ001 (without a time zone on purpose)
        {"requested_at": datetime(2026, 11, 23, 12)},  # noqa: DTZ001 (as above)
        {"heard_ms": -1},
        {"principal": ""},
    ],
    ids=str,
)
def test_a_record_that_would_prove_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"record|key|version|_at need|heard_ms"):
        replace(RECORD, **wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_c13_how_much_was_heard_may_be_unknown() -> None:
    assert replace(RECORD, heard_ms=None).heard_ms is None


def test_c10_a_receipt_grants_what_it_names_and_nothing_else() -> None:
    """Rule C10."""
    receipt = Receipt("r1", "CA1", frozenset({Purpose.CONVERSATION}))
    assert {purpose for purpose in Purpose if receipt.grants(purpose)} == {Purpose.CONVERSATION}
    assert not any(Receipt("r1", "CA1").grants(purpose) for purpose in Purpose)


@pytest.mark.parametrize("written", [RECORD, Receipt("r1", "CA1")], ids=["record", "receipt"])
def test_what_is_written_down_is_not_changed(written: object) -> None:
    with pytest.raises(FrozenInstanceError):
        written.call_id = "CA2"  # type: ignore[attr-defined]  # that it cannot is the point


# -- the record's one form -------------------------------------------------------------------------

WITHDRAWN = ConsentEvent(
    Purpose.CONVERSATION,
    State.WITHDRAWN,
    datetime(2026, 11, 23, 12, 5, 0, 250_000, tzinfo=UTC),
    Means.PORTAL,
)


def test_c13_a_record_is_read_back_as_it_was_written() -> None:
    assert ConsentRecord.parse(RECORD.canonical()) == RECORD


def test_c13_the_record_says_what_was_heard_for_how_long_and_which_key_was_pressed() -> None:
    fields = parse(RECORD.canonical())
    assert fields["evidence"] == {
        "heard": "notice",
        "heard_ms": 1200,
        "heard_by": "marks",
        "key": "1",
    }
    assert fields["notice"] == {"version": "a" * 64, "language": "de"}
    assert fields["software"] == "0.1.0"


def test_c14_one_event_for_each_purpose_says_that_it_was_requested_and_given() -> None:
    written = parse(RECORD.canonical())["events"]
    assert [(event["purpose"], event["state"], event["at"]) for event in written] == [
        ("conversation", "requested", "2026-11-23T11:59:48.000Z"),
        ("conversation", "given", "2026-11-23T12:00:00.000Z"),
    ]


def test_c14_later_events_are_read_back_as_they_were_written() -> None:
    assert read_later_events(later_events("r1", (WITHDRAWN,))) == ("r1", (WITHDRAWN,))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b'{"events": 7}',
        b"[" * 100_000,
        RECORD.canonical() + b" ",
        RECORD.canonical().replace(b'"key":"1"', b'"key":"11"'),
        RECORD.canonical().replace(b"12:00:00.000Z", b"12:00:00.000"),
        RECORD.canonical().replace(b'"given"', b'"granted"'),
        RECORD.canonical().replace(b'"record_id"', b'"another"'),
    ],
    ids=range(12),
)
def test_c13_what_is_not_a_record_in_its_one_form_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"record|JSON|key|State|moment|events"):
        ConsentRecord.parse(content)
    with pytest.raises(ValueError, match=r"JSON|events|State|moment"):
        read_later_events(content)


def test_where_a_consent_stands_is_what_happened_last() -> None:
    held = HeldRecord(RECORD, 0)
    assert held.state is State.GIVEN
    ended = HeldRecord(RECORD, 0, (WITHDRAWN,))
    assert ended.state is State.WITHDRAWN
    assert ended.events == (*RECORD.events, WITHDRAWN)


def test_a_moment_is_written_in_utc_to_the_millisecond() -> None:
    elsewhere = WITHDRAWN.at.astimezone(tz=None) + timedelta(microseconds=400)
    moved = ConsentEvent(Purpose.CONVERSATION, State.WITHDRAWN, elsewhere, Means.PORTAL)
    assert moved.as_fields()["at"] == "2026-11-23T12:05:00.250Z"


def test_the_one_form_of_fields_does_not_depend_on_their_order() -> None:
    assert (
        canonical({"a": 1, "b": "ä"}) == canonical({"b": "ä", "a": 1}) == '{"a":1,"b":"ä"}'.encode()
    )
