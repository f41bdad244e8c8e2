"""Smart Turn: whether a turn sounds finished, by how it was said.

A small classifier on Whisper's encoder. It hears at most the last eight seconds of a turn and says
how likely it is that nothing more comes. It is one witness of three (see ``endpointing``): on
telephone speech it calls many a half sentence finished.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from consent.sealed import Consented
from voice_agent.audio import mulaw
from voice_agent.audio.frame import TELEPHONE_RATE, Utterance
from voice_agent.audio.resample import resample
from voice_agent.errors import EngineError, ModelError
from voice_agent.speech.log_mel import BANDS, HOP, RATE, log_mel

SECONDS: Final = 8
"""The end of the turn that the model hears; a shorter one stands behind silence."""

_SAMPLES: Final = SECONDS * RATE
_FRAMES: Final = _SAMPLES // HOP
_EVEN: Final = 1e-7
"""Added to the variance: digital silence has none."""


class SmartTurn:
    """The ``EndOfTurn`` port on ONNX Runtime, one object per process, one thread a judgement.

    Args:
        file: the model.

    Raises:
        ModelError: the file is missing or is not this model.
    """

    def __init__(self, file: Path) -> None:
        if not file.is_file():
            raise ModelError(f"{file}: no such model. Run: voice-agent models pull")
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime raises classes that it does not export
            raise ModelError(f"{file}: not a model that can be loaded") from error
        wanted = [(each.name, list(each.shape[1:])) for each in self._session.get_inputs()]
        if wanted != [("input_features", [BANDS, _FRAMES])]:
            raise ModelError(f"{file}: not Smart Turn v3: it has other inputs")
        self.name = f"smart-turn:{file.stem.removeprefix('smart-turn-')}"
        """Engine and model, for ``/readyz``."""
        self._judge(np.zeros(RATE, dtype=np.int16))  # the first caller waits for no first-use costs

    def judge(
        self,
        utterance: Consented[Utterance],
        language: str,  # noqa: ARG002 (one model hears all languages; the port offers it)
    ) -> float:
        """How likely it is that the turn is over; see ``EndOfTurn.judge``."""
        heard = utterance.reveal().mulaw[-SECONDS * TELEPHONE_RATE :]
        probability = self._judge(resample(mulaw.decode(heard), TELEPHONE_RATE, RATE))
        utterance.reveal()  # withdrawn meanwhile: the judgement is dropped here
        return probability

    def _judge(self, pcm: npt.NDArray[np.int16]) -> float:
        try:
            (answer,) = self._session.run(None, {"input_features": features(pcm)[None]})
        except Exception as error:  # as above
            raise EngineError(f"the judgement failed ({type(error).__name__})") from error
        return float(np.clip(answer.reshape(-1)[0], 0, 1))


def features(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.float32]:
    """What the model is given: the last eight seconds, evened out, shape (80, 800).

    Args:
        pcm: samples at 16 kHz; silence is put before what is shorter.
    """
    wave = np.zeros(_SAMPLES, dtype=np.float32)
    last = pcm[-_SAMPLES:]
    wave[_SAMPLES - len(last) :] = last / np.float32(32768)
    evened = (wave - wave.mean()) / np.sqrt(wave.var() + _EVEN)
    return log_mel(evened.astype(np.float32))
