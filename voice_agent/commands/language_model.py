"""The language model, for the commands: asked once to check it, or for what a person types."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import wait
from contextlib import contextmanager
from typing import Final

from voice_agent.agent import AgentConfig
from voice_agent.agent_prompts import load_prompts
from voice_agent.agent_understanding import LanguageModel, endpoint_of, vocabulary_of
from voice_agent.dialogue.flow import Flow
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.understanding.briefing import Briefings
from voice_agent.dialogue.understanding.ports import Briefing, Said
from voice_agent.dialogue.understanding.vocabulary import Vocabulary
from voice_agent.errors import ConfigurationError
from voice_agent.llm.adviser import LIMIT_S
from voice_agent.llm.endpoint import Endpoint
from voice_agent.llm.errors import Failure, ModelUnavailable
from voice_agent.settings import Settings

PATIENCE_S: Final = 60.0
"""Seconds it may take to load the model and read the instructions."""

_KEY: Final = frozenset({401, 403})
_MISSING: Final = 404


@contextmanager
def opened_model(
    settings: Settings, agent: AgentConfig, knowledge: Knowledge
) -> Iterator[LanguageModel | None]:
    """The language model, its server having read the instructions; ``None`` if none is set.

    Raises:
        ConfigurationError: prompts, flows or instructions are wrong.
    """
    if settings.llm_base_url is None:
        yield None
        return
    flows = flows_of(settings, agent)
    model = LanguageModel.open(settings, agent.languages, flows, knowledge)
    if model is None:
        yield None
        return
    try:
        wait([model.warmed], PATIENCE_S)
        yield model
    finally:
        model.close()


def flows_of(settings: Settings, agent: AgentConfig) -> Mapping[str, Flow]:
    """What can be done for callers.

    Raises:
        ConfigurationError: prompts or flows are wrong.
    """
    return load_flows(settings.config_dir / "flows", load_prompts(settings, agent))


def model_briefings(settings: Settings, agent: AgentConfig) -> tuple[Briefings, Vocabulary]:
    """What the language model would be told, and may say.

    Raises:
        ConfigurationError: prompts, flows, knowledge or instructions are wrong.
    """
    knowledge = Knowledge.load(settings.config_dir / "knowledge", agent.languages)
    vocabulary = vocabulary_of(flows_of(settings, agent), knowledge)
    return Briefings.load(settings.prompts_dir, agent.languages, vocabulary), vocabulary


async def require_model(settings: Settings, agent: AgentConfig) -> None:
    """Insist that the language model answers as calls need it: in JSON, and in time.

    Raises:
        ConfigurationError: it does not; one line with the mend.
    """
    briefings, vocabulary = model_briefings(settings, agent)
    endpoint = endpoint_of(settings, vocabulary)
    if endpoint is None:
        return
    try:
        briefing = briefings.of(Said("", agent.default_language))
        await _seconds(endpoint, briefing, PATIENCE_S)
        seconds = await _seconds(endpoint, briefing, PATIENCE_S)
    except ModelUnavailable as fault:
        raise ConfigurationError(_sentence(fault)) from fault
    finally:
        await endpoint.close()
    if seconds > LIMIT_S:
        raise ConfigurationError(
            f"LLM_MODEL: an answer takes {seconds:.1f} s, and calls wait {LIMIT_S} s. Take a"
            " smaller model or a faster machine"
        )


async def _seconds(endpoint: Endpoint, briefing: Briefing, limit: float) -> float:
    """How long an answer takes."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(limit):
            await endpoint.answer(briefing)
    except TimeoutError:
        raise ModelUnavailable(Failure.SLOW) from None
    return time.monotonic() - began


def _sentence(fault: ModelUnavailable) -> str:
    """What is wrong, and the mend."""
    match fault:
        case ModelUnavailable(status=status) if status in _KEY:
            return f"LLM_API_KEY: the server refuses it ({status}). Set the key of the provider"
        case ModelUnavailable(status=status) if status == _MISSING:
            return (
                "LLM_MODEL: the server knows no such model, or LLM_BASE_URL is not the address"
                " below which /chat/completions is (404). Mend one of them"
            )
        case ModelUnavailable(failure=Failure.REFUSED, status=status):
            return f"LLM_BASE_URL: the server answers with an error ({status}). Mend the server"
        case ModelUnavailable(failure=Failure.AWAY):
            return "LLM_BASE_URL: nobody answers there. Start the server, or mend the address"
        case ModelUnavailable(failure=Failure.SLOW):
            return (
                f"LLM_MODEL: there is no answer after {PATIENCE_S:.0f} s. Take a smaller model or a"
                " faster machine"
            )
        case _:
            return "LLM_MODEL: it does not answer in JSON. Take a model that follows instructions"
