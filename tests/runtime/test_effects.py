from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from consent.gate import ConsentGate
from consent.purpose import Purpose
from consent.receipt import Receipt
from consent.sealed import Consented
from tests.runtime.engines import Farewell, OneSentence, Threads, Tones, engines
from tests.runtime.line import Line, now
from tests.runtime.paper import (
    Letters,
    PaperAudit,
    PaperBook,
    PaperLedger,
    PaperLinks,
    records_away,
)
from tests.runtime.sample_call import CALL
from tests.runtime.unseen import Tray, no_transfer, unseen
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.audio.frame import Frame, Utterance
from voice_agent.call.actions import (
    Action,
    AskCallback,
    ClearAudio,
    CommitConsent,
    Ending,
    Finish,
    Observe,
    PassOn,
    RecordWithdrawal,
    SendAudio,
    SendLink,
    SendMark,
    Synthesise,
    Transcribe,
    Understand,
    UseTool,
)
from voice_agent.call.events import (
    CallbackNoted,
    CallerGone,
    ConsentCommitted,
    ConsentFailed,
    Event,
    LinkAnswered,
    LinkOutcome,
    SpeechFailed,
    SpeechReady,
    Take,
    TranscriptFailed,
    TranscriptReady,
    UnderstandingFailed,
    Understood,
)
from voice_agent.call.phase import Phase
from voice_agent.dialogue.commands import Goodbye
from voice_agent.dialogue.tool import ToolAnswer, ToolRequest
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.live.hub import Hub
from voice_agent.live.observation import CallEnded, CallerSaid, ControlChanged, PhaseChanged
from voice_agent.live.ports import Side
from voice_agent.live.snapshot import call_key
from voice_agent.runtime.effects import Desk, Effects
from voice_agent.runtime.live_call import NOBODY
from voice_agent.runtime.message import MessageStatus
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.owed import OwedWithdrawals
from voice_agent.runtime.privacy_link import PrivacyLink
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.records import Disposition
from voice_agent.runtime.registrar import RECORD_LIMIT, Registrar
from voice_agent.runtime.withdrawals import WithdrawalWatch
from voice_agent.tools.authorise import AuthorisedCall
from voice_agent.tools.inbox import Away, Filed
from voice_agent.tools.toolbox import Toolbox

E = TypeVar("E", bound=Event)
SPEAK = Synthesise("0.1", "Guten Tag.", "de", 1.0, personal=False)
COMMIT = CommitConsent("1", "de", 4200)


