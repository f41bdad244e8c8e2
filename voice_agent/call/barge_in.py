"""Who has the floor while both speak.

Nobody can tell in a sixth of a second whether a sound is a cough, a "mhm" or an objection. So the
agent falls silent at once, as people do, and only then finds out: its voice is held, not thrown
away. Words that mean something take the floor, and after enough speech they are waited for;
anything else, and the agent goes on from the word that was cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from voice_agent.call.actions import Action
from voice_agent.call.events import Take
from voice_agent.call.hearing import Hearing
from voice_agent.call.mouth import Mouth
from voice_agent.speech.ports import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class BargeInRules:
    """Thresholds, milliseconds.

    Attributes:
        hold_ms: so much speech over the agent's voice holds it.
        confirm_ms: so much is no cough: the agent stays silent until the words are known.
        patience_ms: after less speech, the agent goes on when it has been silent for so long and
            the words are still not there.
    """

    hold_ms: int = 80
    confirm_ms: int = 400
    patience_ms: int = 800


# Said by listeners to say "go on", or out of courtesy after an answer ("yes ... please"); while
# the agent speaks they take no turn.
BACKCHANNELS: Final = frozenset(
    """
    m mh mm hm hmm mhm hmhm mhmhm aha ah äh oh ach so achso ja jaja jo okay ok gut genau alles klar
    verstehe richtig stimmt sicher prima schön super bitte danke
    yes yeah yep yup right sure uh huh uhuh i see good great fine all alright got it please thanks
    """.split()
)

_MOST_WORDS: Final = 3
"""More words than these are a turn."""


def is_backchannel(text: str) -> bool:
    """True if every word only says "I am listening"."""
    words = [_short(word) for word in re.findall(r"\w+", text.lower())]
    return bool(words) and len(words) <= _MOST_WORDS and _SHORT.issuperset(words)


def _short(word: str) -> str:
    """Drawn out or not, it is the same word: "mmhmm" and "mhm"."""
    return re.sub(r"(.)\1+", r"\1", word)


_SHORT: Final = frozenset(map(_short, BACKCHANNELS))


class BargeIn:
    """Holds the agent's voice while the caller speaks, and says when it may go on.

    Args:
        rules: thresholds.
        hearing: the call's ears.
        mouth: the call's mouth.
    """

    def __init__(self, rules: BargeInRules, hearing: Hearing, mouth: Mouth) -> None:
        self._rules = rules
        self._hearing = hearing
        self._mouth = mouth
        self._over = False
        self._early = False
        self._speech_ms = 0
        self._passed_ms = 0
        self._meant = False

    @property
    def before_question(self) -> bool:
        """True if the caller began to speak before the agent had put the question it will put.

        What was said then does not answer it.
        """
        return self._over and self._early

    def started(self, now: float, *, more: bool) -> None:
        """The caller begins a turn.

        Args:
            now: seconds.
            more: there are words before it that are not answered yet.
        """
        busy = self._mouth.is_busy
        self._over = busy and (self._over or not more)
        self._early = self._over and not self._mouth.has_asked(now)
        self._speech_ms = self._passed_ms = 0
        self._meant = self._meant and more

    def settled(self) -> None:
        """What was said is answered."""
        self._over = self._early = self._meant = False

    def listen(self, now: float) -> list[Action]:
        """Audio was heard: hold the agent's voice, or let it go on."""
        if not self._hearing.in_turn or not self._mouth.is_busy:
            return []
        self._speech_ms = self._hearing.speech_ms
        if not self._mouth.is_held:
            new_ms = self._speech_ms - self._passed_ms
            return self._mouth.hold(now) if new_ms >= self._rules.hold_ms else []
        brief = self._speech_ms - self._passed_ms < self._rules.confirm_ms
        if brief and not self._meant and self._hearing.silence_ms >= self._rules.patience_ms:
            return self.release(now)
        return []

    def words(
        self, take: Take, transcript: Transcript | None, *, asked: bool, now: float
    ) -> list[Action]:
        """Words of a pause are there, perhaps before the turn is over; they may change nothing.

        Args:
            take: what they were made of.
            transcript: the words; ``None`` if recognition failed.
            asked: the agent has put a question.
            now: seconds.
        """
        if transcript is None or not self._mouth.is_held or not self._hearing.is_paused_at(take):
            return []
        text = transcript.text
        self._meant |= bool(text) and not self.is_aside(text, asked=asked)
        return [] if self._meant else self.release(now)

    def is_aside(self, text: str, *, asked: bool) -> bool:
        """True if these words, said while the agent spoke, only mean "go on".

        "Yes" over the last words of a question answers it.
        """
        answers = asked and not self._early
        return self._over and not answers and is_backchannel(text)

    @property
    def is_brief(self) -> bool:
        """True if so little was said over the agent that it may be a cough."""
        return self._over and self._speech_ms < self._rules.confirm_ms

    def release(self, now: float) -> list[Action]:
        """Let the agent go on; what the caller said so far does not hold it again."""
        self._passed_ms = self._speech_ms
        return self._mouth.release(now)
