"""``make bench``: measures on this machine; nothing is asserted.

python -m tests.bench              # every section, into docs/performance.md
python -m tests.bench calls media  # these sections alone, printed
python -m tests.bench noise        # no section: turns on bad lines, against webrtcvad alone
python -m tests.bench console      # two workers, a browser: the operator console, into its place
python -m tests.bench context      # no section: the recogniser told which words are expected
python -m tests.bench ledger       # no section: the consent ledger at 100,000 records
python -m tests.bench words        # no section: answers without sound, over every scenario

A section that fails is told as failed, the others are measured all the same, and the exit code
says that something is missing: 1. A figure that is not as wanted is no failure.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Final

from tests.bench.bench import Bench, load, machine
from tests.bench.document import Ran, measured, part, put_between
from tests.bench.picture import draw
from tests.bench.section import Section
from tests.service.server import ROOT

DOCUMENT: Final = ROOT / "docs" / "performance.md"
PICTURE: Final = ROOT / "docs" / "performance.svg"

SECTIONS: Final = ("calls", "greeting", "quiet", "media", "recogniser", "turns", "interruptions")
"""What is measured, in this order. Each is a module here with ``report(bench) -> Section``."""

APART: Final = ("noise", "console", "context", "ledger", "words")
"""Measured on their own, too long for the report. Each is a module here with ``main()``."""


def report_of(name: str) -> Callable[[Bench], Section]:
    """A section's callable. Some load engines, so each is imported when its turn comes."""
    report: Callable[[Bench], Section] = import_module(f"tests.bench.{name}").report
    return report


def run(names: Sequence[str]) -> list[Ran]:
    """Run sections one after the other on one server, telling each as it is done."""
    ran: list[Ran] = []
    with Bench() as bench:
        for name in names:
            began = time.monotonic()
            sys.stderr.write(f"{name} ...\n")
            try:
                found: Section | str = report_of(name)(bench)
            except (Exception, SystemExit) as fault:  # noqa: BLE001 (the others are measured all the same)
                found = f"{type(fault).__name__}: {str(fault).partition(chr(10))[0]}"
            ran.append(Ran(name, found, time.monotonic() - began))
            print(part(ran[-1]), end="\n\n", flush=True)
    return ran


def write(ran: Sequence[Ran], began: datetime, loaded: str) -> None:
    """Put everything into the document, and draw its picture."""
    facts = [
        ("measured", f"{began:%Y-%m-%d %H:%M} UTC, `make bench`"),
        ("machine", machine()),
        ("load average at the start (1, 5, 15 min)", loaded),
        ("all sections took", f"{sum(each.seconds for each in ran) / 60:.1f} min"),
    ]
    panels = [p for each in ran if isinstance(each.found, Section) for p in each.found.panels]
    if panels:
        draw(panels, PICTURE)
    generated = measured(ran, facts, PICTURE.name if panels else "")
    DOCUMENT.write_text(put_between(DOCUMENT.read_text("utf-8"), generated), "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; without arguments everything, into the document."""
    if arguments and arguments[0] in APART:
        import_module(f"tests.bench.{arguments[0]}").main(arguments[1:])
        return 0
    if unknown := [name for name in arguments if name not in SECTIONS]:
        sys.stderr.write(f"no section {unknown[0]}; there are {', '.join(SECTIONS + APART)}\n")
        return 2
    began, loaded = datetime.now(UTC), load()
    ran = run(arguments or list(SECTIONS))
    if not arguments:
        write(ran, began, loaded)
    return 0 if all(each.is_whole for each in ran) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
