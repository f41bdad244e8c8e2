"""What onlookers are shown of the dialogue; what is secret is hidden from them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import fields

from voice_agent.call.actions import Action, Observe
from voice_agent.dialogue.commands import Command
from voice_agent.dialogue.conversation import Conversation
from voice_agent.dialogue.flow import Kind
from voice_agent.live.observation import HIDDEN_WORDS, FlowMoved, LanguageSeen


def shown(command: Command, secrets: AbstractSet[str], *, secret: bool) -> str:
    """A command as text: ``FillSlot date 2026-12-01``.

    Args:
        command: the command.
        secrets: slots whose values are shown to nobody.
        secret: the words it was made of may hold a secret: no value is shown.
    """
    words = [type(command).__name__]
    for field in fields(command):
        value = getattr(command, field.name)
        if field.name in {"value", "others"} and value:
            slot = getattr(command, "name", getattr(command, "slot", ""))
            hidden = secret or slot in secrets or slot == Kind.SECRET
            value = HIDDEN_WORDS if hidden else value
        if isinstance(value, tuple):
            value = " / ".join(value)
        if isinstance(value, str) and value:
            words.append(value)
    return " ".join(words)


class Seen:
    """Where the dialogue stood when onlookers were last told.

    Args:
        language: what the call begins in.
        secrets: slots whose values are shown to nobody.
    """

    def __init__(self, language: str, secrets: frozenset[str]) -> None:
        self._language = language
        self._secrets = secrets
        self._flow = FlowMoved("", "", {})
        self._last: Conversation | None = None

    def language(self, language: str) -> list[Action]:
        """Tell of the language that is spoken, if it is another."""
        if language == self._language:
            return []
        self._language = language
        return [Observe(LanguageSeen(language))]

    def conversation(self, conversation: Conversation) -> list[Action]:
        """Tell where the flows stand, if they moved."""
        if conversation is self._last:
            return []
        self._last, flow = conversation, self._standing(conversation)
        if flow == self._flow:
            return []
        self._flow = flow
        return [Observe(flow)]

    def _standing(self, conversation: Conversation) -> FlowMoved:
        question = conversation.question or ""
        if not conversation.flows:
            return FlowMoved("", str(question), {})
        state = conversation.flows[-1]
        slots = {
            name: HIDDEN_WORDS if name in self._secrets else value
            for name, value in state.slots.items()
        }
        return FlowMoved(state.flow, str(question), slots)
