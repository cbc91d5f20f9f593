"""One photo through several networks: it is framed, upscaled by each of them, and scored against the original."""

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from torch import nn

from decloss.evaluation.scores import Scores, score
from decloss.figures.regions import Region, region_at
from decloss.files.images import ImageError, RGBArray, shrink
from decloss.host.steps import Steps
from decloss.inference.upscaling import upscale_steps
from decloss.models import make_lr
from decloss.models.sharpening import Sharpened
from decloss.pixels import SCALE, to_pixels, to_tensor
from decloss.views.shared_results import SharedResults, digest_of, weights_of
from decloss.views.speeds import SPEEDS
from decloss.zoo.registry import card_of

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
    part: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    """The part of the photo that is used: left, top, width and height, as shares of the photo's sides."""

    @cached_property
    def digest(self) -> str:
        """A text that is equal for tasks with equal pixels."""
        return digest_of(self.lr, self.hr)


@dataclass(frozen=True)
class Plan:
    """What will be done to a photo, known before its pixels are touched."""

    region: Region
    """The part that is used, in the photo's pixels."""
    size: tuple[int, int]
    """Height and width to which that part is shrunk; its own where it stays as it is."""
    lr: tuple[int, int]
    """Height and width of the input that every network gets."""
    part: tuple[float, float, float, float]
    """The part of the photo that is used: left, top, width and height, as shares of the photo's sides."""

    @property
    def is_cut(self) -> bool:
        """Whether a piece is cut out and not shrunk."""
        return self.size == (self.region.height, self.region.width)


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
    sharpening: float | None = None
    """By how much the network's picture was sharpened; None for a network's own picture."""


def plan_task(shape: tuple[int, ...], framing: Framing, *, is_original: bool) -> Plan:
    """Return what ``prepare_task`` does to a photo of ``shape``, (H, W) or (H, W, 3).

    Raises:
        ImageError: if too little is left to upscale.
    """
    height, width = shape[:2]
    side = framing.side if is_original else framing.side // SCALE
    region, size = Region(0, 0, width, height), (height, width)
    if max(height, width) > side and framing.whole:
        factor = side / max(height, width)
        size = max(1, round(height * factor)), max(1, round(width * factor))
    elif max(height, width) > side:
        region = region_at(shape, framing.x, framing.y, side)
        size = region.height, region.width
    least = MIN_LR_SIDE * SCALE if is_original else MIN_LR_SIDE
    if min(size) < least:
        raise ImageError(
            f"This photo is too small or too narrow ({width} x {height}): {least} pixels a side are needed."
        )
    used = [length // SCALE * SCALE if is_original else length for length in size]  # the rest is cut off
    lr = (used[0] // SCALE, used[1] // SCALE) if is_original else size
    part = (
        region.left / width,
        region.top / height,
        used[1] / size[1] * region.width / width,
        used[0] / size[0] * region.height / height,
    )
    return Plan(region, size, lr, part)


def prepare_task(photo: RGBArray, framing: Framing, *, is_original: bool) -> Task:
    """Frame a photo (H, W, 3) and make the LR input: from the framed original, or the framed photo itself.

    Raises:
        ImageError: if too little is left to upscale.
    """
    plan = plan_task(photo.shape, framing, is_original=is_original)
    framed, notes = _frame(photo, plan)
    if not is_original:
        return Task(framed, None, notes, plan.part)
    height, width = (length // SCALE * SCALE for length in framed.shape[:2])
    hr = np.ascontiguousarray(framed[:height, :width])
    return Task(to_pixels(make_lr(to_tensor(hr), SCALE)), hr, notes, plan.part)


def run_network(name: str, model: nn.Module, task: Task) -> Generator[float, None, Result]:
    """Upscale the task with ``model`` and score it; yields the share done after each tile."""
    amount = None
    if isinstance(model, Sharpened):
        amount = model.amount
        pixels, seconds = yield from _sharpen(model, task)
    else:
        pixels, seconds = yield from _upscale(model, task)
    pixels.flags.writeable = False  # all visitors share it
    SPEEDS.upscaled(name, task.lr.shape, seconds)
    scores = None
    if task.hr is not None:
        started = time.perf_counter()
        scores = score(to_tensor(pixels), to_tensor(task.hr))
        SPEEDS.scored(task.hr.shape, time.perf_counter() - started)
    return Result(name, pixels, seconds, sum(p.numel() for p in model.parameters()), scores, amount)


def _upscale(model: nn.Module, task: Task) -> Generator[float, None, tuple[RGBArray, float]]:
    """Return the model's picture, and the seconds that it took; yields the share done after each tile."""
    seconds = 0.0
    steps = Steps(upscale_steps(model, to_tensor(task.lr), eight_bit=True))
    started = time.perf_counter()
    for share in steps:
        seconds += time.perf_counter() - started
        yield share
        started = time.perf_counter()  # the time a slow reader of this generator takes is not the network's
    return to_pixels(steps.result), seconds


def _sharpen(model: Sharpened, task: Task) -> Generator[float, None, tuple[RGBArray, float]]:
    """Do the same as ``_upscale`` from the shared result of the network that is sharpened."""
    result = yield from run_shared(card_of(model.network)["name"], model.network, task)
    started = time.perf_counter()
    pixels = to_pixels(model.sharpen(to_tensor(result.pixels)))
    return pixels, result.seconds + time.perf_counter() - started


_results: SharedResults[Result] = SharedResults(lambda result: result.pixels.nbytes)


def run_shared(name: str, model: nn.Module, task: Task) -> Generator[float, None, Result]:
    """Do the same as ``run_network``, but only once for all visitors with the same task and the same weights."""
    key = task.digest, weights_of(model)
    result = yield from _results.steps(key, lambda: run_network(name, model, task))
    return replace(result, name=name)


def remember(task: Task, weights: str, result: Result) -> None:
    """Keep a result that was computed before this process was started."""
    _results.get((task.digest, weights), lambda: result)


def _frame(photo: RGBArray, plan: Plan) -> tuple[RGBArray, tuple[str, ...]]:
    """Return the part of ``photo`` that is used, and a sentence if that is not all of it as it is."""
    height, width = photo.shape[:2]
    if plan.size == (height, width):
        return photo, ()
    if plan.is_cut:
        note = f"A piece of {plan.region.width} x {plan.region.height} was cut from the {width} x {height} photo."
        return plan.region.cut(photo).copy(), (note,)  # a view would keep the whole photo in memory
    shrunk = shrink(photo, *plan.size)
    return shrunk, (f"The {width} x {height} photo was shrunk to {plan.size[1]} x {plan.size[0]}.",)
