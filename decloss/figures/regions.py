"""The same region of several pictures, enlarged without smoothing."""

from dataclasses import dataclass

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
