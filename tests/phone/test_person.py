"""The person at the telephone, in simulated time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from voice_agent.phone.person import TICK, Deed, Person
from voice_agent.phone.playout import Playout
from voice_agent.phone.script import (
    HangUp,
    Listen,
    PressKey,
    Say,
    Stay,
    Step,
    Wait,
    conversation,
)

SECOND = b"\x80" * 8000


def live(person: Person, ear: Playout, start: float, seconds: float) -> list[tuple[float, Deed]]:
    """Tick through some seconds; returns what the person did but stay silent."""
    done = []
    for tick in range(round(seconds / TICK)):
        now = start + tick * TICK
        ear.due(now)
        deed = person.act(now, ear)
        if deed != Deed():
            done.append((round(now, 2), deed))
        if deed.leaves:
            break
    return done


def test_speech_leaves_in_frames_of_20_ms_and_the_last_is_filled_up() -> None:
    person = Person([Say(b"\x01" * 400, "a"), Stay()])
    deeds = live(person, Playout(), 0.0, 1.0)
    frames = [deed.frame for _, deed in deeds]
    assert frames == [b"\x01" * 160, b"\x01" * 160, b"\x01" * 80 + b"\xff" * 80]
    spoken = deeds[-1][1].spoken
    assert spoken is not None
    assert (spoken.start, spoken.end) == pytest.approx((-0.02, 0.04))


def test_a_script_at_its_end_hangs_up() -> None:
    assert live(Person([]), Playout(), 0.0, 1.0) == [(0.0, Deed(leaves=HangUp()))]


def test_staying_never_hangs_up() -> None:
    assert live(Person([Stay()]), Playout(), 0.0, 60.0) == []


def test_waiting_takes_its_time() -> None:
    deeds = live(Person([Wait(0.5), PressKey("1"), Stay()]), Playout(), 0.0, 2.0)
    assert deeds == [(0.5, Deed(key="1"))]


def test_listening_ends_when_all_was_heard_and_silence_followed() -> None:
    ear = Playout()
    ear.queue(SECOND, 0.0)
    deeds = live(Person([Listen(quiet=0.6), PressKey("1"), Stay()]), ear, 0.0, 3.0)
    assert deeds == [(1.6, Deed(key="1", listened=True))]


def test_listening_waits_for_the_mark_as_well() -> None:
    ear = Playout()
    ear.queue(SECOND, 0.0)
    ear.mark("end", 0.0)
    person = Person([Listen(), PressKey("1"), Stay()])
    assert person.act(0.5, ear) == Deed()
    assert not ear.is_quiet(5.0)
    assert person.act(5.0, ear) == Deed()
    ear.due(5.0)
    assert person.act(5.0, ear).key == "1"


def test_one_who_is_not_answered_goes_on_in_the_end() -> None:
    deeds = live(Person([Listen(begin_within=2.0), PressKey("0"), Stay()]), Playout(), 0.0, 5.0)
    assert [(at, deed.key) for at, deed in deeds] == [(2.0, "0")]


def test_what_was_heard_before_speaking_is_not_the_answer() -> None:
    """After speaking, listening begins anew: old sound does not count."""
    ear = Playout()
    ear.queue(SECOND, 0.0)
    person = Person([Listen(), Say(b"\x01" * 160), Listen(begin_within=9.0), PressKey("#"), Stay()])
    early = live(person, ear, 0.0, 4.0)
    assert [deed.key for _, deed in early] == [None]
    ear.queue(SECOND, 4.0)
    assert [(at, deed.key) for at, deed in live(person, ear, 4.0, 4.0)] == [(5.6, "#")]


def test_who_is_still_speaking_is_heard_out() -> None:
    ear = Playout()
    ear.queue(SECOND * 3, 0.0)
    person = Person([Say(b"\x01" * 160), Listen(quiet=0.6), PressKey("1"), Stay()])
    deeds = live(person, ear, 0.5, 5.0)
    assert [(at, deed.key) for at, deed in deeds if deed.key] == [(3.6, "1")]


def test_what_a_clear_took_away_is_not_the_answer() -> None:
    ear = Playout()
    person = Person([Say(b"\x01" * 160), Listen(begin_within=9.0), PressKey("#"), Stay()])
    live(person, ear, 0.0, 0.04)
    ear.queue(SECOND * 5, 0.1)
    ear.clear(0.3)
    assert live(person, ear, 0.3, 3.0) == []


def test_waking_is_foretold_so_that_time_can_be_skipped() -> None:
    ear = Playout()
    ear.queue(SECOND * 20, 0.0)
    assert Person([Listen(quiet=0.5)]).wakes_at(0.0, ear) == 20.5
    assert Person([Wait(7.0)]).wakes_at(1.0, ear) == 8.0
    assert Person([Stay()]).wakes_at(1.0, ear) == float("inf")
    assert Person([Say(SECOND)]).wakes_at(1.0, ear) == 1.0 + TICK


def test_a_script_may_decide_as_it_goes() -> None:
    taken: list[str] = []

    def script() -> Iterator[Step]:
        taken.append("first")
        yield Wait(1.0)
        taken.append("second")
        yield HangUp(abrupt=True)

    person = Person(script())
    person.act(0.0, Playout())
    assert taken == ["first"]
    assert person.act(1.0, Playout()).leaves == HangUp(abrupt=True)


def test_the_usual_conversation() -> None:
    say = Say(b"\x01", "a")
    assert conversation([say]) == [Listen(), PressKey("1"), Listen(), say, Listen(), HangUp()]
    assert conversation([say], ["5", "1"], key_after=0.5, hang_up_after=2.0) == [
        Wait(0.5),
        PressKey("5"),
        Wait(0.5),
        PressKey("1"),
        Listen(),
        say,
        Wait(2.0),
        HangUp(),
    ]
