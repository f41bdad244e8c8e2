"""Who is rung up next and when: never outside the hours, never twice, never without a permit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.outreach import OutreachPermit, Refusal, permit
from tests.outbound.company import (
    BERLIN,
    DAY,
    GIVEN,
    HOLIDAYS,
    HOUR,
    MINUTE,
    NOW,
    POLICY,
    YEARS,
    Situations,
    reminder,
)
from voice_agent.outbound.plan import Known, OutboundPlan, PlannedCall, PlannedText, Why, plan
from voice_agent.outbound.reminder import Policy, Reminder, State, Texting
from voice_agent.tools.appointment import PersonKey

SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    """A time of day by the clock on the wall."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def only(
    one: Reminder, known: Known | None = None, policy: Policy = POLICY, now: datetime = NOW
) -> PlannedCall | PlannedText | Why | Refusal:
    """What is planned of one reminder."""
    found = plan([one], known or Known(), policy, now)
    return (*found.calls, *found.texts, *found.left.values())[0]


def times(found: OutboundPlan) -> dict[str, datetime]:
    return {call.reminder: call.at for call in found.calls}


# -- one person ------------------------------------------------------------------------------------


def test_somebody_is_rung_up_as_soon_as_may_be_before_their_appointment() -> None:
    assert only(reminder()) == PlannedCall(reminder="r1", also=(), at=NOW, attempt=1)
    far = at("2026-12-03 15:00")
    assert times(plan([reminder(starts_at=far)], Known(), POLICY, NOW)) == {"r1": far - 48 * HOUR}


@pytest.mark.parametrize(
    ("now", "starts", "rung"),
    [
        ("2026-11-26 20:00", "2026-11-27 15:00", "2026-11-27 09:00"),  # tomorrow at nine
        ("2026-11-27 23:59", "2026-11-30 18:00", "2026-11-30 09:00"),  # over the weekend
        ("2026-12-24 19:00", "2026-12-28 16:00", "2026-12-28 09:00"),  # over Christmas
        ("2026-12-31 19:00", "2027-01-04 12:00", "2027-01-04 09:00"),  # over the year's end
        ("2026-10-24 12:00", "2026-10-26 12:00", "2026-10-26 09:00"),  # the clock goes back
        ("2027-03-27 12:00", "2027-03-30 12:00", "2027-03-30 09:00"),  # forward, and Easter
    ],
)
def test_c26_outside_the_hours_the_call_waits_for_the_next_ones(
    now: str, starts: str, rung: str
) -> None:
    found = only(reminder(starts_at=at(starts)), now=at(now))
    assert isinstance(found, PlannedCall)
    assert found.at == at(rung)


@pytest.mark.parametrize(
    ("changed", "known", "why"),
    [
        ({"state": State.DONE}, Known(), Why.DONE),
        ({"state": State.TEXTED}, Known(), Why.TEXTED),
        ({"state": State.RUNNING}, Known(), Why.RUNNING),
        ({"appointment": "a"}, Known(starts={"a": None}), Why.CANCELLED),
        ({"appointment": "a"}, Known(starts={"a": NOW + 2 * DAY}), Why.MOVED),
        ({}, Known(paused=True), Why.PAUSED),
        ({}, Known(listed=frozenset({"p-r1"})), Refusal.LISTED),
        ({"consent": None}, Known(), Refusal.NO_CONSENT),
        ({"consent": replace(GIVEN, withdrawn_at=NOW)}, Known(), Refusal.NO_CONSENT),
        ({"special": True}, Known(), Refusal.SPECIAL_NUMBER),
        ({"country": "US"}, Known(), Refusal.COUNTRY),
        ({"attempts": 2}, Known(), Refusal.ATTEMPTS),
        ({"starts_at": NOW}, Known(), Refusal.OVER),
        ({"starts_at": NOW - DAY}, Known(), Refusal.OVER),
        ({"starts_at": NOW + 2 * HOUR}, Known(), Why.TOO_LATE),
        ({"starts_at": at("2026-11-27 10:00"), "last_at": NOW - MINUTE, "attempts": 1},
         Known(), None),
        ({"starts_at": NOW + 5 * HOUR, "last_at": NOW, "attempts": 1}, Known(), Why.TOO_LATE),
        ({"appointment": "a"}, Known(starts={"a": NOW + DAY}), None),
        ({"appointment": "a"}, Known(starts={"b": None}), None),
    ],
)  # fmt: skip
def test_c26_whoever_is_not_rung_up_has_a_reason(
    changed: dict[str, object], known: Known, why: Why | Refusal | None
) -> None:
    found = only(reminder(**changed), known)  # type: ignore[arg-type]  # (fields of a reminder)
    assert isinstance(found, PlannedCall) if why is None else found is why


