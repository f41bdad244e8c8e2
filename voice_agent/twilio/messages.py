"""The messages of a Twilio media stream, both ways, as values.

https://www.twilio.com/docs/voice/media-streams/websocket-messages, bidirectional streams. Sound is
never shown in a message's text form, nor a key, which may be part of a PIN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class MediaFormat:
    """How the stream's sound is written.

    Attributes:
        encoding: MIME type.
        sample_rate: samples a second, Hz.
        channels: 1 for mono.
    """

    encoding: str = "audio/x-mulaw"
    sample_rate: int = 8000
    channels: int = 1


MULAW_8K: Final = MediaFormat()
"""The only format Twilio streams, and the only one accepted."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The first message on the socket."""

    protocol: str = "Call"
    version: str = "1.0.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The stream begins.

    Attributes:
        stream_sid: names the stream; every other message carries it.
        sequence: number of the message in the stream, from 1.
        account_sid: whose call it is.
        call_sid: which call it is.
        tracks: what is streamed; ``inbound`` is the caller.
        custom_parameters: the ``<Parameter>`` elements of the TwiML.
        media_format: always mu-law, 8 kHz, mono; others are refused.
    """

    stream_sid: str
    sequence: int
    account_sid: str
    call_sid: str
    tracks: tuple[str, ...] = ("inbound",)
    custom_parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    media_format: MediaFormat = MULAW_8K


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Sound from the caller.

    Attributes:
        stream_sid: the stream.
        sequence: number of the message in the stream.
        chunk: number of the media message in the stream, from 1.
        timestamp_ms: milliseconds since the stream began.
        mulaw: G.711 mu-law, 8 kHz, mono, of any length.
    """

    stream_sid: str
    sequence: int
    chunk: int
    timestamp_ms: int
    mulaw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digit:
    """The caller pressed a key, one of ``0123456789*#``. It may be part of a PIN: not in repr."""

    stream_sid: str
    sequence: int
    digit: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark came back: everything queued before it was heard, or cleared."""

    stream_sid: str
    sequence: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The stream is over."""

    stream_sid: str
    sequence: int
    account_sid: str
    call_sid: str


@dataclass(frozen=True, slots=True)
class OutboundMedia:
    """Sound for the caller, played after what is queued: mu-law, 8 kHz, mono, any length."""

    stream_sid: str
    mulaw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutboundMark:
    """Asks for the mark to be sent back when everything queued before it has been heard."""

    stream_sid: str
    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Forget what is queued. Every pending mark comes back at once."""

    stream_sid: str


InboundMessage = Connected | Start | Media | Digit | Mark | Stop
"""What the carrier sends."""

OutboundMessage = OutboundMedia | OutboundMark | Clear
"""What the carrier accepts."""
