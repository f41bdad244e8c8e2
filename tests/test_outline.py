from __future__ import annotations

from pathlib import Path

import pytest

from voice_agent.errors import ConfigurationError
from voice_agent.outline import Outline

TEXT = """\
name: Berger
open: true
hours:
  - day: 1
    from: 07:30
  - {day: 2, from: ~}
share: 0.5
since: 2026-11-23
"""


@pytest.fixture
def outline(tmp_path: Path) -> Outline:
    path = tmp_path / "any.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return Outline.read(path)


def test_values_are_plain(outline: Outline) -> None:
    """A date stays the text it was written as."""
    assert outline.data["name"] == "Berger"
    assert outline.data["open"] is True
    assert outline.data["hours"][1] == {"day": 2, "from": None}
    assert outline.data["share"] == 0.5
    assert outline.data["since"] == "2026-11-23"


@pytest.mark.parametrize(
    ("place", "where"),
    [
        (("name",), "1: name"),
        (("hours", 0, "from"), "5: hours.0.from"),
        (("hours", 1, "day"), "6: hours.1.day"),
        (("hours", 1, "until"), "6: hours.1.until"),
        (("nowhere", "at", "all"), "1: nowhere.at.all"),
        ((), "1"),
    ],
)
def test_every_value_has_its_line(
    outline: Outline, place: tuple[str | int, ...], where: str
) -> None:
    assert outline.where(place) == f"{outline.path}:{where}"


def test_a_key_twice_is_told_at_any_depth(tmp_path: Path) -> None:
    path = tmp_path / "any.yaml"
    path.write_text("a:\n  - b: 1\n    b: 2\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r":3: b: written twice"):
        Outline.read(path)
