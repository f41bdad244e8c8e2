"""Somebody who can write into the database and has no key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent import merkle
from consent.head import message
from voice_agent.evidence.proof import fingerprint
from voice_agent.storage.tables import (
    consent_withdrawals,
    head_keys,
    ledger_entries,
    ledger_nodes,
    tree_heads,
)

FORGER = Ed25519PrivateKey.from_private_bytes(b"f" * 32)
FORGED = fingerprint(FORGER.public_key().public_bytes_raw())


async def write_anew(
    connection: AsyncConnection, key_id: str, keep: Callable[[dict[str, Any]], bool]
) -> None:
    """A whole new ledger with these entries alone, signed with the forger's key under a name."""
    chosen = select(ledger_entries).order_by(ledger_entries.c.position)
    rows = [dict(row) for row in (await connection.execute(chosen)).mappings()]
    leaves = select(ledger_nodes.c.place, ledger_nodes.c.hash).where(ledger_nodes.c.level == 0)
    hashes = {row.place: row.hash for row in (await connection.execute(leaves)).all()}
    for table in (ledger_entries, ledger_nodes, tree_heads, head_keys, consent_withdrawals):
        await connection.execute(delete(table))
    key = {
        "key_id": key_id,
        "public_key": FORGER.public_key().public_bytes_raw(),
        "first_used_at": rows[0]["written_at"],
    }
    await connection.execute(insert(head_keys).values(key))
    frontier: tuple[bytes, ...] = ()
    for position, row in enumerate(filter(keep, rows)):
        growth = merkle.append(position, frontier, [hashes[row["position"]]])
        frontier, root, at = growth.frontier, merkle.root(growth.frontier), row["written_at"]
        await connection.execute(insert(ledger_entries).values(row | {"position": position}))
        nodes = [
            {"level": each.level, "place": each.index, "hash": each.hash} for each in growth.nodes
        ]
        await connection.execute(insert(ledger_nodes), nodes)
        head = {
            "size": position + 1,
            "root": root,
            "signed_at": at,
            "key_id": key_id,
            "signature": FORGER.sign(message(position + 1, root, at)),
        }
        await connection.execute(insert(tree_heads).values(head))


async def cut_off(connection: AsyncConnection, size: int) -> None:
    """Everything of the ledger that is newer than a tree of this size."""
    growth = merkle.append(0, (), [b"x" * merkle.HASH_BYTES] * size)
    kept = {each.place for each in growth.nodes}
    places = select(ledger_nodes.c.level, ledger_nodes.c.place)
    for level, place in (await connection.execute(places)).all():
        if (level, place) not in kept:
            here = (ledger_nodes.c.level == level) & (ledger_nodes.c.place == place)
            await connection.execute(delete(ledger_nodes).where(here))
    await connection.execute(delete(ledger_entries).where(ledger_entries.c.position >= size))
    await connection.execute(delete(tree_heads).where(tree_heads.c.size > size))
    await connection.execute(delete(consent_withdrawals))
