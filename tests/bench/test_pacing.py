from __future__ import annotations

import base64

import pytest

from tests.bench.pacing import lateness
from voice_agent.twilio.messages import Clear, OutboundMark, OutboundMedia
from voice_agent.twilio.wire import encode

STREAM = "MZ" + "0" * 32


def media(ms: int) -> str:
    return encode(OutboundMedia(STREAM, b"\xff" * 8 * ms))


MARK = encode(OutboundMark(STREAM, "1.0"))
CLEAR = encode(Clear(STREAM))


def late(*sent: tuple[float, str]) -> list[float]:
    return [round(by, 6) for _, by in lateness(sent)]


def test_a_message_is_due_when_what_was_sent_will_last_160_ms_longer() -> None:
    assert late((10.0, media(200)), (10.04, media(40)), (10.08, media(40))) == [0.0, 0.0]


def test_one_that_comes_later_is_late_by_the_difference() -> None:
    assert late((10.0, media(200)), (10.05, media(40))) == [0.01]


def test_what_was_late_is_caught_up_by_a_longer_message() -> None:
    assert late((10.0, media(200)), (10.1, media(100)), (10.14, media(40))) == [0.06, 0.0]


def test_one_that_comes_early_is_not_late() -> None:
    assert late((10.0, media(200)), (10.02, media(40))) == [0.0]


def test_a_gap_that_the_caller_heard_is_told_whole() -> None:
    assert late((10.0, media(200)), (10.54, media(200)), (10.58, media(40))) == [0.5, 0.0]


def test_the_first_of_a_clip_has_no_time() -> None:
    assert late((10.0, media(200)), (10.0, MARK), (11.0, media(200)), (11.05, media(40))) == [0.01]


def test_after_a_clear_the_carrier_has_nothing_in_hand() -> None:
    sent = [(10.0, media(2000)), (10.1, CLEAR), (10.2, media(200)), (10.25, media(40))]
    assert late(*sent) == [0.01]


@pytest.mark.parametrize("size", [158, 159, 160])
def test_audio_is_as_long_as_it_has_bytes(size: int) -> None:
    sound = encode(OutboundMedia(STREAM, b"\xff" * size))
    assert base64.b64encode(b"\xff" * size).decode() in sound
    due = 10.2 + size / 8000 - 0.16
    assert late((10.0, media(200)), (10.0, sound), (due + 0.001, media(40)))[1] == 0.001
