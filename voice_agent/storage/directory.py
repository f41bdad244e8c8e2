"""The directory in our own database."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar
from uuid import uuid4

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.errors import VoiceAgentError
from voice_agent.keyring import KeyRing
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.attempts import SqlAttempts
from voice_agent.storage.call_lock import begin_writing
from voice_agent.storage.customers import Customers
from voice_agent.storage.database import Database
from voice_agent.storage.tables import customers
from voice_agent.storage.transaction import transaction
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.customer_file import Customer
from voice_agent.tools.directory import (
    ENROLLED,
    PIN_DIGITS,
    Away,
    Enrolled,
    Failed,
    Pin,
    Record,
    Secret,
    Verified,
)

log = structlog.get_logger(__name__)

ANSWER_LIMIT_S: Final = 4.0
"""Seconds after which the directory counts as away."""

AT_ONCE: Final = 2
"""Answers that are worked on at once: each costs a core and 16 MiB for a tenth of a second."""

_SCRYPT: Final = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}

Answer = TypeVar("Answer")


class SqlDirectory:
    """Implements ``voice_agent.tools.directory.Directory``.

    A secret is kept as what scrypt (RFC 7914) makes of its HMAC under ``PSEUDONYM_KEY``. Its salt
    is the number's, so that one computation tests a secret for everybody who has the number.

    Args:
        database: where people are written down.
        keyring: wraps the keys they are sealed with.
        pseudonyms: stand for numbers and secrets.
        clock: the wall clock, timezone-aware.
    """

    def __init__(
        self,
        database: Database,
        keyring: KeyRing,
        pseudonyms: Pseudonyms,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._rows = Customers(keyring)
        self._pseudonyms = pseudonyms
        self._clock = clock
        self._attempts = SqlAttempts(database, pseudonyms, clock)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def verify(self, phone: str, secret: Secret) -> Verified | Failed | Away:
        """Say who it is; see the port."""
        return await self._answer(partial(self._verify, phone, secret))

    async def record(self, person: PersonKey) -> Record | Away:
        """What may be told to this person; see the port."""
        return await self._answer(partial(self._record, person))

    async def enrol(self, name: str, phone: str) -> Enrolled | Away:
        """Write down somebody new; see the port."""
        return await self._answer(partial(self._enrol, name, phone))

    async def drop(self, person: PersonKey) -> None:
        """Forget somebody new; see the port."""
        if person.startswith(ENROLLED):
            await self._answer(partial(self._drop, person))

    async def put(self, customer: Customer) -> bool:
        """Write down a customer as the company knows them, in place of what was known before.

        Returns:
            True if there was nobody of this number.

        Raises:
            RecordsUnavailable: the database is away.
            KeyMissing, SealDamaged: their key cannot be opened.
        """
        pseudonym = self._pseudonyms.of(customer.phone)
        known_by: dict[str, Any] = {"pseudonym": pseudonym}
        for column, secret in (("pin_hash", customer.pin), ("birth_hash", customer.birth)):
            known_by[column] = None
            if secret is not None:
                said = self._pseudonyms.keyed(customer.phone, secret.said)[pseudonym]
                known_by[column] = await _slow_hash(said, pseudonym)
        async with self._transaction() as connection:
            await begin_writing(connection)
            return await self._rows.write(
                connection, customer.id, customer.record, known_by, self._clock()
            )

    async def _answer(self, work: Callable[[], Awaitable[Answer]]) -> Answer | Away:
        """Do it in bounded time; whatever is wrong with the database, the directory is away."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S), self._turns:
                return await work()
        except VoiceAgentError as fault:
            log.error("directory_away", code=fault.code)
        except TimeoutError:
            log.error("directory_away", code="timeout")
        return Away()

    # -- who it is -----------------------------------------------------------------------------

    async def _verify(self, phone: str, secret: Secret) -> Verified | Failed:
        may = await self._attempts.begin(phone)
        hashes = await self._hashes(phone, secret)
        column = customers.c.pin_hash if isinstance(secret, Pin) else customers.c.birth_hash
        wanted = select(customers.c.customer_id, customers.c.pseudonym, column.label("hash"))
        wanted = wanted.where(customers.c.pseudonym.in_(sorted(hashes)))
        async with self._transaction() as connection:
            rows = (await connection.execute(wanted)).all()
        found = [
            row.customer_id
            for row in rows
            if row.hash is not None and hmac.compare_digest(row.hash, hashes[row.pseudonym])
        ]
        if len(found) != 1 or not may:
            return Failed()
        await self._attempts.succeed(phone)
        return Verified(PersonKey(found[0]))

    async def _hashes(self, phone: str, secret: Secret) -> dict[str, bytes]:
        """What a secret of a number is kept as, by each pseudonym of the number."""
        keyed = self._pseudonyms.keyed(phone, secret.said)
        return {name: await _slow_hash(said, name) for name, said in keyed.items()}

    # -- what is told, and whom nobody knows yet -------------------------------------------------

    async def _record(self, person: PersonKey) -> Record:
        async with self._transaction() as connection:
            return await self._rows.one(connection, person) or Record("")

    async def _enrol(self, name: str, phone: str) -> Enrolled:
        person = PersonKey(f"{ENROLLED}{uuid4().hex}")
        pseudonym = self._pseudonyms.of(phone)
        while True:
            pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
            hashes = await self._hashes(phone, Pin(pin))
            async with self._transaction() as connection:
                await begin_writing(connection)
                if await _is_taken(connection, hashes):
                    continue  # somebody with this number has this PIN: nobody would be verified
                known_by = {
                    "pseudonym": pseudonym,
                    "pin_hash": hashes[pseudonym],
                    "birth_hash": None,
                }
                await self._rows.write(connection, person, Record(name), known_by, self._clock())
            return Enrolled(person, pin, is_new=True)

    async def _drop(self, person: PersonKey) -> None:
        async with self._transaction() as connection:
            await begin_writing(connection)
            await self._rows.remove(connection, person)

    def _transaction(self) -> Any:
        return transaction(self._database, "the directory cannot be read or written")


async def _slow_hash(said: bytes, pseudonym: str) -> bytes:
    hashed = partial(hashlib.scrypt, said, salt=pseudonym.encode(), **_SCRYPT)
    return await asyncio.to_thread(hashed)


async def _is_taken(connection: AsyncConnection, hashes: Mapping[str, bytes]) -> bool:
    wanted = select(customers.c.pseudonym, customers.c.pin_hash).where(
        customers.c.pseudonym.in_(sorted(hashes))
    )
    rows = (await connection.execute(wanted)).all()
    return any(row.pin_hash == hashes[row.pseudonym] for row in rows)
