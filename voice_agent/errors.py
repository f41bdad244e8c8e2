"""Every error the program raises on purpose has a code that logs and other programs can rely on."""

from __future__ import annotations

from typing import ClassVar


class VoiceAgentError(Exception):
    """Base of all coded errors. The message is for a person and carries no personal data."""

    code: ClassVar[str] = "error"


class ConfigurationError(VoiceAgentError):
    """A setting or a configuration file is wrong; the message names which, and the mend."""

    code = "configuration"


class ModelError(VoiceAgentError):
    """A model file is missing, incomplete or not the one that was pinned."""

    code = "model"


class EngineError(VoiceAgentError):
    """A recogniser or synthesiser failed on one piece of work; the call goes on."""

    code = "engine"


class ProtocolError(VoiceAgentError):
    """The other side sent what the protocol does not allow."""

    code = "protocol"


class IllegalEvent(VoiceAgentError):
    """An event that cannot happen in the call's present phase; nothing was changed."""

    code = "illegal_event"


class CarrierError(VoiceAgentError):
    """The carrier refused or failed a request.

    Attributes:
        carrier_code: the carrier's own number for the fault, where it gave one.
        status: HTTP status of its answer, where there was one.
        may_have_happened: nobody knows whether the carrier did what it was asked.
    """

    code = "carrier"
    may_have_happened: ClassVar[bool] = False

    def __init__(
        self, message: str, carrier_code: int | None = None, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.carrier_code = carrier_code
        self.status = status


class ErasureIncomplete(VoiceAgentError):
    """A person was erased in part; doing it again completes it.

    Attributes:
        place: where it stopped.
    """

    code = "erasure_incomplete"

    def __init__(self, place: str) -> None:
        super().__init__(
            f"The erasure is incomplete: it stopped at {place}. What is erased stays erased; "
            "do it again to erase the rest"
        )
        self.place = place


class PurposeNotGranted(VoiceAgentError):
    """Something was to be kept for a purpose that nobody consented to; it was not (C10)."""

    code = "purpose_not_granted"
