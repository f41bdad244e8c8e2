"""The units in which sound travels."""

from __future__ import annotations

from dataclasses import dataclass

TELEPHONE_RATE = 8000
"""Samples a second on the telephone line, Hz. In mu-law also bytes a second."""

FRAME_MS = 20
"""Length of the frame webrtcvad judges, milliseconds."""

FRAME_BYTES = TELEPHONE_RATE * FRAME_MS // 1000
"""Bytes of mu-law in one frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Audio as it came from the carrier, undecoded.

    Attributes:
        mulaw: G.711 mu-law, 8 kHz, mono; 160 bytes (20 ms) is usual, any length is allowed.
        timestamp_ms: milliseconds since the stream began, by the carrier's clock.
    """

    mulaw: bytes
    timestamp_ms: int

    @property
    def duration_ms(self) -> float:
        """Length in milliseconds."""
        return len(self.mulaw) * 1000 / TELEPHONE_RATE

    def __repr__(self) -> str:
        return f"Frame({len(self.mulaw)} bytes at {self.timestamp_ms} ms)"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of a caller's speech, undecoded.

    Attributes:
        mulaw: G.711 mu-law, 8 kHz, mono, with the pre-roll and the pause around the speech.
        speech_ms: milliseconds of it that voice activity detection called speech.
    """

    mulaw: bytes
    speech_ms: int

    @property
    def duration_ms(self) -> float:
        """Length in milliseconds."""
        return len(self.mulaw) * 1000 / TELEPHONE_RATE

    def __repr__(self) -> str:
        return f"Utterance({self.duration_ms:.0f} ms, {self.speech_ms} ms of speech)"