@dataclass
class Room:
    """One call's effects, with everything they touch at hand.

    Attributes:
        desk: what they share.
        ledger: consent.
        book: the list of calls.
        letters: text messages.
        line: the carrier's end.
        events: what came back.
        gate: the call's consent, open.
    """

    desk: Desk
    ledger: PaperLedger
    book: PaperBook
    letters: Letters
    line: Line
    gate: ConsentGate
    events: list[Event] = field(default_factory=list)

    def utterance(self, sound: bytes = b"\x00" * 1600) -> Consented[Utterance]:
        """Something the caller said."""
        sealed = self.gate.admit(Utterance(sound, 200))
        assert sealed is not None
        return sealed

    def got(self, kind: type[E]) -> list[E]:
        """The events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @asynccontextmanager
    async def effects(self, number: str | None = "+4930901820") -> AsyncIterator[Effects]:
        """The effects, released at the end."""
        effects = Effects(
            self.desk,
            call_id=CALL,
            number=number,
            language="de",
            media=self.line,
            post=self.events.append,
            control=lambda: NOBODY,
        )
        yield effects
        await effects.release()
        await self.desk.live._tasks.settle()  # what is left to tell of the call


def room(
    recogniser: OneSentence | None = None,
    synthesiser: Tones | None = None,
    understander: Farewell | None = None,
    threads: Threads | None = None,
    places: int = 8,
) -> Room:
    ledger, book, letters = PaperLedger(), PaperBook(), Letters()
    book.calls[CALL] = Disposition.CONNECTED

    def clock() -> datetime:
        return datetime(2026, 11, 23, 12, tzinfo=UTC)

    registrar = Registrar(
        ledger=ledger,
        book=book,
        notice_version="0" * 64,
        pseudonyms=Pseudonyms([b"k" * 32]),
        wall_clock=clock,
    )
    metrics = Metrics()
    desk = Desk(
        engines=engines(recogniser, synthesiser, understander, threads=threads, places=places),
        registrar=registrar,
        link=PrivacyLink(
            messenger=letters,
            book=book,
            links=PaperLinks(),
            text="link {} {}".format,
            clock=clock,
        ),
        hub=Hub(clock=lambda: 0.0),
        metrics=metrics,
        watch=WithdrawalWatch(registrar),
        owed=OwedWithdrawals(registrar, metrics),
        toolbox=Toolbox(),
        audit=PaperAudit(),
        live=unseen(),
        inbox=Tray(),
        transfer=no_transfer,
    )
    gate = ConsentGate(CALL)
    gate.open(Receipt("record", CALL, frozenset({Purpose.CONVERSATION})))
    return Room(desk, ledger, book, letters, Line(), gate)


class Strange(Exception):
    """Nobody expects it."""


# -- the mouth -------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_sentence_becomes_audio_and_is_remembered() -> None:
    tones = Tones()
    r = room(synthesiser=tones)
    async with r.effects() as effects:
        effects.perform(SPEAK)
        await asyncio.sleep(1)
        effects.perform(replace(SPEAK, clip="0.2"))
        assert [event.clip for event in r.got(SpeechReady)] == ["0.1", "0.2"]  # known: at once
    assert len({event.mulaw for event in r.got(SpeechReady)}) == 1
    assert len(tones.spoken) == 1


@in_virtual_time
async def test_a_personal_sentence_is_spoken_anew_each_time() -> None:
    tones = Tones()
    r = room(synthesiser=tones)
    async with r.effects() as effects:
        for _ in range(2):
            effects.perform(replace(SPEAK, personal=True))
            await asyncio.sleep(1)
    assert len(tones.spoken) == 2


@pytest.mark.parametrize("fault", [Strange(), MemoryError(), OSError(28, "full")])
@in_virtual_time
async def test_a_synthesiser_that_raises_costs_one_sentence(fault: Exception) -> None:
    r = room(synthesiser=Tones(fault=fault))
    async with r.effects() as effects:
        effects.perform(SPEAK)
        await asyncio.sleep(1)
    assert r.events == [SpeechFailed("0.1")]
    assert r.desk.metrics.counted("synthesis_failed") == 1


@in_virtual_time
async def test_a_language_without_a_voice_costs_one_sentence() -> None:
    r = room()
    async with r.effects() as effects:
        effects.perform(replace(SPEAK, language="fr"))
    assert r.events == [SpeechFailed("0.1")]


# -- the ears --------------------------------------------------------------------------------------


def take(r: Room, turn: int = 1, number: int = 1, sound: bytes = b"\x00" * 1600) -> Transcribe:
    return Transcribe(Take(turn, number), r.utterance(sound), "de")


@in_virtual_time
async def test_what_was_said_becomes_words_and_words_become_commands() -> None:
    r = room(OneSentence("Auf Wiederhören."))
    async with r.effects() as effects:
        effects.perform(take(r))
        effects.perform(Understand(Take(1, 1), Said("Auf Wiederhören.", "de")))
        await asyncio.sleep(1)
    assert [event.transcript.text for event in r.got(TranscriptReady)] == ["Auf Wiederhören."]
    assert r.got(Understood) == [Understood(Take(1, 1), (Goodbye(),))]


@in_virtual_time
async def test_a_recogniser_or_understander_that_raises_is_reported_and_nothing_more() -> None:
    r = room(OneSentence(fault=Strange()), understander=Farewell(fault=Strange()))
    async with r.effects() as effects:
        effects.perform(take(r))
        effects.perform(Understand(Take(1, 1), Said("Hallo", "de")))
        await asyncio.sleep(1)
    assert r.events == [TranscriptFailed(Take(1, 1)), UnderstandingFailed(Take(1, 1))]


@in_virtual_time
async def test_c16_what_waits_for_the_recogniser_is_unreadable_after_a_withdrawal() -> None:
    ear = OneSentence()
    threads = Threads(idle=True)
    r = room(ear, threads=threads)
    async with r.effects() as effects:
        effects.perform(take(r))
        await asyncio.sleep(0.1)
        r.gate.withdraw()
        threads.work()
        await asyncio.sleep(0.1)
    assert ear.heard == []
    assert r.events == []
    assert r.desk.metrics.counted("recognition_failed") == 0


@in_virtual_time
async def test_a_longer_take_of_a_turn_replaces_the_one_that_still_waits() -> None:
    ear = OneSentence()
    threads = Threads(idle=True)
    r = room(ear, threads=threads)
    async with r.effects() as effects:
        effects.perform(take(r, 1, 1, b"\x01" * 160))
        await asyncio.sleep(0.1)
        effects.perform(take(r, 1, 2, b"\x02" * 320))
        effects.perform(take(r, 2, 1, b"\x03" * 160))  # another turn's is kept
        await asyncio.sleep(0.1)
        threads.work()
        await asyncio.sleep(0.1)
    assert ear.heard == [b"\x02" * 320, b"\x03" * 160]
    assert [event.take for event in r.got(TranscriptReady)] == [Take(1, 2), Take(2, 1)]


@in_virtual_time
async def test_engines_stuck_for_half_a_minute_hold_nothing_up() -> None:
    """The call's own deadlines speak meanwhile; what comes too late still comes as an event."""
    threads = Threads(idle=True)
    r = room(threads=threads)
    async with r.effects() as effects:
        effects.perform(SPEAK)
        effects.perform(take(r))
        effects.perform(Understand(Take(1, 1), Said("Hallo", "de")))
        effects.perform(SendAudio(b"\xff" * 800))
        effects.perform(SendMark("0.9"))
        await asyncio.sleep(30)
        assert r.line.messages == ["audio", "mark 0.9"]
        assert r.events == []
        threads.work()
        await asyncio.sleep(0.1)
    assert {type(event) for event in r.events} == {SpeechReady, TranscriptReady, Understood}


