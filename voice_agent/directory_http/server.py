"""The system's requests: bounded in time and size. Whatever it answers is outside input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin

import httpx

from voice_agent.errors import VoiceAgentError

REQUEST_LIMIT_S: Final = 3.0
"""Seconds a request may take between two pieces of its answer."""

MOST_BYTES: Final = 256 * 1024
"""No answer is longer: some hundred contracts."""

_DONE: Final = frozenset({200, 201})
_REFUSED: Final = frozenset({403, 404, 422})
"""What a system answers about somebody it does not know, or whose secret is another."""


class DirectoryUnavailable(VoiceAgentError):
    """The system is away, slow, refuses us, or answers what it may not."""

    code = "directory"


class DirectoryServer:
    """Sends requests.

    Args:
        url: below this address the paths lie.
        headers: sent with each, the key among them.
    """

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._root = f"{url.rstrip('/')}/"
        self._client = httpx.AsyncClient(
            timeout=REQUEST_LIMIT_S,
            trust_env=False,
            headers={"User-Agent": "voice-agent", "Accept": "application/json"} | dict(headers),
        )

    async def ask(self, path: str, values: Mapping[str, str]) -> dict[str, Any] | None:
        """The answer to a request, or ``None`` if the system knows nothing of it.

        Raises:
            DirectoryUnavailable: it was not answered as it should be.
        """
        received = bytearray()
        try:
            async with self._client.stream(
                "POST", urljoin(self._root, path.lstrip("/")), json=dict(values)
            ) as answer:
                if answer.status_code in _REFUSED:
                    return None
                if answer.status_code not in _DONE:
                    raise DirectoryUnavailable(f"was answered {answer.status_code}")
                async for piece in answer.aiter_bytes():
                    received += piece
                    if len(received) > MOST_BYTES:
                        raise DirectoryUnavailable("the answer is too long")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise DirectoryUnavailable(type(error).__name__) from None
        try:
            found = json.loads(received)
        except (ValueError, RecursionError):
            raise DirectoryUnavailable("the answer is no JSON") from None
        if not isinstance(found, dict):
            raise DirectoryUnavailable("the answer is no object")
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
