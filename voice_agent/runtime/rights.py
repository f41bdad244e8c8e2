"""A person's rights: to see everything that is kept of them, and to have it erased (C20).

``SubjectRights`` asks every place where personal data lies. The commands and the portal use it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal, TypeVar

import structlog

from consent.ledger import ConsentLedger, LedgerUnavailable
from consent.receipt import Means, moment
from voice_agent.errors import ErasureIncomplete, VoiceAgentError
from voice_agent.runtime.audit import Audit
from voice_agent.runtime.place import Erased, Place, Subject
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.records import RecordsUnavailable

log = structlog.get_logger(__name__)

PAUSES: Final = (0.2, 1.0)
"""Seconds before a place that did not answer is asked again; of two workers one may have to wait
for the other."""

Asker = Literal["portal", "command", "operator"]
"""Who asks on the person's behalf."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Everything that is kept of a person.

    Attributes:
        made_at: when it was put together.
        calls: how many calls were found.
        places: what each place holds.
    """

    made_at: datetime
    calls: int
    places: Mapping[str, list[dict[str, Any]]]

    def as_fields(self) -> dict[str, Any]:
        """The whole as JSON has it."""
        return {
            "made_at": moment(self.made_at),
            "calls": self.calls,
            "places": dict(self.places),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What became of everything that was kept of a person.

    Attributes:
        done_at: when it was done.
        calls: how many calls were found.
        stopped: how many calls were running and were stopped.
        places: what became of it, by place.
    """

    done_at: datetime
    calls: int
    stopped: int
    places: Mapping[str, Erased]

    @property
    def pending(self) -> int:
        """How many records the carrier still has to delete."""
        return sum(place.pending for place in self.places.values())

    def as_fields(self) -> dict[str, Any]:
        """The whole as JSON has it."""
        return {
            "done_at": moment(self.done_at),
            "calls": self.calls,
            "stopped": self.stopped,
            "pending": self.pending,
            "places": {name: asdict(place) for name, place in self.places.items()},
        }


