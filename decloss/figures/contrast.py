"""Grids of numbers as colours."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from decloss.files.images import RGBArray

Grid = NDArray[np.float32]

MISSING = (128, 128, 128)
FITTING = 0.99
"""The share of values, such as those of a gradient or of an enhanced picture, that fit in ``signed_scale``."""
RAMP = 12


def grid_picture(values: Grid, low: float, high: float, colours: str) -> RGBArray:
    """Return each number of a grid as a pixel, in a colour of matplotlib's map ``colours``; grey where it is NaN.

    Args:
        values: (n, m); a value beyond ``low`` or ``high`` gets the colour of that end.
        low: the value of the first colour.
        high: the value of the last colour; where it is ``low``, everything has the colour in the middle.
        colours: the name of the map.

    Returns:
        (n, m, 3), 8-bit RGB.
    """
    place = np.clip((values - low) / (high - low), 0, 1) if high > low else np.full(values.shape, 0.5)
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
