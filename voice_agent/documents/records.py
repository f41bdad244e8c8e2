"""What the documents say: facts of settings, configuration, notice and retention table.

Nothing here is prose and nothing is assumed: what the program cannot know is an open point of the
documents' own text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from consent.notice import Notice
from consent.retention import Rule
from voice_agent import __version__
from voice_agent.agent import AgentConfig, Recipient
from voice_agent.egress import Destination, Why, allowed_hosts
from voice_agent.keyring import KeyRing
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.settings import Settings
from voice_agent.values import is_loopback

EUROPEAN_REGION = "ie1"
"""The carrier's region in the European Union (C29)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where the carrier processes.

    Attributes:
        name: the region, for example ``ie1``.
        edge: where it is entered.
        reason: why another than the European one, as it was recorded; ``None`` for that one.
    """

    name: str
    edge: str
    reason: str | None

    @property
    def is_european(self) -> bool:
        """True inside the European Union."""
        return self.name == EUROPEAN_REGION


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The language model, where there is one.

    Attributes:
        name: its name.
        host: where it runs.
        is_remote: on another machine, whose owner is a recipient (C12).
    """

    name: str
    host: str
    is_remote: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The database.

    Attributes:
        kind: ``SQLite`` or ``PostgreSQL``.
        is_remote: on another machine.
        is_encrypted_in_transit: TLS is demanded by its address.
    """

    kind: str
    is_remote: bool
    is_encrypted_in_transit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The facts of all documents.

    Attributes:
        agent: the configuration.
        notice: the privacy notice; its ``processing`` holds controller, data and legal bases.
        kept: every rule of the retention table (C19).
        destinations: every host the server connects to; what its guard enforces (C30).
        region: where the carrier processes.
        carrier: a carrier account is configured.
        model: the language model, or ``None`` where the built-in understander works alone.
        store: the database.
        is_reached_by_tls: callers' carriers reach the server by https.
        is_production: the settings are a production machine's.
        browser_telephone: the browser telephone is on.
        live_seconds: the most of a caller's voice that is in memory at once, seconds.
        record_keys: identifiers of the encryption keys, the present one first; never the keys.
        pseudonym_keys: likewise of the pseudonyms.
        software: version of this software.
        at: when the documents were made, timezone-aware.
    """

    agent: AgentConfig
    notice: Notice
    kept: tuple[Rule, ...]
    destinations: tuple[Destination, ...]
    region: Region
    carrier: bool
    model: Model | None
    store: Store
    is_reached_by_tls: bool
    is_production: bool
    browser_telephone: bool
    live_seconds: int
    record_keys: tuple[str, ...]
    pseudonym_keys: tuple[str, ...]
    software: str
    at: datetime

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Who else gets personal data, as callers are told."""
        return self.agent.recipients

    @property
    def remote_model(self) -> Model | None:
        """The language model, if it runs on another machine."""
        return self.model if self.model is not None and self.model.is_remote else None

    def recipient_of(self, destination: Destination) -> Recipient | None:
        """The recipient a host belongs to; ``None`` for a host of the company's own."""
        named = (each for each in self.recipients if each.host is not None)
        return next(
            (
                each
                for each in named
                if destination.host == each.host or destination.host.endswith(f".{each.host}")
            ),
            None,
        )

    @property
    def has_timestamps(self) -> bool:
        """True if heads of the ledger are timestamped by an authority."""
        return any(each.why is Why.TIMESTAMPS for each in self.destinations)


def gather(
    settings: Settings,
    agent: AgentConfig,
    notice: Notice,
    kept: Iterable[Rule],
    *,
    at: datetime,
    timestamp_authority: str | None = None,
) -> Records:
    """Collect the facts.

    Args:
        settings: what the environment says.
        agent: what the company says.
        notice: what callers hear.
        kept: the rules of the retention table.
        at: now, timezone-aware.
        timestamp_authority: address of the authority that timestamps the ledger, if there is one.
    """
    record_keys = [key.get_secret_value() for key in settings.record_key]
    pseudonym_keys = [key.get_secret_value() for key in settings.pseudonym_key]
    return Records(
        agent=agent,
        notice=notice,
        kept=tuple(kept),
        destinations=allowed_hosts(settings, timestamp_authority),
        region=Region(
            name=settings.twilio_region,
            edge=settings.twilio_edge,
            reason=settings.twilio_region_override,
        ),
        carrier=settings.twilio_account_sid is not None,
        model=_model(settings),
        store=_store(settings),
        is_reached_by_tls=urlsplit(settings.public_url).scheme == "https",
        is_production=settings.is_production,
        browser_telephone=settings.browser_telephone,
        live_seconds=round(agent.turn.max_turn_ms / 1000),
        record_keys=KeyRing(record_keys).known,
        pseudonym_keys=Pseudonyms(pseudonym_keys).known,
        software=__version__,
        at=at,
    )


def _model(settings: Settings) -> Model | None:
    if settings.llm_base_url is None:
        return None
    return Model(
        name=settings.llm_model or "",
        host=urlsplit(settings.llm_base_url).hostname or "",
        is_remote=settings.llm_is_remote,
    )


def _store(settings: Settings) -> Store:
    url = urlsplit(settings.database_url.get_secret_value())
    if url.scheme.startswith("sqlite"):
        return Store(kind="SQLite", is_remote=False, is_encrypted_in_transit=True)
    asked = parse_qs(url.query)
    on_socket = any(host.startswith("/") for host in asked.get("host", []))
    is_remote = not on_socket and not is_loopback(url.hostname or asked.get("host", [""])[0])
    modes = {*asked.get("ssl", []), *asked.get("sslmode", [])}
    return Store(
        kind="PostgreSQL",
        is_remote=is_remote,
        is_encrypted_in_transit=not is_remote
        or bool(modes & {"require", "verify-ca", "verify-full"}),
    )