def test_a_second_attempt_comes_after_the_spacing_within_the_hours() -> None:
    tried = reminder(starts_in=26 * HOUR, attempts=1, last_at=NOW)
    assert only(tried) == PlannedCall(reminder="r1", also=(), at=NOW + 4 * HOUR, attempt=2)
    evening = at("2026-11-26 18:00")
    later = only(replace(tried, last_at=evening), now=evening)
    assert isinstance(later, PlannedCall)
    assert later.at == at("2026-11-27 09:00")


# -- text messages ---------------------------------------------------------------------------------


def test_a_message_goes_instead_of_a_call_to_those_who_can_read_it() -> None:
    policy = replace(POLICY, texting=Texting.INSTEAD)
    assert only(reminder(), policy=policy) == PlannedText(reminder="r1", at=NOW)
    assert isinstance(only(reminder(textable=False), policy=policy), PlannedCall)


def test_a_message_goes_after_the_last_attempt() -> None:
    policy = replace(POLICY, texting=Texting.AFTER)
    assert isinstance(only(reminder(attempts=1), policy=policy), PlannedCall)
    assert only(reminder(attempts=2), policy=policy) == PlannedText(reminder="r1", at=NOW)
    assert only(reminder(attempts=2, textable=False), policy=policy) is Refusal.ATTEMPTS


@pytest.mark.parametrize("texting", [Texting.INSTEAD, Texting.AFTER])
def test_c26_no_message_goes_where_nobody_may_be_rung_up(texting: Texting) -> None:
    policy = replace(POLICY, texting=texting)
    for attempts in (0, 2):
        listed = Known(listed=frozenset({"p-r1"}))
        assert only(reminder(attempts=attempts), listed, policy) is Refusal.LISTED
        assert only(reminder(attempts=attempts, consent=None), policy=policy) is Refusal.NO_CONSENT


# -- several ---------------------------------------------------------------------------------------


def test_two_appointments_of_one_person_are_one_call() -> None:
    two = [reminder("r2", 2 * DAY, person="p"), reminder("r1", DAY, person="p")]
    found = plan(two, Known(), POLICY, NOW)
    assert found.calls == (PlannedCall(reminder="r1", also=("r2",), at=NOW, attempt=1),)
    assert found.left == {}


@pytest.mark.parametrize("second", ["c-2", None])
def test_c23_appointments_of_two_people_with_one_number_are_two_calls(second: str | None) -> None:
    """Neither may hear of the other's, so nobody could be told of both."""
    mine = None if second is None else PersonKey("c-1")
    theirs = PersonKey(second or "c-2")
    found = plan(
        [
            reminder("r1", person="p", customer=mine),
            reminder("r2", DAY + HOUR, person="p", customer=theirs),
            reminder("r3", DAY + 2 * HOUR, person="p", customer=mine),
        ],
        Known(),
        POLICY,
        NOW,
    )
    assert [(call.reminder, call.also) for call in found.calls] == [("r1", ("r3",))]
    assert found.left == {"r2": Why.WAITS}


