"""What consent is asked for. Each purpose is granted by itself (rule C10)."""

from enum import StrEnum


class Purpose(StrEnum):
    """A purpose of processing, as the notice names it.

    Key 1 grants ``CONVERSATION`` alone; the others are separate questions and start refused.
    """

    CONVERSATION = "conversation"
    TRANSCRIPT = "transcript"
    RECORDING = "recording"
    TRAINING = "training"
