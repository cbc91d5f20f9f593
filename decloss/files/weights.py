"""Files of weights (safetensors), read as a stranger's.

A file begins with eight bytes that give its header's length, then comes the header, a JSON object, then the numbers of
all tensors. safetensors itself refuses headers that do not fit the file: gaps, overlaps, missing bytes, wrong shapes,
unknown types. What it takes and we do not is checked here: names that stand twice, in which another reader could see
something else, keys that it ignores, names that cannot be shown, and files or headers too large to look at.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_tensors
from torch import Tensor

from decloss.files.untrusted import WeightsError, parse_json, require_regular

MAX_HEADER_BYTES = 2**20
MAX_TENSORS = 10_000
MAX_DIMENSIONS = 8
MAX_NAME = 200
"""The most characters of a tensor's name."""
FLOATS = (torch.float32, torch.float16, torch.bfloat16)
"""The types whose values a float32 can hold."""
TYPES = (*FLOATS, torch.float64, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)
"""All types that are read."""


@dataclass(frozen=True)
class Header:
    """What a file of weights says of itself."""

    shapes: dict[str, tuple[int, ...]]
    """The shapes of the tensors, by name."""
    metadata: dict[str, str]
    """The texts that the file's writer added, by name."""


def read_header(path: Path) -> Header:
    """Return the shapes and the metadata of a file; its tensors are not read.

    Raises:
        WeightsError: if the header is not as it must be.
        OSError: if the file cannot be read, or is a device or a pipe.
    """
    require_regular(path)
    with path.open("rb") as file:
        begin = file.read(8)
        text = _header_text(begin + file.read(min(int.from_bytes(begin, "little"), MAX_HEADER_BYTES)))
    try:
        with safe_open(path, framework="pt"):
            return _check_header(text)
    except SafetensorError as error:
        raise _not_plain(error) from error


def parse_weights(content: bytes, types: Collection[torch.dtype] = TYPES) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors of a file's ``content`` by name, on the CPU, and its metadata.

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


def _header_text(content: bytes) -> bytes:
    """Return the header's JSON in a file's ``content``; raise a ``WeightsError`` if it is none, or too long."""
    length = int.from_bytes(content[:8], "little")
    if length > MAX_HEADER_BYTES:
        raise _not_plain(f"its header would be longer than {MAX_HEADER_BYTES // 2**20} MiB")
    text = content[8 : 8 + length]
    if not text.startswith(b"{"):
        raise _not_plain("its header is no JSON object")
    return text


def _check_header(text: bytes) -> Header:
    """Return what a header says that safetensors has accepted; raise a ``WeightsError`` if we do not accept it."""
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
    words = repr(str(reason).removeprefix("Error while deserializing: "))[1:-1]  # it may quote what the file says
    return WeightsError(f"is truncated or not a plain safetensors file ({words[:150]})")
