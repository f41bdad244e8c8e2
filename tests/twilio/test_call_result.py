"""What the carrier's reports of a call's end mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.outbound.claim import Outcome
from voice_agent.twilio.call_result import result_of
from voice_agent.twilio.switchboard import OVER


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("completed", Outcome.NO_ANSWER),
        ("busy", Outcome.BUSY),
        ("no-answer", Outcome.NO_ANSWER),
        ("canceled", Outcome.FAILED),
        ("failed", Outcome.FAILED),
        ("queued", None),
        ("initiated", None),
        ("ringing", None),
        ("in-progress", None),
        ("", None),
        ("COMPLETED", None),
        ("told", None),
    ],
)
def test_a_status_is_an_outcome_once_the_call_is_over(status: str, outcome: Outcome | None) -> None:
    assert result_of({"CallStatus": status}) is outcome
    assert (outcome is not None) == (status in OVER)


@pytest.mark.parametrize("code", ["404", "410", "480", "484", "604"])
def test_a_number_nobody_has_or_whose_telephone_is_off_is_unreachable(code: str) -> None:
    assert result_of({"CallStatus": "failed", "SipResponseCode": code}) is Outcome.UNREACHABLE


@pytest.mark.parametrize("code", ["13224", "21211", "21214", "21217"])
def test_a_number_the_carrier_takes_for_none_is_unreachable(code: str) -> None:
    assert result_of({"CallStatus": "failed", "ErrorCode": code}) is Outcome.UNREACHABLE


@pytest.mark.parametrize("code", ["", "200", "403", "500", "503", "999", "x", "404 "])
def test_any_other_fault_is_a_failure(code: str) -> None:
    fields = {"CallStatus": "failed", "SipResponseCode": code, "ErrorCode": code}
    assert result_of(fields) is Outcome.FAILED


def test_a_code_beside_another_status_changes_nothing() -> None:
    fields = {"CallStatus": "completed", "SipResponseCode": "404", "ErrorCode": "13224"}
    assert result_of(fields) is Outcome.NO_ANSWER


@given(st.dictionaries(st.sampled_from(["CallStatus", "SipResponseCode", "ErrorCode"]), st.text()))
def test_no_report_says_that_somebody_was_told_or_refused(fields: dict[str, str]) -> None:
    """Only the call itself can know that."""
    found = result_of(fields)
    assert found is None or not found.is_final