@in_virtual_time
async def test_results_after_the_end_reach_nobody_and_no_task_is_left() -> None:
    threads = Threads(idle=True)
    r = room(threads=threads)
    async with r.effects() as effects:
        effects.perform(SPEAK)
        effects.perform(take(r))
        effects.perform(Finish(Ending.CALLER_LEFT, "de"))
        await effects.finished()
    threads.work()
    await asyncio.sleep(60)
    assert r.events == []


@pytest.mark.parametrize(
    "leaving",
    [
        RecordWithdrawal(),
        *(Observe(PhaseChanged(phase)) for phase in ("withdrawn", "handing_over", "closing")),
    ],
    ids=["star", "withdrawn", "handing_over", "closing"],
)
@in_virtual_time
async def test_c16_who_leaves_the_model_is_not_worked_for_and_hears_the_last_words(
    leaving: Action,
) -> None:
    ear = OneSentence()
    threads = Threads(idle=True)
    r = room(ear, threads=threads)
    async with r.effects() as effects:
        effects.perform(take(r))
        effects.perform(Understand(Take(1, 1), Said("Hallo", "de")))
        effects.perform(SPEAK)
        await asyncio.sleep(0.1)
        effects.perform(leaving)
        await asyncio.sleep(0.1)
        threads.work()
        await asyncio.sleep(0.1)
    assert ear.heard == []
    assert [type(event) for event in r.events] == [SpeechReady]


