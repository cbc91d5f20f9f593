"""Freed memory goes back to the system.

The C library would rather keep it, in ever more pieces that nothing fits into: each request would leave some kilobytes,
though none of its objects is left.
"""

import ctypes
import platform

ARENAS = 2
"""Heaps that all threads share, instead of eight for each core; forty threads do not hinder each other noticeably."""
PICTURE = 1 << 20
"""Bytes from which on a block is the system's own, returned when freed. Left alone, glibc raises this to 32 MB."""
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of malloc.h


def keep_little() -> None:
    """Set up few heaps, without pictures in them; to be called before there are threads. Only with glibc."""
    if _glibc():
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, ARENAS)
        library.mallopt(_M_MMAP_THRESHOLD, PICTURE)


def give_back() -> None:
    """Return what is free in the heaps: some milliseconds, without Python's lock. Only with glibc."""
    if _glibc():
        ctypes.CDLL(None).malloc_trim(0)


def _glibc() -> bool:
    return platform.libc_ver()[0] == "glibc"
