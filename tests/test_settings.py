from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.errors import ConfigurationError
from voice_agent.settings import Environment, Settings, load_settings

PRODUCTION = {
    "ENVIRONMENT": "production",
    "PUBLIC_URL": "https://voice.berger.example",
    "TWILIO_ACCOUNT_SID": "AC" + "0a" * 16,
    "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
    "TWILIO_NUMBER": "+4930901820",
    "HANDOVER_NUMBER": "+4930901821",
    "PSEUDONYM_KEY": secrets.token_hex(32),
    "RECORD_KEY": secrets.token_hex(32),
}


@pytest.fixture
def development(tmp_path: Path) -> dict[str, str]:
    """The smallest environment of a test: where it may write."""
    return {"DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    return PRODUCTION | {"DATA_DIR": str(tmp_path / "data")}


def faults(env: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(env)
    return str(caught.value).splitlines()


def test_development_needs_nothing(development: dict[str, str], tmp_path: Path) -> None:
    settings = load_settings(development)
    assert settings.environment is Environment.DEVELOPMENT
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.browser_telephone
    assert settings.database_url.get_secret_value() == (
        f"sqlite+aiosqlite:///{tmp_path}/data/voice-agent.db"
    )
    assert (settings.twilio_region, settings.twilio_edge) == ("ie1", "dublin")


def test_production_with_everything_is_accepted(production: dict[str, str]) -> None:
    settings = load_settings(production)
    assert settings.is_production
    assert not settings.browser_telephone
    assert settings.pseudonym_key[0].get_secret_value().hex() == production["PSEUDONYM_KEY"]


def test_the_defaults_of_a_checkout_are_its_own_directories(development: dict[str, str]) -> None:
    settings = load_settings(development)
    root = Path(__file__).parents[1]
    assert settings.config_dir == root / "config"
    assert settings.prompts_dir == root / "prompts"
    assert settings.models_dir == root / "models"


def test_the_port_is_part_of_the_default_address(development: dict[str, str]) -> None:
    settings = load_settings(development | {"PORT": "9000"})
    assert settings.public_url == "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    ("public", "socket"),
    [
        ("https://a.example", "wss://a.example/twilio/media"),
        ("https://a.example/", "wss://a.example/twilio/media"),
        ("https://A.Example", "wss://a.example/twilio/media"),
        ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/twilio/media"),
    ],
)
def test_the_socket_address_follows_the_public_one(
    development: dict[str, str], public: str, socket: str
) -> None:
    assert load_settings(development | {"PUBLIC_URL": public}).socket_url == socket


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("localhost", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),  # noqa: S104 (that is the question)
        ("::1", "http://[::1]:8080"),
        ("192.0.2.7", "http://192.0.2.7:8080"),
    ],
)
def test_the_local_address_can_be_opened(
    development: dict[str, str], host: str, local: str
) -> None:
    assert load_settings(development | {"HOST": host}).local_url == local


def test_only_our_own_names_are_answered(production: dict[str, str]) -> None:
    assert load_settings(production).allowed_hosts == (
        "voice.berger.example",
        "127.0.0.1",
        "localhost",
    )


def test_several_tokens_hold_while_rotating(development: dict[str, str]) -> None:
    settings = load_settings(development | {"TWILIO_AUTH_TOKEN": "new, old"})
    assert [token.get_secret_value() for token in settings.twilio_auth_token] == ["new", "old"]


def test_several_keys_hold_while_rotating(development: dict[str, str]) -> None:
    settings = load_settings(development | {"RECORD_KEY": f"{'ab' * 32}, {'cd' * 32}"})
    keys = [key.get_secret_value() for key in settings.record_key]
    assert keys == [b"\xab" * 32, b"\xcd" * 32]


def test_one_key_written_twice_is_no_rotation(development: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="RECORD_KEY: names one key twice"):
        load_settings(development | {"RECORD_KEY": f"{'ab' * 32},{'ab' * 32}"})


def test_a_variable_set_to_nothing_is_not_set(development: dict[str, str]) -> None:
    assert load_settings(development | {"PORT": "", "REDIS_URL": ""}).port == 8080