def test_c23_an_appointment_that_names_nobody_is_told_along_with_the_persons_own() -> None:
    both = [
        reminder("r1", person="p", customer=PersonKey("c-1")),
        reminder("r2", DAY + HOUR, person="p"),
    ]
    assert [call.also for call in plan(both, Known(), POLICY, NOW).calls] == [("r2",)]


def test_appointments_that_are_far_apart_are_told_of_one_after_the_other() -> None:
    two = [reminder("r1", DAY, person="p"), reminder("r2", 9 * DAY, person="p")]
    found = plan(two, Known(), POLICY, NOW)
    assert times(found) == {"r1": NOW}
    assert found.left == {"r2": Why.WAITS}
    found = plan([replace(two[0], state=State.DONE), two[1]], Known(), POLICY, NOW)
    assert times(found) == {"r2": at("2026-12-03 10:00")}


def test_what_may_not_be_told_is_not_told_along_with_something_else() -> None:
    two = [reminder("r1", DAY, person="p"), reminder("r2", DAY, person="p", consent=None)]
    found = plan(two, Known(), POLICY, NOW)
    assert found.calls[0].also == ()
    assert found.left == {"r2": Refusal.NO_CONSENT}


def test_nobody_is_rung_up_while_they_are_being_rung_up() -> None:
    two = [reminder("r1", person="p", state=State.RUNNING), reminder("r2", person="p")]
    assert plan(two, Known(), POLICY, NOW).left == {"r1": Why.RUNNING, "r2": Why.WAITS}


def test_an_appointment_nobody_can_be_told_of_in_time_does_not_hide_the_next_one() -> None:
    two = [reminder("r1", HOUR, person="p"), reminder("r2", DAY, person="p")]
    found = plan(two, Known(), POLICY, NOW)
    assert times(found) == {"r2": NOW}
    assert found.left == {"r1": Why.TOO_LATE}


def test_the_nearest_appointment_is_first() -> None:
    three = [reminder("late", 30 * HOUR), reminder("soon", 4 * HOUR), reminder("mid", 9 * HOUR)]
    found = plan(three, Known(), replace(POLICY, at_once=1), NOW)
    assert [call.reminder for call in found.calls] == ["soon", "mid", "late"]
    gaps = [b.at - a.at for a, b in zip(found.calls, found.calls[1:], strict=False)]
    assert gaps == [POLICY.call] * 2


def test_a_line_that_is_taken_is_waited_for_and_the_pace_is_kept() -> None:
    policy = replace(POLICY, at_once=3, per_second=0.5)
    four = [reminder(str(number)) for number in range(4)]
    known = Known(running=1, last_dial=NOW - SECOND)
    moments = [call.at - NOW for call in plan(four, known, policy, NOW).calls]
    assert moments == [SECOND, 3 * SECOND, policy.call, policy.call + 2 * SECOND]


def test_who_cannot_be_rung_up_in_time_because_all_lines_are_taken_is_left() -> None:
    policy = replace(POLICY, at_once=1, call=2 * HOUR)
    found = plan([reminder(str(n), 6 * HOUR) for n in range(4)], Known(), policy, NOW)
    assert [call.at for call in found.calls] == [NOW, NOW + 2 * HOUR]
    assert list(found.left.values()) == [Why.TOO_LATE] * 2


def test_c26_who_cannot_be_rung_up_before_the_evening_is_rung_up_in_the_morning() -> None:
    policy, evening = replace(POLICY, at_once=1, call=2 * HOUR), at("2026-11-26 18:30")
    two = [reminder("r1", 30 * HOUR), reminder("r2", 31 * HOUR)]
    found = plan(two, Known(), policy, evening)
    assert times(found) == {"r1": evening, "r2": at("2026-11-27 09:00")}


