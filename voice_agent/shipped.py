"""Where the sentences and the example company lie that come with the program."""

from __future__ import annotations

from pathlib import Path


def checkout() -> Path | None:
    """The checkout this program runs from; ``None`` where it was installed as a package."""
    directory = Path(__file__).parent.parent
    is_one = (directory / "pyproject.toml").is_file() and (directory / "prompts").is_dir()
    return directory if is_one else None


def shipped() -> Path:
    """The directory with ``config`` and ``prompts`` as they were shipped."""
    return checkout() or Path(__file__).parent / "defaults"
