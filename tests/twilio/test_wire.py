from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamdouble import protocol as streamdouble

from voice_agent.errors import ProtocolError
from voice_agent.twilio import wire
from voice_agent.twilio.wire import (
    Clear,
    Connected,
    Digit,
    InboundMessage,
    Mark,
    Media,
    OutboundMark,
    OutboundMedia,
    OutboundMessage,
    Start,
    Stop,
    UnknownEvent,
)

STREAM, CALL, ACCOUNT = "MZ1", "CA2", "AC3"
SECRET = "Zaphod"
"""Stands in bad messages wherever it can, and must never stand in an error."""

DOCUMENTED: dict[str, tuple[str, InboundMessage]] = {
    "connected": (
        '{"event":"connected","protocol":"Call","version":"1.0.0"}',
        Connected("Call", "1.0.0"),
    ),
    "start": (
        (
            '{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC3","streamSid":"MZ1",'
            '"callSid":"CA2","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw",'
            '"sampleRate":8000,"channels":1},"customParameters":{"k":"v"}},"streamSid":"MZ1"}'
        ),
        Start(
            stream_sid=STREAM,
            sequence=1,
            account_sid=ACCOUNT,
            call_sid=CALL,
            custom_parameters={"k": "v"},
        ),
    ),
    "media": (
        (
            '{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2",'
            '"timestamp":"5","payload":"AP9/"},"streamSid":"MZ1"}'
        ),
        Media(stream_sid=STREAM, sequence=4, chunk=2, timestamp_ms=5, mulaw=b"\x00\xff\x7f"),
    ),
    "dtmf": (
        (
            '{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5",'
            '"dtmf":{"track":"inbound_track","digit":"1"}}'
        ),
        Digit(stream_sid=STREAM, sequence=5, digit="1"),
    ),
    "mark": (
        '{"event":"mark","sequenceNumber":"4","streamSid":"MZ1","mark":{"name":"x"}}',
        Mark(stream_sid=STREAM, sequence=4, name="x"),
    ),
    "stop": (
        (
            '{"event":"stop","sequenceNumber":"5","stop":{"accountSid":"AC3","callSid":"CA2"},'
            '"streamSid":"MZ1"}'
        ),
        Stop(stream_sid=STREAM, sequence=5, account_sid=ACCOUNT, call_sid=CALL),
    ),
}
"""Every message as Twilio documents it, and what it means."""

DOCUMENTED_OUTBOUND: dict[str, tuple[str, OutboundMessage]] = {
    "media": (
        '{"event":"media","streamSid":"MZ1","media":{"payload":"AP9/"}}',
        OutboundMedia(STREAM, b"\x00\xff\x7f"),
    ),
    "mark": (
        '{"event":"mark","streamSid":"MZ1","mark":{"name":"x"}}',
        OutboundMark(STREAM, "x"),
    ),
    "clear": ('{"event":"clear","streamSid":"MZ1"}', Clear(STREAM)),
}


def spoilt(event: str, *path: str, value: Any) -> str:
    """A documented message with one field replaced."""
    message = json.loads(DOCUMENTED[event][0])
    inner = message
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return json.dumps(message)


