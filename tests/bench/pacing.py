"""How late media left, reckoned from the messages themselves: the pacer's own word is not taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.runtime.pacer import LEAD


def lateness(sent: Iterable[tuple[float, str]]) -> Iterator[tuple[float, float]]:
    """By how much each message of one stream missed its time.

    A message that follows another of the same clip is due when what was sent before it will last
    only ``LEAD`` longer. The first of a clip has no time it is due at: it is sent when it is there.

    Args:
        sent: seconds of a monotonic clock when a message had left, and its text; in order.

    Yields:
        When, and how late, seconds; 0 where it was on time.
    """
    lasts_until, follows = 0.0, False
    for at, text in sent:
        message = json.loads(text)
        match message["event"]:
            case "media":
                payload = message["media"]["payload"]
                seconds = (len(payload) * 3 // 4 - payload.count("=")) / TELEPHONE_RATE
                if follows:
                    yield at, max(0.0, at - (lasts_until - LEAD))
                lasts_until, follows = max(lasts_until, at) + seconds, True
            case "mark":
                follows = False
            case _:  # a clear: the carrier has nothing in hand any more
                lasts_until, follows = 0.0, False
