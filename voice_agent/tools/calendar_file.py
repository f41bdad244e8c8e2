"""An appointment as a file that a person's own calendar opens (RFC 5545, RFC 5546)."""

from __future__ import annotations

from datetime import UTC, datetime

from icalendar import Calendar, Event

from voice_agent.tools.appointment import Appointment, Status
from voice_agent.tools.confirmation import Noted


def calendar_file(appointment: Appointment | Noted, title: str, place: str, at: datetime) -> str:
    """The file: to enter the appointment, to change it, or to take it out once it is cancelled.

    Args:
        appointment: the appointment. Of its person nothing is written: the file may be sent.
        title: what the appointment is called, in the person's language.
        place: where it is.
        at: the present, timezone-aware.

    Returns:
        iCalendar. Every state of an appointment has the same ``UID``, and a later ``SEQUENCE``.
    """
    is_cancelled = appointment.status is Status.CANCELLED
    event = Event()
    event.add("UID", f"{appointment.id}@voice-agent")
    event.add("DTSTAMP", at.astimezone(UTC))
    event.add("DTSTART", appointment.start.astimezone(UTC))
    event.add("DTEND", appointment.end.astimezone(UTC))
    event.add("SEQUENCE", appointment.version - 1)
    event.add("STATUS", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("SUMMARY", title)
    event.add("LOCATION", place)
    calendar = Calendar()
    calendar.add("PRODID", "-//voice-agent//appointment//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "CANCEL" if is_cancelled else "PUBLISH")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written.decode()
