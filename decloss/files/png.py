"""Large pictures as PNG files, row by row: neither all of the pixels nor all of the file are in memory at a time."""

import struct
import zlib
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np

from decloss.files.images import RGBArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
EIGHT_BIT_RGB = (8, 2, 0, 0, 0)
PAETH = 4
"""The filter of every row. With runs alone (``Z_RLE``) enlarged photos get smaller, and sooner, than by Pillow."""
STRIP = 2**20
"""The number of values that are filtered at a time."""


class PngWriter:
    """A writer of an 8-bit RGB picture, which goes into ``file`` as its rows come; ``close`` ends it.

    Args:
        file: a file that is open for writing, in binary.
        height: the height of the picture in pixels.
        width: the width of the picture in pixels.
        chunks: what else the file says, such as (b"pHYs", ...), before the pixels.
    """

    def __init__(self, file: BinaryIO, height: int, width: int, chunks: Iterable[tuple[bytes, bytes]] = ()) -> None:
        self._file = file
        self._packer = zlib.compressobj(1, strategy=zlib.Z_RLE)
        self._above = np.zeros((1, width, 3), np.uint8)
        file.write(SIGNATURE)
        for kind, content in ((b"IHDR", struct.pack(">IIBBBBB", width, height, *EIGHT_BIT_RGB)), *chunks):
            self._write_chunk(kind, content)

    def write(self, rows: RGBArray) -> None:
        """Write the next rows, (H, W, 3)."""
        step = max(1, STRIP // rows[0].size)
        for top in range(0, len(rows), step):
            strip = rows[top : top + step]
            packed = self._packer.compress(_filtered(np.concatenate([self._above, strip])).tobytes())
            self._above = strip[-1:].copy()
            self._write_chunk(b"IDAT", packed)

    def close(self) -> None:
        """Write what is left. The file itself stays open."""
        self._write_chunk(b"IDAT", self._packer.flush())
        self._write_chunk(b"IEND", b"")

    def _write_chunk(self, kind: bytes, content: bytes) -> None:
        self._file.write(struct.pack(">I", len(content)) + kind + content)
        self._file.write(struct.pack(">I", zlib.crc32(content, zlib.crc32(kind))))


def _filtered(rows: RGBArray) -> RGBArray:
    """Turn (1 + H, W, 3), the row above first, into (H, 1 + 3W): each row's filter, and its values less predictions."""
    values = np.pad(rows.astype(np.int16), ((0, 0), (1, 0), (0, 0)))  # before the first pixel there is black
    left, above, corner = values[1:, :-1], values[:-1, 1:], values[:-1, :-1]
    to_left, to_above = abs(above - corner), abs(left - corner)  # how far left + above - corner is from each
    to_corner = abs(left + above - 2 * corner)
    other = np.where(to_above <= to_corner, above, corner)
    predicted = np.where((to_left <= to_above) & (to_left <= to_corner), left, other)
    difference = (values[1:, 1:] - predicted).astype(np.uint8).reshape(len(rows) - 1, -1)
    return np.insert(difference, 0, PAETH, axis=1)
