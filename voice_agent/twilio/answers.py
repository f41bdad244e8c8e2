"""What is answered to the carrier's webhooks: TwiML made of recordings, keys and a dial."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from voice_agent.call.ports import Script
from voice_agent.dialogue.line import Line
from voice_agent.recordings import Recordings
from voice_agent.twilio import twiml
from voice_agent.twilio.twiml import Document, Verb

VOICE: Final = "/twilio/voice"
CONSENT: Final = "/twilio/consent"
AFTER: Final = "/twilio/after"
STREAM_STATUS: Final = "/twilio/status/stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a caller is in the notice; it travels in the address the carrier comes back to.

    Attributes:
        language: language of the offer.
        attempt: short repetitions so far.
        notice: version of the notice the caller heard, which is what a record must name (C13).
        part: what was played last.
        played_ms: how long that is, milliseconds.
        since_ms: when its playing was asked for, milliseconds of the wall clock since 1970.
        asked_ms: when the question was first put, likewise; 0: not yet.
    """

    language: str
    attempt: int
    notice: str
    part: str = ""
    played_ms: int = 0
    since_ms: int = 0
    asked_ms: int = 0


PARTS: Final = frozenset({"notice", "repetition", "full_notice", "remark"})
"""What can be played before a key, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Builds documents.

    Attributes:
        script: the texts.
        recordings: their audio.
        public_url: origin the carrier reaches us under.
        socket_url: address of the media stream.
        key_s: seconds to wait for a key.
        handover_number: the human, or ``None``.
        caller_id: our own number, shown to the human.
        dial_s: seconds to let it ring.
        clock: the wall clock, timezone-aware.
    """

    script: Script
    recordings: Recordings
    public_url: str
    socket_url: str
    key_s: int
    handover_number: str | None
    caller_id: str | None
    dial_s: int
    clock: Callable[[], datetime]

    def offer(self, place: Place, part: str, *spoken: tuple[Line, ...]) -> Document:
        """Play something and wait for a key; without one the carrier comes back with none.

        The address it comes back to says what was played from when, so that whoever answers can
        say what the caller had heard (C13); the carrier signs that address.

        Args:
            place: where the caller is then.
            part: what is played, by name.
            spoken: what is played first.
        """
        now = round(self.clock().timestamp() * 1000)
        seconds = sum(self.recordings.seconds(self.recordings.name(lines)) for lines in spoken)
        where = self.address(
            CONSENT,
            language=place.language,
            attempt=place.attempt,
            notice=place.notice,
            part=part,
            played=round(seconds * 1000),
            since=now,
            asked=place.asked_ms or now,
        )
        recordings = [self.audio(lines) for lines in spoken]
        return twiml.document(
            twiml.gather(where, self.key_s, recordings),
            twiml.redirect(where),
        )

    def notice(self, language: str, version: str, asked_ms: int = 0) -> Document:
        """The notice from its start.

        Args:
            language: its language.
            version: its version.
            asked_ms: when the question was first put; see ``Place``.
        """
        place = Place(language=language, attempt=0, notice=version, asked_ms=asked_ms)
        return self.offer(place, "notice", self.script.notice(language))

    def repetition(self, place: Place) -> Document:
        """A short repetition of the choice."""
        spoken = self.script.repetition(place.language, max(1, place.attempt))
        return self.offer(place, "repetition", spoken)

    def remark(self, place: Place, key: str) -> Document:
        """A line, then the wait for a key again."""
        return self.offer(place, "remark", (self.script.line(key, place.language),))

    def preceded(self, document: Document, key: str, language: str) -> Document:
        """A document with a line said first."""
        return twiml.preceded(document, self.audio((self.script.line(key, language),)))

    def stream(self, language: str, parameters: dict[str, str]) -> Document:
        """Connect the media stream; when it ends the carrier asks ``/twilio/after``."""
        return twiml.document(
            twiml.connect_stream(
                self.socket_url,
                action=self.address(AFTER, language=language),
                parameters=parameters,
                status_callback=self.public_url + STREAM_STATUS,
            )
        )

    def human(self, language: str, key: str | None = "connecting_human") -> Document:
        """Say it, then dial the human: a plain call that nobody but them listens to (C6)."""
        if self.handover_number is None:
            return self.goodbye(language, "human_unavailable")
        said = [] if key is None else [twiml.play(self.audio((self.script.line(key, language),)))]
        return twiml.document(
            *said,
            twiml.dial(
                self.handover_number,
                action=self.address(AFTER, language=language, dialled=1),
                timeout=self.dial_s,
                caller_id=self.caller_id,
            ),
        )

    def transfer(self, language: str, number: str) -> Document:
        """Dial another human than the usual one; the operator has announced it."""
        return twiml.document(
            twiml.dial(
                number,
                action=self.address(AFTER, language=language, dialled=1),
                timeout=self.dial_s,
                caller_id=self.caller_id,
            ),
        )

    def goodbye(self, language: str, key: str | None = None) -> Document:
        """Say it, then hang up."""
        said: Iterable[Verb] = (
            [] if key is None else [twiml.play(self.audio((self.script.line(key, language),)))]
        )
        return twiml.document(*said, twiml.hang_up())

    def audio(self, lines: tuple[Line, ...]) -> str:
        """Address of the recording of these lines, which must have been rendered."""
        return f"{self.public_url}/audio/{self.recordings.name(lines)}.wav"

    def address(self, path: str, **query: str | int) -> str:
        """Address of ours that the carrier comes back to; it signs all of it."""
        return f"{self.public_url}{path}?{urlencode(query)}"
