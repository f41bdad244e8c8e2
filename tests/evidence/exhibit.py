"""A consent of the example company with everything that proves it, made without a database."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from consent import jsonld, merkle
from consent.head import message
from consent.notice import Notice
from consent.purpose import Purpose
from consent.receipt import (
    Clock,
    ConsentEvent,
    ConsentRecord,
    HeldRecord,
    Means,
    State,
    later_events,
)
from tests.runtime import sample_call
from voice_agent.audio import wav
from voice_agent.evidence.bundle import Bundle
from voice_agent.evidence.proof import SALT_BYTES, Proof
from voice_agent.keyring import KeyRing
from voice_agent.notices import load_notice

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PERSON = "00112233." + "cd" * 32
KEYS = KeyRing([b"r" * 32])
POSITION = 5
"""Of the acceptance, among ten entries; the withdrawal is the last."""


def sound(seed: int, samples: int = 400) -> bytes:
    """A WAV file of noise, 8 kHz."""
    noise = np.random.default_rng(seed).integers(-3000, 3000, samples, dtype=np.int16)
    return wav.write(noise, 8000)


@cache
def audio() -> dict[str, bytes]:
    """Recordings of the notice by their SHA-256."""
    files = (sound(1), sound(2))
    return {hashlib.sha256(file).hexdigest(): file for file in files}


@cache
def notice() -> Notice:
    """The example company's notice, with its recordings."""
    return replace(
        load_notice(sample_call.agent()), audio=dict(zip(("de", "en"), audio(), strict=True))
    )


def record(record_id: str = "r1", call_id: str = "CA1", principal: str = PERSON) -> ConsentRecord:
    """An acceptance of that notice."""
    return ConsentRecord(
        record_id=record_id,
        call_id=call_id,
        principal=principal,
        purposes=frozenset({Purpose.CONVERSATION}),
        notice_version=notice().version,
        language="de",
        heard="notice",
        heard_ms=48,
        heard_by=Clock.ELAPSED,
        key="1",
        requested_at=NOON - timedelta(seconds=15),
        given_at=NOON,
        software="0.1.0",
    )


def bundle(given: ConsentRecord | None = None) -> Bundle:
    """The proof of it, or of another acceptance: given, and withdrawn a minute later."""
    given = given or record()
    withdrawn = ConsentEvent(
        Purpose.CONVERSATION, State.WITHDRAWN, NOON + timedelta(minutes=1), Means.PORTAL
    )
    contents = {
        POSITION: b"a" * SALT_BYTES + given.canonical(),
        9: b"b" * SALT_BYTES + later_events(given.record_id, (withdrawn,)),
    }
    leaves = [
        merkle.leaf_hash(contents.get(position, b"another %d" % position)) for position in range(10)
    ]
    growth = merkle.append(0, (), leaves)
    nodes = {node.place: node.hash for node in growth.nodes}
    head = message(10, merkle.root(growth.frontier), NOON + timedelta(minutes=2))
    held = HeldRecord(given, POSITION, (withdrawn,))
    return Bundle(
        record_id=given.record_id,
        entries=tuple(
            Proof(
                position=position,
                kind=kind,
                opened=contents[position],
                path=merkle.inclusion_proof(position, 10, nodes),
            )
            for position, kind in ((POSITION, "given"), (9, "withdrawn"))
        ),
        head=head,
        signature=KEYS.sign(head),
        public_key=KEYS.public_key,
        notice=notice().canonical(),
        audio=audio(),
        receipt=jsonld.receipt(held, notice()),
    )