@pytest.mark.parametrize("phase", ["notice", "committing", "conversing"])
@in_virtual_time
async def test_other_phases_stop_nothing(phase: str) -> None:
    threads = Threads(idle=True)
    r = room(threads=threads)
    async with r.effects() as effects:
        effects.perform(take(r))
        await asyncio.sleep(0.1)
        effects.perform(Observe(PhaseChanged(phase)))
        await asyncio.sleep(0.1)
        threads.work()
        await asyncio.sleep(0.1)
    assert [type(event) for event in r.events] == [TranscriptReady]


@pytest.mark.parametrize("abandoned", [True, False])
@in_virtual_time
async def test_for_a_call_that_is_over_nothing_is_begun_while_its_end_is_written(
    abandoned: bool,
) -> None:
    ear, tones = OneSentence(), Tones()
    threads = Threads(idle=True)
    r = room(ear, tones, threads=threads)
    r.book.seconds = 3.0
    async with r.effects() as effects:
        effects.perform(take(r))
        effects.perform(SPEAK)
        await asyncio.sleep(0.1)
        if abandoned:
            effects.abandon()
        else:
            effects.perform(Finish(Ending.CALLER_LEFT, "de"))
        await asyncio.sleep(0.1)
        threads.work()
        await effects.finished()
    assert (ear.heard, tones.spoken, r.events) == ([], [], [])


@in_virtual_time
async def test_a_clear_ends_the_speech_that_is_still_to_be_made() -> None:
    tones = Tones()
    threads = Threads(idle=True)
    r = room(synthesiser=tones, threads=threads)
    async with r.effects() as effects:
        effects.perform(SPEAK)
        effects.perform(replace(SPEAK, clip="0.2", text="Auf Wiederhören."))
        await asyncio.sleep(0.1)
        effects.perform(ClearAudio())
        effects.perform(replace(SPEAK, clip="1.3"))
        await asyncio.sleep(0.1)
        threads.work()
        await asyncio.sleep(0.1)
    assert [event.clip for event in r.got(SpeechReady)] == ["1.3"]
    assert len(tones.spoken) == 1


# -- consent ---------------------------------------------------------------------------------------


@in_virtual_time
async def test_an_acceptance_is_recorded_as_it_was_given() -> None:
    r = room()
    async with r.effects() as effects:
        effects.perform(COMMIT)
        await asyncio.sleep(1)
    record = r.ledger.records[CALL]
    assert (record.key, record.language, record.heard_ms) == ("1", "de", 4200)
    assert record.purposes == {Purpose.CONVERSATION}
    assert r.got(ConsentCommitted)[0].receipt.record_id == record.record_id


@in_virtual_time
async def test_c4_a_ledger_that_fails_is_no_consent() -> None:
    r = room()
    r.ledger.faults = 1
    async with r.effects() as effects:
        effects.perform(COMMIT)
        await asyncio.sleep(1)
    assert r.events == [ConsentFailed()]
    assert r.desk.metrics.counted("consent_given") == 0


@in_virtual_time
async def test_c4_a_ledger_that_hangs_is_no_consent_after_four_seconds() -> None:
    """The call itself waits five: the ledger's answer decides, not a race between two clocks."""
    r = room()
    r.ledger.seconds = 3600
    async with r.effects() as effects:
        effects.perform(COMMIT)
        await asyncio.sleep(RECORD_LIMIT + 0.01)
        assert r.events == [ConsentFailed()]


@in_virtual_time
async def test_c16_commit_and_withdrawal_are_written_in_their_order() -> None:
    r = room()
    r.ledger.seconds = 1.0
    async with r.effects() as effects:
        effects.perform(COMMIT)
        effects.perform(RecordWithdrawal())
        effects.perform(Finish(Ending.HANDED_OVER, "de"))
        await effects.finished()
    assert r.ledger.written == ["commit", "withdraw", "expire"]
    assert r.ledger.expired == set()
    assert r.book.calls[CALL] is Disposition.HANDOVER


