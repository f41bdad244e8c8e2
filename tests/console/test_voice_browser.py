"""An operator's voice from a real browser into a call, and the caller's back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.console.voice_house import VoiceHouse, microphone, voice_house
from tests.service.conftest import Hear
from voice_agent.audio import mulaw, wav
from voice_agent.audio.mulaw import SILENCE
from voice_agent.live.ports import Side
from voice_agent.live.redis import RedisLive

pytestmark = pytest.mark.integration

RECORDINGS = Path(__file__).parents[1] / "recordings"
QUIET = SILENCE * 160


def recording(name: str) -> NDArray[np.int16]:
    return wav.read((RECORDINGS / f"{name}.wav").read_bytes()).mono()


def tone(seconds: float, hertz: float = 700.0) -> NDArray[np.int16]:
    time = np.arange(round(seconds * 8000)) / 8000
    return np.round(12_000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[VoiceHouse]:
    """A microphone that hears a sentence after a second."""
    heard = microphone(tmp_path / "heard.wav", recording("en16"))
    async with voice_house(heard) as house:
        yield house


async def play(house: VoiceHouse, samples: NDArray[np.int16], side: Side = Side.CALLER) -> None:
    """Send a voice to the pages in real time."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    encoded = mulaw.encode(samples)
    for start in range(0, len(encoded), 160):
        await house.room.live.speak(house.room.snapshot.call, side, encoded[start : start + 160])
        await asyncio.sleep(max(0.0, began + start / 8000 - loop.time()))


async def test_what_an_operator_says_arrives_word_for_word(house: VoiceHouse, hear: Hear) -> None:
    """From a file, through the browser's microphone, its own processing, and the socket."""
    await house.open_voice()
    await asyncio.sleep(5)
    said = mulaw.decode(b"".join(house.room.spoken))
    assert {len(frame) for frame in house.room.spoken} == {160}
    assert "speak to a human being" in hear(said, "en")
    seen = await house.seen()
    assert seen["input"] > 0.1
    assert seen["errors"] == []


async def test_between_two_workers_the_voices_go_through_redis(
    tmp_path: Path, redis_url: str
) -> None:
    heard = microphone(tmp_path / "heard.wav", tone(2.0))
    async with voice_house(heard, connect=partial(RedisLive, redis_url)) as house:
        await house.open_voice()
        await house.until("seen.states.length > 0")
        await play(house, tone(3.0))
        await house.until("seen.output > 0.3")
        assert max(np.abs(mulaw.decode(frame)).max() for frame in house.room.spoken) > 3000
        await house.room.show(control="holding")
        await house.until("seen.states.at(-1).control === 'holding'")
        await asyncio.sleep(0.5)
        await house.page.evaluate("seen.output = 0")
        await play(house, tone(1.0))
        assert (await house.seen())["output"] < 0.01


async def test_the_caller_is_played_and_nobody_else(house: VoiceHouse) -> None:
    """The operator does not hear themselves, and silence before anybody speaks."""
    await house.open_voice()
    await house.until("seen.states.length > 0")
    await play(house, tone(0.5), Side.OPERATOR)
    assert (await house.seen())["output"] < 0.01
    await play(house, tone(1.0))
    await house.until("seen.output > 0.3")


async def test_a_listener_hears_both_sides(house: VoiceHouse) -> None:
    await house.sign_in("bert")
    await house.open_voice(listen=True)
    await house.until("seen.listens.includes('done')")
    await play(house, tone(0.5), Side.OPERATOR)
    await house.until("seen.output > 0.3")
    await house.page.evaluate("seen.output = 0")
    # Not the same tone twice: a moment apart, two of one pitch cancel each other out.
    other = tone(0.5, hertz=900.0)
    await asyncio.gather(play(house, tone(0.5), Side.OPERATOR), play(house, other))
    await house.until("seen.output > 0.6")
    assert house.room.spoken  # what the test itself said
    assert set(house.room.spoken) <= set(_frames(tone(0.5)))


