"""What image files say beside their pixels: resolution and EXIF data, taken over into enlarged PNG files."""

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from decloss.files.images import FORMATS

ORIENTATION, EXIF, GPS = 0x0112, 0x8769, 0x8825
KEPT = (270, 271, 272, 282, 283, 296, 305, 306, 315, 316, 18246, 18249, 33432, *range(40091, 40096))
"""The tags outside these groups that are kept: what, camera, resolution, software, when, who, rating. In a TIFF file
the others say how its pixels are stored."""
COLOUR_SPACE, WIDTH, HEIGHT, INTEROPERABILITY = 0xA001, 0xA002, 0xA003, 0xA005
SRGB = 1
LEFT = {"xmp": "XMP", "photoshop": "IPTC", "comment": "comments"}
"""What is not taken over: Pillow's names for it in a file, and what people call it."""
METRES_PER_INCH = 0.0254


@dataclass(frozen=True)
class Metadata:
    """The metadata of one file."""

    chunks: tuple[tuple[bytes, bytes], ...] = ()
    """The kinds and contents of chunks for a PNG file."""
    notes: tuple[str, ...] = ()
    """One sentence on what is not kept, or nothing."""


def read_metadata(path: Path, height: int, width: int) -> Metadata:
    """Return the metadata of a decodable image file, for one of another size, upright and in sRGB; no thumbnail."""
    chunks: list[tuple[bytes, bytes]] = []
    left: list[str] = []
    formats = [*FORMATS, *({"AVIF", "HEIF"} & set(Image.OPEN))]  # plugins, if decoding has registered them
    with warnings.catch_warnings(record=True) as told, Image.open(path, formats=formats) as image:
        warnings.simplefilter("always")
        left += [name for key, name in LEFT.items() if key in image.info]
        left += ["text"] if getattr(image, "text", None) else []
        if density := _density(image.info.get("dpi")):
            chunks.append((b"pHYs", density))
        try:
            if exif := _exif(_read_exif(image), height, width):
                chunks.append((b"eXIf", exif))
        except Exception as error:  # Pillow's parser may raise anything
            warnings.warn(str(error), stacklevel=1)
        if any(issubclass(warning.category, UserWarning) for warning in told):  # Pillow tells of damage by these
            left.append("damaged EXIF data")
    return Metadata(tuple(chunks), (f"Not kept: {', '.join(left)}.",) if left else ())


def _density(dpi: Any) -> bytes | None:
    """Return dots an inch as the content of pHYs; None if they are no usable numbers."""
    try:
        across, down = (round(float(value) / METRES_PER_INCH) for value in dpi)
        return struct.pack(">IIB", across, down, 1) if min(across, down) > 0 else None
    except (TypeError, ValueError, OverflowError, ZeroDivisionError, struct.error):
        return None


def _read_exif(image: Image.Image) -> Image.Exif:
    if "exif" not in image.info:
        return image.getexif()  # in a TIFF file, EXIF data are a part of the file
    exif = Image.Exif()  # Pillow's own may be half read, and would not tell of that again
    exif.load(image.info["exif"])
    return exif


def _exif(found: Image.Exif, height: int, width: int) -> bytes | None:
    """Return those EXIF data that are still true, as the content of eXIf; None if there are none."""
    kept = Image.Exif()
    for tag in KEPT:
        if tag in found:
            kept[tag] = found[tag]
    details, place = dict(found.get_ifd(EXIF)), dict(found.get_ifd(GPS))
    details.pop(INTEROPERABILITY, None)
    for tag, value in ((COLOUR_SPACE, SRGB), (WIDTH, width), (HEIGHT, height)):
        if tag in details:
            details[tag] = value
    for tag, group in ((EXIF, details), (GPS, place)):
        if group:
            kept[tag] = group
    if not kept:
        return None
    kept[ORIENTATION] = 1
    return kept.tobytes().removeprefix(b"Exif\0\0")