@pytest.mark.parametrize("phase", [Phase.WITHDRAWN, Phase.CLOSING])
@in_virtual_time
async def test_c16_a_withdrawal_elsewhere_stops_what_is_being_done(phase: Phase) -> None:
    """The ledger has it already, so nothing records it; who only hangs up stops nothing."""
    done: list[str] = []

    async def slow(call: AuthorisedCall) -> ToolAnswer:
        await asyncio.sleep(2)
        done.append(call.request.tool)
        return ToolAnswer(call.request, "requested")

    arguments = {"name": "Fischer", "phone": "+491723456789"}
    asked = ToolRequest(
        "callback.request", arguments, "de", "request_callback", 1, 1, frozenset(arguments)
    )
    r = room()
    r.desk = replace(r.desk, toolbox=Toolbox({"callback.request": slow}))
    async with r.effects() as effects:
        effects.perform(Observe(PhaseChanged(Phase.CONVERSING)))
        effects.perform(UseTool(asked))
        await asyncio.sleep(1)
        effects.perform(Observe(PhaseChanged(phase)))
        await asyncio.sleep(5)
    assert done == ([] if phase is Phase.WITHDRAWN else ["callback.request"])


@in_virtual_time
async def test_c16_a_withdrawal_is_tried_again_until_it_is_written() -> None:
    r = room()
    r.ledger.faults = 2
    async with r.effects() as effects:
        effects.perform(RecordWithdrawal())
        effects.perform(Finish(Ending.CALLER_LEFT, "de"))  # hung up at once
        await effects.finished()
    await r.desk.owed.settle()
    assert CALL in r.ledger.means


@in_virtual_time
async def test_a_withdrawal_that_cannot_be_written_is_counted_for_the_operator() -> None:
    r = room()
    r.ledger.faults = 99
    async with r.effects() as effects:
        effects.perform(RecordWithdrawal())
        await asyncio.sleep(60)
    await r.desk.owed.release()
    assert r.desk.metrics.counted("withdrawal_not_recorded") == 1
    assert r.events == []


@in_virtual_time
async def test_while_a_withdrawal_waits_for_the_ledger_the_call_can_end() -> None:
    r = room()
    r.ledger.faults = 99
    async with r.effects() as effects:
        effects.perform(RecordWithdrawal())
        effects.perform(Finish(Ending.HANDED_OVER, "de"))
        await asyncio.sleep(0.5)
        assert r.line.gone
    await r.desk.owed.release()


# -- the link --------------------------------------------------------------------------------------


@in_virtual_time
async def test_the_link_is_sent_even_if_the_caller_hangs_up_at_once() -> None:
    r = room()
    r.letters.seconds = 2.0
    async with r.effects() as effects:
        effects.perform(SendLink("de"))
        effects.perform(Finish(Ending.CALLER_LEFT, "de"))
        await effects.finished()
    assert r.letters.sent == [("+4930901820", "link de token-1")]
    assert r.got(LinkAnswered) == [LinkAnswered(LinkOutcome.SENT)]


@in_virtual_time
async def test_without_a_number_there_is_no_link() -> None:
    r = room()
    async with r.effects(number=None) as effects:
        effects.perform(SendLink("de"))
        await asyncio.sleep(1)
    assert r.events == [LinkAnswered(LinkOutcome.NO_NUMBER)]


@in_virtual_time
async def test_c21_a_message_that_is_lost_later_is_told_in_the_call() -> None:
    r = room()
    async with r.effects() as effects:
        effects.perform(SendLink("de"))
        await asyncio.sleep(5)
        await r.desk.link.report(f"SM{1:032d}", MessageStatus.UNDELIVERED, 30006)
        await asyncio.sleep(2)
    assert r.events == [LinkAnswered(LinkOutcome.SENT), LinkAnswered(LinkOutcome.UNREACHABLE)]


@in_virtual_time
async def test_c21_a_message_asked_for_before_the_stream_is_watched_in_it() -> None:
    r = room()
    await r.desk.link.send(CALL, "+4930901820", "de")
    async with r.effects():
        await asyncio.sleep(1)
        await r.desk.link.report(f"SM{1:032d}", MessageStatus.FAILED, None)
        await asyncio.sleep(2)
    assert r.events == [LinkAnswered(LinkOutcome.FAILED)]


