from __future__ import annotations

from itertools import product

import pytest

from voice_agent.call.phase import TRANSITIONS, Phase, step
from voice_agent.call.progress import WAITS, Progress
from voice_agent.call.timers import Timer, Timers
from voice_agent.errors import IllegalEvent


def test_the_tables_name_every_phase() -> None:
    assert set(TRANSITIONS) == set(WAITS) == set(Phase)


def test_every_phase_can_be_reached_and_every_phase_can_end() -> None:
    reached = {Phase.CREATED}
    while more := {there for here in reached for there in TRANSITIONS[here]} - reached:
        reached |= more
    assert reached == set(Phase)
    assert all(Phase.ENDED in ways for here, ways in TRANSITIONS.items() if here is not Phase.ENDED)


def test_nothing_follows_the_end() -> None:
    assert TRANSITIONS[Phase.ENDED] == frozenset()


def test_no_way_leads_back_to_being_heard() -> None:
    """Not after a withdrawal, and not from the last words."""
    for here in (Phase.WITHDRAWN, Phase.HANDING_OVER, Phase.CLOSING):
        reached = {here}
        while more := {there for each in reached for there in TRANSITIONS[each]} - reached:
            reached |= more
        assert reached.isdisjoint({Phase.CONVERSING, Phase.COMMITTING, Phase.NOTICE})


def test_only_the_ledger_or_a_receipt_leads_to_a_call_that_is_heard() -> None:
    """Back to the agent it goes from an operator only, to whom only the conversation leads."""
    heard = {Phase.CONVERSING, Phase.WAITING, Phase.OPERATED}
    ways = {here for here, there in TRANSITIONS.items() if heard & there}
    assert ways - heard == {Phase.CREATED, Phase.COMMITTING}
    for here in ways - heard:
        assert TRANSITIONS[here] & heard == {Phase.CONVERSING}


@pytest.mark.parametrize(("here", "there"), list(product(Phase, Phase)), ids=str)
def test_a_step_that_is_not_in_the_table_is_refused(here: Phase, there: Phase) -> None:
    if there in TRANSITIONS[here]:
        assert step(here, there) is there
    else:
        with pytest.raises(IllegalEvent):
            step(here, there)


def test_a_refused_step_changes_nothing() -> None:
    timers = Timers()
    progress = Progress(timers)
    progress.enter(Phase.NOTICE)
    timers.set(Timer.KEY, 1.0)
    with pytest.raises(IllegalEvent):
        progress.enter(Phase.CREATED)
    assert progress.phase is Phase.NOTICE
    assert Timer.KEY in timers


def test_entering_a_phase_ends_every_wait_that_has_no_place_in_it() -> None:
    timers = Timers()
    progress = Progress(timers)
    progress.enter(Phase.CONVERSING)
    for at, timer in enumerate(Timer):
        timers.set(timer, float(at))
    progress.enter(Phase.WITHDRAWN)
    assert {timer for timer in Timer if timer in timers} == WAITS[Phase.WITHDRAWN]


def test_an_acceptance_is_remembered_before_the_ledger_has_answered() -> None:
    progress = Progress(Timers())
    accepted = []
    for phase in (Phase.NOTICE, Phase.COMMITTING, Phase.HANDING_OVER):
        progress.enter(phase)
        accepted.append(progress.has_accepted)
    assert accepted == [False, True, True]
