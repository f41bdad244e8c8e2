"""The C library's heap, told to give back what the speech engines let go of.

Left alone, glibc raises the size from which memory goes back to the system with every large piece
that is freed, and keeps an arena for each thread. After a few calls tens of megabytes lie in gaps
that nobody uses (mallopt(3)).
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

LARGE: Final = 8 * 1024 * 1024
"""Bytes from which a piece of memory comes from the system itself, and goes back to it."""

_OPTIONS: Final = {
    "M_TRIM_THRESHOLD": (-1, LARGE),
    "M_MMAP_THRESHOLD": (-3, LARGE),
    "M_ARENA_MAX": (-8, 2),
}


def give_back() -> bool:
    """Set it for this process, before the engines are loaded.

    Returns:
        False where the C library is another one.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return mallopt is not None and all(mallopt(*each) == 1 for each in _OPTIONS.values())
