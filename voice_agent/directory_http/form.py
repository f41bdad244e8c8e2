"""How a company's own system is asked about people, and where in its answers what stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One request: a POST with a JSON object, so that nothing personal stands in an address.

    Attributes:
        path: below the system's address.
        send: what our values are called there, by our names; what is not named is not sent.
        customer: where the customer's number stands in the answer, names with points between;
            empty where none is wanted.
    """

    path: str
    send: Mapping[str, str]
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """How the system is spoken to.

    Attributes:
        header: the header that carries the key.
        prefix: what stands before the key in it.
        verify: asked with ``phone`` and either ``pin`` or ``birth_date``.
        record: asked with ``customer``.
        enrol: asked with ``name``, ``phone`` and ``pin``; ``None``: nobody new is written there.
        name: where the person's name stands in the answer to ``record``.
        entries: where the list of contracts and orders stands there.
        entry: where in one of them what stands, by our names.
    """

    header: str
    prefix: str
    verify: Question
    record: Question
    enrol: Question | None
    name: str
    entries: str
    entry: Mapping[str, str]
