"""Facts for documents, as a hostile or a plain company would configure them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from tempfile import mkdtemp
from typing import Any

from consent.retention import RetentionTable
from tests.runtime import sample_call
from voice_agent.agent import AgentConfig
from voice_agent.documents.records import Records, gather
from voice_agent.notices import load_notice
from voice_agent.retention import load_retention, periods
from voice_agent.settings import Settings, load_settings

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
SID = "AC" + "1" * 32
REMOTE_MODEL = {"LLM_BASE_URL": "https://api.models.example/v1", "LLM_MODEL": "m-1"}
ELSEWHERE = {
    "TWILIO_REGION": "us1",
    "TWILIO_EDGE": "ashburn",
    "TWILIO_REGION_OVERRIDE": "us1: transfer assessment of 2026-10-01",
}


@cache
def _data_dir() -> str:
    """Where the keys of these settings are made, once."""
    return mkdtemp(prefix="documents")


def configured(**variables: str) -> Settings:
    return load_settings({"DATA_DIR": _data_dir(), "TWILIO_ACCOUNT_SID": SID, **variables})


def agent(**changes: Any) -> AgentConfig:
    return AgentConfig.model_validate(sample_call.agent().model_dump(mode="json") | changes)


def table() -> RetentionTable:
    """The example's."""
    return load_retention(sample_call.HOME / "config")


def records(
    settings: Settings | None = None,
    company: AgentConfig | None = None,
    timestamp_authority: str | None = None,
) -> Records:
    company = company or agent()
    notice = load_notice(company, retention=periods(table()))
    return gather(
        settings or configured(),
        company,
        notice,
        table().rules,
        at=AT,
        timestamp_authority=timestamp_authority,
    )
