"""The proof of a ledger entry, and the head it leads to, as they leave the ledger."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from consent.head import TreeHead

SALT_BYTES: Final = 32
"""Random bytes before each content, so that a leaf's hash tells nothing once they are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What proves that one entry is in the tree of one head.

    Attributes:
        position: the entry's place, from 0.
        kind: what the entry says: ``given``, ``withdrawn`` or ``expired``.
        opened: salt and content; the leaf is their hash.
        path: the inclusion proof (RFC 9162, section 2.1.3).
    """

    position: int
    kind: str
    opened: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """A head and what it is verified with.

    Attributes:
        head: the head.
        public_key: Ed25519, 32 bytes; empty if it is missing.
        timestamp_token: the answer of the timestamping authority (RFC 3161), if there is one.
    """

    head: TreeHead
    public_key: bytes
    timestamp_token: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A key that heads were signed with.

    Attributes:
        key_id: its identifier.
        public_key: Ed25519, 32 bytes.
    """

    key_id: str
    public_key: bytes


def fingerprint(public_key: bytes) -> str:
    """SHA-256 of a public key's 32 bytes, hex: what a person compares."""
    return hashlib.sha256(public_key).hexdigest()
