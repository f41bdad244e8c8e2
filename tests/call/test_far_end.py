from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voice_agent.call.far_end import REACH, FarEnd

SIZE = round(REACH * 8000)


def test_what_was_heard_last_stands_last_and_silence_around_it() -> None:
    far_end = FarEnd()
    far_end.plays(b"\x01" * 800, 10.0, 10.0)
    far_end.plays(b"\x02" * 800, 10.1, 10.0)
    heard = far_end.recent(10.3)
    assert len(heard) == SIZE
    assert heard[-2400:] == b"\x01" * 800 + b"\x02" * 800 + b"\xff" * 800
    assert set(heard[:-2400]) == {0xFF}


def test_what_is_still_to_be_heard_is_not_there_yet() -> None:
    far_end = FarEnd()
    far_end.plays(b"\x01" * 8000, 10.0, 10.0)
    assert far_end.recent(10.0) == b""
    assert far_end.recent(10.05)[-400:] == b"\x01" * 400
    assert far_end.recent(10.05)[:-400] == b"\xff" * (SIZE - 400)


def test_what_was_heard_long_ago_is_gone() -> None:
    far_end = FarEnd()
    far_end.plays(b"\x01" * 800, 10.0, 10.0)
    assert far_end.recent(10.1 + REACH + 0.01) == b""


def test_what_was_stopped_was_heard_to_there() -> None:
    far_end = FarEnd()
    far_end.plays(b"\x01" * 8000, 10.0, 10.0)
    far_end.plays(b"\x02" * 8000, 11.0, 10.0)
    far_end.stops(10.5)
    assert far_end.recent(10.6)[-4800:] == b"\x01" * 4000 + b"\xff" * 800


def test_what_is_still_to_be_heard_is_not_forgotten_for_what_comes_after_it() -> None:
    far_end = FarEnd()
    far_end.plays(b"\x01" * 8000, 10.0, 10.0)
    far_end.plays(b"\x02" * 80_000, 11.0, 10.0)
    far_end.plays(b"\x03" * 8000, 21.0, 10.0)
    assert far_end.recent(10.5)[-4000:] == b"\x01" * 4000


@given(
    pieces=st.lists(st.tuples(st.floats(0, 3), st.integers(0, 20_000)), max_size=6),
    stops=st.lists(st.floats(0, 10), max_size=2),
    now=st.floats(0, 20),
)
def test_it_is_always_as_long_or_nothing(
    pieces: list[tuple[float, int]], stops: list[float], now: float
) -> None:
    far_end, at = FarEnd(), 0.0
    for gap, size in pieces:
        at += gap
        far_end.plays(b"\x01" * size, at, 0.0)
        at += size / 8000
    for each in stops:
        far_end.stops(each)
    assert len(far_end.recent(now)) in {0, SIZE}
