"""One photo through several networks: framing it, upscaling it with each, and scoring each against the original."""

import time
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from torch import nn

from decloss.evaluation.scores import Scores, score
from decloss.files.images import ImageError, RGBArray, shrink
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
    """Of upscaling alone."""
    parameters: int
    scores: Scores | None
    """None without an original."""


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
    steps = upscale_steps(model, lr, eight_bit=True)
    while True:
        started = time.perf_counter()  # the time a slow reader of this generator takes is not the network's
        try:
            share = next(steps)
        except StopIteration as finished:
            sr = finished.value
            break
        seconds += time.perf_counter() - started
        yield share
    pixels = to_pixels(sr)
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
    top, bottom = _span(height, side, framing.y)
    left, right = _span(width, side, framing.x)
    note = f"A piece of {right - left} x {bottom - top} was cut from the {width} x {height} photo."
    return photo[top:bottom, left:right].copy(), (note,)  # a view would keep the whole photo in memory


def _span(length: int, side: int, centre: float) -> tuple[int, int]:
    """``side`` pixels around ``centre`` (a share of ``length``), moved inside."""
    size = min(side, length)
    start = min(max(0, round(centre * length - size / 2)), length - size)
    return start, start + size
