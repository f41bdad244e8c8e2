"""What was published is read back, and nothing else is; two of it are compared without a ledger."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import merkle
from consent.head import TreeHead, message
from tests.evidence import exhibit
from voice_agent.evidence.proof import PublicKey, SignedHead, fingerprint
from voice_agent.evidence.published import (
    MOST_BYTES,
    Published,
    PublishedRefused,
    as_fields,
    differences,
    read,
)
from voice_agent.keyring import KeyRing

KEYS, OTHER = exhibit.KEYS, KeyRing([b"n" * 32, b"r" * 32])
GROWTH = merkle.append(0, (), [merkle.leaf_hash(b"%d" % number) for number in range(20)])
NODES = {node.place: node.hash for node in GROWTH.nodes}


def published(size: int, grown_from: int | None = None, keys: KeyRing = KEYS) -> Published:
    """A head of that size, in minute ``size``."""
    root = merkle.root([NODES[place] for place in merkle.frontier_places(size)])
    at = exhibit.NOON + timedelta(minutes=size)
    head = TreeHead(
        size=size,
        root=root,
        signed_at=at,
        key_id=keys.present,
        signature=keys.sign(message(size, root, at)),
    )
    known = [PublicKey(key_id=name, public_key=key) for name, key in keys.public_keys.items()]
    growth = (
        None
        if grown_from is None
        else (grown_from, merkle.consistency_proof(grown_from, size, NODES))
    )
    fields = as_fields(SignedHead(head=head, public_key=keys.public_key), known, growth)
    return read(json.dumps(fields).encode())


def fields() -> dict[str, Any]:
    signed = SignedHead(head=published(5).head, public_key=KEYS.public_key)
    keys = [PublicKey(key_id=KEYS.present, public_key=KEYS.public_key)]
    return as_fields(signed, keys, (3, [b"p" * 32]))


def said(old: Published, new: Published, *named: str) -> str:
    return "\n".join(differences(old, new, named))


def test_c15_any_two_states_of_one_ledger_agree() -> None:
    for first in range(1, 21):
        assert said(published(first), published(first)) == ""
        for second in range(first, 21):
            assert said(published(first), published(second, first)) == ""


def test_c15_another_ledger_does_not_agree() -> None:
    old, new = published(7), published(13, 7)
    changed = replace(new, proof=(*new.proof[:-1], b"x" * 32))
    assert "written anew" in said(old, changed)
    root = b"x" * 32
    head = replace(old.head, root=root, signature=KEYS.sign(message(7, root, old.head.signed_at)))
    assert "written anew" in said(replace(old, head=head), new)
    assert "written anew" in said(replace(old, head=head), old)
    assert "was cut off" in said(published(13), published(7))
    assert "no proof from 7 entries" in said(old, published(13))
    assert "no proof from 7 entries" in said(old, published(13, 8))


def test_c15_a_signature_that_is_wrong_is_told_of_either() -> None:
    old, new = published(7), published(13, 7)
    for each in ("older", "newer"):
        wrong = [old, new]
        at = ("older", "newer").index(each)
        forged = replace(wrong[at].head, signature=b"x" * 64)
        wrong[at] = replace(wrong[at], head=forged)
        assert f"the {each} head: its signature" in said(wrong[0], wrong[1])


def test_c15_after_a_rotation_the_new_key_must_be_named() -> None:
    old, new = published(7), published(13, 7, OTHER)
    ours, theirs = fingerprint(KEYS.public_key), OTHER.public_key.hex()
    assert "the newer head: is signed with a key that the older file does not have" in said(
        old, new
    )
    assert said(old, new, ours, theirs) == ""
    assert "the older head: is signed with another key" in said(old, new, theirs)
    assert "the newer head: is signed with another key" in said(old, new, ours)


WRONG: list[tuple[str, Any]] = [
    ("head", []),
    ("head", {}),
    ("keys", {}),
    ("keys", [{}]),
    ("keys", [{"key_id": "x" * 8, "public_key": "ab" * 32}]),
    ("keys", [{"key_id": "ab", "public_key": "ab" * 31}]),
    ("keys", [{"key_id": "ab", "public_key": "ab" * 32}] * 1001),
    ("consistency", []),
    ("consistency", {"from": 1}),
    ("consistency", {"from": True, "proof": []}),
    ("consistency", {"from": 1, "proof": "abc"}),
    ("consistency", {"from": 1, "proof": ["abc"]}),
    ("consistency", {"from": 1, "proof": ["ab" * 32] * 100}),
    ("head.size", "5"),
    ("head.size", -1),
    ("head.size", 2**63),
    ("head.size", 5.0),
    ("head.root", "zz" * 32),
    ("head.root", "AB" * 32),
    ("head.root", 5),
    ("head.signed_at", "2026-11-23T12:00:00Z"),
    ("head.signed_at", "yesterday"),
    ("head.signed_at", None),
    ("head.key_id", "../../x"),
    ("head.signature", "ab" * 63),
]


@pytest.mark.parametrize(
    ("path", "value"), WRONG, ids=[f"{at}-{x[0]}" for at, x in enumerate(WRONG)]
)
def test_what_was_not_published_is_refused(path: str, value: Any) -> None:
    made = fields()
    assert read(json.dumps(made).encode()).grown_from == 3
    place = made
    *way, last = path.split(".")
    for step in way:
        place = place[step]
    place[last] = value
    with pytest.raises(PublishedRefused):
        read(json.dumps(made).encode())


@given(content=st.binary(max_size=200))
def test_whatever_is_read_nothing_else_is_raised(content: bytes) -> None:
    with pytest.raises(PublishedRefused):
        read(content)


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b"{}", b"null", b"9" * 5000, b" " * (MOST_BYTES + 1)]
)
def test_what_is_deep_or_endless_is_refused(content: bytes) -> None:
    with pytest.raises(PublishedRefused):
        read(content)


def test_an_empty_ledger_leaves_nothing_to_compare() -> None:
    with pytest.raises(PublishedRefused, match="was empty"):
        read(json.dumps(as_fields(None, [])).encode())
