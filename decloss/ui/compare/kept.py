"""What is computed once for a comparison and shared by all who look at it, and the addresses of its files."""

import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.parse import quote
from weakref import WeakKeyDictionary

import numpy as np

from decloss.files.images import RGBArray, encode_png
from decloss.ui.compare.comparison import Comparison
from decloss.ui.serving.gradio_patches import save_copy

T = TypeVar("T")


class _Kept:
    """The values that were computed for one comparison, each with a lock while it is computed."""

    def __init__(self) -> None:
        self.values: dict[object, Any] = {}
        self.locks: dict[object, threading.Lock] = {}


# By the folder, which a comparison keeps as results are added, and which goes with the last reference to it.
_KEPT: "WeakKeyDictionary[TemporaryDirectory[str], _Kept]" = WeakKeyDictionary()
_LOCK = threading.Lock()


def once(comparison: Comparison, key: object, compute: Callable[[], T], usable: Callable[[T], bool] = bool) -> T:
    """Return what ``compute`` returned when it was first called for ``key`` and this comparison.

    A second visitor who asks meanwhile waits for the first one's. A value that is not ``usable`` any more, such as a
    path whose file was swept, is computed again.
    """
    with _LOCK:
        kept = _KEPT.setdefault(comparison.folder, _Kept())
        lock = kept.locks.setdefault(key, threading.Lock())
    with lock:
        if key not in kept.values or not usable(kept.values[key]):
            kept.values[key] = compute()
        value: T = kept.values[key]
        return value


def write_figure(comparison: Comparison, pixels: "RGBArray | np.ndarray[Any, Any]") -> str:
    """Write a further picture into the comparison's folder, apart from its results, and return the file's path."""
    folder = Path(comparison.folder.name) / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}.png"
    path.write_bytes(encode_png(pixels))
    return str(path)


def is_there(path: str) -> bool:
    """Return whether the file is there, and renew it, since the sweeper goes by age."""
    try:
        os.utime(path)
    except OSError:
        return False
    return True


def address(comparison: Comparison, path: str, version: object = None) -> str:
    """Return the address, relative to the page's, at which the page finds a copy of the file ``path``.

    A file whose contents may change is copied again for another ``version``.
    """
    copy = once(comparison, ("copy", path, version), lambda: save_copy(Path(path)), is_there)
    return f"gradio_api/file={quote(Path(copy).as_posix())}"
