from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.test_settings import PRODUCTION
from voice_agent.errors import ConfigurationError
from voice_agent.settings import load_settings


def refused(change: dict[str, str], tmp_path: Path) -> str:
    """The lines production answers a change of a good environment with."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings(PRODUCTION | {"DATA_DIR": str(tmp_path)} | change)
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"PUBLIC_URL": "http://voice.example"}, "PUBLIC_URL: is not https"),
        ({"PUBLIC_URL": "https://voice.example:8443"}, "PUBLIC_URL: names a port"),
        ({"PUBLIC_URL": "https://localhost"}, "PUBLIC_URL: is this machine itself"),
        ({"PUBLIC_URL": "https://127.0.0.1"}, "PUBLIC_URL: is this machine itself"),
        ({"BROWSER_TELEPHONE": "on"}, "BROWSER_TELEPHONE: is on"),
        ({"TWILIO_NUMBER": ""}, "TWILIO_NUMBER: is not set"),
        ({"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN: is not set"),
        ({"HANDOVER_NUMBER": ""}, "HANDOVER_NUMBER: is not set"),
        ({"PSEUDONYM_KEY": ""}, "PSEUDONYM_KEY: is not set"),
        ({"PSEUDONYM_KEY": "00" * 32}, "PSEUDONYM_KEY: is an example"),
        ({"RECORD_KEY": bytes(range(32)).hex()}, "RECORD_KEY: is an example"),
        ({"RECORD_KEY": "0123456789abcdef" * 4}, "RECORD_KEY: is an example"),
        ({"RECORD_KEY": b"correct horse battery staple 123".hex()}, "RECORD_KEY: is an example"),
        ({"RECORD_KEY": PRODUCTION["PSEUDONYM_KEY"]}, "RECORD_KEY: is the same"),
        ({"TWILIO_AUTH_TOKEN": "12345"}, "TWILIO_AUTH_TOKEN: is an example"),
        ({"TWILIO_AUTH_TOKEN": "0123456789abcdef" * 2}, "TWILIO_AUTH_TOKEN: is an example"),
        ({"TWILIO_AUTH_TOKEN": secrets.token_hex(16) + ",x"}, "TWILIO_AUTH_TOKEN: is an example"),
        ({"TWILIO_API_KEY": "SK1"}, "TWILIO_API_KEY: goes together with TWILIO_API_SECRET"),
        ({"TWILIO_API_BASE_URL": "http://proxy.example"}, "TWILIO_API_BASE_URL: is not https"),
        (
            {"LLM_BASE_URL": "http://model.example", "LLM_MODEL": "m"},
            "LLM_BASE_URL: is not https",
        ),
        ({"LLM_BASE_URL": "https://model.example"}, "LLM_MODEL: LLM_BASE_URL needs"),
        ({"LLM_MODEL": "m"}, "LLM_BASE_URL: LLM_MODEL is of no use without it"),
        ({"LLM_API_KEY": "k"}, "LLM_BASE_URL: LLM_API_KEY is of no use without it"),
        ({"LLM_API_KEY": "k k"}, "LLM_API_KEY: has blanks"),
        ({"CALDAV_URL": "https://calendar.example"}, "CALDAV_URL: goes together with CALDAV_USER"),
        (
            {"CALDAV_URL": "http://c.example", "CALDAV_USER": "u", "CALDAV_PASSWORD": "p"},
            "CALDAV_URL: is not https",
        ),
        ({"DIRECTORY_KEY": "k"}, "DIRECTORY_URL: goes together with DIRECTORY_KEY"),
        (
            {"DIRECTORY_URL": "http://c.example", "DIRECTORY_KEY": "k"},
            "DIRECTORY_URL: is not https",
        ),
        ({"OIDC_ISSUER": "https://l.example"}, "OIDC_ISSUER: goes together with OIDC_CLIENT_ID"),
        (
            {
                "OIDC_ISSUER": "http://l.example",
                "OIDC_CLIENT_ID": "voice-agent",
                "OIDC_CLIENT_SECRET": "s",
            },
            "OIDC_ISSUER: is not https",
        ),
        ({"TWILIO_REGION": "us1"}, "TWILIO_EDGE: dublin belongs to region ie1"),
    ],
)
def test_production_refuses(change: dict[str, str], line: str, tmp_path: Path) -> None:
    assert any(each.startswith(line) for each in refused(change, tmp_path).splitlines())


def test_production_refuses_the_secrets_development_made(tmp_path: Path) -> None:
    """A machine that was developed on is put into production with its old environment file."""
    made = load_settings({"DATA_DIR": str(tmp_path)})
    for name, value in (
        ("PSEUDONYM_KEY", made.pseudonym_key[0].get_secret_value().hex()),
        ("TWILIO_AUTH_TOKEN", made.twilio_auth_token[0].get_secret_value()),
    ):
        assert f"{name}: is an example or a development" in refused({name: value}, tmp_path)


def test_a_model_on_this_machine_needs_no_https(tmp_path: Path) -> None:
    local = {"LLM_BASE_URL": "http://127.0.0.1:11434/v1", "LLM_MODEL": "m"}
    settings = load_settings(PRODUCTION | {"DATA_DIR": str(tmp_path)} | local)
    assert not settings.llm_is_remote
