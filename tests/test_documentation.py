"""What the guides name is there, and what they list is all there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BY_LANGUAGE = re.compile(r'"de"[:,]')
OTHERS = {
    *("voice_agent/commands/", "voice_agent/dialogue/conversation.py"),
    *("voice_agent/dialogue/flow_answer.py", "voice_agent/tools/plan.py"),
    "voice_agent/tools/confirmation.py",
}
"""They have a German default or example, and nothing to translate."""


def paths(guide: str) -> set[str]:
    """Every path below the program's or the configuration's directories that a guide names."""
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    found = re.findall(r"(?:voice_agent|config|prompts|consent|tests)/[\w/.-]*[\w/]", text)
    return {path for path in found if "fr" not in re.split(r"[/.]", path)}


@pytest.mark.parametrize("guide", ["languages.md", "trades.md"])
def test_every_path_a_guide_names_is_there(guide: str) -> None:
    assert [path for path in sorted(paths(guide)) if not (ROOT / path).exists()] == []


def test_every_module_with_something_by_language_is_named_in_the_guide_to_languages() -> None:
    named = paths("languages.md")
    modules = [*(ROOT / "voice_agent").rglob("*.py"), *(ROOT / "consent").rglob("*.py")]
    by_language = {
        str(path.relative_to(ROOT))
        for path in modules
        if BY_LANGUAGE.search(path.read_text(encoding="utf-8"))
    }
    covered = (*named, *OTHERS)
    assert [
        path for path in sorted(by_language) if not any(path.startswith(each) for each in covered)
    ] == []
