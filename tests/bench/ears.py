"""The real ears of a call, on simulated time: each sound is heard once, and then remembered."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from voice_agent.call.actions import JudgeEndOfTurn, Transcribe
from voice_agent.speech.ports import EndOfTurn, Recogniser, Transcript

RECOGNITION_S: Final = 0.25
"""Seconds every recognition takes, whatever it took here."""

JUDGEMENT_S: Final = 0.06
"""Seconds every judgement of a turn's sound takes."""


class Ears:
    """Recogniser and judge of turns; each sound is heard once, however often it is asked about.

    Args:
        recogniser: the real one.
        judge: the real one; ``None`` where its model is missing.
        kept: what was heard in earlier runs, and is written by ``keep``.
    """

    def __init__(
        self, recogniser: Recogniser, judge: EndOfTurn | None, kept: Path | None = None
    ) -> None:
        self._recogniser = recogniser
        self._judge = judge
        self._file = kept
        self._heard: dict[str, str] = {}
        self._judged: dict[str, float] = {}
        if kept is not None and kept.exists():
            facts = json.loads(kept.read_text("utf-8"))
            self._heard, self._judged = facts["heard"], facts["judged"]

    @property
    def judges(self) -> bool:
        """True if the sound of turns is judged."""
        return self._judge is not None

    def transcribe(self, asked: Transcribe) -> Transcript:
        """The recogniser's words, as if it took ``RECOGNITION_S``."""
        key = " ".join([_key(asked), *asked.expected])
        if key not in self._heard:
            transcript = self._recogniser.transcribe(
                asked.utterance, asked.language, asked.expected
            )
            self._heard[key] = json.dumps(asdict(replace(transcript, seconds=RECOGNITION_S)))
        return Transcript(**json.loads(self._heard[key]))

    def judge(self, asked: JudgeEndOfTurn) -> float | None:
        """How likely the turn is over by its sound."""
        if self._judge is None:
            return None
        key = _key(asked)
        if key not in self._judged:
            self._judged[key] = self._judge.judge(asked.utterance, asked.language)
        return self._judged[key]

    def keep(self) -> None:
        """Write down what was heard, if a file was named."""
        if self._file is not None:
            facts = {"heard": self._heard, "judged": self._judged}
            self._file.write_text(json.dumps(facts), "utf-8")


def _key(asked: Transcribe | JudgeEndOfTurn) -> str:
    utterance = asked.utterance.reveal()
    sound = hashlib.sha256(utterance.mulaw).hexdigest()
    return f"{asked.language} {utterance.speech_ms} {sound}"
