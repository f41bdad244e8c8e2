"""Whole calls over the carrier's protocol, with the real engines: what is *heard* is right."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.service.conftest import Hear
from tests.service.server import ROOT, Server
from voice_agent.agent_voices import THREADS
from voice_agent.audio import mulaw, wav
from voice_agent.models.store import ModelStore
from voice_agent.phone.caller import CallResult, SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.report import AgentSpoke, EndReason, Report, TurnMeasured
from voice_agent.phone.script import Listen, PressKey, Say, Stay, Step, conversation
from voice_agent.speech.spoken import speakable
from voice_agent.speech.voices import choose_voice

pytestmark = pytest.mark.integration


def utterance(path: Path) -> Say:
    """A caller's recorded sentence."""
    return Say(mulaw.encode(wav.read(path.read_bytes()).mono()), path.name)


class Call:
    """A finished call and everything it told."""

    def __init__(self, result: CallResult, reports: list[Report]) -> None:
        self.result = result
        self.reports = reports

    def heard(self) -> bytes:
        """Everything the caller heard, mu-law."""
        return self.result.recording.heard_between(0.0, self.result.ended.seconds)

    def answer(self, turn: int = 1) -> bytes:
        """What the caller heard in answer to a turn, mu-law."""
        seen = 0
        for report in self.reports:
            seen += isinstance(report, TurnMeasured)
            if seen == turn and isinstance(report, AgentSpoke):
                return self.result.recording.heard_between(report.at, report.at + report.seconds)
        raise AssertionError("the agent gave no answer")


async def ring(carrier: Carrier, steps: Iterable[Step]) -> Call:
    """Call and follow the script to its end."""
    reports: list[Report] = []
    return Call(await SimulatedCall(carrier, steps, tell=reports.append).run(), reports)


def rendered(text: str, language: str) -> bytes:
    """A sentence as the agent's voice says it: synthesis gives the same bytes every time."""
    voice = choose_voice(language, "auto", ModelStore(ROOT / "models"), threads=THREADS)
    return voice.speak(speakable(text, language))


async def test_a_german_caller_asks_for_opening_hours_and_hears_them(
    carrier: Carrier, recordings: Path, hear: Hear
) -> None:
    """Keypad consent, real recognition, real speech; the agent's audio is transcribed again."""
    call = await ring(carrier, conversation([utterance(recordings / "de18.wav")]))
    answer = rendered("Am Samstag haben wir von 9:00 bis 13:00 Uhr geöffnet.", "de")
    assert answer in call.heard()
    # Those very bytes are listened to, and more than once, each time a little later: the same
    # words of espeak-ng become another transcript, and now and then none, by some milliseconds;
    # "neun" is written down as "neuem", "dreizehn" as "19".
    quiet = mulaw.SILENCE * 160
    listened = [hear(mulaw.decode(quiet * frames + answer), "de").lower() for frames in range(1, 8)]
    hours = re.compile(r"\b(neun|neue[mnrs]|9)\b.*\b(dreizehn|13)\b")
    assert any(hours.search(heard) for heard in listened), listened
    assert call.result.ended.reason is EndReason.CALLER_HUNG_UP


async def test_a_german_caller_asks_when_the_workshop_is_open(
    carrier: Carrier, recordings: Path, hear: Hear
) -> None:
    """The plainest question there is, and both days of the answer."""
    call = await ring(carrier, conversation([utterance(recordings / "de17.wav")]))
    sentence = "Wir haben Montag bis Freitag von 8:00 bis 18:00 Uhr geöffnet"
    answer = rendered(sentence + " und am Samstag von 9:00 bis 13:00 Uhr.", "de")
    assert answer in call.heard()
    heard = hear(mulaw.decode(answer), "de").lower()
    assert re.search(r"\bmontag\b.*\bfreitag\b", heard), heard


