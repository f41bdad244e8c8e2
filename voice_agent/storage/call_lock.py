"""A call's row is what everything about it hangs on: whoever adds to it, or removes it, holds it.

So whatever is written about a call while it is being erased is erased with it, or refused.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from voice_agent.storage.place import parts
from voice_agent.storage.tables import calls, messages


async def hold_call(connection: AsyncConnection, call_id: str) -> bool:
    """Hold a call until the transaction ends, which must not have begun anything yet.

    Returns:
        False if nobody began the call, or it was erased, or its time is over.
    """
    await begin_writing(connection)
    mine = select(calls.c.call_id).where(calls.c.call_id == call_id)
    # Other writers of this kind wait, and whoever deletes it; a message may be claimed meanwhile.
    return await connection.scalar(mine.with_for_update(key_share=True)) is not None


async def hold_to_remove(connection: AsyncConnection, call_ids: Collection[str]) -> None:
    """Hold calls that are to be removed, and their messages; likewise.

    Whoever holds one of them finishes first.
    """
    await begin_writing(connection)
    for some in parts(call_ids):
        for column in (calls.c.call_id, messages.c.call_id):
            mine = select(column).where(column.in_(some)).order_by(column)
            await connection.execute(mine.with_for_update())


async def begin_writing(connection: AsyncConnection) -> None:
    """Be SQLite's one writer from the first look on; elsewhere rows are locked one by one."""
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
