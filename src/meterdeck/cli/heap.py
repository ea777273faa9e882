"""The C library's heap, kept small for a process that stays open for days."""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _ARENA_MAX = -1, -8
"""Names of mallopt(3)'s parameters; only the GNU C library has it."""
_SMALLEST_HOLE = 128 * 1024


def keep_small() -> None:
    """Let all threads share one heap, and give back what is free at its end. To be called before the first thread.

    Threads take turns here anyway. With a heap for each, and a threshold that grows with the largest answer ever
    read, a deck keeps a fifth more memory after its first fill, and creeps (docs/benchmarks.md).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
        mallopt(_TRIM_THRESHOLD, _SMALLEST_HOLE)
