"""Dates and times in what the recogniser writes for people on the telephone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path

import pytest

from consent.sealed import Consented
from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import Utterance
from voice_agent.dialogue.slots.moments import read_moments
from voice_agent.dialogue.slots.reading import OpeningHours, Setting
from voice_agent.speech.whisper import WhisperRecogniser

pytestmark = pytest.mark.integration

RECORDINGS = Path(__file__).parents[1] / "recordings"
NOW = datetime.fromisoformat("2026-11-23T09:00")
HOURS = OpeningHours((((time(8), time(18)),),) * 5 + ((), ()))


@pytest.mark.parametrize(
    ("name", "language", "values"),
    [
        ("de03", "de", ["2026-11-30/2026-12-04"]),
        ("de04", "de", ["2026-11-24", "10:00"]),
        ("de05", "de", ["2026-11-25", "12:00/18:00"]),
        ("de06", "de", ["2026-11-25", "14:30"]),
        ("de08", "de", ["2026-11-27"]),
        ("de16", "de", ["2026-11-26"]),
        ("en02", "en", ["2026-11-30/2026-12-04"]),
        ("en04", "en", ["2026-11-25", "12:00/18:00"]),
        ("en05", "en", ["2026-11-25", "14:30"]),
        ("en13", "en", ["2026-11-26"]),
    ],
)
def test_what_is_heard_is_read(
    recogniser: WhisperRecogniser,
    seal: Callable[[bytes], Consented[Utterance]],
    name: str,
    language: str,
    values: list[str],
) -> None:
    sound = mulaw.encode(wav.read((RECORDINGS / f"{name}.wav").read_bytes()).mono())
    heard = recogniser.transcribe(seal(sound), language)
    readings = read_moments(heard.text, Setting(language, NOW, HOURS))
    assert [reading.value for reading in readings] == values
