"""The Merkle tree of RFC 9162, section 2.1 (as in RFC 6962), over SHA-256: arithmetic only (C15).

A tree over ``size`` leaves is kept as its complete subtrees. The one at ``(level, index)`` covers
the leaves from ``index * 2**level`` up to, not including, ``(index + 1) * 2**level``; once written
it never changes. What is incomplete at the right edge is computed from them.

Leaves are given as their hashes: when a record's content is destroyed its leaf's hash stays, and
with it every node, root and proof. A proof by itself does not fix the tree's size: the same path
can lead up trees of several sizes. Size and root must come from one signed tree head.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

HASH_BYTES: Final = 32
"""Length of every leaf's, node's and root's hash."""

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""

MAX_SIZE: Final = 2**63 - 1
"""Leaves in the largest tree: what a database's integer holds. No proof is longer than its bits."""


class Place(NamedTuple):
    """Where a stored node stands: on which level (0: leaves), and as which of it, from 0."""

    level: int
    index: int  # type: ignore[assignment]  # nobody searches a place, as tuple.index would


class Node(NamedTuple):
    """A stored node, the root of a complete subtree: its place and its 32 bytes."""

    level: int
    index: int  # type: ignore[assignment]  # as in Place
    hash: bytes

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.level, self.index)


class Growth(NamedTuple):
    """What appending leaves adds to a tree.

    Attributes:
        nodes: the nodes to store, all of them new, children before parents.
        frontier: the roots of the grown tree's complete subtrees, the largest first.
    """

    nodes: list[Node]
    frontier: tuple[bytes, ...]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf with this content."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node with these two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def append(size: int, frontier: Sequence[bytes], leaves: Iterable[bytes]) -> Growth:
    """Let a tree of ``size`` leaves grow by the hashes of new ones.

    Costs two hashes a leaf, however large the tree is.

    Raises:
        ValueError: the frontier is not that of such a tree, something is no hash of 32 bytes, or
            the tree would be too large.
    """
    _check_size(size)
    if len(frontier) != size.bit_count():
        raise ValueError(
            f"a tree of {size} leaves has {size.bit_count()} complete subtrees, not {len(frontier)}"
        )
    roots = [_checked(each) for each in frontier]
    nodes: list[Node] = []
    for position, leaf in enumerate(leaves, size):
        if position == MAX_SIZE:
            raise ValueError(f"a tree has at most {MAX_SIZE} leaves")
        level, index, value = 0, position, _checked(leaf)
        nodes.append(Node(level, index, value))
        # A right child completes its parent, and the subtree to its left is the last one waiting.
        while index & 1:
            level, index, value = level + 1, index >> 1, node_hash(roots.pop(), value)
            nodes.append(Node(level, index, value))
        roots.append(value)
    return Growth(nodes, tuple(roots))


def frontier_places(size: int) -> tuple[Place, ...]:
    """Where the roots of a tree's complete subtrees stand, the largest first.

    Raises:
        ValueError: there is no tree of this size.
    """
    _check_size(size)
    return _pieces(0, size)


def root(frontier: Sequence[bytes]) -> bytes:
    """The root of the tree whose complete subtrees have these roots, the largest first.

    Raises:
        ValueError: something is no hash of 32 bytes.
    """
    if not frontier:
        return EMPTY_ROOT
    *lefts, value = map(_checked, frontier)
    for left in reversed(lefts):
        value = node_hash(left, value)
    return value


def places_for_inclusion(position: int, size: int) -> tuple[Place, ...]:
    """The stored nodes that ``inclusion_proof`` needs; never more than twice the tree's height.

    Raises:
        ValueError: there is no such leaf.
    """
    return _all_pieces(_beside_leaf(position, size))


def inclusion_proof(position: int, size: int, nodes: Mapping[Place, bytes]) -> tuple[bytes, ...]:
    """The proof that the leaf at ``position``, from 0, belongs to the tree of ``size`` leaves.

    ``nodes`` holds at least what is at ``places_for_inclusion``.

    Raises:
        ValueError: there is no such leaf, or a needed node is missing or no hash.
    """
    return tuple(_range_root(span, nodes) for span in _beside_leaf(position, size))


def places_for_consistency(first: int, second: int) -> tuple[Place, ...]:
    """The stored nodes that ``consistency_proof`` needs; never more than twice the tree's height.

    Raises:
        ValueError: there are no such trees.
    """
    return _all_pieces(_beside_tree(first, second))


def consistency_proof(first: int, second: int, nodes: Mapping[Place, bytes]) -> tuple[bytes, ...]:
    """The proof that the tree of ``first`` leaves is the beginning of that of ``second`` leaves.

    It is empty where there is nothing to prove: from the empty tree, and from a tree to itself.
    ``nodes`` holds at least what is at ``places_for_consistency``.

    Raises:
        ValueError: there are no such trees, or a needed node is missing or no hash.
    """
    return tuple(_range_root(span, nodes) for span in _beside_tree(first, second))


