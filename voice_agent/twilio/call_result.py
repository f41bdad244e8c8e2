"""What the carrier says became of a call that we made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from voice_agent.outbound.claim import Outcome

_STATUSES: Final[Mapping[str, Outcome]] = {
    # Answered, and nothing is written down that was reached: a voicemail, a child, a wrong PIN.
    "completed": Outcome.NO_ANSWER,
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "canceled": Outcome.FAILED,
    "failed": Outcome.FAILED,
}

# What the network beyond the carrier answered (RFC 3261): nobody has the number, or the telephone
# is off. https://www.twilio.com/docs/voice/api/call-resource#statuscallback
_SIP: Final[Mapping[str, Outcome]] = {
    "404": Outcome.UNREACHABLE,
    "410": Outcome.UNREACHABLE,
    "480": Outcome.UNREACHABLE,
    "484": Outcome.UNREACHABLE,
    "604": Outcome.UNREACHABLE,
    "486": Outcome.BUSY,
    "600": Outcome.BUSY,
}

# The carrier's own numbers of faults: a number that is none, or that it cannot reach.
_FAULTS: Final[Mapping[str, Outcome]] = {
    "13224": Outcome.UNREACHABLE,
    "21211": Outcome.UNREACHABLE,
    "21214": Outcome.UNREACHABLE,
    "21217": Outcome.UNREACHABLE,
}


def result_of(fields: Mapping[str, str]) -> Outcome | None:
    """The outcome of a call that is over; ``None``: it goes on, or that is no status.

    Args:
        fields: ``CallStatus``, and ``SipResponseCode`` and ``ErrorCode`` where they are given.
    """
    status = fields.get("CallStatus", "")
    if status == "failed":
        found = _FAULTS.get(fields.get("ErrorCode", "")) or _SIP.get(
            fields.get("SipResponseCode", "")
        )
        if found is not None:
            return found
    return _STATUSES.get(status)
