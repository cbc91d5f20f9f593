"""Files that are either the old version or the new one, whatever happens in between."""

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

ABANDONED = 3600.0
"""The seconds after which a part of a file that nobody has written to is no longer being written."""
PATIENCE = 5.0
"""The seconds for which a rename is tried on Windows, where it fails while anybody has one of the files open."""


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a new file beside ``path`` to write into; at the end it is forced to disk and takes the place of that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")  # threads may write the same file
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        rename(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the file ``path`` by one that holds ``data``."""
    with replacing(path) as file:
        file.write(data)


def save_in_swept_folder(path: Path, content: bytes) -> None:
    """Replace the file ``path``, whose folder a sweeper may remove while it is empty; it need not reach the disk."""
    part = path.with_name(f".{uuid.uuid4().hex}.part")  # several threads may save the same file
    for _ in range(2):  # the sweeper may remove the folder while it is still empty
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            break
        except FileNotFoundError:
            continue
    rename(part, path)  # also if there is one: the sweeper goes by age, so it must be new


def remove_abandoned(folder: Path) -> None:
    """Delete the parts of files in ``folder`` that processes left there which were killed."""
    for part in folder.glob(".*.part"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > ABANDONED:
                part.unlink()


def rename(source: Path, target: Path) -> None:
    """Rename ``source`` to ``target``; on Windows, wait for those who read the one or the other at this moment."""
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
