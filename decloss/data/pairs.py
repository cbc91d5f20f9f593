"""Training pairs: photos are decoded and downscaled once, then read from memory-mapped files."""

import hashlib
import json
import math
import os
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor

from decloss.files.atomic import remove_abandoned, write_atomically
from decloss.files.images import SUFFIXES, ImageError, RGBArray, decode_photo, list_images
from decloss.files.notes import Notes
from decloss.models import make_lr
from decloss.pixels import SCALE

MAX_TRAINING_PIXELS = 200_000_000
CACHE_VERSION = 4
UNREADABLE = (ImageError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
"""What a damaged photo raises, or one in a damaged, locked (RuntimeError) or unknown kind of archive."""


@dataclass(frozen=True)
class PhotoPairs:
    """HR photos and their LR versions."""

    hr: list[RGBArray]
    """The HR photos, (H, W, 3) each, 8-bit RGB, with sides that are multiples of 4, memory-mapped."""
    lr: list[RGBArray]
    """The LR photos, (H/4, W/4, 3) each, by MATLAB's bicubic, rounded to 8 bits as the benchmarks' files are."""
    fingerprint: str
    """A digest of the names and sizes of the files that could be read; with another one batches are others, too."""
    names: list[str]
    """The files' paths below the folder."""

    @property
    def megapixels(self) -> float:
        return sum(photo.shape[0] * photo.shape[1] for photo in self.hr) / 1e6


@dataclass(frozen=True)
class _Source:
    """One image file, in a folder or in an archive."""

    name: str
    size: int
    stamp: int
    """A number that changes when the file does."""
    open: Callable[[], Path | bytes]
    """A function that returns what ``decode_photo`` takes."""


def load_photo_pairs(
    data: Path, cache: Path | None = None, report: Callable[[str], None] = lambda text: None
) -> PhotoPairs:
    """Load all photos of ``data`` as HR and LR, decoded once into ``cache`` and memory-mapped from there.

    Args:
        data: a folder, searched with its subfolders, or a .zip such as ``python -m decloss data pack`` makes; photos in
            any supported format; damaged ones are reported and skipped.
        cache: where the decoded photos are kept (default: the user's cache folder, or ``DECLOSS_CACHE``).
        report: called with a sentence for each skipped file, for a first decoding, and for what it changed.

    Raises:
        ValueError: if the folder does not exist or holds no readable photo, or the archive is none.
    """
    sources = _in_archive(data) if data.is_file() else _in_folder(data)
    facts = [(source.name, source.size) for source in sources]
    stamps = [source.stamp for source in sources]
    heic = find_spec("pillow_heif") is not None  # what was skipped for want of it is decoded once it is there
    key = _digest([CACHE_VERSION, SCALE, str(data.resolve()), facts, stamps, heic])
    packed = (cache or default_cache()) / key
    index = packed / "index.json"
    decoded_before = index.exists()
    if not decoded_before:
        report(f"Decoding {len(sources)} photos once into {packed}")
        _pack(data, sources, packed, report)
    found = json.loads(index.read_bytes())
    for line in found["skipped"] if decoded_before else ():
        report(line)
    names, shapes = [name for name, *_ in found["photos"]], [(height, width) for _, height, width in found["photos"]]
    hr, lr = _map(packed / "hr.bin", shapes, 1), _map(packed / "lr.bin", shapes, SCALE)
    used = set(names)
    return PhotoPairs(hr, lr, _digest([fact for fact in facts if fact[0] in used]), names)


def default_cache() -> Path:
    """Return the folder that ``DECLOSS_CACHE`` names, or one in the user's cache."""
    if os.environ.get("DECLOSS_CACHE"):
        return Path(os.environ["DECLOSS_CACHE"])
    root = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return Path(os.environ.get("XDG_CACHE_HOME", root)) / "decloss"


def _digest(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _in_folder(folder: Path) -> list[_Source]:
    found = [(path, path.stat()) for path in list_images(folder)]
    return [
        _Source(
            path.relative_to(folder).as_posix(),
            facts.st_size,
            facts.st_mtime_ns if os.access(path, os.R_OK) else 0,  # a file that may be read from now on is another one
            partial(Path, path),
        )
        for path, facts in found
    ]


def _in_archive(path: Path) -> list[_Source]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise ValueError(f"{path} is neither a folder nor a zip archive of photos ({error})") from error
    sources = [
        _Source(entry.filename, entry.file_size, entry.CRC, partial(archive.read, entry))
        for entry in sorted(archive.infolist(), key=lambda entry: entry.filename)
        if Path(entry.filename).suffix.lower() in SUFFIXES
    ]
    if not sources:
        raise ValueError(f"no images in {path}")
    return sources


def _pack(data: Path, sources: list[_Source], packed: Path, report: Callable[[str], None]) -> None:
    packed.mkdir(parents=True, exist_ok=True)
    remove_abandoned(packed)
    # Other processes may pack the same folder. Each writes its own files, and the last rename wins: all are equal.
    parts = [packed / f".{name}.{os.getpid()}.part" for name in ("hr.bin", "lr.bin")]
    try:
        with parts[0].open("wb") as hr_file, parts[1].open("wb") as lr_file:
            photos, skipped = _decode(sources, hr_file, lr_file, report)
        if not photos:
            raise ValueError(f"none of the {len(sources)} images in {data} can be read")
        for part, name in zip(parts, ("hr.bin", "lr.bin"), strict=True):
            part.replace(packed / name)
        write_atomically(packed / "index.json", json.dumps({"photos": photos, "skipped": skipped}).encode())
    finally:  # a full disk, for one, is not to stay full
        for part in parts:
            part.unlink(missing_ok=True)


def _decode(
    sources: list[_Source], hr_file: BinaryIO, lr_file: BinaryIO, report: Callable[[str], None]
) -> tuple[list[tuple[str, int, int]], list[str]]:
    """Write the pixels of all photos; return name, height and width of each, and a sentence on each skipped one."""
    photos: list[tuple[str, int, int]] = []
    skipped, notes = [], Notes()
    for source in sources:
        try:
            photo = decode_photo(source.open(), max_pixels=MAX_TRAINING_PIXELS)
        except UNREADABLE as error:
            skipped.append(f"Skipped {source.name}: {error}")
            report(skipped[-1])
            continue
        height, width = (side // SCALE * SCALE for side in photo.pixels.shape[:2])
        if min(height, width) == 0:
            skipped.append(f"Skipped {source.name}: smaller than {SCALE} pixels.")
            report(skipped[-1])
            continue
        notes.add(source.name, photo.notes)
        hr = np.ascontiguousarray(photo.pixels[:height, :width])
        lr = make_lr(to_channels_first(hr[None]).float() / 255, SCALE)
        hr_file.write(hr.tobytes())
        lr_file.write((lr[0] * 255).round().byte().permute(1, 2, 0).numpy().tobytes())
        photos.append((source.name, height, width))
    for line in notes.lines():
        report(line)
    return photos, skipped


def _map(path: Path, shapes: list[tuple[int, int]], factor: int) -> list[RGBArray]:
    flat = np.memmap(path, dtype=np.uint8, mode="r")
    scaled = [(height // factor, width // factor, 3) for height, width in shapes]
    ends = np.cumsum([math.prod(shape) for shape in scaled])
    return [photo.reshape(shape) for photo, shape in zip(np.split(flat, ends[:-1]), scaled, strict=True)]


def to_channels_first(pixels: RGBArray) -> Tensor:
    """Turn (B, H, W, 3) into (B, 3, H, W), uint8; its memory stays channels-last, which is what we want."""
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)
