"""Files of weights (safetensors), and JSON beside them, read as a stranger's.

A file begins with eight bytes that give its header's length, then comes the header, a JSON object, then the numbers of
all tensors. safetensors itself refuses headers that do not fit the file: gaps, overlaps, missing bytes, wrong shapes,
unknown types. What it takes and we do not is checked here: names that stand twice, in which another reader could see
something else, keys that it ignores, names that cannot be shown, and files or headers too large to look at.
"""

import errno
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_tensors
from torch import Tensor

MAX_FILE_BYTES = 512 * 2**20
MAX_HEADER_BYTES = 2**20
MAX_TENSORS = 10_000
MAX_DIMENSIONS = 8
MAX_NAME = 200
"""Characters of a tensor's name."""
MAX_DEPTH = 12
"""How many of JSON's objects and lists may stand in each other."""
FLOATS = (torch.float32, torch.float16, torch.bfloat16)
"""Types that a float32 holds."""
TYPES = (*FLOATS, torch.float64, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)
"""All types that are read."""


class WeightsError(ValueError):
    """A file of weights cannot be used; the message goes after the file's name."""


@dataclass(frozen=True)
class Header:
    """What a file of weights says of itself."""

    shapes: dict[str, tuple[int, ...]]
    """Shapes of the tensors, by name."""
    metadata: dict[str, str]
    """What whoever wrote it added."""


def read_bytes(path: Path, most: int = MAX_FILE_BYTES) -> bytes:
    """The content of a regular file of at most ``most`` bytes.

    Raises:
        WeightsError: if it is larger.
        OSError: if it cannot be read, or is a device or a pipe.
    """
    _require_regular(path)
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size > most:
            raise WeightsError(f"is larger than {most / 2**20:.3g} MiB, the most that is expected here")
        file.seek(0)
        return file.read(size)


def read_header(path: Path) -> Header:
    """The shapes and the metadata of a file; its tensors are not read.

    Raises:
        WeightsError: if the header is not as it must be.
        OSError: if the file cannot be read, or is a device or a pipe.
    """
    _require_regular(path)
    with path.open("rb") as file:
        begin = file.read(8)
        text = _header_text(begin + file.read(min(int.from_bytes(begin, "little"), MAX_HEADER_BYTES)))
    try:
        with safe_open(path, framework="pt"):
            return _check_header(text)
    except SafetensorError as error:
        raise _not_plain(error) from error


def parse_weights(content: bytes, types: Collection[torch.dtype] = TYPES) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a file's ``content`` by name, on the CPU, and its metadata.

    Raises:
        WeightsError: if the header is not as it must be, numbers are of a type that is not among ``types``, or a value
            is not finite.
    """
    text = _header_text(content)
    try:
        tensors: dict[str, Tensor] = load_tensors(content)
    except SafetensorError as error:
        raise _not_plain(error) from error
    except KeyError as error:  # torch has fewer types than the format
        raise _not_plain(f"it has numbers of the type {error}, which is not read here") from error
    header = _check_header(text)
    for name, value in tensors.items():
        if value.dtype not in types:
            raise _not_plain(f"{name!r} has numbers of the type {value.dtype}, which is not read here")
    require_finite(tensors)
    return tensors, header.metadata


def require_finite(tensors: Mapping[str, Tensor]) -> None:
    """Raise ``WeightsError`` if a value is infinite or no number."""
    for value in tensors.values():
        if not bool(value.isfinite().all()):
            raise WeightsError("holds weights that are not finite")


def parse_json(content: bytes) -> Any:
    """What ``content`` says; its size is for the caller to limit.

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


def _header_text(content: bytes) -> bytes:
    """The header's JSON in a file's ``content``, if it is short enough to be looked at."""
    length = int.from_bytes(content[:8], "little")
    if length > MAX_HEADER_BYTES:
        raise _not_plain(f"its header would be longer than {MAX_HEADER_BYTES // 2**20} MiB")
    text = content[8 : 8 + length]
    if not text.startswith(b"{"):
        raise _not_plain("its header is no JSON object")
    return text


def _check_header(text: bytes) -> Header:
    """What a header says that safetensors has accepted, unless it is one of those that we do not accept."""
    try:
        entries = parse_json(text)
    except ValueError as error:
        raise _not_plain(f"its header cannot be read: {error}") from error
    metadata = entries.pop("__metadata__", None) or {}
    if len(entries) > MAX_TENSORS:
        raise _not_plain(f"it holds more than {MAX_TENSORS:,} tensors")
    for name, entry in entries.items():
        if not 0 < len(name) <= MAX_NAME or not name.isprintable():
            raise _not_plain(f"a tensor's name is not 1 to {MAX_NAME} printable characters")
        if set(entry) != {"dtype", "shape", "data_offsets"}:
            raise _not_plain(f"{name!r} is not described by type, shape and place alone")
        if len(entry["shape"]) > MAX_DIMENSIONS or 0 in entry["shape"]:
            raise _not_plain(f"{name!r} has a shape that is not up to {MAX_DIMENSIONS} positive whole numbers")
    return Header({name: tuple(entry["shape"]) for name, entry in entries.items()}, metadata)


def _not_plain(reason: str | Exception) -> WeightsError:
    words = repr(str(reason).removeprefix("Error while deserializing: "))[1:-1]  # may quote what the file says
    return WeightsError(f"is truncated or not a plain safetensors file ({words[:150]})")


def _require_regular(path: Path) -> None:
    if path.exists() and not path.is_file():  # a pipe would make us wait, a device has no end
        raise OSError(errno.EINVAL, "it is no regular file", str(path))


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
    elif isinstance(value, float) and not math.isfinite(value):  # 1e999
        raise ValueError("it holds a number that is not finite")
    elif isinstance(value, dict | list):
        if depth == 0:
            raise ValueError("it is nested too deep")
        for part in (*value, *value.values()) if isinstance(value, dict) else value:
            _check(part, depth - 1)
