"""Whisper through faster-whisper and CTranslate2: the recogniser.

Stock faster-whisper pads every utterance to 30 s before it encodes, and the encoder is most of the
cost. Here the encoder sees the utterance and a little padding. That is several times faster, and
has one danger: with little padding the decoder may say the sentence again. So the tokens are
bounded by the duration, and a pass that looks doubtful is done again with the full window.
``tests/bench/recogniser.py`` measures both against stock.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens

from consent.sealed import Consented
from voice_agent.audio import mulaw
from voice_agent.audio.frame import TELEPHONE_RATE, Utterance
from voice_agent.audio.resample import resample
from voice_agent.errors import EngineError, ModelError
from voice_agent.speech.hallucination import LIMITS, Hypothesis, loop_length, rejection
from voice_agent.speech.ports import Transcript

LANGUAGES: Final = ("de", "en")
"""Languages that callers choose from."""

RATE: Final = 16_000
"""Samples a second that Whisper hears, Hz."""

FRAMES_PER_SECOND: Final = 100
"""Feature frames a second."""

FULL_WINDOW: Final = 30.0
"""Seconds of audio that Whisper was trained on, and the most it hears at once."""

PADDING: Final = 2.0
"""Seconds of padding behind the utterance in the short window; with less the decoder goes on."""

SHORTEST_WINDOW: Final = 5.0
"""Seconds. A very short window is unlike anything the model was trained on."""

TOKENS_PER_SECOND: Final = 8.0
"""More text tokens a second than anybody speaks; together with ``FREE_TOKENS`` it ends loops."""

FREE_TOKENS: Final = 10
"""Tokens allowed whatever the duration: short utterances may be digits or spelling."""

Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class Pass:
    """One way to decode an utterance.

    Attributes:
        window: seconds of features the encoder sees.
        beam: hypotheses kept while decoding; 1 is greedy.
    """

    window: float
    beam: int = 1


class WhisperRecogniser:
    """Speech to text, one object per process. Implements ``Recogniser``.

    Several threads may call it: CTranslate2 queues the work in front of its workers.

    Args:
        directory: holds ``model.bin``, ``config.json``, ``tokenizer.json`` and a vocabulary.
        device: ``auto`` takes a CUDA device where CTranslate2 finds one.
        threads: threads of one recognition on the CPU; 0 leaves it to the engine.
        workers: recognitions that run at the same time; each more costs memory for its buffers.

    Raises:
        ModelError: the files are missing or are not a Whisper model.
    """

    def __init__(
        self, directory: Path, *, device: Device = "auto", threads: int = 0, workers: int = 1
    ) -> None:
        if not (directory / "model.bin").is_file():
            raise ModelError(f"{directory}: no Whisper model there. Run: voice-agent models pull")
        cuda = device == "cuda" or (device == "auto" and ctranslate2.get_cuda_device_count() > 0)
        try:
            self._engine = WhisperModel(
                str(directory),
                device="cuda" if cuda else "cpu",
                compute_type="float16" if cuda else "int8",
                cpu_threads=threads,
                num_workers=workers,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(f"{directory}: not a Whisper model that can be loaded") from error
        self.name = f"whisper:{directory.name}:{'cuda' if cuda else 'cpu'}"
        """Engine, model and device, for ``/readyz``."""
        self._tokenizers = {
            language: Tokenizer(
                self._engine.hf_tokenizer,
                self._engine.model.is_multilingual,
                task="transcribe",
                language=language,
            )
            for language in LANGUAGES
        }
        self._suppressed = list(get_suppressed_tokens(self._tokenizers["en"], [-1]))
        self._warm_up()

    def transcribe(
        self, utterance: Consented[Utterance], language: str, expected: tuple[str, ...] = ()
    ) -> Transcript:
        """Recognise one utterance; see ``Recogniser.transcribe``.

        Raises:
            ConsentWithdrawn: the consent was withdrawn before the end of recognition; what was
                recognised till then is dropped.
            EngineError: the language is not one of ours, or the engine failed.
        """
        tokenizer = self._tokenizers.get(language)
        if tokenizer is None:
            raise EngineError(f"the recogniser has no language {language!r}")
        began = time.perf_counter()
        heard = utterance.reveal()
        pcm = resample(mulaw.decode(heard.mulaw), TELEPHONE_RATE, RATE)
        try:
            pieces = [
                self._recognise(piece, tokenizer, utterance) for piece in split(pcm, FULL_WINDOW)
            ]
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"recognition failed ({type(error).__name__})") from error
        utterance.reveal()  # withdrawn meanwhile: the text is dropped here
        return _transcript(pieces, heard, language, time.perf_counter() - began)

    def _recognise(
        self, pcm: npt.NDArray[np.int16], tokenizer: Tokenizer, authority: Consented[Utterance]
    ) -> _Piece:
        seconds = len(pcm) / RATE
        features = self._features(pcm)
        tried: list[tuple[Hypothesis, Pass]] = []
        for attempt in plan(seconds):
            authority.reveal()  # stop at once when the consent was withdrawn meanwhile
            hypothesis = self._decode(features, attempt, tokenizer, seconds)
            tried.append((hypothesis, attempt))
            if not is_doubtful(hypothesis):
                break
        else:
            hypothesis, attempt = max(tried, key=lambda done: done[0].log_probability)
        return _Piece(hypothesis, attempt.window, len(tried))

    def _features(self, pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.float32]:
        """Log-mel features of 10 ms frames, shape (mel bands, frames)."""
        wave = pcm.astype(np.float32) / 32768
        features: npt.NDArray[np.float32] = self._engine.feature_extractor(wave)[:, :-1]
        return features.astype(np.float32)

    def _decode(
        self, features: npt.NDArray[np.float32], attempt: Pass, tokenizer: Tokenizer, seconds: float
    ) -> Hypothesis:
        frames = round(attempt.window * FRAMES_PER_SECOND)
        padded = np.zeros((1, len(features), frames), dtype=np.float32)
        width = min(frames, features.shape[1])
        padded[0, :, :width] = features[:, :width]
        model = self._engine.model
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        limit = FREE_TOKENS + round(TOKENS_PER_SECOND * seconds)
        result = model.generate(
            model.encode(ctranslate2.StorageView.from_array(padded)),
            [prompt],
            beam_size=attempt.beam,
            max_length=len(prompt) + limit,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
        )[0]
        tokens = result.sequences_ids[0]
        # The score is the mean over the text tokens; the end of the text is one more.
        log_probability = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return Hypothesis(
            tokens=tuple(tokens),
            text=tokenizer.decode(tokens).strip(),
            log_probability=log_probability,
            no_speech=result.no_speech_prob,
            seconds=seconds,
            finished=len(tokens) < limit,
        )

    def _warm_up(self) -> None:
        """Decode a second of silence, so that the first caller doesn't wait for first-use costs."""
        silence = self._features(np.zeros(RATE, dtype=np.int16))
        self._decode(silence, Pass(SHORTEST_WINDOW), self._tokenizers["en"], 1.0)


