"""What the browser does to a voice, in a real browser's JavaScript."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser import chromium
from tests.console.scripts import open_bench
from voice_agent.audio import mulaw

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Page]:
    """A page that can import the modules."""
    async with chromium() as browser:
        page = await browser.new_page()
        await open_bench(page)
        yield page


async def test_every_sample_has_the_code_that_g711_gives_it(bench: Page) -> None:
    codes = await bench.evaluate("""async () => {
        const { encode } = await import("/mulaw.js");
        return Array.from({ length: 65536 }, (_, index) => encode(index - 32768));
    }""")
    samples = np.arange(-32768, 32768).astype(np.int16)
    assert bytes(codes) == mulaw.encode(samples)


async def test_every_code_has_the_sample_that_g711_gives_it(bench: Page) -> None:
    samples = await bench.evaluate("""async () => {
        const { DECODED } = await import("/mulaw.js");
        return Array.from(DECODED, (value) => value * 32768);
    }""")
    assert samples == mulaw.decode(bytes(range(256))).tolist()


async def test_a_sample_from_the_microphone_is_the_same_as_the_16_bit_one(bench: Page) -> None:
    """Beyond full scale it is cut off, not turned over."""
    codes = await bench.evaluate("""async () => {
        const { encodeFloat } = await import("/mulaw.js");
        const all = Array.from({ length: 65536 }, (_, index) => (index - 32768) / 32768);
        return [...all, 1, 1.5, -1.5].map(encodeFloat);
    }""")
    samples = np.append(np.arange(-32768, 32768), [32767, 32767, -32768]).astype(np.int16)
    assert bytes(codes) == mulaw.encode(samples)


RESAMPLED = """async ([from, to, hertz, block]) => {
    const { Resampler } = await import("/resampler.js");
    const resampler = new Resampler(from, to);
    const output = [];
    for (let start = 0; start < from; start += block) {
        const length = Math.min(block, from - start);
        const input = Float32Array.from({ length }, (_, i) =>
            Math.sin((2 * Math.PI * hertz * (start + i)) / from));
        output.push(...resampler.feed(input));
    }
    const steady = output.slice(Math.round(output.length / 4), Math.round(output.length / 4 * 3));
    const power = steady.reduce((sum, value) => sum + value * value, 0) / steady.length;
    return { length: output.length, decibels: 10 * Math.log10(2 * power + 1e-20), steady };
}"""


async def resampled(page: Page, from_rate: int, to_rate: int, hertz: float) -> dict[str, Any]:
    """A second of a full tone; its level afterwards, decibels."""
    result: dict[str, Any] = await page.evaluate(RESAMPLED, [from_rate, to_rate, hertz, 128])
    return result


@pytest.mark.parametrize("rate", [16000, 44100, 48000, 96000])
@pytest.mark.parametrize("hertz", [100, 300, 1000, 2000, 3000])
async def test_speech_goes_through_in_both_directions(bench: Page, rate: int, hertz: int) -> None:
    for from_rate, to_rate in ((rate, 8000), (8000, rate)):
        result = await resampled(bench, from_rate, to_rate, hertz)
        assert abs(result["decibels"]) < 0.5
        assert to_rate * 0.98 < result["length"] <= to_rate


@pytest.mark.parametrize("rate", [16000, 44100, 48000, 96000])
@pytest.mark.parametrize("hertz", [4100, 5000, 7000, 7900])
async def test_what_would_come_back_as_another_tone_does_not(
    bench: Page, rate: int, hertz: int
) -> None:
    assert (await resampled(bench, rate, 8000, hertz))["decibels"] < -55


@pytest.mark.parametrize("rate", [44100, 48000])
async def test_upsampling_adds_no_image_of_the_voice(bench: Page, rate: int) -> None:
    steady = np.array((await resampled(bench, 8000, rate, 1000))["steady"])
    spectrum = np.abs(np.fft.rfft(steady * np.hanning(steady.size)))
    hertz = np.fft.rfftfreq(steady.size, 1 / rate)
    images = spectrum[hertz > 4200].max()
    assert 20 * np.log10(images / spectrum.max()) < -55


@pytest.mark.parametrize("block", [1, 7, 128, 1000])
async def test_the_sound_does_not_depend_on_how_it_is_cut(bench: Page, block: int) -> None:
    whole = await bench.evaluate(RESAMPLED, [48000, 8000, 700, 48000])
    cut = await bench.evaluate(RESAMPLED, [48000, 8000, 700, block])
    assert cut["steady"] == whole["steady"]


# Plays a list of [seconds, milliseconds of voice] arrivals and returns what came out, each 20 ms,
# as {depth, target, gaps, dropped, peak}. The voice is a tone; `slow` is how many samples the
# player takes in a millisecond on average.
PLAYED = """async ([arrivals, seconds, perMs]) => {
    const { JitterBuffer } = await import("/jitter.js");
    const { encodeFloat } = await import("/mulaw.js");
    const buffer = new JitterBuffer();
    let spoken = 0;
    const voice = (ms) => Uint8Array.from({ length: ms * 8 }, () =>
        encodeFloat(0.5 * Math.sin((2 * Math.PI * 440 * spoken++) / 8000)));
    const rows = [];
    const samples = [];
    let next = 0;
    let owed = 0;
    for (let ms = 0; ms < seconds * 1000; ms += 1) {
        while (next < arrivals.length && arrivals[next][0] * 1000 <= ms) {
            buffer.push(voice(arrivals[next][1]), ms / 1000);
            next += 1;
        }
        owed += perMs;
        const out = new Float32Array(Math.floor(owed));
        owed -= out.length;
        buffer.pull(out, ms / 1000);
        samples.push(...out);
        if (ms % 20 === 19) {
            const { depth, target, gaps, dropped } = buffer;
            const peak = samples.slice(-160).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
            rows.push({ depth, target, gaps, dropped, peak });
        }
    }
    const steps = samples.slice(1).map((value, index) => Math.abs(value - samples[index]));
    return { rows, step: Math.max(...steps.slice(0, 100000)), samples };
}"""

Arrivals = list[list[float]]
CLICK = 0.5 * 2 * np.pi * 440 / 8000 * 1.6
"""The steepest step of the tone, and what fades and mu-law's own steps may add."""


