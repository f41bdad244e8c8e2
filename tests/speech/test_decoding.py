from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.speech.decoding import (
    FULL_WINDOW,
    SHORTEST_WINDOW,
    Hypothesis,
    Pass,
    best,
    next_pass,
    repeats,
    token_limit,
)

SHORT = Pass(SHORTEST_WINDOW)
STAMPED = Pass(SHORTEST_WINDOW, timestamps=True)
FULL = Pass(FULL_WINDOW, beam=5)
EXPECTING = Pass(SHORTEST_WINDOW, beam=5, expecting=True)


def heard(
    how: Pass = SHORT,
    *,
    tokens: tuple[int, ...] = (1, 2, 3),
    text: str = "Ja, das passt.",
    score: float = -0.2,
    no_speech: float = 0.0,
    finished: bool = True,
    gain: float | None = None,
) -> Hypothesis:
    """What a pass proposed; as it stands, a text to be trusted."""
    return Hypothesis(
        how=how,
        tokens=tokens,
        text=text,
        log_probability=score,
        no_speech=no_speech,
        finished=finished,
        gain=gain,
    )


TWICE = (5, 6, 7, 8, 5, 6, 7, 8)


@pytest.mark.parametrize(
    ("seconds", "window"),
    [(0.0, 6.0), (1.0, 6.0), (3.0, 6.0), (4.0, 7.0), (4.125, 7.14), (26.9, 29.9), (30.0, 30.0)],
)
def test_the_first_window_is_a_little_longer_than_the_utterance(
    seconds: float, window: float
) -> None:
    assert next_pass(seconds, []) == Pass(window)


def test_a_text_to_be_trusted_needs_no_second_pass() -> None:
    assert next_pass(2.0, [heard()]) is None


@pytest.mark.parametrize(
    "first", [heard(tokens=TWICE), heard(finished=False), heard(tokens=(9, 4, 4, 4))]
)
def test_a_text_that_runs_on_is_asked_again_with_timestamps_in_the_same_window(
    first: Hypothesis,
) -> None:
    assert next_pass(2.0, [first]) == STAMPED


@pytest.mark.parametrize(
    "tried",
    [
        [heard(score=-1.2)],
        [heard(text="na " * 40)],
        [heard(tokens=TWICE), heard(STAMPED, tokens=TWICE)],
        [heard(tokens=TWICE), heard(STAMPED, score=-1.2)],
    ],
)
def test_what_is_doubtful_still_goes_to_the_full_window(tried: list[Hypothesis]) -> None:
    assert next_pass(2.0, tried) == FULL


def test_after_the_full_window_there_is_nothing_left_to_try() -> None:
    assert next_pass(2.0, [heard(score=-1.2), heard(FULL, score=-1.2)]) is None


def test_silence_is_silence_at_first_hearing() -> None:
    """Noise on the line must not cost the time of three passes."""
    assert next_pass(2.0, [heard(score=-2.0, no_speech=0.7)]) is None


def test_three_passes_are_the_most() -> None:
    tried: list[Hypothesis] = []
    while (how := next_pass(2.0, tried)) is not None:
        tried.append(heard(how, tokens=TWICE, score=-1.1, finished=False))
    assert [one.how for one in tried] == [SHORT, STAMPED, FULL]


def test_the_last_text_wins_if_it_is_to_be_trusted() -> None:
    second = heard(STAMPED, score=-0.6)
    assert best([heard(tokens=TWICE, score=-0.1), second]) is second


def test_among_doubtful_texts_the_finished_and_likelier_wins() -> None:
    one = heard(tokens=TWICE, score=-0.1, finished=False)
    two = heard(STAMPED, score=-1.3)
    three = heard(FULL, score=-1.1)
    assert best([one, two, three]) is three


def test_what_a_caller_says_twice_is_believed_when_every_pass_hears_it_twice() -> None:
    tried = [heard(tokens=TWICE), heard(STAMPED, tokens=TWICE), heard(FULL, tokens=TWICE)]
    assert best(tried).tokens == TWICE


@pytest.mark.parametrize(
    "tokens",
    [
        (1, 2, 3, 1, 2, 3),
        (1, 2, 3, 4, 5, 1, 2, 3),
        (1, 2, 3, 1, 2, 3, 1),
        (9, 8, 4, 4, 4),
        (9, 8, 4, 5, 4, 5, 4, 5),
    ],
)
def test_a_text_that_begins_again_or_ends_in_a_loop_repeats(tokens: tuple[int, ...]) -> None:
    assert repeats(tokens)


