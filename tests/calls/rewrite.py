"""Writes the actions of every ``*.call`` anew: ``python -m tests.calls.rewrite``."""

from __future__ import annotations

from pathlib import Path

from tests.call.conftest import make_stage
from tests.calls.notation import read
from tests.calls.replay import replay


def rewrite(path: Path) -> None:
    """Keep the comments and the events of a script, and put the actions as they are now."""
    script = path.read_text(encoding="utf-8")
    steps = read(script)
    actions = {
        step.line: list(done) for step, done in zip(steps, replay(steps, make_stage()), strict=True)
    }
    written: list[str] = []
    for number, line in enumerate(script.splitlines(), 1):
        if not line.lstrip().startswith(">"):
            written.append(line)
        written += [f"      > {action}" for action in actions.get(number, [])]
    path.write_text("\n".join(written) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for each in sorted(Path(__file__).parent.glob("*.call")):
        rewrite(each)
