from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    Node,
    Place,
    append,
    consistency_proof,
    frontier_places,
    inclusion_proof,
    leaf_hash,
    node_hash,
    places_for_consistency,
    places_for_inclusion,
    root,
    verify_consistency,
    verify_inclusion,
)

VECTORS = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The entries that implementations of RFC 6962 are commonly tested with."""

ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Their published roots, by size."""

entries = st.lists(st.binary(max_size=8), max_size=40)
sizes = st.integers(1, 40)


# -- the recursive definitions of RFC 9162, section 2.1 --------------------------------------------


def split(size: int) -> int:
    """The largest power of two smaller than a size of at least 2."""
    return max(1 << bit for bit in range(size.bit_length()) if 1 << bit < size)


def naive_root(data: list[bytes]) -> bytes:
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    middle = split(len(data))
    both = naive_root(data[:middle]) + naive_root(data[middle:])
    return hashlib.sha256(b"\x01" + both).digest()


def naive_path(position: int, data: list[bytes]) -> list[bytes]:
    if len(data) == 1:
        return []
    middle = split(len(data))
    if position < middle:
        return [*naive_path(position, data[:middle]), naive_root(data[middle:])]
    return [*naive_path(position - middle, data[middle:]), naive_root(data[:middle])]


def naive_proof(first: int, data: list[bytes], whole: bool = True) -> list[bytes]:
    if first == len(data):
        return [] if whole else [naive_root(data)]
    middle = split(len(data))
    if first <= middle:
        return [*naive_proof(first, data[:middle], whole), naive_root(data[middle:])]
    return [*naive_proof(first - middle, data[middle:], False), naive_root(data[:middle])]


def way_to_leaf(position: int, size: int) -> str:
    """On which side each element of an inclusion proof stands, the lowest first."""
    if size == 1:
        return ""
    middle = split(size)
    if position < middle:
        return way_to_leaf(position, middle) + "r"
    return way_to_leaf(position - middle, size - middle) + "l"


def way_to_tree(first: int, size: int, whole: bool = True) -> str:
    """The same of a consistency proof, after ``.`` where it begins with a subtree's root."""
    if first == size:
        return "" if whole else "."
    middle = split(size)
    if first <= middle:
        return way_to_tree(first, middle, whole) + "r"
    return way_to_tree(first - middle, size - middle, False) + "l"


# -- trees to look at ------------------------------------------------------------------------------


def grown(data: list[bytes]) -> tuple[dict[Place, bytes], tuple[bytes, ...]]:
    """All stored nodes of a tree by place, and its frontier."""
    nodes, frontier = append(0, (), map(leaf_hash, data))
    return {node.place: node.hash for node in nodes}, frontier


def distinct(size: int) -> list[bytes]:
    return [number.to_bytes(2, "big") for number in range(size)]


