from __future__ import annotations

import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from voice_agent import log
from voice_agent.errors import ModelError

PACKAGE = Path(log.__file__).parent
CALL = "CA" + "0123456789abcdef" * 2


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What production would have written, with the process's own logging put back afterwards."""
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    stream = io.StringIO()
    log.configure(production=True, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = raising
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_has_its_name_level_time_and_fields(stream: io.StringIO) -> None:
    structlog.get_logger("any").info("call_ended", call_id=CALL, seconds=3.5, phase="ended")
    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "call_ended",
        "level": "info",
        "call_id": CALL,
        "seconds": 3.5,
        "phase": "ended",
    }


def test_fields_outside_the_list_are_dropped_and_counted(stream: io.StringIO) -> None:
    structlog.get_logger().info("heard", text="canary", caller="canary", turn=1)
    (line,) = lines(stream)
    assert line["dropped"] == 2
    assert line["turn"] == 1
    assert "canary" not in stream.getvalue()


def test_a_bound_field_is_judged_like_any_other(stream: io.StringIO) -> None:
    structlog.get_logger().bind(name="canary", call_id=CALL).info("heard")
    assert lines(stream)[0]["call_id"] == CALL
    assert "canary" not in stream.getvalue()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("de", "de"),
        ("piper:en_US-joe-medium", "piper:en_US-joe-medium"),
        (CALL, CALL),
        (12, 12),
        (0.25, 0.25),
        (True, True),
        (None, None),
        ("ich heiße Müller", "[text]"),
        ("Müller", "[text]"),
        ("a\nb", "[text]"),
        ("", "[text]"),
        ("/p#token", "[text]"),
        ("+4930901820", "[text]"),
        ("004930901820", "[number]"),
        ("030-901820", "[number]"),
        ("tel:030901820", "[number]"),
        (4930901820, "[number]"),
        (["ich", "du"], "[text]"),
        ({"a": 1}, "[text]"),
        ("a" * 81, "a" * 80 + "..."),
    ],
)
def test_a_value_is_a_number_or_one_word(stream: io.StringIO, value: object, shown: object) -> None:
    structlog.get_logger().info("seen", reason=value)
    assert lines(stream)[0]["reason"] == shown


@pytest.mark.parametrize("name", ["Caller said hello", "+4930901820", "", "ä", "a" * 61, None, 7])
def test_an_event_that_is_no_name_is_not_written(stream: io.StringIO, name: Any) -> None:
    structlog.get_logger().info(name)
    assert lines(stream)[0]["event"] == "unnamed_event"


def test_an_exception_shows_its_kind_and_place_only(stream: io.StringIO) -> None:
    try:
        int("canary")
    except ValueError:
        structlog.get_logger().exception("went_wrong")
    (line,) = lines(stream)
    assert line["fault"] == "ValueError"
    assert line["trace"][0].startswith("test_log.py:")
    assert "canary" not in stream.getvalue()


def test_our_own_error_shows_its_code(stream: io.StringIO) -> None:
    structlog.get_logger().error("went_wrong", exc_info=ModelError("canary"))
    (line,) = lines(stream)
    assert (line["fault"], line["code"]) == ("ModelError", "model")
    assert "canary" not in stream.getvalue()


@pytest.mark.parametrize("name", ["uvicorn.error", "twilio.http_client", "alembic", "aiohttp", "x"])
def test_a_library_is_heard_but_not_quoted(stream: io.StringIO, name: str) -> None:
    """Their messages hold addresses with tokens, numbers, bodies; their arguments too."""
    logging.getLogger(name).error("GET /canary %s", "canary", extra={"canary": "canary"})
    (line,) = lines(stream)
    assert (line["event"], line["logger"], line["level"]) == ("library_log", name, "error")
    assert line["where"].startswith("test_log:")
    assert "canary" not in stream.getvalue()


def test_a_library_that_talks_below_a_warning_is_not_heard(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info("GET /canary")
    assert stream.getvalue() == ""


def test_a_handler_a_library_brought_along_is_taken_away() -> None:
    own = io.StringIO()
    noisy = logging.getLogger("noisy")
    noisy.addHandler(logging.StreamHandler(own))
    handlers = logging.getLogger().handlers[:]
    log.configure(production=True, stream=io.StringIO())
    noisy.error("canary")
    logging.getLogger().handlers[:] = handlers
    structlog.reset_defaults()
    assert own.getvalue() == ""


def test_people_read_the_same_in_development() -> None:
    handlers = logging.getLogger().handlers[:]
    stream = io.StringIO()
    log.configure(production=False, stream=stream)
    structlog.get_logger().info("call_ended", phase="ended", text="canary")
    logging.getLogger().handlers[:] = handlers
    structlog.reset_defaults()
    assert "call_ended" in stream.getvalue()
    assert "phase=ended" in stream.getvalue()
    assert "canary" not in stream.getvalue()


def logged() -> Iterator[tuple[str, ast.Call]]:
    """Every call of a logger in the program, with where it stands."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "log"
                and node.func.attr in {"debug", "info", "warning", "error", "exception"}
            ):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


def test_the_program_logs_only_fixed_names_and_fields_of_the_list() -> None:
    """Nothing it says is lost to the list, and no event's name is put together at run time."""
    calls = list(logged())
    assert calls
    for where, call in calls:
        assert len(call.args) == 1, where
        assert isinstance(call.args[0], ast.Constant), where
        assert log._EVENT.fullmatch(str(call.args[0].value)), where
        assert {keyword.arg for keyword in call.keywords} <= log.FIELDS | {"exc_info"}, where


@given(
    fields=st.dictionaries(
        st.sampled_from(sorted(log.FIELDS)) | st.text(max_size=10),
        st.from_regex(r"canary .{0,20}", fullmatch=True) | st.from_regex(r"\+49[0-9]{6,12}"),
        max_size=5,
    )
)
def test_neither_sentence_nor_number_gets_through(fields: dict[str, str]) -> None:
    kept = log.keep_allowed(None, "info", {"event": "seen"} | fields)
    assert "canary " not in str(kept)
    assert "+49" not in str(kept)
