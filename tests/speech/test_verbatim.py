from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.errors import EngineError
from voice_agent.speech.verbatim import LONGEST, verbatim


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Guten Tag, Frau Müller.", "Guten Tag, Frau Müller."),
        ("Das [[h@l@U]] steht hier", "Das h@l@U steht hier"),
        ("\x0199P Hallo\x00", "99P Hallo"),
        ("eine\n\nZeile\tund noch eine", "eine Zeile und noch eine"),
        ("\ud800 halb", "halb"),
        ("  ", ""),
    ],
)
def test_no_part_of_a_text_is_a_command(written: str, read: str) -> None:
    assert verbatim(written) == read


@given(st.text(max_size=LONGEST))
def test_nothing_is_left_that_an_engine_could_obey_or_not_encode(text: str) -> None:
    read = verbatim(text)
    assert not set(read) & set("[]\n\r\t\x00\x01\x1b")
    assert read.encode() == verbatim(read).encode()


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(EngineError, match="2001 characters"):
        verbatim("x" * (LONGEST + 1))
