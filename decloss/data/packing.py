"""One small file of training photos, to take to a machine that has none."""

import io
import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from decloss.data.pairs import MAX_TRAINING_PIXELS
from decloss.files.atomic import write_atomically
from decloss.files.images import ImageError, decode_photo, list_images
from decloss.pixels import SCALE

MEGABYTE = 1_000_000
ENTRY_BYTES = 200
"""The bytes that are counted for the headers of a zip entry without its name, which have less."""


def pack_photos(
    folder: Path,
    out: Path,
    *,
    limit_mb: float = 60.0,
    side: int = 384,
    quality: int | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> int:
    """Write squares cut from the photos below ``folder`` into a zip of WebP files, for ``--data``.

    Each photo gives its centre first; as long as there is room, they then give further squares in turn. What became of
    the photos stands in the archive's comment, and from there on the cards of what is trained on it.

    Args:
        folder: photos, searched with subfolders; damaged and too small ones are reported and left out.
        out: the archive.
        limit_mb: its largest size in megabytes.
        side: the side of the squares in pixels, a multiple of 4 and at least the HR crop.
        quality: the quality of lossy WebP, 1 to 100: a fifth of the size at 90; None packs without loss.

    Returns:
        The number of squares that it holds.

    Raises:
        ValueError: for another ``side`` or ``quality``, or if not even one square fits.
    """
    if side < SCALE or side % SCALE:
        raise ValueError(f"side must be a multiple of {SCALE}, got {side}")
    if quality is not None and not 1 <= quality <= 100:
        raise ValueError(f"quality must be from 1 to 100, got {quality}")
    kind = {"lossless": True, "quality": 60} if quality is None else {"quality": quality}
    buffer, count, size, turn = io.BytesIO(), 0, 0, 0
    paths = list_images(folder)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        while paths:
            for path in list(paths):
                encoded = _square(path, side, turn, kind, report)
                if encoded is None:
                    paths.remove(path)
                    continue
                stem = path.relative_to(folder).with_suffix("").as_posix().replace("/", "_")
                stem = stem.encode(errors="replace").decode()  # a name may be no text
                name = f"{count:05d}_{stem}_{turn}.webp"  # numbered, since x.png and x.jpg would have the same name
                taken = len(encoded) + 2 * len(name.encode()) + ENTRY_BYTES
                if size + taken > limit_mb * MEGABYTE:
                    paths = []
                    break
                archive.writestr(zipfile.ZipInfo(name), encoded)
                count, size = count + 1, size + taken
            turn += 1
        how = "without loss" if quality is None else f"in WebP quality {quality}"
        archive.comment = f"{count} squares of {side} x {side}, {how}".encode()
    if count == 0:
        raise ValueError(f"not one square of {side} x {side} from {folder} fits {limit_mb:g} MB")
    write_atomically(out, buffer.getvalue())
    return count


def describe_photos(data: Path, words: str | None) -> str:
    """Return the training photos in words for a card: ``words`` or the name of ``data``, and how they were packed."""
    text = (words or data.resolve().name).encode(errors="replace").decode()  # of names that are no text
    if not zipfile.is_zipfile(data):
        return text
    with zipfile.ZipFile(data) as archive:
        packed = archive.comment[:200].decode(errors="replace")
    return f"{text}, packed as {packed}" if packed.isprintable() and packed else text


def _square(path: Path, side: int, turn: int, kind: dict[str, Any], report: Callable[[str], None]) -> bytes | None:
    """Return the square number ``turn`` of a photo, counted from its centre outwards; None if it has no more."""
    try:
        pixels = decode_photo(path, max_pixels=MAX_TRAINING_PIXELS).pixels
    except ImageError as error:
        report(f"Left out {path.name}: {error}")
        return None
    height, width = pixels.shape[:2]
    if min(height, width) < side:
        report(f"Left out {path.name}: {width} x {height} is smaller than {side} x {side}.")
        return None
    top, left = (length % side // 2 for length in (height, width))
    corners = [(top + y * side, left + x * side) for y in range(height // side) for x in range(width // side)]
    corners.sort(key=lambda corner: math.dist(corner, ((height - side) / 2, (width - side) / 2)))
    if turn >= len(corners):
        return None
    top, left = corners[turn]
    buffer = io.BytesIO()
    square = Image.fromarray(pixels[top : top + side, left : left + side])
    square.save(buffer, format="WEBP", method=4, **kind)
    return buffer.getvalue()
