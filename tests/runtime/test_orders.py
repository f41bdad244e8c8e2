from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from voice_agent.call.control import ControlState, ControlView
from voice_agent.call.events import (
    Event,
    OperatorCame,
    OperatorEnded,
    OperatorGaveBack,
    OperatorHeld,
    OperatorKeyed,
    OperatorLeft,
    OperatorSaid,
    OperatorTransferred,
)
from voice_agent.live.command import Answer, Command, Outcome, Verb
from voice_agent.live.memory import MemoryLive
from voice_agent.live.snapshot import WAITING, CallSnapshot, Standing, call_key
from voice_agent.runtime.live_call import LiveCall
from voice_agent.runtime.orders import Orders

CALL = "CA" + "1" * 32
ME, OTHER = "a" * 32, "b" * 32
AGENT = ControlView(ControlState.AGENT, "", can_take=True)
MINE = ControlView(ControlState.TALKING, ME, can_take=False)
THEIRS = ControlView(ControlState.TALKING, OTHER, can_take=False)
CLOSED = ControlView(ControlState.AGENT, "", can_take=False)
NUMBER = "+4930901825"
TEXTS = {Verb.SAY: "Guten Tag.", Verb.SUGGEST: "Termin", Verb.TONES: "12#", Verb.TRANSFER: NUMBER}


@dataclass
class Room:
    """A call, who speaks in it, and what is asked of it."""

    control: ControlView = AGENT
    consent: str = Standing.GIVEN
    phase: str = "conversing"
    dialled: frozenset[str] = frozenset({NUMBER})
    erased: list[str] = field(default_factory=list)
    posted: list[Event] = field(default_factory=list)

    def obey(
        self, verb: Verb, operator: str = ME, text: str | None = None, *, senior: bool = False
    ) -> Answer:
        """Have a command carried out."""
        key = call_key(CALL)
        snapshot = CallSnapshot(call=key, worker="w", language="de", began_at=0.0)
        call = LiveCall(
            replace(snapshot, consent=self.consent, phase=self.phase),
            CALL,
            MemoryLive("w"),
            lambda: 0.0,
            words=frozenset(),
            dirty=lambda: None,
            over=lambda _: None,
        )
        call.attach(self.posted.append, lambda: self.control)
        orders = Orders(may_dial=self.dialled.__contains__, erase=self.erased.append)
        self.call = call
        command = Command(
            id="0" * 32,
            call=key,
            operator=operator,
            name="Frau Beispiel",
            verb=verb,
            text=TEXTS.get(verb, "") if text is None else text,
            senior=senior,
            issued_at=0.0,
        )
        return orders.obey(command, call)


async def test_whoever_comes_first_takes_the_call() -> None:
    room = Room()
    assert room.obey(Verb.TAKE_OVER).outcome is Outcome.DONE
    assert room.posted == [OperatorCame(ME, "Frau Beispiel")]


async def test_whoever_comes_second_is_told_who_has_it() -> None:
    room = Room(THEIRS)
    assert room.obey(Verb.TAKE_OVER) == Answer(Outcome.TAKEN, OTHER)
    assert room.posted == []


async def test_taking_over_twice_takes_over_once() -> None:
    room = Room(MINE)
    assert room.obey(Verb.TAKE_OVER) == Answer(Outcome.DONE, ME)
    assert room.posted == []


@pytest.mark.parametrize("consent", [Standing.NONE, Standing.WITHDRAWN])
@pytest.mark.parametrize("verb", [Verb.TAKE_OVER, Verb.SAY, Verb.SUGGEST, Verb.TRANSFER])
async def test_c22_nothing_is_asked_of_a_call_without_consent(verb: Verb, consent: str) -> None:
    room = Room(CLOSED, consent)
    assert room.obey(verb).outcome is Outcome.NO_CONSENT
    assert room.posted == []


async def test_a_call_that_is_ending_is_not_taken_over() -> None:
    assert Room(CLOSED).obey(Verb.TAKE_OVER).outcome is Outcome.NOT_NOW


@pytest.mark.parametrize(
    ("verb", "event"),
    [
        (Verb.GIVE_BACK, OperatorGaveBack("")),
        (Verb.SAY, OperatorSaid("Guten Tag.")),
        (Verb.TONES, OperatorKeyed("12#")),
        (Verb.HOLD, OperatorHeld(on=True)),
        (Verb.TRANSFER, OperatorTransferred(NUMBER)),
        (Verb.GONE, OperatorLeft()),
        (Verb.END, OperatorEnded()),
    ],
)
async def test_whoever_holds_the_call_has_everything_done(verb: Verb, event: Event) -> None:
    room = Room(MINE)
    assert room.obey(verb) == Answer(Outcome.DONE, ME)
    assert room.posted == [event]


