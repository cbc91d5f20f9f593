"""Measuring models on a folder of images: the pairs, the protocol, and the scores per image."""

import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from decloss.files.images import ImageError, RGBArray, decode_photo, list_images
from decloss.files.notes import Notes
from decloss.inference.upscaling import upscale
from decloss.metrics import LPIPSUnavailableError, colour_error, icoo, lpips, psnr, ssim
from decloss.models import make_lr
from decloss.pixels import SCALE, quantize, to_pixels, to_tensor

BORDER = 4
PROTOCOL = (
    "x4; SR rounded to 8 bits; PSNR-Y and SSIM on BT.601 luma, PSNR-RGB on RGB, all with 4 pixels cut from each side; "
    "LPIPS 0.1 alex on RGB, uncut; ICOO of 8 SR and 100 HR patches of 12 x 12, 10 rounds, mean square, seed 0"
)
SMALLEST = {"PSNR": 12, "ICOO": 12, "the colour error": 16, "SSIM": 20, "LPIPS": 32}
"""The least HR pixels a side, in multiples of 4, with which a metric can be computed by ``PROTOCOL``."""


@dataclass(frozen=True)
class Pair:
    """One image to measure on."""

    name: str
    """Its path within the folder without suffixes, which HR and LR share."""
    hr: Path
    lr: Path | None
    """The given LR file, which may be missing; None to make it from HR as MATLAB does."""
    folder: Path
    """The folder that was given."""

    def file(self, path: Path) -> str:
        """Return the path of one of the two files within the folder, as a person finds it."""
        return path.relative_to(self.folder).as_posix()


@dataclass(frozen=True)
class CheckedPairs:
    """Which images of a folder can be measured."""

    usable: list[Pair]
    left_out: dict[str, str]
    """A sentence on which file cannot be used and why, by the name of the pair."""
    notes: list[str]
    """What decoding changed, a sentence each."""


@dataclass(frozen=True)
class Scores:
    """The metrics of one result against its original."""

    psnr_y: float
    """PSNR on luma in dB."""
    psnr_rgb: float
    """PSNR on RGB in dB."""
    ssim: float
    lpips: float | None
    """The distance; None if LPIPS is not available."""
    icoo: float
    """ICOO in dB."""
    icoo_floor: float
    """ICOO of HR against itself in dB."""
    colour_error: float
    """The error of colours in levels of 255, over boxes of 16 x 16 pixels, uncut."""
    lpips_missing: str | None = None
    """A sentence on why LPIPS is not available."""


def image_folders(folder: Path) -> list[Path]:
    """Return the folders that are read of a folder: ``HR/`` and ``LR_x4/`` if they are there, or else itself."""
    hr, lr = (folder / "HR" if (folder / "HR").is_dir() else folder), folder / "LR_x4"
    return [hr, lr] if lr.is_dir() else [hr]


def list_pairs(folder: Path) -> list[Pair]:
    """Return the images of a benchmark folder (``HR/`` and, if there, ``LR_x4/``), or of a plain folder of HR images.

    Raises:
        ValueError: if the folder is missing or empty, or two of its images go by one name.
    """
    roots = image_folders(folder)
    found = [_by_name(root, folder) for root in roots]
    if len(found) == 1:
        return [Pair(name, path, None, folder) for name, path in found[0].items()]
    hr, lr = found
    hr = {name: path for name, path in hr.items() if not path.is_relative_to(roots[1])}  # without HR/ both are in one
    if not hr:
        raise ValueError(f"{folder} has no images beside those of LR_x4/: the originals are missing")
    return [Pair(name, path, lr.get(name, folder / "LR_x4" / f"{name}.png"), folder) for name, path in hr.items()]


def check_pairs(pairs: Iterable[Pair]) -> CheckedPairs:
    """Read each pair once, to know before the work begins which of them can be measured."""
    usable, left_out, notes = [], {}, Notes()
    for pair in pairs:
        try:
            load_pair(pair, notes)
        except ValueError as error:
            left_out[pair.name] = str(error)
        else:
            usable.append(pair)
    return CheckedPairs(usable, left_out, notes.lines())


