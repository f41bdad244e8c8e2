"""The agent as its company configured it: ``config/agent.yaml``, checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints
from pydantic import model_validator as validator

from voice_agent.errors import ConfigurationError
from voice_agent.part import Part, read
from voice_agent.settings import Settings

FILE: Final = "agent.yaml"
"""Name of the file within the configuration directory."""

OWN_MACHINE: Final = "own machine"
"""A place of storage that is named to people in their own language: where this program runs."""

Language = Literal["de", "en"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{0,63}$")]
VoiceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,63}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
HostName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]


class Party(Part):
    """A company as it is named to callers and in records.

    Attributes:
        name: its full name.
        address: street, postal code and town.
        contact: where to write or ring about data protection.
    """

    name: Words
    address: Words
    contact: Words


class Controller(Party):
    """Who answers for the data (Art. 4(7) GDPR).

    Attributes:
        authority: the supervisory authority a caller may complain to, as it is named to them.
        privacy_contact: who answers questions about data protection; the contact if left out.
        jurisdiction: country whose law applies, two capital letters (ISO 3166).
    """

    authority: Words
    privacy_contact: Words | None = None
    jurisdiction: Country = "DE"


class Recipient(Part):
    """Somebody personal data goes to; part of the notice's version (C12).

    Attributes:
        name: full name of the company.
        purpose: what it gets the data for.
        host: host name or parent domain data is sent to, where it is sent over the network.
    """

    name: Words
    purpose: Words
    host: HostName | None = None


class Notice(Part):
    """How the privacy notice is played.

    Attributes:
        mode: ``keypad`` plays it before any audio is streamed (C1); ``stream`` plays it inside
            the stream, for carriers without a keypad menu (C2).
        health: health data is likely to be spoken of; forbids every mode but ``keypad``.
        repetitions: short repetitions when no key is pressed (C5).
        key_s: wait for a key after the notice, seconds.
    """

    mode: Literal["keypad", "stream"] = "keypad"
    health: bool = False
    repetitions: int = Field(default=2, ge=0, le=5)
    key_s: float = Field(default=6.0, ge=2, le=30)


class Handover(Part):
    """How a caller comes to a human; the number that is dialled is ``HANDOVER_NUMBER``.

    Attributes:
        dial_s: let it ring so long, seconds.
        queue_s: wait so long for an operator of the console before that number is dialled, seconds.
        hours: when people can be had: ``always``, or in the hours of ``calendar.yaml``; outside
            them a callback is offered.
    """

    dial_s: int = Field(default=25, ge=5, le=120)
    queue_s: float = Field(default=90.0, ge=10, le=1800)
    hours: Literal["always", "calendar"] = "always"


class Recogniser(Part):
    """Speech to text.

    Attributes:
        model: name in the catalogue, see ``voice-agent models list``.
        device: ``auto`` takes a CUDA device where there is one.
        threads: threads of one recognition; 0 leaves it to the engine.
    """

    model: Slug = "base"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(default=0, ge=0, le=64)


class Voices(Part):
    """The voice of each language: ``auto``, ``espeak``, or a voice of the catalogue."""

    de: VoiceName = "auto"
    en: VoiceName = "auto"


class Speech(Part):
    """Ears and mouth."""

    recogniser: Recogniser = Recogniser()
    voices: Voices = Voices()


class Turn(Part):
    """When a caller's turn begins and ends. All in milliseconds.

    Attributes:
        start_ms: so much speech begins a turn.
        confirm_ms: so much speech in a row ends a pause.
        pause_ms: silence after which recognition and the judgement of the sound start.
        finished_ms: silence that ends a turn whose words are complete.
        likely_ms: the same where the words may be complete and the turn sounds finished.
        unlikely_ms: the same where it sounds as if more came, or the words are not there yet.
        unfinished_ms: the same where something is missing in the words.
        spelling_ms: the same where digits or letters are given.
        end_ms: the same where they may be complete and nobody judges the sound.
        ceiling_ms: no silence is waited out for longer, whatever is known.
        pre_roll_ms: audio kept from before the turn's start.
        max_turn_ms: a turn ends here whatever is heard; live audio is never kept longer (C18).
        hold_ms: so much speech over the agent's voice holds it.
        interrupt_ms: so much is no cough: the agent stays silent until the words are known.
    """

    start_ms: int = Field(default=80, ge=20, le=1000)
    confirm_ms: int = Field(default=40, ge=20, le=500)
    pause_ms: int = Field(default=140, ge=60, le=2000)
    finished_ms: int = Field(default=300, ge=100, le=5000)
    likely_ms: int = Field(default=400, ge=100, le=5000)
    unlikely_ms: int = Field(default=860, ge=100, le=5000)
    unfinished_ms: int = Field(default=1400, ge=100, le=5000)
    spelling_ms: int = Field(default=1200, ge=100, le=5000)
    end_ms: int = Field(default=700, ge=200, le=5000)
    ceiling_ms: int = Field(default=1600, ge=200, le=10_000)
    pre_roll_ms: int = Field(default=340, ge=0, le=2000)
    max_turn_ms: int = Field(default=28_000, ge=2000, le=30_000)
    hold_ms: int = Field(default=80, ge=20, le=1000)
    interrupt_ms: int = Field(default=400, ge=100, le=5000)

    @validator(mode="after")
    def _hold_before_interruption(self) -> Self:
        if self.hold_ms > self.interrupt_ms:
            raise ValueError("hold_ms must not be longer than interrupt_ms")
        return self

    @validator(mode="after")
    def _pause_before_end(self) -> Self:
        if self.pause_ms >= self.end_ms:
            raise ValueError("pause_ms must be shorter than end_ms")
        if self.pause_ms >= self.finished_ms:
            raise ValueError("pause_ms must be shorter than finished_ms")
        if self.likely_ms > self.unlikely_ms:
            raise ValueError("likely_ms must not be longer than unlikely_ms")
        return self


class Limits(Part):
    """What one call, and all of them together, may take.

    Attributes:
        call_s: longest call, seconds.
        no_input_s: wait for the caller to speak, seconds.
        wait_s: the same after "wait a moment", seconds.
        start_s: a stream that has not started after so long is closed, seconds.
        calls: calls at the same time; one more goes to a human.
        waiting_streams: streams that are open but have not started.
    """

    call_s: float = Field(default=900.0, ge=30, le=14_400)
    no_input_s: float = Field(default=8.0, ge=2, le=60)
    wait_s: float = Field(default=60.0, ge=5, le=600)
    start_s: float = Field(default=5.0, ge=1, le=30)
    calls: int = Field(default=16, ge=1, le=1000)
    waiting_streams: int = Field(default=16, ge=1, le=1000)


class Ledger(Part):
    """Who else vouches for the consent ledger; nobody by default.

    Attributes:
        timestamp_authority: address that timestamps the ledger's heads (RFC 3161).
        timestamp_certificate: file with the root certificates of that authority, PEM; beside this
            file unless it is absolute.
    """

    timestamp_authority: (
        Annotated[str, StringConstraints(pattern=r"^https?://\S{1,300}$")] | None
    ) = None
    timestamp_certificate: Words | None = None

    @validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.timestamp_authority is None) != (self.timestamp_certificate is None):
            raise ValueError("timestamp_authority and timestamp_certificate are set together")
        return self

    def certificate(self, config_dir: Path) -> Path | None:
        """Where the certificates lie; ``None`` where no authority is configured."""
        name = self.timestamp_certificate
        return None if name is None else config_dir / name


class AgentConfig(Part):
    """Everything ``config/agent.yaml`` says.

    Attributes:
        company: whom the caller rang.
        controller: who answers for the data; usually the company.
        trade: kind of business, a short name.
        languages: languages spoken, in the order of key 5.
        default_language: language a call begins in.
        recipients: who else gets personal data.
        storage_locations: where personal data is kept, as it is named in records and receipts.
    """

    company: Party
    controller: Controller
    trade: Slug
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("de", "en")
    default_language: Language = "de"
    recipients: tuple[Recipient, ...] = ()
    storage_locations: Annotated[tuple[Words, ...], Field(min_length=1)] = (OWN_MACHINE,)
    notice: Notice = Notice()
    handover: Handover = Handover()
    speech: Speech = Speech()
    turn: Turn = Turn()
    limits: Limits = Limits()
    ledger: Ledger = Ledger()

    @classmethod
    def load(cls, config_dir: Path) -> AgentConfig:
        """Read and check ``agent.yaml`` in this directory.

        Raises:
            ConfigurationError: one line per fault with file, line, key and mend.
        """
        return read(config_dir / FILE, cls)

    @classmethod
    def for_settings(cls, settings: Settings) -> AgentConfig:
        """The configuration these settings point to, checked against them.

        Raises:
            ConfigurationError: as ``load``; or a remote language model is configured that is not
                named as a recipient (C12).
        """
        agent = cls.load(settings.config_dir)
        if settings.llm_is_remote and not agent.names(settings.llm_base_url or ""):
            host = urlsplit(settings.llm_base_url or "").hostname
            raise ConfigurationError(
                f"{settings.config_dir / FILE}: recipients: LLM_BASE_URL sends what callers say to "
                f"{host}, which callers are not told. Add a recipient with 'host: {host}', or unset"
                " LLM_BASE_URL"
            )
        return agent

    @validator(mode="after")
    def _fits_together(self) -> Self:
        if len(set(self.languages)) != len(self.languages):
            raise ValueError("languages names one language twice")
        if self.default_language not in self.languages:
            raise ValueError("default_language must be one of languages")
        if self.notice.health and self.notice.mode != "keypad":
            raise ValueError("notice.health forbids notice.mode: stream; write mode: keypad")
        return self

    def names(self, url: str) -> bool:
        """True if the host of this address is a recipient's, or below a recipient's domain."""
        host = urlsplit(url).hostname or ""
        named = [recipient.host for recipient in self.recipients if recipient.host]
        return any(host == name or host.endswith(f".{name}") for name in named)
