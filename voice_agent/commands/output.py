"""How a command prints its results: for people, or as one JSON object a line for programs."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

from rich.console import Console


@dataclass(frozen=True, slots=True)
class Output:
    """Where results go. Progress and notes for people go to standard error in both forms.

    Attributes:
        as_json: one JSON object a line on standard output instead of prose.
    """

    as_json: bool = False

    def result(self, record: dict[str, Any], prose: str) -> None:
        """Print one result: the record as JSON, or the prose (plain text, never markup)."""
        if self.as_json:
            sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            Console(highlight=False, soft_wrap=True).print(prose, markup=False)

    def note(self, text: str) -> None:
        """Tell the person something that is not a result; goes to standard error."""
        Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)
