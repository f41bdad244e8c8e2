"""A server that speaks as a language model's does, or as badly as a test wants it to."""

from __future__ import annotations

import contextlib
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

Behaviour = Callable[[socketserver.StreamRequestHandler, dict[str, Any]], None]
"""Answers one request, whose JSON body it is given, over the handler's ``wfile``."""

Handler = socketserver.StreamRequestHandler

STREAM: Final = "text/event-stream; charset=utf-8"


def head(handler: Handler, status: int = 200, kind: str = STREAM, *more: str) -> None:
    """The status line and headers; the body ends with the connection."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", "Connection: close", *more, "", ""]
    handler.wfile.write("\r\n".join(lines).encode())


def event(handler: Handler, text: str) -> None:
    """One piece of what a model writes."""
    document = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
    handler.wfile.write(f"data: {json.dumps(document)}\n\n".encode())
    handler.wfile.flush()


def writes(*pieces: str) -> Behaviour:
    """Write these pieces, one event each."""

    def behave(handler: Handler, _: dict[str, Any]) -> None:
        head(handler)
        for piece in pieces:
            event(handler, piece)
        handler.wfile.write(b"data: [DONE]\n\n")

    return behave


def answers(status: int, body: bytes, kind: str = "application/json", *more: str) -> Behaviour:
    """Answer with this status and body, at once and whole."""

    def behave(handler: Handler, _: dict[str, Any]) -> None:
        head(handler, status, kind, *more)
        handler.wfile.write(body)

    return behave


class Server(socketserver.ThreadingTCPServer):
    """It behaves as ``behaviour`` says and keeps what it was asked."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.behaviour: Behaviour = writes('{"commands": []}')
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()
        super().__init__(("127.0.0.1", 0), _Request)

    @property
    def url(self) -> str:
        """The address for ``LLM_BASE_URL``."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Request(Handler):
    """One connection with one request on it."""

    server: Server

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            line = self.rfile.readline().decode()
            headers: dict[str, str] = {}
            while (each := self.rfile.readline().decode().strip()) != "":
                name, _, value = each.partition(":")
                headers[name.lower()] = value.strip()
            body = json.loads(self.rfile.read(int(headers.get("content-length", "0"))) or b"{}")
            if line:
                self.server.requests.append(body)
                self.server.headers.append(headers | {"": line.strip()})
                self.server.behaviour(self, body)


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """A running server."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
