"""``voice-agent records``: what a data-protection officer asks for, made from the configuration."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from voice_agent import atomic_file
from voice_agent.agent import AgentConfig
from voice_agent.commands.output import Output
from voice_agent.documents.pages import render
from voice_agent.documents.records import Records, gather
from voice_agent.errors import VoiceAgentError
from voice_agent.notices import load_notice
from voice_agent.retention import load_retention, periods
from voice_agent.settings import load_settings


class Language(StrEnum):
    """Languages of the documents."""

    DE = "de"
    EN = "en"


class NotWritten(VoiceAgentError):
    """A document could not be written; those before it are there whole."""

    code = "not_written"


def records(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Directory to write to; made if need be.")
    ],
    language: Annotated[
        Language | None,
        typer.Option("--language", help="Their language; the default language when left out."),
    ] = None,
    *,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line: document, format, path.")
    ] = False,
) -> None:
    """Write the record of processing, data flow, measures and an impact assessment's draft.

    Each as Markdown and as a page to print to PDF. They follow from the settings, agent.yaml and
    the retention table; what the program cannot know is marked as open.
    """
    output = Output(json)
    facts = _facts()
    for page in render(facts, language or facts.agent.default_language):
        for form, text in (("md", page.markdown), ("html", page.html)):
            path = out / f"{page.document}.{form}"
            _write(path, text)
            output.result(
                {"document": str(page.document), "format": form, "path": str(path)}, str(path)
            )


def _facts() -> Records:
    settings = load_settings()
    agent = AgentConfig.for_settings(settings)
    table = load_retention(settings.config_dir)
    return gather(
        settings,
        agent,
        load_notice(agent, retention=periods(table)),
        table.rules,
        at=datetime.now(UTC),
        timestamp_authority=agent.ledger.timestamp_authority,
    )


def _write(path: Path, text: str) -> None:
    try:
        atomic_file.write(path, text.encode())
    except OSError as fault:
        raise NotWritten(f"{path}: cannot be written ({fault.strerror})") from fault