@pytest.mark.parametrize("spoken", ["de26", "de27", "en18"])
async def test_c16_a_withdrawal_in_words_is_understood(
    carrier: Carrier, recordings: Path, spoken: str
) -> None:
    """Every recording in which a caller withdraws ends the listening; key 0 brings a human."""
    keys = ["5", "1"] if spoken.startswith("en") else ["1"]
    steps: list[Step] = [step for key in keys for step in (Listen(), PressKey(key))]
    steps += [Listen(), utterance(recordings / f"{spoken}.wav"), Listen(), PressKey("0"), Stay()]
    call = await ring(carrier, steps)
    line = {"de": "Ich höre nicht mehr zu.", "en": "I have stopped listening."}[spoken[:2]]
    assert rendered(line, spoken[:2]) in call.heard()
    assert call.result.handover == "+4930901829"


async def test_an_english_caller_asks_for_opening_hours_and_hears_them(
    carrier: Carrier, recordings: Path, hear: Hear
) -> None:
    """Key 5 for English, then the same."""
    call = await ring(carrier, conversation([utterance(recordings / "en14.wav")], ("5", "1")))
    heard = hear(mulaw.decode(call.answer()), "en").lower()
    assert "monday" in heard, heard
    assert any(word in heard for word in ("8", "eight")), heard
    assert any(word in heard for word in ("6", "six", "18")), heard


async def test_a_caller_who_asks_for_a_human_is_told_and_then_connected(
    carrier: Carrier, recordings: Path
) -> None:
    """The handover is heard before the carrier is told to dial."""
    steps: list[Step] = [
        *(Listen(), PressKey("1"), Listen(), utterance(recordings / "de21.wav"), Stay())
    ]
    call = await ring(carrier, steps)
    assert call.result.handover == "+4930901829"
    assert call.result.ended.reason is EndReason.HANDED_OVER
    assert rendered("Ich verbinde Sie jetzt mit einem Menschen.", "de") in call.heard()


async def test_goodbye_is_heard_to_its_last_word_before_the_agent_hangs_up(
    carrier: Carrier, recordings: Path
) -> None:
    """Not when it was sent: when its mark came back."""
    steps: list[Step] = [
        *(Listen(), PressKey("1"), Listen(), utterance(recordings / "de30.wav"), Stay())
    ]
    call = await ring(carrier, steps)
    assert call.result.ended.reason is EndReason.AGENT_HUNG_UP
    assert rendered("Auf Wiederhören.", "de") in call.heard()


async def test_key_star_ends_listening_and_key_0_then_brings_a_human(carrier: Carrier) -> None:
    """C16, on the real line."""
    steps: list[Step] = [
        Listen(),
        PressKey("1"),
        Listen(),
        PressKey("*"),
        Listen(),
        PressKey("0"),
        Stay(),
    ]
    call = await ring(carrier, steps)
    assert call.result.handover == "+4930901829"


async def test_a_caller_who_withdraws_in_words_is_not_heard_any_more(
    carrier: Carrier, server: Server, recordings: Path
) -> None:
    """The sentence itself is the last thing that is ever recognised in this call."""
    steps: list[Step] = [
        *conversation([utterance(recordings / "de27.wav")])[:-1],
        utterance(recordings / "de18.wav"),
        Stay(),
    ]
    before = server.metric("voice_agent_events_total", kind="recognitions")
    call = await ring(carrier, steps)
    after = server.metric("voice_agent_events_total", kind="recognitions")
    assert after - before <= 2  # the sentence, and perhaps a pause inside it
    assert call.result.ended.reason is EndReason.AGENT_HUNG_UP


async def test_a_caller_who_declines_is_connected_without_any_stream(
    carrier: Carrier, server: Server
) -> None:
    """C6: key 0 is a plain dial."""
    before = server.metric("voice_agent_events_total", kind="streams_accepted")
    call = await ring(carrier, [Listen(), PressKey("0"), Stay()])
    assert call.result.handover == "+4930901829"
    assert server.metric("voice_agent_events_total", kind="streams_accepted") == before
