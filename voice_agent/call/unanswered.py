"""What the caller has said and nobody has answered yet."""

from __future__ import annotations

from collections.abc import Iterable

from voice_agent.call.actions import Action, Observe
from voice_agent.call.events import Take
from voice_agent.call.hearing import Words
from voice_agent.dialogue.understanding.withdrawal import is_withdrawal
from voice_agent.live.observation import HIDDEN_WORDS, CallerSaid


class Unanswered:
    """Words of one turn or of several in a row, until they are answered together.

    Attributes:
        text: the words.
        secret: they may hold a secret, which is not remembered.
        missed: something was said that the recogniser failed on.
        asked: the last take of the words whose meaning is being looked for; ``None``: nobody
            looks.
    """

    def __init__(self) -> None:
        self.text = ""
        self.secret = False
        self.missed = False
        self.asked: Take | None = None

    def keep(self, words: Words, *, secret: bool = False) -> list[Action]:
        """Add the words of a turn; what was being made of fewer words is not wanted any more.

        Args:
            words: the words.
            secret: a PIN or a birth date was asked for: nobody is shown what was said.
        """
        if words.transcript is None:
            self.missed = True
            return []
        text = words.transcript.text
        if not text:
            return []
        self.text = f"{self.text} {text}".strip()
        self.asked = None
        self.secret |= secret
        return [Observe(CallerSaid(words.take.turn, HIDDEN_WORDS if secret else text))]

    @property
    def shown(self) -> str:
        """The words as they are remembered."""
        return HIDDEN_WORDS if self.secret and self.text else self.text

    def withdraws(self, texts: Iterable[str]) -> bool:
        """True if any of these texts, or all words together, withdraw the consent (C16)."""
        new = tuple(texts)
        whole = " ".join((self.text, *new))
        return bool(new) and any(is_withdrawal(text) for text in (*new, whole))

    def clear(self) -> None:
        """All of it is answered, or forgotten."""
        self.text, self.missed, self.asked, self.secret = "", False, None, False
