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
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]  # there, only the time is limited, by the pool

REQUEST, ANSWER = struct.Struct(">Q"), struct.Struct(">I")
BEGUN = b"\6"
MEMORY = 630_000_000
"""The bytes of address space, 90 million of them for libraries: as many as the most demanding photos of 25 megapixels,
which are lossless WebP, need with the largest file."""
CPU_SECONDS = 10
"""The seconds of computing for one photo, twice as many as any of 25 megapixels takes; AVIF of noise is slowest."""


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more, or memory ran out, since nobody knows what takes it."""
    enough = True
    while enough and len(length := requests.read(REQUEST.size)) == REQUEST.size:
        enough = _answer(requests.read(*REQUEST.unpack(length)), answers)


def _answer(content: bytes, answers: BinaryIO) -> bool:
    """Decode one file, and return whether there was enough memory."""
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
    """Allow little memory, and no file to be written, nor a core dump, which would hold the visitor's photo."""
    if resource is None:
        return
    for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # there may be a stricter limit; macOS has no RLIMIT_AS
            resource.setrlimit(kind, (most, most))


def _limit_time() -> None:
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    """Run the process that decodes, until the app ends."""
    # Libraries print about damaged files: nobody must read that as an answer, nor find it in the log.
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    _limit()
    with contextlib.suppress(BrokenPipeError):  # the app has ended
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
