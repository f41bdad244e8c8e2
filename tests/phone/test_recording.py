from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from tests.phone.fake_agent import tone
from voice_agent.phone.recording import Recording


def test_an_answer_is_the_first_sound_after_the_callers_last() -> None:
    recording = Recording()
    recording.caller.queue(tone(1.0), 0.0)
    recording.agent.queue(tone(1.0), 1.8)
    assert recording.answer_after(1.0, 5.0) == pytest.approx(1.8, abs=0.011)


def test_no_answer_is_none() -> None:
    assert Recording().answer_after(1.0, 5.0) is None
    late = Recording()
    late.agent.queue(tone(1.0), 6.0)
    assert late.answer_after(1.0, 5.0) is None


def test_an_agent_still_being_talked_over_is_not_taken_for_an_answer() -> None:
    """It stops 0.3 s after the caller's last sound and answers at 3 s."""
    recording = Recording()
    recording.agent.queue(tone(1.3), 0.0)
    recording.agent.queue(tone(1.0), 3.0)
    assert recording.answer_after(1.0, 5.0) == pytest.approx(3.0, abs=0.011)


def test_a_pause_shorter_than_a_breath_is_no_new_answer() -> None:
    recording = Recording()
    recording.agent.queue(tone(1.1), 0.0)
    recording.agent.queue(tone(1.0), 1.2)
    assert recording.answer_after(1.0, 2.0) is None


def test_talking_at_once_is_counted() -> None:
    recording = Recording()
    recording.caller.queue(tone(1.0), 1.0)
    recording.agent.queue(tone(1.5), 0.0)
    assert recording.talked_over(1.0, 2.0) == pytest.approx(0.5, abs=0.021)


def test_the_wav_has_the_caller_left_and_the_agent_right_aligned(tmp_path: Path) -> None:
    recording = Recording()
    recording.caller.queue(tone(0.5), 0.25)
    recording.agent.queue(tone(0.5), 1.0)
    path = tmp_path / "call.wav"
    recording.write(path, 2.0)
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert len(both) == 16000
    caller, agent = np.flatnonzero(np.abs(both[:, 0]) > 100), np.flatnonzero(both[:, 1])
    assert caller[0] / 8000 == pytest.approx(0.25, abs=0.001)
    assert caller[-1] / 8000 == pytest.approx(0.75, abs=0.001)
    assert agent[0] / 8000 == pytest.approx(1.0, abs=0.001)


def test_what_is_heard_between_two_moments_keeps_its_pauses() -> None:
    recording = Recording()
    recording.agent.queue(tone(0.5), 1.0)
    heard = recording.heard_between(0.5, 1.25)
    assert len(heard) == 6000
    assert heard[:4000] == b"\xff" * 4000
    assert heard[4000:] == tone(0.5)[:2000]
