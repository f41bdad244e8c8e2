"""One OpenAI-compatible endpoint, spoken to in one request. What it answers is outside input."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final

import httpx

from voice_agent.dialogue.understanding.ports import Briefing
from voice_agent.llm.errors import Failure, ModelUnavailable
from voice_agent.llm.reply import Reply

MOST_TOKENS: Final = 200
"""Tokens of an answer; four commands have fewer."""

KEPT_S: Final = 300.0
"""Seconds a connection is kept for the next question."""

_OK: Final = 200
_OTHER_FORM: Final = frozenset({400, 422, 500})
"""What servers say to a form they do not know; llama-cpp-python calls it an error of its own."""


class Endpoint:
    """The requests.

    The answer is held to the schema by the server, in the first of three forms that it accepts:
    ``json_schema``; ``json_object`` with the schema beside it, as llama-cpp-python takes it; or not
    at all. Whatever the form, the answer is read as if nothing had held it.

    Args:
        url: the address below which ``/chat/completions`` is.
        model: the model's name there.
        key: sent as a bearer token; ``None`` sends none.
        schema: JSON schema of an answer.
    """

    def __init__(self, url: str, model: str, key: str | None, schema: dict[str, Any]) -> None:
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._model = model
        self._forms: tuple[dict[str, Any], ...] = (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "commands", "strict": True, "schema": schema},
                }
            },
            {"response_format": {"type": "json_object", "schema": schema}},
            {},
        )
        self._form = 0
        headers = {"User-Agent": "voice-agent", "Accept-Encoding": "identity"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        # No cookie is kept: it would tie together what different callers say.
        jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.AsyncClient(
            headers=headers,
            cookies=jar,
            timeout=None,  # whoever asks says how long there is  # noqa: S113
            trust_env=False,
            limits=httpx.Limits(keepalive_expiry=KEPT_S),
        )

    async def answer(self, briefing: Briefing) -> dict[str, Any]:
        """Ask the model. The answer is a JSON object; what is in it is not looked at.

        Raises:
            ModelUnavailable: there is no such answer.
        """
        for form in range(self._form, len(self._forms)):
            try:
                answer = await self._asked(briefing, self._forms[form])
            except ModelUnavailable as fault:
                if fault.status not in _OTHER_FORM or form + 1 == len(self._forms):
                    raise
            else:
                self._form = form
                return answer
        raise AssertionError("the last form has answered or raised")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _asked(self, briefing: Briefing, form: dict[str, Any]) -> dict[str, Any]:
        question = {
            "model": self._model,
            "messages": [
                {"role": "system", "content": briefing.instructions},
                {"role": "user", "content": briefing.words},
            ],
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
            # In pieces, to stop at the closing brace: the server stops writing with the connection.
            "stream": True,
            **form,
        }
        try:
            async with self._client.stream("POST", self._url, json=question) as answer:
                if answer.status_code != _OK:
                    raise ModelUnavailable(Failure.REFUSED, answer.status_code)
                kind = answer.headers.get("content-type", "")
                reply = Reply(streamed=kind.startswith("text/event-stream"))
                async for piece in answer.aiter_raw():
                    found = reply.feed(piece)
                    if found is not None:
                        return found
                return reply.end()
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise ModelUnavailable(Failure.AWAY) from error
