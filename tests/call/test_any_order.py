"""Every event in any order, garbage included: what must hold whatever happens to a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from consent.gate import ConsentGate, GateState
from consent.purpose import Purpose
from consent.receipt import Receipt
from consent.sealed import Consented
from tests.call import texts
from tests.call.scene import CALL, receipt
from voice_agent.audio.frame import FRAME_BYTES, Frame
from voice_agent.call.actions import (
    Action,
    AskCallback,
    ClearAudio,
    CommitConsent,
    DropTake,
    Finish,
    Hurry,
    JudgeEndOfTurn,
    Observe,
    PassOn,
    RecordWithdrawal,
    SendAudio,
    SendMark,
    Synthesise,
    Transcribe,
    Understand,
    UseTool,
)
from voice_agent.call.control import ControlState
from voice_agent.call.events import (
    CallbackNoted,
    CallerGone,
    CallStarted,
    ConsentCommitted,
    ConsentFailed,
    DutyChanged,
    EndOfTurnJudged,
    Event,
    KeyPressed,
    LinkAnswered,
    LinkOutcome,
    MarkReached,
    MediaReceived,
    OperatorCame,
    OperatorEnded,
    OperatorGaveBack,
    OperatorHeld,
    OperatorKeyed,
    OperatorLeft,
    OperatorSaid,
    OperatorSpoke,
    OperatorSuggested,
    OperatorTransferred,
    QueueMoved,
    SpeechFailed,
    SpeechReady,
    Take,
    TimePassed,
    ToolAnswered,
    TranscriptFailed,
    TranscriptReady,
    UnderstandingFailed,
    Understood,
    WithdrawnElsewhere,
)
from voice_agent.call.phase import Phase
from voice_agent.call.session import CallSession
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.commands import (
    Affirm,
    AskKnowledge,
    Deny,
    FillSlot,
    Goodbye,
    HumanPlease,
    Repeat,
    Slower,
    StartFlow,
    SwitchLanguage,
    Thank,
    Wait,
    WithdrawConsent,
)
from voice_agent.dialogue.engine import PATIENCE, Engine
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.tool import AWAY, CATALOGUE, DENIED, ToolAnswer, ToolRequest
from voice_agent.errors import IllegalEvent
from voice_agent.live.observation import ControlChanged, KeyPressedSeen
from voice_agent.script import CallScript
from voice_agent.speech.ports import Transcript

PROMPTS: Final = texts.prompts()
FLOWS: Final = Flows(
    {**load_flows(texts.ROOT / "config" / "flows", PROMPTS), texts.PIN.name: texts.PIN},
    PROMPTS,
    frozenset(CATALOGUE),
)
ENGINE: Final = Engine(PROMPTS, texts.KNOWLEDGE, flows=FLOWS)
SCRIPT: Final = CallScript(texts.NOTICE, PROMPTS)

Counted = OperatorKeyed | DutyChanged | QueueMoved

LIMIT: Final = 10_000.0
LONGEST_CLIP: Final = 2.0
MOST_CLIPS: Final = 400

TEXTS: Final = st.one_of(
    st.sampled_from(
        [
            "",
            "ja",
            "Wann haben Sie geöffnet?",
            "Ich möchte einen Menschen sprechen",
            "Ich widerrufe",
            "I withdraw my consent",
            "Auf Wiederhören",
        ]
    ),
    st.text(max_size=30),
)
COMMANDS: Final = st.lists(
    st.sampled_from(
        [
            Affirm(),
            Deny(),
            Repeat(),
            Slower(),
            Wait(),
            Thank(),
            AskKnowledge("opening_hours"),
            AskKnowledge(None),
            StartFlow("book"),
            StartFlow("book_appointment"),
            StartFlow("request_callback"),
            FillSlot("service", "oil-change"),
            FillSlot("date", "2026-12-01"),
            FillSlot("start", "Dienstag, 1. Dezember um 9:00 Uhr"),
            FillSlot("name", "Fischer"),
            FillSlot("phone", "+4930901820"),
            StartFlow("complaint"),
            FillSlot("pin", "4711"),
            SwitchLanguage("en"),
            SwitchLanguage("xx"),
            HumanPlease(),
            Goodbye(),
            WithdrawConsent(),
        ]
    ),
    max_size=3,
).map(tuple)
RECEIPTS: Final = st.sampled_from(
    [receipt(), receipt("CA2"), receipt(CALL, Purpose.TRAINING), Receipt("", "", frozenset())]
)
BOOKINGS: Final = st.integers(1, 6).map(
    lambda turns: (
        (StartFlow("book_appointment"),),
        (FillSlot("service", "oil-change"), FillSlot("date", "2026-12-01")),
        (FillSlot("time", "09:00"),),
        (FillSlot("name", "Fischer"),),
        (FillSlot("phone", "+4930901820"),),
        (Affirm(),),
    )[:turns]
)
WORDS: Final = Transcript(
    text="Das hätte ich gern so.", language="de", seconds=0.1, audio_seconds=1.0, window=30.0
)
OPERATOR_EVENTS: Final = st.one_of(
    st.sampled_from(
        [
            OperatorCame("berg", "Anna Berg"),
            OperatorCame("other", ""),
            OperatorSpoke(b"\x33" * 160),
            OperatorSpoke(b""),
            OperatorHeld(True),
            OperatorHeld(False),
            OperatorGaveBack("Rückruf um neun."),
            OperatorGaveBack(),
            OperatorLeft(),
            OperatorEnded(),
            CallbackNoted(True),
            CallbackNoted(False),
        ]
    ),
    st.sampled_from([None, "+4930901820"]).map(OperatorTransferred),
    TEXTS.map(OperatorSaid),
    TEXTS.map(OperatorSuggested),
    st.text("0123456789*#+a", max_size=4).map(OperatorKeyed),
    st.builds(DutyChanged, st.integers(-1, 3), st.one_of(st.none(), st.integers(-1, 3))),
    st.integers(-1, 4).map(QueueMoved),
)
OUTCOMES: Final = sorted(
    {AWAY, DENIED, "nonsense", *(name for tool in CATALOGUE.values() for name in tool.endings)}
)
ROWS: Final = tuple(
    {"start": f"2026-12-01T{hour:02}:00", "date": "2026-12-01", "time": f"{hour:02}:00"}
    for hour in (9, 14)
)
PIECES: Final = st.one_of(
    st.integers(1, 60).map(lambda frames: b"\x01" * (frames * FRAME_BYTES)),
    st.integers(1, 60).map(lambda frames: b"\xff" * (frames * FRAME_BYTES)),
    st.binary(max_size=400),
    st.just(b"\x01" * 8000),
)


class WatchedVad:
    """Notes in which state of consent it was given a frame to look at."""

    def __init__(self) -> None:
        self.session: CallSession | None = None
        self.seen: set[tuple[GateState, Phase]] = set()

    def is_speech(self, frame: Consented[Frame]) -> bool:
        assert self.session is not None
        self.seen.add((self.session.consent, self.session.phase))
        return frame.reveal().mulaw[0] != 0xFF


def fingerprint(thing: object, seen: set[int] | None = None) -> Iterator[object]:
    """Everything the call's state consists of, in order; what all calls share is left out."""
    seen = set() if seen is None else seen
    if isinstance(thing, Engine | CallScript | CallTerms | WatchedVad | ConsentGate):
        yield thing.state if isinstance(thing, ConsentGate) else type(thing)
        return
    if id(thing) in seen:
        return
    if isinstance(thing, dict):
        yield tuple(thing.items())
        return
    if not type(thing).__module__.startswith(("voice_agent", "consent")):
        yield thing if not isinstance(thing, list | set) else tuple(map(repr, thing))
        return
    seen.add(id(thing))
    slots = [name for each in type(thing).__mro__ for name in getattr(each, "__slots__", ())]
    names = [*vars(thing)] if hasattr(thing, "__dict__") else slots
    for name in names:
        yield name
        yield from fingerprint(getattr(thing, name, None), seen)


