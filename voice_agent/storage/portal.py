"""Links to the portal, their sessions, one-time codes and sealed numbers, in a database.

The database holds hashes of tokens, sessions and codes: who reads it gets in nowhere. Of random
tokens a plain hash is enough. A code of six digits is kept as an HMAC under its session's secret,
which the database does not know, so trying all of them against it finds nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, case, delete, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.keyring import KeyRing, seal, unseal
from voice_agent.runtime.portal import (
    CODE_LIFETIME,
    CODE_PAUSE,
    LINK_LIFETIME,
    MOST_CODES,
    MOST_TRIES,
    SESSION_LIFETIME,
    CodeCheck,
    CodeSetting,
    Refusal,
    Visit,
)
from voice_agent.runtime.records import UnknownCall
from voice_agent.storage.call_lock import hold_call
from voice_agent.storage.data_keys import DataKeys, KeyKind
from voice_agent.storage.database import Database
from voice_agent.storage.tables import UtcDateTime, portal_links, sealed_numbers
from voice_agent.storage.transaction import transaction

MOST_LOOKUPS: Final = 8
"""Links and sessions looked up at once: however many guess, the database serves calls as well."""

_TOKEN_BYTES: Final = 16


class SqlPortalLinks:
    """Implements ``voice_agent.runtime.portal.LinkMaker`` and ``voice_agent.privacy.ports.Links``.

    Every method raises ``RecordsUnavailable`` when the database is away; nothing is half done then.

    Args:
        database: where they lie.
        keyring: seals the numbers.
    """

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        self._database = database
        self._keys = DataKeys(keyring)
        self._lookups = asyncio.Semaphore(MOST_LOOKUPS)

    # -- the link ------------------------------------------------------------------------------

    async def mint(self, call_id: str, language: str, number: str, at: datetime) -> str:
        """Make a link; see the port. What has expired is cleared away.

        The call is held meanwhile: an erasure is either before this, and no link is made, or
        after it, and finds the link and the number.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        expires_at = at + LINK_LIFETIME
        link = {
            "token_sha256": _digest(token),
            "call_id": call_id,
            "language": language,
            "made_at": at,
            "expires_at": expires_at,
            "code_tries": 0,
            "codes_sent": 0,
        }
        async with self._transaction() as connection:
            if not await hold_call(connection, call_id):
                raise UnknownCall("there is no such call any more")
            key = await self._keys.get_or_make(connection, call_id, KeyKind.CONTENT, at)
            await connection.execute(delete(portal_links).where(portal_links.c.expires_at <= at))
            await connection.execute(
                delete(sealed_numbers).where(
                    or_(sealed_numbers.c.delete_at <= at, sealed_numbers.c.call_id == call_id)
                )
            )
            sealed = seal(key, number.encode(), _place(call_id))
            row = {"call_id": call_id, "sealed": sealed, "delete_at": expires_at}
            await connection.execute(insert(sealed_numbers).values(row))
            await connection.execute(insert(portal_links).values(link))
        return token

    async def drop(self, call_id: str) -> None:
        """Forget a call's links and its number; see the port."""
        async with self._transaction() as connection:
            for table in (portal_links, sealed_numbers):
                await connection.execute(delete(table).where(table.c.call_id == call_id))

    async def exchange(self, token: str, secret: str, at: datetime) -> Refusal | None:
        """Open a session; see the port. One statement, so that of several at once one wins."""
        session = _digest(secret)
        mine = portal_links.c.token_sha256 == _digest(token)
        use = (
            update(portal_links)
            .where(mine, portal_links.c.exchanged_at.is_(None), portal_links.c.expires_at > at)
            .values(exchanged_at=at, session_sha256=session, session_expires_at=_session_end(at))
        )
        async with self._lookups, self._transaction() as connection:
            if (await connection.execute(use)).rowcount == 1:
                return None
            link = (await connection.execute(select(portal_links).where(mine))).one_or_none()
        if link is None:
            return Refusal.UNKNOWN
        if link.expires_at <= at:
            return Refusal.EXPIRED
        same = link.session_sha256 == session and link.session_expires_at > at
        return None if same else Refusal.USED

    # -- the session ---------------------------------------------------------------------------

    async def visit(self, secret: str, at: datetime) -> Visit | None:
        """Whose session this is, prolonged by this use; see the port."""
        mine = _session(secret, at)
        use = update(portal_links).where(mine).values(session_expires_at=_session_end(at))
        async with self._lookups, self._transaction() as connection:
            if (await connection.execute(use)).rowcount != 1:
                return None
            row = (await connection.execute(select(portal_links).where(mine))).one()
        return Visit(
            call_id=row.call_id,
            language=row.language,
            link_expires_at=row.expires_at,
            verified_at=row.verified_at,
            codes_sent=row.codes_sent,
        )

    async def number(self, call_id: str, at: datetime) -> str | None:
        """The number the call came from; see the port.

        Raises:
            SealDamaged, KeyMissing: it cannot be opened.
        """
        chosen = sealed_numbers.c.call_id == call_id, sealed_numbers.c.delete_at > at
        async with self._transaction() as connection:
            sealed = await connection.scalar(select(sealed_numbers.c.sealed).where(*chosen))
            key = await self._keys.get(connection, call_id, KeyKind.CONTENT)
        if sealed is None or key is None:
            return None
        return unseal(key, sealed, _place(call_id)).decode()

    # -- the one-time code ---------------------------------------------------------------------

    async def set_code(self, secret: str, code: str, at: datetime) -> CodeSetting:
        """Put a new code in the place of the last; see the port."""
        mine, ends = _session(secret, at), portal_links.c.code_expires_at
        recent = at + CODE_LIFETIME - CODE_PAUSE
        change = (
            update(portal_links)
            .where(
                mine,
                portal_links.c.codes_sent < MOST_CODES,
                or_(ends.is_(None), ends <= recent),
            )
            .values(
                code_mac=_mac(secret, code),
                code_expires_at=at + CODE_LIFETIME,
                code_tries=0,
                codes_sent=portal_links.c.codes_sent + 1,
            )
        )
        async with self._transaction() as connection:
            if (await connection.execute(change)).rowcount == 1:
                return CodeSetting.SET
            last: datetime | None = await connection.scalar(select(ends).where(mine))
        return CodeSetting.TOO_MANY if last is None or last <= recent else CodeSetting.RECENT

    async def drop_code(self, secret: str) -> None:
        """Forget the code; see the port."""
        mine = portal_links.c.session_sha256 == _digest(secret)
        change = update(portal_links).where(mine).values(code_mac=None, code_expires_at=None)
        async with self._transaction() as connection:
            await connection.execute(change)

    async def check_code(self, secret: str, code: str, at: datetime) -> CodeCheck:
        """Judge a guess; see the port. It is counted before it is looked at."""
        mine = _session(secret, at)
        guess = (
            update(portal_links)
            .where(
                mine,
                portal_links.c.code_mac.is_not(None),
                portal_links.c.code_expires_at > at,
                portal_links.c.code_tries < MOST_TRIES,
            )
            .values(code_tries=portal_links.c.code_tries + 1)
        )
        async with self._transaction() as connection:
            counted = (await connection.execute(guess)).rowcount == 1
            row = (await connection.execute(select(portal_links).where(mine))).one_or_none()
            if not counted or row is None:
                return _uncounted(row, at)
            if not hmac.compare_digest(row.code_mac, _mac(secret, code)):
                return CodeCheck.SPENT if row.code_tries >= MOST_TRIES else CodeCheck.WRONG
            used = (
                update(portal_links)
                .where(mine, portal_links.c.code_mac == row.code_mac)
                .values(code_mac=None, verified_at=at)
            )
            right = (await connection.execute(used)).rowcount == 1
        return CodeCheck.RIGHT if right else CodeCheck.MISSING

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._database, "the portal's records cannot be read or written")


def _session(secret: str, at: datetime) -> ColumnElement[bool]:
    """This session, if it has not ended."""
    return (
        (portal_links.c.session_sha256 == _digest(secret))
        & (portal_links.c.session_expires_at > at)
        & (portal_links.c.expires_at > at)
    )


def _session_end(at: datetime) -> ColumnElement[datetime]:
    """Half an hour from now, or the link's end if that comes first."""
    later = literal(at + SESSION_LIFETIME, UtcDateTime())
    sooner = portal_links.c.expires_at
    return case((sooner < later, sooner), else_=later)


def _uncounted(row: Row[Any] | None, at: datetime) -> CodeCheck:
    """Why a guess was not looked at."""
    if row is None or row.code_mac is None:
        return CodeCheck.MISSING
    return CodeCheck.EXPIRED if row.code_expires_at <= at else CodeCheck.SPENT


def _place(call_id: str) -> str:
    return f"sealed_numbers/{call_id}"


def _digest(token: str) -> str:
    # A token from outside may hold lone surrogates; it is refused like any other wrong one.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _mac(secret: str, code: str) -> str:
    key, message = (text.encode("utf-8", "surrogatepass") for text in (secret, code))
    return hmac.new(key, message, hashlib.sha256).hexdigest()
