"""Training pairs: photos are decoded and downscaled once, then read as random crops from memory-mapped files."""

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
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from decloss.files.atomic import write_atomically
from decloss.files.images import SUFFIXES, ImageError, RGBArray, decode_photo, list_images
from decloss.files.notes import Notes
from decloss.models import make_lr
from decloss.pixels import SCALE

MAX_TRAINING_PIXELS = 200_000_000
CACHE_VERSION = 3
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
    """A digest of the files' names and sizes; with another one batches are others, too."""
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
    key = _digest([CACHE_VERSION, SCALE, str(data.resolve()), facts, [source.stamp for source in sources]])
    packed = (cache or default_cache()) / key
    index = packed / "index.json"
    if not index.exists():
        report(f"Decoding {len(sources)} photos once into {packed}")
        _pack(data, sources, packed, report)
    entries = json.loads(index.read_bytes())
    names, shapes = [name for name, *_ in entries], [(height, width) for _, height, width in entries]
    hr, lr = _map(packed / "hr.bin", shapes, 1), _map(packed / "lr.bin", shapes, SCALE)
    return PhotoPairs(hr, lr, _digest(facts), names)


def default_cache() -> Path:
    """Return the folder that ``DECLOSS_CACHE`` names, or one in the user's cache."""
    if os.environ.get("DECLOSS_CACHE"):
        return Path(os.environ["DECLOSS_CACHE"])
    root = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return Path(os.environ.get("XDG_CACHE_HOME", root)) / "decloss"


@dataclass(frozen=True)
class Crop:
    """Where a pair of crops is cut out of a photo, and how it is turned."""

    photo: int
    top: int
    """The first row in LR pixels."""
    left: int
    """The first column in LR pixels."""
    flipped: bool
    """Whether left and right change places."""
    turns: int
    """The quarter turns after that, against the clock."""

    def cut(self, photo: RGBArray, side: int, scale: int) -> RGBArray:
        """Return this crop of ``photo`` as a view of (scale * side, scale * side, 3); ``side`` is that in LR pixels."""
        top, left, side = scale * self.top, scale * self.left, scale * side
        patch = photo[top : top + side, left : left + side]
        return np.rot90(patch[:, ::-1] if self.flipped else patch, self.turns)


def draw_crops(pairs: PhotoPairs, step: int, batch_size: int, crop: int, seed: int) -> list[Crop]:
    """Return the crops of one training step, a pure function of ``seed`` and ``step``: resuming needs no state.

    Each comes from a photo drawn uniformly, at a uniform position, flipped and rotated at random (§5.1).

    Args:
        crop: side of the LR crop in pixels; the HR crop is four times as large.

    Raises:
        ValueError: if a photo is smaller than the crop.
    """
    rng = np.random.default_rng([seed, step])
    drawn: list[Crop] = []
    for _ in range(batch_size):
        photo = int(rng.integers(len(pairs.lr)))
        height, width, _ = pairs.lr[photo].shape
        top, left = int(rng.integers(height - crop + 1)), int(rng.integers(width - crop + 1))
        drawn.append(Crop(photo, top, left, bool(rng.integers(2)), int(rng.integers(4))))
    return drawn


def read_crops(pairs: PhotoPairs, crops: list[Crop], side: int) -> tuple[Tensor, Tensor]:
    """Return LR (B, 3, side, side) and HR (B, 3, 4*side, 4*side) of ``crops``, uint8, channels-last in memory."""
    lr = np.stack([crop.cut(pairs.lr[crop.photo], side, 1) for crop in crops])
    hr = np.stack([crop.cut(pairs.hr[crop.photo], side, SCALE) for crop in crops])
    return _to_tensor(lr), _to_tensor(hr)


def sample_batch(pairs: PhotoPairs, step: int, batch_size: int, crop: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return the batch of one training step, LR and HR, as ``draw_crops`` draws and ``read_crops`` reads it."""
    return read_crops(pairs, draw_crops(pairs, step, batch_size, crop, seed), crop)


def check_crop_fits(pairs: PhotoPairs, crop: int) -> None:
    """Refuse photos smaller than the crop before training starts.

    Raises:
        ValueError: if there are any; it names the smallest with its size, and counts the others.
    """
    side = crop * SCALE
    small = sorted((min(hr.shape[:2]), name, hr.shape) for hr, name in zip(pairs.hr, pairs.names, strict=True))
    small = [entry for entry in small if entry[0] < side]
    if small:
        _, name, (height, width, _) = small[0]
        others = f" and {len(small) - 1} more" if len(small) > 1 else ""
        raise ValueError(
            f"crops of {side} x {side} pixels do not fit {name} ({width} x {height}){others}; "
            f"remove what is too small or choose a smaller crop"
        )


def _digest(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _in_folder(folder: Path) -> list[_Source]:
    found = [(path, path.stat()) for path in list_images(folder)]
    return [
        _Source(path.relative_to(folder).as_posix(), facts.st_size, facts.st_mtime_ns, partial(Path, path))
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
    entries: list[tuple[str, int, int]] = []
    notes = Notes()
    # Other processes may pack the same folder. Each writes its own files, and the last rename wins: all are equal.
    parts = [packed / f".{name}.{os.getpid()}.part" for name in ("hr.bin", "lr.bin")]
    with parts[0].open("wb") as hr_file, parts[1].open("wb") as lr_file:
        for source in sources:
            try:
                photo = decode_photo(source.open(), max_pixels=MAX_TRAINING_PIXELS)
            except UNREADABLE as error:
                report(f"Skipped {source.name}: {error}")
                continue
            height, width = (side // SCALE * SCALE for side in photo.pixels.shape[:2])
            if min(height, width) == 0:
                report(f"Skipped {source.name}: smaller than {SCALE} pixels.")
                continue
            notes.add(source.name, photo.notes)
            hr = np.ascontiguousarray(photo.pixels[:height, :width])
            lr = make_lr(_to_tensor(hr[None]).float() / 255, SCALE)
            hr_file.write(hr.tobytes())
            lr_file.write((lr[0] * 255).round().byte().permute(1, 2, 0).numpy().tobytes())
            entries.append((source.name, height, width))
    for line in notes.lines():
        report(line)
    if not entries:
        for part in parts:
            part.unlink()
        raise ValueError(f"none of the {len(sources)} images in {data} can be read")
    for part, name in zip(parts, ("hr.bin", "lr.bin"), strict=True):
        part.replace(packed / name)
    write_atomically(packed / "index.json", json.dumps(entries).encode())


def _map(path: Path, shapes: list[tuple[int, int]], factor: int) -> list[RGBArray]:
    flat = np.memmap(path, dtype=np.uint8, mode="r")
    scaled = [(height // factor, width // factor, 3) for height, width in shapes]
    ends = np.cumsum([math.prod(shape) for shape in scaled])
    return [photo.reshape(shape) for photo, shape in zip(np.split(flat, ends[:-1]), scaled, strict=True)]


def _to_tensor(pixels: RGBArray) -> Tensor:
    """Turn (B, H, W, 3) into (B, 3, H, W), uint8; its memory stays channels-last, which is what we want."""
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)
