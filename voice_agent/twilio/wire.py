"""Twilio Media Streams as a pure codec: text of the websocket to typed messages, and back.

Sound stays mu-law here: who may decode it is the consent gate's decision, not the codec's. What
arrives is hostile until checked, and no error repeats any of it.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from voice_agent.errors import ProtocolError
from voice_agent.twilio import fields
from voice_agent.twilio.fields import MAX_MESSAGE_BYTES, Fields
from voice_agent.twilio.messages import (
    MULAW_8K,
    Clear,
    Connected,
    Digit,
    InboundMessage,
    Mark,
    Media,
    MediaFormat,
    OutboundMark,
    OutboundMedia,
    OutboundMessage,
    Start,
    Stop,
)

__all__ = [
    "KEYS",
    "MAX_COUNT",
    "MAX_MESSAGE_BYTES",
    "MAX_NAME_LENGTH",
    "MAX_PARAMETER_LENGTH",
    "MAX_TIMESTAMP_MS",
    "MULAW_8K",
    "Clear",
    "Connected",
    "Digit",
    "InboundMessage",
    "Mark",
    "Media",
    "MediaFormat",
    "OutboundMark",
    "OutboundMedia",
    "OutboundMessage",
    "Start",
    "Stop",
    "UnknownEvent",
    "decode",
    "decode_outbound",
    "encode",
    "encode_inbound",
]

MAX_TIMESTAMP_MS: Final = 48 * 60 * 60 * 1000
"""No stream lasts this long: Twilio ends a call after 24 hours."""

MAX_COUNT: Final = 10**9
"""No sequence number reaches this within the longest stream."""

MAX_NAME_LENGTH: Final = 256
"""Characters of a mark's name."""

MAX_PARAMETER_LENGTH: Final = 500
"""A custom parameter's name and value together have fewer characters than this."""

KEYS: Final = frozenset("0123456789*#")
"""The keys of a telephone."""

_TRACKS: Final = frozenset({"inbound", "outbound"})


class UnknownEvent(ProtocolError):
    """A well-formed message of an event we do not know; Twilio may add some."""

    code: ClassVar[str] = "unknown_event"


def decode(text: str) -> InboundMessage:
    """Read one message of the carrier. Fields we do not know are passed over.

    Raises:
        UnknownEvent: well formed, but of an event we do not know.
        ProtocolError: anything else that the protocol does not allow.
    """
    message = fields.parse(text)
    event = message.get("event")
    if not isinstance(event, str):
        raise ProtocolError("the message does not name its event")
    reader = _READERS.get(event)
    if reader is None:
        raise UnknownEvent("the message is of an event we do not know")
    return reader(message)


def encode(message: OutboundMessage) -> str:
    """Write one message for the carrier.

    It has exactly the fields of the protocol: Twilio answers one too many with silence
    (warning 31951).
    """
    return _json(_outbound_body(message))


def encode_inbound(message: InboundMessage) -> str:
    """Write one message as the carrier does: for a carrier of our own, and for tests."""
    return _json(_inbound_body(message))


def decode_outbound(text: str) -> OutboundMessage:
    """Read one message as the carrier does: one field too many is an error here as it is there.

    Raises:
        ProtocolError: not exactly one of the messages the carrier accepts.
    """
    message = fields.parse(text)
    found: OutboundMessage
    match message.get("event"):
        case "media":
            sound = fields.octets(fields.part(message, "media"), "payload")
            found = OutboundMedia(fields.sid(message, "streamSid"), sound)
        case "mark":
            name = fields.text(fields.part(message, "mark"), "name", MAX_NAME_LENGTH)
            found = OutboundMark(fields.sid(message, "streamSid"), name)
        case "clear":
            found = Clear(fields.sid(message, "streamSid"))
        case _:
            raise ProtocolError("the carrier accepts media, mark and clear only")
    if message != _outbound_body(found):
        raise ProtocolError("the message has a field that the carrier does not accept")
    return found


def _outbound_body(message: OutboundMessage) -> Fields:
    match message:
        case OutboundMedia(stream_sid, mulaw):
            sound = {"payload": _base64(mulaw)}
            return {"event": "media", "streamSid": stream_sid, "media": sound}
        case OutboundMark(stream_sid, name):
            return {"event": "mark", "streamSid": stream_sid, "mark": {"name": name}}
        case Clear(stream_sid):
            return {"event": "clear", "streamSid": stream_sid}


def _inbound_body(message: InboundMessage) -> Fields:
    match message:
        case Connected(protocol, version):
            return {"event": "connected", "protocol": protocol, "version": version}
        case Start():
            start = {
                "accountSid": message.account_sid,
                "streamSid": message.stream_sid,
                "callSid": message.call_sid,
                "tracks": list(message.tracks),
                "mediaFormat": {
                    "encoding": message.media_format.encoding,
                    "sampleRate": message.media_format.sample_rate,
                    "channels": message.media_format.channels,
                },
                "customParameters": dict(message.custom_parameters),
            }
            return _numbered("start", message, start)
        case Media():
            media = {
                "track": "inbound",
                "chunk": str(message.chunk),
                "timestamp": str(message.timestamp_ms),
                "payload": _base64(message.mulaw),
            }
            return _numbered("media", message, media)
        case Digit():
            return _numbered("dtmf", message, {"track": "inbound_track", "digit": message.digit})
        case Mark():
            return _numbered("mark", message, {"name": message.name})
        case Stop():
            ids = {"accountSid": message.account_sid, "callSid": message.call_sid}
            return _numbered("stop", message, ids)


