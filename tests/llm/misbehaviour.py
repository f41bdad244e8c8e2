"""Every way we know in which a model's server can fail, and what each is called."""

from __future__ import annotations

import gzip
import json
from typing import Any, Final

from tests.llm.server import STREAM, Behaviour, Handler, answers, event, head, writes

GOOD: Final = '{"commands": [{"command": "start_flow", "flow": "book_appointment"}]}'
WHOLE: Final = json.dumps({"choices": [{"message": {"content": GOOD}}]}).encode()


def says_nothing(handler: Handler, _: dict[str, Any]) -> None:
    handler.server.closing.wait(30)  # type: ignore[attr-defined]


def drips(handler: Handler, _: dict[str, Any]) -> None:
    """A byte every now and then, for ever: no single wait is long."""
    head(handler)
    while not handler.server.closing.wait(0.05):  # type: ignore[attr-defined]
        handler.wfile.write(b":")
        handler.wfile.flush()


def floods(handler: Handler, _: dict[str, Any]) -> None:
    head(handler)
    while not handler.server.closing.is_set():  # type: ignore[attr-defined]
        handler.wfile.write(b"x" * 65536)


def babbles(handler: Handler, _: dict[str, Any]) -> None:
    head(handler)
    while not handler.server.closing.is_set():  # type: ignore[attr-defined]
        event(handler, '{"a": ' * 100)


def hangs_up(handler: Handler, _: dict[str, Any]) -> None:
    head(handler)
    event(handler, GOOD[:20])


def speaks_something_else(handler: Handler, _: dict[str, Any]) -> None:
    handler.wfile.write(b"SSH-2.0\r\n\r\n")


BAD: Final[list[tuple[str, str, Behaviour]]] = [
    ("slow", "says nothing", says_nothing),
    ("slow", "drips", drips),
    ("unreadable", "floods", floods),
    ("unreadable", "babbles", babbles),
    ("unreadable", "hangs up", hangs_up),
    ("unreadable", "refuses", writes("Es tut mir leid, ", "dabei kann ich nicht helfen.")),
    ("unreadable", "talks", writes("Das Wetter in {Paris} ist schön.")),
    ("unreadable", "a list", writes("[1, 2, 3]")),
    ("unreadable", "nested", writes('{"commands":' + "[" * 3000 + "}")),
    ("unreadable", "null", answers(200, b"null")),
    ("unreadable", "empty", answers(200, b"")),
    ("unreadable", "no choice", answers(200, b'{"choices": []}')),
    ("unreadable", "a refusal", answers(200, b'{"choices": [{"message": {"refusal": "no"}}]}')),
    ("unreadable", "a page", answers(200, b"<html>", "text/html")),
    ("unreadable", "not UTF-8", answers(200, b"\xff\xfe data: {}", STREAM)),
    ("unreadable", "packed", answers(200, gzip.compress(WHOLE), "x", "Content-Encoding: gzip")),
    ("refused", "no such model", answers(404, b"{}")),
    ("refused", "no such key", answers(401, b"sk-canary is wrong")),
    ("refused", "broken", answers(500, b"")),
    ("refused", "elsewhere", answers(307, b"", "x", "Location: http://127.0.0.1:1/v1")),
    ("away", "no HTTP", speaks_something_else),
]
