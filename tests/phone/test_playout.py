"""The carrier's playback model, as twilio.md has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.phone.playout import Playout

SECOND = b"\x80" * 8000


def test_audio_is_played_in_order_and_in_real_time() -> None:
    playout = Playout()
    playout.queue(SECOND, 1.0)
    playout.queue(SECOND, 1.1)
    assert playout.end == 3.0
    assert [(piece.start, piece.end) for piece in playout.heard] == [(1.0, 3.0)]


def test_audio_that_comes_too_late_leaves_a_gap() -> None:
    playout = Playout()
    playout.queue(SECOND, 1.0)
    playout.queue(SECOND, 2.5)
    assert [(piece.start, piece.end) for piece in playout.heard] == [(1.0, 2.0), (2.5, 3.5)]


def test_a_mark_comes_back_when_what_was_queued_before_it_has_been_played() -> None:
    playout = Playout()
    playout.queue(SECOND, 0.0)
    playout.mark("first", 0.0)
    playout.queue(SECOND, 0.1)
    playout.mark("second", 0.1)
    assert playout.due(0.99) == []
    assert playout.due(1.0) == ["first"]
    assert playout.pending == 1
    assert playout.due(5.0) == ["second"]


def test_a_mark_with_nothing_queued_comes_back_at_once() -> None:
    playout = Playout()
    playout.mark("now", 7.0)
    assert playout.due(7.0) == ["now"]


def test_clear_drops_what_was_not_played_and_returns_every_pending_mark() -> None:
    playout = Playout()
    playout.queue(SECOND, 0.0)
    playout.mark("a", 0.0)
    playout.queue(SECOND, 0.0)
    playout.mark("b", 0.0)
    assert playout.clear(0.25) == ["a", "b"]
    assert playout.due(10.0) == []
    assert playout.end == 0.25
    assert sum(len(piece.mulaw) for piece in playout.heard) == 2000


def test_after_a_clear_new_audio_is_heard_at_once() -> None:
    playout = Playout()
    playout.queue(SECOND * 10, 0.0)
    playout.clear(1.0)
    playout.queue(SECOND, 1.5)
    assert playout.end == 2.5


def test_quiet_means_nothing_queued_and_no_mark_out() -> None:
    playout = Playout()
    assert playout.is_quiet(0.0)
    playout.queue(SECOND, 0.0)
    assert not playout.is_quiet(0.5)
    playout.mark("m", 0.5)
    assert not playout.is_quiet(1.0)
    playout.due(1.0)
    assert playout.is_quiet(1.0)


acts = st.lists(
    st.tuples(st.sampled_from(["queue", "mark", "clear", "due"]), st.integers(0, 3000)), max_size=40
)


@given(acts)
def test_every_mark_comes_back_exactly_once_and_sound_never_overlaps(
    script: list[tuple[str, int]],
) -> None:
    playout = Playout()
    now = 0.0
    sent: list[str] = []
    back: list[str] = []
    for act, amount in script:
        now += amount / 8000
        if act == "queue":
            playout.queue(b"\x80" * amount, now)
        elif act == "mark":
            sent.append(str(len(sent)))
            playout.mark(sent[-1], now)
        elif act == "clear":
            back += playout.clear(now)
        else:
            back += playout.due(now)
    back += playout.due(max(now, playout.end))
    assert back == sent
    for before, after in zip(playout.heard, playout.heard[1:], strict=False):
        assert before.end <= after.start + 1e-9
    assert playout.end == pytest.approx(max([piece.end for piece in playout.heard] + [0.0])) or (
        playout.queued_at is None
    )
