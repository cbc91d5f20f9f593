"""The same region of several pictures, enlarged without smoothing."""

from dataclasses import dataclass

from decloss.files.images import RGBArray

ENLARGED_SIDE = 320


@dataclass(frozen=True)
class Region:
    """A rectangle in pixels, inside its picture."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, pixels: RGBArray) -> RGBArray:
        """What lies in the region of (H, W, 3): a view, (height, width, 3)."""
        return pixels[self.top : self.top + self.height, self.left : self.left + self.width]


def region_at(shape: tuple[int, ...], x: float, y: float, side: int) -> Region:
    """The square of ``side`` pixels around (x, y), shares of width and height, moved and cut to fit in ``shape``."""
    height, width = shape[:2]
    w, h = min(side, width), min(side, height)
    left = min(max(0, round(x * width - w / 2)), width - w)
    top = min(max(0, round(y * height - h / 2)), height - h)
    return Region(left, top, w, h)


def enlarge(pixels: RGBArray, region: Region) -> RGBArray:
    """The region (nearest neighbour, whole factor) at about 320 pixels a side."""
    return repeat(region.cut(pixels), max(1, round(ENLARGED_SIDE / max(region.width, region.height))))


def repeat(pixels: RGBArray, factor: int) -> RGBArray:
    """Each pixel of (H, W, 3) as a block of ``factor`` x ``factor``."""
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def outline(pixels: RGBArray, region: Region) -> RGBArray:
    """A copy with the region framed: a white line on a black one, visible on any photo."""
    framed = pixels.copy()
    unit = max(1, round(max(pixels.shape[:2]) / 400))
    for grow, colour in ((2 * unit, 0), (unit, 255)):
        top, bottom = max(0, region.top - grow), region.top + region.height + grow
        left, right = max(0, region.left - grow), region.left + region.width + grow
        inner = region.cut(framed).copy()
        framed[top:bottom, left:right] = colour
        region.cut(framed)[:] = inner
    return framed
