"""The photos that were decoded last: a visitor who moves the place asks for the same one again and again."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from decloss.files.images import Photo


class Remembered:
    """Decodes each file once as long as there is room, also if several ask for it at the same time."""

    def __init__(self, most_bytes: int, decode: Callable[[bytes], Photo]) -> None:
        self.most_bytes = most_bytes
        self._decode = decode
        self._lock = threading.Lock()
        self._photos: OrderedDict[bytes, Photo] = OrderedDict()  # what was asked for last stands last
        self._coming: dict[bytes, Future[Photo]] = {}

    def decode(self, content: bytes) -> Photo:
        """The photo in the file ``content``, read-only; whatever ``decode`` raises, to all who wait for it."""
        key = hashlib.sha256(content).digest()
        with self._lock:
            if key in self._photos:
                self._photos.move_to_end(key)
                return self._photos[key]
            coming = self._coming.get(key)
            if coming is None:
                made = self._coming[key] = Future()
        if coming is not None:
            return coming.result()
        try:
            photo = self._decode(content)
        except BaseException as error:
            with self._lock:
                del self._coming[key]
            made.set_exception(error)
            raise
        photo.pixels.flags.writeable = False
        with self._lock:
            del self._coming[key]
            self._photos[key] = photo
            while sum(kept.pixels.nbytes for kept in self._photos.values()) > self.most_bytes:
                self._photos.popitem(last=False)
        made.set_result(photo)
        return photo
