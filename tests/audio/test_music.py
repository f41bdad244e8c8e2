from __future__ import annotations

import numpy as np

from voice_agent.audio import mulaw
from voice_agent.audio.music import LEVEL_DB, SECONDS, hold_music


def test_the_music_is_a_loop_of_whole_frames() -> None:
    assert len(hold_music()) == SECONDS * 8000
    assert hold_music() is hold_music()


def test_the_music_is_quiet_and_even() -> None:
    seconds = mulaw.decode(hold_music()).astype(float).reshape(SECONDS, -1)
    levels = 20 * np.log10(np.sqrt((seconds**2).mean(axis=1)) / 32767)
    assert np.abs(levels - LEVEL_DB).max() < 1


def test_the_loop_does_not_click_where_it_begins_again() -> None:
    pcm = mulaw.decode(hold_music()).astype(float)
    within = np.abs(np.diff(pcm))
    assert abs(pcm[0] - pcm[-1]) <= np.percentile(within, 99)
