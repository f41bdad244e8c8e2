from __future__ import annotations

from voice_agent.call.timers import Timer, Timers


def test_the_earliest_deadline_counts() -> None:
    timers = Timers()
    assert timers.earliest is None
    timers.set(Timer.LIMIT, 900.0)
    timers.set(Timer.KEY, 6.0)
    assert timers.earliest == 6.0


def test_a_deadline_is_due_at_its_time_and_only_once() -> None:
    timers = Timers()
    timers.set(Timer.KEY, 6.0)
    assert timers.take_due(5.999) is None
    assert timers.take_due(6.0) is Timer.KEY
    assert timers.take_due(6.0) is None


def test_deadlines_are_due_in_the_order_of_their_times() -> None:
    timers = Timers()
    for at, timer in enumerate(reversed(Timer)):
        timers.set(timer, float(at))
    assert [timers.take_due(100.0) for _ in Timer] == list(reversed(Timer))


def test_setting_a_deadline_again_moves_it() -> None:
    timers = Timers()
    timers.set(Timer.LINE, 1.0)
    timers.set(Timer.LINE, 2.0)
    assert timers.take_due(1.5) is None


def test_a_deadline_that_was_never_set_can_be_cancelled() -> None:
    timers = Timers()
    timers.cancel(Timer.KEY, Timer.MARK)
    assert Timer.KEY not in timers
