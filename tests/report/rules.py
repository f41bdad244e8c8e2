"""The consent rules, in a line each."""

from __future__ import annotations

import re
from typing import Final

RULES: Final = {
    1: "No stream before yes: the notice is played by the carrier, the stream follows the record",
    2: "In-stream gate: frames before the key are dropped undecoded and never surface",
    3: "Before consent the carrier is told nothing that records, transcribes or analyses",
    4: "A stream is authorised by a single-use token, valid 10 s, made after the commit",
    5: "Silence is not consent: two repetitions, then a human or goodbye",
    6: "Accepting and a human are offered together; declining reaches a human with one key",
    7: "That an AI speaks is the first thing said and cannot be configured away",
    8: "Keys 1, 0, 2, 3, 5, # and *; every key interrupts what is playing",
    9: "Layer 1 of the notice takes at most 20 s, measured on its audio; layer 2 by link and key",
    10: "Key 1 grants the conversation alone; a write without its purpose is refused and audited",
    11: "Consent holds for this call; a number revives none and reveals none",
    12: "The notice's version covers texts, audio, purposes, keys, recipients and terms",
    13: "The record says what was heard, how long, the key, when; it is proved byte for byte",
    14: "The record follows ISO/IEC TS 27560 and is exported as JSON-LD; refusals are counted",
    15: "Tamper-evident and erasable: a salted Merkle tree with signed heads",
    16: "Withdrawal by key, phrase or link stops everything within 500 ms and is recorded",
    17: "Numbers are kept as keyed pseudonyms only; where one is needed, sealed and deleted",
    18: "Live audio in memory only; logs and metrics hold nothing personal",
    19: "Retention is data, a row for each column, enforced by a job",
    20: "Access and erasure reach every store and the carrier; the proof stays, restricted",
    21: "The text message: key 2, a token in the fragment, exchanged once; the portal is safe",
    22: "Operators: without consent neither audio, text nor number is shown",
    23: "Nothing from customer records is said before identity is proved",
    24: "No emotion recognition, voiceprint or speaker identification",
    25: "Nothing automated with legal effect; a human is always reachable",
    26: "No outbound dial without a permit",
    27: "The outbound opener is neutral",
    28: "Key 8 puts a number on the do-not-call list",
    29: "The carrier processes in region IE1; another region needs a recorded override",
    30: "Egress is an allow-list from the configuration; the records are written from it",
}
"""Every rule by its number."""

NAME: Final = re.compile(r"test_c([0-9]{1,2})_")
"""How the name of a rule's test begins."""


def rule_of(test: str) -> int | None:
    """The rule a test's name carries, from its name or node identifier."""
    found = NAME.search(test.rpartition("::")[2])
    return int(found[1]) if found and int(found[1]) in RULES else None