# -- the end ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "disposition"),
    [
        (Ending.HUNG_UP, Disposition.ENDED),
        (Ending.HANDED_OVER, Disposition.HANDOVER),
        (Ending.CALLER_LEFT, Disposition.LEFT),
    ],
)
@in_virtual_time
async def test_the_end_is_written_down_before_the_stream_closes(
    ending: Ending, disposition: Disposition
) -> None:
    r = room()
    r.book.seconds = 1.0
    async with r.effects() as effects:
        effects.perform(Finish(ending, "de"))
        await asyncio.sleep(0.99)
        gone = [r.line.gone]
        await effects.finished()
        gone.append(r.line.gone)
    assert gone == [False, True]
    assert r.book.calls[CALL] is disposition


@pytest.mark.parametrize("dials", [True, False])
@in_virtual_time
async def test_another_number_is_dialled_once_the_handover_is_written_down(dials: bool) -> None:
    """Where the carrier will not, its callback finds the handover and dials the usual one."""
    r = room()
    asked: list[tuple[str, str, Disposition | None, bool]] = []

    async def transfer(call_id: str, number: str, language: str) -> bool:
        asked.append((number, language, r.book.calls[call_id], r.line.gone))
        return dials

    r.desk = replace(r.desk, transfer=transfer)
    async with r.effects() as effects:
        effects.perform(Finish(Ending.HANDED_OVER, "en", "+4930901829"))
        await effects.finished()
    assert asked == [("+4930901829", "en", Disposition.HANDOVER, False)]
    assert r.line.gone


@in_virtual_time
async def test_nobody_is_dialled_where_the_handover_could_not_be_written_down() -> None:
    """The stream would stop as it does when a caller hangs up, and nobody would know better."""
    r = room()
    r.book.fault = records_away()
    asked: list[str] = []

    async def transfer(call_id: str, number: str, language: str) -> bool:
        del call_id, language
        asked.append(number)
        return True

    r.desk = replace(r.desk, transfer=transfer)
    async with r.effects() as effects:
        effects.perform(Finish(Ending.HANDED_OVER, "en", "+4930901829"))
        await effects.finished()
    assert asked == []


@pytest.mark.parametrize(
    ("number", "answer", "noted"),
    [
        ("+4930901820", Filed("R-1"), True),
        ("+4930901820", Away(), False),
        (None, Filed("R-1"), False),
    ],
)
@in_virtual_time
async def test_a_callback_by_key_is_filed_for_the_number_that_rang(
    number: str | None, answer: Filed | Away, noted: bool
) -> None:
    r = room()
    tray = Tray(answer)
    r.desk = replace(r.desk, inbox=tray)
    async with r.effects(number) as effects:
        effects.perform(AskCallback("en"))
        effects.perform(AskCallback("en"))  # once more is the same callback
        await asyncio.sleep(1)
    assert r.got(CallbackNoted)[0] == CallbackNoted(noted)
    (*entries,) = tray.entries.values()
    assert [entry.phone for entry in entries] == ([] if number is None else [number])


@in_virtual_time
async def test_c22_the_callers_voice_goes_to_operators_as_the_call_says_and_not_after_it() -> None:
    r = room()
    heard: list[bytes] = []
    async with r.effects() as effects:
        store = r.desk.live.store
        effects.perform(Observe(ControlChanged("talking", "a" * 32)))
        async with store.voice(call_key(CALL), Side.CALLER) as voice:
            sealed = r.gate.admit(Frame(b"\x11" * 160, 0))
            assert sealed is not None
            effects.perform(PassOn(sealed))
            heard.append(await anext(voice))
            late = r.gate.admit(Frame(b"\x22" * 160, 20))
            assert late is not None
            r.gate.withdraw()
            effects.perform(PassOn(late))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    heard.append(await anext(voice))
        effects.perform(Observe(CallEnded("caller_left")))
        await asyncio.sleep(0.1)
    assert heard == [b"\x11" * 160]