@pytest.mark.parametrize("tokens", [(), (1,), (1, 2), (1, 2, 1, 2), (1, 2, 3, 4), (4, 4, 9, 4, 4)])
def test_ordinary_speech_does_not_repeat(tokens: tuple[int, ...]) -> None:
    assert not repeats(tokens)


@given(st.lists(st.integers(0, 99), min_size=3, max_size=12), st.integers(2, 4))
def test_any_text_said_again_repeats(part: list[int], copies: int) -> None:
    assert repeats(part * copies)


@given(st.lists(st.integers(), unique=True, max_size=60))
def test_a_text_of_different_tokens_never_repeats(tokens: list[int]) -> None:
    assert not repeats(tokens)


@given(st.floats(0, 30), st.floats(0, 30))
def test_longer_audio_may_hold_more_tokens(one: float, two: float) -> None:
    assert (token_limit(one) <= token_limit(two)) or one > two
    assert token_limit(30) < 448 - 10  # Whisper's own limit, prompt included


def test_an_unsure_text_is_searched_for_more_widely_in_the_same_window() -> None:
    """The encoder's work is done; only the decoder's is done again."""
    unsure, wider = heard(score=-0.45), heard(Pass(SHORTEST_WINDOW, beam=5), score=-0.45)
    assert next_pass(1.0, [unsure]) == wider.how
    assert next_pass(1.0, [unsure, wider]) is None


def test_the_likelier_of_two_texts_to_be_trusted_wins() -> None:
    greedy, wider = heard(score=-0.45), heard(Pass(SHORTEST_WINDOW, beam=5), score=-0.62)
    assert best([greedy, wider]) is greedy


# -- expected words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sure", [heard(), heard(score=-0.39), heard(tokens=TWICE), heard(score=-2.0, no_speech=0.7)]
)
def test_expected_words_are_no_matter_where_the_sound_says_enough(sure: Hypothesis) -> None:
    """Nor where it says nothing: noise is not asked whether it was a Tuesday."""
    assert next_pass(2.0, [sure], expecting=True) == next_pass(2.0, [sure])


@pytest.mark.parametrize(
    "unsure", [heard(score=-0.5), heard(score=-1.4), heard(tokens=TWICE, score=-0.5)]
)
def test_where_the_sound_leaves_doubt_expected_words_are_a_second_opinion(
    unsure: Hypothesis,
) -> None:
    assert next_pass(2.0, [unsure], expecting=True) == EXPECTING


@pytest.mark.parametrize("score", [-0.5, -1.4])
def test_what_expected_words_made_of_the_sound_is_believed(score: float) -> None:
    unsure, found = heard(score=score), heard(EXPECTING, score=-0.3, gain=2.5)
    assert next_pass(2.0, [unsure, found], expecting=True) is None
    assert best([unsure, found]) is found


@pytest.mark.parametrize(
    "found",
    [
        heard(EXPECTING, score=-0.1, gain=0.7),
        heard(EXPECTING, score=-1.1, gain=3.0),
        heard(EXPECTING, tokens=TWICE, score=-0.1, gain=3.0),
    ],
    ids=["made up", "unlikely", "running on"],
)
@pytest.mark.parametrize("unsure", [heard(score=-0.5), heard(score=-1.4), heard(finished=False)])
def test_what_is_not_believed_of_expected_words_leaves_everything_as_without_them(
    unsure: Hypothesis, found: Hypothesis
) -> None:
    assert next_pass(2.0, [unsure, found], expecting=True) == next_pass(2.0, [unsure])


def test_words_that_silence_explains_as_well_are_never_what_was_heard() -> None:
    made_up = heard(EXPECTING, score=-0.1, gain=0.7)
    assert best([only := heard(score=-1.4), made_up]) is only
    assert best([heard(score=-1.4), made_up, last := heard(FULL, score=-1.2)]) is last


def test_with_expected_words_four_passes_are_the_most() -> None:
    tried: list[Hypothesis] = []
    while (how := next_pass(2.0, tried, expecting=True)) is not None:
        tried.append(heard(how, tokens=TWICE, score=-1.1, finished=False))
    assert [one.how for one in tried] == [SHORT, EXPECTING, STAMPED, FULL]
