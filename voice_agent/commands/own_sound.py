"""Sound that whoever types a command has on this machine, made fit for the recogniser's door."""

from __future__ import annotations

import uuid

from consent.gate import ConsentGate
from consent.purpose import Purpose
from consent.receipt import Receipt
from consent.sealed import Consented
from voice_agent.audio.frame import TELEPHONE_RATE, Utterance
from voice_agent.errors import EngineError


def own_gate() -> ConsentGate:
    """A gate that is open for one's own sound.

    No caller is on a line here and no notice was played, so there is no record in any ledger. The
    person who hands us their own file, or rings their own server, decides about it; the receipt
    says just that and is valid for this one stretch of sound. Calls never come this way: theirs is
    a ledger's receipt.
    """
    own = f"own-sound-{uuid.uuid4()}"
    gate = ConsentGate(own)
    gate.open(Receipt(own, own, frozenset({Purpose.CONVERSATION})))
    return gate


def own_sound(mulaw: bytes) -> Consented[Utterance]:
    """Seal one's own sound; see ``own_gate``.

    Args:
        mulaw: G.711 mu-law, 8 kHz, mono. Nobody judged what of it is speech: all of it may be.

    Raises:
        EngineError: the gate did not open; it always does.
    """
    sealed = own_gate().admit(Utterance(mulaw, speech_ms=len(mulaw) * 1000 // TELEPHONE_RATE))
    if sealed is None:
        raise EngineError("the gate of one's own sound is open until its end")
    return sealed
