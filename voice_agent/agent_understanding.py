"""What understands callers, as the company has configured it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from voice_agent.agent import AgentConfig
from voice_agent.dialogue.flow import Flow
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.tool import CATALOGUE
from voice_agent.dialogue.understanding.advised import AdvisedUnderstander
from voice_agent.dialogue.understanding.briefing import Briefings
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.comprehension import Comprehension
from voice_agent.dialogue.understanding.ports import Said, Understander
from voice_agent.dialogue.understanding.vocabulary import Vocabulary
from voice_agent.llm.adviser import EndpointAdviser
from voice_agent.llm.endpoint import Endpoint
from voice_agent.settings import Settings
from voice_agent.tools.plan import Plan


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """The language model of one process.

    Attributes:
        adviser: answers questions; it is closed at the end.
        briefings: what it is told.
        vocabulary: what it may say.
        count: counts what came of it.
        warmed: done when its server has read the instructions, or has failed to.
    """

    adviser: EndpointAdviser
    briefings: Briefings
    vocabulary: Vocabulary
    count: Callable[[str], None]
    warmed: Future[None]

    @classmethod
    def open(
        cls,
        settings: Settings,
        languages: tuple[str, ...],
        flows: Mapping[str, Flow],
        knowledge: Knowledge,
        count: Callable[[str], None] = lambda _: None,
    ) -> LanguageModel | None:
        """The language model of these settings, or ``None`` without one.

        Its server is given the instructions in every language once, so that it has read them when
        the first caller speaks; nobody waits for that.

        Raises:
            ConfigurationError: the instructions are wrong.
        """
        vocabulary = vocabulary_of(flows, knowledge)
        endpoint = endpoint_of(settings, vocabulary)
        if endpoint is None:
            return None
        briefings = Briefings.load(settings.prompts_dir, languages, vocabulary)
        adviser = EndpointAdviser(endpoint, count)
        warmed = adviser.warm(briefings.of(Said("", language)) for language in languages)
        return cls(adviser, briefings, vocabulary, count, warmed)

    def beside(self, own: Comprehension) -> AdvisedUnderstander:
        """The built-in understander, with this model for what it is not sure of."""
        return AdvisedUnderstander(own, self.adviser, self.briefings, self.vocabulary, self.count)

    def close(self) -> None:
        """Close its connections; blocks for a moment."""
        self.adviser.close()


def endpoint_of(settings: Settings, vocabulary: Vocabulary) -> Endpoint | None:
    """Where the language model of these settings is asked, or ``None`` without one."""
    if settings.llm_base_url is None or settings.llm_model is None:
        return None
    key = settings.llm_api_key
    return Endpoint(
        settings.llm_base_url,
        settings.llm_model,
        None if key is None else key.get_secret_value(),
        vocabulary.schema(),
    )


def vocabulary_of(flows: Mapping[str, Flow], knowledge: Knowledge) -> Vocabulary:
    """What a language model may say here."""
    titles = {
        entry.id: {language: each.title for language, each in entry.wordings.items()}
        for entry in knowledge.entries
    }
    asked_for = {
        name: flow.examples
        for name, flow in flows.items()
        # What is done at a word is done at the caller's, which the rules read.
        if flow.is_asked_for
        and (flow.confirms or not any(CATALOGUE[tool].at_once for tool in flow.tools))
    }
    return Vocabulary(asked_for, titles)


def open_understander(
    agent: AgentConfig,
    knowledge: Knowledge,
    flows: Iterable[Flow],
    plan: Plan | None,
    clock: Callable[[], datetime],
    *,
    model: LanguageModel | None = None,
) -> Understander:
    """The understander of every call.

    Args:
        agent: what the company says.
        knowledge: what can be answered.
        flows: what callers may ask for; one that is not offered is understood, and declined.
        plan: when it is open, and where it is; ``None``: nobody knows, and its clock is this one's.
        clock: the wall clock, timezone-aware.
        model: the language model, if there is one.
    """
    zone = None if plan is None else plan.opening.zone
    own = Comprehension(
        BuiltinUnderstander(knowledge, flows),
        lambda: clock().astimezone(zone).replace(tzinfo=None),
        None if plan is None else plan.opening.hours,
        agent.controller.jurisdiction,
    )
    return own if model is None else model.beside(own)
