"""The tools a flow can ask for: what each is given, how it can turn out, what comes back.

Nothing here runs anything. A flow makes a ``ToolRequest``; whoever runs the call has it done, if it
is authorised, and brings back a ``ToolAnswer``. An outcome has the name of the port's outcome in
``tools/``, in lower case with ``_``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from voice_agent.dialogue.flow import Kind

AWAY: Final = "away"
"""The tool does not answer; every tool can turn out so."""

DENIED: Final = "denied"
"""This caller may not have it done; every tool can turn out so."""

BAD_NUMBER: Final = "bad_number"
"""Nobody rings the telephone number that was given; every tool can turn out so."""

MOST_ROWS: Final = 5
"""Rows of an answer that are looked at; more cannot be offered by voice."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a row of an answer holds.

    Attributes:
        key: the field that names the row to other tools.
        fields: what else can be said of it, and of which kind that is.
        is_offer: the tool made it with the caller's wish in mind, so nothing of it is left out;
            other rows are narrowed down by what the caller has said.
    """

    key: str
    fields: Mapping[str, Kind]
    is_offer: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """One way a tool can turn out.

    Attributes:
        values: what the answer tells, and of which kind it is; what it does not tell itself is
            its first row's.
        rows: the shape of its rows; empty: it has none.
    """

    values: Mapping[str, Kind] = field(default_factory=dict)
    rows: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool.

    Attributes:
        required: arguments it must be given.
        optional: arguments it may be given.
        endings: how it can turn out, besides away and denied.
        changes: it changes something, so it needs a confirmation first.
        at_once: it is done at a word, without a yes: nobody has to ask twice to be left alone.
        personal: it is about a person, who must have been verified in this call (rule C23).
    """

    required: frozenset[str]
    endings: Mapping[str, Ending]
    optional: frozenset[str] = frozenset()
    changes: bool = False
    at_once: bool = False
    personal: bool = False


START: Final = "start"
APPOINTMENT: Final = "appointment"
ENTRY: Final = "entry"
REMINDER: Final = "reminder"

_APPOINTMENT: Final = {"service": Kind.TEXT, "date": Kind.DATE, "time": Kind.TIME}

SHAPES: Final[Mapping[str, Shape]] = {
    START: Shape("start", {"date": Kind.DATE, "time": Kind.TIME}, is_offer=True),
    APPOINTMENT: Shape("appointment", _APPOINTMENT),
    ENTRY: Shape("entry", {"kind": Kind.TEXT, "reference": Kind.CODE}),
    REMINDER: Shape("reminder", {"date": Kind.DATE, "time": Kind.TIME}),
}
"""``start`` is a free time (``YYYY-MM-DDTHH:MM``, the company's clock), ``appointment`` an
appointment's identifier, ``entry`` that of a contract or an order, ``reminder`` that of a
reminder of an appointment in somebody else's calendar."""

_REFUSALS: Final[Mapping[str, Ending]] = {
    "taken": Ending(rows=START),
    "closed": Ending(rows=START),
    "holiday": Ending({"holiday": Kind.TEXT}, START),
    "in_past": Ending(rows=START),
    "too_soon": Ending(rows=START),
    "outside_horizon": Ending(rows=START),
    "unknown": Ending(),
}

