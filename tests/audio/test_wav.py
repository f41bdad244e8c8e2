from __future__ import annotations

import io
import struct
import wave

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from voice_agent.audio import mulaw, wav
from voice_agent.audio.wav import WavError

MULAW, FLOAT, EXTENSIBLE = 7, 3, 0xFFFE
GUID_REST = bytes.fromhex("000000001000800000aa00389b71")


def chunk(name: bytes, body: bytes, length: int | None = None) -> bytes:
    padding = b"\0" * (len(body) % 2)
    return name + struct.pack("<I", len(body) if length is None else length) + body + padding


def layout(
    tag: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16, align: int | None = None
) -> bytes:
    block = channels * bits // 8 if align is None else align
    return struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)


def riff(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_eight_bits_are_unsigned_with_silence_at_128() -> None:
    found = wav.read(riff(chunk(b"fmt ", layout(bits=8)), chunk(b"data", b"\x80\x00\xff\x81")))
    assert found.samples[:, 0].tolist() == [0, -32768, 32512, 256]


def test_sixteen_bits_are_signed() -> None:
    sound = struct.pack("<4h", 0, -32768, 32767, 1)
    found = wav.read(riff(chunk(b"fmt ", layout(rate=22050)), chunk(b"data", sound)))
    assert found.samples[:, 0].tolist() == [0, -32768, 32767, 1]
    assert (found.rate, found.channels) == (22050, 1)


def test_mulaw_is_decoded() -> None:
    """With the longer format chunk and the fact chunk that mu-law files carry."""
    sound = bytes(range(256))
    found = wav.read(
        riff(
            chunk(b"fmt ", layout(MULAW, bits=8) + b"\0\0"),
            chunk(b"fact", struct.pack("<I", 256)),
            chunk(b"data", sound),
        )
    )
    np.testing.assert_array_equal(found.mono(), mulaw.decode(sound))


def test_an_extensible_format_names_the_real_one_inside() -> None:
    extension = struct.pack("<HHIH", 22, 16, 0, 1) + GUID_REST
    data = riff(chunk(b"fmt ", layout(EXTENSIBLE) + extension), chunk(b"data", b"\1\0\2\0"))
    assert wav.read(data).mono().tolist() == [1, 2]


def test_stereo_keeps_its_channels_apart_and_mixes_to_their_mean() -> None:
    sound = struct.pack("<4h", 100, 300, 32767, 32767)
    found = wav.read(riff(chunk(b"fmt ", layout(channels=2)), chunk(b"data", sound)))
    assert found.samples.tolist() == [[100, 300], [32767, 32767]]
    assert found.mono().tolist() == [200, 32767]


def test_chunks_between_are_passed_over_with_their_padding() -> None:
    data = riff(
        chunk(b"LIST", b"odd"), chunk(b"fmt ", layout()), chunk(b"junk", b"x"), chunk(b"data", b"")
    )
    assert wav.read(data).samples.shape == (0, 1)


@pytest.mark.parametrize("length", [0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_the_writer_did_not_know_means_to_the_end(length: int) -> None:
    data = riff(chunk(b"fmt ", layout()), chunk(b"data", b"\1\0\2\0\3\0", length))
    assert wav.read(data).mono().tolist() == [1, 2, 3]


def test_a_recording_says_how_long_it_is_and_never_shows_its_sound() -> None:
    found = wav.read(wav.write(np.zeros(4000, dtype=np.int16), 8000))
    assert found.seconds == 0.5
    assert repr(found) == "Recording(0.50 s, 8000 Hz, 1 channels)"


DATA = chunk(b"data", b"\1\0")
BROKEN = {
    "empty": (b"", "not a WAV"),
    "text": (b"Guten Tag, hier ist kein Ton.", "not a WAV"),
    "only the first mark": (b"RIFF", "not a WAV"),
    "another kind of RIFF": (b"RIFF\4\0\0\0AVI ", "not a WAV"),
    "nothing inside": (riff(), "no data chunk"),
    "no sound": (riff(chunk(b"fmt ", layout())), "no data chunk"),
    "no format": (riff(DATA), "before its format"),
    "sound before format": (riff(DATA, chunk(b"fmt ", layout())), "before its format"),
    "short format": (riff(chunk(b"fmt ", layout()[:14]), DATA), "cut short"),
    "float": (riff(chunk(b"fmt ", layout(FLOAT, bits=32)), DATA), "not supported"),
    "24 bits": (riff(chunk(b"fmt ", layout(bits=24)), DATA), "not supported"),
    "mu-law of 16 bits": (riff(chunk(b"fmt ", layout(MULAW)), DATA), "not supported"),
    "extensible without extension": (riff(chunk(b"fmt ", layout(EXTENSIBLE)), DATA), "format 0"),
    "no channel": (riff(chunk(b"fmt ", layout(channels=0)), DATA), "0 channels"),
    "six channels": (riff(chunk(b"fmt ", layout(channels=6)), DATA), "6 channels"),
    "rate of nothing": (riff(chunk(b"fmt ", layout(rate=0)), DATA), "sample rate of 0"),
    "absurd rate": (riff(chunk(b"fmt ", layout(rate=2**30)), DATA), "sample rate"),
    "contradiction": (riff(chunk(b"fmt ", layout(align=3)), DATA), "contradicts itself"),
    "half a sample": (riff(chunk(b"fmt ", layout()), chunk(b"data", b"\1")), "middle of a sample"),
    "cut sound": (riff(chunk(b"fmt ", layout()), chunk(b"data", b"\1\0", 4000)), "cut short"),
    "cut chunk": (riff(chunk(b"LIST", b"", 2**31)), "cut short"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_answered_in_one_clear_line(case: str) -> None:
    data, reason = BROKEN[case]
    with pytest.raises(WavError, match=reason) as error:
        wav.read(data)
    assert error.value.code == "wav"
    assert "\n" not in str(error.value)


@given(st.binary(max_size=200))
def test_garbage_is_refused_and_nothing_else_happens(garbage: bytes) -> None:
    for data in (garbage, riff(garbage), riff(chunk(b"fmt ", garbage), DATA)):
        with pytest.raises(WavError):
            wav.read(data)


@given(st.data())
def test_a_file_with_one_byte_changed_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(wav.write(np.arange(8, dtype=np.int16), 8000))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        wav.read(bytes(whole))
    except WavError as refused:
        assert str(refused)  # noqa: PT017 (both outcomes are right; only others are wrong)


@given(
    arrays.arrays(np.int16, st.tuples(st.integers(0, 50), st.integers(1, 2))),
    st.integers(1000, 384000),
)
def test_what_is_written_is_read_again(samples: npt.NDArray[np.int16], rate: int) -> None:
    found = wav.read(wav.write(samples, rate))
    assert found.rate == rate
    np.testing.assert_array_equal(found.samples, samples)


def test_mono_may_be_written_without_a_channel_axis() -> None:
    samples = np.arange(5, dtype=np.int16)
    assert wav.write(samples, 8000) == wav.write(samples.reshape(-1, 1), 8000)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_standard_library_reads_what_is_written(channels: int) -> None:
    samples = np.arange(-10, 10, dtype=np.int16).reshape(-1, channels)
    with wave.open(io.BytesIO(wav.write(samples, 8000))) as reader:
        assert reader.getparams()[:4] == (channels, 2, 8000, 20 // channels)
        assert reader.readframes(99) == samples.tobytes()


@pytest.mark.parametrize("shape", [(), (2, 3), (2, 0), (2, 2, 2)])
def test_another_shape_is_not_written(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="shape"):
        wav.write(np.zeros(shape, dtype=np.int16), 8000)


def test_another_width_is_not_written() -> None:
    with pytest.raises(TypeError, match="int16"):
        wav.write(np.zeros(2, dtype=np.float32), 8000)


def test_a_rate_no_recording_has_is_not_written() -> None:
    with pytest.raises(ValueError, match="sample rate"):
        wav.write(np.zeros(2, dtype=np.int16), 0)
