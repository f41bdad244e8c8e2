"""The sound of the telephone line in a browser: ES modules that more than one page is served."""

from __future__ import annotations

from importlib.resources import files


def scripts() -> dict[str, bytes]:
    """Each module by its file name; they import one another from the same directory."""
    directory = files("voice_agent.audio") / "static"
    return {file.name: file.read_bytes() for file in directory.iterdir()}
