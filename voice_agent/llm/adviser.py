"""A language model that calls may ask: in bounded time, and not while it keeps failing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future
from typing import Final

import structlog

from voice_agent.dialogue.understanding.ports import Briefing
from voice_agent.llm.endpoint import Endpoint
from voice_agent.llm.errors import Failure, ModelUnavailable
from voice_agent.llm.rest import Rest

log = structlog.get_logger(__name__)

LIMIT_S: Final = 1.5
"""Seconds from the question to the answer, connecting included; then it is not waited for."""

WARMING_S: Final = 120.0
"""Seconds a server may take to load the model and read the instructions in one language."""

_CLOSING_S: Final = 2.0


class EndpointAdviser:
    """The model behind an endpoint.

    It has an event loop in a thread of its own: connections stay open from call to call, and a
    question that has taken too long is let go of, whatever it is busy with.

    Args:
        endpoint: where it is asked.
        count: told what comes of questions: ``language_model_`` and a word, never content.
        limit_s: seconds there are for an answer.
        clock: seconds of a clock that only goes forward.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        count: Callable[[str], None],
        limit_s: float = LIMIT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoint = endpoint
        self._count = count
        self._limit_s = limit_s
        self._rest = Rest(clock)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="language-model", daemon=True
        )
        self._thread.start()

    def ask(self, briefing: Briefing) -> object | None:
        """See ``Adviser``."""
        if not self._rest.allows():
            self._count("language_model_resting")
            return None
        question = self._endpoint.answer(briefing)
        try:
            job = asyncio.run_coroutine_threadsafe(question, self._loop)
        except RuntimeError:  # the process is stopping
            question.close()
            return None
        self._count("language_model_asked")
        try:
            answer = job.result(self._limit_s)
        except TimeoutError:
            job.cancel()
            self._failed(Failure.SLOW)
            return None
        except ModelUnavailable as fault:
            self._failed(fault.failure)
            return None
        except CancelledError:  # likewise
            return None
        except Exception:  # noqa: BLE001 (whatever a library raises here, the call goes on)
            self._failed(Failure.AWAY)
            return None
        self._rest.succeeded()
        return answer

    def warm(self, briefings: Iterable[Briefing]) -> Future[None]:
        """Have the server read the instructions, and load the model, before anybody waits for it.

        That it failed is logged and has no other consequence.
        """
        return asyncio.run_coroutine_threadsafe(self._warm(tuple(briefings)), self._loop)

    async def _warm(self, briefings: tuple[Briefing, ...]) -> None:
        for briefing in briefings:
            try:
                async with asyncio.timeout(WARMING_S):
                    await self._endpoint.answer(briefing)
            except ModelUnavailable as fault:
                log.warning("language_model_failed", fault=fault.failure.value)
            except TimeoutError:
                log.warning("language_model_failed", fault=Failure.SLOW.value)

    def close(self) -> None:
        """Close the connections; blocks for a moment."""
        job = asyncio.run_coroutine_threadsafe(self._let_go(), self._loop)
        try:
            job.result(_CLOSING_S)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_CLOSING_S)
            if not self._thread.is_alive():
                self._loop.close()

    async def _let_go(self) -> None:
        """End what is still asked, then close."""
        running = asyncio.all_tasks() - {asyncio.current_task()}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._endpoint.close()

    def _failed(self, failure: Failure) -> None:
        self._rest.failed()
        self._count(f"language_model_{failure}")
        log.warning("language_model_failed", fault=failure.value)
