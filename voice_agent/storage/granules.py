"""What is taken of the resources' time, five minutes a row; the rows' key is unique."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.storage.tables import appointment_granules
from voice_agent.tools.appointment import Appointment
from voice_agent.tools.offers import Busy
from voice_agent.tools.opening import Span
from voice_agent.tools.plan import GRANULE, Service, granules


async def busy(connection: AsyncConnection, span: Span, without: str | None) -> Busy:
    """What is taken in this time, by resource; one appointment's own place counts as free."""
    table = appointment_granules
    wanted = select(table.c.resource, table.c.begins_at).where(
        table.c.begins_at >= span.start, table.c.begins_at < span.end
    )
    if without is not None:
        wanted = wanted.where(table.c.appointment_id != without)
    found: dict[str, list[Span]] = {}
    for resource, begins_at in (await connection.execute(wanted)).all():
        found.setdefault(resource, []).append(Span(begins_at, begins_at + GRANULE))
    return found


async def take(connection: AsyncConnection, made: Appointment, service: Service) -> None:
    """Take its place; the database refuses a place that is taken."""
    rows = [
        {"resource": made.resource, "begins_at": begins_at, "appointment_id": made.id}
        for begins_at in granules(service.at(made.start))
    ]
    await connection.execute(insert(appointment_granules), rows)


async def let_go(connection: AsyncConnection, appointment: str) -> None:
    """Let go of an appointment's place."""
    mine = appointment_granules.c.appointment_id == appointment
    await connection.execute(delete(appointment_granules).where(mine))