@dataclass(frozen=True, slots=True)
class _Piece:
    hypothesis: Hypothesis
    window: float
    passes: int


def plan(seconds: float) -> Iterator[Pass]:
    """The passes to try on so much audio, until one is not doubtful."""
    short = min(FULL_WINDOW, max(SHORTEST_WINDOW, seconds + PADDING))
    if short < FULL_WINDOW:
        yield Pass(short)
    yield Pass(FULL_WINDOW)
    yield Pass(FULL_WINDOW, beam=5)


def is_doubtful(heard: Hypothesis) -> bool:
    """True if another pass should be tried."""
    return (
        not heard.finished
        or heard.log_probability < LIMITS.log_probability
        or heard.compression > LIMITS.compression
        or loop_length(heard.tokens) is not None
    )


def split(pcm: npt.NDArray[np.int16], seconds: float) -> list[npt.NDArray[np.int16]]:
    """Cut 16 kHz audio into pieces of at most so many seconds, where it is quietest."""
    longest = round(seconds * RATE)
    pieces = []
    while len(pcm) > longest:
        cut = _quietest(pcm, longest // 2, longest)
        pieces.append(pcm[:cut])
        pcm = pcm[cut:]
    return [*pieces, pcm]


def _quietest(pcm: npt.NDArray[np.int16], start: int, end: int) -> int:
    """Sample in the middle of the quietest 200 ms between two samples."""
    step = RATE // 50
    steps = pcm[start : end - (end - start) % step].astype(np.float64).reshape(-1, step)
    energy = np.convolve((steps**2).sum(axis=1), np.ones(10), mode="valid")
    return start + (int(energy.argmin()) + 5) * step


def _transcript(
    pieces: Sequence[_Piece], heard: Utterance, language: str, seconds: float
) -> Transcript:
    """Put the pieces together; a piece that is not believed adds no words."""
    share = heard.speech_ms / max(heard.duration_ms, 1)
    reasons = [
        rejection(piece.hypothesis, language, round(share * piece.hypothesis.seconds * 1000))
        for piece in pieces
    ]
    believed = [
        piece.hypothesis.text
        for piece, reason in zip(pieces, reasons, strict=True)
        if reason is None
    ]
    worst = min(pieces, key=lambda piece: piece.hypothesis.log_probability).hypothesis
    return Transcript(
        text=" ".join(text for text in believed if text),
        language=language,
        seconds=seconds,
        audio_seconds=heard.duration_ms / 1000,
        window=max(piece.window for piece in pieces),
        passes=sum(piece.passes for piece in pieces),
        log_probability=worst.log_probability,
        no_speech=max(piece.hypothesis.no_speech for piece in pieces),
        compression=max(piece.hypothesis.compression for piece in pieces),
        rejected=None if any(reason is None for reason in reasons) else reasons[0],
    )
