"""Turns on bad lines: webrtcvad alone, in its mode 2, against ours, on the same sounds.

    python -m tests.bench noise

Ten calls of six or seven of the recorded utterances each, three seconds apart, with something else
on the line (``tests/audio/sounds.py``), and lines on which nobody speaks. Both detectors drive the
call's own turn detector with its default rules, without recogniser and judge: 700 ms of silence end
a turn. SNR is the utterance's active level over the disturbance's.

- false starts: turns that began in no utterance, a minute of line. Where other voices are there
  before anybody has spoken, they are the caller as far as anyone knows: those are counted from
  behind the first utterance on.
- lost: utterances without a turn. Late: turns still open 1.5 s after the utterance's last sound.
- split: utterances that became several turns. Open: share of the time in which a turn was open.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import webrtcvad

from consent.sealed import Consented
from tests.audio import sounds
from tests.audio.sounds import RATE, Sound
from voice_agent.audio import mulaw
from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, TELEPHONE_RATE, Frame
from voice_agent.commands.own_sound import own_gate
from voice_agent.speech.ports import Vad
from voice_agent.speech.turns import SpeechStarted, TurnDetector, TurnEnded, TurnRules
from voice_agent.speech.webrtc_vad import WebRtcVad

CALLS: Final = 10
APART_S: Final = 3.0
ALONE_S: Final = 60.0
VOICE_DBFS: Final = -20.0
LATE_MS: Final = 1500
SLACK_MS: Final = 300
"""A turn that begins so soon after an utterance is of its last sound."""


class BareVad:
    """webrtcvad and nothing else."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(2)

    def is_speech(self, frame: Consented[Frame]) -> bool:
        """See ``Vad``."""
        samples = mulaw.decode(frame.reveal().mulaw)
        return bool(self._vad.is_speech(samples.tobytes(), TELEPHONE_RATE))


VOICES: Final = ("full room", "television")


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, milliseconds from the call's beginning."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Call:
    """A line's sound, what is said on it, and from when on a false start counts."""

    mulaw: bytes
    spoken: tuple[Span, ...] = ()
    counted_from: float = 0.0


def talk(names: Sequence[str], dbfs: float = VOICE_DBFS) -> tuple[Sound, tuple[Span, ...]]:
    """Utterances with silence before, between and behind them, and where they are."""
    parts, spans, at = [sounds.silence(APART_S)], [], APART_S * RATE
    for name in names:
        voice = sounds.voice(name, dbfs)
        spans.append(Span(at * 1000 / RATE, (at + len(voice)) * 1000 / RATE))
        parts += [voice, sounds.silence(APART_S)]
        at += len(voice) + APART_S * RATE
    return np.concatenate(parts), tuple(spans)


Disturbance = Callable[[float, int], Sound]
"""Makes so many seconds of something, with a seed."""


def calls(
    disturbance: Disturbance,
    *,
    dbfs: float = VOICE_DBFS,
    fault: Callable[[Sound], Sound] = lambda sound: sound,
    bystander: bool = False,
    count: int = CALLS,
) -> Iterator[Call]:
    """The first so many calls with something on the line; the sum goes through ``fault``."""
    for number in range(count):
        voice, spans = talk(sounds.names()[number::CALLS], dbfs)
        other = disturbance(len(voice) / RATE, number + 1)[: len(voice)]
        heard = sounds.line(fault(sounds.mixed(voice, other)))
        yield Call(heard, spans, spans[0].end + SLACK_MS if bystander else 0.0)


def turns(call: Call, vad: Vad) -> list[Span]:
    """The turns of a call; one that is open at its end has no end."""
    gate, detector, found = own_gate(), TurnDetector(TurnRules(), vad), list[Span]()
    for at in range(0, len(call.mulaw), FRAME_BYTES):
        now = at * FRAME_MS / FRAME_BYTES
        sealed = gate.admit(Frame(call.mulaw[at : at + FRAME_BYTES], round(now)))
        if sealed is None:
            raise RuntimeError("the gate of one's own sound is open")
        for event in detector.hear(sealed):
            if isinstance(event, SpeechStarted):
                found.append(Span(now + FRAME_MS, float("inf")))
            elif isinstance(event, TurnEnded):
                found[-1] = Span(found[-1].begin, now + FRAME_MS)
    return found


@dataclass(slots=True)
class Score:
    """Sums over calls; see the module's own words."""

    false: int = 0
    lost: int = 0
    late: int = 0
    split: int = 0
    open_ms: float = 0.0
    counted_ms: float = 0.0
    all_ms: float = 0.0
    spoken: int = 0

    def add(self, call: Call, found: Sequence[Span]) -> None:
        """Count one call."""
        length = len(call.mulaw) * 1000 / RATE
        self.all_ms += length
        self.counted_ms += length - call.counted_from
        self.open_ms += sum(min(turn.end, length) - turn.begin for turn in found)
        self.spoken += len(call.spoken)
        self.false += sum(
            turn.begin >= call.counted_from
            and not any(
                span.begin - FRAME_MS <= turn.begin <= span.end + SLACK_MS for span in call.spoken
            )
            for turn in found
        )
        for span in call.spoken:
            of_it = [t for t in found if t.begin < span.end + SLACK_MS and t.end > span.begin]
            self.lost += not of_it
            self.split += len(of_it) > 1
            self.late += bool(of_it) and of_it[-1].end > span.end + LATE_MS

    def cells(self) -> str:
        """A table's cells."""
        a_minute = self.false * 60_000 / self.counted_ms
        share = 100 * self.open_ms / self.all_ms
        spoken = f"{self.lost} | {self.late} | {self.split}" if self.spoken else "| |"
        return f"{a_minute:.1f} | {spoken} | {share:.0f} %"


