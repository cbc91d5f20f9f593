"""Colours in other spaces than sRGB: what is right for them, in float64 from the published numbers; ICC profiles."""

import struct
from collections.abc import Callable

import numpy as np
from PIL import Image
from skimage import data

from decloss.files.colour import make_profile

Curve = Callable[[np.ndarray], np.ndarray]
D65, D50 = (0.3127, 0.329), (0.3457, 0.3585)
SRGB = (*D65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
DISPLAY_P3 = (*D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
ADOBE_RGB = (*D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
PROPHOTO = (*D50, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)
BT_2020 = (*D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046)
ADOBE_GAMMA = 563 / 256
WHITE = struct.pack(">3I", 63190, 65536, 54061)
"""Of D50, as profiles have it."""
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def srgb_curve(pixels: np.ndarray) -> np.ndarray:
    """Pixels to light, both from 0 to 1, by IEC 61966-2-1."""
    return np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)


def power(gamma: float) -> Curve:
    return lambda pixels: pixels**gamma


def in_srgb(pixels: np.ndarray, primaries: tuple[float, ...], curve: Curve) -> np.ndarray:
    """What 8-bit ``pixels`` of another space are in sRGB, (..., 3) of 0 to 255, not rounded, cut where sRGB ends."""
    change = np.linalg.inv(to_xyz(SRGB)) @ adapted(primaries[:2]) @ to_xyz(primaries)
    return from_light(curve(pixels / 255) @ change.T)


def from_light(light: np.ndarray) -> np.ndarray:
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def from_lab(lightness: float, a: float, b: float) -> np.ndarray:
    """CIE Lab, of D50 as in profiles, as sRGB."""
    f = np.array([(lightness + 16) / 116 + a / 500, (lightness + 16) / 116, (lightness + 16) / 116 - b / 200])
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * white(D50)
    return from_light(np.linalg.inv(to_xyz(SRGB)) @ adapted(D50) @ xyz)


def white(xy: tuple[float, ...]) -> np.ndarray:
    x, y = xy
    return np.array([x / y, 1, (1 - x - y) / y])


def to_xyz(primaries: tuple[float, ...]) -> np.ndarray:
    columns = np.stack([white(primaries[place : place + 2]) for place in (2, 4, 6)], axis=1)
    return columns * np.linalg.solve(columns, white(primaries[:2]))


def adapted(xy: tuple[float, ...]) -> np.ndarray:
    """XYZ under a white of (x, y) to XYZ under D65."""
    gains = (BRADFORD @ white(D65)) / (BRADFORD @ white(xy))
    return np.linalg.inv(BRADFORD) @ np.diag(gains) @ BRADFORD


def profile(space: bytes, pcs: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr", name: str = "Test") -> bytes:
    """An ICC profile of these tags, and its name."""
    text = name.encode("utf-16-be")
    tags = {**tags, b"desc": struct.pack(">4s4xII4sII", b"mluc", 1, 12, b"enUS", len(text), 28) + text}
    place, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for tag, content in tags.items():
        table += struct.pack(">4sII", tag, place + len(body), len(content))
        body += content.ljust(-(-len(content) // 4) * 4, b"\0")
    head = struct.pack(">I4xI4s4s4s12x4s28x", place + len(body), 0x04200000, kind, space, pcs, b"acsp") + WHITE
    return head.ljust(128, b"\0") + table + body


def rgb_profile(primaries: tuple[float, ...], gamma: float | None, name: str = "Test") -> bytes:
    """Ours, with a name."""
    made = make_profile(primaries, gamma)
    (count,) = struct.unpack_from(">I", made, 128)
    entries = [struct.unpack_from(">4sII", made, 132 + 12 * number) for number in range(count)]
    return profile(b"RGB ", b"XYZ ", {tag: made[start : start + length] for tag, start, length in entries}, name=name)


def grey_profile(gamma: float) -> bytes:
    curve = struct.pack(">4s4xIH", b"curv", 1, round(256 * gamma))
    return profile(b"GRAY", b"XYZ ", {b"wtpt": b"XYZ " + bytes(4) + WHITE, b"kTRC": curve})


def cmyk_profile(colours: np.ndarray) -> bytes:
    """By which the 16 mixtures of full inks show ``colours``, (2, 2, 2, 2, 3) in 8-bit Lab; black is the last axis."""
    ramp = bytes(range(256))
    table = struct.pack(">4s4x4B", b"mft1", 4, 3, 2, 0) + struct.pack(">9i", *(65536 * np.eye(3, dtype=int)).flat)
    table += 4 * ramp + colours.astype(np.uint8).tobytes() + 3 * ramp
    return profile(b"CMYK", b"Lab ", {b"A2B0": table, b"A2B1": table}, b"scnr")


def found_profile(name: str) -> bytes:
    """That of a picture that scikit-image brings along: such as programs really write."""
    with Image.open(f"{data.data_dir}/{name}") as image:
        return image.info["icc_profile"]
