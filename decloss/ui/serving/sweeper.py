"""The sweeper removes the app's temporary files that nobody needs any more, and the oldest ones where space runs short.

A file's age counts from when it was first seen as it is now, on a clock that nobody can set: a machine whose date jumps
neither loses everything nor keeps everything for ever. Whoever uses a file again renews it (``os.utime``).
"""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from decloss.ui.serving.temporary import CACHE, WORK


@dataclass(frozen=True)
class Limits:
    """How long temporary files live, and how much space they may take."""

    grace: float = 30.0
    """Seconds that unfinished files (parts of uploads and of pictures) and empty folders may lie unchanged."""
    keep: float = 3600.0
    """Seconds that uploads and results may lie unused; what other code made by ``tempfile`` may lie twice as long."""
    recent: float = 600.0
    """Seconds that a file is safe even where space is short, so that newcomers do not push out those who are there."""
    most_bytes: int = 4 * 2**30
    most_files: int = 20_000
    least_free: int = 2**30
    """The bytes of the disk that stay free."""
    period: float = 10.0
    """The seconds between two sweeps; it is one second while uploads come in."""


@dataclass(frozen=True)
class _Seen:
    state: tuple[int, ...]
    since: float
    size: int


class Sweeper:
    """The sweeper of ``folder``, a ``temporary_folder``; files that are there at the start are the app's and stay."""

    def __init__(self, folder: Path, limits: Limits = Limits()) -> None:
        self.folder = folder
        self.limits = limits
        self._own = {entry.path for entry in _below(folder)}
        self._seen: dict[str, _Seen] = {}
        self._sweeping = threading.Lock()
        self._room = True
        self._asked = False

    def room_for_uploads(self) -> bool:
        """Return whether the last sweep left room for uploads, at once; the next sweep then comes within a second."""
        self._asked = True
        return self._room

    def due(self, waited: float) -> bool:
        """Return whether to sweep now, ``waited`` seconds after the last sweep."""
        return waited >= self.limits.period or (self._asked and waited >= 1)

    def sweep(self, now: float | None = None) -> None:
        """Remove what is too old, then the oldest of what is too much; ``now`` is in seconds of ``time.monotonic``."""
        now = time.monotonic() if now is None else now
        with self._sweeping:
            self._asked = False
            left: dict[str, _Seen] = {}
            for entry in _below(self.folder):
                if entry.path in self._own:
                    continue
                try:
                    known = self._look(entry, now)
                except FileNotFoundError:  # it was moved meanwhile
                    continue
                if now - known.since < self._life(entry) or not _remove(entry.path):
                    left[entry.path] = known
            self._seen = left
            self._make_room(now)

    def _look(self, entry: "os.DirEntry[str]", now: float) -> _Seen:
        found = entry.stat(follow_symlinks=False)
        state = (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)
        known = self._seen.get(entry.path)
        size = 0 if entry.is_dir(follow_symlinks=False) else found.st_size
        return known if known and known.state == state else _Seen(state, now, size)

    def _life(self, entry: "os.DirEntry[str]") -> float:
        """Return the seconds that a file, or an empty folder, may lie unchanged."""
        part, *inside = Path(entry.path).relative_to(self.folder).parts
        if part == WORK:
            return 2 * self.limits.keep
        folder = entry.is_dir(follow_symlinks=False)
        # A finished upload lies in a folder named by its content; one that is under way or given up lies beside those.
        partial = len(inside) == 1 or entry.name.startswith(".")
        return self.limits.grace if folder or partial else self.limits.keep

    def _make_room(self, now: float) -> None:
        size, count = sum(seen.size for seen in self._seen.values()), len(self._seen)
        free, cache = shutil.disk_usage(self.folder).free, str(self.folder / CACHE)
        for path, seen in sorted(self._seen.items(), key=lambda item: item[1].since):
            if self._fits(size, count, free) or now - seen.since < self.limits.recent:
                break
            if path.startswith(cache) and _remove(path):
                del self._seen[path]
                size, count, free = size - seen.size, count - 1, free + seen.size
        self._room = self._fits(size, count, free)

    def _fits(self, size: int, count: int, free: int) -> bool:
        limits = self.limits
        return size <= limits.most_bytes and count <= limits.most_files and free >= limits.least_free


def _below(folder: Path | str, depth: int = 0) -> Iterator["os.DirEntry[str]"]:
    """Yield what is in ``folder`` and its folders, innermost first, without its own parts ``CACHE`` and ``WORK``."""
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError:  # the folder was removed meanwhile
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path, depth + 1)
        if depth:
            yield entry


def _remove(path: str) -> bool:
    """Remove a file or an empty folder, and return whether it is gone."""
    try:
        if Path(path).is_dir() and not Path(path).is_symlink():
            Path(path).rmdir()
        else:
            Path(path).unlink(missing_ok=True)
    except OSError:  # the folder is not empty
        return False
    return True
