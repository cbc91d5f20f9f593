"""Visitors' photos, decoded in processes of their own: what a hostile file breaks is not the app."""

from decloss.decoding.pool import Pool
from decloss.decoding.remembered import Remembered
from decloss.images import Photo

WORKERS = 2
REMEMBERED_BYTES = 150_000_000
"""Of pixels: two of the largest photos, or four of 12 megapixels. With it, hostile files cost less than 1.5 GB: two
workers at their limit take 1.1 GB, and the page's copy of a photo 0.2 GB."""

_pool = Pool(WORKERS)
_remembered = Remembered(REMEMBERED_BYTES, _pool.decode)


def decode_untrusted(content: bytes) -> Photo:
    """``decode_photo`` in another process, with limits of memory and time.

    Raises:
        ImageError: as ``decode_photo`` does, if the file breaks a limit or the decoder, or if too many are waiting.
    """
    return _pool.decode(content)


def decode_once(content: bytes) -> Photo:
    """The same, remembered for a while; the pixels are read-only."""
    return _remembered.decode(content)
