"""The consent record: what was asked, what was heard, what was answered, and when (C13, C14)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from consent.purpose import Purpose

SCHEMA: Final = "ISO/IEC TS 27560:2023"
"""What the record's fields follow."""

_KEYS: Final = frozenset("0123456789*#")
_LONGEST_MS: Final = 24 * 60 * 60 * 1000


class State(StrEnum):
    """What can happen to the consent to one purpose."""

    REQUESTED = "requested"
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Means(StrEnum):
    """How a consent was withdrawn."""

    KEY = "key"
    PHRASE = "phrase"
    PORTAL = "portal"
    ERASURE = "erasure"
    """The person had everything erased while the call was running."""
    NOT_SAVED = "not_saved"
    """The caller was told that the acceptance had not been saved; so it does not stand."""


class Clock(StrEnum):
    """How it is known how much of the notice was heard before the key."""

    MARKS = "marks"
    """The carrier reported what had been played."""
    ELAPSED = "elapsed"
    """Time from our answer to the carrier to the key, at most the recording's length: an upper
    bound, because the carrier does not tell what it has played."""


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One thing that happened to the consent to one purpose.

    Attributes:
        purpose: the purpose.
        state: what happened.
        at: when, timezone-aware.
        means: how, for a withdrawal.
    """

    purpose: Purpose
    state: State
    at: datetime
    means: Means | None = None

    def as_fields(self) -> dict[str, Any]:
        """The event as JSON has it."""
        fields = {"purpose": self.purpose, "state": self.state, "at": moment(self.at)}
        return fields if self.means is None else {**fields, "means": self.means}

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> ConsentEvent:
        """Read an event.

        Raises:
            ValueError: it is none.
        """
        means = fields.get("means")
        try:
            return cls(
                Purpose(fields["purpose"]),
                State(fields["state"]),
                read_moment(fields["at"]),
                None if means is None else Means(means),
            )
        except (KeyError, TypeError) as fault:
            raise ValueError("this is no event of a consent") from fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """One acceptance, before it is committed.

    Attributes:
        record_id: random identifier of this record.
        call_id: the carrier's identifier of the call; consent is valid for this call only (C11).
        principal: pseudonym of who consented; random where the number is withheld (C14).
        purposes: what was accepted.
        notice_version: SHA-256, hex, of the notice that was played (C12). The notice also says who
            is responsible, what is processed, where it is kept, how long, and who receives it.
        language: language of the notice as heard, for example ``de``.
        heard: the part of the notice that was playing or had played last.
        heard_ms: milliseconds of it played before the key, as far as it is known;
            ``None`` where nothing is known.
        heard_by: how that is known.
        key: the key pressed.
        requested_at: when the question was first put, timezone-aware.
        given_at: when the key came, timezone-aware.
        software: version of this software.
    """

    record_id: str
    call_id: str
    principal: str
    purposes: frozenset[Purpose]
    notice_version: str
    language: str
    heard: str
    heard_ms: int | None
    heard_by: Clock
    key: str
    requested_at: datetime
    given_at: datetime
    software: str

    def __post_init__(self) -> None:
        named = (self.record_id, self.call_id, self.principal, self.notice_version)
        texts = (*named, self.language, self.heard, self.key, self.software)
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("a consent record's fields are text, but for heard_ms and the times")
        if not (self.record_id and self.call_id and self.principal):
            raise ValueError("a consent record names itself, its call and its principal")
        if not self.purposes:
            raise ValueError("a consent record without a purpose grants nothing")
        if self.key not in _KEYS:
            raise ValueError("the accepting key is one key of a telephone")
        if not re.fullmatch(r"[0-9a-f]{64}", self.notice_version):
            raise ValueError("the notice's version is a SHA-256 in hex")
        if self.requested_at.tzinfo is None or self.given_at.tzinfo is None:
            raise ValueError("requested_at and given_at need a time zone")
        if self.heard_ms is not None and (
            type(self.heard_ms) is not int or not 0 <= self.heard_ms <= _LONGEST_MS
        ):
            raise ValueError("heard_ms is a whole number, not negative, of at most a day")

    @property
    def events(self) -> tuple[ConsentEvent, ...]:
        """For each purpose: it was asked for, it was given."""
        return tuple(
            event
            for purpose in sorted(self.purposes)
            for event in (
                ConsentEvent(purpose, State.REQUESTED, self.requested_at),
                ConsentEvent(purpose, State.GIVEN, self.given_at),
            )
        )

    def canonical(self) -> bytes:
        """The record in one form only, JSON: what the ledger keeps and proves."""
        return canonical(
            {
                "schema": SCHEMA,
                "record_id": self.record_id,
                "call_id": self.call_id,
                "principal": self.principal,
                "purposes": sorted(self.purposes),
                "notice": {"version": self.notice_version, "language": self.language},
                "evidence": {
                    "heard": self.heard,
                    "heard_ms": self.heard_ms,
                    "heard_by": self.heard_by,
                    "key": self.key,
                },
                "events": [event.as_fields() for event in self.events],
                "software": self.software,
            }
        )

    @classmethod
    def parse(cls, content: bytes) -> ConsentRecord:
        """Read what ``canonical`` wrote.

        Raises:
            ValueError: it is not a consent record in its one form.
        """
        fields = parse(content)
        try:
            events = [ConsentEvent.of_fields(each) for each in fields["events"]]
            at = {event.state: event.at for event in events}
            record = cls(
                record_id=fields["record_id"],
                call_id=fields["call_id"],
                principal=fields["principal"],
                purposes=frozenset(map(Purpose, fields["purposes"])),
                notice_version=fields["notice"]["version"],
                language=fields["notice"]["language"],
                heard=fields["evidence"]["heard"],
                heard_ms=fields["evidence"]["heard_ms"],
                heard_by=Clock(fields["evidence"]["heard_by"]),
                key=fields["evidence"]["key"],
                requested_at=at[State.REQUESTED],
                given_at=at[State.GIVEN],
                software=fields["software"],
            )
        except (KeyError, TypeError, AttributeError) as fault:
            raise ValueError("this is no consent record") from fault
        if record.canonical() != content:
            raise ValueError("this consent record is not in its one form")
        return record


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a record was durably committed. Only a ledger makes one, after its commit."""

    record_id: str
    call_id: str
    purposes: frozenset[Purpose] = field(default_factory=frozenset)

    def grants(self, purpose: Purpose) -> bool:
        """True if the committed record covers this purpose."""
        return purpose in self.purposes


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record as a ledger holds it, with what happened to it since.

    Attributes:
        record: the acceptance.
        position: its place in the ledger, from 0.
        later: what happened after it was given: withdrawn or expired.
        restricted: its person had everything else erased; it is shown to nobody but for proof.
    """

    record: ConsentRecord
    position: int
    later: tuple[ConsentEvent, ...] = ()
    restricted: bool = False

    @property
    def events(self) -> tuple[ConsentEvent, ...]:
        """Everything that happened to it."""
        return (*self.record.events, *self.later)

    @property
    def state(self) -> State:
        """Where the consent stands: given, or what ended it."""
        return self.events[-1].state


def later_events(record_id: str, events: tuple[ConsentEvent, ...]) -> bytes:
    """What happened to a record after it was given, in one form only, JSON."""
    return canonical({"record_id": record_id, "events": [event.as_fields() for event in events]})


def read_later_events(content: bytes) -> tuple[str, tuple[ConsentEvent, ...]]:
    """Read what ``later_events`` wrote: the record's identifier and the events.

    Raises:
        ValueError: it is something else.
    """
    fields = parse(content)
    try:
        events = tuple(ConsentEvent.of_fields(each) for each in fields["events"])
        record_id = fields["record_id"]
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError("these are no events of a consent record") from fault
    if not isinstance(record_id, str) or later_events(record_id, events) != content:
        raise ValueError("these events are not in their one form")
    return record_id, events


def canonical(fields: Mapping[str, Any]) -> bytes:
    """JSON in one form only: keys sorted, no blanks, UTF-8."""
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def parse(content: bytes) -> Mapping[str, Any]:
    """Read a JSON object.

    Raises:
        ValueError: it is none.
    """
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError) as fault:
        raise ValueError("this is not JSON") from fault
    if not isinstance(fields, dict):
        raise ValueError("this is not a JSON object")  # noqa: TRY004 (the content is wrong, not a type of ours)
    return fields


def moment(at: datetime) -> str:
    """A moment as records have it: UTC, milliseconds, ``2026-11-24T09:00:00.000Z``."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def read_moment(text: object) -> datetime:
    """Read what ``moment`` wrote.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(text, str) or not text.endswith("Z"):
        raise ValueError("a moment is written in UTC, with Z")
    return datetime.fromisoformat(text)
