"""Our recogniser against stock faster-whisper: word error rate and time, in one run.

    python -m tests.bench.recogniser --model models/whisper-base
    python -m tests.bench.recogniser --model models/whisper-base --prompts DIRECTORY --every 3

Both hear each utterance one after the other, so that whatever else the machine does slows both;
read the ratio, not the seconds. ``--prompts`` takes the Debian packages
``asterisk-core-sounds-en-wav`` and ``asterisk-core-sounds-en`` unpacked with ``dpkg -x``.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel

from tests.bench.word_errors import WordErrors
from voice_agent.audio import wav
from voice_agent.audio.resample import resample
from voice_agent.commands.hear import from_own_file
from voice_agent.speech.whisper import RATE, WhisperRecogniser

RECORDINGS = Path(__file__).parents[1] / "recordings"
_FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording and what is said in it."""

    group: str
    file: Path
    language: str
    text: str


@dataclass(slots=True)
class Score:
    """What one recogniser did in one group."""

    errors: WordErrors = field(default_factory=WordErrors)
    seconds: list[float] = field(default_factory=list)

    def cells(self) -> str:
        """Word error rate, mean, median and 95th percentile of the time, as table cells."""
        middle, late = np.quantile(self.seconds, (0.5, 0.95))
        mean = float(np.mean(self.seconds))
        return f"{100 * self.errors.rate:.1f} % | {mean:.3f} ({middle:.3f}, {late:.3f})"


def recordings() -> Iterator[Spoken]:
    """The utterances of the test suite."""
    for line in (RECORDINGS / "manifest.tsv").read_text("utf-8").splitlines():
        name, language, text = line.split("\t")
        yield Spoken(f"callers {language}", RECORDINGS / name, language, text)


def prompts(root: Path, every: int) -> Iterator[Spoken]:
    """Every so many-th of Asterisk's prompts, without those whose text is not what is said."""
    written = next(root.rglob("core-sounds-en.txt.gz"))
    lines = gzip.decompress(written.read_bytes()).decode("latin-1").splitlines()
    found = []
    for line in lines:
        name, colon, text = line.partition(":")
        file = next(iter(root.rglob(f"en_US_f_Allison/{name.strip()}.wav")), None)
        plain = colon and not line.startswith(";") and not set("[(") & set(text)
        if plain and file is not None and len(text.split()) >= _FEWEST_WORDS:
            found.append(Spoken("prompts en", file, "en", text.strip()))
    return iter(sorted(found, key=lambda one: str(one.file))[::every])


def stock_hears(stock: WhisperModel, spoken: Spoken, beam: int) -> str:
    """What faster-whisper as it comes makes of the recording."""
    recording = wav.read(spoken.file.read_bytes())
    wide = resample(recording.mono(), recording.rate, RATE)
    samples: npt.NDArray[np.float32] = wide.astype(np.float32) / np.float32(32768)
    segments, _ = stock.transcribe(samples, language=spoken.language, beam_size=beam)
    return " ".join(segment.text.strip() for segment in segments)


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--prompts", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--beam", type=int, default=1, help="of stock; its own default is 5")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--show", action="store_true", help="each text that is worse than stock's")
    given = parser.parse_args()
    stock = WhisperModel(
        str(given.model), device="cpu", compute_type="int8", cpu_threads=given.threads
    )
    ours = WhisperRecogniser(given.model, device="cpu", threads=given.threads)
    scores: dict[str, tuple[Score, Score]] = {}
    passes: dict[str, list[int]] = {}
    everything = [*recordings(), *(prompts(given.prompts, given.every) if given.prompts else ())]
    for spoken in everything:
        theirs, mine = scores.setdefault(spoken.group, (Score(), Score()))
        began = time.perf_counter()
        text = stock_hears(stock, spoken, given.beam)
        theirs.seconds.append(time.perf_counter() - began)
        wrong = theirs.errors.add(spoken.text, text, spoken.language)
        began = time.perf_counter()
        heard = ours.transcribe(from_own_file(spoken.file), spoken.language)
        mine.seconds.append(time.perf_counter() - began)
        passes.setdefault(spoken.group, []).append(heard.passes)
        worse = mine.errors.add(spoken.text, heard.text, spoken.language) - wrong
        if given.show and worse > 0:
            sys.stderr.write(f"{spoken.file.name}: {spoken.text} | {text} | {heard}\n")
    sys.stdout.write(
        "| utterances | stock: WER | s: mean (p50, p95) | ours: WER | s: mean (p50, p95) "
        "| times faster | passes |\n| --- | --- | --- | --- | --- | --- | --- |\n"
    )
    for group, (theirs, mine) in scores.items():
        faster = sum(theirs.seconds) / sum(mine.seconds)
        sys.stdout.write(
            f"| {len(mine.seconds)} {group} | {theirs.cells()} | {mine.cells()} "
            f"| {faster:.1f} | {np.mean(passes[group]):.2f} |\n"
        )


if __name__ == "__main__":
    main()
