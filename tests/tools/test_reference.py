from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations, pairwise

import pytest

from voice_agent.dialogue.flow import Kind, Slot
from voice_agent.dialogue.flow_value import accept, spoken
from voice_agent.speech.spoken import speakable
from voice_agent.tools.reference import LETTERS, new_reference, read_reference

SOME = 200


def drawing(seed: int) -> Callable[[int], int]:
    """Draws that are the same in every run."""
    return random.Random(seed).randrange  # noqa: S311 (the same every time is the point)


def some() -> list[str]:
    draw = drawing(1)
    return [new_reference(draw) for _ in range(SOME)]


def test_a_reference_is_a_letter_and_six_digits() -> None:
    for reference in some():
        assert len(reference) == 7
        assert reference[0] in LETTERS
        assert reference[1:].isdecimal()
        assert read_reference(reference) == reference


@pytest.mark.parametrize("alike", ["BDEGPTCV", "FSXLMN", "AHK", "EI", "IY", "UQ", "CZ", "MN"])
def test_of_letters_whose_names_are_alike_there_is_one_at_most(alike: str) -> None:
    assert len(set(alike) & set(LETTERS)) <= 1


def test_no_letter_looks_like_a_digit() -> None:
    assert set("OIL").isdisjoint(LETTERS)


def test_one_wrong_figure_is_noticed() -> None:
    for reference in some():
        for place, figure in enumerate(reference):
            for other in LETTERS if place == 0 else "0123456789":
                wrong = reference[:place] + other + reference[place + 1 :]
                assert (read_reference(wrong) is None) is (other != figure), wrong


def test_two_figures_that_were_swapped_are_noticed() -> None:
    """Thirty-two for twenty-three, as one easily writes down in German."""
    for reference in some():
        for one, two in combinations(range(1, len(reference)), 2):
            swapped = list(reference)
            swapped[one], swapped[two] = swapped[two], swapped[one]
            wrong = "".join(swapped)
            assert (read_reference(wrong) is None) is (wrong != reference), wrong


def test_the_next_one_cannot_be_told_from_the_one_before() -> None:
    """Nothing is counted up: what follows the same number is different every time."""
    made = [int(new_reference()[1:6]) for _ in range(SOME)]
    steps = {later - earlier for earlier, later in pairwise(made)}
    assert len(steps) > SOME * 0.9
    assert len({new_reference() for _ in range(SOME)}) > SOME * 0.9


@pytest.mark.parametrize("written", ["{0} {1} {2}", " {0}-{1}-{2}\n", "{0}{1}.{2}"])
def test_a_reference_is_read_however_it_is_written(written: str) -> None:
    for reference in some():
        parts = (reference[0].lower(), reference[1:4], reference[4:])
        assert read_reference(written.format(*parts)) == reference


@pytest.mark.parametrize(
    "text", ["", "W", "4827150", "W48271", "W4827151", "B482715", "W48271\u0665", "W" * 20_000]
)
def test_what_is_none_is_not_read(text: str) -> None:
    assert read_reference(text) is None


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Nummer W, vier acht zwo, sieben eins"),
        ("en", "number W, four eight two, seven one"),
    ],
)
def test_a_reference_is_said_figure_by_figure(language: str, said: str) -> None:
    word = said.split(maxsplit=1)[0]
    reference = next(r for d in range(10) if (r := read_reference(f"W48271{d}")))
    assert accept(Slot("reference", Kind.CODE), reference) == reference
    assert speakable(f"{word} {spoken(Kind.CODE, reference, language)}.", language).startswith(said)
    for each in some():
        heard = speakable(f"{word} {spoken(Kind.CODE, each, language)}.", language)
        assert not any(character.isdigit() for character in heard)
        assert len(heard.replace(",", "").rstrip(".").split()) == 8
