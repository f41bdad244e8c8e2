"""Checks a bundle: arithmetic and signatures alone, on any machine (rules C13, C15)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from consent import jsonld, merkle
from consent.head import read_message
from consent.notice import Notice
from consent.receipt import Clock, ConsentEvent, ConsentRecord, HeldRecord, State, read_later_events
from voice_agent.audio import wav
from voice_agent.evidence import timestamp
from voice_agent.evidence.bundle import Bundle
from voice_agent.evidence.proof import SALT_BYTES, Proof, fingerprint
from voice_agent.keyring import verify

SKEW: Final = timedelta(minutes=5)
"""How far the clocks of two of the company's machines may be apart."""


@dataclass(slots=True)
class Findings:
    """What was found.

    Attributes:
        fingerprint: of the public key that the head is signed with; to be compared with what the
            company published.
        held: the record with its events, as far as it can be read.
        notice: the notice, if it is the one the record names.
        size: leaves of the proved tree, 0 if its head cannot be read.
        root: its root.
        signed_at: when its head was signed.
        timestamped_at: when the authority saw that head, if it did and that is right.
        authority: SHA-256, hex, of the certificate that says so.
        faults: what is wrong, a sentence each that names it; none, if all is right.
    """

    fingerprint: str
    held: HeldRecord | None = None
    notice: Notice | None = None
    size: int = 0
    root: bytes = b""
    signed_at: datetime | None = None
    timestamped_at: datetime | None = None
    authority: str | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """True if nothing is wrong."""
        return not self.faults


def check(
    bundle: Bundle, keys: Collection[str] = (), authorities: Collection[str] = ()
) -> Findings:
    """Check everything in a bundle; nothing of it is trusted and nothing raises.

    Args:
        bundle: what was read.
        keys: insist on one of these public keys, if there are any: their 32 bytes or their
            fingerprints, hex in lower case.
        authorities: insist on a timestamp by one of these, if there are any: the fingerprint of
            its certificate, hex in lower case.
    """
    found = Findings(fingerprint(bundle.public_key))
    if keys and {found.fingerprint, bundle.public_key.hex()}.isdisjoint(keys):
        found.faults.append(f"key.pem: is another key, with the fingerprint {found.fingerprint}")
    found.faults += _head(bundle, found)
    found.faults += _entries(bundle, found)
    found.faults += _notice(bundle, found)
    found.faults += _audio(bundle, found)
    found.faults += _consent(bundle, found)
    found.faults += _receipt(bundle, found)
    found.faults += _timestamp(bundle, found)
    if authorities and found.authority not in authorities:
        found.faults.append("timestamp.tsr: there is none by an authority that was named")
    return found


def _head(bundle: Bundle, found: Findings) -> Iterator[str]:
    if not verify(bundle.public_key, bundle.signature, bundle.head):
        yield "tree head: its signature by key.pem is wrong"
    try:
        found.size, found.root, found.signed_at = read_message(bundle.head)
    except ValueError as fault:
        yield f"tree head: {fault}"


def _entries(bundle: Bundle, found: Findings) -> Iterator[str]:
    record: ConsentRecord | None = None
    later: list[ConsentEvent] = []
    positions = [entry.position for entry in bundle.entries]
    if positions != sorted(positions) or len({each.kind for each in bundle.entries}) < len(
        positions
    ):
        yield f"record {bundle.record_id}: its entries are not in order, or one is there twice"
    for entry in bundle.entries:
        name = f"record {bundle.record_id}, entry {entry.position} ({entry.kind})"
        leaf = merkle.leaf_hash(entry.opened)
        if not merkle.verify_inclusion(leaf, entry.position, found.size, entry.path, found.root):
            yield f"{name}: is not in the tree of the head"
        try:
            if entry.kind == State.GIVEN:
                record = _given(entry, bundle.record_id)
            else:
                later += _later(entry, bundle.record_id)
        except ValueError as fault:
            yield f"{name}: {fault}"
    if record is None:
        yield f"record {bundle.record_id}: what was given is missing"
    else:
        found.held = HeldRecord(record, _position(bundle), tuple(later))


def _position(bundle: Bundle) -> int:
    return next(entry.position for entry in bundle.entries if entry.kind == State.GIVEN)


