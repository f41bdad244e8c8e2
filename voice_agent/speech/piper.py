"""Piper: neural voices on the CPU."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime
from piper import PiperVoice, SynthesisConfig
from piper.config import PiperConfig

from voice_agent.errors import EngineError, ModelError
from voice_agent.speech.loudness import for_telephone
from voice_agent.speech.verbatim import verbatim

_PAUSE: Final = 0.2
"""Seconds between two sentences of one text."""

_RATES: Final = (0.5, 2.0)


class PiperSynthesiser:
    """One voice, loaded once in a process. Implements ``Synthesiser``; safe from threads.

    The voice's random variation is off: the same text always gives the same bytes, so that a
    notice's audio has one hash and can be reproduced as proof (rules C12 and C13).

    Args:
        directory: holds ``<name>.onnx`` and ``<name>.onnx.json``, name being the directory's own.
        threads: threads of one synthesis; 0 leaves it to the engine.

    Raises:
        ModelError: the files are missing or are not a voice.
    """

    def __init__(self, directory: Path, *, threads: int = 1) -> None:
        self.name = f"piper:{directory.name}"
        model = directory / f"{directory.name}.onnx"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Waiting threads would spin on cores that the recogniser needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            written = json.loads(model.with_name(f"{model.name}.json").read_text("utf-8"))
            self._voice = PiperVoice(
                config=PiperConfig.from_dict(written),
                session=onnxruntime.InferenceSession(
                    str(model), sess_options=options, providers=["CPUExecutionProvider"]
                ),
            )
        except FileNotFoundError as error:
            raise ModelError(
                f"{directory}: no voice there. Run: voice-agent models pull"
            ) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
            raise ModelError(f"{directory}: not a Piper voice that can be loaded") from error
        self.speak("a")  # the first run allocates; no caller waits for it

    def speak(self, text: str, rate: float = 1.0) -> bytes:
        """Speak one sentence or clause; see ``Synthesiser.speak``."""
        if not _RATES[0] <= rate <= _RATES[1]:
            raise EngineError(f"a rate of {rate}; it is between {_RATES[0]} and {_RATES[1]}")
        config = SynthesisConfig(
            length_scale=self._voice.config.length_scale / rate, noise_scale=0.0, noise_w_scale=0.0
        )
        try:
            wave = self._synthesise(verbatim(text), config)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"synthesis failed ({type(error).__name__})") from error
        return for_telephone(wave, self._voice.config.sample_rate)

    def _synthesise(self, text: str, config: SynthesisConfig) -> npt.NDArray[np.float32]:
        # Piper's own `synthesize` writes the text into its debug log, so its steps are taken here.
        pause = np.zeros(round(_PAUSE * self._voice.config.sample_rate), dtype=np.float32)
        pieces: list[npt.NDArray[np.float32]] = []
        for phonemes in self._voice.phonemize(text):
            audio = self._voice.phoneme_ids_to_audio(self._voice.phonemes_to_ids(phonemes), config)
            pieces += [np.asarray(audio, dtype=np.float32), pause]
        return np.concatenate(pieces) if pieces else pause[:0]
