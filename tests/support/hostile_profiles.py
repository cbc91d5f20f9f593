"""ICC profiles that lie about what is in them, or that are work: each in a TIFF, where it stands as it is."""

import struct
from collections.abc import Callable
from functools import partial

import numpy as np
from colour_spaces import DISPLAY_P3, profile, rgb_profile
from hostile_parts import PHOTO, patched
from image_files import save

P3 = rgb_profile(DISPLAY_P3, None)
MOST = 2**32 - 1


def within(icc: bytes, mode: str = "RGB") -> bytes:
    """A good photo with it."""
    return save(PHOTO.convert(mode), "TIFF", icc_profile=icc)


def with_table(content: bytes, space: bytes = b"RGB ", tag: bytes = b"A2B0") -> bytes:
    """A profile by a table of its own, for all intents."""
    return profile(space, b"Lab ", {tag: content, b"A2B1": content, b"wtpt": b"XYZ " + bytes(16)})


def table(kind: bytes, inputs: int, outputs: int, grid: int, body: bytes) -> bytes:
    lengths = struct.pack(">HH", 256, 256) if kind == b"mft2" else b""
    return struct.pack(">4s4x4B", kind, inputs, outputs, grid, 0) + bytes(36) + lengths + body


def matrices(count: int) -> bytes:
    """A profile by a chain of matrices, all of them the same 60 bytes: 5,000 are minutes of work."""
    matrix = struct.pack(">4s4xHH", b"matf", 3, 3) + np.eye(4, 3).astype(">f4").tobytes()
    where = struct.pack(">II", 16 + 8 * count, len(matrix)) * count
    return with_table(struct.pack(">4s4xHHI", b"mpet", 3, 3, count) + where + matrix, tag=b"D2B1")


PROFILES: dict[str, Callable[[], bytes]] = {
    "profile of noise behind its head": lambda: within(P3[:132] + bytes(range(256)) * 9),
    "profile longer than it is": lambda: within(struct.pack(">I", MOST) + P3[4:]),
    "profile of 2^32 tags": lambda: within(P3[:128] + struct.pack(">I", MOST) + P3[132:]),
    "profile of 100 tags in one place": lambda: within(
        P3[:128] + struct.pack(">I", 100) + struct.pack(">4sII", b"rTRC", 132, 1200) * 100
    ),
    "profile with a tag beyond its end": lambda: within(patched(P3, b"rXYZ", 4, struct.pack(">II", MOST - 8, 20))),
    "profile with a curve of 2^32": lambda: within(
        profile(b"GRAY", b"XYZ ", {b"kTRC": struct.pack(">4s4xI", b"curv", MOST)}), "L"
    ),
    "profile with a curve of 100,000": lambda: within(
        profile(b"GRAY", b"XYZ ", {b"kTRC": struct.pack(">4s4xI", b"curv", 10**5) + bytes(2 * 10**5)}), "L"
    ),
    "profile with a curve that is not a number": lambda: within(
        profile(
            b"GRAY", b"XYZ ", {b"kTRC": struct.pack(">4s4xHxx7i", b"para", 4, 2**31 - 1, -1, -(2**31), 0, 0, 0, 0)}
        ),
        "L",
    ),
    "profile with a curve of type 9": lambda: within(patched(P3, b"para", 8, b"\0\x09")),
    "profile of no colours": lambda: within(profile(b"RGB ", b"XYZ ", {})),
    "profile with a name of 2^32": lambda: within(patched(P3, b"mluc", 8, struct.pack(">II", MOST, MOST))),
    "profile with a name beyond its end": lambda: within(patched(P3, b"mluc", 20, struct.pack(">II", MOST, MOST))),
    **{
        f"profile with a table of {inputs} inputs, {grid} a side ({kind.decode()})": partial(
            lambda *how: within(with_table(table(*how, b"\x80" * 4000))), kind, inputs, outputs, grid
        )
        for kind in (b"mft1", b"mft2")
        for inputs, outputs, grid in (
            (3, 3, 255),
            (15, 15, 255),
            (0, 3, 9),
            (3, 0, 9),
            (3, 3, 1),
            (3, 3, 0),
            (255, 255, 2),
        )
    },
    "profile with a table that points at itself": lambda: within(
        with_table(struct.pack(">4s4xBBxx5I", b"mAB ", 3, 3, 0, 0, 0, 0, 0))
    ),
    "profile with a table beyond its end": lambda: within(
        with_table(struct.pack(">4s4xBBxx5I", b"mAB ", 3, 3, MOST, MOST, MOST, MOST, MOST))
    ),
    "profile for inks with a large table": lambda: within(
        profile(b"CMYK", b"Lab ", {b"A2B0": table(b"mft1", 4, 3, 17, bytes(4 * 256 + 17**4 * 3 + 3 * 256))}), "CMYK"
    ),
    "profile that links": lambda: within(profile(b"RGB ", b"RGB ", {b"A2B0": bytes(99)}, b"link")),
    "profile of names": lambda: within(profile(b"RGB ", b"Lab ", {b"ncl2": bytes(99)}, b"nmcl")),
    "profile of 50 matrices": lambda: within(matrices(50)),
}