@st.composite
def leaf_in_tree(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


@st.composite
def tree_in_tree(draw: st.DrawFn) -> tuple[int, int]:
    second = draw(sizes)
    return draw(st.integers(1, second)), second


def flips(value: bytes) -> Iterator[bytes]:
    """Every value that differs in one bit."""
    for bit in range(len(value) * 8):
        yield (int.from_bytes(value, "big") ^ (1 << bit)).to_bytes(len(value), "big")


def flipped_proofs(proof: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """Every proof that differs in one bit, lacks an element, has one twice or two exchanged."""
    for index, value in enumerate(proof):
        for wrong in flips(value):
            yield (*proof[:index], wrong, *proof[index + 1 :])
        yield proof[:index] + proof[index + 1 :]
        yield proof[:index] + proof[index:][:1] + proof[index:]
    for index, (one, two) in enumerate(pairwise(proof)):
        if one != two:
            yield (*proof[:index], two, one, *proof[index + 2 :])
    yield (*proof, bytes(32))
    yield (bytes(32), *proof)


# -- the tree --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(9))
def test_c15_the_known_entries_have_their_published_roots(size: int) -> None:
    _, frontier = grown(VECTORS[:size])
    assert root(frontier).hex() == ROOTS[size] == naive_root(VECTORS[:size]).hex()


def test_c15_leaves_nodes_and_the_empty_tree_are_hashed_as_the_rfc_says() -> None:
    assert EMPTY_ROOT == root(()) == hashlib.sha256(b"").digest()
    assert leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) == hashlib.sha256(b"\x01" + left + right).digest()
    assert leaf_hash(left + right) != node_hash(left, right)


@settings(deadline=None)
@given(entries)
def test_c15_the_root_is_that_of_the_rfcs_recursive_definition(data: list[bytes]) -> None:
    assert root(grown(data)[1]) == naive_root(data)


@settings(deadline=None)
@given(entries)
def test_c15_every_stored_node_is_the_root_of_the_leaves_it_covers(data: list[bytes]) -> None:
    nodes, _ = grown(data)
    complete = {
        Place(level, index)
        for level in range(len(data).bit_length())
        for index in range(len(data) >> level)
    }
    assert nodes.keys() == complete
    for (level, index), value in nodes.items():
        assert value == naive_root(data[index << level : (index + 1) << level])


@settings(deadline=None)
@given(st.lists(entries, max_size=6))
def test_c15_however_leaves_are_batched_the_same_nodes_come_of_them(
    batches: list[list[bytes]],
) -> None:
    size, nodes = 0, list[Node]()
    frontier: tuple[bytes, ...] = ()
    for batch in batches:
        added, frontier = append(size, frontier, map(leaf_hash, batch))
        nodes += added
        size += len(batch)
    whole = append(0, (), [leaf_hash(entry) for batch in batches for entry in batch])
    assert (nodes, frontier) == whole


@settings(deadline=None)
@given(entries)
def test_c15_the_frontier_can_be_read_back_from_where_it_stands(data: list[bytes]) -> None:
    nodes, frontier = grown(data)
    places = frontier_places(len(data))
    assert tuple(nodes[place] for place in places) == frontier
    assert [place.level for place in places] == sorted((p.level for p in places), reverse=True)
    covered = list(accumulate((1 << place.level for place in places), initial=0))
    assert covered[-1] == len(data)
    assert [place.index << place.level for place in places] == covered[:-1]


def test_c15_no_two_nodes_of_a_growing_tree_have_one_place() -> None:
    nodes, _ = append(0, (), map(leaf_hash, distinct(200)))
    assert len({node.place for node in nodes}) == len(nodes) < 400


# -- proofs that hold ------------------------------------------------------------------------------


@settings(deadline=None)
@given(leaf_in_tree())
def test_c15_every_inclusion_proof_is_the_rfcs_and_verifies(where: tuple[int, int]) -> None:
    position, size = where
    data = distinct(size)
    nodes, frontier = grown(data)
    needed = places_for_inclusion(position, size)
    assert len(needed) == len(set(needed)) <= 2 * size.bit_length()
    proof = inclusion_proof(position, size, {place: nodes[place] for place in needed})
    assert list(proof) == naive_path(position, data)
    assert verify_inclusion(leaf_hash(data[position]), position, size, proof, root(frontier))


@settings(deadline=None)
@given(tree_in_tree())
def test_c15_every_consistency_proof_is_the_rfcs_and_verifies(where: tuple[int, int]) -> None:
    first, second = where
    data = distinct(second)
    nodes, frontier = grown(data)
    needed = places_for_consistency(first, second)
    assert len(needed) == len(set(needed)) <= 2 * second.bit_length()
    proof = consistency_proof(first, second, {place: nodes[place] for place in needed})
    assert list(proof) == naive_proof(first, data)
    assert verify_consistency(first, second, naive_root(data[:first]), root(frontier), proof)


@settings(deadline=None)
@given(leaf_in_tree(), st.integers(0, 20))
def test_c15_a_grown_tree_still_proves_what_it_held_before(
    where: tuple[int, int], more: int
) -> None:
    """An old signed head is answered from the nodes stored now."""
    position, size = where
    data = distinct(size + more)
    nodes, _ = grown(data)
    proof = inclusion_proof(position, size, nodes)
    assert verify_inclusion(
        leaf_hash(data[position]), position, size, proof, naive_root(data[:size])
    )


def test_c15_a_record_that_is_destroyed_takes_nothing_from_the_tree() -> None:
    """What is left of it is its leaf's hash, and every proof holds without its content."""
    data = distinct(11)
    nodes, frontier = grown(data)
    erased = nodes[Place(0, 4)]
    del data[4]
    proof = inclusion_proof(4, 11, nodes)
    assert verify_inclusion(erased, 4, 11, proof, root(frontier))
    assert verify_inclusion(
        leaf_hash(data[4]), 5, 11, inclusion_proof(5, 11, nodes), root(frontier)
    )


@settings(deadline=None)
@given(sizes)
def test_c15_the_empty_tree_is_the_beginning_of_every_tree(size: int) -> None:
    _, frontier = grown(distinct(size))
    assert places_for_consistency(0, size) == ()
    assert consistency_proof(0, size, {}) == ()
    assert verify_consistency(0, size, EMPTY_ROOT, root(frontier), ())
    assert not verify_consistency(0, size, root(frontier), root(frontier), ())
    assert not verify_consistency(0, size, EMPTY_ROOT, root(frontier), (EMPTY_ROOT,))


def test_c15_the_largest_tree_needs_no_more_than_its_height() -> None:
    assert len(places_for_inclusion(0, MAX_SIZE)) <= 2 * 63
    assert len(places_for_consistency(MAX_SIZE // 3, MAX_SIZE)) <= 2 * 63
    assert len(frontier_places(MAX_SIZE)) == 63


# -- what is false does not verify -----------------------------------------------------------------


@settings(deadline=None)
@given(leaf_in_tree())
def test_c15_one_wrong_bit_and_inclusion_is_not_proved(where: tuple[int, int]) -> None:
    position, size = where
    data = distinct(size)
    nodes, frontier = grown(data)
    leaf, head = leaf_hash(data[position]), root(frontier)
    proof = inclusion_proof(position, size, nodes)
    assert not any(verify_inclusion(wrong, position, size, proof, head) for wrong in flips(leaf))
    assert not any(verify_inclusion(leaf, position, size, proof, wrong) for wrong in flips(head))
    for wrong in flipped_proofs(proof):
        assert not verify_inclusion(leaf, position, size, wrong, head)
    for bit in range(64):
        assert not verify_inclusion(leaf, position ^ (1 << bit), size, proof, head)


@settings(deadline=None)
@given(tree_in_tree())
def test_c15_one_wrong_bit_and_consistency_is_not_proved(where: tuple[int, int]) -> None:
    first, second = where
    data = distinct(second)
    nodes, frontier = grown(data)
    old, new = naive_root(data[:first]), root(frontier)
    proof = consistency_proof(first, second, nodes)
    assert not any(verify_consistency(first, second, wrong, new, proof) for wrong in flips(old))
    assert not any(verify_consistency(first, second, old, wrong, proof) for wrong in flips(new))
    for wrong in flipped_proofs(proof):
        assert not verify_consistency(first, second, old, new, wrong)


@settings(deadline=None)
@given(leaf_in_tree(), st.integers(-1, 80), st.integers(-1, 80))
def test_c15_a_leaf_is_proved_to_be_where_the_same_way_leads_and_nowhere_else(
    where: tuple[int, int], position: int, size: int
) -> None:
    """The proof fixes the way; the size, where several have this way, is fixed by the head."""
    data = distinct(where[1])
    nodes, frontier = grown(data)
    proof = inclusion_proof(*where, nodes)
    same = 0 <= position < size and way_to_leaf(position, size) == way_to_leaf(*where)
    leaf = leaf_hash(data[where[0]])
    assert verify_inclusion(leaf, position, size, proof, root(frontier)) is same
    if same and size == where[1]:
        assert position == where[0]


@settings(deadline=None)
@given(tree_in_tree(), st.integers(-1, 80), st.integers(-1, 80))
def test_c15_trees_are_proved_consistent_where_the_same_way_leads_and_nowhere_else(
    where: tuple[int, int], first: int, second: int
) -> None:
    data = distinct(where[1])
    nodes, frontier = grown(data)
    proof = consistency_proof(*where, nodes)
    same = 0 < first <= second and way_to_tree(first, second) == way_to_tree(*where)
    old = naive_root(data[: where[0]])
    assert verify_consistency(first, second, old, root(frontier), proof) is same


@settings(deadline=None)
@given(tree_in_tree(), st.data())
def test_c15_a_tree_whose_past_was_changed_is_not_consistent(
    where: tuple[int, int], draw: st.DataObject
) -> None:
    """Whatever an honest prover makes of the changed tree, it does not lead to the old root."""
    first, second = where
    data = distinct(second)
    old = naive_root(data[:first])
    data[draw.draw(st.integers(0, first - 1))] = b"changed"
    nodes, frontier = grown(data)
    proof = consistency_proof(first, second, nodes)
    assert not verify_consistency(first, second, old, root(frontier), proof)


hostile_hash = st.one_of(st.just(EMPTY_ROOT), st.binary(min_size=32, max_size=32), st.binary())
hostile_size = st.one_of(
    st.integers(-3, 70), st.integers(), st.sampled_from([2**63, 2**64, 10**99])
)
hostile_proof = st.lists(hostile_hash, max_size=70)


@settings(deadline=None)
@given(hostile_hash, hostile_size, hostile_size, hostile_proof, hostile_hash)
def test_c15_a_hostile_inclusion_proof_is_false_and_nothing_else(
    leaf: bytes, position: int, size: int, proof: list[bytes], head: bytes
) -> None:
    """A tree of one leaf is the one claim that needs no proof."""
    held = verify_inclusion(leaf, position, size, proof, head)
    assert held is (len(leaf) == 32 and (position, size, proof, head) == (0, 1, [], leaf))


@settings(deadline=None)
@given(hostile_size, hostile_size, hostile_hash, hostile_hash, hostile_proof)
def test_c15_a_hostile_consistency_proof_is_false_and_nothing_else(
    first: int, second: int, old: bytes, new: bytes, proof: list[bytes]
) -> None:
    """A tree is consistent with itself, and with the empty one, without a proof."""
    held = verify_consistency(first, second, old, new, proof)
    nothing = len(old) == len(new) == 32 and not proof and 0 <= first <= second <= MAX_SIZE
    itself = first == second and old == new and (first > 0 or old == EMPTY_ROOT)
    assert held is (nothing and (itself or (first == 0 < second and old == EMPTY_ROOT)))


def test_c15_a_node_does_not_pass_for_a_leaf() -> None:
    """Its two children together are no entry: leaves and nodes are hashed differently."""
    nodes, frontier = grown(VECTORS[:4])
    pair = nodes[Place(0, 0)] + nodes[Place(0, 1)]
    beside = (nodes[Place(1, 1)],)
    assert not verify_inclusion(leaf_hash(pair), 0, 2, beside, root(frontier))


def test_c15_hashes_of_other_lengths_cannot_be_shifted_into_each_other() -> None:
    nodes, frontier = grown(VECTORS[:4])
    left, right = nodes[Place(1, 0)], nodes[Place(1, 1)]
    assert verify_inclusion(left, 0, 2, (right,), root(frontier))
    assert not verify_inclusion(left + right[:1], 0, 2, (right[1:],), root(frontier))
    assert not verify_consistency(1, 2, left + right[:1], root(frontier), (right[1:],))


def test_a_very_long_proof_is_false() -> None:
    assert not verify_inclusion(EMPTY_ROOT, 0, MAX_SIZE, (EMPTY_ROOT,) * 10_000, EMPTY_ROOT)
    assert not verify_consistency(1, MAX_SIZE, EMPTY_ROOT, EMPTY_ROOT, (EMPTY_ROOT,) * 10_000)


# -- mistakes --------------------------------------------------------------------------------------

HASH = leaf_hash(b"")


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        (lambda: append(-1, (), ()), "between 0 and"),
        (lambda: append(3, (HASH,), ()), "2 complete subtrees, not 1"),
        (lambda: append(0, (), [b"entry"]), "32 bytes, not 5"),
        (lambda: append(1, (b"",), ()), "32 bytes, not 0"),
        (lambda: append(MAX_SIZE, (HASH,) * 63, (HASH,)), "at most"),
        (lambda: root((HASH, b"x")), "32 bytes, not 1"),
        (lambda: frontier_places(-1), "between 0 and"),
        (lambda: frontier_places(MAX_SIZE + 1), "between 0 and"),
        (lambda: places_for_inclusion(0, 0), "no leaf 0"),
        (lambda: places_for_inclusion(5, 5), "no leaf 5"),
        (lambda: places_for_inclusion(-1, 5), "no leaf -1"),
        (lambda: places_for_consistency(6, 5), "not the beginning"),
        (lambda: places_for_consistency(-1, 5), "not the beginning"),
        (lambda: inclusion_proof(0, 2, {}), "node 1 of level 0 is missing"),
        (lambda: inclusion_proof(0, 2, {Place(0, 1): b"x"}), "32 bytes, not 1"),
        (lambda: consistency_proof(2, 4, {}), "node 1 of level 1 is missing"),
    ],
)
def test_a_programmers_mistake_is_named(mistake: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        mistake()
