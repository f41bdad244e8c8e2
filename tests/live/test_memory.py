from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.conformance import Clock, LiveStoreConformance, Pair
from voice_agent.live.board import ENDED_S
from voice_agent.live.memory import MemoryBoard, MemoryLive
from voice_agent.live.ports import LOST_S, SILENT_S
from voice_agent.live.snapshot import CallSnapshot, call_key


class TestMemoryLive(LiveStoreConformance):
    """One process, two stores on one board."""

    @pytest.fixture
    def pair(self) -> Pair:
        clock, board = Clock(), MemoryBoard()
        return Pair(MemoryLive("one", clock, board), MemoryLive("other", clock, board), clock)


CALLS = [call_key(str(number)) for number in range(4)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["show", "end", "wait", "look"]),
            st.sampled_from(CALLS),
            st.sampled_from([0.5, 3.0, SILENT_S, LOST_S]),
        ),
        max_size=40,
    )
)
def test_whatever_happens_in_whichever_order_a_call_is_there_lost_or_gone(
    steps: Sequence[tuple[str, str, float]],
) -> None:
    """Against a model that keeps every sign of life and every look."""
    board, now = MemoryBoard(), 1000.0
    shown: dict[str, float] = {}
    noticed: dict[str, float] = {}
    ended: dict[str, float] = {}
    for step, call, seconds in steps:
        if step == "wait":
            now += seconds
            continue
        for name, at in list(shown.items()):
            if now - at >= SILENT_S:
                noticed[name] = now
                del shown[name]
        if step == "show":
            board.show([CallSnapshot(call=call, worker="w", language="de", began_at=1.0)], now)
            if now - ended.get(call, 0.0) >= ENDED_S:
                shown[call] = now
                noticed.pop(call, None)
        elif step == "end":
            board.end([call], now)
            ended[call] = now
            shown.pop(call, None)
            noticed.pop(call, None)
        lost = {name for name, at in noticed.items() if now - at < LOST_S}
        assert {each.call for each in board.calls(now)} == set(shown)
        assert {each.call for each in board.lost(now)} == lost