CATALOGUE: Final[Mapping[str, Tool]] = {
    "calendar.free": Tool(
        frozenset({"date"}),
        {"free": Ending(rows=START), **_REFUSALS},
        optional=frozenset({"service", "appointment", "time"}),
    ),
    "calendar.book": Tool(
        frozenset({"service", "start", "name", "phone"}),
        {
            "booked": Ending({"date": Kind.DATE, "time": Kind.TIME}),
            # Whoever was not known has a PIN from now on, told this once.
            "booked_with_pin": Ending({"date": Kind.DATE, "time": Kind.TIME, "pin": Kind.CODE}),
            **_REFUSALS,
        },
        optional=frozenset({"note"}),
        changes=True,
    ),
    "calendar.appointments": Tool(
        frozenset(),
        {"found": Ending(_APPOINTMENT, APPOINTMENT), "none": Ending()},
        personal=True,
    ),
    "calendar.move": Tool(
        frozenset({"appointment", "start"}),
        {
            "moved": Ending({"date": Kind.DATE, "time": Kind.TIME}),
            **_REFUSALS,
            "not_yours": Ending(),
        },
        changes=True,
        personal=True,
    ),
    "calendar.cancel": Tool(
        frozenset({"appointment"}),
        {"cancelled": Ending(), "in_past": Ending(), "not_yours": Ending()},
        changes=True,
        personal=True,
    ),
    "identity.verify": Tool(
        frozenset({"phone", "secret"}),
        {"verified": Ending(), "failed": Ending(), "locked": Ending()},
    ),
    "record.entries": Tool(
        frozenset(), {"found": Ending(rows=ENTRY), "none": Ending()}, personal=True
    ),
    "record.entry": Tool(
        frozenset({"entry"}),
        {
            "told": Ending(
                {
                    "kind": Kind.TEXT,
                    "reference": Kind.CODE,
                    "date": Kind.DATE,
                    "status": Kind.TEXT,
                }
            ),
            "not_yours": Ending(),
        },
        personal=True,
    ),
    "callback.request": Tool(
        frozenset({"name", "phone"}),
        {"requested": Ending(), "too_far": Ending()},
        optional=frozenset({"date", "time", "reason"}),
        changes=True,
    ),
    "message.leave": Tool(
        frozenset({"name", "message"}),
        {"left": Ending()},
        optional=frozenset({"phone", "recipient"}),
        changes=True,
    ),
    "complaint.file": Tool(
        frozenset({"name", "complaint"}),
        {"filed": Ending({"reference": Kind.CODE})},
        optional=frozenset({"category", "phone", "wish"}),
        changes=True,
    ),
    # In a call that we made (``voice_agent.tools.reminder_tools``); in any other there is nothing.
    "reminder.appointments": Tool(
        frozenset(),
        {"found": Ending(_APPOINTMENT, APPOINTMENT), "gone": Ending(), "none": Ending()},
        personal=True,
    ),
    "reminder.others": Tool(
        frozenset(), {"found": Ending(rows=REMINDER), "none": Ending()}, personal=True
    ),
    "reminder.confirm": Tool(
        frozenset(),
        {"confirmed": Ending(), "in_past": Ending(), "not_yours": Ending()},
        optional=frozenset({"appointment", "reminder"}),
        changes=True,
        personal=True,
    ),
    "reminder.call_back": Tool(
        frozenset({"reminder", "reason"}),
        {"requested": Ending()},
        changes=True,
        personal=True,
    ),
    # Whoever says so is believed: who wants no calls gets none.
    "calls.stop": Tool(
        frozenset(),
        {"stopped": Ending(), "stopped_and_over": Ending(), "no_number": Ending()},
        changes=True,
        at_once=True,
    ),
    "calls.wrong_person": Tool(
        frozenset(), {"noted": Ending(), "not_ours": Ending()}, changes=True
    ),
    "confirmation.check": Tool(frozenset(), {"possible": Ending(), "impossible": Ending()}),
    # To whom it goes and what it says is the call's own; a yes to the flow's question is enough.
    "confirmation.send": Tool(
        frozenset(),
        {
            "sent": Ending(),
            "already_sent": Ending(),
            "no_number": Ending(),
            "unreachable": Ending(),
            "failed": Ending(),
        },
        changes=True,
    ),
    # Whether the caller can agree to be reminded of their appointments by telephone, at a number.
    # Nothing is told of anybody: who is not known by then cannot agree, and nobody hears why.
    "reminder.check": Tool(frozenset({"phone"}), {"possible": Ending(), "impossible": Ending()}),
    # At the number that was looked at last; a yes to the flow's question is enough.
    "reminder.agree": Tool(frozenset(), {"agreed": Ending(), "impossible": Ending()}, changes=True),
}
"""Every tool there is. A server runs those it is joined to; a flow that cannot do without another
is not offered."""


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """Something to be done for the caller.

    Attributes:
        tool: which tool.
        arguments: its arguments in canonical form, by name; the caller's own.
        language: ISO 639-1 code of the language in which names are wanted back.
        flow: the flow that asks.
        run: number of the caller's turn in which the flow began.
        number: counts the requests of one run, from 1. Call, flow, run and number together name
            a request for ever: a second try of it carries the same.
        confirmed: the arguments whose values the caller has said yes to.
    """

    tool: str
    arguments: Mapping[str, str] = field(repr=False)
    language: str
    flow: str
    run: int
    number: int
    confirmed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What came of a request. Everything in it is data, whatever it says.

    Attributes:
        request: the request.
        outcome: its name in the catalogue; any other counts as away.
        values: what the outcome tells.
        rows: what was found or is free instead, each with the fields of its shape.
        person: who was verified by it, the directory's reference; no flow sees it.
    """

    request: ToolRequest
    outcome: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    rows: tuple[Mapping[str, str], ...] = field(default=(), repr=False)
    person: str | None = field(default=None, repr=False)
