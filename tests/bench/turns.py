"""When turns are taken for over: false cut-offs and dead air of silence, Smart Turn and ours.

    python -m tests.bench.turns
    python -m tests.bench.turns --facts FILE   # engines heard once; later runs read what they said
    python -m tests.bench.turns --prompts DIR  # human English: Asterisk's, as in recogniser.py

The turns are those of ``paused``: recordings with pauses of 300 to 1,200 ms put into them. Each is
heard once by the call's own detector, without ever being ended, and at each pause recogniser and
judge are asked as in a call. Then each way to end turns is played on what they said:

- silence alone: so much silence is the end;
- Smart Turn alone: after so much silence, if it calls the turn finished (above 0.5), else after the
  longer silence;
- ours: ``silence_needed`` with the configuration's defaults, each answer known only when it came.

A false cut-off is a pause taken for the end of a turn. Dead air is the silence from the caller's
last sound, as the recording has it, until the turn is taken for over (with the time that voice
activity detection hangs on to speech); an answer needs the words as well. Thresholds were tuned
on half of the recordings; the others are reported, and so are the prompts, of which nobody looked
at a single one before. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from tests.bench import recogniser
from tests.bench.paused import Recording, Turn, turns
from voice_agent.agent import Turn as Configured
from voice_agent.agent_turns import end_rules, turn_rules
from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, Frame
from voice_agent.commands.own_sound import own_gate
from voice_agent.dialogue.completeness import completeness, is_spelling
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.speech.endpointing import EndRules, Evidence, Habit, silence_needed
from voice_agent.speech.smart_turn import SmartTurn
from voice_agent.speech.turns import PauseBegan, SpeechResumed, TurnDetector, TurnRules
from voice_agent.speech.webrtc_vad import WebRtcVad
from voice_agent.speech.whisper import WhisperRecogniser

NEVER_MS = 2500
STEP_MS = 10


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause, and what was said of it.

    Attributes:
        language: ``de`` or ``en``.
        tuned_on: of a recording that thresholds were chosen on.
        likely: Smart Turn's judgement.
        judged_ms: silence when it was there.
        text: the recogniser's words.
        heard_ms: silence when they were there.
        length_ms: silence until the caller went on; ``None``: it is the end.
        late_ms: at the end, by how much the detector's silence began after the last sound.
    """

    language: str
    tuned_on: bool
    likely: float
    judged_ms: float
    text: str
    heard_ms: float
    length_ms: int | None
    late_ms: int | None


End = Callable[[Pause], float]
"""Silence after which a pause is taken for the end of the turn, milliseconds."""


class Listener:
    """The engines of a call, asked at each pause."""

    def __init__(self, models: Path) -> None:
        store, judge = ModelStore(models), find("smart-turn-v3.2", "turn")
        self._judge = SmartTurn(store.require(judge) / judge.files[0].name)
        self._recogniser = WhisperRecogniser(store.require(find("whisper-base", "recogniser")))

    def pauses(self, turn: Turn, rules: TurnRules) -> Iterable[Pause]:
        """Every pause of a turn, the last included."""
        gate, detector = own_gate(), TurnDetector(rules, WebRtcVad())
        open_pause: tuple[float, float, str, float, int] | None = None
        for at in range(0, len(turn.mulaw), FRAME_BYTES):
            now_ms = at // (FRAME_BYTES // FRAME_MS)
            sealed = gate.admit(Frame(turn.mulaw[at : at + FRAME_BYTES], now_ms))
            if sealed is None:
                raise RuntimeError("the gate of one's own sound is open")
            for event in detector.hear(sealed):
                if isinstance(event, PauseBegan):
                    open_pause = (*self._ask(event, turn.language, rules), now_ms + FRAME_MS)
                elif isinstance(event, SpeechResumed) and open_pause is not None:
                    yield _pause(turn, open_pause, event.pause_ms, rules)
                    open_pause = None
        if open_pause is not None:
            yield _pause(turn, open_pause, None, rules)

    def _ask(
        self, pause: PauseBegan, language: str, rules: TurnRules
    ) -> tuple[float, float, str, float]:
        began = time.perf_counter()
        likely = self._judge.judge(pause.utterance, language)
        judged_ms = rules.pause_ms + (time.perf_counter() - began) * 1000
        words = self._recogniser.transcribe(pause.utterance, language)
        return likely, judged_ms, words.text, rules.pause_ms + words.seconds * 1000


