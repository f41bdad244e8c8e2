"""What the documents say of settings and configuration is complete."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from voice_agent.agent import AgentConfig
from voice_agent.part import Part
from voice_agent.settings import Settings

ROOT = Path(__file__).parents[1]


def keys(part: type[Part], prefix: str = "") -> Iterator[str]:
    """Every key of a part of the configuration file, dotted."""
    for name, field in part.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Part):
            yield from keys(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_every_environment_variable_stands_in_the_readme(name: str) -> None:
    """In the table of settings."""
    assert f"`{name}`" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("key", list(keys(AgentConfig)))
def test_every_key_of_the_configuration_is_explained(key: str) -> None:
    """With a default and a meaning."""
    rows = (ROOT / "docs" / "configuration.md").read_text().splitlines()
    row = next(row for row in rows if row.startswith(f"| `{key}` |"))
    assert all(cell.strip() for cell in row.strip("|").split("|"))
