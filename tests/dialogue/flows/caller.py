"""A caller and a tool, as far as a flow can tell."""

from __future__ import annotations

from collections.abc import Mapping

from voice_agent.dialogue.commands import Command
from voice_agent.dialogue.conversation import Conversation
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.reply import Act, Reply
from voice_agent.dialogue.tool import ToolAnswer, ToolRequest


def free(*starts: str) -> tuple[Mapping[str, str], ...]:
    """Rows of free times, each given as ``YYYY-MM-DDTHH:MM``."""
    return tuple({"start": s, "date": s[:10], "time": s[11:]} for s in starts)


def appointment(key: str, service: str, start: str) -> Mapping[str, str]:
    """The row of an appointment."""
    return {"appointment": key, "service": service, "date": start[:10], "time": start[11:]}


class Caller:
    """Holds one conversation with the engine; what was answered last is ``reply``."""

    def __init__(self, engine: Engine, language: str = "de", *, known: bool = False) -> None:
        self.engine = engine
        done = frozenset({"identify"}) if known else frozenset[str]()
        self.reply: Reply = engine.greet(Conversation(language=language, done=done))

    @property
    def conversation(self) -> Conversation:
        return self.reply.conversation

    @property
    def keys(self) -> list[str]:
        """Keys of what was said last."""
        return [line.key for line in self.reply.lines]

    @property
    def text(self) -> str:
        """What was said last."""
        return " ".join(line.text for line in self.reply.lines)

    @property
    def request(self) -> ToolRequest:
        """What was asked for last."""
        assert isinstance(self.reply.then, Act), self.reply.then
        return self.reply.then.request

    def say(self, *commands: Command) -> Caller:
        """Say something."""
        self.reply = self.engine.respond(self.conversation, commands)
        return self

    def nothing(self) -> Caller:
        """Stay silent."""
        self.reply = self.engine.no_input(self.conversation)
        return self

    def get(
        self,
        outcome: str,
        *rows: Mapping[str, str],
        request: ToolRequest | None = None,
        **values: str,
    ) -> Caller:
        """Have the tool answer what was asked for last, or another request."""
        answer = ToolAnswer(request or self.request, outcome, values, rows)
        reply = self.engine.answered(self.conversation, answer)
        assert reply is not None
        self.reply = reply
        return self
