"""The scene, the part of a photo that the tabs look at: one HR crop as in training, and what networks make of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import nn

from decloss.figures.regions import region_at
from decloss.files.images import ImageError, RGBArray
from decloss.inference.upscaling import upscale
from decloss.models import make_lr
from decloss.pixels import SCALE, to_pixels, to_tensor
from decloss.views.shared_results import SharedResults, digest_of, weights_of

SIDE = 192
"""The side of the crop in pixels, which is that of the paper's HR crops."""
STEP = 16
"""A crop of a smaller photo has a multiple of this as its side, so that P of 1, 2, 4, 8 and 16 divide it."""
SMALLEST = 64
MARGIN = 64
"""The HR pixels around the crop that networks see too, so that the crop has no border of its own."""
_crops: SharedResults[RGBArray] = SharedResults(lambda pixels: pixels.nbytes, 50_000_000)
"""What networks made of the surroundings of crops, for all visitors: several hundred of them."""


@dataclass(frozen=True)
class Scene:
    """A square HR crop with its surroundings, which never changes except for the results that it remembers."""

    hr: RGBArray
    """The crop, (side, side, 3)."""
    around: RGBArray
    """The piece from which LR is made, (H, W, 3); ``hr`` lies inside it, on the grid of LR pixels."""
    top: int
    """The pixels of ``around`` above ``hr``; ``left`` counts those to its left."""
    left: int
    x: int = 0
    """The pixels of the whole photo to the left of ``hr``; ``y`` counts those above it."""
    y: int = 0
    _results: dict[str, RGBArray] = field(default_factory=dict, compare=False, repr=False)

    @property
    def side(self) -> int:
        """The side of the crop in pixels."""
        return len(self.hr)

    def has(self, name: str) -> bool:
        """Return whether the result of the checkpoint ``name`` is remembered."""
        return name in self._results

    def sr(self, name: str, load: Callable[[str], nn.Module]) -> RGBArray:
        """Return what the checkpoint ``name`` makes of the crop's LR image, (side, side, 3).

        It is computed once for all visitors who look at this crop.
        """
        if name not in self._results:
            model = load(name)
            key = digest_of(self.around), self.top, self.left, weights_of(model)
            self._results[name] = _crops.get(key, lambda: self._upscaled(model))
        return self._results[name]

    def _upscaled(self, model: nn.Module) -> RGBArray:
        sr = to_pixels(upscale(model, make_lr(to_tensor(self.around))))
        inside = sr[self.top : self.top + self.side, self.left : self.left + self.side].copy()
        inside.flags.writeable = False
        return inside


def cut_scene(photo: RGBArray, x: float, y: float) -> Scene:
    """Cut the crop around (``x``, ``y``), shares of width and height; at the border it is moved into the photo.

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
    top, left = (start // SCALE * SCALE for start in (region.top, region.left))  # so that HR begins with an LR pixel
    above, before = max(0, top - MARGIN), max(0, left - MARGIN)
    below = min(height // SCALE * SCALE, top + side + MARGIN)
    after = min(width // SCALE * SCALE, left + side + MARGIN)
    around = photo[above:below, before:after].copy()  # a view would keep the whole photo in memory
    hr = photo[top : top + side, left : left + side].copy()
    return Scene(hr, around, top - above, left - before, left, top)
