"""What a call no longer wants costs the other calls nothing, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from consent.gate import ConsentGate
from consent.purpose import Purpose
from consent.receipt import Receipt
from tests.runtime.engines import OneSentence, Threads, Tones, Verdict, engines
from tests.runtime.sample_call import CALL
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.audio.frame import Utterance
from voice_agent.call.actions import JudgeEndOfTurn, Synthesise, Transcribe, Understand
from voice_agent.call.events import (
    EndOfTurnJudged,
    Event,
    SpeechReady,
    Take,
    TranscriptFailed,
    TranscriptReady,
    UnderstandingFailed,
)
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.runtime.engine_work import JUDGEMENT_PATIENCE, PATIENCE, EngineWork
from voice_agent.runtime.engines import STUCK_S, Engines
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.tasks import CallTasks


@dataclass
class Desk:
    """One call's work for engines it shares with other calls.

    Attributes:
        engines: shared.
        metrics: shared.
        events: what came back.
        faults: what nobody expected.
    """

    engines: Engines
    metrics: Metrics = field(default_factory=Metrics)
    events: list[Event] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = ConsentGate(CALL)
        self.gate.open(Receipt("record", CALL, frozenset({Purpose.CONVERSATION})))
        self.tasks = CallTasks(self.faults.append)
        self.work = EngineWork(self.engines, self.metrics, CALL, self.tasks, self.events.append)

    def take(self, turn: int = 1, number: int = 1, sound: bytes = b"\x00" * 160) -> Transcribe:
        """Something the caller said."""
        sealed = self.gate.admit(Utterance(sound, 20))
        assert sealed is not None
        return Transcribe(Take(turn, number), sealed, "de")

    def pause(self, turn: int = 1, number: int = 1, sound: bytes = b"\x00" * 160) -> JudgeEndOfTurn:
        """The same, to be judged by its sound."""
        take = self.take(turn, number, sound)
        return JudgeEndOfTurn(take.take, take.utterance, take.language)

    async def release(self) -> None:
        """The call is over."""
        await self.tasks.release()
        assert self.faults == []


@asynccontextmanager
async def desk(shared: Engines) -> AsyncIterator[Desk]:
    """One call, released at the end."""
    call = Desk(shared)
    yield call
    await call.release()


def speech(clip: str, text: str = "Guten Tag.") -> Synthesise:
    return Synthesise(clip, text, "de", 1.0, personal=False)


async def settle() -> None:
    """Let everything happen that can."""
    await asyncio.sleep(0.1)


def test_a_take_waits_as_long_as_a_call_does() -> None:
    assert CallTerms(call_id=CALL, language="de").thinking_s == PATIENCE


@in_virtual_time
async def test_c18_a_stuck_recogniser_keeps_no_audio_of_calls_that_are_over() -> None:
    """Only what it is stuck on is out of reach."""
    gc.collect()
    before = sum(isinstance(thing, Utterance) for thing in gc.get_objects())
    threads = Threads(stuck=True)
    shared = engines(threads=threads, places=2)
    calls = [Desk(shared) for _ in range(40)]
    for call in calls:
        call.work.recognise(call.take())
    await settle()
    for call in calls:
        call.gate.withdraw()
        await call.release()
    await settle()
    gc.collect()
    alive = sum(isinstance(thing, Utterance) for thing in gc.get_objects())
    assert alive - before == 2
    threads.work()


@in_virtual_time
async def test_takes_are_recognised_first_come_first_served_as_threads_get_free() -> None:
    ear = OneSentence()
    threads = Threads(stuck=True)
    async with desk(engines(ear, threads=threads, places=1)) as call:
        for turn in (1, 2, 3):
            call.work.recognise(call.take(turn, sound=bytes([turn])))
        await settle()
        for heard in (1, 2, 3):
            threads.work()
            await settle()
            assert ear.heard == [bytes([turn]) for turn in range(1, heard + 1)]


@in_virtual_time
async def test_a_stale_take_is_dropped_before_it_starts() -> None:
    ear = OneSentence()
    threads = Threads(stuck=True)
    shared = engines(ear, threads=threads, places=1)
    async with desk(shared) as other, desk(shared) as call:
        other.work.recognise(other.take(sound=b"o"))
        call.work.recognise(call.take(1, 1, b"a"))
        await settle()
        call.work.recognise(call.take(1, 2, b"b"))
        for _ in range(3):
            threads.work()
            await settle()
        assert ear.heard == [b"o", b"b"]
        assert [event.take for event in call.events if isinstance(event, TranscriptReady)] == [
            Take(1, 2)
        ]


@in_virtual_time
async def test_what_is_waited_for_goes_before_what_may_be_stale_soon() -> None:
    """Oldest first among each."""
    ear = OneSentence()
    threads = Threads(stuck=True)
    shared = engines(ear, threads=threads, places=1)
    async with desk(shared) as one, desk(shared) as other:
        for turn in (1, 2, 3):
            one.work.recognise(one.take(turn, sound=bytes([turn])))
        other.work.recognise(other.take(sound=b"o"))
        await settle()
        other.work.hurry(Take(1, 1))
        one.work.hurry(Take(7, 1))
        for _ in range(4):
            threads.work()
            await settle()
        assert ear.heard == [b"\x01", b"o", b"\x02", b"\x03"]


@in_virtual_time
async def test_a_pause_that_was_none_is_neither_recognised_nor_judged() -> None:
    ear, judge = OneSentence(), Verdict()
    threads = Threads(stuck=True)
    shared = engines(ear, judge=judge, threads=threads, places=1)
    async with desk(shared) as other, desk(shared) as call:
        for each, sound in ((other, b"o"), (call, b"c")):
            each.work.recognise(each.take(sound=sound))
            each.work.judge(each.pause(sound=sound))
        await settle()
        call.work.drop(Take(1, 1))
        for _ in range(3):
            threads.work()
            await settle()
        assert (ear.heard, judge.heard) == ([b"o"], [b"o"])
        assert call.events == []
        assert EndOfTurnJudged(Take(1, 1), 0.9) in other.events


@pytest.mark.parametrize("how", ["dropped", "replaced", "stopped", "call over"])
@in_virtual_time
async def test_a_recognition_that_runs_is_told_when_nobody_wants_its_words(how: str) -> None:
    """It holds a thread that the words of a turn that is over may be waiting for."""
    ear = OneSentence()
    threads = Threads(stuck=True)
    async with desk(engines(ear, threads=threads)) as call:
        call.work.recognise(call.take(1, 1))
        await settle()
        match how:
            case "dropped":
                call.work.drop(Take(1, 1))
            case "replaced":
                call.work.recognise(call.take(1, 2))
            case "stopped":
                call.work.stop()
            case _:
                await call.tasks.release()
        await settle()
        threads.work()
        await settle()
        assert ear.given_up == 1
        assert call.metrics.counted("recognition_failed") == 0
        takes = [event.take for event in call.events if isinstance(event, TranscriptReady)]
        assert takes == ([Take(1, 2)] if how == "replaced" else [])


@in_virtual_time
async def test_the_recogniser_is_told_what_the_dialogue_expects() -> None:
    ear = OneSentence()
    async with desk(engines(ear)) as call:
        call.work.recognise(replace(call.take(), expected=("Ja", "Nein")))
        await settle()
        assert ear.expected == [("Ja", "Nein")]


@in_virtual_time
async def test_a_recognition_is_wanted_while_its_call_waits() -> None:
    ear = OneSentence()
    threads = Threads(stuck=True)
    async with desk(engines(ear, threads=threads)) as call:
        call.work.recognise(call.take())
        await settle()
        threads.work()
        await settle()
        assert ear.given_up == 0
        assert [type(event) for event in call.events] == [TranscriptReady]


@in_virtual_time
async def test_a_judgement_that_comes_too_late_or_not_at_all_says_nothing_of_the_turn() -> None:
    judge = Verdict(fault=ValueError("strange"))
    threads = Threads(stuck=True)
    async with desk(engines(judge=judge, threads=threads, places=1)) as call:
        for turn in (1, 2):
            call.work.judge(call.pause(turn))
        await asyncio.sleep(JUDGEMENT_PATIENCE + 0.1)
        assert call.events == [EndOfTurnJudged(Take(2, 1), None)]
        threads.work()
        await settle()
        assert call.events[1:] == [EndOfTurnJudged(Take(1, 1), None)]
        assert call.metrics.counted("judgement_failed") == 2


@in_virtual_time
async def test_without_a_model_nothing_is_judged() -> None:
    async with desk(engines()) as call:
        call.work.judge(call.pause())
        await settle()
        assert call.events == []


@in_virtual_time
async def test_a_turn_that_is_over_is_not_judged_any_more() -> None:
    judge = Verdict()
    threads = Threads(stuck=True)
    async with desk(engines(judge=judge, threads=threads, places=1)) as call:
        for turn in (1, 2):
            call.work.judge(call.pause(turn))
        await settle()
        call.work.hurry(Take(2, 1))
        for _ in range(2):
            threads.work()
            await settle()
        assert len(judge.heard) == 1


@in_virtual_time
async def test_what_has_waited_for_a_thread_too_long_is_dropped_and_the_call_told() -> None:
    ear = OneSentence()
    threads = Threads(stuck=True)
    shared = engines(ear, threads=threads, places=1)
    async with desk(shared) as other, desk(shared) as call:
        other.work.recognise(other.take(sound=b"o"))
        other.work.understand(Understand(Take(1, 1), Said("Hallo", "de")))
        await settle()
        call.work.recognise(call.take(sound=b"c"))
        call.work.understand(Understand(Take(1, 1), Said("Hallo", "de")))
        await asyncio.sleep(PATIENCE - 0.1)
        assert call.events == []
        await asyncio.sleep(0.2)
        assert set(call.events) == {TranscriptFailed(Take(1, 1)), UnderstandingFailed(Take(1, 1))}
        for _ in range(2):
            threads.work()
            await settle()
        assert ear.heard == [b"o"]
        assert call.metrics.counted("recognition_failed") == 1


@in_virtual_time
async def test_a_stuck_recogniser_is_counted_once() -> None:
    threads = Threads(stuck=True)
    shared = engines(threads=threads, places=2)
    async with desk(shared) as call:
        for turn in (1, 2, 3):
            call.work.recognise(call.take(turn))
        await asyncio.sleep(10 * STUCK_S)
        assert shared.is_stuck(asyncio.get_running_loop().time())
        assert call.metrics.counted("recognition_stuck") == 1
        threads.work()


@pytest.mark.parametrize("running", [True, False])
@in_virtual_time
async def test_c16_a_stop_ends_recognition_and_understanding_and_not_speech(running: bool) -> None:
    ear = OneSentence()
    threads = Threads(stuck=running, idle=True)
    async with desk(engines(ear, threads=threads)) as call:
        for turn in (1, 2):
            call.work.recognise(call.take(turn))
            call.work.understand(Understand(Take(turn, 1), Said("Hallo", "de")))
        call.work.speak(speech("0.1"))
        await settle()
        call.work.stop()
        await settle()
        threads.work()
        await settle()
        assert [type(event) for event in call.events] == [SpeechReady]
        assert len(ear.heard) == (2 if running else 0)


@in_virtual_time
async def test_speech_that_was_cut_off_is_not_made_any_more() -> None:
    tones = Tones()
    threads = Threads(stuck=True)
    shared = engines(synthesiser=tones, threads=threads, places=1)
    async with desk(shared) as call, desk(shared) as other:
        for number in range(34):
            call.work.speak(speech(f"0.{number}", f"Satz {number}."))
        await settle()
        other.work.speak(speech("0.1", "Andere."))
        call.work.hush()
        for _ in range(2):
            threads.work()
            await settle()
        assert len(tones.spoken) == 2  # the one that was being made, and the other call's
        assert call.events == []
        assert len(other.events) == 1


@in_virtual_time
async def test_a_sentence_that_was_cut_off_is_spoken_when_it_is_asked_for_again() -> None:
    tones = Tones()
    threads = Threads(stuck=True)
    async with desk(engines(synthesiser=tones, threads=threads, places=1)) as call:
        for clip in ("0.1", "0.2"):
            call.work.speak(speech(clip))
        await settle()
        call.work.hush()
        call.work.speak(speech("1.3"))
        for _ in range(3):
            threads.work()
            await settle()
        assert [event.clip for event in call.events if isinstance(event, SpeechReady)] == ["1.3"]
        assert len(tones.spoken) == 1  # what was half made was kept for it


@in_virtual_time
async def test_speech_of_a_new_generation_ends_that_of_the_old_without_a_clear() -> None:
    """Nothing of the old was playing, so the call had nothing to clear."""
    tones = Tones()
    threads = Threads(stuck=True)
    shared = engines(synthesiser=tones, threads=threads, places=1)
    async with desk(shared) as other, desk(shared) as call:
        other.work.speak(speech("0.1", "Andere."))
        for clip in ("0.1", "0.2"):
            call.work.speak(speech(clip, f"Alt {clip}."))
        await settle()
        for clip in ("1.3", "1.4"):
            call.work.speak(speech(clip, f"Neu {clip}."))
        for _ in range(5):
            threads.work()
            await settle()
        assert [event.clip for event in call.events if isinstance(event, SpeechReady)] == [
            "1.3",
            "1.4",
        ]
        assert len(tones.spoken) == 3
