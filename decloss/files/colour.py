"""Converting colours to sRGB, by the ICC profile of a file or by the numbers that it gives for primaries and curve."""

import io
import re
import struct
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageCms

MAX_PROFILE_BYTES = 4_000_000
"""The most bytes of a profile, more than any printer's has; a display's has a few thousand."""
LONGEST_NAME = 40
MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""The colour spaces that a profile may be for, and Pillow's names for pixels in them."""
SRGB_GAMMA = 1 / 2.2
SRGB_PRIMARIES = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
"""The x and y of sRGB's white, red, green and blue."""
PRIMARIES = {
    9: (0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),  # BT.2020
    12: (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),  # Display P3
}
"""Other primaries than those of sRGB, by their numbers in H.273, which PNG, AVIF and HEIC use."""
GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
"""The exponents of other curves than that of sRGB, by their numbers in H.273."""
HDR = (16, 18)
CODES = re.compile(rb"cICP(.)(.)|colrnclx\0(.)\0(.)", re.DOTALL)
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""The curve of IEC 61966-2-1 (sRGB), as the parameters g, a, b, c, d of an ICC profile."""
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
"""The matrix from XYZ to the responses of the eye, in which a profile's white becomes D50."""
D50 = np.array([0.9642, 1.0, 0.8249])

# A function from a strip of an image to the same strip in RGB.
Convert = Callable[[Image.Image], Image.Image]


class _UnusableError(ValueError):
    """The colours of an image are not converted; the message is a sentence for the person who chose it."""


def to_srgb(image: Image.Image, head: bytes) -> tuple[Convert, str]:
    """Return how strips of an image become 8-bit sRGB, and a sentence on it, "" if their colours stay as they are.

    The intent is relative colorimetric, with compensation of the black point: colours that sRGB has do not change, and
    a printer's black becomes black. Where something is wrong with a profile, the image is taken without it.

    Args:
        image: a loaded image of any mode.
        head: the beginning of its file, for what Pillow does not tell.
    """
    try:
        found = _find_profile(image, head)
        if found is None:
            return _plain, ""
        content, name = found
        profile = ImageCms.ImageCmsProfile(io.BytesIO(content))
        mode = MODES[profile.profile.xcolor_space]
        own = "CMYK" if image.mode == "CMYK" else "L" if image.mode[0] in "1LIF" else "RGB"
        if mode != own and (mode, own) != ("RGB", "L"):
            raise ValueError(f"a profile for {mode} of an image in {own}")
        convert = _conversion(profile, mode)
        name = name or _readable(profile.profile.profile_description or "") or "its own colour profile"
    except _UnusableError as error:
        return _plain, str(error)
    # Pillow, numpy and our own checks raise these on nonsense.
    except (ArithmeticError, KeyError, OSError, TypeError, ValueError):
        return _plain, "Its colour profile is damaged and was ignored."
    if _changes_nothing(convert, mode):
        return _plain, ""
    return convert, f"Colours were converted from {name} to sRGB."


def make_profile(primaries: ArrayLike, gamma: float | None) -> bytes:
    """Make an ICC profile for RGB, and return its bytes.

    Args:
        primaries: x and y of white, red, green and blue, eight numbers.
        gamma: the exponent from pixels to light; None for the curve of sRGB.

    Raises:
        ValueError: if the primaries span no colours, or the gamma is not from 0.1 to 10.
    """
    if gamma is not None and not 0.1 <= gamma <= 10:
        raise ValueError(f"gamma must be from 0.1 to 10, got {gamma}")
    x, y = np.asarray(primaries, np.float64).reshape(4, 2).T
    with np.errstate(all="ignore"):
        white, *rgb = np.stack([x / y, np.ones(4), (1 - x - y) / y], axis=-1)
        unscaled = np.transpose(rgb)
        to_xyz = unscaled * np.linalg.solve(unscaled, white)
        to_d50 = np.linalg.solve(BRADFORD, (BRADFORD @ D50 / (BRADFORD @ white))[:, None] * BRADFORD)
        colorants = to_d50 @ to_xyz
    if not (np.abs(colorants) < 100).all():  # this also refuses NaN
        raise ValueError(f"primaries must span colours, got {primaries!r}")
    kind, curve = (0, (gamma,)) if gamma is not None else (3, SRGB_CURVE)
    columns = {"wtpt": D50} | dict(zip(("rXYZ", "gXYZ", "bXYZ"), colorants.T, strict=True))
    bodies = {name: b"XYZ " + bytes(4) + _fixed(column) for name, column in columns.items()}
    bodies |= dict.fromkeys(("rTRC", "gTRC", "bTRC"), struct.pack(">4s4xHxx", b"para", kind) + _fixed(curve))
    place, tags = 128 + 4 + 12 * len(bodies), struct.pack(">I", len(bodies))
    for name, body in bodies.items():
        tags += struct.pack(">4sII", name.encode(), place, len(body))
        place += len(body)
    header = struct.pack(">I4xI4s4s4s12x4s28x", place, 0x04200000, b"mntr", b"RGB ", b"XYZ ", b"acsp") + _fixed(D50)
    return header.ljust(128, b"\0") + tags + b"".join(bodies.values())


