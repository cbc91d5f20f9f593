"""Files that are either the old version or the new one, whatever happens in between."""

import os
import sys
import time
from pathlib import Path

PATIENCE = 5.0
"""Seconds for which a rename is tried on Windows, where it fails as long as anybody has one of the files open."""


def write_atomically(path: Path, data: bytes) -> None:
    """Replace ``path`` with ``data``: write beside it, force to disk, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        rename(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def rename(source: Path, target: Path) -> None:
    """``source.replace(target)``, which on Windows waits for those who read the one or the other at this moment."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            source.replace(target)
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
