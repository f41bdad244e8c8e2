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
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.bench import recogniser
from tests.bench.bench import MODELS, Bench
from tests.bench.endings import HEADING, NEVER_MS, Pause, count, curves, ours, rows, score, table
from tests.bench.paused import Recording, Turn, turns
from tests.bench.section import Panel, Section
from voice_agent.agent import Turn as Configured
from voice_agent.agent_turns import end_rules, turn_rules
from voice_agent.audio.frame import FRAME_BYTES, FRAME_MS, Frame
from voice_agent.commands.own_sound import own_gate
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.speech.smart_turn import SmartTurn
from voice_agent.speech.turns import PauseBegan, SpeechResumed, TurnDetector, TurnRules
from voice_agent.speech.webrtc_vad import WebRtcVad
from voice_agent.speech.whisper import WhisperRecogniser


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


def patient(configured: Configured) -> TurnRules:
    """The configuration's rules, but that no turn is ever ended."""
    return turn_rules(configured.model_copy(update={"end_ms": NEVER_MS}))


def report(_: Bench) -> Section:
    """Hear the recordings that nothing was tuned on, and tell."""
    configured = Configured()
    listener, rules, ends = Listener(MODELS), patient(configured), end_rules(configured)
    untouched = [turn for turn in turns() if not turn.tuned_on]
    pauses = [pause for turn in untouched for pause in listener.pauses(turn, rules)]
    languages = []
    for language, name in (("de", "German"), ("en", "English")):
        each = score(ours(ends), [pause for pause in pauses if pause.language == language])
        languages.append(f"{name} {100 * each.cut:.0f} % cut off, {each.mean:.0f} ms of dead air")
    return Section(
        title="When a turn is over",
        text=f"{count(pauses)}: the test suite's recordings that no threshold was tuned on, cut in "
        "the middle and put together around pauses of 300 to 1,200 ms. A false cut-off is a pause "
        'taken for the end; dead air counts from the caller\'s last sound; "answerable" is when '
        "the words were there as well. What the rows mean is explained below.\n\n"
        + "\n".join([HEADING, *rows(pauses, ends)])
        + f"\n\nOurs by language: {'; '.join(languages)}.",
        panels=(
            Panel(
                "End of a turn: nearer to the corner is better",
                "pauses taken for the end, %",
                "dead air, mean, ms",
                curves(pauses, ends),
            ),
        ),
    )


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
    rules = patient(configured)
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
