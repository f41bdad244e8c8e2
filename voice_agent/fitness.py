"""Whether settings fit together, and whether they are fit for production."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from voice_agent.secret_keys import looks_random, read_development_secrets, token_looks_random
from voice_agent.values import is_loopback

if TYPE_CHECKING:
    from pathlib import Path

    from voice_agent.settings import Settings

NEEDED_IN_PRODUCTION = (
    "public_url",
    "twilio_account_sid",
    "twilio_auth_token",
    "twilio_number",
    "handover_number",
    "pseudonym_key",
    "record_key",
)
"""Fields that development can do without, or makes up for itself."""


def contradictions(settings: Settings) -> Iterator[str]:
    """Faults between settings, wherever the program runs."""
    for name in ("config_dir", "prompts_dir"):
        directory: Path = getattr(settings, name)
        if not directory.is_dir():
            yield settings.fault(name, f"there is no directory {directory}")
    if settings.twilio_region != "ie1" and settings.twilio_region_override is None:
        yield (
            f"TWILIO_REGION: {settings.twilio_region} is outside the European region ie1. Unset it,"
            " or say in TWILIO_REGION_OVERRIDE why it may be so; the reason is recorded"
        )
    if settings.twilio_region != "ie1" and settings.twilio_edge == "dublin":
        yield (
            f"TWILIO_EDGE: dublin belongs to region ie1. Set it to an edge of region "
            f"{settings.twilio_region}"
        )
    if (settings.twilio_api_key is None) != (settings.twilio_api_secret is None):
        yield "TWILIO_API_KEY: goes together with TWILIO_API_SECRET. Set both, or neither of them"
    if settings.llm_base_url is not None and settings.llm_model is None:
        yield settings.fault("llm_model", "LLM_BASE_URL needs the model's name")
    for name in ("llm_model", "llm_api_key"):
        if settings.llm_base_url is None and getattr(settings, name) is not None:
            yield settings.fault("llm_base_url", f"{name.upper()} is of no use without it")
    caldav = (settings.caldav_url, settings.caldav_user, settings.caldav_password)
    if None in caldav and any(each is not None for each in caldav):
        yield "CALDAV_URL: goes together with CALDAV_USER and CALDAV_PASSWORD. Set all, or none"
    if (settings.directory_url is None) != (settings.directory_key is None):
        yield "DIRECTORY_URL: goes together with DIRECTORY_KEY. Set both, or neither of them"
    oidc = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
    if None in oidc and any(each is not None for each in oidc):
        yield (
            "OIDC_ISSUER: goes together with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET. "
            "Set all, or none"
        )
    if set(settings.pseudonym_key) & set(settings.record_key):
        yield settings.fault("record_key", "is the same as PSEUDONYM_KEY; each purpose has its own")


def unfit_for_production(settings: Settings) -> Iterator[str]:
    """What production refuses: missing parts, open doors and secrets that are none."""
    public = urlsplit(settings.public_url)
    if public.scheme != "https":
        yield settings.fault("public_url", "is not https; a voice would travel in the clear")
    if public.port is not None:
        yield settings.fault(
            "public_url", "names a port, which the carrier's signature of wss addresses mishandles"
        )
    if is_loopback(public.hostname):
        yield settings.fault("public_url", "is this machine itself; the carrier cannot reach it")
    if settings.browser_telephone:
        yield "BROWSER_TELEPHONE: is on, and lets anybody talk to the agent. Unset it in production"
    for name in (
        "llm_base_url",
        "twilio_api_base_url",
        "caldav_url",
        "directory_url",
        "oidc_issuer",
    ):
        address = urlsplit(getattr(settings, name) or "https://")
        if address.scheme != "https" and not is_loopback(address.hostname):
            yield settings.fault(name, "is not https, and not on this machine")
    known = set((read_development_secrets(settings.data_dir) or {}).values())
    for name in ("pseudonym_key", "record_key"):
        keys: list[bytes] = [key.get_secret_value() for key in getattr(settings, name)]
        if any(not looks_random(key) or key.hex() in known for key in keys):
            yield settings.fault(name, "is an example or a development key")
    for token in settings.twilio_auth_token:
        secret = token.get_secret_value()
        if not token_looks_random(secret) or secret in known:
            yield settings.fault("twilio_auth_token", "is an example or a development token")
            break
