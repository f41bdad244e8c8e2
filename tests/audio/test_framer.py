from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, Frame
from voice_agent.audio.framer import Framer

SILENCE = b"\xff"


def pieces(data: bytes, sizes: list[int], start_ms: int = 0) -> list[Frame]:
    """Cut a stream as a carrier might, with its timestamps in whole milliseconds."""
    cut, at = [], 0
    for size in sizes:
        if at < len(data):
            cut.append(Frame(data[at : at + size], start_ms + at // 8))
            at += size
    if at < len(data):
        cut.append(Frame(data[at:], start_ms + at // 8))
    return cut


def framed(framer: Framer, stream: list[Frame]) -> bytes:
    return b"".join(frame.mulaw for piece in stream for frame in framer.cut(piece))


def voice(number: int, ms: int = FRAME_MS, at: int | None = None) -> Frame:
    return Frame(bytes([number]) * (ms * 8), number * FRAME_MS if at is None else at)


@given(st.binary(max_size=4000), st.lists(st.integers(1, 900)), st.integers(0, 10**9))
def test_any_cutting_of_the_same_bytes_gives_the_same_frames(
    data: bytes, sizes: list[int], start_ms: int
) -> None:
    """No sample is lost, none invented; what is not yet a frame waits for the next piece."""
    whole = len(data) - len(data) % FRAME_BYTES
    assert framed(Framer(), pieces(data, sizes, start_ms)) == data[:whole]


@given(st.lists(st.integers(1, 900), min_size=1))
def test_every_frame_is_exactly_20_ms(sizes: list[int]) -> None:
    framer = Framer()
    for piece in pieces(bytes(5000), sizes):
        assert all(len(frame.mulaw) == FRAME_BYTES for frame in framer.cut(piece))


@pytest.mark.parametrize("size", [1, 7, 8, 160, 161, 8000])
def test_pieces_of_every_length_are_taken(size: int) -> None:
    data = bytes(range(256)) * 125
    assert framed(Framer(), pieces(data, [size] * 32_000)) == data


def test_frames_carry_the_time_they_were_spoken_at() -> None:
    frames = Framer().cut(Frame(bytes(800), 1000))
    assert [frame.timestamp_ms for frame in frames] == [1000, 1020, 1040, 1060, 1080]


@pytest.mark.parametrize("gap_ms", [60, 200, 1980])
def test_lost_audio_becomes_silence_of_the_same_length(gap_ms: int) -> None:
    heard = framed(Framer(), [voice(1, at=0), voice(2, at=20 + gap_ms)])
    assert heard == bytes([1]) * 160 + SILENCE * (gap_ms * 8) + bytes([2]) * 160


@pytest.mark.parametrize("late_ms", [1, 20, 40])
def test_a_little_jitter_is_no_gap(late_ms: int) -> None:
    heard = framed(Framer(), [voice(1, at=0), voice(2, at=20 + late_ms)])
    assert heard == bytes([1]) * 160 + bytes([2]) * 160


def test_a_timestamp_that_jumps_far_ahead_costs_two_seconds_of_silence_at_most() -> None:
    heard = framed(Framer(), [voice(1, at=0), voice(2, at=10**15)])
    assert len(heard) == 160 + 2000 * 8 + 160


@pytest.mark.parametrize("size", [8, 80, 160, 8000])
def test_a_duplicate_is_not_heard_twice(size: int) -> None:
    first, second = pieces(bytes([1]) * size + bytes([2]) * size, [size, size])
    once = framed(Framer(), [first, second])
    assert framed(Framer(), [first, first, second, second]) == once


def test_a_piece_out_of_order_is_not_heard_at_the_wrong_place() -> None:
    heard = framed(Framer(), [voice(1), voice(2), voice(3), voice(1), voice(4)])
    assert heard == b"".join(voice(number).mulaw for number in (1, 2, 3, 4))


def test_a_clock_that_is_set_back_does_not_make_us_deaf() -> None:
    """The carrier's stream begins anew: after a moment it is heard again."""
    framer = Framer()
    framed(framer, [voice(1, at=100_000)])
    heard = framed(framer, [voice(2, at=at) for at in range(0, 2000, 20)])
    assert len(heard) >= 1700 * 8


def test_a_clock_that_stands_still_is_heard_all_the_same() -> None:
    stream = [Frame(bytes([number]) * 160, 0) for number in range(50)]
    assert len(framed(Framer(), stream)) == 50 * 160


def test_silence_can_be_assumed_while_nothing_comes() -> None:
    framer = Framer()
    framer.cut(voice(1, at=0))
    assumed = framer.assume(300)
    assert [frame.mulaw for frame in assumed] == [SILENCE * 160] * 15
    assert [frame.timestamp_ms for frame in assumed][:2] == [20, 40]


def test_a_gap_is_not_silent_twice() -> None:
    """The silence that was assumed while nothing came is that of the gap."""
    framer = Framer()
    framer.cut(voice(1, at=0))
    framer.assume(300)
    assert framed(framer, [voice(2, at=420)]) == SILENCE * 800 + bytes([2]) * 160


def test_audio_that_was_only_late_is_heard_after_the_silence() -> None:
    framer = Framer()
    framer.cut(voice(1, at=0))
    framer.assume(300)
    late = [voice(2, at=20), voice(3, at=40)]
    assert framed(framer, late) == bytes([2]) * 160 + bytes([3]) * 160


def test_silence_before_the_first_piece_is_only_silence() -> None:
    assert len(Framer().assume(40)) == 2


def test_what_is_forgotten_does_not_come_back() -> None:
    framer = Framer()
    framer.cut(Frame(b"\x01" * 100, 0))
    framer.forget()
    assert framed(framer, [Frame(b"\x02" * 160, 12)]) == b"\x02" * 160


def test_a_piece_without_audio_completes_nothing() -> None:
    assert Framer().cut(Frame(b"", 0)) == []
