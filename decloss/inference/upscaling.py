"""Upscaling with bounded memory, for which large images are cut into overlapping tiles."""

import itertools
import math
from collections.abc import Generator, Iterator
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from decloss.host.devices import autocast, resolve_precision
from decloss.host.steps import Steps
from decloss.pixels import SCALE, to_levels

# The side in LR pixels of a tile without its margin. With EDSR a tile peaks near 0.5 GB in bfloat16 on a CPU.
TILE = {"cpu": 192, "cuda": 512}
# A margin as wide as the receptive field makes tiles exact. Deep RRDBs see farther in theory, but (tested) what
# lies beyond 64 pixels does not change their output by 1e-4.
MAX_OVERLAP = 64

# A generator that yields the share done, in (0, 1], after each tile, and returns SR.
Upscaling = Generator[float, None, Tensor]


@runtime_checkable
class UpscalesElsewhere(Protocol):
    """A network that another process runs, on a device that this process does not have."""

    def upscale_steps(self, lr: Tensor, *, tile: int | None, precision: str, eight_bit: bool) -> Upscaling:
        """Do the same as the function ``upscale_steps`` below."""
        ...


def upscale(model: nn.Module, lr: Tensor, *, tile: int | None = None, precision: str = "auto") -> Tensor:
    """Upscale ``lr`` by 4 with ``model``, on the model's device.

    Args:
        model: a network of ``decloss.models`` in eval mode.
        lr: (B, 3, H, W) in [0, 1].
        tile: side of a tile in LR pixels without its margin; None takes a small image whole, else it suits the device.
        precision: "auto" (bfloat16 where the processor has it), "bfloat16" or "float32".

    Returns:
        SR (B, 3, 4H, 4W), float32 in [0, 1], on the device of ``lr``.

    Raises:
        ValueError: for another shape, a tile below 1, or an unknown precision.
    """
    return Steps(upscale_steps(model, lr, tile=tile, precision=precision)).result


def upscale_steps(
    model: nn.Module, lr: Tensor, *, tile: int | None = None, precision: str = "auto", eight_bit: bool = False
) -> Upscaling:
    """Upscale as ``upscale`` does, but as a generator, which shows progress and can be stopped between tiles.

    With ``eight_bit`` the result is uint8, 0 to 255, rounded as ``quantize`` does, in a quarter of the memory.
    """
    _check(lr, tile)
    if not lr.is_floating_point():
        raise ValueError(f"lr must be floating point, got {lr.dtype}")
    if isinstance(model, UpscalesElsewhere):
        return (yield from model.upscale_steps(lr, tile=tile, precision=precision, eight_bit=eight_bit))
    height, width = lr.shape[-2:]
    shape = (lr.shape[0], 3, SCALE * height, SCALE * width)
    sr = torch.empty(shape, dtype=torch.uint8 if eight_bit else torch.float32, device=lr.device)
    for share, rows, columns, pixels in upscale_tiles(model, lr, tile=tile, precision=precision, eight_bit=eight_bit):
        sr[..., rows, columns] = pixels
        yield share
    return sr


def upscale_tiles(
    model: nn.Module, lr: Tensor, *, tile: int | None = None, precision: str = "auto", eight_bit: bool = False
) -> Iterator[tuple[float, slice, slice, Tensor]]:
    """Yield the tiles of ``upscale_steps`` one by one, for pictures that are too large to be held as a whole.

    Args:
        model: any of ``decloss.models``, in eval mode.
        lr: (B, 3, H, W) in [0, 1], or uint8.
        tile: as for ``upscale``.
        precision: as for ``upscale``.
        eight_bit: as for ``upscale_steps``.

    Yields:
        The share done, in (0, 1]; which rows and columns of SR these are, row by row of equally high tiles, each from
        left to right; and their pixels, (B, 3, 4h, 4w).
    """
    _check(lr, tile)
    weight = next(model.parameters(), None)
    device = lr.device if weight is None else weight.device
    dtype = resolve_precision(precision, device)
    overlap = min(int(model.receptive_radius), MAX_OVERLAP)  # type: ignore[arg-type]  # an int on our networks
    height, width = lr.shape[-2:]
    if tile is None:
        tile = TILE.get(device.type, TILE["cpu"])
        if height * width <= (tile + 2 * overlap) ** 2:
            tile = max(height, width)
    boxes = list(itertools.product(_spans(height, tile), _spans(width, tile)))
    for done, ((top, bottom), (left, right)) in enumerate(boxes, start=1):
        y, x = max(0, top - overlap), max(0, left - overlap)
        window = lr[..., y : bottom + overlap, x : right + overlap].to(device, memory_format=torch.channels_last)
        if not window.is_floating_point():
            window = window.float() / 255
        if weight is not None:
            window = window.to(weight.dtype)
        with torch.inference_mode(), autocast(device, dtype):
            result = model(window)
        rows = slice(SCALE * (top - y), SCALE * (bottom - y))
        columns = slice(SCALE * (left - x), SCALE * (right - x))
        inner = result[..., rows, columns].float()
        inner = to_levels(inner) if eight_bit else inner.clamp(0, 1)
        place = slice(SCALE * top, SCALE * bottom), slice(SCALE * left, SCALE * right)
        yield done / len(boxes), *place, inner.to(lr.device)


def _check(lr: Tensor, tile: int | None) -> None:
    if lr.ndim != 4 or lr.shape[1] != 3 or 0 in lr.shape:
        raise ValueError(f"lr must be (B, 3, H, W), got {lr.dtype} {tuple(lr.shape)}")
    if tile is not None and tile < 1:
        raise ValueError(f"tile must be at least 1, got {tile}")


def _spans(length: int, tile: int) -> list[tuple[int, int]]:
    """Cut ``length`` into the fewest spans of at most ``tile``, all of nearly the same size."""
    count = math.ceil(length / tile)
    edges = [round(i * length / count) for i in range(count + 1)]
    return list(itertools.pairwise(edges))
