"""``python -m voice_agent`` is the command ``voice-agent``."""

from __future__ import annotations

from voice_agent.cli import main

if __name__ == "__main__":
    main()
