"""The same region of several pictures: enlarged without smoothing, and found where they differ most."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decloss.files.images import RGBArray

ENLARGED_SIDE = 320


@dataclass(frozen=True)
class Region:
    """A rectangle inside its picture, in pixels."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, pixels: RGBArray) -> RGBArray:
        """Return a view of (H, W, 3) that holds the region, (height, width, 3)."""
        return pixels[self.top : self.top + self.height, self.left : self.left + self.width]


def region_at(shape: tuple[int, ...], x: float, y: float, side: int) -> Region:
    """Return the square of ``side`` pixels around (x, y), shares of width and height, made to fit into ``shape``."""
    height, width = shape[:2]
    w, h = min(side, width), min(side, height)
    left = min(max(0, round(x * width - w / 2)), width - w)
    top = min(max(0, round(y * height - h / 2)), height - h)
    return Region(left, top, w, h)


def enlarge(pixels: RGBArray, region: Region) -> RGBArray:
    """Enlarge the region to about 320 pixels a side, by a whole factor and without smoothing."""
    return repeat(region.cut(pixels), max(1, round(ENLARGED_SIDE / max(region.width, region.height))))


def repeat(pixels: RGBArray, factor: int) -> RGBArray:
    """Turn each pixel of (H, W, 3) into a block of ``factor`` x ``factor``."""
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def outline(pixels: RGBArray, region: Region) -> RGBArray:
    """Return a copy with a frame round the region: a white line on a black one, which shows on any photo."""
    framed = pixels.copy()
    unit = max(1, round(max(pixels.shape[:2]) / 400))
    for grow, colour in ((2 * unit, 0), (unit, 255)):
        top, bottom = max(0, region.top - grow), region.top + region.height + grow
        left, right = max(0, region.left - grow), region.left + region.width + grow
        inner = region.cut(framed).copy()
        framed[top:bottom, left:right] = colour
        region.cut(framed)[:] = inner
    return framed


def detail_variance(pictures: Iterable[RGBArray]) -> NDArray[np.float64]:
    """Return how much the detail of several pictures (H, W, 3) differs at each pixel, (H - 1, W - 1).

    Detail is the step of the mean over RGB to the pixel below and to the one at the right, so that a picture that is
    darker as a whole differs nowhere; the variances of the two over the pictures are added.
    """
    count, total, squares = 0, np.zeros(()), np.zeros(())
    for picture in pictures:
        grey = picture.mean(axis=2, dtype=np.float64) / 255
        steps = np.stack([np.diff(grey, axis=0)[:, :-1], np.diff(grey, axis=1)[:-1]])
        count, total, squares = count + 1, total + steps, squares + steps**2
    variance: NDArray[np.float64] = (squares / count - (total / count) ** 2).sum(axis=0)
    return variance


def window_of_difference(pictures: Iterable[RGBArray], side: int) -> Region:
    """Return the window of ``side`` pixels in which the detail of ``pictures`` differs most, the first of equal ones.

    Args:
        pictures: at least one, (H, W, 3) each.
        side: the window's side; a picture that is smaller is taken whole.
    """
    variance = detail_variance(pictures)
    height, width = (length + 1 for length in variance.shape)
    h, w = min(side, height), min(side, width)
    # Sums over all windows from running sums; a window of h x w pixels holds (h - 1) x (w - 1) steps.
    sums = np.pad(variance.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    inside = sums[h - 1 :, w - 1 :] - sums[: -h + 1, w - 1 :] - sums[h - 1 :, : -w + 1] + sums[: -h + 1, : -w + 1]
    # Equal windows differ by the rounding of the sums, and must not take turns.
    top, left = np.argwhere(inside >= inside.max() - 1e-9 * max(1.0, float(sums[-1, -1])))[0].tolist()
    return Region(left, top, w, h)
