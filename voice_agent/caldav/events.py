"""Our own appointments as events: written for people to read, and found again by what we add."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from icalendar import Calendar, Event, vCalAddress, vText

from voice_agent.caldav.busy import MOST_CHARACTERS
from voice_agent.tools.appointment import (
    Appointment,
    Participation,
    Person,
    PersonKey,
    Status,
)

PRODUCT: Final = "-//voice-agent//calendar//EN"

_X: Final = "X-VOICE-AGENT-"
_PERSON: Final = "urn:x-voice-agent:person:"
"""How the address of whoever comes begins. It is nobody's mailbox, and the event has no organizer:
no server sends anybody an invitation."""

_SAID: Final = ("DTSTAMP", "DTSTART", "DTEND", "DURATION", "SEQUENCE", "STATUS", "UID")
"""Properties that are written anew with every state; whatever else lies there stays."""

_TENTATIVE: Final = "TENTATIVE"
_STATES: Final = {Status.BOOKED: "CONFIRMED", Status.CANCELLED: "CANCELLED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """An appointment of ours, as it lies on the server.

    Attributes:
        appointment: the appointment.
        uid: what the event is called, for good; the event of a move is another one.
        request: SHA-256 of what names its booking.
        pseudonym: of the number that was left for it.
        tentative: nobody has made sure yet that its place is its own.
        text: how it lay on the server, with what other programs wrote into it; empty: nowhere yet.
    """

    appointment: Appointment
    uid: str
    request: str
    pseudonym: str | None
    tentative: bool = False
    text: str = field(default="", repr=False, compare=False)


def write(own: Own, title: str, at: datetime) -> str:
    """The event; of one that lies on the server already, everything that is not ours stays.

    Args:
        own: the appointment.
        title: what the service is called, for whoever reads the calendar.
        at: the present.
    """
    made = own.appointment
    calendar = Calendar.from_ical(own.text) if own.text else _new(own, title)
    (event,) = calendar.walk("VEVENT")
    for name in _SAID:
        event.pop(name, None)
    event.add("UID", own.uid)
    event.add("DTSTAMP", at.astimezone(UTC))
    event.add("DTSTART", made.start.astimezone(UTC))
    event.add("DTEND", made.end.astimezone(UTC))
    event.add("SEQUENCE", made.version - 1)
    event.add("STATUS", _TENTATIVE if own.tentative else _STATES[made.status])
    event[f"{_X}VERSION"] = vText(str(made.version))
    _participate(event, made)
    written: bytes = calendar.to_ical()
    return written.decode()


def _new(own: Own, title: str) -> Calendar:
    """What is said of an appointment once, whatever becomes of it."""
    made, event = own.appointment, Event()
    event.add("SUMMARY", f"{title}: {made.person.name}")
    said = [each for each in (made.person.phone, made.note) if each]
    if said:
        event.add("DESCRIPTION", "\n".join(said))
    fields = {
        "ID": made.id,
        "SERVICE": made.service,
        "PERSON": made.person.key,
        "NAME": made.person.name,
        "PHONE": made.person.phone,
        "NOTE": made.note,
        "CALL": made.call_id,
        "REQUEST": own.request,
        "PSEUDONYM": own.pseudonym,
    }
    for name, value in fields.items():
        if value:
            event.add(f"{_X}{name}", value)
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add_component(event)
    return calendar


def _participate(event: Any, made: Appointment) -> None:
    """Write down whether the person comes, beside whoever else takes part."""
    others = [each for each in _attendees(event) if not _is_person(each)]
    mine = vCalAddress(f"{_PERSON}{made.person.key}")
    mine.params["CN"] = made.person.name
    mine.params["PARTSTAT"] = made.participation.upper()
    event.pop("ATTENDEE", None)
    for each in (*others, mine):
        event.add("ATTENDEE", each, encode=False)


def _participation(event: Any) -> Participation:
    """What is written there; nothing that is understood is nothing that was said."""
    said = (str(each.params.get("PARTSTAT", "")) for each in _attendees(event) if _is_person(each))
    try:
        return Participation(next(said, "").lower())
    except ValueError:
        return Participation.NEEDS_ACTION


def _attendees(event: Any) -> list[Any]:
    found = event.get("ATTENDEE", [])
    return found if isinstance(found, list) else [found]


def _is_person(attendee: Any) -> bool:
    return str(attendee).lower().startswith(_PERSON)


def read(text: str, resource: str, zone: tzinfo) -> Own | None:
    """An appointment of ours; ``None`` for somebody else's event, or one that is not as we write.

    Args:
        text: iCalendar.
        resource: whose calendar it lies in.
        zone: the calendar's time zone.
    """
    if f"{_X}ID" not in text or len(text) > MOST_CHARACTERS:
        return None
    try:
        (event,) = Calendar.from_ical(text).walk("VEVENT")
        return _read(text, event, resource, zone)
    except Exception:  # noqa: BLE001 (whoever may write there may have changed it in any way)
        return None


def _read(text: str, event: Any, resource: str, zone: tzinfo) -> Own:
    def field(name: str) -> str:
        return str(event.get(f"{_X}{name}", ""))

    state = str(event.get("STATUS", ""))
    start, end = event.start, event.end
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise TypeError("an appointment has times")
    person = Person(
        key=PersonKey(field("PERSON")), name=field("NAME"), phone=field("PHONE") or None
    )
    return Own(
        appointment=Appointment(
            id=field("ID"),
            service=field("SERVICE"),
            resource=resource,
            # A time that somebody entered by hand may name no zone.
            start=(start if start.tzinfo else start.replace(tzinfo=zone)).astimezone(zone),
            end=(end if end.tzinfo else end.replace(tzinfo=zone)).astimezone(zone),
            person=person,
            call_id=field("CALL"),
            note=field("NOTE"),
            status=Status.CANCELLED if state == _STATES[Status.CANCELLED] else Status.BOOKED,
            participation=_participation(event),
            version=int(field("VERSION")),
        ),
        uid=str(event["UID"]),
        request=field("REQUEST"),
        pseudonym=field("PSEUDONYM") or None,
        tentative=state == _TENTATIVE,
        text=text,
    )