def load_pair(pair: Pair, notes: Notes | None = None) -> tuple[Tensor, Tensor]:
    """Load LR (1, 3, h, w) and HR (1, 3, 4h, 4w), HR cut on the right and below to multiples of 4.

    ``notes`` is told what decoding changed.

    Raises:
        ValueError: naming the file, if one is missing or cannot be read (``ImageError``), if the sizes do not belong
            together, or if they are too small to be measured.
    """
    hr = _decode(pair.hr, pair, notes)
    rows, columns = hr.shape[-2:]
    lr, height, width = None, rows // SCALE * SCALE, columns // SCALE * SCALE
    if pair.lr is not None:
        if not pair.lr.exists():
            raise ValueError(f"{pair.file(pair.hr)} has no LR image in {pair.folder / 'LR_x4'}")
        lr = _decode(pair.lr, pair, notes)
        height, width = (SCALE * side for side in lr.shape[-2:])
        if not (height <= rows < height + SCALE and width <= columns < width + SCALE):
            sizes = f"{width // SCALE} x {height // SCALE} and {columns} x {rows} pixels"
            raise ValueError(f"{pair.file(pair.lr)} is not a quarter of {pair.file(pair.hr)}: {sizes}")
    needs = [f"{metric} needs {least}" for metric, least in SMALLEST.items() if min(height, width) < least]
    if needs:
        size = f"{columns} x {rows} pixels are too few"
        raise ValueError(f"{pair.file(pair.hr)}: {size}: {', '.join(needs)} a side")
    hr = hr[..., :height, :width]
    return make_lr(hr) if lr is None else lr, hr


def _decode(path: Path, pair: Pair, notes: Notes | None) -> Tensor:
    try:
        photo = decode_photo(path)
    except ImageError as error:
        raise ImageError(f"{pair.file(path)}: {error}") from error
    if notes is not None:
        notes.add(pair.file(path), photo.notes)
    return to_tensor(photo.pixels)


def score(sr: Tensor, hr: Tensor) -> Scores:
    """Return all metrics of one image by ``PROTOCOL``; ``sr`` and ``hr`` are (1, 3, H, W) in [0, 1]."""
    sr = quantize(sr)
    distance, missing = None, None
    try:
        distance = lpips(sr, hr).item()
    except LPIPSUnavailableError as error:
        missing = str(error)
    return Scores(
        psnr_y=psnr(sr, hr, crop_border=BORDER).item(),
        psnr_rgb=psnr(sr, hr, crop_border=BORDER, y_channel=False).item(),
        ssim=ssim(sr, hr, crop_border=BORDER).item(),
        lpips=distance,
        icoo=icoo(sr, hr).item(),
        icoo_floor=icoo(hr, hr).item(),
        colour_error=colour_error(sr, hr).item(),
        lpips_missing=missing,
    )


def evaluate(
    model: nn.Module, pairs: Iterable[Pair], keep: Callable[[RGBArray], None] | None = None
) -> Iterator[dict[str, float | str | None]]:
    """Upscale and score each pair, and yield a row for it: its name, the scores, and seconds per LR megapixel.

    ``keep`` is given each result, (H, W, 3) in 8 bits.
    """
    for pair in pairs:
        lr, hr = load_pair(pair)
        started = time.perf_counter()
        sr = upscale(model, lr)
        seconds = time.perf_counter() - started
        megapixels = lr.shape[-2] * lr.shape[-1] / 1e6
        if keep is not None:
            keep(to_pixels(sr))
        yield {"image": pair.name, **asdict(score(sr, hr)), "seconds_per_megapixel": seconds / megapixels}


def mean_scores(rows: list[dict[str, float | str | None]]) -> dict[str, float | None]:
    """Return the mean of each column over images; None if a column has no numbers."""
    means: dict[str, float | None] = {}
    for column in rows[0]:
        values = [row[column] for row in rows if isinstance(row[column], int | float)]
        if column not in ("image", "lpips_missing"):
            means[column] = float(np.mean(np.asarray(values, dtype=np.float64))) if values else None
    return means


def for_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with null for numbers that JSON does not know, such as the infinite PSNR of equal images."""
    return {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()}


def _by_name(root: Path, folder: Path) -> dict[str, Path]:
    """Return the images below ``root`` by the names that HR and LR files share.

    img_001_SRF_4_HR and img_001_SRF_4_LR share a name, and so do 0801 and 0801x4, within one subfolder.
    """
    found: dict[str, Path] = {}
    for path in list_images(root):
        stem = re.sub(r"(?<=.)(_HR|_LR|_?x4)$", "", path.stem)
        name = (path.parent.relative_to(root) / stem).as_posix()
        if name in found:
            both = " and ".join(other.relative_to(folder).as_posix() for other in (found[name], path))
            raise ValueError(f"{both} would both be called {name} in the results: rename or move one of them")
        found[name] = path
    return found
