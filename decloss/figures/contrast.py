"""Mini-patches marked on the picture they come from, and grids of numbers as colours."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from decloss.figures.regions import Region, outline, repeat
from decloss.figures.spectrum import LUMA
from decloss.files.images import RGBArray

Grid = NDArray[np.float32]

LEAST_SIDE = 560
"""The least side of a picture in pixels, so that it is at least as large as it is shown, whatever the mini-patches."""
POSITIVE = (230, 159, 0)
"""Orange of the palette by Okabe and Ito, which the colour-blind can tell; negatives are darker as well."""
NEGATIVE_LIGHT, TINT, LINE = 0.55, 0.35, 0.18
"""The share of a negative's brightness that stays, of orange in a positive, and of white in the lines of the grid."""
RIM = 2
MISSING = (128, 128, 128)
FITTING = 0.99
"""The share of values, such as those of a gradient or of an enhanced picture, that fit in ``signed_scale``."""
RAMP = 12


def mini_patch_picture(pixels: RGBArray, positives: NDArray[np.bool_], row: int, column: int) -> RGBArray:
    """Enlarge the picture; draw a grid, positives in orange, negatives grey and dim, and a frame round the chosen one.

    Args:
        pixels: (side, side, 3), 8-bit RGB.
        positives: whether each mini-patch is a positive, (n, n), where side is a multiple of n.
        row: the row of the chosen mini-patch, from 0.
        column: its column, from 0.
    """
    cell = len(pixels) // len(positives)
    factor = -(-LEAST_SIDE // len(pixels))
    inside = positives.repeat(cell, axis=0).repeat(cell, axis=1)  # (side, side)
    base = np.empty_like(pixels)
    base[...] = (NEGATIVE_LIGHT * pixels @ np.asarray(LUMA))[..., None]
    base[inside] = (1 - TINT) * pixels[inside] + TINT * np.asarray(POSITIVE)
    own = (slice(row * cell, (row + 1) * cell), slice(column * cell, (column + 1) * cell))
    base[own] = pixels[own]
    picture = repeat(base, factor)
    size = cell * factor
    for lines in (picture[::size], picture[:, ::size]):
        lines[...] = lines + LINE * (255.0 - lines)
    picture[_rim(inside.repeat(factor, axis=0).repeat(factor, axis=1))] = POSITIVE
    return outline(picture, Region(column * size, row * size, size, size))


def cell_side(side: int, n: int) -> int:
    """Return a mini-patch's side in a ``mini_patch_picture``, in pixels, for ``n`` of them along ``side`` pixels."""
    return side // n * -(-LEAST_SIDE // side)


def grid_picture(values: Grid, low: float, high: float, colours: str) -> RGBArray:
    """Return each number of a grid as a pixel, in a colour of matplotlib's map ``colours``; grey where it is NaN.

    Args:
        values: (n, m); a value beyond ``low`` or ``high`` gets the colour of that end.
        low: the value of the first colour.
        high: the value of the last colour.
        colours: the name of the map.

    Returns:
        (n, m, 3), 8-bit RGB.
    """
    place = np.clip((values - low) / max(high - low, 1e-12), 0, 1)
    picture: RGBArray = colormaps[colours](place, bytes=True)[..., :3].copy()
    picture[np.isnan(values)] = MISSING
    return picture


def signed_scale(values: NDArray[np.floating]) -> float:
    """Return the magnitude within which 99 % of ``values`` lie; it is 0 if they are all zero."""
    return float(np.quantile(np.abs(values), FITTING))


def ramp(colours: str) -> list[str]:
    """Return the map ``colours`` as colours of CSS, from the lowest value to the highest."""
    stops = colormaps[colours](np.linspace(0, 1, RAMP), bytes=True)[:, :3]
    return [f"rgb({red} {green} {blue})" for red, green, blue in stops.tolist()]


def _rim(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the outermost ``RIM`` pixels of each area, on the inner side of its border."""
    wide = np.pad(inside, RIM)
    rows = wide[: -2 * RIM, RIM:-RIM] & wide[2 * RIM :, RIM:-RIM]
    columns = wide[RIM:-RIM, : -2 * RIM] & wide[RIM:-RIM, 2 * RIM :]
    return inside & ~(rows & columns)
