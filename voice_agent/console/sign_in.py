"""Signing in: login, password and one-time code at once, and one answer to whatever is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from limits import RateLimitItemPerMinute

from voice_agent.console.cookie import new_token
from voice_agent.console.one_time_code import new_secret, step_of
from voice_agent.console.password import Passwords
from voice_agent.runtime.accounts import (
    AccessLog,
    Account,
    Accounts,
    Secrets,
    Sessions,
    WrongAccount,
    checked_login,
)
from voice_agent.runtime.limiter import Limiter

FROM_ADDRESS: Final = RateLimitItemPerMinute(20, namespace="console-address")
"""Sign-ins tried from one address; a whole office may have one."""

FOR_LOGIN: Final = RateLimitItemPerMinute(10, 15, namespace="console-login")
"""Sign-ins tried with one login, known or not, in fifteen minutes."""

LEAST_S: Final = 0.5
"""Seconds before a refusal is told, so that its time tells nothing either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Somebody is signed in.

    Attributes:
        account: by this account.
        token: of the new session.
    """

    account: Account
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """Login, password or code was wrong, or the account is locked; nobody is told which."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """There were too many tries.

    Attributes:
        waits: seconds.
    """

    waits: int


class SignIn:
    """Checks who wants in.

    Args:
        accounts: the accounts.
        sessions: who is signed in.
        access: where sign-ins are written down, refused ones as well.
        passwords: compares.
        limiter: counts tries.
        keyed: makes of a login what may stand in a counter, the same on every worker.
        clock: the wall clock, timezone-aware.
        least_s: seconds before a refusal is told.
    """

    def __init__(
        self,
        *,
        accounts: Accounts,
        sessions: Sessions,
        access: AccessLog,
        passwords: Passwords,
        limiter: Limiter,
        keyed: Callable[[str], str],
        clock: Callable[[], datetime],
        least_s: float = LEAST_S,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._access = access
        self._passwords = passwords
        self._limiter = limiter
        self._keyed = keyed
        self._clock = clock
        self._least_s = least_s
        self._nobodys = new_secret()

    async def enter(
        self, login: str, password: str, code: str, address: str, last: str | None = None
    ) -> Entered | Refused | Throttled:
        """Try to sign in.

        Args:
            login: as it was typed.
            password: likewise.
            code: likewise.
            address: of the client.
            last: token of a session this browser had; it ends with the new one's beginning.

        Raises:
            RecordsUnavailable: the database is away, or the sign-in could not be written down.
            KeyMissing, SealDamaged: the secret of the account's codes cannot be opened.
        """
        login = _plain(login)
        waits = await self._limiter.attempt(FROM_ADDRESS, address)
        if waits is None:
            waits = await self._limiter.hit(FOR_LOGIN, self._keyed(f"console login {login}"))
        if waits is not None:
            return Throttled(waits)
        begun = asyncio.get_running_loop().time()
        found = await self._accounts.secrets(login) if login else None
        token = await self._check(found, password, code)
        if found is None or token is None:
            await self._note(found, "sign_in.refused")
            passed = asyncio.get_running_loop().time() - begun
            await asyncio.sleep(max(0.0, self._least_s - passed))
            return Refused()
        # Nobody has the token yet: if this cannot be written down, nobody is in.
        await self._note(found, "sign_in")
        if last is not None:
            await self._sessions.end(last)
        return Entered(account=found[0], token=token)

    async def _check(
        self, found: tuple[Account, Secrets] | None, password: str, code: str
    ) -> str | None:
        """The token of a new session; an unknown login takes the same steps as a known one."""
        kept = None if found is None else found[1].password_hash
        fits = await self._passwords.fits(kept, password)
        at = self._clock()
        step = step_of(self._nobodys if found is None else found[1].totp_secret, code, at)
        if found is None or step is None or not fits:
            return None
        token = new_token()
        begun = await self._sessions.begin(*found, step, token, at)
        return token if begun else None

    async def _note(self, found: tuple[Account, Secrets] | None, action: str) -> None:
        if found is None:
            await self._access.note(None, "", action, "")
        else:
            await self._access.note(found[0].account, found[0].role, action, "")


def _plain(login: str) -> str:
    """The login in its one form; empty if it can be none."""
    try:
        return checked_login(login)
    except WrongAccount:
        return ""
