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
from decloss.inference.upscaling import upscale
from decloss.metrics import LPIPSUnavailableError, colour_error, icoo, lpips, psnr, ssim
from decloss.models import make_lr
from decloss.pixels import SCALE, quantize, to_pixels, to_tensor

BORDER = 4
PROTOCOL = (
    "x4; SR rounded to 8 bits; PSNR-Y and SSIM on BT.601 luma, PSNR-RGB on RGB, all with 4 pixels cut from each side; "
    "LPIPS 0.1 alex on RGB, uncut; ICOO of 8 SR and 100 HR patches of 12 x 12, 10 rounds, mean square, seed 0"
)


@dataclass(frozen=True)
class Pair:
    """One image to measure on."""

    name: str
    hr: Path
    lr: Path | None
    """The given LR file; None to make it from HR as MATLAB does."""


@dataclass(frozen=True)
class Scores:
    """The metrics of one result against its original."""

    psnr_y: float
    """dB."""
    psnr_rgb: float
    """dB."""
    ssim: float
    lpips: float | None
    """The distance; None where LPIPS is not available."""
    icoo: float
    """dB."""
    icoo_floor: float
    """dB: of HR against itself."""
    colour_error: float
    """Levels of 255, over boxes of 16 x 16 pixels, uncut."""
    lpips_missing: str | None = None
    """Why LPIPS is not available, a sentence."""


def list_pairs(folder: Path) -> list[Pair]:
    """The images of a benchmark folder (``HR/`` and, if there, ``LR_x4/``), or of a plain folder of HR images.

    Raises:
        ValueError: if the folder is missing or empty, or an HR image has no LR partner in ``LR_x4/``.
    """
    hr_folder = folder / "HR" if (folder / "HR").is_dir() else folder
    lr_folder = folder / "LR_x4"
    partners = {_key(path): path for path in list_images(lr_folder)} if lr_folder.is_dir() else None
    pairs = []
    for path in list_images(hr_folder):
        if partners is not None and _key(path) not in partners:
            raise ValueError(f"{lr_folder} has no LR image for {path.name}")
        pairs.append(Pair(_key(path), path, partners[_key(path)] if partners else None))
    return pairs


def load_pair(pair: Pair) -> tuple[Tensor, Tensor]:
    """LR (1, 3, h, w) and HR (1, 3, 4h, 4w), HR cut on the right and below to multiples of 4.

    Raises:
        ValueError: if the sizes do not belong together; ``ImageError`` if a file cannot be read.
    """
    hr = to_tensor(_decode(pair.hr))
    if pair.lr is None:
        hr = hr[..., : hr.shape[-2] // SCALE * SCALE, : hr.shape[-1] // SCALE * SCALE]
        return make_lr(hr), hr
    lr = to_tensor(_decode(pair.lr))
    height, width = (SCALE * side for side in lr.shape[-2:])
    if not (height <= hr.shape[-2] < height + SCALE and width <= hr.shape[-1] < width + SCALE):
        raise ValueError(f"{pair.lr.name} is not a quarter of {pair.hr.name}: {tuple(lr.shape)}, {tuple(hr.shape)}")
    return lr, hr[..., :height, :width]


def _decode(path: Path) -> RGBArray:
    try:
        return decode_photo(path).pixels
    except ImageError as error:
        raise ImageError(f"{path.name}: {error}") from error


def score(sr: Tensor, hr: Tensor) -> Scores:
    """All metrics of one image by ``PROTOCOL``; ``sr`` and ``hr`` are (1, 3, H, W) in [0, 1]."""
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
    """Upscale and score each pair; yields one row an image: its name, the scores, seconds per LR megapixel.

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
    """The mean of each column over images; None where a column has no numbers."""
    means: dict[str, float | None] = {}
    for column in rows[0]:
        values = [row[column] for row in rows if isinstance(row[column], int | float)]
        if column not in ("image", "lpips_missing"):
            means[column] = float(np.mean(np.asarray(values, dtype=np.float64))) if values else None
    return means


def for_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with null for numbers that JSON does not know: the infinite PSNR of equal images."""
    return {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()}


def _key(path: Path) -> str:
    """The name that HR and LR files share: img_001_SRF_4_HR and img_001_SRF_4_LR, 0801 and 0801x4."""
    return re.sub(r"(_HR|_LR|_?x4)$", "", path.stem)
