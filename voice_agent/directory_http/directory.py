"""The directory in a system of the company's own."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, Final, TypeVar

import structlog

from voice_agent.dialogue.flow_value import clean
from voice_agent.directory_http.form import Form, Question
from voice_agent.directory_http.server import DirectoryServer, DirectoryUnavailable
from voice_agent.errors import VoiceAgentError
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.directory import (
    MOST_ENTRIES,
    PIN_DIGITS,
    Attempts,
    Away,
    Enrolled,
    Entry,
    Failed,
    Pin,
    Record,
    Secret,
    Verified,
)

log = structlog.get_logger(__name__)

ANSWER_LIMIT_S: Final = 4.0
"""Seconds after which the directory counts as away."""

_KEY: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")

Answer = TypeVar("Answer")


class HttpDirectory:
    """Implements ``voice_agent.tools.directory.Directory``.

    The system compares the secrets; how often it may be asked about a number is counted here.

    Args:
        server: the system.
        form: how it is spoken to.
        attempts: counts failures.
    """

    def __init__(self, server: DirectoryServer, form: Form, attempts: Attempts) -> None:
        self._server = server
        self._form = form
        self._attempts = attempts

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
        """Nothing can be taken back there; see the port."""

    async def _answer(self, work: Callable[[], Awaitable[Answer]]) -> Answer | Away:
        """Do it in bounded time; whatever is wrong with the system, the directory is away."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                return await work()
        except VoiceAgentError as fault:
            log.error("directory_away", code=fault.code)
        except TimeoutError:
            log.error("directory_away", code="timeout")
        return Away()

    async def _verify(self, phone: str, secret: Secret) -> Verified | Failed:
        may = await self._attempts.begin(phone)
        told = (
            ("pin", secret.digits) if isinstance(secret, Pin) else ("birth_date", f"{secret.day}")
        )
        found = await self._ask(self._form.verify, {"phone": phone, told[0]: told[1]})
        if found is None or not may:
            return Failed()
        person = _key(found, self._form.verify)
        await self._attempts.succeed(phone)
        return Verified(person)

    async def _record(self, person: PersonKey) -> Record:
        found = await self._ask(self._form.record, {"customer": person})
        if found is None:
            return Record("")
        entries = sorted(self._entries(found), key=lambda each: (each.day, each.id), reverse=True)
        return Record(_text(_at(found, self._form.name)), tuple(entries))

    async def _enrol(self, name: str, phone: str) -> Enrolled:
        question = self._form.enrol
        if question is None:
            raise DirectoryUnavailable("nobody new is written there")
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
        found = await self._ask(question, {"name": name, "phone": phone, "pin": pin})
        if found is None:
            raise DirectoryUnavailable("somebody new was refused")
        return Enrolled(_key(found, question), pin)

    async def _ask(self, question: Question, values: Mapping[str, str]) -> dict[str, Any] | None:
        sent = {question.send[name]: value for name, value in values.items()}
        return await self._server.ask(question.path, sent)

    def _entries(self, found: dict[str, Any]) -> Iterator[Entry]:
        """The contracts and orders that are whole."""
        listed = _at(found, self._form.entries)
        for each in listed[:MOST_ENTRIES] if isinstance(listed, list) else ():
            told = {name: _text(_at(each, where)) for name, where in self._form.entry.items()}
            try:
                day = date.fromisoformat(told["date"][: len("YYYY-MM-DD")])
            except ValueError:
                continue
            kind, reference, status = told["kind"], told["reference"], told["status"]
            if kind and reference and status:
                yield Entry(
                    id=hashlib.sha256(f"{kind}\0{reference}".encode()).hexdigest()[:16],
                    kind=kind,
                    reference=reference,
                    status=status,
                    day=day,
                    amount=told.get("amount", ""),
                )


def _key(found: dict[str, Any], question: Question) -> PersonKey:
    """The customer's number in an answer.

    Raises:
        DirectoryUnavailable: there is none.
    """
    name = _at(found, question.customer)
    key = str(name) if isinstance(name, str | int) and not isinstance(name, bool) else ""
    if not _KEY.fullmatch(key):
        raise DirectoryUnavailable("the answer has no customer's number")
    return PersonKey(key)


def _at(found: Any, where: str) -> Any:
    """What stands at a place, ``None`` if nothing does."""
    for name in where.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _text(value: Any) -> str:
    """A text or a number as one short line; anything else is none."""
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return clean(str(value)) if plain else ""