@pytest.mark.parametrize("fault", [records_away(), Strange()])
@in_virtual_time
async def test_an_end_that_cannot_be_written_down_closes_the_stream_all_the_same(
    fault: Exception,
) -> None:
    """The callback then finds a call without an end, and a human."""
    r = room()
    r.book.fault = fault
    async with r.effects() as effects:
        effects.perform(Finish(Ending.HUNG_UP, "de"))
        async with asyncio.timeout(10):
            await effects.finished()
        assert r.line.gone
    assert r.book.calls[CALL] is Disposition.CONNECTED


@in_virtual_time
async def test_records_that_hang_hold_the_end_up_for_four_seconds_at_most() -> None:
    r = room()
    r.book.seconds = 3600
    async with r.effects() as effects:
        effects.perform(Finish(Ending.HUNG_UP, "de"))
        began = now()
        await effects.finished()
        assert now() - began == pytest.approx(RECORD_LIMIT)


@in_virtual_time
async def test_an_abandoned_call_closes_its_stream_notes_no_end_and_tells_onlookers() -> None:
    r = room()
    with r.desk.hub.subscribe(CALL) as onlooker:
        async with r.effects() as effects:
            effects.abandon()
            await effects.finished()
        assert [seen async for seen in onlooker] == [CallEnded("abandoned")]
    assert r.line.gone
    assert r.book.calls[CALL] is Disposition.CONNECTED
    assert r.desk.metrics.counted("call_abandoned") == 1


@in_virtual_time
async def test_a_send_that_hangs_for_five_seconds_counts_as_a_caller_gone() -> None:
    r = room()
    r.line.seconds = 3600
    async with r.effects() as effects:
        effects.perform(SendAudio(b"\xff" * 160))
        await asyncio.sleep(5.1)
        assert r.events == [CallerGone()]
        effects.perform(Finish(Ending.CALLER_LEFT, "de"))
        await effects.finished()


@in_virtual_time
async def test_the_sound_of_a_call_goes_out_in_order() -> None:
    r = room()
    async with r.effects() as effects:
        actions: list[Action] = [
            SendAudio(b"a" * 8000),
            SendMark("0.1"),
            ClearAudio(),
            SendAudio(b"b" * 800),
            SendMark("1.2"),
        ]
        for action in actions:
            effects.perform(action)
        await asyncio.sleep(2)
    assert r.line.messages == ["clear", "audio", "mark 1.2"]


@in_virtual_time
async def test_onlookers_see_what_the_call_shows() -> None:
    r = room()
    with r.desk.hub.subscribe(CALL) as onlooker:
        async with r.effects() as effects:
            effects.perform(Observe(CallerSaid(1, "Hallo")))
            effects.perform(Observe(CallEnded("hung_up")))
        assert [seen async for seen in onlooker] == [CallerSaid(1, "Hallo"), CallEnded("hung_up")]
    assert r.desk.metrics.counted("call_hung_up") == 1


@in_virtual_time
async def test_c16_a_withdrawal_during_the_handover_hides_what_was_said_from_onlookers() -> None:
    """The call goes on to the human, and no phase tells the hub."""
    r = room()
    async with r.effects() as effects:
        effects.perform(Observe(CallerSaid(1, "Hallo")))
        effects.perform(RecordWithdrawal())
        effects.perform(Observe(PhaseChanged("handing_over")))
        with r.desk.hub.subscribe(CALL) as onlooker:
            assert await anext(onlooker) == PhaseChanged("handing_over")


@in_virtual_time
async def test_an_effect_with_a_fault_of_ours_ends_the_call() -> None:
    r = room()
    r.ledger.faults, r.ledger.fault = 1, Strange()  # no port announces it
    async with r.effects() as effects:
        effects.perform(COMMIT)
        await asyncio.sleep(1)
    assert r.events == [CallerGone()]
    assert r.desk.metrics.counted("effect_fault") == 1
