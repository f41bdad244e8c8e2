"""Our features are those that the models of the Whisper family were trained on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from voice_agent.speech.log_mel import BANDS, HOP, RATE, WINDOW, log_mel

NOISE = np.random.default_rng(7).standard_normal(RATE * 2).astype(np.float32)
TIME = np.arange(RATE * 2) / RATE
SOUNDS = {
    "noise": NOISE,
    "faint": NOISE * np.float32(1e-4),
    "silence": np.zeros(RATE, dtype=np.float32),
    "low tone": np.sin(2 * np.pi * 220 * TIME).astype(np.float32),
    "high tone": np.sin(2 * np.pi * 3100 * TIME).astype(np.float32),
    "one frame": NOISE[:WINDOW],
    "odd length": NOISE[: 5 * HOP + 333],
}


@pytest.mark.parametrize("sound", SOUNDS.values(), ids=SOUNDS)
def test_features_are_whispers(sound: npt.NDArray[np.float32]) -> None:
    theirs = FeatureExtractor()(sound, padding=0)
    ours = log_mel(sound)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-4


def test_a_second_has_a_hundred_frames() -> None:
    features = log_mel(NOISE)
    assert features.shape == (BANDS, 200)
    assert features.dtype == np.float32


def test_less_than_a_frame_has_no_features() -> None:
    with pytest.raises(ValueError, match="25 ms"):
        log_mel(NOISE[: WINDOW - 1])
