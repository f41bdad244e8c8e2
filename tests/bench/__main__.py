"""``make bench``: measures on this machine and prints tables; nothing is asserted.

python -m tests.bench            # calls: 1 and 4 at once
python -m tests.bench recogniser # the recogniser against stock faster-whisper
python -m tests.bench turns      # how turns are ended: false cut-offs and dead air
python -m tests.bench noise      # turns on bad lines, against webrtcvad alone
python -m tests.bench context    # the recogniser told which words are expected
python -m tests.bench interruptions # barge-in: who stops the agent, how soon, what does not
python -m tests.bench ledger     # the consent ledger at 100,000 records
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

from tests.bench import calls
from tests.service.server import ROOT, running

ROUNDS = {1: 2, 4: 1}
"""Calls at once, and how often; each call asks four questions."""


def main(arguments: list[str]) -> int:
    """Run what is asked for."""
    if arguments == ["recogniser"]:
        from tests.bench import recogniser  # noqa: PLC0415 (loads two engines)

        recogniser.main()
        return 0
    if arguments == ["ledger"]:
        from tests.bench import ledger  # noqa: PLC0415 (needs no server)

        ledger.main()
        return 0
    if arguments == ["context"]:
        from tests.bench import context  # noqa: PLC0415 (as above)

        context.main([])
        return 0
    if arguments[:1] == ["interruptions"]:
        from tests.bench import interruptions  # noqa: PLC0415 (as above)

        interruptions.main(arguments[1:])
        return 0
    if arguments == ["turns"]:
        from tests.bench import turns  # noqa: PLC0415 (as above)

        turns.main([])
        return 0
    if arguments == ["noise"]:
        from tests.bench import noise  # noqa: PLC0415 (needs no server)

        noise.main()
        return 0
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, ", end="")
    print(f"Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as first, running(Path(first)) as server:
        print(f"start to ready, nothing rendered yet: {server.start_seconds:.1f} s")
        print()
        print(calls.HEADING)
        for count, rounds in ROUNDS.items():
            measured = calls.measure(server, count, ROOT / "tests" / "recordings", rounds)
            print(measured.row(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
