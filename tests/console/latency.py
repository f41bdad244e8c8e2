"""How long a voice takes: ``python -m tests.console.latency [SECONDS [REDIS_URL]]``.

From where the microphone's sound enters the page's audio graph to the live store, and from the live
store to where the page's sound leaves its audio graph; a sound card adds its own.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.console.browser_page import CALL
from tests.console.voice_house import VoiceHouse, voice_house
from voice_agent.audio import mulaw, wav
from voice_agent.live.ports import Side
from voice_agent.live.redis import RedisLive

LOUD = 0.05
BEEP_S = 0.1
EVERY_S = 1.0

EAR = """
registerProcessor("ear", class extends AudioWorkletProcessor {
    quiet = 0;
    process([[input]]) {
        const loud = input?.findIndex((value) => Math.abs(value) > 0.05) ?? -1;
        if (loud < 0) this.quiet += 128 / sampleRate;
        else {
            if (this.quiet > 0.3) this.port.postMessage(currentTime + loud / sampleRate);
            this.quiet = 0;
        }
        return true;
    }
});
"""

# Whatever is joined to the voice's node, or the node to the speaker, is heard by an ear as well.
EARS = """
window.heard = { microphone: [], speaker: [] };
const connect = AudioNode.prototype.connect;
const listen = async (node, times) => {
    const { context } = node;
    await context.audioWorklet.addModule("/console/static/ear.js");
    const ear = new AudioWorkletNode(context, "ear");
    ear.port.onmessage = ({ data }) =>
        times.push((Date.now() / 1000) - (context.currentTime - data));
    connect.call(node, ear);
    connect.call(ear, context.destination);
};
AudioNode.prototype.connect = function (target, ...more) {
    if (this instanceof MediaStreamAudioSourceNode) listen(this, heard.microphone);
    if (target instanceof AudioDestinationNode) listen(this, heard.speaker);
    return connect.call(this, target, ...more);
};
"""


def beeps() -> NDArray[np.int16]:
    """One second: a beep, then silence."""
    samples = np.zeros(8000)
    beep = np.arange(round(8000 * BEEP_S)) / 8000
    samples[: beep.size] = 12_000 * np.sin(2 * np.pi * 700 * beep)
    return np.round(samples).astype(np.int16)


async def measure(seconds: int, redis_url: str) -> dict[str, list[float]]:
    """Let both sides beep once a second; the latencies of each direction, seconds.

    Args:
        seconds: how long.
        redis_url: the live store; in memory if empty.
    """
    connect = partial(RedisLive, redis_url) if redis_url else None
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "beeps.wav"
        path.write_bytes(wav.write(np.tile(beeps(), seconds + 10), 8000))
        async with voice_house(path, {"ear.js": EAR.encode()}, connect) as house:
            return await _measure(house, seconds)


async def _measure(house: VoiceHouse, seconds: int) -> dict[str, list[float]]:
    await house.page.add_init_script(EARS)
    await house.open_voice()
    arrived: list[float] = []
    listening = asyncio.create_task(_arrivals(house, arrived))
    sent = await _speak(house, seconds)
    listening.cancel()
    heard = await house.page.evaluate("heard")
    return {
        "microphone to live store": _pairs(heard["microphone"], arrived),
        "live store to speaker": _pairs(sent, heard["speaker"]),
    }


async def _arrivals(house: VoiceHouse, arrived: list[float]) -> None:
    quiet = 0.0
    async with house.room.live.voice(CALL, Side.OPERATOR) as frames:
        async for frame in frames:
            if np.abs(mulaw.decode(frame)).max() < LOUD * 32768:
                quiet += len(frame) / 8000
            else:
                if quiet > 0.3:
                    arrived.append(time.time())
                quiet = 0.0


async def _speak(house: VoiceHouse, seconds: int) -> list[float]:
    encoded = mulaw.encode(beeps())
    loop = asyncio.get_running_loop()
    began = loop.time()
    sent = []
    for index in range(seconds * 50):
        start = index % 50 * 160
        await asyncio.sleep(max(0.0, began + index * 0.02 - loop.time()))
        if start == 0:
            sent.append(time.time())
        await house.room.live.speak(CALL, Side.CALLER, encoded[start : start + 160])
    await asyncio.sleep(0.5)
    return sent


def _pairs(causes: list[float], effects: list[float]) -> list[float]:
    """What lies between each cause and what followed within the second."""
    found = []
    for cause in causes:
        after = [each - cause for each in effects if 0 <= each - cause < EVERY_S * 0.8]
        found.extend(after[:1])
    return found


def main() -> None:
    """Measure and print."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    redis_url = sys.argv[2] if len(sys.argv) > 2 else ""
    for name, latencies in asyncio.run(measure(seconds, redis_url)).items():
        middle, high = np.percentile(latencies, [50, 95]) * 1000
        print(f"{name}: p50 {middle:.0f} ms, p95 {high:.0f} ms, {len(latencies)} beeps")


if __name__ == "__main__":
    main()
