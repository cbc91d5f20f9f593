"""Files of weights and cards that nobody should write, made from a good checkpoint."""

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from decloss.models import EDSR

Header = dict[str, Any]


def state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return EDSR(8, 1).state_dict()


def pack(header: Header | bytes, data: bytes, length: int | None = None) -> bytes:
    """A file of this header and these numbers; ``length`` is what it says of its header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def unpack(content: bytes) -> tuple[Header, bytes]:
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


GOOD = save(state())
HEADER, DATA = unpack(GOOD)
FIRST, SECOND = sorted(HEADER, key=lambda name: HEADER[name]["data_offsets"])[:2]
TEXT = json.dumps(HEADER).encode()


def entry(**changes: Any) -> bytes:
    """The good file, with the description of its first tensor changed; None takes a key out."""
    changed = {key: value for key, value in {**HEADER[FIRST], **changes}.items() if value is not None}
    return pack({**HEADER, FIRST: changed}, DATA)


def renamed(name: str) -> bytes:
    return pack({**{key: value for key, value in HEADER.items() if key != FIRST}, name: HEADER[FIRST]}, DATA)


def numbers(change: Callable[[dict[str, torch.Tensor]], Any]) -> bytes:
    weights = state()
    change(weights)
    return save(weights)


def poisoned(value: float) -> bytes:
    return numbers(lambda weights: weights["tail.bias"].__setitem__(1, value))


def twice(key: bytes) -> bytes:
    """The good file, with ``key`` (JSON) once more at the end of its header."""
    return pack(TEXT[:-1] + b"," + key + b"}", DATA)


def in_zip(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def numpy_file(*, archive: bool) -> bytes:
    buffer = io.BytesIO()
    array = np.array([{"a": 1}], dtype=object)
    np.savez(buffer, weights=array) if archive else np.save(buffer, array)
    return buffer.getvalue()


def many_tensors() -> bytes:
    header = {f"{i:x}": {"dtype": "F32", "shape": [1], "data_offsets": [4 * i, 4 * i + 4]} for i in range(12_000)}
    return pack(json.dumps(header, separators=(",", ":")).encode(), bytes(48_000))


DEEP = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
SIZE = len(DATA)
PICKLE = pickle.dumps({"weights": [1.0, 2.0]})

HEADERS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "three bytes": lambda: GOOD[:3],
    "seven bytes": lambda: GOOD[:7],
    "only the length": lambda: GOOD[:8],
    "half a header": lambda: GOOD[:200],
    "a header of no bytes": lambda: pack(b"", DATA),
    "a header that goes on after the file": lambda: pack(HEADER, b"", 2 * len(GOOD)),
    "a header of 2^63 bytes": lambda: pack(HEADER, DATA, 2**63),
    "a header of 2^64 - 1 bytes": lambda: pack(HEADER, DATA, 2**64 - 1),
    "a header of two megabytes": lambda: pack(TEXT + b" " * 2**21, DATA),
    "a header without its brace": lambda: pack(TEXT[1:], DATA),
    "a header after spaces": lambda: pack(b"  " + TEXT, DATA),
    "a header that is a list": lambda: pack(b"[" + TEXT + b"]", DATA),
    "a header that is no JSON": lambda: pack(b"{'a': 1}", DATA),
    "a header that is no UTF-8": lambda: pack(b'{"\xff\xfe": 1}', DATA),
    "a header in UTF-16": lambda: pack(TEXT.decode().encode("utf-16"), DATA),
    "a header nested deep": lambda: pack(DEEP, DATA),
    "a pickle in the header's padding": lambda: pack(TEXT + b"\0" + PICKLE, DATA),
    "a tensor twice": lambda: twice(json.dumps({FIRST: HEADER[FIRST]}).encode()[1:-1]),
    "metadata twice": lambda: twice(b'"__metadata__":{"a":"1"},"__metadata__":{"a":"2"}'),
    "a type twice": lambda: pack(TEXT.replace(b'"dtype": "F32"', b'"dtype": "U8", "dtype": "F32"', 1), DATA),
    "metadata that is a list": lambda: pack({**HEADER, "__metadata__": ["a"]}, DATA),
    "metadata that is nested": lambda: pack({**HEADER, "__metadata__": {"a": {"b": "c"}}}, DATA),
    "metadata with half a character": lambda: pack({**HEADER, "__metadata__": {"a": "\ud800"}}, DATA),
    "a tensor that is a number": lambda: pack({**HEADER, FIRST: 1}, DATA),
    "a shape that is no list": lambda: entry(shape="8,3,3,3"),
    "a negative shape": lambda: entry(shape=[-8, -3, 3, 3]),
    "a fractional shape": lambda: entry(shape=[8.0, 3, 3, 3]),
    "a shape that is true": lambda: entry(shape=[True, 216]),
    "a shape of text": lambda: entry(shape=["8", 3, 3, 3]),
    "a shape that is not a number": lambda: pack(TEXT.replace(b"[8, 3, 3, 3]", b"[NaN]", 1), DATA),
    "a shape beyond all numbers": lambda: pack(TEXT.replace(b"[8, 3, 3, 3]", b"[1e999]", 1), DATA),
    "a shape of 5,000 digits": lambda: pack(TEXT.replace(b"[8, 3, 3, 3]", b"[" + b"9" * 5000 + b"]", 1), DATA),
    "a shape whose product overflows": lambda: entry(shape=[2**62, 4, 3, 3]),
    "a shape of zettabytes": lambda: entry(shape=[2**40, 2**40]),
    "a shape of nothing": lambda: entry(shape=[0, 3, 3, 3]),
    "a shape of many dimensions": lambda: entry(shape=[*[1] * 60, 216]),
    "a shape of many dimensions that fits": lambda: entry(shape=[*[1] * 70, 8]),
    "an unknown type": lambda: entry(dtype="Q4_K"),
    "a type of eight bits": lambda: entry(dtype="F8_E4M3", shape=[864]),
    "a type that is a list": lambda: entry(dtype=["F32"]),
    "no place": lambda: entry(data_offsets=None),
    "one more key": lambda: entry(requires_grad=True),
    "a place of one number": lambda: entry(data_offsets=[864]),
    "a place that ends before it begins": lambda: entry(data_offsets=[864, 0]),
    "a negative place": lambda: entry(data_offsets=[-864, 0]),
    "a place after the end": lambda: entry(data_offsets=[SIZE, SIZE + 864]),
    "two tensors in one place": lambda: pack({**HEADER, "a": HEADER[FIRST]}, DATA),
    "a place between two others": lambda: entry(data_offsets=[4, 868]),
    "a tensor of no bytes": lambda: pack({**HEADER, "a": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}}, DATA),
    "a gap at the beginning": lambda: pack({FIRST: {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}, bytes(8)),
    "fewer bytes than the shape needs": lambda: entry(shape=[9, 3, 3, 3]),
    "bytes after the last tensor": lambda: GOOD + b"\0",
    "a ZIP archive after the last tensor": lambda: GOOD + in_zip("data.pkl", PICKLE),
    "a program after the last tensor": lambda: GOOD + b"\x7fELF" + bytes(60),
    "the last byte missing": lambda: GOOD[:-1],
    "twelve thousand tensors": many_tensors,
    "a name with a line's end": lambda: renamed("head.weight\n"),
    "a name with a terminal's codes": lambda: renamed("\x1b[2J"),
    "a name of 10,000 characters": lambda: renamed("a" * 10_000),
    "a name with a terminal's codes in a wrong place": lambda: pack(
        {**HEADER, "\x1b[2J": {**HEADER[FIRST], "data_offsets": [8, 40]}}, DATA
    ),
    "no name": lambda: renamed(""),
    "a name of half a character": lambda: renamed("\udc80"),
    "not a number": lambda: poisoned(float("nan")),
    "infinity": lambda: poisoned(float("inf")),
    "minus infinity": lambda: poisoned(float("-inf")),
    "infinity in half precision": lambda: save({name: (1e7 * value).half() for name, value in state().items()}),
    "a pickle": lambda: PICKLE,
    "a pickle in a ZIP archive": lambda: in_zip("archive/data.pkl", PICKLE),
    "an array of objects": lambda: numpy_file(archive=False),
    "an archive of arrays of objects": lambda: numpy_file(archive=True),
    "a web page": lambda: b"<!doctype html><script>alert(1)</script>" * 20,
    "a GGUF": lambda: b"GGUF" + (3).to_bytes(4, "little") + bytes(100),
}
"""No reader of files of weights takes them."""

ACCEPTED_BY_SAFETENSORS = (
    "a header of two megabytes",
    "a header after spaces",
    "a tensor twice",
    "one more key",
    "a tensor of no bytes",
    "a shape of many dimensions that fits",
    "twelve thousand tensors",
    "a name with a line's end",
    "a name with a terminal's codes",
    "a name of 10,000 characters",
    "no name",
    "not a number",
    "infinity",
)
"""Those of ``HEADERS`` for which a check of ours is needed."""

NOT_THESE: dict[str, Callable[[], bytes]] = {
    "numbers of 64 bits": lambda: save({name: value.double() for name, value in state().items()}),
    "whole numbers": lambda: save({name: value.long() for name, value in state().items()}),
    "a tensor missing": lambda: numbers(lambda weights: weights.pop("tail.bias")),
    "a tensor too many": lambda: numbers(lambda weights: weights.update(more=torch.zeros(1))),
    "another shape": lambda: numbers(lambda weights: weights.update({"tail.bias": torch.zeros(4)})),
    "another network": lambda: save(EDSR(9, 1).state_dict()),
    "ten megabytes for a small network": lambda: save({"a": torch.zeros(2_500_000)}),
}
"""Well-formed, but not the weights that the card describes."""


def special_files(path: Path) -> dict[str, Callable[[], Any]]:
    """What can stand at ``path`` that is no file to read."""

    def sparse() -> None:
        path.write_bytes(b"")
        os.truncate(path, 8 * 2**30)

    return {
        "a folder": path.mkdir,
        "a pipe that nobody writes to": lambda: os.mkfifo(path),
        "a device without an end": lambda: path.symlink_to("/dev/zero"),
        "a link to itself": lambda: path.symlink_to(path.name),
        "eight gigabytes": sparse,
    }