def spoken_cases() -> Iterator[tuple[str, Iterator[Call]]]:
    """Lines with a caller."""
    for dbfs in (-35, -20, -6):
        yield f"nothing, voice at {dbfs} dBFS", calls(lambda s, _: sounds.silence(s), dbfs=dbfs)
    kinds: dict[str, Callable[[float, float, int], Sound]] = {
        "hiss": sounds.white,
        "fan": sounds.pink,
        "street": sounds.street,
        "full room": lambda s, db, seed: sounds.babble(s, db, seed=seed),
        "television": sounds.television,
        "strings": lambda s, db, _: sounds.strings(s, db),
        "piano": lambda s, db, _: sounds.piano(s, db),
        "pop": sounds.pop,
    }
    for name, make in kinds.items():
        for snr in (20, 15, 10):

            def made(
                s: float,
                seed: int,
                make: Callable[[float, float, int], Sound] = make,
                snr: int = snr,
            ) -> Sound:
                return make(s, VOICE_DBFS - snr, seed)

            yield f"{name}, SNR {snr} dB", calls(made, bystander=name in VOICES)
    yield "hum, -25 dBFS", calls(lambda s, _: sounds.hum(s, -25))
    yield "DC, 5 %", calls(lambda s, _: sounds.silence(s) + 0.05)
    yield "clicks", calls(lambda s, seed: sounds.clicks(s, -12, seed=seed))
    yield (
        "comfort noise, voice at -35 dBFS",
        calls(lambda s, seed: sounds.comfort(s, -50, seed), dbfs=-35),
    )
    yield "breathing", calls(lambda s, seed: sounds.breathing(s, -38, seed), bystander=True)
    yield "clipped by 12 dB", calls(lambda s, _: sounds.silence(s), fault=sounds.clipped)
    for share in (5, 10, 20):
        yield (
            f"{share} % lost in bursts",
            calls(
                lambda s, seed: sounds.white(s, -50, seed),
                fault=partial(sounds.lossy, share=share / 100),
            ),
        )


def silent_cases() -> Iterator[tuple[str, Iterator[Call]]]:
    """Lines on which nobody speaks."""
    alone: dict[str, Disturbance] = {
        "hiss, -40 dBFS": lambda s, seed: sounds.white(s, -40, seed),
        "hiss, -30 dBFS": lambda s, seed: sounds.white(s, -30, seed),
        "street, -30 dBFS": lambda s, seed: sounds.street(s, -30, seed),
        "full room, -30 dBFS": lambda s, seed: sounds.babble(s, -30, seed=seed),
        "hum, -25 dBFS": lambda s, _: sounds.hum(s, -25),
        "clicks": lambda s, seed: sounds.clicks(s, -6, 3, seed),
        "comfort noise, -45 dBFS": lambda s, seed: sounds.comfort(s, -45, seed),
        "breathing, -45 dBFS": lambda s, seed: sounds.breathing(s, -45, seed),
        "strings, -25 dBFS": lambda s, _: sounds.strings(s, -25),
        "piano, -25 dBFS": lambda s, _: sounds.piano(s, -25),
        "pop, -25 dBFS": lambda s, seed: sounds.pop(s, -25, seed),
        "television, -35 dBFS": lambda s, seed: sounds.television(s, -35, seed),
    }
    for name, make in alone.items():
        yield (
            f"nobody; {name}",
            (Call(sounds.line(make(ALONE_S, seed))) for seed in range(1, 4)),
        )


def nanoseconds(vad: Vad, frames: int = 5000) -> float:
    """Time of one frame on this machine."""
    gate, sound = own_gate(), sounds.line(talk(sounds.names()[:6])[0])
    whole = len(sound) // FRAME_BYTES
    sealed = []
    for number in range(frames):
        at = number % whole * FRAME_BYTES
        frame = gate.admit(Frame(sound[at : at + FRAME_BYTES], number * FRAME_MS))
        if frame is not None:
            sealed.append(frame)
    began = time.process_time_ns()
    for frame in sealed:
        vad.is_speech(frame)
    return (time.process_time_ns() - began) / len(sealed)


def main(_: Sequence[str] = ()) -> None:
    """Measure and print a Markdown table."""
    out = sys.stdout
    out.write("| on the line | webrtcvad: false a minute | lost | late | split | open ")
    out.write("| ours: false a minute | lost | late | split | open |\n")
    out.write("| --- " * 11 + "|\n")
    for cases in (spoken_cases(), silent_cases()):
        for name, made in cases:
            bare, ours = Score(), Score()
            for call in made:
                bare.add(call, turns(call, BareVad()))
                ours.add(call, turns(call, WebRtcVad()))
            out.write(f"| {name} | {bare.cells()} | {ours.cells()} |\n")
            out.flush()
    for name, vad in (("webrtcvad", BareVad()), ("ours", WebRtcVad())):
        taken = nanoseconds(vad)
        share = taken * 1e-9 * 1000 / FRAME_MS
        out.write(f"\n{name}: {taken:,.0f} ns a frame, {share:.2%} of a core a call\n")


if __name__ == "__main__":
    main()
