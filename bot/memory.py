"""Memory: asks Python and the C library to keep little for themselves."""

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes

# Of glibc's malloc.h: M_ARENA_MAX, M_TRIM_THRESHOLD, M_MMAP_THRESHOLD.
_ARENA_MAX, _TRIM_THRESHOLD, _MMAP_THRESHOLD = -8, -1, -3
# Each thread that allocates would otherwise get a heap of its own, which is never given back.
ARENAS = 1
# So much that is free at the end of the heap is given back, and what is as large as this is not
# part of it. Said outright, since glibc raises both to what was ever asked for at once.
BYTES = 128 * 1024

# Garbage is looked for once so many objects were made, then among those that outlived so many
# looks. While it is, nothing else runs: by default that is hundreds of times in a busy minute.
THRESHOLDS = (50_000, 20, 50)


def collect_seldom() -> None:
    """Look for garbage as seldom as the program that runs does.

    For before anything large is imported: that makes hundreds of thousands of objects, none of them
    garbage, and looking through them takes a tenth of the whole start.
    """
    gc.set_threshold(*THRESHOLDS)


def keep_small() -> None:
    """Let all threads share one heap, and give back what is free.

    Does nothing where the C library is not glibc. Numbers are reckoned by one thread, whatever the
    machine has: each would hold a buffer. That must be said before numpy is imported.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_ARENA_MAX, ARENAS)
        libc.mallopt(_TRIM_THRESHOLD, BYTES)
        libc.mallopt(_MMAP_THRESHOLD, BYTES)


def settle() -> None:
    """Collect the garbage and give back what is free; takes a few tenths of a second.

    What is left will mostly stay, so Python need not go through it at each collection; it then
    collects when a quarter of the rest is new, and not a quarter of all there is.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    collect_seldom()
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> "ctypes.CDLL | None":
    if sys.platform != "linux":
        return None
    import ctypes  # not all that the command line does needs it

    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") else None
