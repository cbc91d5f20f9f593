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
"""Tags beside these groups: what, camera, resolution, software, when, who, rating. Of a TIFF file the others say how
its pixels are stored."""
COLOUR_SPACE, WIDTH, HEIGHT, INTEROPERABILITY = 0xA001, 0xA002, 0xA003, 0xA005
SRGB = 1
LEFT = {"xmp": "XMP", "photoshop": "IPTC", "comment": "comments"}
"""What Pillow calls it in a file, and what people call what is not taken over."""
METRES_PER_INCH = 0.0254


@dataclass(frozen=True)
class Metadata:
    """Of one file."""

    chunks: tuple[tuple[bytes, bytes], ...] = ()
    """For a PNG file: their kinds and contents."""
    notes: tuple[str, ...] = ()
    """What is not kept, in one sentence, or nothing."""


def read_metadata(path: Path, height: int, width: int) -> Metadata:
    """The metadata of an image file that can be decoded, for one of another size, upright and in sRGB; no thumbnail."""
    chunks: list[tuple[bytes, bytes]] = []
    left: list[str] = []
    formats = [*FORMATS, *({"HEIF"} & set(Image.OPEN))]  # a plugin that was registered for it when it was decoded
    with warnings.catch_warnings(record=True) as told, Image.open(path, formats=formats) as image:
        warnings.simplefilter("always")
        left += [name for key, name in LEFT.items() if key in image.info]
        left += ["text"] if getattr(image, "text", None) else []
        if density := _density(image.info.get("dpi")):
            chunks.append((b"pHYs", density))
        try:
            if exif := _exif(_read_exif(image), height, width):
                chunks.append((b"eXIf", exif))
        except Exception as error:  # whatever Pillow's parser stumbles over
            warnings.warn(str(error), stacklevel=1)
        if any(issubclass(warning.category, UserWarning) for warning in told):  # that is how Pillow tells of damage
            left.append("damaged EXIF data")
    return Metadata(tuple(chunks), (f"Not kept: {', '.join(left)}.",) if left else ())


def _density(dpi: Any) -> bytes | None:
    """Dots an inch, if they are numbers, as the content of pHYs."""
    try:
        across, down = (round(float(value) / METRES_PER_INCH) for value in dpi)
        return struct.pack(">IIB", across, down, 1) if min(across, down) > 0 else None
    except (TypeError, ValueError, OverflowError, ZeroDivisionError, struct.error):
        return None


def _read_exif(image: Image.Image) -> Image.Exif:
    if "exif" not in image.info:
        return image.getexif()  # of a TIFF file they are a part
    exif = Image.Exif()  # not Pillow's, which may be one that it read half, and has told so already
    exif.load(image.info["exif"])
    return exif


def _exif(found: Image.Exif, height: int, width: int) -> bytes | None:
    """Those data that are still true, as the content of eXIf."""
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