def _pause(
    turn: Turn,
    found: tuple[float, float, str, float, int],
    length_ms: int | None,
    rules: TurnRules,
) -> Pause:
    likely, judged_ms, text, heard_ms, at_ms = found
    late_ms = at_ms - rules.pause_ms - turn.speech_end_ms if length_ms is None else None
    return Pause(
        turn.language, turn.tuned_on, likely, judged_ms, text, heard_ms, length_ms, late_ms
    )


def silence(ms: float) -> End:
    """Silence alone."""
    return lambda _: ms


def smart(ms: float, else_ms: float) -> End:
    """Smart Turn alone."""
    return lambda pause: max(ms, pause.judged_ms) if pause.likely > 0.5 else else_ms


def ours(rules: EndRules) -> End:
    """The three witnesses."""

    def end(pause: Pause) -> float:
        words = completeness(pause.text, pause.language)
        spelling = is_spelling(pause.text, pause.language)
        for ms in range(0, NEVER_MS, STEP_MS):
            evidence = Evidence(
                silence_ms=ms,
                acoustic=pause.likely if ms >= pause.judged_ms else None,
                words=words if ms >= pause.heard_ms else None,
                spelling=spelling and ms >= pause.heard_ms,
            )
            if ms >= silence_needed(evidence, Habit(), rules):
                return ms
        return NEVER_MS

    return end


