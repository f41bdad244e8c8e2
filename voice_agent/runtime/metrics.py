"""What is counted and timed, in Prometheus' text form. No label has a caller's data in it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from voice_agent.live.observation import (
    AnswerHeard,
    CallEnded,
    Observation,
    Stage,
    TurnTimed,
    Withheld,
)

_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_MOMENTS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
_LATE = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5)


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._events = Counter(
            "voice_agent_events_total", "What happened, by kind", ["kind"], registry=self.registry
        )
        self._work = Histogram(
            "voice_agent_work_seconds",
            "Time an engine took for one piece of work",
            ["engine"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        turn = Histogram(
            "voice_agent_turn_seconds",
            "From the caller's last sound to each stage of the answer",
            ["stage"],
            buckets=_MOMENTS,
            registry=self.registry,
        )
        self._turn = {stage: turn.labels(stage.value) for stage in Stage}
        self._late = Histogram(
            "voice_agent_send_late_seconds",
            "How late audio was sent",
            buckets=_LATE,
            registry=self.registry,
        )
        self._calls = Gauge("voice_agent_calls", "Calls being held", registry=self.registry)

    def count(self, kind: str) -> None:
        """Count an event of this kind; kinds are words of the program, never data."""
        self._events.labels(kind).inc()

    def counted(self, kind: str) -> float:
        """How often ``count`` was called for this kind."""
        return self.registry.get_sample_value("voice_agent_events_total", {"kind": kind}) or 0.0

    def seconds(self, engine: str, seconds: float) -> None:
        """Note how long an engine worked."""
        self._work.labels(engine).observe(seconds)

    def sent_late(self, seconds: float) -> None:
        """Note by how much a send missed its time."""
        self._late.observe(seconds)

    def call_began(self) -> None:
        """A stream was accepted."""
        self._calls.inc()

    def call_ended(self) -> None:
        """It is gone."""
        self._calls.dec()

    def observe(self, observation: Observation) -> None:
        """Take from an observation what can be counted."""
        match observation:
            case TurnTimed(moments=moments):
                for stage, ms in moments.items():
                    self._turn[stage].observe(ms / 1000)
            case AnswerHeard(heard_ms=heard_ms):
                self._turn[Stage.HEARD].observe(heard_ms / 1000)
            case CallEnded(reason=reason):
                self.count(f"call_{reason}")
            case Withheld():
                self.count("sentence_withheld")
            case _:
                pass

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
