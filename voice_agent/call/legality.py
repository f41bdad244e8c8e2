"""Which events can happen in which phase; asked before an event changes anything."""

from __future__ import annotations

from typing import Final

from consent.purpose import Purpose
from consent.receipt import Receipt
from voice_agent.call.events import (
    CallerGone,
    CallStarted,
    ConsentCommitted,
    ConsentFailed,
    DutyChanged,
    Event,
    KeyPressed,
    OperatorKeyed,
    QueueMoved,
)
from voice_agent.call.phase import Phase
from voice_agent.errors import IllegalEvent

_KEYS: Final = frozenset("0123456789*#")


def check(event: Event, phase: Phase, call_id: str) -> None:
    """Let an event pass that can happen to this call in this phase.

    A late answer to something that is no longer wanted can happen at any time.

    Raises:
        IllegalEvent: it cannot.
    """
    match event:
        case CallStarted() if phase is not Phase.CREATED:
            raise IllegalEvent("a call starts once")
        case CallStarted(receipt=None) | CallerGone():
            return
        case CallStarted(receipt=Receipt() as receipt):
            _check_receipt(receipt, call_id)
        case _ if phase is Phase.CREATED:
            raise IllegalEvent("the call has not started")
        case KeyPressed(key=key) if key not in _KEYS:
            raise IllegalEvent("no telephone has this key")
        case OperatorKeyed(keys=keys) if not _KEYS.issuperset(keys):
            raise IllegalEvent("no telephone has this key")
        case DutyChanged(free=number) if number < 0:
            raise IllegalEvent("nobody can be fewer than nobody")
        case DutyChanged(free=free, there=there) if there < free:
            raise IllegalEvent("nobody is free who is not there")
        case QueueMoved(place=number) if number < 1:
            raise IllegalEvent("places are counted from 1")
        case ConsentCommitted() | ConsentFailed() if phase is Phase.NOTICE:
            raise IllegalEvent("nobody asked the ledger")
        case ConsentCommitted(receipt=receipt):
            _check_receipt(receipt, call_id)
        case _:
            return


def _check_receipt(receipt: Receipt, call_id: str) -> None:
    if receipt.call_id != call_id:
        raise IllegalEvent("the receipt belongs to another call")
    if not receipt.grants(Purpose.CONVERSATION):
        raise IllegalEvent("the receipt does not cover the conversation")