def stretched(rules: EndRules, factor: float) -> EndRules:
    """More or less patient where the words lack nothing, for a curve."""
    return replace(
        rules,
        finished_ms=round(rules.finished_ms * factor),
        likely_ms=round(rules.likely_ms * factor),
        unlikely_ms=round(rules.unlikely_ms * factor),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """What one way to end turns does.

    Attributes:
        cut: share of inner pauses taken for the end.
        dead_ms: silence until the turn was taken for over, of each turn.
        answer_ms: the same until the words were there as well.
    """

    cut: float
    dead_ms: Sequence[float]
    answer_ms: Sequence[float]

    @property
    def mean(self) -> float:
        """Mean dead air, milliseconds."""
        return float(np.mean(self.dead_ms))

    def row(self, name: str) -> str:
        """A row of the table."""
        middle, late = np.quantile(self.dead_ms, (0.5, 0.95))
        answer, answer_late = np.quantile(self.answer_ms, (0.5, 0.95))
        return (
            f"| {name} | {100 * self.cut:.0f} % | {self.mean:.0f} | {middle:.0f} | {late:.0f} "
            f"| {answer:.0f} | {answer_late:.0f} |"
        )


def score(end: End, pauses: Sequence[Pause]) -> Score:
    """Play one way on all pauses."""
    inner = [pause for pause in pauses if pause.length_ms is not None]
    cut = sum(end(pause) < (pause.length_ms or 0) for pause in inner)
    last = [(end(pause), pause) for pause in pauses if pause.late_ms is not None]
    return Score(
        cut / len(inner),
        [ms + (pause.late_ms or 0) for ms, pause in last],
        [max(ms, pause.heard_ms) + (pause.late_ms or 0) for ms, pause in last],
    )


def best_within(ways: Iterable[tuple[str, End]], mean: float, pauses: Sequence[Pause]) -> str:
    """The row of whichever cuts off least with at most so much dead air on the mean."""
    scored = [(score(end, pauses), name) for name, end in ways]
    able = [each for each in scored if each[0].mean <= mean + STEP_MS]
    if not able:
        return "| Smart Turn at our mean dead air | not reached | | | | | |"
    found, name = min(able, key=lambda each: each[0].cut)
    return found.row(f"{name}, the best of its kind at our mean dead air")


def quickest_with(name: str, ways: Iterable[End], cut: float, pauses: Sequence[Pause]) -> str:
    """The row of the least dead air with at most so many false cut-offs."""
    able = [each for each in (score(end, pauses) for end in ways) if each.cut <= cut]
    if not able:
        return f"| {name}, at most {cut:.0%} cut off | not reached | | | | | |"
    return min(able, key=lambda each: each.mean).row(f"{name}, at most {cut:.0%} cut off")


def table(name: str, pauses: Sequence[Pause], rules: EndRules) -> str:
    """One table: every way, and each kind at the same dead air and at the same cut-offs."""
    inner = sum(pause.length_ms is not None for pause in pauses)
    silences = [(f"silence {ms} ms", silence(ms)) for ms in range(200, 1500, 20)]
    smarts = [
        (f"Smart Turn {ms} or {longer} ms", smart(ms, longer))
        for ms in range(200, 1300, 40)
        for longer in (500, 600, 700, 800, 1000, 1200, 1600)
        if longer > ms
    ]
    mines = [ours(stretched(rules, factor / 20)) for factor in range(14, 80)]
    mine = score(ours(rules), pauses)
    rows = [
        f"**{name}**: {len(pauses) - inner} turns, {inner} pauses inside",
        "",
        "| turns end by | false cut-offs | dead air mean, ms | p50 | p95 | answerable p50 | p95 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(score(silence(ms), pauses).row(f"silence {ms} ms") for ms in (300, 600)),
        *(
            score(smart(ms, 1600), pauses).row(f"Smart Turn {ms}, else 1600 ms")
            for ms in (300, 600)
        ),
        mine.row("ours"),
        best_within(silences, mine.mean, pauses),
        best_within(smarts, mine.mean, pauses),
    ]
    for cut in (0.1, 0.05):
        rows.append(quickest_with("silence", (end for _, end in silences), cut, pauses))
        rows.append(quickest_with("Smart Turn", (end for _, end in smarts), cut, pauses))
        rows.append(quickest_with("ours", mines, cut, pauses))
    return "\n".join(rows) + "\n"


def _prompts(root: Path, every: int) -> Iterable[Recording]:
    for spoken in recogniser.prompts(root, every):
        yield Recording(spoken.file.stem, spoken.language, spoken.text, spoken.file)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--facts", type=Path, help="what the engines said; written if not there")
    parser.add_argument("--prompts", type=Path, help="make turns of these instead")
    parser.add_argument("--every", type=int, default=4, help="of the prompts, so many-th")
    given = parser.parse_args(arguments)
    configured = Configured()
    rules = turn_rules(configured.model_copy(update={"end_ms": NEVER_MS}))
    if given.facts is not None and given.facts.exists():
        pauses = [Pause(**each) for each in json.loads(given.facts.read_text("utf-8"))]
    else:
        listener = Listener(given.models)
        made_of = None if given.prompts is None else _prompts(given.prompts, given.every)
        pauses = [pause for turn in turns(made_of) for pause in listener.pauses(turn, rules)]
        if given.facts is not None:
            facts = [asdict(pause) for pause in pauses]
            given.facts.write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
    ends = end_rules(configured)
    if given.prompts is not None:
        sys.stdout.write(table("human English prompts", pauses, ends))
        return
    for name, chosen in (
        ("tuned on", [pause for pause in pauses if pause.tuned_on]),
        ("reported", [pause for pause in pauses if not pause.tuned_on]),
        ("reported, German", [p for p in pauses if not p.tuned_on and p.language == "de"]),
        ("reported, English", [p for p in pauses if not p.tuned_on and p.language == "en"]),
    ):
        sys.stdout.write(table(name, chosen, ends) + "\n")


if __name__ == "__main__":
    main()
