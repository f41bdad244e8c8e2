from __future__ import annotations

import subprocess
import sys


def test_the_c_library_takes_every_option() -> None:
    """In a process of its own, because it is for good."""
    code = "from voice_agent.heap import give_back; raise SystemExit(not give_back())"
    assert sys.platform == "linux"
    done = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 (our own code)
    assert done.returncode == 0