class SubjectRights:
    """Access and erasure across every place.

    Args:
        places: in the order they are erased: the one that says whose a call is comes last, so that
            a second run finds everything that a first one left.
        pseudonyms: stand for numbers.
        ledger: stops a call that is running, by a withdrawal.
        audit: where it is noted.
        clock: the wall clock, timezone-aware.
        pauses: seconds before a place is asked again.
    """

    def __init__(
        self,
        *,
        places: Sequence[Place],
        pseudonyms: Pseudonyms,
        ledger: ConsentLedger,
        audit: Audit,
        clock: Callable[[], datetime],
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._places = tuple(places)
        self._pseudonyms = pseudonyms
        self._ledger = ledger
        self._audit = audit
        self._clock = clock
        self._pauses = tuple(pauses)

    async def export_number(self, number: str, actor: Asker = "command") -> Export:
        """Everything that is kept of whoever has this number, E.164.

        Raises:
            RecordsUnavailable: a place cannot be read; half an answer would look like a whole one.
            VoiceAgentError: something kept is damaged, or its key is missing.
        """
        subject = await self._of_number(number)
        return await self._export(subject, actor, audit_name(self._pseudonyms.of(number)))

    async def export(self, call_id: str, actor: Asker = "portal") -> Export:
        """Everything that is kept of whoever rang in this call.

        Raises:
            RecordsUnavailable, VoiceAgentError: as ``export_number``.
        """
        return await self._export(await self._of_call(call_id), actor, call_id)

    async def erase_number(self, number: str, actor: Asker) -> Erasure:
        """Erase everything of whoever has this number, E.164, but the proof of consent.

        Two at once do no harm, and what a crash interrupted is completed by doing it again.

        Raises:
            RecordsUnavailable: nothing was erased.
            ErasureIncomplete: a part was; to be done again.
        """
        name = audit_name(self._pseudonyms.of(number))
        return await self._erase(lambda: self._of_number(number), actor, name)

    async def erase(self, call_id: str, actor: Asker) -> Erasure:
        """Erase everything of whoever rang in this call, but the proof of consent.

        Raises:
            RecordsUnavailable, ErasureIncomplete: as ``erase_number``.
        """
        return await self._erase(lambda: self._of_call(call_id), actor, call_id)

    async def forget_call(self, call_id: str, actor: Asker) -> Erasure:
        """Erase this one call, but the proof of consent; what else is kept of the person stays.

        A call that runs is stopped by it.

        Raises:
            RecordsUnavailable, ErasureIncomplete: as ``erase_number``.
        """
        subject = Subject(pseudonyms=frozenset(), call_ids=frozenset({call_id}))

        async def this_call() -> Subject:
            return subject

        return await self._erase(this_call, actor, call_id)

    # -- who -----------------------------------------------------------------------------------

    async def _of_number(self, number: str) -> Subject:
        return await self._with_calls(frozenset(self._pseudonyms.all_of(number)), frozenset())

    async def _of_call(self, call_id: str) -> Subject:
        """The person of the call where its number is known, else this call alone (C11)."""
        calls = frozenset({call_id})
        found = [await place.find_pseudonyms(calls) for place in self._places]
        return await self._with_calls(frozenset().union(*found), calls)

    async def _with_calls(self, pseudonyms: frozenset[str], calls: frozenset[str]) -> Subject:
        found = [await place.find_calls(pseudonyms) for place in self._places]
        return Subject(pseudonyms=pseudonyms, call_ids=calls.union(*found))

    # -- what ----------------------------------------------------------------------------------

    async def _export(self, subject: Subject, actor: Asker, object_id: str) -> Export:
        # Noted first: nobody reads without its being written down.
        await self._audit.note(actor, "subject_export", "done", object_id)
        places = {place.name: await place.export(subject) for place in self._places}
        return Export(made_at=self._clock(), calls=len(subject.call_ids), places=places)

    async def _erase(
        self, look: Callable[[], Awaitable[Subject]], actor: Asker, object_id: str
    ) -> Erasure:
        subject = await self._patiently(look)
        await self._patiently(partial(self._audit.note, actor, "subject_erase", "begun", object_id))
        stopped, places = await self._round(subject)
        # A caller who pressed key 1 while this went on is stopped as well.
        late = await self._in_part("calls", look)
        if await self._holding(late):
            more, again = await self._round(late)
            stopped, places = stopped + more, _added(places, again)
        await self._in_part(
            "audit", partial(self._audit.note, actor, "subject_erase", "done", object_id)
        )
        return Erasure(
            done_at=self._clock(), calls=len(subject.call_ids), stopped=stopped, places=places
        )

    async def _round(self, subject: Subject) -> tuple[int, dict[str, Erased]]:
        """Stop and erase; a damaged entry of the ledger does not save the rest from erasure."""
        stopped, unstopped = 0, None
        try:
            stopped = await self._stop(subject)
        except ErasureIncomplete as fault:
            unstopped = fault
        at = self._clock()
        places = {
            place.name: await self._in_part(place.name, partial(place.erase, subject, at))
            for place in self._places
        }
        if unstopped is not None:
            raise unstopped
        return stopped, places

    async def _stop(self, subject: Subject) -> int:
        """Withdraw consents that still hold: their calls stop, on whichever worker they are."""
        holding = await self._holding(subject)
        for call_id in holding:
            await self._in_part("ledger", partial(self._withdraw, call_id))
        return len(holding)

    async def _holding(self, subject: Subject) -> list[str]:
        return [
            call_id
            for call_id in sorted(subject.call_ids)
            if await self._in_part("ledger", partial(self._holds, call_id))
        ]

    async def _holds(self, call_id: str) -> bool:
        try:
            return await self._ledger.find(call_id) is not None
        except LedgerUnavailable as fault:
            raise RecordsUnavailable("the ledger cannot be read") from fault

    async def _withdraw(self, call_id: str) -> None:
        try:
            await self._ledger.withdraw(call_id, self._clock(), Means.ERASURE)
        except LedgerUnavailable as fault:
            raise RecordsUnavailable("the ledger cannot be written") from fault

    async def _in_part(self, place: str, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do it; if it fails, the erasure is incomplete."""
        try:
            return await self._patiently(work)
        except VoiceAgentError as fault:
            log.error("erasure_incomplete", where=place, code=fault.code)
            raise ErasureIncomplete(place) from fault

    async def _patiently(self, work: Callable[[], Awaitable[Answer]]) -> Answer:
        for pause in self._pauses:
            try:
                return await work()
            except RecordsUnavailable:
                await asyncio.sleep(pause)
        return await work()


def audit_name(pseudonym: str) -> str:
    """What stands for a person in the audit log: their pseudonym without its key's identifier."""
    return pseudonym.rpartition(".")[2]


def _added(first: Mapping[str, Erased], second: Mapping[str, Erased]) -> dict[str, Erased]:
    """Two rounds as one: what is gone adds up, what is left is what is left now."""
    return {
        name: Erased(
            erased=first[name].erased + found.erased,
            kept=found.kept,
            why=found.why,
            pending=found.pending,
        )
        for name, found in second.items()
    }