def _given(entry: Proof, record_id: str) -> ConsentRecord:
    record = ConsentRecord.parse(entry.opened[SALT_BYTES:])
    if record.record_id != record_id:
        raise ValueError("belongs to another record")
    return record


def _later(entry: Proof, record_id: str) -> tuple[ConsentEvent, ...]:
    named, events = read_later_events(entry.opened[SALT_BYTES:])
    if named != record_id:
        raise ValueError("belongs to another record")
    if not events or any(event.state != entry.kind for event in events):
        raise ValueError("says something else")
    return events


def _notice(bundle: Bundle, found: Findings) -> Iterator[str]:
    version = hashlib.sha256(bundle.notice).hexdigest()
    if found.held is None:
        return
    record = found.held.record
    if version != record.notice_version:
        yield f"notice {record.notice_version}: notice.json is another one"
        return
    try:
        found.notice = Notice.parse(bundle.notice)
    except ValueError as fault:
        yield f"notice {version}: {fault}"
        return
    if record.language not in found.notice.texts:
        yield f"notice {version}: lacks the language that was heard"


def _audio(bundle: Bundle, found: Findings) -> Iterator[str]:
    for name, recorded in bundle.audio.items():
        if hashlib.sha256(recorded).hexdigest() != name:
            yield f"notice audio {name}: is not what its name says"
    if found.notice is not None and set(bundle.audio) != set(found.notice.audio.values()):
        yield "notice audio: is not the recordings that the notice names"


def _consent(bundle: Bundle, found: Findings) -> Iterator[str]:
    """What a record must say so that it is a consent to this notice, before this head."""
    if found.held is None:
        return
    record = found.held.record
    name = f"record {bundle.record_id}"
    if found.signed_at is not None and record.given_at > found.signed_at + SKEW:
        yield f"{name}: was given after the head was signed"
    if found.notice is not None:
        for fault in disagreements(record, found.notice):
            yield f"{name}: {fault}"
    # Marks count everything that was said, the recording and what came after it.
    if found.notice is None or record.heard != "notice" or record.heard_by is not Clock.ELAPSED:
        return
    recorded = bundle.audio.get(found.notice.audio.get(record.language, ""))
    if recorded is None or record.heard_ms is None:
        return
    try:
        recording = wav.read(recorded)
    except wav.WavError:
        yield f"notice audio {found.notice.audio[record.language]}: cannot be read"
        return
    if (record.heard_ms - 1) * recording.rate > len(recording.samples) * 1000:
        yield f"{name}: says that more of the recording was heard than there is"


def disagreements(record: ConsentRecord, notice: Notice) -> Iterator[str]:
    """Why a record is no consent to its notice, a sentence each."""
    text = notice.texts.get(record.language)
    if text is not None and record.key != text.keys.get("accept"):
        yield "its key is not the one that the notice says accepts"
    if not record.purposes <= notice.purposes:
        yield "has a purpose that the notice does not name"
    if record.requested_at > record.given_at:
        yield "was given before it was asked for"


def _receipt(bundle: Bundle, found: Findings) -> Iterator[str]:
    if found.held is None or found.notice is None:
        return  # said above
    try:
        right = jsonld.receipt(found.held, found.notice) == bundle.receipt
    except (ValueError, KeyError, TypeError, AttributeError):  # of a notice that is strange
        right = False
    if not right:
        yield "receipt.jsonld: does not say what the record and its notice say"


def _timestamp(bundle: Bundle, found: Findings) -> Iterator[str]:
    if bundle.token is None:
        return
    try:
        timestamp.insist_about(bundle.token, bundle.head)
    except timestamp.TimestampWrong as fault:
        yield f"timestamp.tsr: {fault}"
        return
    if bundle.authority is None:
        return  # nothing is there to verify it with; its moment is not told
    try:
        roots = timestamp.read_roots(bundle.authority)
    except ValueError:
        yield "timestamp.pem: is no certificate"
        return
    if len(roots) != 1 or timestamp.written(roots[0]) != bundle.authority:
        yield "timestamp.pem: is not one certificate in its one form"
        return
    try:
        stamp = timestamp.verify(bundle.token, bundle.head, roots)
    except timestamp.TimestampWrong as fault:
        yield f"timestamp.tsr: {fault}"
        return
    found.timestamped_at, found.authority = stamp.at, timestamp.fingerprint(stamp.root)