def verify_inclusion(
    leaf: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """True if the proof leads from the leaf to the root (RFC 9162, section 2.1.3.2).

    ``leaf`` is the leaf's hash; ``size`` and ``root`` are what one signed tree head says.
    Everything may be hostile; nothing raises.
    """
    if not 0 <= position < size <= MAX_SIZE or not _are_hashes(leaf, root, *proof):
        return False
    return _climb(position, size - 1, leaf, proof)[1:] == (root, True)


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """True if the first tree is the beginning of the second (RFC 9162, section 2.1.4.2).

    Sizes and roots are what two signed tree heads say. The empty tree is the beginning of every
    tree, which says nothing about the second root. Everything may be hostile; nothing raises.
    """
    if not 0 <= first <= second <= MAX_SIZE or not _are_hashes(first_root, second_root, *proof):
        return False
    if first == second:
        return not proof and first_root == second_root and (first > 0 or first_root == EMPTY_ROOT)
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    # The proof of a complete first tree leaves its root out: the verifier has it.
    path = (first_root, *proof) if first.bit_count() == 1 else tuple(proof)
    if not path:
        return False
    level = _zeros(first)  # of the first tree's last complete subtree, where the path begins
    climbed = _climb(first - 1 >> level, second - 1 >> level, path[0], path[1:])
    return climbed == (first_root, second_root, True)


def _climb(
    here: int, last: int, value: bytes, siblings: Sequence[bytes]
) -> tuple[bytes, bytes, bool]:
    """Go up from the node with index ``here`` of a level whose last one is ``last``.

    Returns the root of the tree that ends with this node, the root of the whole tree, and whether
    there were exactly as many siblings as the way has.
    """
    old = new = value
    for sibling in siblings:
        if last == 0:
            return old, new, False
        skipped = 0
        if here & 1 or here == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            skipped = _zeros(here)  # the levels on which the right edge has no sibling
        else:
            new = node_hash(new, sibling)
        here, last = here >> skipped + 1, last >> skipped + 1
    return old, new, last == 0


_Range = tuple[int, int]
"""A subtree, perhaps incomplete: from the first leaf up to, not including, the second."""


def _beside_leaf(position: int, size: int) -> list[_Range]:
    """PATH of RFC 9162, section 2.1.3.1: the subtrees beside a leaf's way up, the lowest first."""
    _check_size(size)
    if not 0 <= position < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {position}")
    beside: list[_Range] = []
    begin, end = 0, size
    while end - begin > 1:
        # The left half is the largest complete subtree that is not the whole.
        middle = begin + (1 << (end - begin - 1).bit_length() - 1)
        if position < middle:
            beside.append((middle, end))
            end = middle
        else:
            beside.append((begin, middle))
            begin = middle
    return beside[::-1]


def _beside_tree(first: int, second: int) -> list[_Range]:
    """PROOF of RFC 9162, section 2.1.4.1: the subtrees beside the first tree's right edge."""
    _check_size(second)
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {first} leaves is not the beginning of one of {second}")
    if first in (0, second):
        return []
    # The first tree's last complete subtree stands in the second one too; from there up the way is
    # that of its last leaf. Where it is the whole first tree the verifier has its root.
    height = _zeros(first)
    beside = _beside_leaf(first - 1, second)[height:]
    return beside if first.bit_count() == 1 else [(first - (1 << height), first), *beside]


def _pieces(begin: int, end: int) -> tuple[Place, ...]:
    """The complete subtrees a range consists of, the largest first."""
    places = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        places.append(Place(level, begin >> level))
        begin += 1 << level
    return tuple(places)


def _all_pieces(spans: Iterable[_Range]) -> tuple[Place, ...]:
    return tuple(place for span in spans for place in _pieces(*span))


def _range_root(span: _Range, nodes: Mapping[Place, bytes]) -> bytes:
    places = _pieces(*span)
    missing = [place for place in places if place not in nodes]
    if missing:
        raise ValueError(f"node {missing[0].index} of level {missing[0].level} is missing")
    return root([nodes[place] for place in places])


def _zeros(number: int) -> int:
    """How many zeros the number ends with in binary."""
    return (number & -number).bit_length() - 1


def _check_size(size: int) -> None:
    if not 0 <= size <= MAX_SIZE:
        raise ValueError(f"a tree has between 0 and {MAX_SIZE} leaves, not {size}")


def _checked(value: bytes) -> bytes:
    if not _are_hashes(value):
        raise ValueError(f"a hash has {HASH_BYTES} bytes, not {len(value)}")
    return value


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
