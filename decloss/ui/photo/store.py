"""Decoded photos, each under a name: whoever moves the place asks for the same one at every tick of the slider."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future

from decloss.files.images import Photo

KEPT_BYTES = 80_000_000
"""The bytes of pixels that are kept for all visitors together: one of the largest photos, or two of 12 megapixels.
So hostile files cost less than 1.5 GB: two decoders at their limit take 1.1 GB, the page's copy of a photo 0.2 GB."""


class PhotoStore:
    """A store that keeps the photos that were asked for last, ``most_bytes`` of pixels at most."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self.most_bytes = most_bytes
        self._lock = threading.Lock()
        self._photos: OrderedDict[Hashable, Future[Photo]] = OrderedDict()  # what was asked for last stands last

    def get(self, name: Hashable, decode: Callable[[], Photo]) -> Photo:
        """Return the photo ``name``, read-only; if it is not kept, call ``decode`` for it.

        Several threads that ask at the same time share one call of ``decode``, and whatever it raises. An error is not
        kept: who asks later tries again.
        """
        with self._lock:
            photo = self._photos.get(name)
            wanted = photo is None
            if photo is None:
                photo = self._photos[name] = Future()
            self._photos.move_to_end(name)
        if wanted:
            self._fill(name, photo, decode)
        return photo.result()

    def _fill(self, name: Hashable, photo: Future[Photo], decode: Callable[[], Photo]) -> None:
        try:
            decoded = decode()
        except BaseException as error:
            with self._lock:
                del self._photos[name]
            photo.set_exception(error)
            return
        decoded.pixels.flags.writeable = False
        photo.set_result(decoded)
        with self._lock:
            sizes = {each: kept.result().pixels.nbytes for each, kept in self._photos.items() if kept.done()}
            excess = sum(sizes.values()) - self.most_bytes
            for each, size in sizes.items():
                if excess <= 0:
                    break
                del self._photos[each]
                excess -= size
