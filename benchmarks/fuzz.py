"""Damaged images by the thousand, through the workers that decode for visitors: none may die.

    python -m benchmarks.fuzz --seconds 60 --seed 0

Takes a valid file of each format, changes it (bits, numbers, pieces that are missing, doubled or come from another
file; PNG's checksums are made right again, or nothing else would be tried), and prints what came of it. Ends with 1 if
a worker was lost.
"""

import argparse
import io
import random
import struct
import sys
import threading
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

from decloss.files.colour import PRIMARIES, make_profile
from decloss.files.images import ImageError
from decloss.files.sandbox import Pool, WorkerDiedError

WORKERS = 2
TELLING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Numbers at which sizes and counts overflow."""
SIGNATURE = 8
"""Bytes of a PNG before its first chunk."""


@dataclass
class Outcome:
    """What came of all files."""

    decoded: Counter[str] = field(default_factory=Counter)
    """The number of files that were decoded, by format."""
    refused: Counter[str] = field(default_factory=Counter)
    """The number of files that were refused with a sentence, by format."""
    lost: list[tuple[str, bytes]] = field(default_factory=list)
    """Format and content of the files that cost a worker."""
    slowest: float = 0.0
    """The seconds that the slowest file took."""


def valid_files(seed: int = 0) -> dict[str, bytes]:
    """One file of each format and of its main variants, small, with smooth and noisy pixels."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:48, 0:56]
    grey = np.clip(128 + 60 * np.sin(x / 5) + 40 * np.cos(y / 7) + rng.normal(0, 9, x.shape), 0, 255).astype(np.uint8)
    rgb = Image.fromarray(np.dstack([grey, grey[::-1], 255 - grey]))
    exif = Image.Exif()
    exif[0x0112] = 6
    p3 = make_profile(PRIMARIES[12], None)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pillow_heif.register_heif_opener()

    def several() -> dict[str, object]:  # anew each time: Pillow leaves a format's settings on the images
        return {"save_all": True, "append_images": [rgb.rotate(90), rgb.rotate(180)]}

    made: dict[str, tuple[Image.Image, str, dict[str, object]]] = {
        "png": (rgb, "PNG", {"exif": exif}),
        "png, 16 bits": (Image.fromarray(grey.astype(np.uint16) * 257), "PNG", {}),
        "png, palette": (rgb.quantize(64), "PNG", {"transparency": 3}),
        "png, animated": (rgb, "PNG", several()),
        "jpeg": (rgb, "JPEG", {"exif": exif}),
        "jpeg, progressive": (rgb.convert("CMYK"), "JPEG", {"progressive": True}),
        "mpo": (rgb, "MPO", several()),
        "webp": (rgb, "WEBP", {"exif": exif}),
        "webp, lossless": (rgb.convert("RGBA"), "WEBP", {"lossless": True}),
        "webp, animated": (rgb, "WEBP", several()),
        "gif": (rgb.quantize(64), "GIF", several()),
        "avif": (rgb, "AVIF", {"exif": exif}),
        "avif, animated": (rgb, "AVIF", several()),
        "heic": (rgb, "HEIF", {"exif": exif, "icc_profile": p3}),
        "bmp": (rgb, "BMP", {}),
        "bmp, palette": (rgb.quantize(200), "BMP", {}),
        "tiff": (rgb, "TIFF", {"exif": exif}),
        "tiff, pages": (rgb, "TIFF", several()),
        "tiff, profile": (rgb, "TIFF", {"icc_profile": p3}),
        "tiff, profile of srgb": (rgb, "TIFF", {"icc_profile": srgb}),
        "tiff, float": (Image.fromarray(grey.astype(np.float32) / 255), "TIFF", {}),
        **{
            f"tiff, {name}": (rgb.convert("1") if name == "group4" else rgb, "TIFF", {"compression": name})
            for name in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "group4")
        },
    }
    return {name: _saved(*how) for name, how in made.items()}


def damage(content: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """``content`` with one to six changes."""
    changed = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        # Half of them near the beginning, where the sizes stand.
        place = rng.randrange(min(len(changed), 200) if rng.random() < 0.5 else len(changed))
        length = rng.randint(1, 64)
        kind = rng.randrange(6)
        if kind == 0:
            changed[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            number = struct.pack(rng.choice("<>") + "I", rng.choice(TELLING))
            changed[place : place + 4] = rng.choice((number, number[:2], number[2:]))
        elif kind == 2:
            changed[place : place + length] = b""
        elif kind == 3:
            changed[place:place] = changed[place : place + length] * rng.choice((1, 2, 50))
        elif kind == 4:
            other = rng.choice(others)
            start = rng.randrange(len(other))
            changed[place : place + length] = other[start : start + length]
        else:
            del changed[rng.randrange(len(changed) // 2, len(changed)) :]
        if not changed:
            return b""
    return with_checksums(bytes(changed)) if content.startswith(b"\x89PNG") and rng.random() < 0.8 else bytes(changed)


def with_checksums(png: bytes) -> bytes:
    """The PNG with a right checksum behind each chunk that is whole."""
    fixed, place = bytearray(png), SIGNATURE
    while place + 12 <= len(fixed):
        end = place + 8 + int.from_bytes(fixed[place : place + 4], "big")
        if end + 4 > len(fixed):
            break
        fixed[end : end + 4] = struct.pack(">I", zlib.crc32(fixed[place + 4 : end]))
        place = end + 4
    return bytes(fixed)


def fuzz(seconds: float, seed: int = 0) -> Outcome:
    """Decode damaged files for ``seconds``, with as many threads as workers; the same files again for the same seed."""
    files = valid_files()
    outcome, lock = Outcome(), threading.Lock()
    pool = Pool(WORKERS)
    until = time.monotonic() + seconds

    def run(number: int) -> None:
        rng = random.Random(seed * WORKERS + number)
        while time.monotonic() < until:
            name = rng.choice(list(files))
            content = damage(files[name], list(files.values()), rng)
            began, error = time.monotonic(), None
            try:
                pool.decode(content)
            except ImageError as refusal:
                error = refusal
            with lock:
                outcome.slowest = max(outcome.slowest, time.monotonic() - began)
                if error is not None and isinstance(error.__cause__, WorkerDiedError):
                    outcome.lost.append((name, content))
                else:
                    (outcome.decoded if error is None else outcome.refused)[name] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.end()
    return outcome


def _saved(image: Image.Image, kind: str, options: dict[str, object]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    outcome = fuzz(arguments.seconds, arguments.seed)
    for name in sorted(outcome.decoded | outcome.refused):
        print(f"{name:26} {outcome.decoded[name]:6} decoded {outcome.refused[name]:6} refused")
    print(f"{outcome.decoded.total()} decoded, {outcome.refused.total()} refused, slowest {outcome.slowest:.2f} s")
    print(f"{len(outcome.lost)} workers lost")
    for name, content in outcome.lost[:3]:
        print(f"{name}: {content.hex()}")
    sys.exit(1 if outcome.lost else 0)


if __name__ == "__main__":
    main()