def test_ten_thousand_reminders_are_planned() -> None:
    many = [reminder(str(n), (n % 20_000) * MINUTE, person=str(n % 9000)) for n in range(10_000)]
    found = plan(many, Known(), replace(POLICY, at_once=10), NOW)
    assert (
        len(found.calls) + sum(len(call.also) for call in found.calls) + len(found.left) == 10_000
    )
    assert len(found.calls) > 4000


# -- whatever the situation ------------------------------------------------------------------------


def check(situations: Situations, most: int) -> int:
    """Plan a situation, and hold the plan against what no plan may do; how many calls it had."""
    now, policy = situations.now(), situations.policy()
    reminders = situations.reminders(now, most)
    known = situations.known(reminders, now)
    found = plan(reminders, known, policy, now)
    by_key = {each.key: each for each in reminders}
    # Everything is in the plan, once.
    told = [key for call in found.calls for key in (call.reminder, *call.also)]
    everything = Counter([*told, *(text.reminder for text in found.texts), *found.left])
    assert everything == Counter(by_key.keys())
    # Nobody is rung up twice.
    people = [by_key[call.reminder].person for call in found.calls]
    assert len(set(people)) == len(people)
    for call in found.calls:
        one = by_key[call.reminder]
        insist_hours(call.at, policy)
        assert now <= call.at <= one.starts_at - policy.last
        assert call.at >= one.starts_at - policy.first
        insist_permitted(call, one, known, policy, situations)
        for key in call.also:
            other = by_key[key]
            assert other.person == one.person
            facts = policy.facts(other, call.at, listed=other.person in known.listed)
            assert isinstance(permit(facts), OutreachPermit)
    for text in found.texts:
        insist_hours(text.at, policy)
        assert by_key[text.reminder].textable
    insist_pace(found.calls, known, policy)
    return len(found.calls)


def insist_hours(moment: datetime, policy: Policy) -> None:
    """By the clock on the wall, without the code that is tested."""
    wall = moment.astimezone(policy.hours.zone)
    assert wall.date() not in HOLIDAYS
    assert wall.year in YEARS
    assert wall.weekday() != 6
    minute = wall.hour * 60 + wall.minute
    assert any(begin <= minute < end for begin, end in policy.hours.days[wall.weekday()])


def insist_permitted(
    call: PlannedCall, one: Reminder, known: Known, policy: Policy, situations: Situations
) -> None:
    """There is a permit at the planned moment; one of a later moment holds within the hours."""
    listed = one.person in known.listed
    assert not listed
    assert not known.paused
    assert one.state is State.OPEN
    made = permit(policy.facts(one, call.at, listed=listed))
    assert isinstance(made, OutreachPermit)
    made.spend(call.reminder, call.attempt, call.at)
    late = call.at + situations.later()
    again = permit(policy.facts(one, late, listed=listed))
    if isinstance(again, OutreachPermit):
        insist_hours(late, policy)
        insist_hours(again.until - timedelta(microseconds=1), policy)


def insist_pace(calls: tuple[PlannedCall, ...], known: Known, policy: Policy) -> None:
    """No more at once and in a second than may be."""
    gap = 1 / policy.per_second
    last = known.last_dial
    for number, call in enumerate(calls):
        assert last is None or (call.at - last).total_seconds() >= gap
        last = call.at
        running = [each for each in calls[:number] if each.at + policy.call > call.at]
        assert len(running) < policy.at_once


@given(seed=st.integers(0, 2**64), most=st.sampled_from([1, 3, 12, 60]))
def test_c26_no_plan_rings_up_anybody_outside_hours_twice_or_without_permit(
    seed: int, most: int
) -> None:
    check(Situations(seed), most)


def test_c26_no_dial_is_outside_the_permit_in_a_hundred_thousand_situations() -> None:
    situations = Situations(2026)
    calls = [check(situations, 4) for _ in range(100_000)]
    assert sum(1 for each in calls if each > 0) > 15_000  # they are not all refused
    assert sum(1 for each in calls if each == 0) > 10_000
