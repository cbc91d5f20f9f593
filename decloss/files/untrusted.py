"""Files and JSON of strangers, read within limits; needs no torch."""

import errno
import json
import math
from pathlib import Path
from typing import Any

MAX_FILE_BYTES = 512 * 2**20
MAX_DEPTH = 12
"""The most JSON objects and lists that may stand inside each other."""


class WeightsError(ValueError):
    """A file of weights, or its card, cannot be used; the message goes after the file's name."""


def read_bytes(path: Path, most: int = MAX_FILE_BYTES) -> bytes:
    """Return the content of a regular file of at most ``most`` bytes.

    Raises:
        WeightsError: if it is larger.
        OSError: if it cannot be read, or is a device or a pipe.
    """
    require_regular(path)
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size > most:
            raise WeightsError(f"is larger than {most / 2**20:.3g} MiB, the most that is expected here")
        file.seek(0)
        return file.read(size)


def require_regular(path: Path) -> None:
    """Raise ``OSError`` for a device, a folder or a pipe."""
    if path.exists() and not path.is_file():  # a pipe would make us wait, a device has no end
        raise OSError(errno.EINVAL, "it is no regular file", str(path))


def parse_json(content: bytes) -> Any:
    """Return what the JSON in ``content`` says; its size is for the caller to limit.

    Raises:
        ValueError: if it is not UTF-8 or not JSON, names a thing twice in an object, is nested more than ``MAX_DEPTH``
            deep, or holds numbers that are not finite, or text that cannot be written.
    """
    try:
        found = json.loads(content.decode(), object_pairs_hook=_object, parse_constant=_constant)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    _check(found, MAX_DEPTH)
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it names a thing twice")
    return found


def _constant(word: str) -> None:
    raise ValueError(f"{word} is not a number")


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        value.encode()  # half a character, such as "\ud800", is read but cannot be written
    elif isinstance(value, float) and not math.isfinite(value):  # such as 1e999
        raise ValueError("it holds a number that is not finite")
    elif isinstance(value, dict | list):
        if depth == 0:
            raise ValueError("it is nested too deep")
        for part in (*value, *value.values()) if isinstance(value, dict) else value:
            _check(part, depth - 1)
