"""Image files to RGB arrays and back: the only place that decodes. Every file is treated as hostile."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")  # a camera's MPO opens as JPEG
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
MAX_PIXELS = 25_000_000

# EXIF orientation to what undoes it.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# An (H, W, 3) array of 8-bit RGB.
RGBArray = NDArray[np.uint8]


class ImageError(ValueError):
    """The file cannot be used as a photo; the message is one sentence for the person who chose it."""


@dataclass(frozen=True)
class Photo:
    """A decoded image."""

    pixels: RGBArray
    """(H, W, 3), 8-bit RGB, upright."""
    notes: tuple[str, ...] = ()
    """What was changed on the way, a sentence each."""


def decode_photo(source: Path | bytes, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """Decode a file or its bytes to upright 8-bit RGB; transparency is laid over white.

    The size is checked before a pixel is decoded. Of an animation or several pages the first is taken.

    Raises:
        ImageError: if it is no image of a supported format, is damaged, or has over ``max_pixels`` pixels.
    """
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as image:
            return _to_photo(image, max_pixels)
    except ImageError:
        raise
    except Image.DecompressionBombError:
        raise ImageError(_too_large(max_pixels)) from None
    except UnidentifiedImageError:
        names = "PNG, JPEG, WebP, BMP, TIFF or GIF"
        raise ImageError(f"This file is not an image that can be read here; use {names}.") from None
    except FileNotFoundError as error:
        raise ImageError(f"There is no file {source!s}.") from error
    except (IsADirectoryError, PermissionError) as error:
        raise ImageError(f"{source!s} cannot be read ({error.strerror}).") from error
    # Pillow's decoders raise almost anything on damaged data; for the reader it is always the same fact.
    except Exception as error:
        raise ImageError(f"This image file is damaged or incomplete ({_reason(error)}).") from error


def list_images(folder: Path) -> list[Path]:
    """All image files below ``folder``, sorted by path.

    Raises:
        ValueError: if the folder does not exist or holds no image.
    """
    if not folder.is_dir():
        raise ValueError(f"no such folder: {folder}")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise ValueError(f"no images ({', '.join(SUFFIXES)}) in {folder}")
    return paths


def encode_png(pixels: RGBArray) -> bytes:
    """(H, W, 3) 8-bit RGB as the bytes of a PNG file, lossless."""
    buffer = io.BytesIO()
    # Level 1 takes half the time of Pillow's own choice, for files that are a fifth larger at most.
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()


def shrink(pixels: RGBArray, height: int, width: int) -> RGBArray:
    """Resample a photo to (height, width, 3) with an anti-aliased filter; for fitting, not for making LR images."""
    return np.array(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def _to_photo(image: Image.Image, max_pixels: int) -> Photo:
    if image.width * image.height > max_pixels:
        raise ImageError(f"{_too_large(max_pixels)} This one has {image.width} x {image.height}.")
    notes = []
    # Pillow decodes 16-bit colour to 8 bits without a word. Asked first: what follows may decode, and then it is gone.
    deep = any(";16" in str(tile) for tile in getattr(image, "tile", ()))
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        notes.append("Several pages or frames: the first is used.")
    if _turn(image) is not None:
        notes.append("Turned upright as its EXIF data says.")
    image.load()  # turns a TIFF upright by itself
    turn = _turn(image)
    upright = image if turn is None else image.transpose(turn)
    if upright.mode.startswith("I") or upright.mode == "F":
        return Photo(_from_deep_grey(upright), (*notes, f"{_depth(upright)} grey: reduced to 8 bits."))
    if deep:
        notes.append("16 bits a channel: reduced to 8.")
    if upright.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in upright.info:
        rgba = upright.convert("RGBA")
        if np.asarray(rgba)[..., 3].min() < 255:
            notes.append("Transparent areas are shown on white.")
        upright = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return Photo(np.array(upright.convert("RGB")), tuple(notes))


def _turn(image: Image.Image) -> Image.Transpose | None:
    """What makes the image upright by its EXIF orientation; None if it is."""
    return TURNS.get(image.getexif().get(0x0112, 1))


def _depth(image: Image.Image) -> str:
    return "Floating-point" if image.mode == "F" else "16-bit"


def _from_deep_grey(image: Image.Image) -> RGBArray:
    """Grey of more than 8 bits to (H, W, 3): Pillow's own conversion would clip at 255 and show white."""
    values = np.asarray(image).astype(np.float64)
    top = 1.0 if image.mode == "F" else 65535.0
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > top:
        raise ImageError(f"This image's grey levels are not from 0 to {top:g}; save it as an 8-bit PNG.")
    return np.repeat(np.rint(values / top * 255).astype(np.uint8)[..., None], 3, axis=2)


def _too_large(max_pixels: int) -> str:
    return f"This image is too large: at most {max_pixels / 1e6:g} million pixels are accepted."


def _reason(error: Exception) -> str:
    text = str(error).strip().split("\n")[0][:80]
    return text or type(error).__name__
