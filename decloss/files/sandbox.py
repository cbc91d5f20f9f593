"""Decoding visitors' photos in processes of their own, so that a hostile file breaks one of these, not the app.

There are a few workers, started when they are needed. One that dies or hangs is replaced, and the visitor is told.
"""

import json
import logging
import queue
import threading
from io import BufferedReader
from typing import Any, BinaryIO, cast

import numpy as np

from decloss.files import sandbox_worker as other_end
from decloss.files.images import MAX_PIXELS, ImageError, Photo
from decloss.host.child import end_child, start_child

logger = logging.getLogger(__name__)

WORKERS = 2
LONGEST = 30.0
"""The seconds of the clock after which a worker is given up; it ends itself earlier, by ``CPU_SECONDS``."""
LONGEST_WAIT = 30.0
"""The seconds to wait for a free worker."""
LONGEST_HEADER = 10_000
UNSAFE = "This image could not be decoded safely, and was given up; save it anew as PNG or JPEG and try that."
BUSY = "Many photos are being read at the moment; try this one again in half a minute."


class WorkerDiedError(Exception):
    """A worker has ended, or talks nonsense; ``begun`` says whether it had begun to decode."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__("while it decoded" if begun else "before it began")
        self.begun = begun


class Worker:
    """One process that decodes."""

    def __init__(self) -> None:
        self.process = start_child(other_end.__name__, log=None, trusted=False, one_thread=True)
        self._requests = cast("BinaryIO", self.process.stdin)
        self._answers = cast("BufferedReader", self.process.stdout)

    def decode(self, content: bytes, longest: float) -> Photo | ImageError:
        """Return the answer; raise a ``WorkerDiedError``, as after ``longest`` seconds, if the worker must be ended."""
        begun = False
        watch = threading.Timer(longest, self.process.kill)
        watch.daemon = True
        watch.start()
        try:
            self._requests.write(other_end.REQUEST.pack(len(content)))
            self._requests.write(content)
            self._requests.flush()
            begun = self._read(len(other_end.BEGUN)) == other_end.BEGUN
            (length,) = other_end.ANSWER.unpack(self._read(other_end.ANSWER.size))
            return self._finish(json.loads(self._read(min(length, LONGEST_HEADER))))
        except (OSError, EOFError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise WorkerDiedError(begun=begun) from error
        finally:
            watch.cancel()

    def _finish(self, header: dict[str, Any]) -> Photo | ImageError:
        """Return what the header announces. The worker is not trusted, since a file may have taken it over."""
        if "error" in header:
            return ImageError(str(header["error"]))
        height, width, _ = header["shape"]
        if min(height, width) < 1 or height * width > MAX_PIXELS:
            raise ValueError(f"pixels of the shape {header['shape']}")
        pixels = np.empty((height, width, 3), np.uint8)
        if self._answers.readinto(pixels.data) < pixels.nbytes:
            raise EOFError
        return Photo(pixels, tuple(map(str, header["notes"])))

    def _read(self, length: int) -> bytes:
        content = self._answers.read(length)
        if len(content) < length:
            raise EOFError
        return content


class Pool:
    """A pool of at most ``size`` workers, for any number of threads."""

    def __init__(self, size: int, longest: float = LONGEST, patience: float = LONGEST_WAIT) -> None:
        self.longest, self.patience = longest, patience
        # The worker that was used last is the next, so that others are started only if they are needed.
        self._free: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(size):
            self._free.put(None)

    def decode(self, content: bytes) -> Photo:
        """Decode a file as ``decode_untrusted`` does."""
        try:
            try:
                answer = self._ask(content)
            except WorkerDiedError as died:
                if died.begun:
                    raise
                answer = self._ask(content)  # it was dead already, which is not this file's doing
        except (WorkerDiedError, OSError) as error:  # OSError: no process could be started
            logger.warning("a photo of %d bytes was given up: the decoder ended %s", len(content), error)
            raise ImageError(UNSAFE) from error
        if isinstance(answer, ImageError):
            raise answer
        return answer

    def end(self) -> None:
        """End the workers; the pool can be used again."""
        for worker in [self._free.get() for _ in range(self._free.qsize())]:
            if worker is not None:
                end_child(worker.process)
            self._free.put(None)

    def _ask(self, content: bytes) -> Photo | ImageError:
        try:
            worker = self._free.get(timeout=self.patience)
        except queue.Empty:
            raise ImageError(BUSY) from None
        healthy = False
        try:
            if worker is None or worker.process.poll() is not None:
                worker = Worker()
            answer = worker.decode(content, self.longest)
            healthy = True
            return answer
        finally:
            if worker is not None and not healthy:
                end_child(worker.process)
            self._free.put(worker if healthy else None)


_pool = Pool(WORKERS)


def decode_untrusted(content: bytes) -> Photo:
    """Decode a photo as ``decode_photo`` does, but in another process, with limits of memory and time.

    Raises:
        ImageError: as ``decode_photo`` does, if the file breaks a limit or the decoder, or if too many are waiting.
    """
    return _pool.decode(content)