@pytest.mark.parametrize("written", ["hex", "base64"])
def test_a_key_is_read_in_hex_and_base64(development: dict[str, str], written: str) -> None:
    text = "ff" * 32 if written == "hex" else "/" * 42 + "8="
    settings = load_settings(development | {"RECORD_KEY": text})
    assert settings.record_key[0].get_secret_value() == b"\xff" * 32


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENVIRONMENT", "prod"),
        ("HOST", "a b"),
        ("PORT", "70000"),
        ("PORT", "0"),
        ("PORT", "http"),
        ("PUBLIC_URL", "voice.example"),
        ("PUBLIC_URL", "ftp://voice.example"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://voice.example/path"),
        ("PUBLIC_URL", "https://voice.example?x=1"),
        ("PUBLIC_URL", "https://voice.example#x"),
        ("PUBLIC_URL", "https://voice.example?"),
        ("PUBLIC_URL", "https://user:secret@voice.example"),
        ("PUBLIC_URL", "https://voice.example:99999"),
        ("PUBLIC_URL", "https://büro.example"),
        ("PUBLIC_URL", "https://[::1"),
        ("BROWSER_TELEPHONE", "perhaps"),
        ("DATABASE_URL", "mysql://voice"),
        ("DATABASE_URL", "voice-agent.db"),
        ("REDIS_URL", "http://voice"),
        ("TWILIO_ACCOUNT_SID", "AC1"),
        ("TWILIO_AUTH_TOKEN", "new,,old"),
        ("TWILIO_AUTH_TOKEN", " , "),
        ("TWILIO_AUTH_TOKEN", "tökén"),
        ("TWILIO_NUMBER", "030 901820"),
        ("TWILIO_NUMBER", "+49 30 901820"),
        ("TWILIO_NUMBER", "+0049"),
        ("HANDOVER_NUMBER", "112"),
        ("TWILIO_REGION", "IE 1"),
        ("TWILIO_API_BASE_URL", "proxy"),
        ("LLM_BASE_URL", "http://key@model.example"),
        ("PSEUDONYM_KEY", "secret"),
        ("RECORD_KEY", "ff" * 31),
        ("CONFIG_DIR", "/nonexistent"),
        ("PROMPTS_DIR", "/nonexistent"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_variable(
    development: dict[str, str], variable: str, value: str
) -> None:
    (line,) = faults(development | {variable: value})
    assert line.startswith(f"{variable}: ")
    assert f"Set {variable}, for example: " in line


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PSEUDONYM_KEY", "canary-in-the-coal-mine"),
        ("TWILIO_AUTH_TOKEN", "canary,,"),
        ("DATABASE_URL", "mysql://canary"),
        ("PUBLIC_URL", "https://user:canary@voice.example"),
        ("REDIS_URL", "canary"),
    ],
)
def test_a_fault_does_not_show_the_value(
    development: dict[str, str], variable: str, value: str
) -> None:
    assert "canary" not in "\n".join(faults(development | {variable: value}))


def test_all_faults_are_told_at_once(development: dict[str, str]) -> None:
    wrong = development | {"PORT": "x", "TWILIO_NUMBER": "x", "PUBLIC_URL": "x"}
    assert len(faults(wrong)) == 3


def test_production_tells_everything_that_is_missing() -> None:
    named = {line.partition(":")[0] for line in faults({"ENVIRONMENT": "production"})}
    assert named == set(PRODUCTION) - {"ENVIRONMENT"}


def test_no_secret_shows_in_the_text_of_the_settings(production: dict[str, str]) -> None:
    secret = {
        "TWILIO_AUTH_TOKEN": production["TWILIO_AUTH_TOKEN"],
        "PSEUDONYM_KEY": production["PSEUDONYM_KEY"],
        "RECORD_KEY": production["RECORD_KEY"],
        "TWILIO_API_KEY": "SKcanary",
        "TWILIO_API_SECRET": "canary-1",
        "LLM_API_KEY": "canary-2",
        "LLM_BASE_URL": "http://127.0.0.1:1",
        "LLM_MODEL": "m",
        "DATABASE_URL": "postgresql://user:canary-3@db/voice",
        "REDIS_URL": "redis://:canary-4@127.0.0.1",
    }
    settings = load_settings(production | secret)
    shown = f"{settings!r} {settings} {settings.model_dump_json()}"
    for value in (*secret.values(), "canary-1", "canary-2", "canary-3", "canary-4"):
        if value not in {"SKcanary", "http://127.0.0.1:1", "m"}:
            assert value not in shown


def test_settings_do_not_change(development: dict[str, str]) -> None:
    settings = load_settings(development)
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1


def test_development_makes_its_secrets_once(development: dict[str, str], tmp_path: Path) -> None:
    """`serve` and `call` share them, and nobody else can read them."""
    first, second = load_settings(development), load_settings(development)
    assert first.twilio_auth_token == second.twilio_auth_token
    assert first.pseudonym_key == second.pseudonym_key != second.record_key
    (file,) = (tmp_path / "data").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_another_region_needs_a_reason(development: dict[str, str]) -> None:
    """C29: the European region is the default, any other a recorded decision."""
    other = development | {"TWILIO_REGION": "us1", "TWILIO_EDGE": "ashburn"}
    (line,) = faults(other)
    assert "TWILIO_REGION_OVERRIDE" in line
    reason = {"TWILIO_REGION_OVERRIDE": "us1: assessed on 2026-10-01"}
    assert load_settings(other | reason).twilio_region == "us1"


def test_a_file_in_the_working_directory_is_read_in_development(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A variable that is really set wins; a key the program does not know is not its business."""
    (tmp_path / ".env").write_text("PORT=9001\nHOST=localhost\nUNKNOWN=1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", "data")
    monkeypatch.setenv("PORT", "9002")
    settings = load_settings()
    assert (settings.host, settings.port) == ("localhost", 9002)
    assert settings.data_dir == tmp_path / "data"


def test_production_reads_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9001\n")
    monkeypatch.chdir(tmp_path)
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    assert load_settings().port == 8080


def test_a_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_bytes(b"PORT=\xff\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"^\.env: "):
        load_settings()


@given(
    name=st.sampled_from(sorted(Settings.model_fields)),
    value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80),
)
def test_no_value_makes_anything_but_settings_or_a_clear_refusal(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: str
) -> None:
    data = {"DATA_DIR": os.fspath(tmp_path_factory.getbasetemp() / "any")}
    env = data | ({name.upper(): value} if name != "data_dir" else {})
    try:
        load_settings(env)
    except ConfigurationError as error:
        assert name.upper() in str(error)  # noqa: PT017 (most values are fine, and that is fine)