async def played(
    page: Page, arrivals: Arrivals, seconds: float, per_ms: float = 8.0
) -> dict[str, Any]:
    result: dict[str, Any] = await page.evaluate(PLAYED, [arrivals, seconds, per_ms])
    return result


def steady(seconds: float, late: Any = lambda _: 0.0) -> Arrivals:
    """A frame each 20 ms, each later by what ``late`` says of its time, in order."""
    arrivals: Arrivals = []
    for index in range(round(seconds * 50)):
        at = index * 0.02
        arrivals.append([max(at + late(at), arrivals[-1][0] if arrivals else 0.0), 20])
    return arrivals


async def test_a_steady_voice_plays_whole_with_about_60_ms_of_delay(bench: Page) -> None:
    result = await played(bench, steady(3), 2.9)
    assert result["rows"][-1]["gaps"] == 0
    assert result["rows"][-1]["dropped"] == 0
    assert all(0.03 <= row["depth"] <= 0.08 for row in result["rows"][5:])
    assert all(row["peak"] > 0.45 for row in result["rows"][5:])
    assert result["step"] < CLICK


async def test_a_single_short_frame_is_not_kept_waiting_for_more(bench: Page) -> None:
    result = await played(bench, [[0.0, 20]], 0.3)
    assert max(result["samples"]) > 0.4
    assert result["rows"][-1]["depth"] == 0


async def test_a_network_that_is_uneven_gets_the_time_it_needs(bench: Page) -> None:
    """Frames come in lumps of 100 ms; after the first the buffer holds enough."""
    result = await played(bench, steady(6, lambda at: 0.1 - at % 0.1), 5.8)
    first, last = result["rows"][50], result["rows"][-1]
    assert last["target"] > 0.09
    assert last["gaps"] == first["gaps"]
    assert last["depth"] <= 0.2


async def test_once_the_network_is_even_again_the_delay_goes_back(bench: Page) -> None:
    rough = steady(2, lambda at: 0.1 - at % 0.1)
    calm = [[at + 2, ms] for at, ms in steady(28)]
    result = await played(bench, rough + calm, 29.5)
    assert result["rows"][100]["target"] > 0.09
    assert result["rows"][-1]["target"] == pytest.approx(0.06)
    assert result["rows"][-1]["depth"] <= 0.1
    assert result["step"] < CLICK


async def test_a_hole_is_faded_over_without_a_click(bench: Page) -> None:
    """300 ms never come: silence, after a short tail, and then the voice again."""
    arrivals = [each for each in steady(2) if not 0.81 <= each[0] < 1.11]
    result = await played(bench, arrivals, 1.95)
    assert result["rows"][-1]["gaps"] == 1
    assert result["step"] < CLICK
    quiet = [row for row in result["rows"][46:55] if row["peak"] == 0]
    assert quiet
    assert result["rows"][-1]["peak"] > 0.45


async def test_of_a_burst_only_the_newest_is_played(bench: Page) -> None:
    """A second that comes at once is not played a second late."""
    burst = [[1.0, 20] for _ in range(50)]
    result = await played(bench, steady(1) + burst + [[at + 1, ms] for at, ms in steady(2)], 2.9)
    assert all(row["depth"] <= 0.2 for row in result["rows"])
    assert result["rows"][-1]["dropped"] > 0.7 * 8000
    assert result["rows"][-1]["gaps"] == 0


@pytest.mark.parametrize("per_ms", [7.96, 8.04])
async def test_a_clock_that_drifts_neither_piles_up_nor_runs_dry_all_the_time(
    bench: Page, per_ms: float
) -> None:
    """Half a per cent is fifty times what real clocks are off."""
    result = await played(bench, steady(40), 39.5, per_ms)
    assert all(row["depth"] <= 0.2 for row in result["rows"])
    assert result["rows"][-1]["gaps"] <= 40 * 0.005 / 0.05 + 1
    silent = sum(row["peak"] == 0 for row in result["rows"][10:])
    assert silent / len(result["rows"]) < 0.02
    assert result["step"] < CLICK


async def test_what_is_cleared_is_not_played(bench: Page) -> None:
    peak = await bench.evaluate("""async () => {
        const { JitterBuffer } = await import("/jitter.js");
        const buffer = new JitterBuffer();
        buffer.push(new Uint8Array(800).fill(0), 0);
        buffer.clear();
        const out = new Float32Array(800);
        buffer.pull(out, 0.2);
        return Math.max(...out.map(Math.abs));
    }""")
    assert peak == 0