class AnyOrder(RuleBasedStateMachine):
    """A call that anything happens to."""

    @initialize(
        begins=st.sampled_from([(), (CallStarted(),), *[(CallStarted(receipt()),)] * 3]),
        can_hand_over=st.booleans(),
        language=st.sampled_from(["de", "en"]),
        repetitions=st.integers(0, 2),
        turns=st.one_of(st.just(()), BOOKINGS),
        office_open=st.booleans(),
        can_call_back=st.booleans(),
        music=st.sampled_from([b"", b"\x44" * 8000]),
        free=st.integers(0, 2),
        then=st.sampled_from(["talk", "wait", "operate", "operate", "slow"]),
    )
    def ring(
        self,
        *,
        begins: tuple[Event, ...],
        can_hand_over: bool,
        language: str,
        repetitions: int,
        turns: Sequence[tuple[object, ...]],
        office_open: bool,
        can_call_back: bool,
        music: bytes,
        free: int,
        then: str,
    ) -> None:
        self.vad = WatchedVad()
        terms = CallTerms(
            call_id=CALL,
            language=language,
            can_hand_over=can_hand_over,
            repetitions=repetitions,
            limit_s=LIMIT,
            office_open=office_open,
            can_call_back=can_call_back,
            music=music,
        )
        self.session = CallSession(terms, self.vad, ENGINE, SCRIPT)
        self.vad.session = self.session
        self.now = 50.0
        self.elapsed_ms = 0
        self.clips = ["0.1"]
        self.marks: list[str] = []
        self.takes = [Take(1, 1)]
        self.requests: list[ToolRequest] = []
        self.actions: list[Action] = []
        self.receipt_seen = False
        self.held_back: set[str] = set()
        self.told = False
        for event in begins:
            self.happen(event)
        if self.session.phase is Phase.CONVERSING:
            self.happen(DutyChanged(free))
            self.take_turns(turns, done=True)
        if then == "wait" and self.session.phase is Phase.CONVERSING:
            self.handed_over(free, 2)
        if then == "operate" and self.session.phase is Phase.CONVERSING:
            self.taken_over(heard=free > 0, events=[])
        if then == "slow" and self.session.phase is Phase.CONVERSING:
            self.taken_over(heard=False, events=[])
            self.announced_on_a_slow_line(times=free, late=music == b"")

    def happen(self, event: Event) -> None:
        phase, control = self.session.phase, self.session.control.state
        if isinstance(
            event, CallStarted | ConsentCommitted | ConsentFailed | KeyPressed | Counted
        ) or (phase is Phase.CREATED):
            before = list(fingerprint(self.session))
        else:
            before = []
        try:
            actions = self.session.receive(event, self.now)
        except IllegalEvent:
            assert list(fingerprint(self.session)) == before
            return
        if isinstance(event, CallStarted | ConsentCommitted) and event.receipt is not None:
            self.receipt_seen = True
        self.check(actions, phase)
        self.check_control(event, actions, control)

    def check_control(self, event: Event, actions: list[Action], before: ControlState) -> None:
        """The operator and the caller hear each other only once the caller was told (C22)."""
        for action in actions:
            match action:
                case PassOn(frame=frame):
                    assert before is ControlState.TALKING
                    assert self.told
                    assert isinstance(event, MediaReceived)
                    assert frame.reveal() == event.frame
                case Observe(ControlChanged(control="announcing")):
                    self.held_back = set()
                case SendMark(name=name) if self.session.phase is Phase.OPERATED:
                    self.held_back.add(name)
                case ClearAudio():
                    self.held_back.clear()
                case _:
                    continue
        if before is not ControlState.TALKING and isinstance(event, OperatorSpoke):
            assert actions == []
        now = self.session.control.state
        if before is ControlState.ANNOUNCING and now is ControlState.TALKING:
            # Only its mark says that it was heard: no clock does, and nothing that was cleared.
            assert isinstance(event, MarkReached)
            assert event.name in self.held_back
            self.told = True
        if now is ControlState.AGENT:
            self.told = False
        if self.session.phase is not Phase.OPERATED:
            assert now is ControlState.AGENT

    def check(self, actions: list[Action], before: Phase) -> None:
        if before is Phase.ENDED:
            assert actions == []
        withdrawn = any(isinstance(each, RecordWithdrawal) for each in self.actions)
        for index, action in enumerate(actions):
            match action:
                case Finish():
                    assert index == len(actions) - 1
                case SendMark(name=name):
                    assert isinstance(actions[index - 1], SendAudio)
                    assert name not in self.marks
                    self.marks.append(name)
                case SendAudio(mulaw=mulaw):
                    assert mulaw
                case ClearAudio():
                    assert self.marks
                case Synthesise(clip=clip):
                    self.clips.append(clip)
                case Transcribe(take=take) | JudgeEndOfTurn(take=take):
                    assert not withdrawn
                    assert before is Phase.CONVERSING
                    assert self.session.consent is not GateState.CLOSED
                    self.takes.append(take)
                case Hurry(take=take) | DropTake(take=take):
                    assert take in self.takes
                case Understand(take=take):
                    assert not withdrawn
                    assert action.said.text
                case PassOn() | AskCallback():
                    assert isinstance(action, PassOn) or self.session._terms.can_call_back
                    assert not withdrawn
                    assert self.session.consent is GateState.OPEN
                case UseTool(request=request):
                    assert not withdrawn
                    assert self.session.consent is GateState.OPEN
                    assert request not in self.requests
                    self.requests.append(request)
                case RecordWithdrawal():
                    withdrawn = True
                case _:
                    continue
        self.actions += actions

    # -- everything that can happen ------------------------------------------------------------

    @rule(given=st.one_of(st.none(), RECEIPTS))
    def start(self, given: Receipt | None) -> None:
        self.happen(CallStarted(given))

    @rule()
    def withdrawn_elsewhere(self) -> None:
        listened = self.session.consent is GateState.OPEN
        self.happen(WithdrawnElsewhere())
        assert self.session.consent is not GateState.OPEN
        if listened:
            assert self.session.consent is GateState.WITHDRAWN

    @rule(mulaw=PIECES, skew=st.sampled_from([0, 0, 0, 0, 20, 500, -40, 10**9, -(10**9)]))
    def media(self, mulaw: bytes, skew: int) -> None:
        self.happen(MediaReceived(Frame(mulaw, self.elapsed_ms + skew)))
        self.elapsed_ms += len(mulaw) // 8
        self.now += len(mulaw) / 8000

    @rule(speech=st.integers(4, 50), silence=st.integers(0, 50))
    def utterance(self, speech: int, silence: int) -> None:
        """Often enough, the caller speaks as callers do."""
        for frame in [b"\x01"] * speech + [b"\xff"] * silence:
            self.media(frame * FRAME_BYTES, 0)

    @rule()
    def spoken_and_heard(self) -> None:
        """Often enough, the synthesiser and the carrier do what they should."""
        for clip in self.clips[-12:]:
            self.happen(SpeechReady(clip, b"\x55" * 800))
        for name in self.marks[-12:]:
            self.happen(MarkReached(name))

    @rule(key=st.one_of(st.sampled_from("0123456789*#"), st.text(max_size=2)))
    def key(self, key: str) -> None:
        self.happen(KeyPressed(key))
        if key == "*":  # whatever is being typed
            assert self.session.consent is not GateState.OPEN

    @precondition(lambda self: self.session.phase is Phase.CONVERSING)
    @rule(keys=st.text("0123456789#", min_size=1, max_size=6))
    def number(self, keys: str) -> None:
        """Often enough, a number is asked for and typed; onlookers see none of its digits."""
        self.utterance(20, 50)
        words = Transcript(
            text="Beschwerde", language="de", seconds=0.1, audio_seconds=1.0, window=30.0
        )
        self.happen(TranscriptReady(self.takes[-1], words))
        self.utterance(0, 50)
        self.happen(Understood(self.takes[-1], (StartFlow("complaint"),)))
        for key in keys:
            seen = len(self.actions)
            asked = self.session._talk.asked
            self.happen(KeyPressed(key))
            if asked is not None and asked.is_typed and key.isdigit():
                assert Observe(KeyPressedSeen(key)) not in self.actions[seen:]

    @rule(data=st.data())
    def mark(self, data: st.DataObject) -> None:
        self.happen(MarkReached(data.draw(st.sampled_from([*self.marks[-4:], "0.0", ""]))))

    @rule(given=RECEIPTS)
    def committed(self, given: Receipt) -> None:
        self.happen(ConsentCommitted(given))

    @rule()
    def not_committed(self) -> None:
        self.happen(ConsentFailed())

    @rule(data=st.data(), text=st.one_of(st.none(), TEXTS))
    def transcript(self, data: st.DataObject, text: str | None) -> None:
        take = data.draw(st.sampled_from([*[self.takes[-1]] * 4, *self.takes[-3:], Take(99, 1)]))
        if text is None:
            self.happen(TranscriptFailed(take))
            return
        words = Transcript(text=text, language="de", seconds=0.1, audio_seconds=1.0, window=30.0)
        self.happen(TranscriptReady(take, words))

    @rule(data=st.data(), likely=st.one_of(st.none(), st.floats(0, 1)))
    def judgement(self, data: st.DataObject, likely: float | None) -> None:
        take = data.draw(st.sampled_from([*[self.takes[-1]] * 4, *self.takes[-3:], Take(99, 1)]))
        self.happen(EndOfTurnJudged(take, likely))

    @rule(data=st.data(), commands=st.one_of(st.none(), COMMANDS))
    def meaning(self, data: st.DataObject, commands: tuple[object, ...] | None) -> None:
        take = data.draw(st.sampled_from([*[self.takes[-1]] * 4, *self.takes[-3:], Take(99, 1)]))
        if commands is None:
            self.happen(UnderstandingFailed(take))
        else:
            self.happen(Understood(take, commands))  # type: ignore[arg-type]  # drawn commands

    @precondition(lambda self: self.session.phase is Phase.CONVERSING)
    @rule(turns=st.one_of(st.lists(COMMANDS, min_size=1, max_size=4), BOOKINGS), done=st.booleans())
    def booking(self, turns: Sequence[tuple[object, ...]], done: bool) -> None:
        self.take_turns(turns, done=done)

    def take_turns(self, turns: Sequence[tuple[object, ...]], *, done: bool) -> None:
        """Often enough, the agent is heard out, the caller is understood, something is done."""
        for each in turns:
            self.spoken_and_heard()
            self.utterance(20, 110)
            self.happen(TranscriptReady(self.takes[-1], WORDS))
            understood = [action for action in self.actions if isinstance(action, Understand)]
            if understood:
                self.happen(Understood(understood[-1].take, each))  # type: ignore[arg-type]
            if done and self.requests:
                self.happen(ToolAnswered(ToolAnswer(self.requests[-1], "free", rows=ROWS)))

    @rule(data=st.data(), seconds=st.one_of(st.none(), st.floats(0, LONGEST_CLIP)))
    def speech(self, data: st.DataObject, seconds: float | None) -> None:
        clip = data.draw(st.sampled_from([*self.clips[-6:], "9.9"]))
        if seconds is None:
            self.happen(SpeechFailed(clip))
        else:
            self.happen(SpeechReady(clip, b"\x55" * int(seconds * 8000), 0.1))

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES), rows=st.sampled_from([(), ROWS]))
    def done(self, data: st.DataObject, outcome: str, rows: tuple[Mapping[str, str], ...]) -> None:
        request = data.draw(st.sampled_from([*[self.requests[-1]] * 4, *self.requests[-3:]]))
        self.happen(ToolAnswered(ToolAnswer(request, outcome, rows=rows)))

    @rule(outcome=st.sampled_from(LinkOutcome))
    def link(self, outcome: LinkOutcome) -> None:
        self.happen(LinkAnswered(outcome))

    @rule(seconds=st.floats(-1, 10))
    def time(self, seconds: float) -> None:
        self.now += max(seconds, 0.0)
        self.happen(TimePassed())

    @precondition(lambda self: len(self.actions) > 40)  # not so early that nothing else happens
    @rule()
    def gone(self) -> None:
        self.happen(CallerGone())

    @rule(event=OPERATOR_EVENTS)
    def operator(self, event: Event) -> None:
        self.happen(event)

    @precondition(lambda self: self.session.phase in {Phase.CONVERSING, Phase.WAITING})
    @rule(heard=st.booleans(), events=st.lists(OPERATOR_EVENTS, max_size=4))
    def taken_over(self, heard: bool, events: list[Event]) -> None:
        """Often enough, an operator comes, is announced, and does something."""
        self.happen(OperatorCame("berg", "Anna Berg"))
        if heard:
            self.spoken_and_heard()
        for event in events:
            self.utterance(4, 4)
            self.happen(event)

    @precondition(lambda self: self.session.control.state is ControlState.ANNOUNCING)
    @rule(times=st.integers(0, 2), late=st.booleans())
    def announced_on_a_slow_line(self, times: int, late: bool) -> None:
        """Often enough, the announcement is spoken and its marks come late, or never."""
        for _ in range(times):
            for clip in self.clips[-3:]:
                self.happen(SpeechReady(clip, b"\x55" * 800))
            self.time(5)
            self.utterance(4, 4)
        for name in self.marks[-3:] if late else ():
            self.happen(MarkReached(name))

    @precondition(lambda self: self.session.phase is Phase.OPERATED)
    @rule(heard=st.booleans(), events=st.lists(OPERATOR_EVENTS, min_size=1, max_size=4))
    def operated(self, heard: bool, events: list[Event]) -> None:
        """Often enough, there is something between the operator and the caller."""
        for event in events:
            if heard:
                self.spoken_and_heard()
            self.utterance(4, 4)
            self.happen(event)

    @precondition(lambda self: self.session.control.state is not ControlState.AGENT)
    @rule(on=st.booleans(), heard=st.booleans())
    def held(self, on: bool, heard: bool) -> None:
        if heard:
            self.spoken_and_heard()
        self.happen(OperatorHeld(on))
        self.utterance(4, 4)

    @precondition(lambda self: self.session.phase is Phase.CONVERSING)
    @rule(free=st.integers(0, 2), place=st.integers(1, 3))
    def handed_over(self, free: int, place: int) -> None:
        """Often enough, the caller wants a human, who may be waited for."""
        self.happen(DutyChanged(free))
        self.happen(KeyPressed("0"))
        self.happen(QueueMoved(place))

    # -- what must hold ------------------------------------------------------------------------

    @invariant()
    def a_frame_is_looked_at_only_in_a_conversation_that_was_consented_to(self) -> None:
        assert self.vad.seen <= {(GateState.OPEN, Phase.CONVERSING)}
        assert self.receipt_seen or not self.vad.seen

    @invariant()
    def consent_holds_only_while_the_call_goes_on(self) -> None:
        if self.session.phase in {Phase.CREATED, Phase.NOTICE, Phase.COMMITTING}:
            assert self.session.consent is GateState.CLOSED
        if self.session.phase in {Phase.WITHDRAWN, Phase.ENDED}:
            assert self.session.consent in {GateState.WITHDRAWN, GateState.EXPIRED}

    @invariant()
    def a_call_that_goes_on_waits_for_something_that_comes_soon(self) -> None:
        deadline = self.session.deadline()
        if self.session.phase in {Phase.CREATED, Phase.ENDED}:
            assert deadline is None
            return
        assert deadline is not None
        if self.session.phase is Phase.OPERATED:
            assert deadline <= self.now + LIMIT
            return
        if self.session.phase is Phase.WAITING:
            assert deadline <= self.now + self.session._terms.queue_s
            return
        spoken = sum(isinstance(action, SendAudio) for action in self.actions) * LONGEST_CLIP
        assert deadline < self.now + PATIENCE + 10 + spoken

    @invariant()
    def a_call_ends_once_and_asks_the_ledger_once(self) -> None:
        finishes = sum(isinstance(action, Finish) for action in self.actions)
        assert finishes == (self.session.phase is Phase.ENDED)
        for kind in (CommitConsent, RecordWithdrawal):
            assert sum(isinstance(action, kind) for action in self.actions) <= 1

    @invariant()
    def what_is_typed_is_known_only_while_the_caller_is_listened_to(self) -> None:
        typed = self.session._talk._typed
        if self.session.phase is not Phase.CONVERSING:
            assert (typed._digits, typed.asked) == ("", None)

    @invariant()
    def no_mark_is_sent_of_what_was_cleared_before(self) -> None:
        """Within a generation what was held gets new names, so only generations are in order."""
        generations = [int(name.partition(".")[0]) for name in self.marks]
        assert generations == sorted(generations)

    def teardown(self) -> None:
        """Left alone, every call comes to its end, unless a human holds it."""
        if not hasattr(self, "session"):
            return
        if self.session.phase is Phase.OPERATED:
            self.happen(OperatorLeft())
        for _ in range(MOST_CLIPS):
            deadline = self.session.deadline()
            if deadline is None:
                break
            self.now = max(self.now, deadline)
            self.happen(TimePassed())
        assert self.session.phase in {Phase.CREATED, Phase.ENDED}
        self.a_call_ends_once_and_asks_the_ledger_once()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
