"""Image files to RGB arrays and back: only this file decodes images of others, and it treats each as hostile.

The page's own examples are opened elsewhere, too, as for their thumbnails.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# The plugins are imported by name, since Pillow loads every plugin that it has if one is missing.
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,  # noqa: F401
    GifImagePlugin,  # noqa: F401
    Image,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

from decloss.files.colour import to_srgb

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")  # cameras' MPO opens as JPEG; for AVIF and HEIC see _formats
FORMAT_NAMES = "PNG, JPEG, WebP, BMP, TIFF, GIF, AVIF or HEIC"
SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".heic", ".heif", ".hif"
)  # fmt: skip
"""The endings by which files in a folder are photos."""
# As many threads as cores would take memory that the process which decodes for visitors does not have.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
HEIC_BRANDS = re.compile(rb"he(?:ic|ix|im|is|vc|vx|vm|vs)")
HEAD = 2**16
"""The bytes at the beginning of a file in which it says what it is, and in what colours."""
MAX_PIXELS = 25_000_000
MAX_PHOTO_BYTES = 160_000_000
"""The most bytes of a photo's file: ``MAX_PIXELS`` of 16-bit RGB, uncompressed, with its header."""

# By EXIF orientation, a function from upright pixels (H, W, 3) to a view of them as they lie in the file.
TURNS: dict[int, Callable[["RGBArray"], "RGBArray"]] = {
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: np.rot90,
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}
NO_TEXTS = ("bit_depth", "chromaticity", "exif", "gamma", "icc_profile", "interlace", "srgb", "transparency")
"""What Pillow tells of an image by these names is no text, but a PNG may have texts under any name."""
STRIP = 2**18
"""The pixels that are converted at a time: all at once, the copies would take several times the photo's own memory."""

# An (H, W, 3) array of 8-bit RGB.
RGBArray = NDArray[np.uint8]


class ImageError(ValueError):
    """The file cannot be used as a photo; the message is one sentence for the person who chose it."""


@dataclass(frozen=True)
class Photo:
    """A decoded image."""

    pixels: RGBArray
    """The pixels as upright 8-bit RGB, (H, W, 3)."""
    notes: tuple[str, ...] = ()
    """What decoding changed, a sentence each."""


