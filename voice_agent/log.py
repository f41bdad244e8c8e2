"""Logging that cannot carry what a caller said, who they are, or a secret (rule C18).

An event is a short fixed name. Its fields come from a closed list and hold numbers or single
words. What other libraries log is reduced to where it came from: their messages quote addresses
with tokens, numbers and bodies. Exceptions are reduced to their kinds and places, for the same
reason. Everything goes to standard error: JSON in production, text for people in development.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Final, TextIO

import structlog

from voice_agent.errors import VoiceAgentError

FIELDS: Final = frozenset(
    "call_id carrier_code code count direction disposition engine event_type fault kind language "
    "late_ms logger ms outcome phase reason seconds stream_id tool turn verb version voice "
    "where".split()
)
"""Fields that may be logged. A new one is added here, where a reviewer sees it."""

LONGEST: Final = 80
"""Characters of a value."""

_EVENT: Final = re.compile(r"[a-z][a-z0-9_]{1,59}")
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]*")
# Seven digits in a row, separators allowed, and nothing around them that makes them an identifier.
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[-./]?[0-9]){6,}(?![0-9A-Za-z])")
_PLACES: Final = 8

_Event = MutableMapping[str, Any]


def configure(*, production: bool, stream: TextIO | None = None, least: int = logging.INFO) -> None:
    """Set up logging for the process, other libraries' included.

    Args:
        production: JSON lines instead of text.
        stream: where to write; standard error when it is left out.
        least: the least important level that is written.
    """
    stream = stream or sys.stderr
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if production
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    structlog.configure(
        processors=[
            place_exception,
            keep_allowed,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [ForeignHandler()]
    root.setLevel(logging.WARNING)
    for name in list(logging.Logger.manager.loggerDict):
        # A library that set up its own output would print past us.
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    logging.raiseExceptions = False  # a broken record is dropped, not printed with its arguments


def keep_allowed(logger: object, method: str, event: _Event) -> _Event:
    """Keep fields of the closed list with harmless values; count the others."""
    del logger, method
    kept: dict[str, Any] = {"event": _named(event.pop("event", ""))}
    dropped = 0
    for field, value in event.items():
        if field in FIELDS or field == "trace":
            kept[field] = (
                [_harmless(each) for each in value] if field == "trace" else _harmless(value)
            )
        else:
            dropped += 1
    if dropped:
        kept["dropped"] = dropped
    return kept


def place_exception(logger: object, method: str, event: _Event) -> _Event:
    """Reduce an exception to its kind, its code if it is ours, and the places it went through."""
    del logger, method
    fault = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if fault is True:
        fault = sys.exc_info()
    if isinstance(fault, BaseException):
        fault = (type(fault), fault, fault.__traceback__)
    if not isinstance(fault, tuple) or fault[1] is None:
        return event
    event["fault"] = type(fault[1]).__name__
    if isinstance(fault[1], VoiceAgentError):
        event["code"] = fault[1].code
    event["trace"] = _places(fault[2])
    return event


class ForeignHandler(logging.Handler):
    """Logs that a library said something, how grave it is and where, but never what."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass the record on without its message."""
        structlog.get_logger().log(
            record.levelno,
            "library_log",
            logger=record.name,
            where=f"{record.module}:{record.lineno}",
            exc_info=record.exc_info,
        )


def _named(event: object) -> str:
    return event if isinstance(event, str) and _EVENT.fullmatch(event) else "unnamed_event"


def _harmless(value: object) -> object:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**9 else "[number]"
    text = str(value)
    if not _WORD.fullmatch(text):
        return "[text]"
    if _NUMBER.search(text):
        return "[number]"
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_PLACES:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
