"""Checks tree heads: who signed them, what they say, who saw them; and heads kept elsewhere (C15).

A head is believed if a key that is derived from ``RECORD_KEY`` signed it, or one that somebody
named who knows it from elsewhere. What the database says of keys is compared, not believed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography import x509
from sqlalchemy import Row

from consent.head import message
from voice_agent.evidence import timestamp
from voice_agent.evidence.proof import fingerprint
from voice_agent.evidence.published import Published
from voice_agent.keyring import verify
from voice_agent.storage.tree_checks import Tree


class HeadChecks:
    """Checks heads in the order of their sizes.

    Args:
        ours: public keys derived from ``RECORD_KEY``, by identifier.
        stored: the public keys in the database, by identifier.
        named: public keys or fingerprints, hex in lower case, that somebody insists on.
        roots: pinned certificates of the timestamping authority.

    Attributes:
        signed_with: fingerprints of the keys that signed heads.
        timestamps: how many heads have a timestamp that a pinned certificate verifies.
        unchecked: how many have one that nothing is there to verify with.
        newest: size of the newest head whose timestamp is verified, and when it was seen.
    """

    def __init__(
        self,
        ours: Mapping[str, bytes],
        stored: Mapping[str, bytes],
        named: Collection[str],
        roots: Sequence[x509.Certificate],
    ) -> None:
        self._ours = ours
        self._stored = stored
        self._named = named
        self._roots = roots
        self._signers: dict[str, bytes] = {}
        self._before: datetime | None = None
        self.signed_with: set[str] = set()
        self.timestamps = 0
        self.unchecked = 0
        self.newest: tuple[int, datetime] | None = None

    def check(self, head: Row[Any], tree: Tree) -> Iterator[str]:
        """What is wrong with a head, a sentence each."""
        name = f"head {head.size}"
        public_key = self._ours.get(head.key_id, self._stored.get(head.key_id, b""))
        signed = message(head.size, head.root, head.signed_at)
        if verify(public_key, head.signature, signed):
            self._signers[head.key_id] = public_key
            self.signed_with.add(fingerprint(public_key))
        else:
            yield f"{name}: its signature by {head.key_id} is wrong"
        if head.signed_at.microsecond % 1000 or (self._before and head.signed_at <= self._before):
            yield f"{name}: its time was changed"
        self._before = head.signed_at
        if (fault := tree.fault(head.size, head.root)) is not None:
            yield f"{name}: {fault}"
        if head.timestamp_token is not None:
            try:
                self._timestamp(head.size, head.timestamp_token, signed)
            except timestamp.TimestampWrong as wrong:
                yield f"{name}: its timestamp: {wrong}"

    def keys(self) -> Iterator[str]:
        """What is wrong with the keys; to be asked after all heads."""
        for name, public_key in self._stored.items():
            right = self._ours.get(name)
            if right is None and not self._names(public_key):
                yield (
                    f"head key {name}: is not in RECORD_KEY. If it is one that you replaced, name "
                    f"its fingerprint with --key: {fingerprint(public_key)}"
                )
            elif right is not None and right != public_key:
                yield f"head key {name}: is not the public key that RECORD_KEY has"
        for name, public_key in self._signers.items():
            if name not in self._stored:
                yield f"head key {name}: signed heads, and its row is missing"
            if self._named and name in self._ours and not self._names(public_key):
                yield f"heads are signed with another key, {fingerprint(public_key)}"

    def kept(self, published: Published, tree: Tree, size: int) -> Iterator[str]:
        """What speaks against the ledger having grown from the state somebody kept the head of.

        Args:
            published: what was kept.
            tree: the ledger's, with the root of that size.
            size: of the ledger's newest head.
        """
        head = published.head
        name = f"kept head {head.size}"
        public_key = self._ours.get(head.key_id)
        if public_key is None:
            known = published.key(head.key_id)
            if known is None or not self._names(known):
                yield (
                    f"{name}: is signed with {head.key_id}, which is not in RECORD_KEY. If it is "
                    "one that you replaced, name its fingerprint with --key"
                )
                return
            public_key = known
        if not verify(public_key, head.signature, head.message):
            yield f"{name}: its signature by {head.key_id} is wrong: it compares nothing"
        elif head.size > size:
            yield (
                f"{name}: the ledger has {size} entries: it was cut off, or an older copy restored"
            )
        elif (fault := tree.fault(head.size, head.root)) is not None:
            yield f"{name}: {fault}"

    def _names(self, public_key: bytes) -> bool:
        return not {public_key.hex(), fingerprint(public_key)}.isdisjoint(self._named)

    def _timestamp(self, size: int, token: bytes, signed: bytes) -> None:
        if not self._roots:
            timestamp.insist_about(token, signed)
            self.unchecked += 1
            return
        seen = timestamp.verify(token, signed, self._roots)
        self.timestamps += 1
        self.newest = size, seen.at
