"""Mini-patches on the picture they come from, and grids of numbers as colours."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from decloss.figures.regions import Region, outline, repeat
from decloss.figures.spectrum import LUMA
from decloss.files.images import RGBArray

Grid = NDArray[np.float32]

LEAST_SIDE = 560
"""Pixels of a picture: at least as large as it is shown, whatever the mini-patches."""
POSITIVE = (230, 159, 0)
"""Orange of the palette by Okabe and Ito, which is safe for the colour-blind; negatives are darker as well."""
NEGATIVE_LIGHT, TINT, LINE = 0.55, 0.35, 0.18
"""What is left of a negative's brightness, how much orange is mixed into a positive, and white into the grid."""
RIM = 2
MISSING = (128, 128, 128)
FITTING = 0.99
"""Share of values around zero, of a gradient or of an enhanced picture, that ``signed_scale`` lets fit."""
RAMP = 12


def mini_patch_picture(pixels: RGBArray, positives: NDArray[np.bool_], row: int, column: int) -> RGBArray:
    """The picture enlarged, with the grid, positives in orange, negatives grey and dim, the chosen one framed.

    Args:
        pixels: (side, side, 3), 8-bit RGB.
        positives: (n, n), side a multiple of n.
        row: of the chosen mini-patch, from 0.
        column: the same.
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
    """Pixels of a mini-patch in ``mini_patch_picture``, for a picture of ``side`` pixels and ``n`` of them."""
    return side // n * -(-LEAST_SIDE // side)


def grid_picture(values: Grid, low: float, high: float, colours: str) -> RGBArray:
    """Each number of a grid as a pixel, in a colour of matplotlib's map ``colours``; grey where it is NaN.

    Args:
        values: (n, m); what is beyond ``low`` or ``high`` gets the colour of that end.
        low: value of the first colour.
        high: value of the last one.
        colours: name of the map.

    Returns:
        (n, m, 3), 8-bit RGB.
    """
    place = np.clip((values - low) / max(high - low, 1e-12), 0, 1)
    picture: RGBArray = colormaps[colours](place, bytes=True)[..., :3].copy()
    picture[np.isnan(values)] = MISSING
    return picture


def signed_scale(values: NDArray[np.floating]) -> float:
    """The size within which 99 % of ``values`` lie; 0 if they are all zero."""
    return float(np.quantile(np.abs(values), FITTING))


def ramp(colours: str) -> list[str]:
    """The map ``colours`` as colours of CSS, from the lowest value to the highest."""
    stops = colormaps[colours](np.linspace(0, 1, RAMP), bytes=True)[:, :3]
    return [f"rgb({red} {green} {blue})" for red, green, blue in stops.tolist()]


def _rim(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The outermost ``RIM`` pixels of each area, on its inner side."""
    wide = np.pad(inside, RIM)
    rows = wide[: -2 * RIM, RIM:-RIM] & wide[2 * RIM :, RIM:-RIM]
    columns = wide[RIM:-RIM, : -2 * RIM] & wide[RIM:-RIM, 2 * RIM :]
    return inside & ~(rows & columns)
