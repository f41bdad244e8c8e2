"""What the settings must say before anybody is rung up."""

from __future__ import annotations

from typing import Final

from voice_agent.settings import Settings

_SECURE: Final = "https://"


def missing(settings: Settings) -> tuple[str, ...]:
    """What has to be set before anybody is rung up; nothing if somebody is, where reminders are.

    An address that is not secure is one a carrier never comes back to, unless a carrier of our own
    takes its place.
    """
    reachable = settings.public_url.startswith(_SECURE) or settings.twilio_api_base_url is not None
    needed = {
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid is not None,
        "TWILIO_NUMBER": settings.twilio_number is not None,
        "PUBLIC_URL": reachable,
    }
    return tuple(name for name, there in needed.items() if not there)
