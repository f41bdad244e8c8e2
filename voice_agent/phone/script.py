"""What a simulated caller does, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Say:
    """Speak. Without a ``Listen`` before it, the caller talks over the agent.

    Attributes:
        mulaw: what, G.711 mu-law, 8 kHz, mono.
        name: how reports call it, for example the file's name.
    """

    mulaw: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class PressKey:
    """Press one key: one of ``0123456789*#``."""

    key: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Stay silent for this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Listen:
    """Stay silent until the other side has spoken and finished.

    What is still being heard when listening begins counts as spoken, unless it is cleared.

    Finished means: everything sent has been heard, every mark has gone back, and ``quiet``
    seconds of silence have passed.

    Attributes:
        quiet: seconds.
        begin_within: seconds the other side has to begin to speak, else the caller goes on.
    """

    quiet: float = 0.6
    begin_within: float = 15.0


@dataclass(frozen=True, slots=True)
class Stay:
    """Stay on the line in silence until the other side ends the call."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call. A script that has come to its end hangs up as well.

    Attributes:
        abrupt: the line breaks: the socket is gone without a ``stop``.
    """

    abrupt: bool = False


Step = Say | PressKey | Wait | Listen | Stay | HangUp


def conversation(
    utterances: Sequence[Say],
    keys: Iterable[str] = ("1",),
    *,
    key_after: float | None = None,
    hang_up_after: float | None = None,
) -> list[Step]:
    """The usual call: keys first, then each utterance when the agent has finished.

    Args:
        utterances: what to say, in order.
        keys: what to press, each when what is playing has ended.
        key_after: press each key this many seconds after it could be pressed instead.
        hang_up_after: after the last utterance wait this many seconds; ``None``: until the agent
            has answered.
    """
    steps: list[Step] = []
    for key in keys:
        steps += [Listen() if key_after is None else Wait(key_after), PressKey(key)]
    for utterance in utterances:
        steps += [Listen(), utterance]
    steps += [Listen() if hang_up_after is None else Wait(hang_up_after), HangUp()]
    return steps
