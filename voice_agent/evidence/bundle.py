"""A bundle: one consent with everything that proves it, in a zip file a stranger can check.

Each file in it is in the form that common tools read: ``head.json`` is exactly what ``head.sig``
signs, ``notice.json`` and the recordings are named by their SHA-256, ``timestamp.tsr`` is what
``openssl ts`` reads. ``README.txt`` in it says how. Whoever changes the form of a file gives the
bundle another number and keeps reading the old ones: a proof outlives the program that made it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from consent import merkle
from consent.receipt import canonical, parse
from voice_agent.evidence.container import BundleRefused, pack, unpack
from voice_agent.evidence.proof import Proof

FORMAT: Final = "voice-agent proof 1"

NEEDED: Final = (
    "proof.json",
    "head.json",
    "head.sig",
    "key.pem",
    "notice.json",
    "receipt.jsonld",
)

KINDS: Final = ("given", "withdrawn", "expired")

_RECORD_ID: Final = re.compile(r"[0-9A-Za-z._-]{1,64}")
_LONGEST_PATH: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The content of a bundle. Whether it is right is another question: see ``checking``.

    Attributes:
        record_id: which record is proved.
        entries: the record's ledger entries, in the order written.
        head: what was signed, ``consent.head.message``.
        signature: Ed25519.
        public_key: Ed25519, 32 bytes.
        notice: ``Notice.canonical`` of the notice heard.
        audio: WAV files by the SHA-256, hex, that they are named by.
        receipt: the receipt as JSON-LD, ``consent.jsonld.receipt``.
        token: answer of the timestamping authority about the head, if there is one.
        authority: the certificate that answer is verified with, PEM.
    """

    record_id: str
    entries: tuple[Proof, ...]
    head: bytes
    signature: bytes
    public_key: bytes
    notice: bytes
    audio: Mapping[str, bytes]
    receipt: bytes
    token: bytes | None = None
    authority: bytes | None = None


def write(bundle: Bundle) -> bytes:
    """The bundle as a zip file; the same bytes for the same bundle."""
    return pack(dict(_members(bundle)))


def read(data: bytes) -> Bundle:
    """Read what ``write`` wrote, or somebody says it did.

    Raises:
        BundleRefused: it cannot be read as a bundle; the message names the file in it.
    """
    files = unpack(data)
    missing = next((name for name in NEEDED if name not in files), None)
    if missing is not None:
        raise BundleRefused(f"{missing}: is missing")
    record_id, entries = _read_proof(files)
    if ("timestamp.tsr" in files) != ("timestamp.pem" in files):
        raise BundleRefused("timestamp.tsr, timestamp.pem: one of them is missing")
    return Bundle(
        record_id=record_id,
        entries=entries,
        head=files["head.json"],
        signature=files["head.sig"],
        public_key=_read_key(files["key.pem"]),
        notice=files["notice.json"],
        audio={
            name[len("audio/") : -len(".wav")]: content
            for name, content in files.items()
            if name.startswith("audio/")
        },
        receipt=files["receipt.jsonld"],
        token=files.get("timestamp.tsr"),
        authority=files.get("timestamp.pem"),
    )


def _members(bundle: Bundle) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", (resources.files("voice_agent.evidence") / "README.txt").read_bytes()
    yield "proof.json", _proof(bundle)
    yield "head.json", bundle.head
    yield "head.sig", bundle.signature
    yield "key.pem", _key(bundle.public_key)
    for entry in bundle.entries:
        yield f"entries/{entry.position}.bin", entry.opened
    yield "notice.json", bundle.notice
    for name, wav in sorted(bundle.audio.items()):
        yield f"audio/{name}.wav", wav
    yield "receipt.jsonld", bundle.receipt
    if bundle.token is not None and bundle.authority is not None:
        yield "timestamp.tsr", bundle.token
        yield "timestamp.pem", bundle.authority


def _proof(bundle: Bundle) -> bytes:
    entries = [
        {
            "position": entry.position,
            "kind": entry.kind,
            "path": [step.hex() for step in entry.path],
        }
        for entry in bundle.entries
    ]
    return canonical({"format": FORMAT, "record_id": bundle.record_id, "entries": entries})


def _read_proof(files: Mapping[str, bytes]) -> tuple[str, tuple[Proof, ...]]:
    content = files["proof.json"]
    try:
        fields = parse(content)
        same = canonical(fields) == content
    except ValueError:
        raise BundleRefused("proof.json: is not JSON") from None
    if fields.get("format") != FORMAT:
        raise BundleRefused(f"proof.json: format: this program reads {FORMAT!r} alone")
    record_id, entries = fields.get("record_id"), fields.get("entries")
    if not same or set(fields) != {"format", "record_id", "entries"}:
        raise BundleRefused("proof.json: is not in its one form")
    if not isinstance(record_id, str) or not _RECORD_ID.fullmatch(record_id):
        raise BundleRefused("proof.json: record_id: is none")
    if not isinstance(entries, list) or not 0 < len(entries) <= len(KINDS):
        raise BundleRefused("proof.json: entries: is not what a record has of them")
    proofs = tuple(_read_entry(fields, files) for fields in entries)
    named = {f"entries/{proof.position}.bin" for proof in proofs}
    if {name for name in files if name.startswith("entries/")} != named or len(named) < len(proofs):
        raise BundleRefused("proof.json: entries: are not the ones in entries/")
    return record_id, proofs


def _read_entry(fields: Any, files: Mapping[str, bytes]) -> Proof:
    if not isinstance(fields, dict) or set(fields) != {"position", "kind", "path"}:
        raise BundleRefused("proof.json: entries: one is none")
    position, kind, path = fields["position"], fields["kind"], fields["path"]
    if type(position) is not int or not 0 <= position < merkle.MAX_SIZE:
        raise BundleRefused("proof.json: position: is none")
    if kind not in KINDS:
        raise BundleRefused("proof.json: kind: is none")
    if not isinstance(path, list) or len(path) > _LONGEST_PATH:
        raise BundleRefused("proof.json: path: is none")
    opened = files.get(f"entries/{position}.bin")
    if opened is None:
        raise BundleRefused(f"entries/{position}.bin: is missing")
    return Proof(
        position=position, kind=kind, opened=opened, path=tuple(_read_hash(each) for each in path)
    )


def _read_hash(text: Any) -> bytes:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9a-f]{64}", text):
        raise BundleRefused("proof.json: path: holds something that is no hash")
    return bytes.fromhex(text)


def _key(public_key: bytes) -> bytes:
    key = Ed25519PublicKey.from_public_bytes(public_key)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _read_key(pem: bytes) -> bytes:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BundleRefused("key.pem: is no public key") from None
    if not isinstance(key, Ed25519PublicKey) or _key(key.public_bytes_raw()) != pem:
        raise BundleRefused("key.pem: is no Ed25519 key in its one form")
    return key.public_bytes_raw()
