from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.__main__ import main, run
from tests.bench.picture import draw
from tests.bench.section import Curve, Panel
from tests.bench.thin_call import frames
from voice_agent.audio.frame import FRAME_BYTES

PANELS = [
    Panel("Calls", "calls", "ms", (Curve("p50", ((1, 500), (4, 600))),), (("wanted", 600),)),
    Panel("Media", "ms", "%", (Curve("all", ((0.1, 50), (9, 100))),), (("p99", 20),), True, True),
    Panel("Turns", "%", "ms", (Curve("ours", ((1, 2),)), Curve("silence", ((2, 3),)))),
]


def test_a_section_that_fails_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(["no_such_section", "nor_this_one"])
    assert [each.name for each in ran] == ["no_such_section", "nor_this_one"]
    assert not any(each.is_whole for each in ran)
    assert capsys.readouterr().out.count("**Not measured**: ModuleNotFoundError") == 2


def test_a_section_nobody_knows_is_refused_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["calls", "speed"]) == 2
    assert "no section speed; there are calls, greeting" in capsys.readouterr().err


def test_the_picture_is_small_and_the_same_for_the_same_figures(tmp_path: Path) -> None:
    first, second = tmp_path / "1.svg", tmp_path / "2.svg"
    draw(PANELS, first)
    draw(PANELS, second)
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size < 60_000
    assert all(panel.title in first.read_text("utf-8") for panel in PANELS)


def test_speech_of_a_thin_call_is_whole_frames_with_silence_behind() -> None:
    made = frames(b"\x10" * (FRAME_BYTES + 1), silence_s=0.1)
    assert len(made) == 7
    assert made[-1] == frames(b"", 0.02)[0]
