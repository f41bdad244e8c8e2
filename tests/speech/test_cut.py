from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.audio import mulaw
from voice_agent.speech.cut import word_before

WORDS = ("Morgen", "haben", "wir", "von", "acht", "bis", "achtzehn", "Uhr", "geöffnet.")
TEXT = " ".join(WORDS)
LETTER_S = 0.06
GAP_S = 0.06


def spoken() -> tuple[bytes, list[float]]:
    """A voice that says each word as long as it is written, and where each begins, seconds."""
    noise = np.random.default_rng(7)
    pieces = [np.zeros(1600)]
    starts = []
    for word in WORDS:
        starts.append(sum(map(len, pieces)) / 8000)
        pieces.append(noise.normal(0, 4000, round(len(word) * LETTER_S * 8000)))
        pieces.append(noise.normal(0, 20, round(GAP_S * 8000)))
    return mulaw.encode(np.concatenate(pieces).astype(np.int16)), starts


@pytest.mark.parametrize("number", range(1, len(WORDS)))
def test_the_voice_goes_on_with_the_word_it_was_saying(number: int) -> None:
    audio, starts = spoken()
    position = round((starts[number] + 0.25) * 8000)
    assert word_before(audio, TEXT, position) / 8000 == pytest.approx(starts[number], abs=0.08)


def test_who_heard_no_whole_word_hears_the_sentence_from_its_beginning() -> None:
    audio, starts = spoken()
    assert word_before(audio, TEXT, round((starts[0] + 0.2) * 8000)) == 0


@pytest.mark.parametrize(
    ("audio", "text"),
    [(b"", TEXT), (b"\xff" * 8000, TEXT), (b"\x55" * 8000, "Ja."), (b"\x55" * 80, "")],
)
def test_where_no_word_can_be_found_nothing_is_left_out(audio: bytes, text: str) -> None:
    assert word_before(audio, text, len(audio)) == 0


@given(
    audio=st.binary(max_size=4000), text=st.text(max_size=60), position=st.integers(-100, 100_000)
)
def test_never_more_is_left_out_than_was_played(audio: bytes, text: str, position: int) -> None:
    assert 0 <= word_before(audio, text, position) <= max(0, min(position, len(audio)))