def _frames(samples: NDArray[np.int16]) -> list[bytes]:
    encoded = mulaw.encode(samples)
    return [encoded[start : start + 160] for start in range(0, len(encoded), 160)]


async def test_who_is_muted_sends_silence_and_stays_there(house: VoiceHouse) -> None:
    await house.open_voice()
    await house.page.evaluate("voice.mute(true)")
    await asyncio.sleep(0.3)
    house.room.spoken.clear()
    await asyncio.sleep(4)
    assert len(house.room.spoken) > 50
    assert set(house.room.spoken) == {QUIET}
    assert house.room.commands == []


async def test_without_a_microphone_an_operator_hears_and_is_told(house: VoiceHouse) -> None:
    refuse = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no'))"
    await house.page.add_init_script(refuse)
    await house.open_voice()
    await house.until("seen.errors.includes('no_microphone')")
    await house.until("seen.states.length > 0")
    await play(house, tone(1.0))
    await house.until("seen.output > 0.3")
    assert set(house.room.spoken) == {QUIET}


async def test_a_page_whose_sound_sleeps_is_there_all_the_same(house: VoiceHouse) -> None:
    """As after a reload, before anybody has touched the page; the first touch wakes it."""
    sleep = """
        const Awake = AudioContext;
        window.AudioContext = class extends Awake {
            constructor(options) { super(options); this.suspend(); }
            resume() { return window.touched && super.resume(); }
        };
        addEventListener("pointerdown", () => { window.touched = true; }, true);"""
    await house.page.add_init_script(sleep)
    await house.open_voice()
    await house.until("seen.errors.includes('silent')")
    await asyncio.sleep(6)
    assert (await house.seen())["levels"] == 0
    assert house.room.commands == []
    await house.page.mouse.click(10, 10)
    await house.until("seen.levels > 0")


async def test_a_page_that_is_loaded_anew_in_mid_takeover_goes_on(house: VoiceHouse) -> None:
    await house.open_voice()
    await house.until("seen.states.length > 0")
    await house.open_voice()
    await house.until("seen.states.length > 0")
    house.room.spoken.clear()
    await asyncio.sleep(6)
    assert len(house.room.spoken) > 50
    assert house.room.commands == []


async def test_a_second_page_takes_the_voice_and_the_first_lets_go(house: VoiceHouse) -> None:
    await house.open_voice()
    await house.until("seen.states.length > 0")
    second = VoiceHouse(house.room, await house.page.context.new_page(), house.url, house.server)
    await second.open_voice()
    await house.until("seen.errors.includes('replaced')")
    await asyncio.sleep(1)
    assert (await second.seen())["errors"] == []


async def test_a_line_that_breaks_is_opened_again(house: VoiceHouse) -> None:
    """Every connection of the server is cut, as a proxy would that starts anew."""
    await house.open_voice()
    await house.until("seen.states.length > 0")
    for connection in list(house.server.server_state.connections):
        connection.transport.abort()
    await house.until("seen.errors.includes('interrupted')")
    await house.until("seen.states.length > 1")
    house.room.spoken.clear()
    await asyncio.sleep(6)
    assert len(house.room.spoken) > 50
    assert house.room.commands == []


async def test_who_is_signed_out_is_told_and_the_microphone_goes_out(house: VoiceHouse) -> None:
    await house.open_voice()
    await house.until("seen.states.length > 0")
    house.room.guard.signed_in.clear()
    await house.until("seen.errors.includes('refused')")
    house.room.spoken.clear()
    await asyncio.sleep(0.5)
    assert house.room.spoken == []


async def test_another_sites_page_gets_no_voice(house: VoiceHouse) -> None:
    house.room.guard.origin = "https://console.test"
    await house.open_voice()
    await house.until("seen.errors.includes('interrupted')")
    assert (await house.seen())["states"] == []
    assert house.room.spoken == []


async def test_the_end_of_the_call_ends_the_voice(house: VoiceHouse) -> None:
    await house.open_voice()
    await house.until("seen.states.length > 0")
    await house.room.end()
    await house.until("seen.states.at(-1).type === 'over'")
    assert (await house.seen())["errors"] == []
