"""What follows when Twilio does not ring somebody up."""

from __future__ import annotations

import pytest

from voice_agent.errors import CarrierError
from voice_agent.runtime.dialling import Meaning
from voice_agent.twilio.refusals import meaning_of
from voice_agent.twilio.transport import NotProcessed, Unanswered

NUMBER, FOR_US = Meaning.INVALID_NUMBER, Meaning.NOT_ALLOWED


@pytest.mark.parametrize(
    ("status", "code", "meaning"),
    [
        *((400, code, NUMBER) for code in (13223, 13224, 13226, 21201, 21211, 21214, 21217)),
        *((400, code, FOR_US) for code in (13225, 13227, 21215, 21216, 21219, 32224, 573005)),
        *((400, code, Meaning.TOO_FAST) for code in (10004, 20429, 86008)),
        *((401, code, Meaning.STOP) for code in (20003, 20101, 70051, None)),
        *((403, code, Meaning.STOP) for code in (10001, 20005, 90010, 10005, 20008, None)),
        *((400, code, Meaning.STOP) for code in (21210, 21212, 21213, 21606, 573002)),
        *((400, code, Meaning.STOP) for code in (20001, 21200, 21205, 21609)),
        (400, 99999, Meaning.STOP),
        (404, 20404, Meaning.STOP),
    ],
)
def test_every_code_means_something_for_one_number_or_for_all(
    status: int, code: int | None, meaning: Meaning
) -> None:
    found = meaning_of(CarrierError("the carrier refused the request", code, status))
    assert (found.meaning, found.carrier_code) == (meaning, code)


def test_what_was_not_processed_may_be_tried_again() -> None:
    assert meaning_of(NotProcessed("too many", None, 429)).meaning is Meaning.TOO_FAST
    assert meaning_of(NotProcessed("too many", 20429, 429)).meaning is Meaning.TOO_FAST
    assert meaning_of(NotProcessed("the carrier cannot be reached")).meaning is Meaning.AWAY


@pytest.mark.parametrize("code", [None, 20500, 21211])
def test_after_an_answer_of_500_the_telephone_may_ring_whatever_stands_in_it(
    code: int | None,
) -> None:
    assert meaning_of(Unanswered("refused", code, 503)).meaning is Meaning.UNKNOWN
    assert meaning_of(Unanswered("the connection broke", code)).meaning is Meaning.UNKNOWN


def test_an_error_repeats_no_number() -> None:
    found = meaning_of(CarrierError("the number +4930222222 is wrong", 21211, 400))
    assert "4930222222" not in str(found)
    assert found.__cause__ is None