def fields_of(message: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Where every field of a message is."""
    found = []
    for name, value in message.items():
        found.append((*path, name))
        if isinstance(value, dict) and name != "customParameters":
            found += fields_of(value, (*path, name))
    return found


def refused(text: str, decode: Callable[[str], object] = wire.decode) -> ProtocolError:
    with pytest.raises(ProtocolError) as error:
        decode(text)
    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None
    return error.value


# What the carrier says


@pytest.mark.parametrize("event", DOCUMENTED)
def test_a_documented_message_is_understood(event: str) -> None:
    text, message = DOCUMENTED[event]
    assert wire.decode(text) == message


@pytest.mark.parametrize("event", DOCUMENTED)
def test_a_message_of_our_own_carrier_has_exactly_the_documented_fields(event: str) -> None:
    text, message = DOCUMENTED[event]
    assert json.loads(wire.encode_inbound(message)) == json.loads(text)


@pytest.mark.parametrize("event", DOCUMENTED)
def test_fields_that_twilio_may_add_are_passed_over(event: str) -> None:
    text, message = DOCUMENTED[event]
    more = {**json.loads(text), "region": "ie1"}
    if event in more:
        more[event]["codecHint"] = {"a": [1, None]}
    assert wire.decode(json.dumps(more)) == message


@pytest.mark.parametrize(
    ("event", "path"),
    [
        (event, path)
        for event, (text, _) in DOCUMENTED.items()
        for path in fields_of(json.loads(text))
        if path not in {("start", "customParameters"), ("dtmf", "track")}
    ],
)
def test_a_missing_field_and_a_field_of_another_type_are_refused(
    event: str, path: tuple[str, ...]
) -> None:
    """All fields of all messages, but for two that say nothing: one may be left out."""
    message = json.loads(DOCUMENTED[event][0])
    inner = message
    for name in path[:-1]:
        inner = inner[name]
    right = inner.pop(path[-1])
    refused(json.dumps(message))
    for wrong in (
        None,
        True,
        1,
        1.0,
        [],
        {},
        [right],
        {"a": SECRET},
        [SECRET],
        "\0",
        SECRET + "\n",
    ):
        if wrong != right or type(wrong) is not type(right):
            refused(spoilt(event, *path, value=wrong))


def test_a_stream_without_parameters_may_leave_them_out() -> None:
    message = json.loads(DOCUMENTED["start"][0])
    del message["start"]["customParameters"]
    start = wire.decode(json.dumps(message))
    assert isinstance(start, Start)
    assert start.custom_parameters == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [("encoding", "audio/x-alaw"), ("sampleRate", 16000), ("sampleRate", 8000.0), ("channels", 2)],
)
def test_sound_in_another_format_is_refused(name: str, value: object) -> None:
    refused(spoilt("start", "start", "mediaFormat", name, value=value))


@pytest.mark.parametrize(
    "parameters",
    [
        {"k": 1},
        {"k": None},
        {"k": "a\0b"},
        {"k\n": "v"},
        {"k": "\ud800"},
        {"k": "v" * 499},
        [],
        "k",
    ],
)
def test_a_parameter_that_twiml_cannot_have_carried_is_refused(parameters: object) -> None:
    refused(spoilt("start", "start", "customParameters", value=parameters))


@pytest.mark.parametrize("tracks", [[], ["outbound"], ["inbound", SECRET], [1], "inbound", None])
def test_a_stream_without_the_caller_is_refused(tracks: object) -> None:
    refused(spoilt("start", "start", "tracks", value=tracks))


def test_a_start_that_names_two_streams_is_refused() -> None:
    refused(spoilt("start", "streamSid", value="MZ" + "9" * 32))


@pytest.mark.parametrize(
    ("event", "path"),
    [
        ("media", ("sequenceNumber",)),
        ("media", ("media", "chunk")),
        ("media", ("media", "timestamp")),
        ("mark", ("sequenceNumber",)),
    ],
)
@pytest.mark.parametrize(
    "value", ["", "-1", "+1", " 1", "1.0", "1e3", "0x10", "1_000", "٣", "²", "9" * 11, "9" * 5000]
)
def test_a_negative_or_absurd_number_is_refused(
    event: str, path: tuple[str, ...], value: str
) -> None:
    refused(spoilt(event, *path, value=value))


@pytest.mark.parametrize(
    ("name", "limit"), [("timestamp", wire.MAX_TIMESTAMP_MS), ("chunk", wire.MAX_COUNT)]
)
def test_a_number_is_accepted_up_to_its_limit(name: str, limit: int) -> None:
    wire.decode(spoilt("media", "media", name, value=str(limit)))
    refused(spoilt("media", "media", name, value=str(limit + 1)))


@pytest.mark.parametrize(
    "payload",
    [
        "AP9",
        "AP9/=",
        "AP9/====",
        "AA===",
        "AP9/AA=A",
        "====",
        "A\nP9/",
        "AP9/ ",
        "ÀP9/",
        "A-_/",
        "\0",
    ],
)
def test_a_payload_that_is_not_strict_base64_is_refused(payload: str) -> None:
    error = refused(spoilt("media", "media", "payload", value=payload))
    assert payload not in str(error)


@pytest.mark.parametrize("length", [0, 1, 159, 160, 161, 40_000])
def test_sound_of_any_length_is_taken(length: int) -> None:
    sound = bytes(range(256)) * (length // 256 + 1)
    payload = base64.b64encode(sound[:length]).decode()
    media = wire.decode(spoilt("media", "media", "payload", value=payload))
    assert isinstance(media, Media)
    assert media.mulaw == sound[:length]


def test_our_own_voice_is_not_taken_for_the_caller() -> None:
    refused(spoilt("media", "media", "track", value="outbound"))


@pytest.mark.parametrize("digit", list("0123456789*#"))
def test_every_key_is_taken(digit: str) -> None:
    key = wire.decode(spoilt("dtmf", "dtmf", "digit", value=digit))
    assert isinstance(key, Digit)
    assert key.digit == digit


@pytest.mark.parametrize("digit", ["", "A", "11", "１", "w", None, 1])
def test_what_is_not_a_key_is_refused(digit: object) -> None:
    refused(spoilt("dtmf", "dtmf", "digit", value=digit))


@pytest.mark.parametrize("sid", ["", "MZ/../..", "MZ 1", "MZ\0", "Ｍ" * 34, "M" * 65, "MZ1\n"])
def test_an_identifier_of_another_shape_is_refused(sid: str) -> None:
    refused(spoilt("mark", "streamSid", value=sid))


@pytest.mark.parametrize("event", ["", SECRET, "Media", "media ", "\0", "clear", "__init__"])
def test_an_unknown_event_is_told_apart(event: str) -> None:
    """Twilio may add events; the stream goes on without them."""
    error = refused(json.dumps({"event": event, "streamSid": STREAM, "x": SECRET}))
    assert isinstance(error, UnknownEvent)
    assert error.code == "unknown_event"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        SECRET,
        "{",
        "[]",
        "null",
        "1",
        '"media"',
        "{}",
        '{"event":null}',
        '{"event":["media"]}',
        '{"event":{"media":1}}',
        '\ufeff{"event":"connected","protocol":"Call","version":"1.0.0"}',
        '{"event":"connected","protocol":"Call","version":"1.0.0"} x',
        '{"event":"connected","protocol":"Zaphod","version":"1.0.0"}',
        "[" * 60_000,
        '{"a":' * 10_000,
        '{"event":"media","a":' + "9" * 10_000 + "}",
        '{"event":"media","a":NaN}',
    ],
)
def test_a_message_that_is_none_is_refused(text: str) -> None:
    assert not isinstance(refused(text), UnknownEvent)


def test_a_message_is_read_up_to_64_kib_and_refused_beyond() -> None:
    """Counted in bytes of UTF-8, not in characters, and before anything is parsed."""
    text = DOCUMENTED["mark"][0]
    padded = text + " " * (wire.MAX_MESSAGE_BYTES - len(text))
    assert wire.decode(padded) == DOCUMENTED["mark"][1]
    refused(padded + " ")
    refused(json.dumps({"event": "mark", "x": "ü" * 33_000}, ensure_ascii=False))
    refused("\ud800" * 33_000)
    refused(spoilt("media", "media", "payload", value="A" * 1_000_000))


@given(st.text(max_size=300))
def test_garbage_is_refused_and_nothing_else_happens(text: str) -> None:
    for decode in (wire.decode, wire.decode_outbound):
        with pytest.raises(ProtocolError):
            decode(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(DOCUMENTED)), st.data())
def test_a_message_with_one_field_changed_is_read_or_refused(
    event: str, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(fields_of(json.loads(DOCUMENTED[event][0]))))
    text = spoilt(event, *path, value=data.draw(JSON))
    try:
        wire.decode(text)
    except ProtocolError as error:
        assert str(error)  # noqa: PT017 (both outcomes are right; only others are wrong)


# Both ways

sids = st.text("ACMZ0123456789abcdef", min_size=1, max_size=34)
counts = st.integers(0, wire.MAX_COUNT)
printable = st.characters(exclude_categories=["C", "Z"])
names = st.text(printable, min_size=1, max_size=wire.MAX_NAME_LENGTH)
head = {"stream_sid": sids, "sequence": counts}

inbound: st.SearchStrategy[InboundMessage] = st.one_of(
    st.builds(Connected, version=names),
    st.builds(
        Start,
        **head,
        account_sid=sids,
        call_sid=sids,
        tracks=st.sampled_from([("inbound",), ("inbound", "outbound")]),
        custom_parameters=st.dictionaries(
            st.text(printable, max_size=20), st.text(printable, max_size=479), max_size=4
        ),
    ),
    st.builds(
        Media,
        **head,
        chunk=counts,
        timestamp_ms=st.integers(0, wire.MAX_TIMESTAMP_MS),
        mulaw=st.binary(max_size=2000),
    ),
    st.builds(Digit, **head, digit=st.sampled_from(sorted(wire.KEYS))),
    st.builds(Mark, **head, name=names),
    st.builds(Stop, **head, account_sid=sids, call_sid=sids),
)
outbound: st.SearchStrategy[OutboundMessage] = st.one_of(
    st.builds(OutboundMedia, sids, st.binary(max_size=2000)),
    st.builds(OutboundMark, sids, names),
    st.builds(Clear, sids),
)


@given(inbound)
def test_whatever_the_carrier_says_arrives_as_it_was_said(message: InboundMessage) -> None:
    assert wire.decode(wire.encode_inbound(message)) == message


@given(outbound)
def test_whatever_we_say_arrives_as_it_was_said(message: OutboundMessage) -> None:
    assert wire.decode_outbound(wire.encode(message)) == message


# What we say to the carrier


@pytest.mark.parametrize("event", DOCUMENTED_OUTBOUND)
def test_a_message_to_the_carrier_has_exactly_the_documented_fields(event: str) -> None:
    text, message = DOCUMENTED_OUTBOUND[event]
    assert json.loads(wire.encode(message)) == json.loads(text)
    assert wire.decode_outbound(text) == message


@pytest.mark.parametrize(
    "change",
    [
        {"event": "media", "media": {"payload": "AP9/", "track": "inbound"}},
        {"event": "media", "media": {"payload": "AP9/"}, "sequenceNumber": "1"},
        {"event": "media", "media": {"payload": "%%%"}},
        {"event": "media", "media": {"Payload": "AP9/"}},
        {"event": "media"},
        {"event": "mark", "mark": {"name": ""}},
        {"event": "mark", "mark": {"name": "x", "y": 1}},
        {"event": "mark", "mark": "x"},
        {"event": "clear", "clear": {}},
        {"event": "clear", "streamSid": ""},
        {"event": "stop"},
        {"event": ["media"]},
        {},
    ],
)
def test_the_carrier_takes_nothing_else(change: dict[str, object]) -> None:
    refused(json.dumps({"streamSid": STREAM, **change}), wire.decode_outbound)


def test_no_message_shows_its_sound_its_key_or_its_token() -> None:
    """What is logged by accident holds nothing of the caller."""
    ids: dict[str, Any] = {"stream_sid": STREAM, "sequence": 1}
    for message in (
        Media(**ids, chunk=1, timestamp_ms=0, mulaw=SECRET.encode()),
        Digit(**ids, digit="7"),
        Start(**ids, account_sid=ACCOUNT, call_sid=CALL, custom_parameters={"token": SECRET}),
        OutboundMedia(STREAM, SECRET.encode()),
    ):
        assert SECRET not in repr(message)
        assert "7" not in repr(message)


# An independent party's idea of the same protocol


def test_what_streamdouble_sends_is_understood() -> None:
    """Its builders were written from Twilio's documentation by others."""
    encoder = streamdouble.MediaStreamEncoder()
    ids = encoder.identity
    head = {"stream_sid": ids.stream_sid}
    sent = [
        encoder.connected(),
        encoder.start(custom_parameters={"token": "t"}),
        encoder.media(b"\x7f" * 160),
        encoder.mark("speech-1"),
        encoder.dtmf("#"),
    ]
    encoder.skip_frame()
    sent += [encoder.media(b"\xff" * 160), encoder.stop()]
    assert [wire.decode(json.dumps(message)) for message in sent] == [
        Connected(),
        Start(
            **head,
            sequence=1,
            account_sid=ids.account_sid,
            call_sid=ids.call_sid,
            custom_parameters={"token": "t"},
        ),
        Media(**head, sequence=2, chunk=1, timestamp_ms=0, mulaw=b"\x7f" * 160),
        Mark(**head, sequence=3, name="speech-1"),
        Digit(**head, sequence=4, digit="#"),
        Media(**head, sequence=5, chunk=2, timestamp_ms=40, mulaw=b"\xff" * 160),
        Stop(**head, sequence=6, account_sid=ids.account_sid, call_sid=ids.call_sid),
    ]
    assert [json.loads(wire.encode_inbound(wire.decode(json.dumps(m)))) for m in sent] == sent


@given(outbound)
def test_what_we_send_streamdouble_understands(message: OutboundMessage) -> None:
    frame = streamdouble.parse_outbound(
        wire.encode(message), expected_stream_sid=message.stream_sid
    )
    match message:
        case OutboundMedia(stream_sid, mulaw):
            assert frame == streamdouble.InboundMedia(stream_sid, mulaw)
        case OutboundMark(stream_sid, name):
            assert frame == streamdouble.InboundMark(stream_sid, name)
        case Clear(stream_sid):
            assert frame == streamdouble.InboundClear(stream_sid)
