"""One photo through several networks: it is framed, upscaled by each of them, and scored against the original."""

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

MIN_LR_SIDE = 8  # with less, the result has not the 32 pixels that LPIPS and SSIM need


@dataclass(frozen=True)
class Framing:
    """The part of a photo that is used, and its size."""

    side: int = 1024
    """The longest side of the result in pixels, a multiple of 4."""
    whole: bool = False
    """Whether the whole photo is shrunk to that size; otherwise a piece is cut out."""
    x: float = 0.5
    """The centre of the piece, as a share of the width from the left."""
    y: float = 0.5
    """The centre of the piece, as a share of the height from the top."""


@dataclass(frozen=True)
class Task:
    """The input that every network gets, and the original to compare its result with."""

    lr: RGBArray
    """The input, (h, w, 3)."""
    hr: RGBArray | None
    """The original, (4h, 4w, 3); None when there is none."""
    notes: tuple[str, ...]
    """What was done to the photo, in a sentence for each step."""
    part: tuple[float, float, float, float] = (0, 0, 1, 1)
    """What was taken of the photo: left, top, width and height, as shares of its sides."""


@dataclass(frozen=True)
class Result:
    """What one network made of a task."""

    name: str
    pixels: RGBArray
    """The result, (4h, 4w, 3)."""
    seconds: float
    """The time that upscaling alone took."""
    parameters: int
    scores: Scores | None
    """The metrics against the original; None where there is none."""


def prepare_task(photo: RGBArray, framing: Framing, *, is_original: bool) -> Task:
    """Frame a photo (H, W, 3) and make the LR input: from the framed original, or the framed photo itself.

    Raises:
        ImageError: if too little is left to upscale.
    """
    side = framing.side if is_original else framing.side // SCALE
    framed, notes, part = _frame(photo, framing, side)
    least = MIN_LR_SIDE * SCALE if is_original else MIN_LR_SIDE
    if min(framed.shape[:2]) < least:
        height, width = photo.shape[:2]
        raise ImageError(
            f"This photo is too small or too narrow ({width} x {height}): {least} pixels a side are needed."
        )
    if not is_original:
        return Task(framed, None, notes, part)
    height, width = (length // SCALE * SCALE for length in framed.shape[:2])
    hr = np.ascontiguousarray(framed[:height, :width])
    return Task(to_pixels(make_lr(to_tensor(hr), SCALE)), hr, notes, part)


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


def _frame(
    photo: RGBArray, framing: Framing, side: int
) -> tuple[RGBArray, tuple[str, ...], tuple[float, float, float, float]]:
    """Return the photo framed, what was done in words, and the part of it that was taken."""
    height, width = photo.shape[:2]
    everything = (0.0, 0.0, 1.0, 1.0)
    if max(height, width) <= side:
        return photo, (), everything
    if framing.whole:
        factor = side / max(height, width)
        size = max(1, round(height * factor)), max(1, round(width * factor))
        note = f"The {width} x {height} photo was shrunk to {size[1]} x {size[0]}."
        return shrink(photo, *size), (note,), everything
    region = region_at(photo.shape, framing.x, framing.y, side)
    note = f"A piece of {region.width} x {region.height} was cut from the {width} x {height} photo."
    part = region.left / width, region.top / height, region.width / width, region.height / height
    return region.cut(photo).copy(), (note,), part  # a view would keep the whole photo in memory
