"""``voice-agent check``: is everything there and right, and what is to be done if not."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Final

import typer

from voice_agent.agent import AgentConfig
from voice_agent.agent_prompts import load_prompts
from voice_agent.caldav.calendar import ANSWER_LIMIT_S
from voice_agent.caldav.server import CalDavServer, CalendarUnavailable
from voice_agent.commands.language_model import model_briefings, require_model
from voice_agent.commands.output import Output
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.directory_file import load_form
from voice_agent.errors import ConfigurationError, ModelError, VoiceAgentError
from voice_agent.models.catalogue import find, of_kind
from voice_agent.models.store import ModelStore
from voice_agent.notices import load_notice
from voice_agent.outbound.rules import load_rules_of
from voice_agent.retention import load_retention, periods
from voice_agent.schedule import FILE as CALENDAR
from voice_agent.schedule import load_plan
from voice_agent.settings import Settings, load_settings
from voice_agent.storage import due
from voice_agent.storage.database import Database, head
from voice_agent.storage.retention import ahead_of_clock, rows_ahead
from voice_agent.stores import calendar_server, now
from voice_agent.tools.plan import Resource

INSTRUCTIONS: Final = "instructions"
"""Of the language model, where there is one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: its name.
        fault: what is wrong and the mend, on one line; ``None`` if nothing is.
    """

    check: str
    fault: str | None = None


def check(
    *,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line: check, ok, fault.")
    ] = False,
) -> None:
    """Check settings, configuration, prompts, models and database.

    One line a fault, with the mend. Leaves with status 1 if there is any.
    """
    output = Output(json)
    faults = 0
    for found in examine():
        faults += found.fault is not None
        record = {"check": found.check, "ok": found.fault is None, "fault": found.fault}
        output.result(record, found.fault or f"{found.check}: all right")
    if faults:
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """Every check in order. What depends on a part that is wrong is not checked."""
    try:
        settings = load_settings()
    except VoiceAgentError as error:
        yield from _faults("settings", error)
        return
    yield Finding("settings")
    try:
        agent = AgentConfig.for_settings(settings)
    except VoiceAgentError as error:
        yield from _faults("agent", error)
        return
    yield Finding("agent")
    can_ask = False
    for found in examine_parts(settings, agent):
        can_ask = can_ask or (found.check == INSTRUCTIONS and found.fault is None)
        yield found
    if can_ask:
        # Here and not among the parts: the server starts, and answers calls, without it.
        yield from _try("language model", lambda: asyncio.run(require_model(settings, agent)))


def examine_parts(settings: Settings, agent: AgentConfig) -> Iterator[Finding]:
    """The checks of what settings and configuration point to."""
    checks: dict[str, Callable[[], object]] = {
        "reminders": lambda: load_rules_of(settings.config_dir, agent),
        "prompts": lambda: load_prompts(settings, agent),
        "knowledge": lambda: Knowledge.load(settings.config_dir / "knowledge", agent.languages),
        "retention": lambda: due.check(load_retention(settings.config_dir)),
        "notice": lambda: load_notice(
            agent, retention=periods(load_retention(settings.config_dir))
        ),
        "recogniser": lambda: _require_recogniser(settings, agent),
        "voices": lambda: _require_voices(settings, agent),
        "database": lambda: asyncio.run(_require_database(settings)),
        "calendar": lambda: asyncio.run(_require_calendar(settings)),
        "directory": lambda: settings.directory_url and load_form(settings.config_dir),
    }
    wrong: set[str] = set()
    for name, attempt in checks.items():
        if name == "prompts" and "reminders" in wrong:  # who is ringing is said in them
            wrong.add(name)
            continue
        found = list(_try(name, attempt))
        wrong.update(finding.check for finding in found if finding.fault)
        yield from found
    if "prompts" not in wrong:  # a flow's prompts are looked for among them
        found = list(_try("flows", lambda: _require_flows(settings, agent)))
        wrong.update(finding.check for finding in found if finding.fault)
        yield from found
    if settings.llm_base_url is not None and not {"prompts", "knowledge", "flows"} & wrong:
        found = list(_try(INSTRUCTIONS, lambda: model_briefings(settings, agent)))
        wrong.update(finding.check for finding in found if finding.fault)
        yield from found
    if "database" not in wrong:
        yield from _try("clock", lambda: asyncio.run(_require_clock(settings)))
    if not wrong:  # only what can be said can be measured
        yield from _try("notice length", lambda: _fit_notice(settings, agent))


def _require_flows(settings: Settings, agent: AgentConfig) -> None:
    load_flows(settings.config_dir / "flows", load_prompts(settings, agent))


def _try(name: str, attempt: Callable[[], object]) -> Iterator[Finding]:
    try:
        attempt()
    except VoiceAgentError as error:
        yield from _faults(name, error)
    else:
        yield Finding(name)


def _fit_notice(settings: Settings, agent: AgentConfig) -> None:
    """Layer 1, spoken, must not be too long (C9)."""
    # The engines are heavy, and on a machine that is not ready nothing is spoken.
    from voice_agent.agent_voices import open_voices  # noqa: PLC0415 (as above)
    from voice_agent.texts import Texts  # noqa: PLC0415 (as above)

    Texts(settings, agent).fit(open_voices(settings, agent))


def _faults(check: str, error: VoiceAgentError) -> Iterator[Finding]:
    for line in str(error).splitlines():
        yield Finding(check, line)


def _require_recogniser(settings: Settings, agent: AgentConfig) -> None:
    model = find(f"whisper-{agent.speech.recogniser.model}", "recogniser")
    ModelStore(settings.models_dir).require(model)


def _require_voices(settings: Settings, agent: AgentConfig) -> None:
    faults = [
        fault
        for language in agent.languages
        if (fault := _voice_fault(settings, language, getattr(agent.speech.voices, language)))
    ]
    if faults:
        raise VoiceAgentError("\n".join(faults))


def _voice_fault(settings: Settings, language: str, name: str) -> str | None:
    """A named voice must be there; else any voice of the language, or espeak-ng, speaks."""
    store = ModelStore(settings.models_dir)
    if name not in {"auto", "espeak"}:
        try:
            store.require(find(name, "voice"))
        except ModelError as error:
            return f"speech.voices.{language}: {error}"
        return None
    voices = [voice for voice in of_kind("voice") if voice.language == language]
    if name == "auto" and any(store.is_present(voice) for voice in voices):
        return None
    if shutil.which("espeak-ng") is not None:
        return None
    return (
        f"speech.voices.{language}: there is no voice. Run: voice-agent models pull, or "
        "apt-get install espeak-ng"
    )


async def _require_database(settings: Settings) -> None:
    database = Database.open(settings.database_url.get_secret_value())
    try:
        if settings.is_production or not database.is_embedded:
            await database.check_schema()
        else:
            await database.revision()  # reachable is enough: the start upgrades it
    finally:
        await database.close()


async def _require_calendar(settings: Settings) -> None:
    """The plan of appointments is right, and every calendar is there that it names."""
    plan, server = load_plan(settings.config_dir), calendar_server(settings)
    if server is None:
        return
    if plan is None:
        raise ConfigurationError(
            f"CALDAV_URL: is set, but there is no {settings.config_dir / CALENDAR}. Write one, or "
            "unset CALDAV_URL"
        )
    try:
        for each in plan.resources:
            await _require_collection(server, each)
    finally:
        await server.close()


async def _require_collection(server: CalDavServer, resource: Resource) -> None:
    try:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            await server.check(resource.calendar)
    except (CalendarUnavailable, TimeoutError) as error:
        raise ConfigurationError(
            f"CALDAV_URL: the calendar of {resource.id} cannot be used "
            f"({str(error) or 'no answer in time'}). Mend the server, who may use it, or resources "
            "in calendar.yaml"
        ) from error


async def _require_clock(settings: Settings) -> None:
    """Nothing in the database may be from the future; one without our tables holds nothing."""
    database = Database.open(settings.database_url.get_secret_value())
    try:
        if await database.revision() == head():
            ahead = await rows_ahead(database, now())
            if ahead:
                lines = (ahead_of_clock(name, count) for name, count in ahead.items())
                raise VoiceAgentError("\n".join(lines))
    finally:
        await database.close()
