"""What a running call asks of its carrier beside the media stream."""

from __future__ import annotations

from typing import Protocol

from voice_agent.runtime.message import MessageName


class CallControl(Protocol):
    """Commands to a call that is under way."""

    async def hang_up(self, call_sid: str) -> None:
        """End the call. A call that is already over is a success.

        Raises:
            CarrierError: the carrier refused, or could not be reached.
        """
        ...

    async def update_twiml(self, call_sid: str, twiml: str) -> None:
        """Go on with this TwiML; the media stream ends. A call already over is a success.

        Write down what the call is about to become first: the stream's ``stop`` follows at once.

        Raises:
            CarrierError: as above.
            ValueError: the document is not one that may be sent.
        """
        ...


class Messenger(Protocol):
    """Text messages."""

    async def send(self, to: str, text: str, name: MessageName | None) -> str:
        """Hand a text message to the carrier; delivery is reported later, if at all.

        Args:
            to: the number, E.164.
            text: the message.
            name: what it is called here; its reports come under this name, so that they find it
                even if this request gets no answer. Without a name none come.

        Returns:
            The carrier's identifier of the message.

        Raises:
            CarrierError: as above; ``carrier_code`` tells numbers that cannot receive one, and
                ``may_have_happened`` whether the message may be under way nevertheless.
        """
        ...


class CarrierRecords(Protocol):
    """What the carrier keeps of calls and messages after they are over."""

    async def delete_call(self, sid: str) -> None:
        """Delete its record of a call. One that is not there any more is a success.

        Raises:
            CarrierError: it is still there, or nobody knows; ``carrier_code`` 20009 says that the
                call is not over yet, or not for long enough.
        """
        ...

    async def delete_message(self, sid: str) -> None:
        """Delete its record of a text message; likewise.

        Raises:
            CarrierError: as above.
        """
        ...