def decode_photo(source: Path | bytes, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """Decode a file or its bytes to upright 8-bit RGB; transparency is laid over white.

    The size is checked before a pixel is decoded. Of an animation or several pages the first is taken.

    Raises:
        ImageError: if it is no image of a supported format, is damaged, or has over ``max_pixels`` pixels.
    """
    if max_pixels > MAX_PIXELS:  # on the command line; Pillow would refuse from 179 megapixels on, and warn from 89
        Image.MAX_IMAGE_PIXELS = max_pixels
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
            head = file.read(HEAD)
            formats = _formats(head)
            with Image.open(file, formats=formats) as image:
                return _to_photo(image, head, max_pixels)
    except ImageError:
        raise
    except Image.DecompressionBombError:
        raise ImageError(_too_large(max_pixels)) from None
    except UnidentifiedImageError:
        if formats != FORMATS:
            raise ImageError("This image file is damaged or incomplete.") from None
        raise ImageError(f"This file is not an image that can be read here; use {FORMAT_NAMES}.") from None
    except FileNotFoundError as error:
        raise ImageError(f"There is no file {source!s}.") from error
    except (IsADirectoryError, PermissionError) as error:
        raise ImageError(f"{source!s} cannot be read ({error.strerror}).") from error
    except MemoryError as error:
        raise ImageError("This image needs more memory than there is for it.") from error
    # Pillow's decoders raise almost anything on damaged data, which for the visitor is always the same fact.
    except Exception as error:
        raise ImageError(f"This image file is damaged or incomplete ({_reason(error)}).") from error


def list_images(folder: Path) -> list[Path]:
    """Return all image files below ``folder``, sorted by path.

    Raises:
        ValueError: if the folder does not exist or holds no image.
    """
    if not folder.is_dir():
        raise ValueError(f"no such folder: {folder}")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise ValueError(f"no images ({', '.join(SUFFIXES)}) in {folder}")
    return paths


def encode_png(pixels: RGBArray | Image.Image) -> bytes:
    """Return 8-bit RGB (H, W, 3), or an image of Pillow's with that, as the bytes of a PNG file, without loss."""
    buffer = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    # Level 1 takes half the time of Pillow's own choice, for files that are a fifth larger at most.
    image.save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()


def shrink(pixels: RGBArray, height: int, width: int) -> RGBArray:
    """Resample a photo to (height, width, 3) with an anti-aliased filter; for fitting, not for making LR images."""
    return np.array(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def _formats(head: bytes) -> tuple[str, ...]:
    """Return the formats to try for a file that begins so; the optional package for HEIC is loaded if needed."""
    brands = head[8 : int.from_bytes(head[:4], "big")] if head[4:8] == b"ftyp" else b""
    if b"avif" in brands or b"avis" in brands:
        if not AvifImagePlugin.SUPPORTED:
            raise ImageError("This installation of Pillow cannot read AVIF; save the photo as PNG or JPEG.")
        return ("AVIF",)
    if not HEIC_BRANDS.search(brands):
        return FORMATS
    try:
        import pillow_heif
    except ImportError:
        raise ImageError("Reading HEIC needs the package pillow-heif; install it, or save the photo as JPEG.") from None
    pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False)
    return ("HEIF",)


def _to_photo(image: Image.Image, head: bytes, max_pixels: int) -> Photo:
    _forget_texts(image)
    # Pillow would cut off one head after another, and each time copy what is left.
    if (image.info.get("exif") or b"")[6:12] == b"Exif\0\0":
        raise ImageError("This image file is damaged or incomplete (its EXIF data begins twice).")
    if image.width * image.height > max_pixels:
        raise ImageError(f"{_too_large(max_pixels)} This one has {image.width} x {image.height}.")
    notes = []
    # Pillow decodes 16-bit colour to 8 bits without a word. The depth is asked for now, before decoding forgets it.
    deep = any(";16" in str(tile) for tile in getattr(image, "tile", ()))
    depth = 16 if deep else image.info.get("bit_depth", 8)  # from HEIC
    # ``n_frames`` would read all frames, of which a file may have millions.
    if getattr(image, "is_animated", False) and image.format != "MPO":
        notes.append("Several pages or frames: the first is used.")
    if image.format == "PNG":  # texts may stand behind the pixels, and so may EXIF data, for which Pillow loads them
        image.load()
        _forget_texts(image)
    if _orientation(image) in TURNS:
        notes.append("Turned upright as its EXIF data says.")
    image.load()  # this turns a TIFF upright by itself
    orientation = _orientation(image)
    height, width = image.size if orientation >= 5 else image.size[::-1]  # from 5 on they lie on their side
    pixels = np.empty((height, width, 3), np.uint8)
    as_stored = TURNS[orientation](pixels) if orientation in TURNS else pixels
    grey, transparent = _is_deep_grey(image), False
    convert, note = to_srgb(image, head)
    if note:
        notes.append(note)
    rows = max(1, STRIP // image.width)
    for top in range(0, image.height, rows):
        strip, alpha = _with_alpha(image.crop((0, top, image.width, min(top + rows, image.height))))
        strip = convert(strip)
        if alpha is not None:
            transparent |= bool(np.asarray(alpha).min() < 255)
            strip.putalpha(alpha)
            strip = Image.alpha_composite(Image.new("RGBA", strip.size, "white"), strip).convert("RGB")
        as_stored[top : top + rows] = np.asarray(strip)
    if grey:
        notes.append(f"{'Floating-point' if image.mode == 'F' else '16-bit'} grey: reduced to 8 bits.")
    elif depth > 8:
        notes.append(f"{depth} bits a channel: reduced to 8.")
    if transparent:
        notes.append("Transparent areas are shown on white.")
    return Photo(pixels, tuple(notes))


def _forget_texts(image: Image.Image) -> None:
    """Drop texts of a PNG that Pillow, and we, would take for what they are called."""
    for name in NO_TEXTS:
        if isinstance(image.info.get(name), str):
            del image.info[name]


def _orientation(image: Image.Image) -> int:
    """Return the orientation that EXIF names; 1, which is upright, for whatever means nothing."""
    found = image.getexif().get(0x0112, 1)
    return found if found in TURNS else 1


def _is_deep_grey(image: Image.Image) -> bool:
    return image.mode.startswith("I") or image.mode == "F"


def _with_alpha(strip: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return a strip with 8 bits a channel, and how opaque each of its pixels is; None if nothing is transparent."""
    if _is_deep_grey(strip):
        hidden, alpha = strip.info.get("transparency"), None
        if isinstance(hidden, int):  # the one level that is transparent
            alpha = Image.fromarray(np.where(np.asarray(strip) == hidden, 0, 255).astype(np.uint8))
        return Image.fromarray(_from_deep_grey(strip)), alpha
    if strip.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in strip.info:
        strip = strip.convert("RGBA")
        return strip, strip.getchannel("A")
    return strip, None


def _from_deep_grey(image: Image.Image) -> NDArray[np.uint8]:
    """Return grey of more than 8 bits as (H, W) of 8 bits: Pillow's own conversion would clip at 255 and show white."""
    values = np.asarray(image).astype(np.float64)
    top = 1.0 if image.mode == "F" else 65535.0
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > top:
        raise ImageError(f"This image's grey levels are not from 0 to {top:g}; save it as an 8-bit PNG.")
    return np.rint(values / top * 255).astype(np.uint8)


def _too_large(max_pixels: int) -> str:
    return f"This image is too large: at most {max_pixels / 1e6:g} million pixels are accepted."


def _reason(error: Exception) -> str:
    text = str(error).strip().split("\n")[0][:80]
    return text or type(error).__name__
