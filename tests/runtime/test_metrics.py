from __future__ import annotations

from voice_agent.live.observation import CallEnded, CallerSaid, TurnTimed
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
    metrics.observe(TurnTimed(1, 0, 0.7))
    metrics.observe(CallerSaid(1, "Kanarienvogel"))
    assert metrics.counted("call_hung_up") == 1
    text = metrics.exposition().decode()
    assert "voice_agent_answer_seconds_count 1.0" in text
    assert "Kanarienvogel" not in text


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
