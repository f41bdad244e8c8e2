"""One-time codes of an authenticator (RFC 6238): six digits, a new one every half minute."""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import Final

import pyotp

STEP_S: Final = 30
"""Seconds of one code."""

ISSUER: Final = "voice-agent"
"""What an authenticator shows beside the login."""

_CODE: Final = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """A secret of 160 random bits, base32."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """The secret as an ``otpauth://`` address, which authenticators read."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Which half minute a code is of: the present one, the last or the next.

    Args:
        secret: base32.
        code: as it was typed; spaces do not matter.
        at: now, timezone-aware.

    Returns:
        The step, counted from 1970; ``None`` if it is a code of none of the three.
    """
    typed = "".join(code.split())
    if not _CODE.fullmatch(typed):
        typed = ""  # compared all the same, so that it takes as long
    codes, present = pyotp.HOTP(secret), int(at.timestamp()) // STEP_S
    found = None
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(codes.at(step), typed):
            found = step
    return found
