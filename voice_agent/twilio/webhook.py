"""What is read of a carrier's webhook."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from voice_agent.runtime.message import MessageName
from voice_agent.twilio.answers import Place
from voice_agent.twilio.outbound_answers import Stage

WITHHELD: Final = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
"""What Twilio writes for a number it does not know: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and
UNAVAILABLE, spelt on the keys of a telephone."""

_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")


def known_number(text: str) -> str | None:
    """Somebody's number as the carrier gives it, or ``None`` if it is withheld or strange."""
    return text if _NUMBER.fullmatch(text) and text not in WITHHELD else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A webhook whose signature is right: the few fields that are read, the rest is dropped.

    Attributes:
        call_id: the call.
        number: the number of the person at the other end, who rang or was rung up; ``None`` if it
            is withheld or strange.
        digits: the keys pressed, or empty.
        fields: the statuses among the form's fields; everything else is dropped unread.
        place: where the caller is in the notice.
        dialled: a human was dialled before.
        message: the text message a report is about, as it is called here; ``None`` where the
            address does not say.
        is_outbound: we rang up.
        claim: the claim of a call that we make; empty where the address names none.
        stage: how far somebody is who answered one; ``None`` where the address does not say.
    """

    call_id: str
    number: str | None = field(repr=False)
    digits: str = field(repr=False)
    fields: dict[str, str]
    place: Place
    dialled: bool
    message: MessageName | None = None
    is_outbound: bool = False
    claim: str = ""
    stage: Stage | None = None

    @property
    def language(self) -> str:
        """Language the offer is made in, or was."""
        return self.place.language
