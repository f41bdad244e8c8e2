"""Our own appointments as events: written for people to read, and found again by what we add."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from icalendar import Calendar, Event

from voice_agent.caldav.busy import MOST_CHARACTERS
from voice_agent.tools.appointment import (
    Appointment,
    Person,
    PersonKey,
    Status,
)

PRODUCT: Final = "-//voice-agent//calendar//EN"

_X: Final = "X-VOICE-AGENT-"
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
    """

    appointment: Appointment
    uid: str
    request: str
    pseudonym: str | None
    tentative: bool = False


def write(own: Own, title: str, at: datetime) -> str:
    """The event.

    Args:
        own: the appointment.
        title: what the service is called, for whoever reads the calendar.
        at: the present.
    """
    made = own.appointment
    event = Event()
    event.add("UID", own.uid)
    event.add("DTSTAMP", at.astimezone(UTC))
    event.add("DTSTART", made.start.astimezone(UTC))
    event.add("DTEND", made.end.astimezone(UTC))
    event.add("SEQUENCE", made.version - 1)
    event.add("STATUS", _TENTATIVE if own.tentative else _STATES[made.status])
    event.add("SUMMARY", f"{title}: {made.person.name}")
    said = [each for each in (made.person.phone, made.note) if each]
    if said:
        event.add("DESCRIPTION", "\n".join(said))
    fields = {
        "ID": made.id,
        "VERSION": str(made.version),
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
    written: bytes = calendar.to_ical()
    return written.decode()


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
        return _read(event, resource, zone)
    except Exception:  # noqa: BLE001 (whoever may write there may have changed it in any way)
        return None


def _read(event: Any, resource: str, zone: tzinfo) -> Own:
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
            version=int(field("VERSION")),
        ),
        uid=str(event["UID"]),
        request=field("REQUEST"),
        pseudonym=field("PSEUDONYM") or None,
        tentative=state == _TENTATIVE,
    )
