"""Lines as they are typed, for a command that does something else meanwhile."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from voice_agent.commands.understand import lines


@asynccontextmanager
async def typed_lines() -> AsyncIterator[AsyncIterator[str]]:
    """The lines of standard input to its end; one that is none comes as an empty one.

    Nobody waits for a line that is never typed: the thread that reads ends with the process.
    """
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        with suppress(RuntimeError, ValueError):  # the loop, or the input, is closed
            for line in lines(sys.stdin.buffer):
                loop.call_soon_threadsafe(waiting.put_nowait, line.text or "")
            loop.call_soon_threadsafe(waiting.put_nowait, None)

    async def typed() -> AsyncIterator[str]:
        while (line := await waiting.get()) is not None:
            yield line

    threading.Thread(target=read, daemon=True, name="typed-lines").start()
    yield typed()
