"""Text messages by which somebody refuses: "STOP", in whatever spelling."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 1600
"""Characters of the longest message the carrier passes on; more is not read."""

# In every language at once: whoever is written to in German may well answer "STOP". The carrier's
# own words are among them (https://www.twilio.com/docs/messaging/guides/opt-out).
_WORDS: Final = frozenset(
    (
        "stop stopp stopall stoppall unsubscribe cancel end quit revoke optout "
        "ende abmelden abmeldung abbestellen austragen aufhoren aufhoeren schluss"
    ).split()
)

_PLAIN: Final = frozenset(
    "stop stopp stopall stoppall unsubscribe optout abmelden abmeldung abbestellen".split()
)
"""Those that mean nothing else in a short message, wherever they stand ("Nein. STOPP")."""

_SHORT: Final = 4
"""Words."""

_SPACE: Final = re.compile(r"[\s\W_]+")


def is_refusal(text: str) -> bool:
    """True if the first word says so, a plain word of a short message, or all of it run together.

    Case, accents, punctuation, spaces within the word ("S T O P") and look-alikes of another width
    do not matter.

    Args:
        text: the message.
    """
    plain = unicodedata.normalize("NFKD", text[:LONGEST])
    plain = "".join(each for each in plain if not unicodedata.combining(each)).casefold()
    # Characters nobody sees, such as a zero-width space.
    plain = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    words = _SPACE.sub(" ", plain).split()
    if len(words) <= _SHORT and not _PLAIN.isdisjoint(words):
        return True
    return bool(words) and (words[0] in _WORDS or "".join(words) in _WORDS)
