"""The gate every frame of a caller's voice goes through: closed, open, withdrawn or expired."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from consent.purpose import Purpose
from consent.receipt import Receipt
from consent.sealed import SEAL, Consented

T = TypeVar("T")


class GateState(StrEnum):
    """Where the gate stands. There is no way back from ``WITHDRAWN`` or ``EXPIRED``."""

    CLOSED = "closed"
    OPEN = "open"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class GateError(Exception):
    """An opening that the receipt does not justify."""


class ConsentGate:
    """Lets frames of one call through only under a committed receipt for that call.

    A frame that arrives while the gate is not open is not kept anywhere: a later yes cannot
    release it (rule C2).
    """

    __slots__ = ("_call_id", "_dropped", "_receipt", "_state")

    def __init__(self, call_id: str) -> None:
        self._call_id = call_id
        self._state = GateState.CLOSED
        self._receipt: Receipt | None = None
        self._dropped = 0

    @property
    def state(self) -> GateState:
        """The gate's state."""
        return self._state

    @property
    def is_open(self) -> bool:
        """True while frames pass and sealed values can be revealed."""
        return self._state is GateState.OPEN

    @property
    def receipt(self) -> Receipt | None:
        """The receipt the gate was opened with, kept after withdrawal: it is the proof."""
        return self._receipt

    @property
    def dropped(self) -> int:
        """How many frames were turned away, for metrics and tests."""
        return self._dropped

    def open(self, receipt: Receipt) -> None:
        """Open under a committed receipt.

        Raises:
            GateError: the receipt is another call's, does not cover the conversation, or the
                gate is not closed (a withdrawn consent is never revived by an old receipt).
        """
        if self._state is not GateState.CLOSED:
            raise GateError(f"a gate that is {self._state} cannot be opened")
        if receipt.call_id != self._call_id:
            raise GateError("the receipt belongs to another call")
        if not receipt.grants(Purpose.CONVERSATION):
            raise GateError("the receipt does not cover the conversation")
        self._receipt = receipt
        self._state = GateState.OPEN

    def withdraw(self) -> None:
        """Close for good. Everything already sealed becomes unreadable."""
        self._state = GateState.WITHDRAWN

    def expire(self) -> None:
        """The call is over, and consent is valid for one call (C11); a withdrawal stays one."""
        if self._state is not GateState.WITHDRAWN:
            self._state = GateState.EXPIRED

    def admit(self, frame: T) -> Consented[T] | None:
        """Seal a frame, or drop it unread when the gate is not open."""
        if not self.is_open:
            self._dropped += 1
            return None
        return Consented(frame, self, SEAL)
