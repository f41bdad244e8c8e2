"""Checks the ledger's tree: that the stored nodes and roots are what the leaves lead to (C15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from consent import merkle
from voice_agent.storage.tables import ledger_nodes


class Tree:
    """The tree as its leaves make it.

    Args:
        sizes: of the trees whose roots are wanted.

    Attributes:
        roots: of those trees, by size.
        broken_at: position of the first leaf that is missing; from there on there is no tree.
    """

    def __init__(self, sizes: frozenset[int]) -> None:
        self._sizes = sizes
        self.roots: dict[int, bytes] = {0: merkle.EMPTY_ROOT} if 0 in sizes else {}
        self.broken_at: int | None = None
        self._frontier: tuple[bytes, ...] = ()

    def grow(self, position: int, leaf: bytes | None) -> list[merkle.Node]:
        """Add a leaf, ``None`` if it is missing; returns the nodes that must be stored for it."""
        if leaf is None and self.broken_at is None:
            self.broken_at = position
        if leaf is None or self.broken_at is not None:
            return []
        growth = merkle.append(position, self._frontier, [leaf])
        self._frontier = growth.frontier
        if position + 1 in self._sizes:
            self.roots[position + 1] = merkle.root(self._frontier)
        return growth.nodes

    def fault(self, size: int, root: bytes) -> str | None:
        """What is wrong with the root that somebody says the tree of this size has."""
        if (right := self.roots.get(size)) is None:
            return f"its tree is broken at {self.broken_at}"
        return None if right == root else "its root is not what the entries lead to"


def missing(positions: Iterable[int]) -> Iterator[str]:
    """A fault for each run of positions without an entry."""
    runs: list[list[int]] = []
    for position in positions:
        if runs and runs[-1][1] == position - 1:
            runs[-1][1] = position
        else:
            runs.append([position, position])
    for first, last in runs:
        yield (
            f"entry {first}: is missing"
            if first == last
            else (f"entries {first} to {last}: are missing")
        )


async def leaves(connection: AsyncConnection, first: int, last: int) -> dict[int, bytes | None]:
    """The stored leaves from one position to another, ``None`` for what is no hash."""
    return {
        place: value if len(value) == merkle.HASH_BYTES else None
        for place, value in (await _nodes(connection, 0, first, last)).items()
    }


async def compare(connection: AsyncConnection, expected: list[merkle.Node]) -> list[str]:
    """Faults of the stored nodes that are not the ones the leaves lead to."""
    faults = []
    levels: dict[int, dict[int, bytes]] = {}
    for node in expected:
        levels.setdefault(node.level, {})[node.index] = node.hash
    for level, nodes in levels.items():
        stored = await _nodes(connection, level, min(nodes), max(nodes))
        faults += [
            f"node {level}/{place}: is not what its leaves lead to"
            for place, value in nodes.items()
            if stored.get(place) != value
        ]
    return faults


async def extra_nodes(connection: AsyncConnection, size: int) -> list[str]:
    """A fault if there are more nodes than a tree of this size has."""
    count = await connection.scalar(select(func.count()).select_from(ledger_nodes)) or 0
    right = sum(size >> level for level in range(size.bit_length()))
    return [] if count <= right else [f"nodes: {count - right} belong to no tree"]


async def _nodes(
    connection: AsyncConnection, level: int, first: int, last: int
) -> dict[int, bytes]:
    wanted = select(ledger_nodes.c.place, ledger_nodes.c.hash).where(
        ledger_nodes.c.level == level, ledger_nodes.c.place.between(first, last)
    )
    return {row.place: row.hash for row in (await connection.execute(wanted)).all()}