HOLDERS = [Verb.GIVE_BACK, Verb.SAY, Verb.SUGGEST, Verb.TONES, Verb.HOLD, Verb.RESUME]


@pytest.mark.parametrize("verb", [*HOLDERS, Verb.TRANSFER])
async def test_nobody_else_speaks_in_a_call_that_is_held(verb: Verb) -> None:
    room = Room(THEIRS)
    assert room.obey(verb) == Answer(Outcome.TAKEN, OTHER)
    assert room.posted == []


@pytest.mark.parametrize("verb", [Verb.GIVE_BACK, Verb.TONES, Verb.HOLD, Verb.RESUME])
async def test_what_needs_a_holder_is_not_done_without_one(verb: Verb) -> None:
    room = Room(AGENT)
    assert room.obey(verb).outcome is Outcome.NOT_NOW
    assert room.posted == []


@pytest.mark.parametrize("verb", [Verb.SAY, Verb.SUGGEST])
async def test_the_agent_says_and_takes_up_what_is_typed(verb: Verb) -> None:
    room = Room(AGENT)
    assert room.obey(verb).outcome is Outcome.DONE
    assert len(room.posted) == 1


@pytest.mark.parametrize("senior", [True, False])
async def test_a_call_that_another_holds_is_ended_by_whoever_may(senior: bool) -> None:
    room = Room(THEIRS)
    outcome = room.obey(Verb.END, senior=senior).outcome
    assert outcome is (Outcome.DONE if senior else Outcome.TAKEN)
    assert len(room.posted) == senior


async def test_a_call_that_nobody_holds_is_not_ended_by_whoever_held_it_once() -> None:
    room = Room(AGENT)
    assert room.obey(Verb.END).outcome is Outcome.NOT_NOW
    assert room.posted == []


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        (ControlState.ANNOUNCING, "give_back say transfer end"),
        (ControlState.TALKING, "give_back say tones hold transfer end"),
        (ControlState.HOLDING, "give_back resume transfer end"),
    ],
)
async def test_what_would_come_to_nothing_is_answered_so(state: ControlState, verbs: str) -> None:
    for verb in (*HOLDERS, Verb.TRANSFER, Verb.END):
        room = Room(ControlView(state, ME, can_take=False))
        done = room.obey(verb).outcome is Outcome.DONE
        assert done is (verb.value in verbs.split()), verb
        assert len(room.posted) == done


async def test_a_suggestion_makes_no_sense_to_a_caller_who_waits() -> None:
    room = Room(AGENT, phase=WAITING)
    assert room.obey(Verb.SUGGEST).outcome is Outcome.NOT_NOW
    assert room.obey(Verb.SAY).outcome is Outcome.DONE
    assert room.obey(Verb.TAKE_OVER).outcome is Outcome.DONE


async def test_music_ends_when_the_operator_says_so() -> None:
    room = Room(ControlView(ControlState.HOLDING, ME, can_take=False))
    room.obey(Verb.RESUME)
    assert room.posted == [OperatorHeld(on=False)]


async def test_a_number_that_may_not_be_dialled_is_refused() -> None:
    room = Room(MINE)
    assert room.obey(Verb.TRANSFER, text="+4990012345").outcome is Outcome.REFUSED
    assert room.posted == []


async def test_erasing_begins_at_once_and_ends_the_call() -> None:
    room = Room(THEIRS)
    assert room.obey(Verb.ERASE).outcome is Outcome.DONE
    assert (room.erased, room.posted) == ([CALL], [OperatorEnded()])


async def test_a_second_operator_listens_and_is_shown() -> None:
    room = Room(THEIRS)
    assert room.obey(Verb.LISTEN) == Answer(Outcome.DONE, OTHER)
    assert room.call.snapshot.listeners == [ME]
    assert room.posted == []


@pytest.mark.parametrize("control", [AGENT, MINE])
async def test_nobody_listens_to_a_call_without_an_operator_who_was_announced(
    control: ControlView,
) -> None:
    """C22: the caller knows of the one who speaks; before that nobody hears them."""
    room = Room(control)
    assert room.obey(Verb.LISTEN).outcome is Outcome.NOT_NOW
    assert room.call.snapshot.listeners == []


async def test_a_listener_whose_page_is_gone_does_not_end_the_takeover() -> None:
    room = Room(THEIRS)
    assert room.obey(Verb.GONE).outcome is Outcome.DONE
    assert room.posted == []
