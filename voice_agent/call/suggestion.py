"""What an operator who reads along suggests that the caller wants."""

from __future__ import annotations

from voice_agent.call.actions import Action, Understand
from voice_agent.call.events import Take
from voice_agent.dialogue.commands import Affirm, Command, Correct, FillSlot, WithdrawConsent
from voice_agent.dialogue.conversation import Conversation, Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow import Kind
from voice_agent.dialogue.understanding.ports import Said


class Suggestion:
    """One at a time, the latest: it waits until the caller is answered, and is understood then.

    Its takes are of turn 0, which no caller has. It is never taken for what only the caller can
    say: a withdrawal, a secret, or yes to a confirmation (C25).

    Args:
        engine: decides what the words propose.

    Attributes:
        text: the words; empty if there are none.
        asked: the take that stands for them while their meaning is being looked for.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._number = 0
        self._understood = ""
        self.text = ""
        self.asked: Take | None = None

    def ask(self, heard: Conversation) -> list[Action]:
        """Have the words understood, if there are any that were not."""
        if not self.text:
            return []
        asked = self._engine.asked(heard)
        self._understood, self.text = self.text, ""
        if asked is not None and asked.is_secret:
            return []
        self._number += 1
        self.asked = Take(0, self._number)
        said = Said(self._understood, heard.language, asked, heard.history)
        return [Understand(self.asked, said)]

    def put_off(self) -> None:
        """The caller has a say meanwhile: understand it anew after that."""
        self.text, self.asked = self.text or self._understood, None

    def meant(self, heard: Conversation, commands: tuple[Command, ...]) -> tuple[Command, ...]:
        """What counts of the words' meaning; they are done with."""
        text, self.asked = self._understood, None
        asked = self._engine.asked(heard)
        if asked is not None and asked.is_secret:
            return ()
        proposed = self._engine.proposals(heard, commands, text)
        return tuple(each for each in proposed if self._may_be_suggested(each, heard))

    def _may_be_suggested(self, command: Command, heard: Conversation) -> bool:
        match command:
            case WithdrawConsent():
                return False
            case Affirm():
                return heard.question != Question.CONFIRM
            case FillSlot(name=slot) | Correct(slot=slot):
                return slot not in self._engine.secrets and slot != Kind.SECRET
            case _:
                return True

    def clear(self) -> None:
        """Forget it."""
        self._understood = self.text = ""
        self.asked = None