def _numbered(event: str, message: Start | Media | Digit | Mark | Stop, part: Fields) -> Fields:
    return {
        "event": event,
        "sequenceNumber": str(message.sequence),
        event: part,
        "streamSid": message.stream_sid,
    }


def _connected(message: Fields) -> Connected:
    protocol = fields.text(message, "protocol", MAX_NAME_LENGTH)
    if protocol != "Call":
        raise ProtocolError("the stream does not speak the protocol Call")
    return Connected(protocol, fields.text(message, "version", MAX_NAME_LENGTH))


def _start(message: Fields) -> Start:
    start = fields.part(message, "start")
    stream_sid = fields.sid(message, "streamSid")
    if fields.sid(start, "streamSid") != stream_sid:
        raise ProtocolError("the start message names two different streams")
    _check_format(fields.part(start, "mediaFormat"))
    return Start(
        stream_sid=stream_sid,
        sequence=fields.number(message, "sequenceNumber", MAX_COUNT),
        account_sid=fields.sid(start, "accountSid"),
        call_sid=fields.sid(start, "callSid"),
        tracks=_tracks(start),
        custom_parameters=_parameters(start),
    )


def _media(message: Fields) -> Media:
    media = fields.part(message, "media")
    if media.get("track") != "inbound":
        # The other track is our own voice; recognising it would be answering ourselves.
        raise ProtocolError("the media is not of the inbound track")
    return Media(
        stream_sid=fields.sid(message, "streamSid"),
        sequence=fields.number(message, "sequenceNumber", MAX_COUNT),
        chunk=fields.number(media, "chunk", MAX_COUNT),
        timestamp_ms=fields.number(media, "timestamp", MAX_TIMESTAMP_MS),
        mulaw=fields.octets(media, "payload"),
    )


def _digit(message: Fields) -> Digit:
    digit = fields.part(message, "dtmf").get("digit")
    if not isinstance(digit, str) or digit not in KEYS:
        raise ProtocolError("digit is missing or not one key of a telephone")
    return Digit(
        stream_sid=fields.sid(message, "streamSid"),
        sequence=fields.number(message, "sequenceNumber", MAX_COUNT),
        digit=digit,
    )


def _mark(message: Fields) -> Mark:
    return Mark(
        stream_sid=fields.sid(message, "streamSid"),
        sequence=fields.number(message, "sequenceNumber", MAX_COUNT),
        name=fields.text(fields.part(message, "mark"), "name", MAX_NAME_LENGTH),
    )


def _stop(message: Fields) -> Stop:
    stop = fields.part(message, "stop")
    return Stop(
        stream_sid=fields.sid(message, "streamSid"),
        sequence=fields.number(message, "sequenceNumber", MAX_COUNT),
        account_sid=fields.sid(stop, "accountSid"),
        call_sid=fields.sid(stop, "callSid"),
    )


_READERS: Final[Mapping[str, Callable[[Fields], InboundMessage]]] = {
    "connected": _connected,
    "start": _start,
    "media": _media,
    "dtmf": _digit,
    "mark": _mark,
    "stop": _stop,
}


def _check_format(found: Fields) -> None:
    values = found.get("encoding"), found.get("sampleRate"), found.get("channels")
    wanted = MULAW_8K.encoding, MULAW_8K.sample_rate, MULAW_8K.channels
    # By type as well: JSON's true equals 1 in Python.
    if values != wanted or [type(value) for value in values] != [str, int, int]:
        raise ProtocolError("the stream's sound is not mu-law, 8000 Hz, mono")


def _tracks(start: Fields) -> tuple[str, ...]:
    tracks = start.get("tracks")
    if not isinstance(tracks, list) or not all(isinstance(track, str) for track in tracks):
        raise ProtocolError("tracks is missing or not a list of names")
    if "inbound" not in tracks or not _TRACKS.issuperset(tracks):
        raise ProtocolError("the stream does not carry the inbound track")
    return tuple(tracks)


def _parameters(start: Fields) -> dict[str, str]:
    """Twilio does not say whether a stream without parameters carries an empty object or none."""
    if "customParameters" not in start:
        return {}
    parameters = fields.part(start, "customParameters")
    for name, value in parameters.items():
        if not isinstance(value, str) or not (name + value).isprintable():
            raise ProtocolError("a custom parameter is not printable text")
        if len(name) + len(value) >= MAX_PARAMETER_LENGTH:
            raise ProtocolError(f"a custom parameter has {MAX_PARAMETER_LENGTH} characters or more")
    return dict(parameters)


def _base64(sound: bytes) -> str:
    return binascii.b2a_base64(sound, newline=False).decode("ascii")


def _json(body: Fields) -> str:
    return json.dumps(body, separators=(",", ":"))
