"""Two speak at once, over the carrier's protocol and with the real engines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.bench.overlap import cough
from tests.service.test_calls import rendered, ring, utterance
from voice_agent.audio import mulaw
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.report import EndReason
from voice_agent.phone.script import HangUp, Listen, PressKey, Say, Stay, Step, Wait

pytestmark = pytest.mark.integration

LAST = "Sonntags ist geschlossen."


def answering(recordings: Path) -> list[Step]:
    """The caller asks for the opening hours, and waits until the agent is in mid answer."""
    return [Listen(), PressKey("1"), Listen(), utterance(recordings / "de17.wav"), Wait(3.0)]


async def test_a_caller_who_speaks_over_the_answer_ends_it(
    carrier: Carrier, recordings: Path
) -> None:
    call = await ring(carrier, [*answering(recordings), utterance(recordings / "de30.wav"), Stay()])
    assert call.result.ended.reason is EndReason.AGENT_HUNG_UP
    assert rendered(LAST, "de") not in call.heard()
    assert rendered("Auf Wiederhören.", "de") in call.heard()


async def test_a_caller_who_coughs_over_the_answer_hears_it_to_its_end(
    carrier: Carrier, recordings: Path
) -> None:
    sound = mulaw.encode(np.clip(cough("service"), -32000, 32000).astype(np.int16))
    steps = [*answering(recordings), Say(sound, "cough"), Listen(quiet=1.5), HangUp()]
    call = await ring(carrier, steps)
    assert rendered(LAST, "de") in call.heard()
