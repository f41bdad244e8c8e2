from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.audio import mulaw


@pytest.mark.parametrize(
    ("sample", "code"),
    [(0, 0xFF), (-1, 0x7E), (1000, 0xCE), (-1000, 0x4E), (32767, 0x80), (-32768, 0x00)],
)
def test_a_sample_has_the_code_of_the_recommendation(sample: int, code: int) -> None:
    assert mulaw.encode(np.array([sample], dtype=np.int16)) == bytes([code])


def test_every_sample_is_encoded_as_the_recommendation_says() -> None:
    """One hash over all 65,536 samples, from -32768 to 32767."""
    codes = mulaw.encode(np.arange(-32768, 32768).astype(np.int16))
    assert (
        hashlib.sha256(codes).hexdigest()
        == "81d633c9e6972a18c74a58720b96cb8ca0bdd096d4060b646dd708c3b846019a"
    )


def test_every_code_is_decoded_as_the_recommendation_says() -> None:
    """One hash over all 256 codes, as little-endian samples."""
    samples = mulaw.decode(bytes(range(256))).astype("<i2").tobytes()
    assert (
        hashlib.sha256(samples).hexdigest()
        == "3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827"
    )


def test_silence_decodes_to_nothing_at_all() -> None:
    assert not mulaw.decode(mulaw.SILENCE * 160).any()


@given(st.binary(max_size=400))
def test_what_came_from_the_line_goes_back_unchanged(codes: bytes) -> None:
    """Only the negative zero, 7F, becomes the one zero there is in integers, FF."""
    samples = mulaw.decode(codes)
    assert samples.dtype == np.int16
    assert mulaw.encode(samples) == codes.replace(b"\x7f", mulaw.SILENCE)


@given(st.lists(st.integers(-32768, 32767), max_size=400))
def test_a_sample_stays_within_half_a_step_of_itself(values: list[int]) -> None:
    """The step of a segment is a sixteenth of the power of two it begins with."""
    samples = np.array(values, dtype=np.int16)
    wide = samples.astype(np.int32)
    lost = np.abs(mulaw.decode(mulaw.encode(samples)).astype(np.int32) - wide)
    assert (lost <= 4 + (np.abs(wide) + 132) // 16).all()


def test_a_view_with_gaps_is_encoded_like_a_copy() -> None:
    stereo = np.arange(-100, 100, dtype=np.int16).reshape(-1, 2)
    assert mulaw.encode(stereo[:, 1]) == mulaw.encode(stereo[:, 1].copy())


def test_samples_of_another_width_are_refused() -> None:
    with pytest.raises(TypeError, match="int16"):
        mulaw.encode(np.zeros(160, dtype=np.float32))
