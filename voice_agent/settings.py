"""One frozen settings object. The environment is read here and nowhere else.

Each field of ``Settings`` is the environment variable of the same name in capitals. In development
a file ``.env`` in the working directory is read too; a variable that is really set wins over it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from voice_agent.errors import ConfigurationError
from voice_agent.fitness import NEEDED_IN_PRODUCTION, contradictions, unfit_for_production
from voice_agent.secret_keys import development_secrets
from voice_agent.shipped import checkout, shipped
from voice_agent.values import (
    AccountSid,
    AuthTokens,
    BearerKey,
    BindHost,
    DatabaseUrl,
    Directory,
    Origin,
    PhoneNumber,
    RedisUrl,
    SecretKeys,
    Slug,
    WebAddress,
    absolute,
    is_loopback,
)

MEDIA_PATH = "/twilio/media"
"""Path of the carrier's media stream; with ``PUBLIC_URL`` it makes the socket's address."""

_NEW_KEY = "the output of `openssl rand -hex 32`"


class Environment(StrEnum):
    """Where the program runs; ``production`` refuses what only a developer's machine may have."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """What the environment says, checked. Make it with ``load_settings``.

    Secrets are ``SecretStr`` or ``SecretBytes`` and never show in ``repr``. The description of a
    field says what it is for; its example is what an error message proposes.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    environment: Environment = Field(
        description="Development has defaults; production refuses them.",
        examples=["production"],
    )
    host: BindHost = Field(description="Address the server listens on.", examples=["127.0.0.1"])
    port: int = Field(ge=1, le=65535, description="TCP port it listens on.", examples=["8080"])
    public_url: Origin = Field(
        description="The origin callers' carriers reach us under, and sign.",
        examples=["https://voice.your-company.de"],
    )
    browser_telephone: bool = Field(
        description="Serve the browser telephone under /phone.", examples=["false"]
    )

    config_dir: Directory = Field(description="Holds agent.yaml.", examples=["./config"])
    prompts_dir: Directory = Field(description="Holds every sentence.", examples=["./prompts"])
    models_dir: Directory = Field(description="Holds the models.", examples=["./models"])
    data_dir: Directory = Field(
        description="Holds what the program writes.", examples=["/var/lib/voice-agent"]
    )

    database_url: DatabaseUrl = Field(
        description="The database.", examples=["sqlite:////var/lib/voice-agent/voice-agent.db"]
    )
    redis_url: RedisUrl | None = Field(
        default=None, description="Shared live state.", examples=["redis://127.0.0.1:6379/0"]
    )

    twilio_account_sid: AccountSid | None = Field(
        default=None, description="The account at the carrier.", examples=["AC and 32 hex digits"]
    )
    twilio_auth_token: AuthTokens = Field(
        description="Signs webhooks; several, with commas, while rotating.",
        examples=["the token of the Twilio console, or new,old"],
    )
    twilio_api_key: str | None = Field(
        default=None, description="Key for REST calls.", examples=["SK and 32 hex digits"]
    )
    twilio_api_secret: SecretStr | None = Field(
        default=None, description="Its secret.", examples=["the secret shown with the key"]
    )
    twilio_number: PhoneNumber | None = Field(
        default=None, description="The number that is rung.", examples=["+4930901820"]
    )
    twilio_region: Slug = Field(
        default="ie1", description="Where the carrier processes calls.", examples=["ie1"]
    )
    twilio_edge: Slug = Field(
        default="dublin", description="Sent along with the region.", examples=["dublin"]
    )
    twilio_region_override: str | None = Field(
        default=None,
        min_length=10,
        max_length=200,
        description="Why another region than ie1; goes into the record of processing.",
        examples=["'us1: transfer assessment of 2026-10-01, data protection officer agreed'"],
    )
    twilio_api_base_url: WebAddress | None = Field(
        default=None, description="Sends REST calls elsewhere.", examples=["https://proxy.internal"]
    )
    handover_number: PhoneNumber | None = Field(
        default=None, description="The human who takes over.", examples=["+4930901821"]
    )

    pseudonym_key: SecretKeys = Field(
        description="Turns phone numbers into pseudonyms; 32 bytes; several, with commas, while"
        " rotating.",
        examples=[_NEW_KEY],
    )
    record_key: SecretKeys = Field(
        description="Encrypts what is kept and signs the ledger; likewise.", examples=[_NEW_KEY]
    )

    llm_base_url: WebAddress | None = Field(
        default=None, description="A language model.", examples=["http://127.0.0.1:11434/v1"]
    )
    llm_model: str | None = Field(
        default=None, description="Its name.", examples=["qwen2.5:1.5b-instruct"]
    )
    llm_api_key: BearerKey | None = Field(
        default=None, description="Its key.", examples=["the key of the provider"]
    )

    caldav_url: WebAddress | None = Field(
        default=None,
        description="A calendar server, instead of a calendar of our own.",
        examples=["https://calendar.your-company.de/dav/garage"],
    )
    caldav_user: str | None = Field(
        default=None, description="Who we are there.", examples=["voice-agent"]
    )
    caldav_password: SecretStr | None = Field(
        default=None, description="The password.", examples=["the password of that user"]
    )

    directory_url: WebAddress | None = Field(
        default=None,
        description="A system that knows people, instead of a directory of our own.",
        examples=["https://crm.your-company.de/api"],
    )
    directory_key: SecretStr | None = Field(
        default=None, description="The key it wants.", examples=["the key of that system"]
    )

    oidc_issuer: WebAddress | None = Field(
        default=None,
        description="An OpenID Connect provider operators may sign in by.",
        examples=["https://login.your-company.de/realms/staff"],
    )
    oidc_client_id: str | None = Field(
        default=None, description="What we are called there.", examples=["voice-agent"]
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Our secret there.", examples=["the secret of that client"]
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what is passed in, so that one made in a test is what the test says."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @classmethod
    def fault(cls, name: str, sentence: str) -> str:
        """One line about a wrong field: the variable, what is wrong, the mend."""
        example = (cls.model_fields[name].examples or [""])[0]
        return f"{name.upper()}: {sentence}. Set {name.upper()}, for example: {example}"

    @property
    def is_production(self) -> bool:
        """True in production."""
        return self.environment is Environment.PRODUCTION

    @property
    def socket_url(self) -> str:
        """Address of the media stream, ``wss://.../twilio/media``: what is signed and dialled."""
        return "ws" + self.public_url.removeprefix("http") + MEDIA_PATH

    @property
    def local_url(self) -> str:
        """Where a browser on this machine finds the server."""
        loopback = self.host in {"0.0.0.0", "::"} or is_loopback(self.host)  # noqa: S104 (compared)
        host = "127.0.0.1" if loopback and self.host != "::1" else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """Values of the ``Host`` header, without port, that are answered.

        The loopback names are among them for health checks from the machine itself.
        """
        public = urlsplit(self.public_url).hostname or ""
        return tuple(dict.fromkeys((public, "127.0.0.1", "localhost")))

    @property
    def llm_is_remote(self) -> bool:
        """True if the language model runs on another machine and is a recipient of data (C12)."""
        return self.llm_base_url is not None and not is_loopback(
            urlsplit(self.llm_base_url).hostname
        )


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Args:
        env: the environment to read, names in capitals; the process's own, and in development the
            file ``.env``, when it is left out. A variable set to nothing counts as not set.

    Raises:
        ConfigurationError: one line per fault, each with the variable and the mend.
    """
    given = _from_process() if env is None else _from_mapping(env)
    production = given.get("environment") == Environment.PRODUCTION
    known = _defaults(given, _data_home(os.environ if env is None else env)) | given
    if not production:
        known = development_secrets(absolute(Path(known["data_dir"]))) | known
    faults = [
        Settings.fault(name, "is not set")
        for name in NEEDED_IN_PRODUCTION
        if production and name not in given
    ]
    try:
        settings = Settings(**known)
    except ValidationError as error:
        raise ConfigurationError("\n".join([*faults, *_explain(error)])) from None
    faults += contradictions(settings)
    if production:
        faults += unfit_for_production(settings)
    if faults:
        raise ConfigurationError("\n".join(faults))
    return settings


def _from_mapping(env: Mapping[str, str]) -> dict[str, Any]:
    return {name: env[name.upper()] for name in Settings.model_fields if env.get(name.upper())}


def _from_process() -> dict[str, Any]:
    given = EnvSettingsSource(Settings, env_ignore_empty=True)()
    if given.get("environment") == Environment.PRODUCTION:
        return given
    try:
        written = DotEnvSettingsSource(Settings, env_file=".env", env_ignore_empty=True)()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f".env: cannot be read ({type(error).__name__}). Mend it."
        ) from error
    return {name: value for name, value in written.items() if name in Settings.model_fields} | given


def _data_home(env: Mapping[str, str]) -> Path:
    """Where an installed program keeps its files, as the XDG base directories say."""
    return Path(env.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "voice-agent"


def _defaults(given: Mapping[str, Any], data_home: Path) -> dict[str, Any]:
    home = checkout() or data_home
    production = given.get("environment") == Environment.PRODUCTION
    data_dir = given.get("data_dir", home / "data")
    defaults: dict[str, Any] = {
        "environment": Environment.DEVELOPMENT,
        "host": "127.0.0.1",
        "port": 8080,
        "browser_telephone": not production,
        "config_dir": shipped() / "config",
        "prompts_dir": shipped() / "prompts",
        "models_dir": home / "models",
        "data_dir": data_dir,
        "database_url": f"sqlite:///{absolute(Path(data_dir)) / 'voice-agent.db'}",
    }
    if not production:
        defaults["public_url"] = f"http://127.0.0.1:{_port(given, defaults['port'])}"
    return defaults


def _port(given: Mapping[str, Any], default: int) -> int:
    """The port that was set, or the default beside one that is wrong and told as such."""
    try:
        port = int(given.get("port", default))
    except ValueError:
        return default
    return port if 1 <= port <= 65535 else default  # noqa: PLR2004 (as the field says)


def _explain(error: ValidationError) -> Iterator[str]:
    """One line per fault; never the value, which may be a secret."""
    for fault in error.errors(include_url=False, include_input=False):
        name = str(fault["loc"][0])
        if fault["type"] == "missing":
            continue  # told already: what has no default is what production needs
        if fault["type"] == "value_error":
            sentence = str(fault["ctx"]["error"])
        else:
            sentence = fault["msg"][:1].lower() + fault["msg"][1:]
        yield Settings.fault(name, sentence)
