"""The process that decodes: files come in on its input, pixels go out on its output. It may do little else.

It does not import torch, which is large and takes seconds.

    request   length (8 bytes), the file
    answer    BEGUN once the file is here; length (4 bytes), JSON; the pixels if that has their "shape"

Numbers are big-endian. The JSON has "shape" and "notes", or the "error" that a visitor is told.
"""

import contextlib
import json
import os
import struct
import sys
from typing import BinaryIO

from decloss.files.images import ImageError, decode_photo

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]  # there, only the time is limited, by the pool

REQUEST, ANSWER = struct.Struct(">Q"), struct.Struct(">I")
BEGUN = b"\6"
MEMORY = 630_000_000
"""Bytes of address space, 90 million of them libraries: what the most demanding photos of 25 megapixels need, with the
largest file. Those are lossless WebP."""
CPU_SECONDS = 10
"""For one photo: twice as long as any of 25 megapixels takes. Those are AVIF of noise."""


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nobody asks any more, or there was too little memory: what takes it is not known."""
    enough = True
    while enough and len(length := requests.read(REQUEST.size)) == REQUEST.size:
        enough = _answer(requests.read(*REQUEST.unpack(length)), answers)


def _answer(content: bytes, answers: BinaryIO) -> bool:
    """Decode one file, and say whether there was enough memory."""
    answers.write(BEGUN)
    answers.flush()
    _limit_time()
    enough = True
    try:
        photo = decode_photo(content)
    except ImageError as error:
        enough = not isinstance(error.__cause__, MemoryError)
        _write_header(answers, {"error": str(error)})
    else:
        _write_header(answers, {"shape": photo.pixels.shape, "notes": photo.notes})
        answers.write(photo.pixels.data)
    answers.flush()
    return enough


def _write_header(answers: BinaryIO, header: dict[str, object]) -> None:
    encoded = json.dumps(header).encode()
    answers.write(ANSWER.pack(len(encoded)) + encoded)


def _limit() -> None:
    """Little memory, and no file may be written, nor a core dumped, which would hold the visitor's photo."""
    if resource is None:
        return
    for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # there may be a stricter one; macOS knows no RLIMIT_AS
            resource.setrlimit(kind, (most, most))


def _limit_time() -> None:
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    """Be the process."""
    # Libraries tell of damaged files on our outputs: nobody is to read that as an answer, nor find it in the log.
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    _limit()
    with contextlib.suppress(BrokenPipeError):  # the app has ended
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
