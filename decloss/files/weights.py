"""Files of weights (safetensors), read as a stranger's: the header is checked before other code sees the file.

Eight bytes give the header's length, then comes the header, a JSON object, then the numbers of all tensors, no gaps.
Two readers must not see two things in one file, so whatever the format leaves open is refused.
"""

import errno
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import Tensor

from decloss.files.strict_json import parse_json

MAX_FILE_BYTES = 512 * 2**20
MAX_HEADER_BYTES = 2**20
MAX_TENSORS = 10_000
MAX_DIMENSIONS = 8
MAX_NAME = 200
"""Characters of a tensor's name."""
BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
"""Of one number, by its type as the header names it."""
FLOATS = ("F32", "F16", "BF16")
"""Types that a float32 holds."""


class WeightsError(ValueError):
    """A file of weights cannot be used; the message goes after the file's name."""


@dataclass(frozen=True)
class Header:
    """What a file of weights says of itself."""

    shapes: dict[str, tuple[int, ...]]
    """By the tensors' names."""
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


def read_header(path: Path, dtypes: Collection[str] = BYTES) -> Header:
    """The checked header of a file; no more of it is read.

    Raises:
        WeightsError: as ``check_header``.
        OSError: if it cannot be read, or is a device or a pipe.
    """
    _require_regular(path)
    with path.open("rb") as file:
        begin = file.read(8)
        begin += file.read(min(_length(begin), MAX_HEADER_BYTES))
        return check_header(begin, file.seek(0, 2), dtypes)


def parse_weights(content: bytes, dtypes: Collection[str] = BYTES) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a file's ``content`` by name, on the CPU, and its metadata.

    Raises:
        WeightsError: if the header is not as it must be, or a value is not finite.
    """
    header = check_header(content, len(content), dtypes)
    try:
        tensors: dict[str, Tensor] = load_tensors(content)
    except SafetensorError as error:
        raise _not_plain(str(error)[:100]) from error
    require_finite(tensors)
    return tensors, header.metadata


def require_finite(tensors: Mapping[str, Tensor]) -> None:
    """Raise ``WeightsError`` if a value is infinite or no number."""
    for value in tensors.values():
        if not bool(value.isfinite().all()):
            raise WeightsError("holds weights that are not finite")


def check_header(content: bytes, size: int, dtypes: Collection[str] = BYTES) -> Header:
    """Check the header of a file.

    Args:
        content: the file from its first byte to the end of the header, or further.
        size: of the whole file, bytes.
        dtypes: the types of numbers that it may hold, of ``BYTES``.

    Raises:
        WeightsError: if it is cut off, too large, not JSON with one meaning, or if its tensors have unknown types or
            sizes, or do not fill the file from the header to the end, each byte once.
    """
    length = _length(content)
    if length > MAX_HEADER_BYTES:
        raise _not_plain(f"its header would be longer than {MAX_HEADER_BYTES // 2**20} MiB")
    text = content[8 : 8 + length]
    if 8 + length > size or len(text) < length:
        raise _not_plain("it ends within its header")
    if not text.startswith(b"{") or not text.rstrip(b" ").endswith(b"}"):
        raise _not_plain("its header is no JSON object")
    try:
        entries = parse_json(text, max_depth=3)
    except ValueError as error:
        raise _not_plain(f"its header cannot be read: {str(error)[:100]}") from error
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _not_plain("its metadata is not text by name")
    if len(entries) > MAX_TENSORS:
        raise _not_plain(f"it holds more than {MAX_TENSORS:,} tensors")
    parts = sorted(_part(name, entry, dtypes) for name, entry in entries.items())
    end = 0
    for begin, after, _ in parts:
        if begin != end:
            raise _not_plain("its tensors leave gaps, or share bytes")
        end = after
    if end != size - 8 - length:
        raise _not_plain("its tensors do not end where the file does")
    return Header({name: tuple(entries[name]["shape"]) for *_, name in parts}, metadata)


def _part(name: str, entry: Any, dtypes: Collection[str]) -> tuple[int, int, str]:
    """Where a tensor begins and ends, and its name."""
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise _not_plain(f"a tensor's name is not 1 to {MAX_NAME} printable characters")
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise _not_plain(f"{name!r} is not described by type, shape and place alone")
    dtype, shape, place = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in dtypes:
        raise _not_plain(f"{name!r} has numbers of a type that is not one of {', '.join(dtypes)}")
    if not _counts(shape) or len(shape) > MAX_DIMENSIONS or 0 in shape:
        raise _not_plain(f"{name!r} has a shape that is not up to {MAX_DIMENSIONS} positive whole numbers")
    if not _counts(place) or len(place) != 2 or place[1] - place[0] != BYTES[dtype] * math.prod(shape):
        raise _not_plain(f"{name!r} does not take as many bytes as its shape says")
    return place[0], place[1], name


def _counts(value: Any) -> bool:
    """Whether it is a list of whole numbers, none negative; True and False are none."""
    return isinstance(value, list) and all(type(number) is int and 0 <= number < 2**63 for number in value)


def _length(content: bytes) -> int:
    """Of the header, as the first eight bytes say."""
    if len(content) < 8:
        raise _not_plain("it has less than eight bytes")
    return int.from_bytes(content[:8], "little")


def _not_plain(reason: str) -> WeightsError:
    return WeightsError(f"is truncated or not a plain safetensors file ({reason})")


def _require_regular(path: Path) -> None:
    if path.exists() and not path.is_file():  # a pipe would make us wait, a device has no end
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
