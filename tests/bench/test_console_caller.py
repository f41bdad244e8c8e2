from __future__ import annotations

import numpy as np
import pytest

from tests.bench.console_caller import Side
from voice_agent.audio import mulaw
from voice_agent.audio.frame import FRAME_BYTES

LOUD = mulaw.encode(np.full(FRAME_BYTES, 8000, dtype=np.int16))
QUIET = mulaw.encode(np.zeros(FRAME_BYTES, dtype=np.int16))


def test_what_waits_in_the_carriers_buffer_is_heard_later_than_it_came() -> None:
    side = Side()
    side.queue(QUIET * 5, 0.0)  # 100 ms
    side.queue(LOUD, 0.02)
    first, second = side.pieces
    assert second.heard_at - second.came_at == pytest.approx(0.08)
    begun = side.onsets(first.came_at - 1)
    assert begun == [pytest.approx(second.heard_at)]


def test_a_sound_begins_once_however_many_pieces_it_comes_in() -> None:
    side = Side()
    for number in range(3):
        side.queue(LOUD, number * 0.02)
    assert len(side.onsets(side.pieces[0].came_at - 1)) == 1


def test_after_enough_quiet_another_sound_begins() -> None:
    side = Side()
    side.queue(LOUD + QUIET * 20 + LOUD, 0.0)
    first, second = side.onsets(side.pieces[0].came_at - 1)
    assert second - first == pytest.approx(0.42, abs=0.001)


def test_silence_is_not_the_first_sound() -> None:
    side = Side()
    side.queue(QUIET, 0.0)
    assert side.received(0.0) is None
    side.queue(LOUD, 0.02)
    found = side.received(0.0)
    assert found is not None
    assert found.mulaw == LOUD
