"""Little memory for a program of several threads: glibc would keep a heap of its own for each of them."""

import ctypes

_ARENA_MAX = -8
"""M_ARENA_MAX of <malloc.h>, mallopt(3)."""


def share_one_heap() -> None:
    """Call before threads are started. They hold one lock most of the time anyway (the interpreter's)."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # another C library has no such heaps
        mallopt(_ARENA_MAX, 1)