def _find_profile(image: Image.Image, head: bytes) -> tuple[bytes, str] | None:
    """Return an ICC profile and a name for it, "" for its own; None if there is none, or the image is in sRGB."""
    codes = CODES.search(head) if image.format in ("PNG", "AVIF", "HEIF") else None
    if "icc_profile" in image.info and not (codes and image.format == "PNG"):
        content = image.info["icc_profile"]  # it is None, or not even bytes, if the file is damaged
        if len(content) > MAX_PROFILE_BYTES:
            raise ValueError(f"a profile of {len(content)} bytes")
        return content, ""
    if codes:
        primary, curve = (number[0] for number in codes.groups() if number)
        if curve in HDR:
            raise _UnusableError("Its colours are meant for HDR screens and were not converted.")
        return make_profile(PRIMARIES.get(primary, SRGB_PRIMARIES), GAMMAS.get(curve)), "its own colour space"
    gamma, primaries = image.info.get("gamma"), image.info.get("chromaticity", SRGB_PRIMARIES)
    usual = gamma is None or abs(gamma - SRGB_GAMMA) < 0.005  # a PNG with nothing else means sRGB by it
    if "srgb" in image.info or (usual and np.allclose(primaries, SRGB_PRIMARIES, atol=0.003)):
        return None
    return make_profile(primaries, None if gamma is None else 1 / gamma), "its own gamma and primaries"


def _conversion(profile: ImageCms.ImageCmsProfile, mode: str) -> Convert:
    grey = mode == "L"
    flags = ImageCms.Flags.NOOPTIMIZE if grey else ImageCms.Flags.HIGHRESPRECALC
    transform = ImageCms.ImageCmsTransform(
        profile,
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=flags | ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if not grey:
        return lambda strip: transform.apply(strip.convert(mode))
    # littleCMS is fast, but off by up to ten levels for grey. So it is asked for each of the 256 levels instead.
    shown = np.asarray(transform.apply(Image.fromarray(np.arange(256, dtype=np.uint8)[None])))[0]
    return lambda strip: Image.fromarray(shown[np.asarray(strip.convert(mode))])


def _plain(strip: Image.Image) -> Image.Image:
    return strip.convert("RGB")


def _changes_nothing(convert: Convert, mode: str) -> bool:
    """Return whether no colour changes by more than a level of 255, as much as profiles that mean sRGB differ."""
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    colours = Image.fromarray(cube).convert(mode)
    return bool(np.allclose(np.asarray(convert(colours)), np.asarray(_plain(colours)), rtol=0, atol=1))


def _readable(name: str) -> str:
    """Return a name that fits into a sentence; in a profile it may be anything."""
    return " ".join(re.sub(r"[^\w .:,()%+-]|_", " ", name).split())[:LONGEST_NAME].strip()


def _fixed(numbers: ArrayLike) -> bytes:
    """Return numbers as an ICC profile has them, as multiples of 1/65536."""
    return np.rint(np.multiply(numbers, 65536)).astype(">i4").tobytes()
