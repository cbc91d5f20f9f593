"""The photos of a finetune: built-in ones to train on, others to measure on, and visitors' own."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from decloss.files.atomic import write_atomically
from decloss.files.examples import example_photos
from decloss.files.images import ImageError, RGBArray, decode_photo, encode_png
from decloss.files.sandbox import decode_untrusted

VALIDATION = ("astronaut.png", "rocket.jpg")
"""The built-in photos to measure on, which are never trained on unless a visitor uploads them."""
VALIDATION_SIDE = 256
MOST_PHOTOS = 20
LARGEST_SIDE = 2048
"""The longest side of an uploaded photo in pixels; larger ones are cut around their middle."""
BUILT_IN = "the built-in example photos of scikit-image and scikit-learn"


def prepare_photos(data: Path) -> None:
    """Write the built-in photos that are missing into ``data``/photos."""
    for path, _ in example_photos():
        name = Path(path).name
        kind = "validation" if name in VALIDATION else "training"
        target = data / "photos" / kind / f"{Path(name).stem}.png"
        if not target.exists():
            pixels = decode_photo(Path(path)).pixels
            side = VALIDATION_SIDE if kind == "validation" else LARGEST_SIDE
            write_atomically(target, encode_png(cut_middle(pixels, side)))


def decode_uploads(names: Sequence[str], contents: Sequence[bytes], smallest: int) -> tuple[list[RGBArray], list[str]]:
    """Return the photos of ``decode_each``, and all that is to be said of them.

    Raises:
        ImageError: as ``decode_each`` does, and if not one of them can be used.
    """
    decoded = list(decode_each(names, contents, smallest))
    photos = [photo for photo, _ in decoded if photo is not None]
    notes = [note for _, notes in decoded for note in notes]
    if not photos:
        raise ImageError(" ".join(("There is no photo left to train on.", *notes)))
    return photos, notes


def decode_each(
    names: Sequence[str], contents: Sequence[bytes], smallest: int
) -> Iterator[tuple[RGBArray | None, list[str]]]:
    """Decode uploaded files one by one, as strictly as Compare does.

    Args:
        names: what each is called in sentences.
        contents: the files' bytes, 1 to ``MOST_PHOTOS``.
        smallest: the least pixels of a side, which is the side of the HR crop.

    Yields:
        A photo, (H, W, 3), or None where a file cannot be used; and a sentence each on what was changed, or why not.

    Raises:
        ImageError: if there are none or too many.
    """
    if not 1 <= len(contents) <= MOST_PHOTOS:
        raise ImageError(f"Choose 1 to {MOST_PHOTOS} photos; these are {len(contents)}.")
    for index, name in enumerate(names):
        try:
            photo = decode_untrusted(contents[index])
            height, width = photo.pixels.shape[:2]
            if min(height, width) < smallest:
                raise ImageError(f"It has {width} x {height} pixels, and crops need {smallest} a side.")
        except ImageError as error:
            yield None, [f"{name} is left out. {error}"]
            continue
        notes = [f"{name}: {note}" for note in photo.notes]
        if max(height, width) > LARGEST_SIDE:
            notes.append(f"{name}: only its middle, at most {LARGEST_SIDE} pixels a side, is used.")
        yield cut_middle(photo.pixels, LARGEST_SIDE), notes


def cut_middle(pixels: RGBArray, side: int) -> RGBArray:
    """Return the middle of (H, W, 3), at most ``side`` pixels high and wide."""
    height, width = pixels.shape[:2]
    top, left = max(0, height - side) // 2, max(0, width - side) // 2
    return np.ascontiguousarray(pixels[top : top + side, left : left + side])
