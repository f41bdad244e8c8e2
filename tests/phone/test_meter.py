from __future__ import annotations

from tests.phone.fake_agent import tone
from voice_agent.audio.mulaw import SILENCE
from voice_agent.phone.meter import Meter
from voice_agent.phone.person import Deed, Spoken
from voice_agent.phone.recording import Recording
from voice_agent.phone.report import AgentSpoke, CallerSpoke, Report, TurnMeasured
from voice_agent.phone.script import Say


def test_a_turn_is_measured_from_sound_to_sound_not_from_file_to_file() -> None:
    """The file ends in half a second of silence; the answer comes in the middle of it."""
    recording = Recording()
    reports: list[Report] = []
    meter = Meter(recording, reports.append)
    say = Say(SILENCE * 1600 + tone(1.0) + SILENCE * 4000, "a.wav")
    recording.caller.queue(say.mulaw, 0.0)
    recording.agent.queue(tone(1.0), 1.5)
    meter.note(Deed(frame=b"", spoken=Spoken(say, 0.0, 1.7)), 1.7)
    meter.note(Deed(listened=True), 3.1)
    assert reports == [
        CallerSpoke(0.2, 1.0, "a.wav"),
        TurnMeasured(1, "a.wav", 0.3, 0.0),
        AgentSpoke(1.5, 1.0),
    ]
    assert meter.turns == [reports[1]]


def test_a_file_of_silence_is_no_turn() -> None:
    reports: list[Report] = []
    meter = Meter(Recording(), reports.append)
    meter.note(Deed(spoken=Spoken(Say(SILENCE * 800), 0.0, 0.1)), 0.1)
    meter.close(5.0)
    assert reports == []


def test_speaking_again_closes_the_turn_before() -> None:
    reports: list[Report] = []
    meter = Meter(Recording(), reports.append)
    say = Say(tone(0.5), "a")
    meter.note(Deed(frame=b"", spoken=Spoken(say, 0.0, 0.5)), 0.5)
    meter.note(Deed(frame=b""), 0.52)
    assert reports[-1] == TurnMeasured(1, "a", None, 0.0)


def test_a_recording_that_was_heard_is_no_answer() -> None:
    recording = Recording()
    reports: list[Report] = []
    meter = Meter(recording, reports.append)
    recording.agent.queue(tone(1.0), 0.0)
    meter.note(Deed(listened=True), 1.6, to_recording=True)
    recording.agent.queue(tone(0.5), 2.0)
    meter.note(Deed(listened=True), 3.0)
    assert [report.type for report in reports] == ["heard"]
    assert isinstance(reports[0], AgentSpoke)
    assert reports[0].at == 2.0
