"""A call written down: what happened, and what the call did about it.

    +0.00 < start accepted
          > phase conversing
          > synthesise 0.1 de: Vielen Dank.
    +0.10 < speech 0.1 300
          > audio 300
          > mark 0.1
    +0.00 < voice 600

``<`` is an event with the seconds since the one before; ``>`` lines are the actions it led to, all
of them, in order. Lengths are milliseconds. ``voice``, ``noise`` and ``silence`` stand for media in
frames of 20 ms, each arriving when it has been spoken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from tests.call.scene import CALL, NOISE, SILENT, receipt
from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, Frame
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
    SendLink,
    SendMark,
    Synthesise,
    Transcribe,
    Understand,
    UseTool,
)
from voice_agent.call.events import (
    CallerGone,
    CallStarted,
    ConsentCommitted,
    ConsentFailed,
    EndOfTurnJudged,
    Event,
    KeyPressed,
    LinkAnswered,
    LinkOutcome,
    MarkReached,
    MediaReceived,
    SpeechFailed,
    SpeechReady,
    Take,
    TimePassed,
    TranscriptFailed,
    TranscriptReady,
    UnderstandingFailed,
    Understood,
)
from voice_agent.dialogue.understanding.ports import Said, Understander
from voice_agent.speech.ports import Transcript

SOUNDS: Final = {"voice": 0x01, "noise": NOISE, "silence": SILENT}


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the script.

    Attributes:
        line: number of its line, for the reader of a failure.
        after: seconds since the step before.
        event: the event as written.
        actions: the actions as written.
    """

    line: int
    after: float
    event: str
    actions: tuple[str, ...]


def read(script: str) -> list[Step]:
    """Read a script; ``#`` begins a comment."""
    steps: list[Step] = []
    for number, line in enumerate(script.splitlines(), 1):
        match line.split(maxsplit=2):
            case [">", *_]:
                written = line.partition("> ")[2].strip()
                steps[-1] = replace(steps[-1], actions=(*steps[-1].actions, written))
            case [after, "<", event] if after.startswith("+"):
                steps.append(Step(number, float(after), event.strip(), ()))
            case [] | ["#", *_]:
                continue
            case _:
                raise ValueError(f"line {number} is neither an event nor an action")
    return steps


def events(written: str, elapsed_ms: int, understander: Understander) -> Iterator[Event]:
    """The events a line stands for."""
    kind, _, rest = written.partition(" ")
    name, _, more = rest.partition(" ")
    match kind:
        case "start":
            yield CallStarted(receipt(CALL) if rest == "accepted" else None)
        case "voice" | "noise" | "silence":
            for at in range(0, int(rest), FRAME_MS):
                yield MediaReceived(Frame(bytes([SOUNDS[kind]]) * FRAME_BYTES, elapsed_ms + at))
        case "key":
            yield KeyPressed(rest)
        case "mark":
            yield MarkReached(rest)
        case "ledger":
            yield ConsentCommitted(receipt(CALL)) if rest == "written" else ConsentFailed()
        case "words":
            take, _, text = rest.partition(":")
            yield TranscriptReady(_take(take), _transcript(text.strip()))
        case "no-words":
            yield TranscriptFailed(_take(rest))
        case "sounds":
            take, _, likely = rest.partition(": ")
            yield EndOfTurnJudged(_take(take), None if likely == "unjudged" else float(likely))
        case "meaning":
            take, _, text = rest.partition(": ")
            language, _, words = text.partition(" ")
            yield Understood(_take(take), understander.understand(Said(words, language)))
        case "no-meaning":
            yield UnderstandingFailed(_take(rest))
        case "speech":
            yield SpeechReady(name, b"\x55" * (int(more) * 8), 0.1)
        case "no-speech":
            yield SpeechFailed(rest)
        case "link":
            yield LinkAnswered(LinkOutcome(rest))
        case "gone":
            yield CallerGone()
        case "time":
            yield TimePassed()
        case _:
            raise ValueError(f"no event is written {kind!r}")


def write(action: Action) -> str:
    """An action as a script writes it."""
    match action:
        case CommitConsent(key=key, language=language, heard_ms=heard_ms):
            return f"commit key {key}, {language}, {heard_ms} ms heard"
        case RecordWithdrawal():
            return "record withdrawal"
        case Transcribe(take=take, utterance=utterance, language=language):
            ms = round(utterance.reveal().duration_ms)
            return f"transcribe {take.turn}.{take.number} {language}, {ms} ms"
        case JudgeEndOfTurn() | Hurry() | DropTake() | UseTool() | PassOn() | AskCallback():
            return _about(action)
        case Understand(take=take, said=said):
            asked = f" ({said.asked.slot})" if said.asked is not None else ""
            return f"understand {take.turn}.{take.number} {said.language}{asked}: {said.text}"
        case Synthesise(clip=clip, text=text, language=language):
            return f"synthesise {clip} {language}: {text}"
        case SendAudio(mulaw=mulaw):
            return f"audio {len(mulaw) // 8}"
        case SendMark(name=name):
            return f"mark {name}"
        case ClearAudio():
            return "clear"
        case SendLink(language=language):
            return f"send link {language}"
        case Finish(ending=ending, language=language):
            return f"finish {ending.value} {language}"
        case Observe(observation=observation):
            seen = observation.to_dict()
            kind = seen.pop("type")
            values = ", ".join(f"{value}" for value in seen.values())
            return f"seen {kind}: {values}".rstrip()


def _about(
    action: JudgeEndOfTurn | Hurry | DropTake | UseTool | PassOn | AskCallback,
) -> str:
    if isinstance(action, PassOn):
        return "pass on"
    if isinstance(action, AskCallback):
        return f"ask callback {action.language}"
    if isinstance(action, UseTool):
        return f"use {action.request.tool}"
    words = {JudgeEndOfTurn: "judge", Hurry: "hurry", DropTake: "drop"}
    language = f" {action.language}" if isinstance(action, JudgeEndOfTurn) else ""
    return f"{words[type(action)]} {action.take.turn}.{action.take.number}{language}"


def _take(written: str) -> Take:
    turn, number = written.split(".")
    return Take(int(turn), int(number))


def _transcript(text: str) -> Transcript:
    return Transcript(text=text, language="de", seconds=0.3, audio_seconds=1.0, window=30.0)
