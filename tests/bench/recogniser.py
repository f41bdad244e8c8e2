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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel

from tests.bench.bench import MODELS, Bench
from tests.bench.section import Curve, Goal, Panel, Section, percentile, shares, table
from tests.bench.word_errors import WordErrors
from voice_agent.audio import wav
from voice_agent.audio.resample import resample
from voice_agent.commands.hear import from_own_file
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.speech.whisper import RATE, WhisperRecogniser

RECORDINGS = Path(__file__).parents[1] / "recordings"
BEAM = 1
THREADS = 2
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

    def add(self, spoken: Spoken, text: str, seconds: float) -> int:
        """Count what was heard, and return its word errors."""
        self.seconds.append(seconds)
        return self.errors.add(spoken.text, text, spoken.language)

    def cells(self) -> tuple[str, str]:
        """Word error rate; mean, median and 95th percentile of the time: as table cells."""
        middle, late = (percentile(self.seconds, percent) for percent in (50, 95))
        mean = float(np.mean(self.seconds))
        return f"{100 * self.errors.rate:.1f} %", f"{mean:.3f} ({middle:.3f}, {late:.3f})"


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


@dataclass(frozen=True, slots=True)
class Compared:
    """What both did in one group.

    Attributes:
        stock: faster-whisper as it comes.
        ours: our recogniser.
        passes: how often ours decoded each utterance.
    """

    stock: Score = field(default_factory=Score)
    ours: Score = field(default_factory=Score)
    passes: list[int] = field(default_factory=list)

    @property
    def times_faster(self) -> float:
        """Stock's time for each second of ours."""
        return sum(self.stock.seconds) / sum(self.ours.seconds)

    def row(self, group: str) -> list[str]:
        """Cells of the table."""
        return [
            f"{len(self.passes)} {group}",
            *self.stock.cells(),
            *self.ours.cells(),
            f"{self.times_faster:.1f}",
            f"{np.mean(self.passes):.2f}",
        ]


HEADING = (
    "utterances",
    "stock: WER",
    "s: mean (p50, p95)",
    "ours: WER",
    "s: mean (p50, p95)",
    "times faster",
    "passes",
)

WANTED_FASTER = 3.0
WANTED_WORSE = 0.5


def compare(
    model: Path, everything: Iterable[Spoken], *, beam: int, threads: int, show: bool = False
) -> dict[str, Compared]:
    """Have both hear everything, by group and, behind the groups, in ``all``."""
    stock = WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=threads)
    ours = WhisperRecogniser(model, device="cpu", threads=threads)
    found: dict[str, Compared] = {}
    whole = Compared()
    for spoken in everything:
        worse = 0
        began = time.perf_counter()
        text = stock_hears(stock, spoken, beam)
        theirs = time.perf_counter() - began
        began = time.perf_counter()
        heard = ours.transcribe(from_own_file(spoken.file), spoken.language)
        mine = time.perf_counter() - began
        for group in (found.setdefault(spoken.group, Compared()), whole):
            wrong = group.stock.add(spoken, text, theirs)
            worse = group.ours.add(spoken, heard.text, mine) - wrong
            group.passes.append(heard.passes)
        if show and worse > 0:
            sys.stderr.write(f"{spoken.file.name}: {spoken.text} | {text} | {heard}\n")
    return found | {"all": whole}


def report(_: Bench) -> Section:
    """Compare on the test suite's recordings and tell."""
    model = ModelStore(MODELS).require(find("whisper-base", "recogniser"))
    found = compare(model, recordings(), beam=BEAM, threads=THREADS)
    whole = found["all"]
    worse = 100 * (whole.ours.errors.rate - whole.stock.errors.rate)
    return Section(
        title="The recogniser against stock faster-whisper",
        text=f"Whisper base (int8), {THREADS} threads, beam {BEAM} for both; stock hears "
        "windows of 30 s, as it comes. Both hear each recording of the test suite one after the "
        "other: read the ratio, not the seconds.\n\n"
        + table(HEADING, [compared.row(group) for group, compared in found.items()]),
        goals=(
            Goal(
                "recogniser against stock",
                whole.times_faster,
                WANTED_FASTER,
                "times faster",
                1,
                True,
            ),
            Goal("its word errors beyond stock's", worse, WANTED_WORSE, "points", 1),
        ),
        panels=(
            Panel(
                "Recogniser",
                "seconds for an utterance",
                "utterances, %",
                (
                    Curve("stock faster-whisper", shares(whole.stock.seconds)),
                    Curve("ours", shares(whole.ours.seconds)),
                ),
            ),
        ),
    )


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--prompts", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--beam", type=int, default=BEAM, help="of stock; its own default is 5")
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--show", action="store_true", help="each text that is worse than stock's")
    given = parser.parse_args()
    everything = [*recordings(), *(prompts(given.prompts, given.every) if given.prompts else ())]
    found = compare(
        given.model, everything, beam=given.beam, threads=given.threads, show=given.show
    )
    rows = [compared.row(group) for group, compared in found.items()]
    sys.stdout.write(table(HEADING, rows) + "\n")


if __name__ == "__main__":
    main()
