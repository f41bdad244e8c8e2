from __future__ import annotations

import pytest

from voice_agent.call.terms import CallTerms


@pytest.mark.parametrize(
    "wrong",
    [
        {"key_s": 0.0},
        {"no_input_s": -1.0},
        {"limit_s": 0.0},
        {"line_s": 0.01},
        {"repetitions": -1},
        {"languages": ()},
    ],
    ids=str,
)
def test_terms_under_which_a_call_would_wait_for_nothing_are_refused(
    wrong: dict[str, float],
) -> None:
    with pytest.raises(ValueError, match="a call"):
        CallTerms(call_id="CA1", language="de", **wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_key_5_goes_round_the_languages() -> None:
    terms = CallTerms(call_id="CA1", language="de", languages=("de", "en", "fr"))
    assert [terms.next_language(each) for each in ("de", "en", "fr")] == ["en", "fr", "de"]


def test_a_language_that_is_not_offered_leads_to_the_first() -> None:
    assert CallTerms(call_id="CA1", language="de").next_language("nl") == "de"
