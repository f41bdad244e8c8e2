"""What a model writes, piece by piece, until a JSON object is complete. All of it is hostile."""

from __future__ import annotations

import json
from typing import Any, Final

from voice_agent.llm.errors import Failure, ModelUnavailable

MOST_BYTES: Final = 256 * 1024
"""Of one answer over the wire; each of some hundred pieces comes in an envelope."""

MOST_CHARACTERS: Final = 4096
"""Of what the model writes."""

_DECODER: Final = json.JSONDecoder()


class Reply:
    """One answer as it arrives: server-sent events, or a single JSON document.

    Args:
        streamed: it comes as events.
    """

    def __init__(self, *, streamed: bool) -> None:
        self._streamed = streamed
        self._left = MOST_BYTES
        self._bytes = bytearray()
        self._text = ""

    def feed(self, piece: bytes) -> dict[str, Any] | None:
        """Take in what has arrived.

        Returns:
            The object as soon as it is complete; whatever the model adds is of no use.

        Raises:
            ModelUnavailable: it is too long.
        """
        self._left -= len(piece)
        if self._left < 0:
            raise ModelUnavailable(Failure.UNREADABLE)
        self._bytes += piece
        if not self._streamed:
            return None
        *lines, rest = self._bytes.split(b"\n")
        self._bytes = bytearray(rest)
        for line in lines:
            if line.startswith(b"data:"):
                self._write(_content(_json(bytes(line[5:])), "delta"))
        return self._object() if lines else None

    def end(self) -> dict[str, Any]:
        """The object, now that all has arrived.

        Raises:
            ModelUnavailable: there is none.
        """
        if not self._streamed:
            self._write(_content(_json(bytes(self._bytes)), "message"))
        found = self._object()
        if found is None:
            raise ModelUnavailable(Failure.UNREADABLE)
        return found

    def _write(self, text: str) -> None:
        self._text += text
        if len(self._text) > MOST_CHARACTERS:
            raise ModelUnavailable(Failure.UNREADABLE)

    def _object(self) -> dict[str, Any] | None:
        """The first object in the text: models that are not held to JSON talk around it."""
        start = self._text.find("{")
        if start < 0 or "}" not in self._text:
            return None
        try:
            found, _ = _DECODER.raw_decode(self._text, start)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


def _json(written: bytes) -> object:
    """What these bytes say, or nothing."""
    try:
        found: object = json.loads(written)
    except (ValueError, RecursionError):
        return None
    return found


def _content(document: object, part: str) -> str:
    """The text of the first choice in an answer, or nothing."""
    choices = document.get("choices") if isinstance(document, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get(part) if isinstance(first, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    return content if isinstance(content, str) else ""
