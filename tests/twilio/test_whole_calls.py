"""Promises about calls as a whole."""

from __future__ import annotations

import asyncio
import io
import random
from pathlib import Path

import pytest

from tests.runtime import sample_call
from tests.runtime.engines import OneSentence
from tests.twilio.carrier import CALLER, Carrier, conversing, obeyed, reached, streaming
from tests.twilio.house import House, serving
from voice_agent.call.phase import Phase
from voice_agent.live.observation import CallerSaid, Observation, PhaseChanged
from voice_agent.twilio.twiml import Document, verbs

CALLS = 1_000


@pytest.mark.integration
async def test_c1_a_thousand_calls_that_never_press_1_open_no_stream_and_reach_no_recogniser(
    house: House,
) -> None:
    """Silence, and every key but 1, in every order; through the real application."""
    chance = random.Random(2026)  # noqa: S311 (the same thousand calls every time)
    documents: list[Document] = []

    async def call() -> None:
        async with Carrier(house) as carrier:
            await carrier.ring()
            while "Gather" in carrier.verbs:
                key = chance.choice("02345678 9#*        ")
                await (carrier.wait() if key == " " else carrier.press(key))
            if "Dial" in carrier.verbs:
                await carrier.dialled(chance.choice(("completed", "no-answer")))
            documents.extend(carrier.documents)

    for _ in range(CALLS // 20):
        await asyncio.gather(*(call() for _ in range(20)))
    assert house.metrics.counted("calls_received") == CALLS
    assert house.metrics.counted("streams_accepted") == 0
    assert house.metrics.counted("recognitions") == 0
    assert house.metrics.counted("consent_given") == 0
    assert house.ear.heard == []
    assert len(documents) > 3 * CALLS
    assert {verb for document in documents for verb in verbs(document)} == {
        "Gather",
        "Play",
        "Redirect",
        "Dial",
        "Hangup",
    }


def everything(directory: Path) -> bytes:
    """All files below a directory, one after the other."""
    return b"".join(each.read_bytes() for each in directory.rglob("*") if each.is_file())


@pytest.mark.integration
async def test_c18_a_whole_call_leaves_no_number_name_or_word_in_log_metrics_or_files(
    tmp_path: Path, logged: io.StringIO
) -> None:
    """What the caller said and who they are; grepped for in everything that is written."""
    word = "Kanarienvogel"
    ear = OneSentence(f"Mein Name ist {word}, wann haben Sie geöffnet?")
    async with serving(tmp_path, ear=ear) as house:
        async with conversing(house) as client:
            await client.heard()
            await client.speak(sample_call.question())
            await client.until(lambda _: bool(ear.heard))
            await client.socket.send(f"{word} is no JSON {CALLER}")
            await obeyed(house, client, "2")
            await obeyed(house, client, "*")
            await client.stop()
            await client.closed()
        await house.quiet()
        written = logged.getvalue() + house.metrics.exposition().decode()
        files = everything(tmp_path)
    assert "unreadable_message" in written  # something was logged
    for canary in (word, CALLER, CALLER[1:], "CANARY"):
        assert canary not in written
        assert canary.encode() not in files


@pytest.mark.integration
async def test_c22_an_onlooker_sees_neither_words_nor_number_before_consent_and_after_withdrawal(
    tmp_path: Path,
) -> None:
    """What happens is shown; what is said, and who says it, only while the consent holds."""
    word = "Kanarienvogel"
    seen: list[Observation] = []
    async with serving(tmp_path, in_stream=True, ear=OneSentence(word)) as house:
        async with Carrier(house) as carrier:
            await carrier.ring()
            with house.hub.subscribe(carrier.call_id) as onlooker:
                async with streaming(house, carrier.call_id) as client:
                    await client.connected()
                    await client.start(**carrier.parameters)
                    await client.speak(sample_call.question())
                    await obeyed(house, client, "#")
                    await client.speak(sample_call.question())
                    await obeyed(house, client, "1")
                    await reached(house, client, Phase.CONVERSING)
                    await obeyed(house, client, "*")
                    await client.speak(sample_call.question())
                    await client.stop()
                    await client.closed()
                await house.quiet()
                seen += [each async for each in onlooker]
        assert house.ear.heard == []
    assert PhaseChanged(Phase.WITHDRAWN) in seen
    assert not any(isinstance(each, CallerSaid) for each in seen)
    shown = "".join(map(str, seen))
    for canary in (word, CALLER, CALLER[1:]):
        assert canary not in shown


# -- privacy ---------------------------------------------------------------------------------------


async def test_c18_neither_number_nor_name_is_in_any_address_log_or_metric(
    carrier: Carrier, logged: io.StringIO
) -> None:
    await carrier.ring()
    for key in "2#*359":
        await carrier.press(key)
    await carrier.press("1")
    await carrier.stream_ended()
    await carrier.post("/twilio/status/message", ErrorCode="30006", To=CALLER)
    await carrier._client.post("/twilio/voice", data=carrier.form())
    outside = logged.getvalue() + carrier.house.metrics.exposition().decode()
    addresses = "".join(carrier.plays) + "".join(
        part for document in carrier.documents for part in document.split('"') if "//" in part
    )
    for canary in (CALLER, CALLER[1:], "CANARY"):
        assert canary not in outside
        assert canary not in addresses
    assert "signature_refused" in outside
