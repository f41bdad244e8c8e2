from __future__ import annotations

from voice_agent.live.observation import AnswerHeard, CallEnded, CallerSaid, Stage, TurnTimed
from voice_agent.runtime.metrics import Metrics


def test_what_happened_is_counted_by_kind() -> None:
    metrics = Metrics()
    metrics.count("recognitions")
    metrics.count("recognitions")
    assert metrics.counted("recognitions") == 2
    assert metrics.counted("never") == 0


def test_a_calls_observations_are_counted_without_their_words() -> None:
    metrics = Metrics()
    metrics.observe(CallEnded("hung_up"))
    metrics.observe(CallerSaid(1, "Kanarienvogel"))
    assert metrics.counted("call_hung_up") == 1
    text = metrics.exposition().decode()
    assert "Kanarienvogel" not in text


def test_every_stage_of_a_turn_is_measured() -> None:
    metrics = Metrics()
    metrics.observe(TurnTimed(1, 5000, 0.7, 0.2, 0.1, 140, 190, 420, 440, 450))
    metrics.observe(AnswerHeard(1, 760))
    text = metrics.exposition().decode()
    sums = {
        "pause": 0.14,
        "judged": 0.19,
        "transcript": 0.42,
        "decided": 0.44,
        "reply": 0.45,
        "sent": 0.7,
        "heard": 0.76,
    }
    for stage, seconds in sums.items():
        assert f'voice_agent_turn_seconds_sum{{stage="{stage}"}} {seconds}\n' in text
        assert f'voice_agent_turn_seconds_count{{stage="{stage}"}} 1.0\n' in text


def test_a_stage_that_did_not_happen_is_not_measured_and_no_stage_is_without_a_row() -> None:
    metrics = Metrics()
    metrics.observe(TurnTimed(1, 5000, 0.7))
    text = metrics.exposition().decode()
    for stage in Stage:
        happened = float(stage is Stage.SENT)
        assert f'voice_agent_turn_seconds_count{{stage="{stage}"}} {happened}\n' in text


def test_calls_work_and_lateness_are_measured() -> None:
    metrics = Metrics()
    metrics.call_began()
    metrics.call_began()
    metrics.call_ended()
    metrics.seconds("recognition", 0.25)
    metrics.sent_late(0.003)
    text = metrics.exposition().decode()
    assert "voice_agent_calls 1.0" in text
    assert 'voice_agent_work_seconds_sum{engine="recognition"} 0.25' in text
    assert "voice_agent_send_late_seconds_count 1.0" in text


def test_two_processes_worth_of_metrics_do_not_mix() -> None:
    one, other = Metrics(), Metrics()
    one.count("calls_received")
    assert other.counted("calls_received") == 0
