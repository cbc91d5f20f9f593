"""One photo through several networks: framing it, upscaling it with each, and scoring each against the original."""

import time
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from torch import nn

from decloss.evaluation.scores import Scores, score
from decloss.figures.regions import region_at
from decloss.files.images import ImageError, RGBArray, shrink
from decloss.host.steps import Steps
from decloss.inference.upscaling import upscale_steps
from decloss.models import make_lr
from decloss.pixels import SCALE, to_pixels, to_tensor

MIN_LR_SIDE = 8  # LPIPS and SSIM need 32 pixels of the result


@dataclass(frozen=True)
class Framing:
    """Which part of a photo to use."""

    side: int = 1024
    """Longest side of the result in pixels, a multiple of 4."""
    whole: bool = False
    """Shrink the whole photo to that size instead of cutting a piece out."""
    x: float = 0.5
    """Centre of the piece, as a share of the width."""
    y: float = 0.5
    """Centre of the piece, as a share of the height."""


@dataclass(frozen=True)
class Task:
    """What every network gets."""

    lr: RGBArray
    """(h, w, 3), the input."""
    hr: RGBArray | None
    """(4h, 4w, 3), the original; None when there is none."""
    notes: tuple[str, ...]
    """What was done to the photo, a sentence each."""


@dataclass(frozen=True)
class Result:
    """What one network made of it."""

    name: str
    pixels: RGBArray
    """(4h, 4w, 3)."""
    seconds: float
    """How long upscaling alone took."""
    parameters: int
    scores: Scores | None
    """The metrics against the original; None where there is none."""


def prepare_task(photo: RGBArray, framing: Framing, *, is_original: bool) -> Task:
    """Frame a photo (H, W, 3) and make the LR input: from the framed original, or the framed photo itself.

    Raises:
        ImageError: if too little is left to upscale.
    """
    side = framing.side if is_original else framing.side // SCALE
    framed, notes = _frame(photo, framing, side)
    least = MIN_LR_SIDE * SCALE if is_original else MIN_LR_SIDE
    if min(framed.shape[:2]) < least:
        height, width = photo.shape[:2]
        raise ImageError(
            f"This photo is too small or too narrow ({width} x {height}): {least} pixels a side are needed."
        )
    if not is_original:
        return Task(framed, None, notes)
    height, width = (length // SCALE * SCALE for length in framed.shape[:2])
    hr = np.ascontiguousarray(framed[:height, :width])
    return Task(to_pixels(make_lr(to_tensor(hr), SCALE)), hr, notes)


def run_network(name: str, model: nn.Module, task: Task) -> Generator[float, None, Result]:
    """Upscale the task with ``model`` and score it; yields the share done after each tile."""
    lr = to_tensor(task.lr)
    seconds = 0.0
    steps = Steps(upscale_steps(model, lr, eight_bit=True))
    started = time.perf_counter()
    for share in steps:
        seconds += time.perf_counter() - started
        yield share
        started = time.perf_counter()  # the time a slow reader of this generator takes is not the network's
    pixels = to_pixels(steps.result)
    scores = score(to_tensor(pixels), to_tensor(task.hr)) if task.hr is not None else None
    return Result(name, pixels, seconds, sum(p.numel() for p in model.parameters()), scores)


def _frame(photo: RGBArray, framing: Framing, side: int) -> tuple[RGBArray, tuple[str, ...]]:
    height, width = photo.shape[:2]
    if max(height, width) <= side:
        return photo, ()
    if framing.whole:
        factor = side / max(height, width)
        size = max(1, round(height * factor)), max(1, round(width * factor))
        return shrink(photo, *size), (f"The {width} x {height} photo was shrunk to {size[1]} x {size[0]}.",)
    region = region_at(photo.shape, framing.x, framing.y, side)
    note = f"A piece of {region.width} x {region.height} was cut from the {width} x {height} photo."
    return region.cut(photo).copy(), (note,)  # a view would keep the whole photo in memory
