"""How the carrier is asked to ring somebody up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

ANSWERED: Final = "/twilio/outbound"
"""Where the carrier asks what to do with somebody who answered."""

STATUS: Final = "/twilio/status/call"
"""Where it reports how the call goes."""

EVENTS: Final = ("initiated", "ringing", "answered", "completed")
"""What it reports."""

RING_S: Final = 25
"""Seconds it rings: less than most voicemail takes to answer."""


@dataclass(frozen=True, slots=True)
class OutboundCalls:
    """How people are rung up.

    Nothing in it asks the carrier to find out whether a machine answers (C27), and nothing
    withholds our number (C28).

    Attributes:
        public_url: scheme and host under which the carrier reaches us.
        longest_s: seconds after which the carrier ends the call.
    """

    public_url: str
    longest_s: int

    def asked(self, claim: str, language: str) -> dict[str, Any]:
        """What is asked beside the two numbers, by the names of twilio-python.

        Args:
            claim: the claim's id.
            language: which one the person is spoken to in.
        """
        answered = urlencode({"claim": claim, "language": language})
        return {
            "url": f"{self.public_url}{ANSWERED}?{answered}",
            "method": "POST",
            "status_callback": f"{self.public_url}{STATUS}?{urlencode({'claim': claim})}",
            "status_callback_method": "POST",
            "status_callback_event": list(EVENTS),
            "timeout": RING_S,
            "time_limit": self.longest_s,
        }
