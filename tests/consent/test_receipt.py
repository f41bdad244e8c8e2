from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime

import pytest

from consent.purpose import Purpose
from consent.receipt import ConsentRecord, Receipt

RECORD = ConsentRecord(
    record_id="r1",
    call_id="CA1",
    purposes=frozenset({Purpose.CONVERSATION}),
    notice_version="a" * 64,
    language="de",
    heard_ms=1200,
    key="1",
    given_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
    software="0.1.0",
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"record_id": ""},
        {"call_id": ""},
        {"purposes": frozenset()},
        {"key": ""},
        {"key": "11"},
        {"notice_version": "a" * 63},
        {"notice_version": "A" * 64},
        {"notice_version": "a" * 64 + "\n"},
        {"given_at": datetime(2026, 11, 23, 12)},  # noqa: DTZ001 (without a time zone on purpose)
        {"heard_ms": -1},
    ],
    ids=str,
)
def test_a_record_that_would_prove_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"record|key|version|given_at|heard_ms"):
        replace(RECORD, **wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_how_much_was_heard_may_be_unknown() -> None:
    assert replace(RECORD, heard_ms=None).heard_ms is None


def test_a_receipt_grants_what_it_names_and_nothing_else() -> None:
    """Rule C10."""
    receipt = Receipt("r1", "CA1", frozenset({Purpose.CONVERSATION}))
    assert {purpose for purpose in Purpose if receipt.grants(purpose)} == {Purpose.CONVERSATION}
    assert not any(Receipt("r1", "CA1").grants(purpose) for purpose in Purpose)


@pytest.mark.parametrize("written", [RECORD, Receipt("r1", "CA1")], ids=["record", "receipt"])
def test_what_is_written_down_is_not_changed(written: object) -> None:
    with pytest.raises(FrozenInstanceError):
        written.call_id = "CA2"  # type: ignore[attr-defined]  # that it cannot is the point
