"""Records on paper: a ledger and a list of calls in memory, which can be slow or fail."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from consent.ledger import LedgerUnavailable
from consent.receipt import ConsentRecord, Means, Receipt
from voice_agent.errors import CarrierError
from voice_agent.runtime.audit import Actor
from voice_agent.runtime.message import LOST, MessageName, MessageStatus, SentMessage, earlier
from voice_agent.runtime.records import Direction, Disposition, RecordsUnavailable, UnknownCall


@dataclass
class PaperLedger:
    """Consent records.

    Attributes:
        seconds: what one write takes.
        faults: so many writes fail before one succeeds.
        fault: what they fail with.
        written: what was written, in order: ``commit`` or ``withdraw``.
        records: the acceptances by call.
        means: how the consents that were withdrawn were.
        expired: calls whose consent ended with them.
        reading_fault: raised where withdrawals are asked for.
    """

    seconds: float = 0.0
    faults: int = 0
    fault: Exception = field(default_factory=lambda: LedgerUnavailable("no paper left"))
    written: list[str] = field(default_factory=list)
    records: dict[str, ConsentRecord] = field(default_factory=dict)
    means: dict[str, Means] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    reading_fault: Exception | None = None

    async def commit(self, record: ConsentRecord) -> Receipt:
        """See ``ConsentLedger``."""
        await self._write("commit")
        kept = self.records.setdefault(record.call_id, record)
        return Receipt(kept.record_id, kept.call_id, kept.purposes)

    async def withdraw(self, call_id: str, at: datetime, means: Means = Means.KEY) -> None:
        """See ``ConsentLedger``."""
        del at
        await self._write("withdraw")
        self.means.setdefault(call_id, means)

    async def expire(self, call_id: str, at: datetime) -> None:
        """See ``ConsentLedger``."""
        del at
        await self._write("expire")
        if call_id in self.records and call_id not in self.means:
            self.expired.add(call_id)

    async def withdrawn(self, call_ids: Collection[str]) -> frozenset[str]:
        """See ``ConsentLedger``."""
        if self.reading_fault is not None:
            raise self.reading_fault
        return frozenset(call_ids) & self.means.keys()

    async def find(self, call_id: str) -> Receipt | None:
        """See ``ConsentLedger``."""
        kept = self.records.get(call_id)
        if kept is None or call_id in self.means or call_id in self.expired:
            return None
        return Receipt(kept.record_id, kept.call_id, kept.purposes)

    async def _write(self, kind: str) -> None:
        await asyncio.sleep(self.seconds)
        if self.faults:
            self.faults -= 1
            raise self.fault
        self.written.append(kind)


class PaperAudit:
    """An audit log on paper.

    Attributes:
        notes: actor, action, outcome and record of what was written down.
        fault: raised instead of writing.
    """

    def __init__(self) -> None:
        self.notes: list[tuple[str, str, str, str | None]] = []
        self.fault: RecordsUnavailable | None = None

    async def note(
        self, actor: Actor, action: str, outcome: str, object_id: str | None = None
    ) -> None:
        """See ``Audit``."""
        if self.fault is not None:
            raise self.fault
        self.notes.append((actor, action, outcome, object_id))


@dataclass
class _Message:
    carrier_id: str
    status: MessageStatus | None = None
    error_code: int | None = None
    told: bool = False


@dataclass
class PaperBook:
    """The list of calls.

    Attributes:
        seconds: what one write takes.
        fault: raised by every write.
        calls: where each call stands.
        languages: language noted last of each call.
        claimed: messages that were claimed.
        counted: messages by pseudonym and day.
        messages: what became of those that were sent.
        legs: the leg to the human, by call.
    """

    seconds: float = 0.0
    fault: Exception | None = None
    calls: dict[str, Disposition] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    claimed: set[tuple[str, str]] = field(default_factory=set)
    counted: Counter[tuple[str, date]] = field(default_factory=Counter)
    messages: dict[tuple[str, str], _Message] = field(default_factory=dict)
    legs: dict[str, str] = field(default_factory=dict)

    async def begin(
        self,
        call_id: str,
        language: str,
        at: datetime,
        direction: Direction = Direction.INBOUND,
        *,
        pseudonym: str | None = None,
    ) -> bool:
        """See ``CallBook``."""
        del at, direction, pseudonym
        await self._write()
        known = call_id in self.calls
        self.calls.setdefault(call_id, Disposition.IN_NOTICE)
        self.languages.setdefault(call_id, language)
        return not known

    async def connect(self, call_id: str, language: str) -> bool:
        """See ``CallBook``."""
        await self._write()
        if self.calls.get(call_id) is not Disposition.IN_NOTICE:
            return False
        self.calls[call_id], self.languages[call_id] = Disposition.CONNECTED, language
        return True

    async def set_disposition(
        self, call_id: str, disposition: Disposition, language: str | None = None
    ) -> None:
        """See ``CallBook``."""
        await self._write()
        self._insist(call_id)
        if self.calls[call_id] is not Disposition.ENDED:
            self.calls[call_id] = disposition
            if language is not None:
                self.languages[call_id] = language

    async def disposition(self, call_id: str) -> Disposition | None:
        """See ``CallBook``."""
        await self._write()
        return self.calls.get(call_id)

    async def language(self, call_id: str) -> str | None:
        """See ``CallBook``."""
        await self._write()
        return self.languages.get(call_id)

    async def end(self, call_id: str, at: datetime) -> None:
        """See ``CallBook``."""
        del at
        await self.set_disposition(call_id, Disposition.ENDED)

    async def claim_message(self, call_id: str, kind: str, at: datetime) -> bool:
        """See ``CallBook``."""
        del at
        await self._write()
        self._insist(call_id)
        new = (call_id, kind) not in self.claimed
        self.claimed.add((call_id, kind))
        return new

    async def release_message(self, call_id: str, kind: str) -> None:
        """See ``CallBook``."""
        await self._write()
        self.claimed.discard((call_id, kind))

    async def message_sent(self, call_id: str, kind: str, carrier_id: str, at: datetime) -> None:
        """See ``CallBook``."""
        del at
        await self._write()
        self.messages.setdefault((call_id, kind), _Message(carrier_id))

    async def dialled(self, call_id: str, leg_id: str, at: datetime) -> None:
        """See ``CallBook``."""
        del at
        await self._write()
        self.legs[call_id] = leg_id

    async def message_reported(
        self, carrier_id: str, status: MessageStatus, error_code: int | None
    ) -> bool:
        """See ``CallBook``."""
        await self._write()
        for each in self.messages.values():
            if each.carrier_id == carrier_id:
                if each.status is None or each.status in earlier(status):
                    each.status, each.error_code = status, error_code
                return True
        return False

    async def message_reported_of(
        self,
        message: MessageName,
        carrier_id: str,
        status: MessageStatus,
        error_code: int | None,
        at: datetime,
    ) -> None:
        """See ``CallBook``."""
        if (message.call_id, message.kind) in self.claimed:
            await self.message_sent(message.call_id, message.kind, carrier_id, at)
        await self.message_reported(carrier_id, status, error_code)

    async def message(self, call_id: str, kind: str) -> SentMessage | None:
        """See ``CallBook``."""
        await self._write()
        if (call_id, kind) not in self.claimed:
            return None
        found = self.messages.get((call_id, kind), _Message(""))
        return SentMessage(status=found.status, error_code=found.error_code, told=found.told)

    async def tell_loss(self, call_id: str, kind: str, at: datetime) -> bool:
        """See ``CallBook``."""
        del at
        await self._write()
        found = self.messages.get((call_id, kind), _Message(""))
        mine = found.status in LOST and not found.told
        found.told = found.told or mine
        return mine

    async def count_message(self, pseudonym: str, at: datetime, most: int) -> bool:
        """See ``CallBook``."""
        await self._write()
        key = (pseudonym, at.astimezone(UTC).date())
        if self.counted[key] >= most:
            return False
        self.counted[key] += 1
        return True

    def _insist(self, call_id: str) -> None:
        if call_id not in self.calls:
            raise UnknownCall("nobody began this call")

    async def _write(self) -> None:
        await asyncio.sleep(self.seconds)
        if self.fault is not None:
            raise self.fault


@dataclass
class PaperLinks:
    """Links, kept as written on paper.

    Attributes:
        fault: raised by every method.
        made: call, language, number and token of each link that is there.
    """

    fault: Exception | None = None
    made: list[tuple[str, str, str, str]] = field(default_factory=list)

    async def mint(self, call_id: str, language: str, number: str, at: datetime) -> str:
        """See ``LinkMaker``."""
        del at
        if self.fault is not None:
            raise self.fault
        token = f"token-{len(self.made) + 1}"
        self.made.append((call_id, language, number, token))
        return token

    async def drop(self, call_id: str) -> None:
        """See ``LinkMaker``."""
        if self.fault is not None:
            raise self.fault
        self.made = [each for each in self.made if each[0] != call_id]


class _NoAnswer(CarrierError):
    may_have_happened = True


@dataclass
class Letters:
    """Text messages, kept.

    Attributes:
        seconds: what sending takes.
        refusal: the carrier's code for refusing every message.
        unanswered: every message goes out, but no answer comes back.
        sent: number and text of each.
        names: what each is called.
    """

    seconds: float = 0.0
    refusal: int | None = None
    unanswered: bool = False
    sent: list[tuple[str, str]] = field(default_factory=list)
    names: list[MessageName] = field(default_factory=list)

    async def send(self, to: str, text: str, name: MessageName | None) -> str:
        """See ``Messenger``."""
        await asyncio.sleep(self.seconds)
        if self.refusal is not None:
            raise CarrierError("the carrier refused the request", self.refusal)
        self.sent.append((to, text))
        self.names += [] if name is None else [name]
        if self.unanswered:
            raise _NoAnswer("the carrier did not answer in time")
        return f"SM{len(self.sent):032d}"


def records_away() -> RecordsUnavailable:
    """The fault of a database that is away."""
    return RecordsUnavailable("the list of calls cannot be read or written")
