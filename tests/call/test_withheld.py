"""What may not be said is not said in a call, and no question counts as put after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tests.call import texts
from tests.call.scene import CALL, Scene
from voice_agent.call.actions import Observe
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.commands import Command
from voice_agent.dialogue.conversation import Conversation, Question
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.line import Line
from voice_agent.dialogue.reply import Reply
from voice_agent.live.observation import Withheld
from voice_agent.runtime.metrics import Metrics
from voice_agent.script import CallScript

LEAK = "Der Termin ist auf den Namen Zackenbarsch."


class LeakyEngine(Engine):
    """Answers every question with a sentence about somebody else, and asks whether it is right."""

    given: Conversation

    def respond(self, conversation: Conversation, commands: Iterable[Command]) -> Reply:
        self.given = conversation
        reply = super().respond(conversation, commands)
        leak = Line("book_tell", LEAK, "de", personal=True)
        question = self._prompts.line("book_confirm", "de")
        after = replace(reply.conversation, question=Question.CONFIRM)
        return replace(reply, lines=(leak, question), conversation=after, asks=question)


def test_a_sentence_about_somebody_else_is_replaced_and_its_question_is_not_put() -> None:
    engine = LeakyEngine(texts.prompts(), texts.KNOWLEDGE)
    scene = Scene(
        engine=engine,
        script=CallScript(texts.NOTICE, texts.prompts()),
        understander=texts.understander(),
        terms=CallTerms(call_id=CALL, language="de"),
    )
    scene.accept()
    scene.listen()
    before = len(scene.heard)
    scene.ask("Wann haben Sie geöffnet?")
    (said,) = scene.heard[before:]
    assert said == texts.prompts().line("withheld", "de").text
    assert [each.observation for each in scene.asked(Observe)].count(Withheld()) == 1
    scene.ask("Ja.")
    assert engine.given.question is None


def test_it_is_counted_and_nothing_of_it_kept() -> None:
    metrics = Metrics()
    metrics.observe(Withheld())
    assert metrics.counted("sentence_withheld") == 1
    assert Withheld().to_dict() == {"type": "withheld"}
