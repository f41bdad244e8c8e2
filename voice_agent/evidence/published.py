"""What ``GET /privacy/ledger`` publishes: written there, kept anywhere, compared later (C15)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from consent import merkle
from consent.head import TreeHead
from consent.receipt import moment, parse, read_moment
from voice_agent.errors import VoiceAgentError
from voice_agent.evidence.proof import PublicKey, SignedHead, fingerprint
from voice_agent.keyring import verify

MOST_BYTES: Final = 2**20
"""Of a file that is read; a published head has a few hundred."""

_MOST_KEYS: Final = 1000
_KEY_ID: Final = re.compile(r"[0-9a-f]{1,16}")


class PublishedRefused(VoiceAgentError):
    """This is nothing that the ledger published; the message says why."""

    code = "published_refused"


class NoSuchTree(VoiceAgentError):
    """The ledger has not so many entries: that was no size of it, or it was cut off."""

    code = "no_such_tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A head as it was published.

    Attributes:
        head: the newest head of that moment.
        keys: the keys that were published with it. Who kept the file believes them; whoever is
            given one compares their fingerprints.
        grown_from: the size from which the proof leads; ``None`` if none was asked for.
        proof: the consistency proof (RFC 9162, section 2.1.4) from there to the head.
    """

    head: TreeHead
    keys: tuple[PublicKey, ...]
    grown_from: int | None = None
    proof: tuple[bytes, ...] = ()

    def key(self, key_id: str) -> bytes | None:
        """The published key of this identifier, 32 bytes."""
        return next((key.public_key for key in self.keys if key.key_id == key_id), None)

    @property
    def signer(self) -> bytes | None:
        """The published key that the head is signed with, if it is."""
        key = self.key(self.head.key_id)
        right = key is not None and verify(key, self.head.signature, self.head.message)
        return key if right else None


def as_fields(
    signed: SignedHead | None,
    keys: Sequence[PublicKey],
    growth: tuple[int, Sequence[bytes]] | None = None,
) -> dict[str, Any]:
    """What is published, as JSON has it.

    Args:
        signed: the newest head, ``None`` while the ledger is empty.
        keys: every key that heads were signed with.
        growth: a smaller size and the consistency proof from there, where that was asked for.
    """
    fields: dict[str, Any] = {
        "head": None if signed is None else _head(signed.head),
        "keys": [
            {
                "key_id": key.key_id,
                "public_key": key.public_key.hex(),
                "fingerprint": fingerprint(key.public_key),
            }
            for key in keys
        ],
    }
    if growth is not None:
        first, proof = growth
        fields["consistency"] = {"from": first, "proof": [step.hex() for step in proof]}
    return fields


def read(content: bytes) -> Published:
    """Read what was published, or somebody says it was.

    Raises:
        PublishedRefused: it is something else, or of an empty ledger.
    """
    if len(content) > MOST_BYTES:
        raise PublishedRefused("it is larger than anything that is published")
    try:
        fields = parse(content)
        if fields["head"] is None:
            raise PublishedRefused("it holds no head: the ledger was empty")
        keys = fields["keys"]
        if not isinstance(keys, list) or len(keys) > _MOST_KEYS:
            raise PublishedRefused("its keys are none")
        growth = fields.get("consistency")
        grown_from, proof = (None, ()) if growth is None else _read_growth(growth)
        return Published(
            head=_read_head(fields["head"]),
            keys=tuple(
                PublicKey(key_id=_key_id(key["key_id"]), public_key=_hex(key["public_key"], 32))
                for key in keys
            ),
            grown_from=grown_from,
            proof=proof,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise PublishedRefused("it is not what GET /privacy/ledger answers") from fault


def differences(old: Published, new: Published, named: Collection[str] = ()) -> Iterator[str]:
    """What speaks against the newer state having grown from the older one, a sentence each.

    Args:
        old: what was kept; its keys are believed.
        new: what was published later, with the proof from the older one's size.
        named: public keys or fingerprints, hex in lower case. If there are any both heads must be
            signed with one of them; else the newer one with a key that the older file has.
    """
    for name, each in (("older", old), ("newer", new)):
        key = each.signer
        if key is None:
            yield f"the {name} head: its signature by {each.head.key_id} is wrong"
            continue
        names = {key.hex(), fingerprint(key)}
        if named and names.isdisjoint(named):
            yield f"the {name} head: is signed with another key, {fingerprint(key)}"
        elif not named and key not in {known.public_key for known in old.keys}:
            yield (
                f"the {name} head: is signed with a key that the older file does not have. If the "
                f"company has published its fingerprint, name both with --key: {fingerprint(key)}"
            )
    first, second = old.head, new.head
    if second.size < first.size:
        yield (
            f"the newer head has {second.size} entries, the older one {first.size}: the ledger "
            "was cut off, or an older copy restored"
        )
        return
    if second.size > first.size and new.grown_from != first.size:
        yield f"the newer file has no proof from {first.size} entries; ask for ?from={first.size}"
        return
    proof = new.proof if new.grown_from == first.size else ()
    if not merkle.verify_consistency(first.size, second.size, first.root, second.root, proof):
        yield "the newer state has not grown from the older one: the ledger was written anew"


def _head(head: TreeHead) -> dict[str, Any]:
    return {
        "size": head.size,
        "root": head.root.hex(),
        "signed_at": moment(head.signed_at),
        "key_id": head.key_id,
        "signature": head.signature.hex(),
    }


def _read_head(fields: Any) -> TreeHead:
    signed_at = read_moment(fields["signed_at"])
    if moment(signed_at) != fields["signed_at"]:
        raise ValueError("the moment is not in its one form")
    return TreeHead(
        size=_size(fields["size"]),
        root=_hex(fields["root"], merkle.HASH_BYTES),
        signed_at=signed_at,
        key_id=_key_id(fields["key_id"]),
        signature=_hex(fields["signature"], 64),
    )


def _read_growth(fields: Any) -> tuple[int, tuple[bytes, ...]]:
    proof = fields["proof"]
    if not isinstance(proof, list) or len(proof) > merkle.MAX_SIZE.bit_length() + 1:
        raise ValueError("no proof is so long")
    return _size(fields["from"]), tuple(_hex(step, merkle.HASH_BYTES) for step in proof)


def _size(number: Any) -> int:
    if type(number) is not int or not 0 <= number <= merkle.MAX_SIZE:
        raise ValueError("no tree has so many leaves")
    return number


def _hex(text: Any, length: int) -> bytes:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9a-f]+", text):
        raise ValueError("this is not hex")
    content = bytes.fromhex(text)
    if len(content) != length:
        raise ValueError("this has another length")
    return content


def _key_id(text: Any) -> str:
    if not isinstance(text, str) or not _KEY_ID.fullmatch(text):
        raise ValueError("this is no identifier of a key")
    return text
