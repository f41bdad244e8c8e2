"""Parts of configuration files: read strictly, and what is wrong told by file, line and key."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from voice_agent.errors import ConfigurationError
from voice_agent.outline import Outline, Place


class Part(BaseModel):
    """A part of a file: exactly these keys, exactly these types."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Whole = TypeVar("Whole", bound=Part)


def read(path: Path, kind: type[Whole]) -> Whole:
    """Read and check a file.

    Args:
        path: the file.
        kind: what it holds.

    Raises:
        ConfigurationError: one line per fault with file, line, key and mend.
    """
    outline = Outline.read(path)
    try:
        # As JSON, so that types are strict ("8" is no number) and a list can be a tuple.
        return kind.model_validate_json(json.dumps(outline.data), strict=True)
    except ValidationError as error:
        raise ConfigurationError("\n".join(_explain(error, outline, kind))) from error


def _explain(error: ValidationError, outline: Outline, kind: type[Part]) -> Iterator[str]:
    """One line per fault: file, line, key, what is wrong, the mend."""
    for fault in error.errors(include_url=False):
        place: Place = fault["loc"]
        context = fault.get("ctx", {})
        possible = _keys(kind, place[:-1]) if fault["type"] == "extra_forbidden" else []
        key = str(place[-1]) if place else ""
        sentence = _sentence(fault["type"], fault["msg"], key, possible, context)
        yield f"{outline.where(place)}: {sentence}"


def _sentence(
    kind: str, message: str, key: str, possible: list[str], context: dict[str, Any]
) -> str:
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, possible, n=1)
        return (
            f"unknown key; write {near[0]}"
            if near
            else f"unknown key; delete it, or use one of {', '.join(possible)}"
        )
    if kind == "missing":
        return "is missing; add it"
    if kind == "value_error":
        return str(context["error"])
    quotes = "; put it in quotes" if kind == "string_type" else ""
    return message[:1].lower() + message[1:] + quotes


def _keys(part: type[Part], place: Place) -> list[str]:
    """The keys that are possible in this place of the file."""
    for step in place:
        if isinstance(step, str):
            annotation: Any = part.model_fields[step].annotation
            part = next(iter(get_args(annotation)), annotation)
    return list(part.model_fields)
