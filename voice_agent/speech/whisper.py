"""Whisper through faster-whisper and CTranslate2: the recogniser.

faster-whisper brings the feature extractor and the tokenizer, CTranslate2 the model; which passes
an utterance needs is decided in ``decoding``, whether its text is believed in ``hallucination``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
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
from voice_agent.speech.decoding import (
    FULL_WINDOW,
    SHORTEST_WINDOW,
    Hypothesis,
    Pass,
    best,
    next_pass,
    token_limit,
)
from voice_agent.speech.hallucination import rejection
from voice_agent.speech.hint import Hint
from voice_agent.speech.ports import NoLongerWanted, Transcript, always

LANGUAGES: Final = ("de", "en")
"""Languages that callers choose from."""

RATE: Final = 16_000
"""Samples a second that Whisper hears, Hz."""

FRAMES_PER_SECOND: Final = 100
"""Feature frames a second."""

_LEAST: Final = 1e-9
"""A probability that is told from nothing, so that it has a logarithm."""

Device = Literal["auto", "cpu", "cuda"]


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
        second = np.zeros(RATE, dtype=np.int16)
        self._silence = self._encode(self._features(second), SHORTEST_WINDOW)
        self._warm_up()

    def transcribe(
        self,
        utterance: Consented[Utterance],
        language: str,
        expected: tuple[str, ...] = (),
        *,
        wanted: Callable[[], bool] = always,
    ) -> Transcript:
        """Recognise one utterance; see ``Recogniser.transcribe``.

        Raises:
            ConsentWithdrawn: the consent was withdrawn before the end of recognition; what was
                recognised till then is dropped.
            NoLongerWanted: ``wanted`` said no, before a window was encoded or decoded.
            EngineError: the language is not one of ours, or the engine failed.
        """
        tokenizer = self._tokenizers.get(language)
        if tokenizer is None:
            raise EngineError(f"the recogniser has no language {language!r}")
        began = time.perf_counter()
        heard = utterance.reveal()

        def go_on() -> None:  # the engine cannot be stopped within a step, but between two it can
            utterance.reveal()  # raises when the consent was withdrawn meanwhile
            if not wanted():
                raise NoLongerWanted

        pcm = resample(mulaw.decode(heard.mulaw), TELEPHONE_RATE, RATE)
        hint = Hint.of(expected, tokenizer.encode)
        try:
            pieces = [
                self._recognise(piece, tokenizer, hint, go_on) for piece in split(pcm, FULL_WINDOW)
            ]
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"recognition failed ({type(error).__name__})") from error
        utterance.reveal()  # withdrawn meanwhile: the text is dropped here
        return _transcript(pieces, heard, language, time.perf_counter() - began)

    def _recognise(
        self,
        pcm: npt.NDArray[np.int16],
        tokenizer: Tokenizer,
        hint: Hint,
        go_on: Callable[[], None],
    ) -> _Piece:
        seconds = len(pcm) / RATE
        features = self._features(pcm)
        tried: list[Hypothesis] = []
        encoded: dict[float, ctranslate2.StorageView] = {}
        while (how := next_pass(seconds, tried, expecting=bool(hint.tokens))) is not None:
            if how.window not in encoded:
                go_on()
                encoded[how.window] = self._encode(features, how.window)
            go_on()
            heard = self._decode(encoded[how.window], how, tokenizer, token_limit(seconds), hint)
            tried.append(heard)
        return _Piece(best(tried), len(tried), seconds)

    def _features(self, pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.float32]:
        """Log-mel features of 10 ms frames, shape (mel bands, frames)."""
        wave = pcm.astype(np.float32) / np.float32(32768)
        features: npt.NDArray[np.float32] = self._engine.feature_extractor(wave)[:, :-1]
        return features

    def _encode(self, features: npt.NDArray[np.float32], window: float) -> ctranslate2.StorageView:
        frames = round(window * FRAMES_PER_SECOND)
        # Behind the audio stand zeros, as in faster-whisper. In this scale they are not silence but
        # faint noise; with real silence the decoder runs on far more often.
        padded = np.zeros((1, len(features), frames), dtype=np.float32)
        width = min(frames, features.shape[1])
        padded[0, :, :width] = features[:, :width]
        return self._engine.model.encode(ctranslate2.StorageView.from_array(padded))

    def _decode(
        self,
        encoded: ctranslate2.StorageView,
        how: Pass,
        tokenizer: Tokenizer,
        limit: int,
        hint: Hint | None = None,
    ) -> Hypothesis:
        prompt = [*tokenizer.sot_sequence]
        if hint is not None and how.expecting:
            prompt = [tokenizer.sot_prev, *hint.tokens, *prompt]
        if not how.timestamps:
            prompt.append(tokenizer.no_timestamps)
        result = self._engine.model.generate(
            encoded,
            [prompt],
            beam_size=how.beam,
            max_length=len(prompt) + limit,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
        )[0]
        tokens = result.sequences_ids[0]
        words = tuple(token for token in tokens if token < tokenizer.eot)
        text = tokenizer.decode(tokens).strip()
        gain = None
        if hint is not None and how.expecting:
            gain = self._gain(encoded, how.window, prompt, words) if hint.is_in(text) else 0.0
        return Hypothesis(
            how=how,
            tokens=words,
            text=text,
            # The score is the mean over the tokens; the end of the text is one more.
            log_probability=result.scores[0] * len(tokens) / (len(tokens) + 1),
            no_speech=result.no_speech_prob,
            finished=len(tokens) < limit,
            gain=gain,
        )

    def _gain(
        self,
        encoded: ctranslate2.StorageView,
        window: float,
        prompt: list[int],
        tokens: tuple[int, ...],
    ) -> float:
        """Mean log likelihood of the tokens given the sound, less the same given silence."""
        given_sound, given_silence = (
            self._engine.model.align(
                of, prompt, [list(tokens)], round(seconds * FRAMES_PER_SECOND)
            )[0].text_token_probs
            for of, seconds in ((encoded, window), (self._silence, SHORTEST_WINDOW))
        )
        ratios = np.log(np.maximum(given_sound, _LEAST)) - np.log(np.maximum(given_silence, _LEAST))
        return float(ratios.mean())

    def _warm_up(self) -> None:
        """Recognise a second of silence: the first caller doesn't wait for first-use costs."""
        self._decode(self._silence, Pass(SHORTEST_WINDOW), self._tokenizers["en"], token_limit(1.0))


@dataclass(frozen=True, slots=True)
class _Piece:
    """What was heard in one piece of an utterance; nearly all have one."""

    heard: Hypothesis
    passes: int
    seconds: float


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
    pieces: Sequence[_Piece], utterance: Utterance, language: str, seconds: float
) -> Transcript:
    """Put the pieces together; one that is not believed adds no words."""
    share = utterance.speech_ms / max(utterance.duration_ms, 1)
    reasons = [
        rejection(
            piece.heard,
            language,
            seconds=piece.seconds,
            speech_ms=share * piece.seconds * 1000,
        )
        for piece in pieces
    ]
    believed = [
        piece.heard.text for piece, reason in zip(pieces, reasons, strict=True) if reason is None
    ]
    heard = [piece.heard for piece in pieces]
    return Transcript(
        text=" ".join(believed),
        language=language,
        seconds=seconds,
        audio_seconds=utterance.duration_ms / 1000,
        window=max(one.how.window for one in heard),
        passes=sum(piece.passes for piece in pieces),
        log_probability=min(one.log_probability for one in heard),
        no_speech=max(one.no_speech for one in heard),
        compression=max(one.compression for one in heard),
        rejected=None if believed else reasons[0],
    )
