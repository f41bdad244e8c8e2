"""Who may use the console: what the console, its storage and the commands share.

Nothing here is about callers but ``AccessEntry.object_id``, which stands for a call.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from voice_agent.errors import VoiceAgentError

IDLE: Final = timedelta(minutes=30)
"""From the last thing somebody did to the end of their session."""

LONGEST: Final = timedelta(hours=10)
"""From the sign-in to the end of a session, whatever is done in it: a working day."""

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
_LONGEST_NAME: Final = 80


class WrongAccount(VoiceAgentError):
    """What an account is to be called, or do, is not possible; the message says why."""

    code = "wrong_account"


class NoAccount(VoiceAgentError):
    """There is no such account."""

    code = "no_account"


class LoginTaken(VoiceAgentError):
    """Another account has this login."""

    code = "login_taken"


def checked_login(text: str) -> str:
    """A login in its one form: lower case.

    Raises:
        WrongAccount: it can be none.
    """
    login = text.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise WrongAccount(
            "LOGIN: has 1 to 64 characters: letters a to z, digits and . _ @ + -, "
            "beginning with a letter or digit"
        )
    return login


def checked_name(text: str) -> str:
    """A name as callers may hear it.

    Raises:
        WrongAccount: it is empty, too long, or has characters that are none of a name.
    """
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise WrongAccount(f"--name: has 1 to {_LONGEST_NAME} printable characters")
    return name


def session_name(token: str) -> str:
    """What a session is known by, of which its token cannot be found: SHA-256, hexadecimal."""
    # A token from outside may hold lone surrogates; it is refused like any other wrong one.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account.

    Attributes:
        account: its identifier, 32 hexadecimal digits.
        login: what is typed to sign in.
        name: what its owner is called, to callers as well.
        role: a value of ``voice_agent.console.role.Role``.
        language: ISO 639-1 code of the pages they see.
        locked: nobody gets in by it.
        created_at: when it was made.
        used_at: when somebody last signed in by it; at first, when it was made.
    """

    account: str
    login: str
    name: str
    role: str
    language: str
    locked: bool
    created_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What its owner proves themselves with.

    Attributes:
        password_hash: Argon2id (RFC 9106), in the form that names its own parameters.
        totp_secret: of the one-time codes (RFC 6238), base32.
    """

    password_hash: str = field(repr=False)
    totp_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEntry:
    """Who looked at what, or did what.

    Attributes:
        number: counts up, with gaps.
        at: when.
        account: who; ``None`` for somebody who gave a login that nobody has.
        name: what they are called today; empty when the account is gone.
        role: theirs at that time; empty where ``account`` is ``None``.
        action: what, a short name such as ``call.read``.
        object_id: stands for a call (``voice_agent.live.snapshot.call_key``) or is the account
            that something was done to; empty where it was neither.
    """

    number: int
    at: datetime
    account: str | None
    name: str
    role: str
    action: str
    object_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries of the access log; what is left out restricts nothing.

    Attributes:
        account: of this account.
        object_id: about this call or account.
        since: from this moment on.
        until: before this moment.
        before: with a smaller number than this.
        most: how many; the newest come first.
    """

    account: str | None = None
    object_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    most: int = 50


class Accounts(Protocol):
    """Keeps the accounts. Every method raises ``RecordsUnavailable`` when the database is away."""

    async def any(self) -> bool:
        """True if there is an account."""
        ...

    async def all(self) -> Sequence[Account]:
        """Every account, by login."""
        ...

    async def find(self, login: str) -> Account | None:
        """The account of this login."""
        ...

    async def add(self, account: Account, secrets: Secrets) -> None:
        """Write down a new account.

        Raises:
            LoginTaken: another one has this login.
        """
        ...

    async def lock(self, account: str, *, locked: bool) -> None:
        """Lock or unlock an account. Its sessions end with either.

        Raises:
            NoAccount: there is no such account.
        """
        ...

    async def change_role(self, account: str, role: str) -> None:
        """Give an account another role, which ends its sessions.

        Raises:
            NoAccount: there is no such account.
        """
        ...

    async def reset(self, account: str, secrets: Secrets, at: datetime) -> None:
        """Replace its secrets, which ends its sessions and its link to a provider.

        Raises:
            NoAccount: there is no such account.
        """
        ...

    async def linked(self, subject: str, logins: Sequence[str]) -> Account | None:
        """The account of somebody a provider vouches for; none is made.

        Args:
            subject: stands for them at the provider, see ``voice_agent.console.provider``.
            logins: what their account may be called. The first that is there, and that nobody
                else at the provider has, is theirs from now on, whatever they are called later.
        """
        ...

    async def secrets(self, login: str) -> tuple[Account, Secrets] | None:
        """The account of this login with its secrets, locked or not.

        Raises:
            KeyMissing, SealDamaged: the secret of its codes cannot be opened.
        """
        ...


class Sessions(Protocol):
    """Keeps who is signed in. Raises as ``Accounts``. Tokens are known by their SHA-256 alone."""

    async def begin(
        self, found: Account, secrets: Secrets, step: int, token: str, at: datetime
    ) -> bool:
        """Begin a session, if nothing has changed since the secrets were read.

        Args:
            found: the account.
            secrets: what it was checked by.
            step: the code's, since 1970; each is good for one sign-in, and so is none before it.
            token: of the new session.
            at: now.

        Returns:
            False if the account was locked or changed meanwhile, or the code is used up.
        """
        ...

    async def begin_linked(self, found: Account, subject: str, token: str, at: datetime) -> bool:
        """Begin a session of somebody a provider vouches for.

        Returns:
            False if the account is locked, or is not theirs.
        """
        ...

    async def use(self, token: str, at: datetime, *, prolongs: bool = True) -> Account | None:
        """Whose session this is; ``None`` if it has ended or never was.

        Args:
            token: of the session.
            at: now.
            prolongs: it lasts longer by this.
        """
        ...

    async def lasts(self, session: str, at: datetime) -> bool:
        """True while a session lasts; this does not prolong it.

        Args:
            session: see ``session_name``.
            at: now.
        """
        ...

    async def end(self, token: str) -> None:
        """End a session; one that is none is no fault."""
        ...


class AccessLog(Protocol):
    """Where it is written down who looked at what. Raises as ``Accounts``."""

    async def note(self, account: str | None, role: str, action: str, object_id: str) -> None:
        """Append an entry; see ``AccessEntry``."""
        ...

    async def entries(self, wanted: Wanted) -> Sequence[AccessEntry]:
        """Entries, the newest first."""
        ...
