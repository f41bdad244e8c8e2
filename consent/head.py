"""A signed tree head: what the ledger was, said once and for all (rule C15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from consent.receipt import canonical, moment, parse, read_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeHead:
    """The state of the tree at one moment, with the signature under it.

    Attributes:
        size: number of leaves.
        root: root of the tree, 32 bytes.
        signed_at: when, timezone-aware; written in milliseconds.
        key_id: identifier of the public key.
        signature: Ed25519, 64 bytes, of ``message``.
    """

    size: int
    root: bytes
    signed_at: datetime
    key_id: str
    signature: bytes

    @property
    def message(self) -> bytes:
        """What is signed."""
        return message(self.size, self.root, self.signed_at)


def message(size: int, root: bytes, signed_at: datetime) -> bytes:
    """What is signed for a tree of this size with this root, in one form only."""
    return canonical(
        {
            "ledger": "voice-agent consent",
            "root": root.hex(),
            "signed_at": moment(signed_at),
            "size": size,
        }
    )


def read_message(content: bytes) -> tuple[int, bytes, datetime]:
    """Read what ``message`` wrote: size, root and when it was signed.

    Raises:
        ValueError: it is something else, or not in its one form.
    """
    fields = parse(content)
    try:
        size, root, signed_at = fields["size"], fields["root"], read_moment(fields["signed_at"])
        decoded = bytes.fromhex(root)
    except (KeyError, TypeError) as fault:
        raise ValueError("this is no tree head") from fault
    if type(size) is not int or message(size, decoded, signed_at) != content:
        raise ValueError("this tree head is not in its one form")
    return size, decoded, signed_at
