"""The part of a photo that the tabs look at: one HR crop as in training, and what each network makes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from torch import nn

from decloss.figures.regions import region_at
from decloss.files.images import ImageError, RGBArray
from decloss.inference.upscaling import upscale
from decloss.models import make_lr
from decloss.pixels import SCALE, to_pixels, to_tensor

SIDE = 192
"""Side of the crop in pixels: that of the paper's HR crops."""
STEP = 16
"""Crops of smaller photos have a multiple of this a side, so that every power of two divides them."""
SMALLEST = 64
MARGIN = 64
"""HR pixels around the crop that networks see as well, so that the crop has no border of its own."""


@dataclass(frozen=True)
class Scene:
    """A square HR crop with its surroundings. Immutable but for the results that it remembers."""

    hr: RGBArray
    """(side, side, 3)."""
    around: RGBArray
    """(H, W, 3), the piece from which LR is made; ``hr`` lies inside, on the grid of LR pixels."""
    top: int
    """Where ``hr`` begins in ``around``, in pixels from above; ``left`` is the same from the left."""
    left: int
    _results: dict[str, RGBArray] = field(default_factory=dict, compare=False, repr=False)

    @property
    def side(self) -> int:
        """Side of the crop in pixels."""
        return len(self.hr)

    def has(self, name: str) -> bool:
        """Whether ``sr`` has the answer of the checkpoint ``name`` already."""
        return name in self._results

    def sr(self, name: str, load: Callable[[str], nn.Module]) -> RGBArray:
        """What the checkpoint ``name`` makes of the crop's LR image, (side, side, 3), computed once."""
        if name not in self._results:
            sr = to_pixels(upscale(load(name), make_lr(to_tensor(self.around))))
            inside = sr[self.top : self.top + self.side, self.left : self.left + self.side]
            self._results[name] = np.ascontiguousarray(inside)
        return self._results[name]


def cut_scene(photo: RGBArray, x: float, y: float) -> Scene:
    """The crop around (``x``, ``y``), shares of width and height, moved inside the photo.

    Args:
        photo: (H, W, 3). Where it is smaller than ``SIDE``, the crop is the largest multiple of ``STEP`` that fits.
        x: from the left, in [0, 1].
        y: from the top, in [0, 1].

    Raises:
        ImageError: if the photo has fewer than ``SMALLEST`` pixels a side.
    """
    height, width = photo.shape[:2]
    if min(height, width) < SMALLEST:
        raise ImageError(f"This photo is too small or too narrow ({width} x {height}): {SMALLEST} pixels are needed.")
    side = min(SIDE, height // STEP * STEP, width // STEP * STEP)
    region = region_at(photo.shape, x, y, side)
    top, left = (start // SCALE * SCALE for start in (region.top, region.left))  # on the grid of LR pixels
    above, before = max(0, top - MARGIN), max(0, left - MARGIN)
    below = min(height // SCALE * SCALE, top + side + MARGIN)
    after = min(width // SCALE * SCALE, left + side + MARGIN)
    around = photo[above:below, before:after].copy()  # a view would keep the whole photo in memory
    hr = photo[top : top + side, left : left + side].copy()
    return Scene(hr, around, top - above, left - before)
